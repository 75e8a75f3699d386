/* SPDX-License-Identifier: ISC */
/* What the files of the replay share; nobody outside includes this. */
#ifndef BASIN_JOURNAL_REPLAY_H
#define BASIN_JOURNAL_REPLAY_H

#include "base/table.h"
#include "journal/feed.h"
#include "journal/names.h"
#include "journal/tally.h"

/* A decision that the other side has not made yet. */
struct pending {
	uint8_t to, reason, rung;
	struct mono at;
};

#define PENDING_MAX 64

/* A prefix by its name, through all generations. */
struct replay_line {
	UT_hash_handle hh;
	struct journal_line l; /* its name is owned */
	struct tally then, now;
	/* Compared decisions: those of the side that is ahead. */
	struct pending pending[PENDING_MAX];
	unsigned n_pending;
	bool ahead_now; /* the pending ones are the replay's */
	bool braked;    /* the recorded daemon asked for the brake */
};

/* A check that runs in the replay. */
struct replay_check {
	struct mono bad_since; /* MONO_NEVER: its last result was good */
	struct mono fed;       /* its last result that was used */
	struct dur gap;        /* use no results closer than this; 0: all */
	uint64_t need;         /* equal results that can still matter */
};

struct replay_service {
	struct mono gone_since; /* a fact failed it; MONO_NEVER: none */
};

/* Recorded id -> id in the replay; SIZE_MAX: not there. */
struct replay_map {
	size_t *checks, *services, *prefixes; /* owned */
	struct replay_line **lines;           /* owned; recorded prefixes */
};

struct note {
	UT_hash_handle hh;
	char *text; /* owned */
};

struct journal_replay {
	bool compare;                      /* against the recorded settings */
	struct journal_setup *fixed;       /* owned; NULL when comparing */
	const struct journal_setup *setup; /* recorded, of the current file */
	uint64_t generation;               /* of `model`, when comparing */
	bool comparable;                   /* nothing is missing so far */

	struct avail *av;            /* owned; NULL: the daemon does not run */
	struct journal_setup *model; /* owned: what av was made of */
	struct replay_map map;
	struct replay_check *checks;     /* owned, of the model's */
	struct replay_service *services; /* owned */
	struct replay_line **lines;      /* owned; the model's prefixes */
	struct feed *feed;

	struct replay_line *table;  /* every prefix seen */
	struct note *notes, *names; /* names: of causes */
	struct mono bad_since;      /* of bad_service, looked up at bad_at */
	struct mono bad_at;
	size_t bad_service;
	bool *seen_services, *seen_prefixes; /* owned; recorded ever */
	struct tally_range range;
	struct mono now; /* of the recording */
	int64_t clocks;  /* wall - mono */
	bool clocked, resumed;
	struct mono up_since; /* the daemon runs since */

	struct journal_result result;
	const struct journal_line **list; /* owned, of the result */
	const char **texts;               /* owned, of the result */
	char *node, *difference;          /* owned */
};

/* replay.c */
struct wall replay_wall(const struct journal_replay *rp, struct mono at);
/* Everything that happens by itself until then, and with it. */
void replay_advance(struct journal_replay *rp, struct mono until);
/* Counts what was decided. */
void replay_take(struct journal_replay *rp);

/* life.c */
void replay_life_start(struct journal_replay *rp,
		       const struct journal_entry *e);
/* Whether it said so or not: nothing is known any more. */
void replay_life_end(struct journal_replay *rp);
void replay_life_clock(struct journal_replay *rp,
		       const struct journal_entry *e);
void replay_life_configure(struct journal_replay *rp,
			   const struct journal_entry *e);
void replay_life_free(struct journal_replay *rp);

/* map.c */
/* The recorded setup is another one now: maps ids, says what is missing. */
void replay_map_set(struct journal_replay *rp,
		    const struct journal_setup *recorded);
void replay_map_free(struct replay_map *map);
struct replay_line *replay_line_of(struct journal_replay *rp, const char *name);
void replay_note(struct journal_replay *rp, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A copy of the name that lives as long as the replay. */
const char *replay_name(struct journal_replay *rp, const char *name);
/* A copy of `from` with what the recorded intervals ask for. */
struct journal_setup *replay_model_of(struct journal_replay *rp,
				      const struct journal_setup *from);
/* What the recording never spoke of. */
void replay_map_missing(struct journal_replay *rp);

/* compare.c */
void replay_compare(struct journal_replay *rp, struct replay_line *line,
		    bool now_side, const struct pending *decision);
/*
 * Decisions that only one side made; those of the last instant may be missing
 * in a recording that was cut off.
 */
void replay_compare_end(struct journal_replay *rp);

#endif
