/* SPDX-License-Identifier: ISC */
/*
 * Every AS as the culprit. What lanes can express is run in them, 64 culprits
 * at once (lanes.h); everything else one by one, with sim_run().
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

struct hunt {
	const struct sim_hijacks *what;
	struct sim_reach *reach;
	size_t n;
	const struct sim_result *base;
	struct sim_hijacked *hijacked; /* by worker. owned */
	atomic_size_t alone;
};

static uint32_t
culprit(const struct sim_hijacks *what, size_t i)
{
	return what->culprits ? what->culprits[i] : (uint32_t)i;
}

static int
run_alone(struct hunt *h, struct sim_worker *worker, size_t i)
{
	const struct sim_hijacks *what = h->what;
	struct sim_hijacked *hijacked = &h->hijacked[worker->number];
	struct sim_hijack one = what->hijack;
	int error;

	one.culprit = culprit(what, i);
	sim_hijack_new(what->g, &one, what->victim, what->n_victim, h->base,
		       hijacked);
	error = sim_run(worker->engine, what->policy, hijacked->v, hijacked->n,
			&worker->result);
	if (error)
		return error;
	h->reach[i] = sim_hijack_reach(what->g, &one, hijacked, h->base,
				       &worker->result, what->weights, NULL);
	atomic_fetch_add(&h->alone, 1);
	return 0;
}

static int
piece(void *ctx, struct sim_worker *worker, size_t i)
{
	struct hunt *h = ctx;

	if (h->what->stop && h->what->stop(h->what->ctx))
		return -ECANCELED;
	return run_alone(h, worker, i);
}

static int
run_base(const struct sim_hijacks *what, struct sim_result *base)
{
	struct sim_engine *engine = sim_engine_new(what->g);
	int error =
	    sim_run(engine, what->policy, what->victim, what->n_victim, base);

	sim_engine_free(engine);
	return error;
}

int
sim_hijacks(const struct sim_hijacks *what, struct sim_reach *reach,
	    struct sim_hijacks_done *done)
{
	struct sim_result base = sim_result_new(what->g);
	unsigned threads = sim_threads(what->threads);
	struct hunt h = {
	    .what = what,
	    .reach = reach,
	    .n = what->culprits ? what->n_culprits : sim_graph_count(what->g),
	    .base = &base,
	    .hijacked = xcalloc(threads, sizeof(*h.hijacked)),
	};
	int error = run_base(what, &base);

	memset(reach, 0xff, h.n * sizeof(*reach));
	if (!error)
		error = sim_each(what->g, threads, h.n, piece, &h);
	*done = (struct sim_hijacks_done){
	    .alone = h.alone,
	    .missing = h.n - h.alone,
	    .how = "none",
	};
	for (unsigned i = 0; i < threads; i++)
		sim_hijacked_free(&h.hijacked[i]);
	free(h.hijacked);
	sim_result_free(&base);
	return error;
}
