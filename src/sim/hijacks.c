/* SPDX-License-Identifier: ISC */
/*
 * Every AS as the culprit. What lanes can express is run in them, 64 culprits
 * at once (lanes.h); everything else one by one, with sim_run().
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lanes.h"

/* One culprit of the list. */
struct turn {
	uint32_t first_provider; /* near ones have ancestors in common */
	uint32_t id;
	uint32_t i; /* in the list */
};

struct hunt {
	const struct sim_hijacks *what;
	struct sim_reach *reach;
	size_t n;
	const struct sim_result *base;
	struct lane_plan *plan;        /* owned; NULL: all alone */
	struct turn *turns;            /* owned; first those in lanes */
	size_t n_lanes, n_turns;       /* others leak nothing */
	struct sim_hijacked *hijacked; /* owned; by worker */
	struct lane_space **space;     /* owned; by worker */
	const struct lane_passes *passes;
	atomic_size_t in_lanes, alone;
};

static uint32_t
culprit(const struct sim_hijacks *what, size_t i)
{
	return what->culprits ? what->culprits[i] : (uint32_t)i;
}

static int
run_alone(struct hunt *h, struct sim_worker *worker, const struct turn *turn)
{
	const struct sim_hijacks *what = h->what;
	struct sim_hijacked *hijacked = &h->hijacked[worker->number];
	struct sim_hijack one = what->hijack;
	int error;

	one.culprit = turn->id;
	sim_hijack_new(what->g, &one, what->victim, what->n_victim, h->base,
		       hijacked);
	error = sim_run(worker->engine, what->policy, hijacked->v, hijacked->n,
			&worker->result);
	if (error)
		return error;
	h->reach[turn->i] =
	    sim_hijack_reach(what->g, &one, hijacked, h->base, &worker->result,
			     what->weights, NULL);
	atomic_fetch_add(&h->alone, 1);
	return 0;
}

static int
run_lanes(struct hunt *h, struct sim_worker *worker, const struct turn *turns,
	  unsigned n)
{
	struct lane_space **s = &h->space[worker->number];
	uint32_t ids[LANES];
	struct sim_reach reach[LANES];
	int error = 0;

	if (!*s)
		*s = lane_space_new(h->plan);
	for (unsigned i = 0; i < n; i++)
		ids[i] = turns[i].id;
	if (!lane_run(*s, h->passes, ids, n, reach)) {
		for (unsigned i = 0; i < n && !error; i++)
			error = run_alone(h, worker, &turns[i]);
		return error;
	}
	for (unsigned i = 0; i < n; i++)
		h->reach[turns[i].i] = reach[i];
	atomic_fetch_add(&h->in_lanes, n);
	return 0;
}

/* Pieces are batches, and behind them single culprits. */
static size_t
batches(const struct hunt *h)
{
	return (h->n_lanes + LANES - 1) / LANES;
}

static int
run_piece(struct hunt *h, struct sim_worker *worker, size_t i)
{
	size_t first = i * LANES, left = h->n_lanes - first;

	if (i >= batches(h))
		return run_alone(h, worker,
				 &h->turns[h->n_lanes + i - batches(h)]);
	return run_lanes(h, worker, &h->turns[first],
			 left < LANES ? (unsigned)left : LANES);
}

static int
piece(void *ctx, struct sim_worker *worker, size_t i)
{
	struct hunt *h = ctx;
	const struct sim_hijacks *what = h->what;
	int error;

	if (what->stop && what->stop(what->ctx))
		return -ECANCELED;
	error = run_piece(h, worker, i);
	/* Worker 0 is the thread that called. */
	if (what->progress && worker->number == 0)
		what->progress(what->ctx, h->in_lanes + h->alone, h->n_turns);
	return error;
}

static int
by_provider(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->first_provider != y->first_provider)
		return x->first_provider < y->first_provider ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static struct turn
turn_of(const struct hunt *h, size_t i)
{
	uint32_t id = culprit(h->what, i);
	struct sim_ids providers = graph_row(h->what->g, SIM_PROVIDER, id);

	return (struct turn){
	    .first_provider = providers.n ? providers.v[0] : SIM_NONE,
	    .id = id,
	    .i = (uint32_t)i,
	};
}

static void
add_turns(struct hunt *h, enum lane_fit fit)
{
	for (size_t i = 0; i < h->n; i++) {
		uint32_t id = culprit(h->what, i);

		if ((h->plan ? lane_fit(h->plan, id) : LANE_NOT) == fit)
			h->turns[h->n_turns++] = turn_of(h, i);
	}
}

static void
take_turns(struct hunt *h)
{
	h->turns = xcalloc(h->n + 1, sizeof(*h->turns));
	add_turns(h, LANE_FITS);
	h->n_lanes = h->n_turns;
	qsort(h->turns, h->n_lanes, sizeof(*h->turns), by_provider);
	add_turns(h, LANE_NOT);
	memset(h->reach, 0xff, h->n * sizeof(*h->reach));
	for (size_t i = 0; h->plan && i < h->n; i++)
		if (lane_fit(h->plan, culprit(h->what, i)) == LANE_HARMLESS)
			h->reach[i] = (struct sim_reach){0};
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

static int
run_all(struct hunt *h, unsigned threads)
{
	int error;

	h->plan = lane_plan_new(h->what, h->base);
	h->passes = lane_passes_here();
	h->hijacked = xcalloc(threads, sizeof(*h->hijacked));
	h->space = xcalloc(threads, sizeof(struct lane_space *));
	take_turns(h);
	error = sim_each(h->what->g, threads,
			 batches(h) + h->n_turns - h->n_lanes, piece, h);
	for (unsigned i = 0; i < threads; i++) {
		sim_hijacked_free(&h->hijacked[i]);
		lane_space_free(h->space[i]);
	}
	free(h->hijacked);
	free(h->space);
	free(h->turns);
	lane_plan_free(h->plan);
	return error;
}

int
sim_hijacks(const struct sim_hijacks *what, struct sim_reach *reach,
	    struct sim_hijacks_done *done)
{
	struct sim_result base = sim_result_new(what->g);
	struct hunt h = {
	    .what = what,
	    .reach = reach,
	    .n = what->culprits ? what->n_culprits : sim_graph_count(what->g),
	    .base = &base,
	};
	int error = run_base(what, &base);

	if (!error)
		error = run_all(&h, sim_threads(what->threads));
	*done = (struct sim_hijacks_done){
	    .in_lanes = h.in_lanes,
	    .alone = h.alone,
	    .missing = h.n_turns - h.in_lanes - h.alone,
	    .how = h.in_lanes ? h.passes->name : "one by one",
	};
	sim_result_free(&base);
	return error;
}
