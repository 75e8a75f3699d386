/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

void
search_batch_start(struct quest *q)
{
	size_t sites = q->plan->n_sites + 1;

	q->choices = xcalloc(SEARCH_BATCH, q->space.size + 1);
	q->scores = xcalloc(SEARCH_BATCH, sizeof(*q->scores));
	q->loads = xcalloc(SEARCH_BATCH * sites, sizeof(*q->loads));
	q->done = xcalloc(SEARCH_BATCH, sizeof(*q->done));
}

void
search_batch_end(struct quest *q)
{
	free(q->choices);
	free(q->scores);
	free(q->loads);
	free(q->done);
}

static uint8_t *
choice_of(const struct quest *q, size_t i)
{
	return q->choices + i * q->space.size;
}

static uint64_t *
load_of(const struct quest *q, size_t i)
{
	return q->loads + i * q->plan->n_sites;
}

uint8_t *
search_batch_add(struct quest *q)
{
	return choice_of(q, q->n++);
}

static void
apply(void *ctx, struct trial *t, size_t i)
{
	struct quest *q = ctx;

	search_apply(&q->space, choice_of(q, i), t);
}

static void
seen(void *ctx, size_t i, const struct measure *m)
{
	struct quest *q = ctx;

	q->scores[i] = search_score(&q->space, choice_of(q, i), m);
	memcpy(load_of(q, i), m->load, q->plan->n_sites * sizeof(*m->load));
	q->done[i] = true;
}

int
search_batch_run(struct quest *q)
{
	memset(q->done, 0, SEARCH_BATCH);
	return lab_run(&q->lab, q->n, apply, seen, q);
}

static void
report(struct quest *q)
{
	struct sim_progress *p = &q->progress;

	p->found = q->podium.n > 0;
	p->best = p->found ? q->podium.v[0].score.objective : 0;
	if (q->search->progress)
		q->search->progress(q->search->ctx, p);
}

int
search_batch_try(struct quest *q)
{
	int error = search_batch_run(q);

	for (size_t i = 0; i < q->n; i++) {
		if (!q->done[i])
			continue;
		q->progress.tried++;
		search_podium_offer(&q->podium, &q->scores[i], choice_of(q, i),
				    load_of(q, i));
	}
	report(q);
	return error;
}
