/* SPDX-License-Identifier: ISC */
/*
 * A plan with changes: which announcements are up and how often they are
 * prepended, run and measured. One for each thread.
 */
#ifndef BASIN_SIM_TRIAL_H
#define BASIN_SIM_TRIAL_H

#include "sim/sim.h"

/* Weight times length or cost: more than 64 bits. */
__extension__ typedef unsigned __int128 trial_wide;

/* What a run of all prefixes comes to. */
struct measure {
	uint64_t *load; /* owned; by site */
	uint64_t unreached;
	uint64_t dropped;
	trial_wide hops; /* weight times ASes on the way to a site */
	trial_wide cost; /* weight times cost */
	uint64_t costed; /* weight that `cost` knows of */
};

#define TRIAL_OWN_PREPEND (-1)

struct trial;
/* `cost` as in struct sim_search, or NULL; prepends up to `prepend_max`. */
struct trial *trial_new(const struct sim_plan *plan, const uint32_t *cost,
			unsigned prepend_max);
void trial_free(struct trial *t);
/* How announcement `i` of a prefix is from now on. */
void trial_set(struct trial *t, size_t prefix, size_t i, bool up, int prepend);
/* 0 or as sim_run(). *m is borrowed until the next call. */
int trial_measure(struct trial *t, const struct measure **m)
    __attribute__((warn_unused_result));
uint64_t trial_runs(const struct trial *t);

#endif
