/* SPDX-License-Identifier: ISC */
/*
 * A propagation that is kept exact: what whatif.c (changes, undo) shares with
 * whatif_put.c (what a change touches), whatif_move.c (what that moves) and
 * whatif_bulk.c (when that is a lot).
 */
#ifndef BASIN_SIM_WHATIF_H
#define BASIN_SIM_WHATIF_H

#include "sim/engine.h"

/* As propagate.c: each ends before the next one begins. */
enum phase {
	UP,     /* routes of customers, to providers */
	ACROSS, /* routes of customers, to peers */
	DOWN,   /* all routes, to customers */
	PHASES,
};

struct sim_whatif {
	struct sim_engine *e; /* borrowed; its `moves` as well */
	struct sim_policy policy;
	/* Announcements and `special` are owned; the latter only grows. */
	struct run run;
	struct sim_announcement *announcements; /* run's, to be written */
	uint64_t *special;                      /* the same */
	struct sim_result now;                  /* owned; run's as well */
	/* Routes of before the last change, where `changed` has the AS; of
	 * other ASes anything. owned */
	struct sim_result was;
	struct sim_set changed; /* owned */
	uint64_t *up;           /* owned; ASes whose route goes up */
	/* Whether an announcement ever was for this phase to decide on. */
	bool any_heard[PHASES];
	/* By announcement how many ASes have it, in parts; the last: none.
	 * owned */
	uint32_t *count;
	uint64_t *seen; /* owned; by announcement, empty between calls */
	struct sim_change *before; /* owned; of the last change, for undo */
	size_t n_before, room;
};

/* Scratch of a change, empty between changes; sets of ASes. */
struct moves {
	uint64_t *speak;        /* tell neighbours their route, in this phase */
	uint64_t *pull[PHASES]; /* ask all neighbours for their routes, then */
};

static inline bool
bit_has(const uint64_t *set, uint32_t id)
{
	return set[id / 64] >> id % 64 & 1;
}

static inline void
bit_add(uint64_t *set, uint32_t id)
{
	set[id / 64] |= UINT64_C(1) << id % 64;
}

static inline void
bit_put(uint64_t *set, uint32_t id, bool member)
{
	uint64_t bit = UINT64_C(1) << id % 64;

	set[id / 64] = member ? set[id / 64] | bit : set[id / 64] & ~bit;
}

/* The first member that is not below `id`; SIM_NONE: no more. */
static inline uint32_t
bit_next(const struct sim_whatif *w, const uint64_t *set, uint32_t id)
{
	struct sim_set s = {(uint64_t *)(uintptr_t)set, w->now.n};

	return sim_set_next(&s, id);
}

/* The phase that decides on routes learned so. */
static inline enum phase
phase_of(enum sim_relation learned_from)
{
	return learned_from <= SIM_CUSTOMER ? UP
					    : (enum phase)(learned_from - 1);
}

/* Writes a route; the one before the change is kept in `was`. */
void whatif_set(struct sim_whatif *w, uint32_t id, uint32_t key,
		uint16_t announcement);
/* A route, before it is taken. */
struct best {
	uint32_t key;
	uint16_t announcement;
};
/* A better route, at once; it will be told. */
void whatif_take(struct sim_whatif *w, enum phase phase, uint32_t id,
		 uint32_t key, uint16_t announcement);
void whatif_mark_pull(struct sim_whatif *w, enum phase phase, uint32_t id);
/* The best of what announcers offer in this phase. */
struct best whatif_heard(const struct sim_whatif *w, enum phase phase,
			 uint32_t id);
/* What `from` offers, when it is better than *best. `id` is `what` to it. */
void whatif_pull_from(const struct sim_whatif *w, uint32_t id, uint32_t from,
		      enum sim_relation what, struct best *best);
/* The best of all offers; nothing for who decided in an earlier phase. */
void whatif_pull(struct sim_whatif *w, enum phase phase, uint32_t id);

/* whatif_bulk.c: the same for many. All that are marked pull from peers. */
void whatif_pull_peers(struct sim_whatif *w);
/* All from `id` on decide in the phase DOWN; those before it have. */
void whatif_sweep(struct sim_whatif *w, uint32_t id);

/* Announcement i is `now`, before any of it is propagated. */
void whatif_place(struct sim_whatif *w, size_t i,
		  const struct sim_announcement *now);
/*
 * The same, and marks in e->moves what that touches first, for
 * whatif_move(). One that is other but may look the same to those who have it
 * must be withdrawn (and moved) before.
 */
void whatif_put(struct sim_whatif *w, size_t i,
		const struct sim_announcement *now);
/* Whether that is so. */
bool whatif_is_other(const struct sim_announcement *old,
		     const struct sim_announcement *now);
/* From the marks to a result that is exact; the marks are gone. */
void whatif_move(struct sim_whatif *w);

#endif
