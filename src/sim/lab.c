/* SPDX-License-Identifier: ISC */
#include "sim/lab.h"

#include <errno.h>
#include <stdlib.h>

/* Jobs a thread takes at once, at most: more would leave threads idle. */
#define BLOCK_MAX 32

struct jobs {
	struct lab *lab;
	size_t n, block;
	lab_apply *apply;
	lab_seen *seen;
	void *ctx;
};

struct lab
lab_new(const struct sim_plan *plan, const uint32_t *cost, unsigned prepend_max,
	sim_stop stop, void *ctx)
{
	struct lab l = {
	    .plan = plan,
	    .cost = cost,
	    .prepend_max = prepend_max,
	    .stop = stop,
	    .stop_ctx = ctx,
	    .threads = sim_threads(plan->threads),
	};

	l.trials = xcalloc(l.threads, sizeof(struct trial *));
	return l;
}

void
lab_free(struct lab *l)
{
	for (unsigned i = 0; i < l->threads; i++)
		trial_free(l->trials[i]);
	free(l->trials);
	l->trials = NULL;
}

static int
run_block(void *ctx, struct sim_worker *worker, size_t block)
{
	struct jobs *j = ctx;
	struct lab *l = j->lab;
	struct trial **t = &l->trials[worker->number];
	size_t end = (block + 1) * j->block;

	if (!*t)
		*t = trial_new(l->plan, l->cost, l->prepend_max);
	for (size_t i = block * j->block; i < end && i < j->n; i++) {
		const struct measure *m;
		int error;

		if (l->stop && l->stop(l->stop_ctx))
			return -ECANCELED;
		j->apply(j->ctx, *t, i);
		error = trial_measure(*t, &m);
		if (error)
			return error;
		j->seen(j->ctx, i, m);
	}
	return 0;
}

int
lab_run(struct lab *l, size_t n, lab_apply *apply, lab_seen *seen, void *ctx)
{
	struct jobs j = {l, n, n / (4 * (size_t)l->threads), apply, seen, ctx};

	if (j.block > BLOCK_MAX)
		j.block = BLOCK_MAX;
	if (j.block < 1)
		j.block = 1;
	return sim_each(NULL, l->threads, (n + j.block - 1) / j.block,
			run_block, &j);
}

uint64_t
lab_runs(const struct lab *l)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < l->threads; i++)
		sum += l->trials[i] ? trial_runs(l->trials[i]) : 0;
	return sum;
}
