/* SPDX-License-Identifier: ISC */
/*
 * One prefix, run again and again with changes: by visiting what moves, or all
 * anew where much does.
 */
#ifndef BASIN_SIM_RERUN_H
#define BASIN_SIM_RERUN_H

#include "sim/sim.h"

struct rerun_state {
	bool down;
	size_t n_tail;
};
struct rerun {
	const struct sim_graph *g;
	const struct sim_policy *policy;
	/* What is wanted; the owner changes `down` and the tail, of which
	 * equal lengths are equal tails. owned */
	struct sim_announcement *v;
	size_t n;
	/* The routes of the last run. */
	const struct sim_result *now;
	/* They differ from those of the run before in what `whatif` says. */
	bool by_changes;
	struct sim_whatif *whatif; /* owned; NULL until it is worth having */
	/* private */
	struct sim_engine *engine;  /* owned */
	struct sim_result own;      /* owned */
	struct rerun_state *last;   /* owned; of the last run */
	uint32_t *share;            /* owned: ASes of each, when last up */
	struct sim_change *changes; /* owned */
};
/* Copies the announcements, not what they point to. */
struct rerun rerun_new(const struct sim_graph *g,
		       const struct sim_policy *policy,
		       const struct sim_announcement *v, size_t n);
void rerun_free(struct rerun *r);
/* Runs `v`. 0 or as sim_run(); `now` is then unset. */
int rerun_go(struct rerun *r) __attribute__((warn_unused_result));

#endif
