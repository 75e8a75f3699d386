/* SPDX-License-Identifier: ISC */
/* Trials of many changes of one plan, over threads. */
#ifndef BASIN_SIM_LAB_H
#define BASIN_SIM_LAB_H

#include "sim/trial.h"

struct lab {
	const struct sim_plan *plan;
	const uint32_t *cost;
	unsigned prepend_max;
	sim_stop stop;
	void *stop_ctx;
	unsigned threads;
	struct trial **trials; /* owned; by thread, NULL until needed */
};

struct lab lab_new(const struct sim_plan *plan, const uint32_t *cost,
		   unsigned prepend_max, sim_stop stop, void *ctx);
void lab_free(struct lab *l);

/* Sets every announcement of the trial as job `i` has it. */
typedef void lab_apply(void *ctx, struct trial *t, size_t i);
/* What job `i` comes to. In the thread that ran it. */
typedef void lab_seen(void *ctx, size_t i, const struct measure *m);

/*
 * Runs jobs 0 to n - 1; neighbours, if possible, in one thread, so that those
 * that differ by little should stand together. 0; -ECANCELED when told to
 * stop, some are not seen then; or as sim_run().
 */
int lab_run(struct lab *l, size_t n, lab_apply *apply, lab_seen *seen,
	    void *ctx) __attribute__((warn_unused_result));
/* Propagations so far. */
uint64_t lab_runs(const struct lab *l);

#endif
