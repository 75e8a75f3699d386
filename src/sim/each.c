/* SPDX-License-Identifier: ISC */
/*
 * Work over threads. Pieces are handed out by a counter; the thread that
 * called works as well, so with one thread none is made.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "sim/sim.h"

struct work {
	const struct sim_graph *g;
	size_t n;
	sim_piece *piece;
	void *ctx;
	atomic_size_t next;
	pthread_mutex_t lock;
	size_t failed; /* lowest piece that did not return 0; n: none */
	int error;     /* of that */
};

struct thread {
	struct work *work;
	struct sim_worker worker;
	pthread_t id;
};

unsigned
sim_threads(unsigned threads)
{
	cpu_set_t set;
	int n;

	if (threads > 0)
		return threads;
	/* Those this process may use, not those the host has. */
	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}

static void
fail(struct work *w, size_t i, int error)
{
	pthread_mutex_lock(&w->lock);
	if (i < w->failed) {
		w->failed = i;
		w->error = error;
	}
	pthread_mutex_unlock(&w->lock);
	/* Lower pieces were handed out before and will be finished. */
	atomic_store(&w->next, w->n);
}

static void *
work_on(void *arg)
{
	struct thread *t = arg;
	struct work *w = t->work;
	size_t i;

	if (w->g) {
		t->worker.engine = sim_engine_new(w->g);
		t->worker.result = sim_result_new(w->g);
	}
	while ((i = atomic_fetch_add(&w->next, 1)) < w->n) {
		int error = w->piece(w->ctx, &t->worker, i);

		if (error)
			fail(w, i, error);
	}
	if (w->g) {
		sim_engine_free(t->worker.engine);
		sim_result_free(&t->worker.result);
	}
	return NULL;
}

static int
start_all(struct work *w, unsigned threads)
{
	struct thread *t = xcalloc(threads, sizeof(*t));
	unsigned started = 1;

	for (unsigned i = 0; i < threads; i++) {
		t[i].work = w;
		t[i].worker.number = i;
		t[i].worker.g = w->g;
	}
	/* A thread that cannot be made is no error: others do its work. */
	while (started < threads &&
	       !pthread_create(&t[started].id, NULL, work_on, &t[started]))
		started++;
	work_on(&t[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(t[i].id, NULL);
	free(t);
	return w->error;
}

int
sim_each(const struct sim_graph *g, unsigned threads, size_t n,
	 sim_piece *piece, void *ctx)
{
	struct work w = {
	    .g = g,
	    .n = n,
	    .piece = piece,
	    .ctx = ctx,
	    .failed = n,
	};
	int error;

	threads = sim_threads(threads);
	if (threads > n)
		threads = n > 0 ? (unsigned)n : 1;
	pthread_mutex_init(&w.lock, NULL);
	error = start_all(&w, threads);
	pthread_mutex_destroy(&w.lock);
	return error;
}

struct runs {
	const struct sim_policy *policy;
	const struct sim_scenario *scenarios;
	sim_seen *seen;
	void *ctx;
};

static int
run_one(void *ctx, struct sim_worker *worker, size_t i)
{
	const struct runs *r = ctx;
	const struct sim_scenario *s = &r->scenarios[i];
	int error =
	    sim_run(worker->engine, r->policy, s->v, s->n, &worker->result);

	return error ? error : r->seen(r->ctx, worker, i, &worker->result);
}

int
sim_each_run(const struct sim_graph *g, const struct sim_policy *policy,
	     unsigned threads, const struct sim_scenario *scenarios, size_t n,
	     sim_seen *seen, void *ctx)
{
	struct runs r = {policy, scenarios, seen, ctx};

	return sim_each(g, threads, n, run_one, &r);
}
