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
