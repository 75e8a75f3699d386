/* SPDX-License-Identifier: ISC */
/* The memory of runs (engine.c) and the two ways to run (propagate, general).
 */
#ifndef BASIN_SIM_ENGINE_H
#define BASIN_SIM_ENGINE_H

#include "sim/route.h"

struct general;
struct moves;

struct sim_engine {
	const struct sim_graph *g;
	/*
	 * What an AS offers to any customer: key and announcement, so that the
	 * better one is the smaller number. For the first `transit` ids; the
	 * others have no customers.
	 */
	uint64_t *down;
	uint32_t transit;
	uint64_t *special;       /* struct run's */
	uint64_t *climbing;      /* ASes with a route that goes up */
	size_t words;            /* of a set of ASes */
	struct general *general; /* NULL until first needed */
	struct moves *moves;     /* whatif.h; the same */
};

/* What an AS may hear of any provider, and pass on to any customer. */
#define OFFER_NONE  UINT64_MAX
#define OFFER_SHIFT 32

static inline uint64_t
offer_of(uint32_t key, uint16_t announcement)
{
	return (uint64_t)key << OFFER_SHIFT | announcement;
}

/* What `id` offers with its present route. */
static inline uint64_t
offer_down(const struct run *run, uint32_t id)
{
	uint32_t key = run->key[id];

	if (key != KEY_NONE)
		key = key_extend(run, key, id, SIM_PROVIDER, 0);
	return key == KEY_NONE ? OFFER_NONE
			       : offer_of(key, run->announcement[id]);
}

/* Of `best` and what providers offer; `drops` as run_drops() says. */
static inline uint64_t
best_offer(const uint64_t *down, struct sim_ids providers, uint64_t drops,
	   uint64_t best)
{
	for (size_t i = 0; i < providers.n; i++) {
		uint64_t o = down[providers.v[i]];

		/* All ones, OFFER_NONE, for what this AS drops. */
		o |= -(o >> OFFER_SHIFT & drops);
		best = o < best ? o : best;
	}
	return best;
}

/* KEY_INVALID for ASes that validate. */
static inline uint64_t
run_drops(const struct run *run, uint32_t id)
{
	return run->rov && sim_set_has(run->rov, id) ? KEY_INVALID : 0;
}

/*
 * The preference customer > peer > provider: once upwards, once to peers, once
 * downwards. `run` has empty results.
 */
void propagate(struct sim_engine *e, struct run *run);

/* Any preference, in the order of keys; slower. */
void general_propagate(struct sim_engine *e, struct run *run);
void general_free(struct general *general);
void moves_free(struct moves *moves);

#endif
