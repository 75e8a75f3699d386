/* SPDX-License-Identifier: ISC */
/*
 * The persisted journal: every input of avail and every decision, as lines in
 * one file a day, so that a month can be decided again with other settings.
 * docs/journal.md describes the format.
 *
 *   daemon ─► record ─► text ─► file       (record is pure; file is called
 *                                  │        from a thread)
 *   basin replay ◄─ replay ◄─ read ┘
 */
#ifndef BASIN_JOURNAL_JOURNAL_H
#define BASIN_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "avail/avail.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/conf.h"

#define JOURNAL_VERSION   1
#define JOURNAL_DIRECTORY "journal" /* in the state directory */
#define JOURNAL_NAME_MAX  16        /* "2026-11-22.log" */

/* ---- setup: the objects and the settings that decide ---- */

struct journal_service {
	const char *name;
	struct avail_service_settings s;
};

struct journal_check {
	const char *name;
	size_t service;
	struct avail_check_settings s;
	struct dur interval, fast_interval;
};

struct journal_prefix {
	const char *name;
	size_t *services; /* distinct */
	size_t n;
	struct avail_prefix_settings s;
};

/* Ids are indexes, as in avail. */
struct journal_setup {
	struct arena arena; /* owns names and lists */
	uint64_t generation;
	struct journal_service *services; /* owned, as those below */
	struct journal_check *checks;
	struct journal_prefix *prefixes;
	size_t n_services, n_checks, n_prefixes;
	size_t cap_services, cap_checks, cap_prefixes;
};

struct journal_setup *journal_setup_of(const struct conf *conf)
    __attribute__((warn_unused_result));
void journal_setup_free(struct journal_setup *setup);
/* Sealed; the caller's. */
struct avail *journal_setup_avail(const struct journal_setup *setup,
				  struct mono now)
    __attribute__((warn_unused_result));

/* ---- recording: pure; the text grows until it is taken ---- */

struct journal_record;

/*
 * Beyond `limit` octets that nobody takes lines are dropped and counted, until
 * journal_record_resume().
 */
struct journal_record *journal_record_new(size_t limit);
void journal_record_free(struct journal_record *r);

/* The daemon has started: nothing is known before. */
void journal_record_start(struct journal_record *r, const char *node,
			  const char *version, struct mono now,
			  struct wall wall);
/* The objects from now on; takes `setup` over. */
void journal_record_configuration(struct journal_record *r,
				  struct journal_setup *setup, struct mono now);
/* Ends every run: the file, or the process, comes to its end. */
void journal_record_close(struct journal_record *r);
/*
 * What a reader must know who begins here: the time, the objects and the facts
 * that stand. For a new day, and behind lost lines.
 */
void journal_record_resume(struct journal_record *r, const struct avail *av,
			   struct mono now, struct wall wall);
/*
 * Instead of start and configuration, for a daemon that runs already: what
 * was before is lost. Takes `setup` over.
 */
void journal_record_join(struct journal_record *r, struct journal_setup *setup,
			 const struct avail *av, struct mono now,
			 struct wall wall);
/* Once a minute: runs have gone on until now; says when clocks part. */
void journal_record_alive(struct journal_record *r, struct mono now,
			  struct wall wall);
/* Orderly end. */
void journal_record_stop(struct journal_record *r, struct mono now);

/* ---- inputs of avail; call before the like-named function of avail ---- */

/*
 * Before every other one, and (`alone`) before avail_tick(): `due` was the next
 * deadline, what it brings happens now. Nothing when it has not come.
 */
void journal_record_due(struct journal_record *r, struct mono due, bool alone,
			struct mono now);
void journal_record_sample(struct journal_record *r, size_t check,
			   enum avail_verdict verdict, struct mono now);

/* Facts of a service that are there or not. */
#define JOURNAL_FACTS(X)                                                       \
	X(ADDRESSES, "addresses", "present", "absent")                         \
	X(WATCH, "watch", "there", "gone")                                     \
	X(LOAD, "load", "high", "normal")                                      \
	X(DRILL, "drill", "on", "off")

enum journal_fact {
#define X(n, t, yes, no) JOURNAL_FACT_##n,
	JOURNAL_FACTS(X)
#undef X
	    JOURNAL_FACT_COUNT
};

void journal_record_fact(struct journal_record *r, enum journal_fact fact,
			 size_t service, bool on, struct mono now);
void journal_record_drain(struct journal_record *r, enum avail_target target,
			  size_t id, const struct avail_drain_times *times,
			  struct mono now);
void journal_record_quiet(struct journal_record *r, enum avail_target target,
			  size_t id, struct mono now);
void journal_record_undrain(struct journal_record *r, enum avail_target target,
			    size_t id, struct mono now);
void journal_record_attack(struct journal_record *r, bool on,
			   struct mono expires, struct mono now);
void journal_record_gate(struct journal_record *r, unsigned waits,
			 struct mono now);
void journal_record_brake(struct journal_record *r, size_t prefix,
			  bool released, struct mono now);

/* What came out: a change of a prefix. */
void journal_record_decision(struct journal_record *r,
			     const struct avail_change *c);

/* What was taken could not be stored: as if there had been no room. */
void journal_record_lose(struct journal_record *r);
/* Octets that wait to be taken; lines dropped since the last resume. */
size_t journal_record_size(const struct journal_record *r);
uint64_t journal_record_lost(const struct journal_record *r);
/* The caller's; nothing of it is left here. */
struct text journal_record_take(struct journal_record *r);

/* ---- files: may block; for a thread ---- */

/* "2026-11-22.log" of a point in time, UTC. */
const char *journal_file_name(struct wall wall, char *buf, size_t size);
/*
 * Is the day of file `name` over? A clock that is set back behind midnight does
 * not open the file of the day before again: its lines would stand in front of
 * those that were written before them.
 */
bool journal_file_over(const char *name, struct wall wall);
/*
 * Appends to DIRECTORY/NAME, made with its first line when missing. What stands
 * behind the last line's end (a crash while writing) is cut off first, and what
 * could not be written whole: 0, or -errno with the file as it was. *total is
 * its size.
 */
int journal_file_append(const char *directory, const char *name,
			const struct text *text, uint64_t *total)
    __attribute__((warn_unused_result));
/* Adds the line that every file begins with. */
void journal_file_header(struct text *t);
/*
 * Removes files of days before `keep` ago, and the oldest while all of them
 * are larger than `size`; never today's.
 */
int journal_file_prune(const char *directory, struct wall now, struct dur keep,
		       uint64_t size) __attribute__((warn_unused_result));

struct journal_files {
	char **paths; /* owned, in the order of days */
	size_t n;
};
/* A file as it is, or all files of a directory. -errno: why says it. */
int journal_file_list(const char *path, struct journal_files *files,
		      struct text *why) __attribute__((warn_unused_result));
void journal_file_list_free(struct journal_files *files);

/* ---- reading ---- */

#define JOURNAL_KINDS(X)                                                       \
	X(CLOCK, "clock")                                                      \
	X(START, "start")                                                      \
	X(RESUME, "resumed")                                                   \
	X(CONFIGURATION, "configuration")                                      \
	X(SAMPLE, "sample")                                                    \
	X(FACT, "fact")                                                        \
	X(DRAIN, "drain")                                                      \
	X(QUIET, "quiet")                                                      \
	X(UNDRAIN, "undrain")                                                  \
	X(ATTACK, "attack")                                                    \
	X(GATE, "gate")                                                        \
	X(BRAKE, "brake")                                                      \
	X(DECISION, "decided")                                                 \
	X(TICK, "tick")                                                        \
	X(STALLED, "stalled")                                                  \
	X(STOP, "stop")                                                        \
	X(ALIVE, "alive")                                                      \
	X(LOST, "lost")

enum journal_kind {
#define X(n, t) JOURNAL_##n,
	JOURNAL_KINDS(X)
#undef X
	    JOURNAL_KIND_COUNT
};

struct journal_entry {
	struct mono at;
	uint8_t kind; /* enum journal_kind */
	uint8_t a, b; /* verdict; fact; target; decision: from, to */
	uint8_t reason, rung;
	bool on;
	uint32_t id, cause; /* UINT32_MAX: none */
	union {
		struct {
			uint64_t count; /* SAMPLE: results of a run */
			struct mono last;
		};
		struct avail_drain_times times; /* DRAIN */
		struct mono until;              /* ATTACK; STALLED: since */
		struct wall wall;               /* CLOCK */
		struct journal_setup *setup;    /* CONFIGURATION; owned */
		uint64_t n;                     /* LOST */
		const char *node;               /* START; owned by the arena */
	};
};

/* One file. Times do not go back in it, but for START and DECISION. */
struct journal_day {
	struct arena arena;
	struct journal_entry *v; /* owned */
	size_t n, cap;
};

/*
 * Reads a file. -EINVAL with "FILE:LINE: what was expected, what was found";
 * a last line without an end is left out. -errno when it cannot be read.
 */
int journal_read(const char *path, struct journal_day **out, struct text *why)
    __attribute__((warn_unused_result));
int journal_read_text(const char *path, const char *text, size_t n,
		      struct journal_day **out, struct text *why)
    __attribute__((warn_unused_result));
void journal_day_free(struct journal_day *day);

/* ---- replay ---- */

/* From a withdrawal for failed services until announced again. */
struct journal_outage {
	struct wall from, to;
	struct dur detection; /* since the first bad result */
	bool detected;        /* detection is known */
	bool lasts;           /* it had not ended when the recording did */
	bool matched;         /* the other side has one at the same time */
	const char *cause;    /* a service; NULL: none */
};

/* What happened to a prefix: then as recorded, now with the new settings. */
struct journal_side {
	uint64_t withdrawals;
	struct dur away; /* not announced; drains and starts do not count */
	struct dur longest;
	struct dur detection; /* of all detected outages together */
	uint64_t detected;
	struct journal_outage *outages; /* owned */
	size_t n_outages, cap_outages;
};

struct journal_line {
	const char *name;
	struct journal_side then, now;
};

struct journal_result {
	const struct journal_line *const *lines; /* in the order of files */
	size_t n_lines;
	const char *node;      /* the last that was seen; "" */
	struct wall from, to;  /* what was looked at */
	struct dur running;    /* of that, with a daemon that ran */
	uint64_t results;      /* of checks */
	uint64_t starts, lost; /* of the daemon; lines */
	const char *const *notes;
	size_t n_notes;
	/* Against the recorded settings: decisions alike, and not. */
	uint64_t same, different;
	const char *difference; /* the first; "" */
};

struct journal_replay;

/*
 * `conf`: the settings to decide with, borrowed; NULL: the recorded ones, and
 * every decision is compared. Only what happened from `from` to `to` counts.
 */
struct journal_replay *journal_replay_new(const struct conf *conf,
					  struct wall from, struct wall to);
void journal_replay_free(struct journal_replay *rp);
/* Files in their order. */
void journal_replay_day(struct journal_replay *rp,
			const struct journal_day *day);
/* Ends it; borrowed until the replay is freed. */
const struct journal_result *journal_replay_end(struct journal_replay *rp);

#endif
