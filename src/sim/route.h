/* SPDX-License-Identifier: ISC */
/*
 * The best route of an AS as one number, so that a better route is a smaller
 * number, and the rules of taking and offering routes. Shared by everything
 * that propagates.
 *
 *   31 30   29 .. 22   21 20      19 .. 1       0
 *   rank    length     relation   neighbour     invalid
 *
 * rank: the preference step's verdict on the relation (enum sim_preference).
 * length: ASes of the path, with the AS itself.
 * neighbour: 2 * rank + 1 of an AS of the graph; 2 * (number of lower AS
 * numbers) for an AS that is not in it. So lower AS numbers are lower here.
 * invalid: the announcement's; says nothing about preference.
 */
#ifndef BASIN_SIM_ROUTE_H
#define BASIN_SIM_ROUTE_H

#include "sim/graph.h"

#define KEY_NONE            UINT32_MAX
#define KEY_RANK_SHIFT      30
#define KEY_LENGTH_SHIFT    22
#define KEY_RELATION_SHIFT  20
#define KEY_NEIGHBOUR_SHIFT 1
#define KEY_NEIGHBOUR_MASK  0x7ffffu
#define KEY_INVALID         1u

static inline unsigned
key_length(uint32_t key)
{
	return key >> KEY_LENGTH_SHIFT & 0xff;
}

static inline enum sim_relation
key_relation(uint32_t key)
{
	return (enum sim_relation)(key >> KEY_RELATION_SHIFT & 3);
}

/* Whether an AS offers what it learned so to its providers and peers. */
static inline bool
key_goes_up(uint32_t key)
{
	return key != KEY_NONE && key_relation(key) <= SIM_CUSTOMER;
}

/* The neighbour field of an AS of the graph. */
static inline uint32_t
key_neighbour(const struct sim_graph *g, uint32_t id)
{
	return (2 * g->rank[id] + 1) << KEY_NEIGHBOUR_SHIFT;
}

/* The id in the neighbour field; SIM_NONE: an AS outside of the graph. */
static inline uint32_t
key_neighbour_id(const struct sim_graph *g, uint32_t key)
{
	uint32_t field = key >> KEY_NEIGHBOUR_SHIFT & KEY_NEIGHBOUR_MASK;

	return field % 2 ? g->by_rank[field / 2] : SIM_NONE;
}

/* One propagation: what it goes by, and the result that grows. */
struct run {
	const struct sim_graph *g;
	const struct sim_set *rov; /* NULL: nobody drops what is invalid */
	const struct sim_announcement *announcements;
	size_t n;
	uint32_t base[SIM_PROVIDER + 1]; /* of a key: rank and relation */
	uint32_t *key;                   /* by id, as struct sim_result */
	uint16_t *announcement;
	/* ASes that stand in a tail or hear an announcement: all rules */
	const uint64_t *special;
};

/* The constant part of the keys of each relation. */
void run_prefer(struct run *run, enum sim_preference preference);
/* Sets the bits of `special`; its memory is zeroed by the caller. */
void run_mark_special(const struct run *run, uint64_t *special);
/* 0, or -EINVAL when an announcement breaks the rules of sim.h. */
int run_check(const struct run *run);

static inline bool
run_special(const struct run *run, uint32_t id)
{
	return run->special[id / 64] >> id % 64 & 1;
}

/*
 * The AS number by which an announcement is chosen among others. Those that
 * are not in the graph may share a neighbour field.
 */
uint32_t run_announcer(const struct run *run, uint16_t announcement);
/*
 * The key of announcement `i` where it is heard, KEY_NONE when it is down or
 * that AS does not take it.
 */
uint32_t run_seed(const struct run *run, size_t i);
/*
 * Of all announcements heard at `id` the best one; KEY_NONE: none. Sets
 * *announcement.
 */
uint32_t run_best_seed(const struct run *run, uint32_t id,
		       uint16_t *announcement);

/*
 * Gives the AS that hears announcement `i` its route, when it is better than
 * the announcement it has; to be called before anything else is propagated.
 */
bool run_take_seed(struct run *run, size_t i);

/* How often `at` prepends towards `to`; negative: it does not export. */
int run_restriction(const struct sim_announcement *a, uint32_t to);

/* Whether an AS number stands in the tail of an announcement. */
static inline bool
tail_has(const struct sim_announcement *a, uint32_t asn)
{
	for (size_t i = 0; i < a->n_tail; i++)
		if (a->tail[i] == asn)
			return true;
	return false;
}

/*
 * What `from`, with its present best route, offers to `to`, that is `what` to
 * it: the key `to` would have, or KEY_NONE when it offers nothing or `to` does
 * not take it. All rules of sim.h.
 */
uint32_t run_offer(const struct run *run, uint32_t from, uint32_t to,
		   enum sim_relation what);

/* The relation seen from the other side. */
static inline enum sim_relation
relation_back(enum sim_relation r)
{
	return r == SIM_CUSTOMER   ? SIM_PROVIDER
	       : r == SIM_PROVIDER ? SIM_CUSTOMER
				   : r;
}

/*
 * The key of a route one AS further, `from` standing 1 + prepend times in it,
 * without the rules of exporting; KEY_NONE when the path becomes too long.
 */
static inline uint32_t
key_extend(const struct run *run, uint32_t key, uint32_t from,
	   enum sim_relation learned_from, unsigned prepend)
{
	uint32_t length = key_length(key) + 1 + prepend;

	if (length > SIM_PATH_MAX)
		return KEY_NONE;
	return run->base[learned_from] | length << KEY_LENGTH_SHIFT |
	       key_neighbour(run->g, from) | (key & KEY_INVALID);
}

/* Whether (key, announcement) is better than what `id` has. */
static inline bool
run_better(const struct run *run, uint32_t id, uint32_t key,
	   uint16_t announcement)
{
	uint32_t a = key >> 1, b = run->key[id] >> 1;

	return a < b || (a == b && announcement < run->announcement[id]);
}

#endif
