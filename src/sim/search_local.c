/* SPDX-License-Identifier: ISC */
/*
 * Too many choices to try all: begin somewhere, step to the best neighbour
 * until none is better, begin again elsewhere. A neighbour has one unit swapped
 * for another or one upstream's prepends changed. The first beginning is
 * greedy: unit by unit what helps most. Others are, in turns, random and the
 * best so far with a few random steps away.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

#define KICKS 3

struct local {
	struct quest *q;
	uint8_t *at; /* owned; the present choice */
	struct score score;
	uint8_t *next; /* owned; the best neighbour seen */
	struct score next_score;
	bool better; /* `next` is better than `at` */
	uint64_t random;
};

/* SplitMix64: every seed gives a good sequence. */
static uint64_t
draw(struct local *l)
{
	uint64_t z = l->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t
draw_below(struct local *l, size_t n)
{
	return (size_t)(draw(l) % n);
}

/* Runs what is in the batch; keeps the best of it when it beats `next`. */
static int
look(struct local *l)
{
	struct quest *q = l->q;
	int error = search_batch_try(q);

	for (size_t i = 0; i < q->n; i++) {
		const uint8_t *choice = q->choices + i * q->space.size;

		if (!q->done[i] ||
		    search_compare(&q->space, &q->scores[i], choice,
				   &l->next_score, l->next) >= 0)
			continue;
		l->next_score = q->scores[i];
		memcpy(l->next, choice, q->space.size);
		l->better = true;
	}
	q->n = 0;
	return error;
}

/* Puts the present choice into the batch, for the caller to change. */
static uint8_t *
neighbour(struct local *l, int *error)
{
	uint8_t *choice;

	if (l->q->n == SEARCH_BATCH)
		*error = look(l);
	if (*error)
		return NULL;
	choice = search_batch_add(l->q);
	memcpy(choice, l->at, l->q->space.size);
	return choice;
}

static int
offer_swaps(struct local *l)
{
	const struct space *s = &l->q->space;
	int error = 0;

	for (size_t i = 0; i < s->n_loose; i++)
		for (size_t k = 0; k < s->n_loose; k++) {
			uint8_t *choice;

			if (!l->at[s->loose[i]] || l->at[s->loose[k]])
				continue;
			choice = neighbour(l, &error);
			if (error)
				return error;
			choice[s->loose[i]] = 0;
			choice[s->loose[k]] = 1;
			search_settle(s, choice);
		}
	return 0;
}

static int
offer_prepends_of(struct local *l, size_t upstream)
{
	const struct space *s = &l->q->space;
	size_t at = s->n_units + upstream;
	int error = 0;

	for (unsigned v = 0; v <= s->search->prepend_max; v++) {
		uint8_t *choice;

		if (v == l->at[at])
			continue;
		choice = neighbour(l, &error);
		if (error)
			return error;
		choice[at] = (uint8_t)v;
		search_settle(s, choice);
		if (memcmp(choice, l->at, s->size) == 0)
			l->q->n--; /* settled to where we are */
	}
	return 0;
}

static int
offer_prepends(struct local *l)
{
	const struct space *s = &l->q->space;
	int error = 0;

	if (!s->search->prepend_max)
		return 0;
	for (size_t u = 0; !error && u < s->plan->n_upstreams; u++)
		if (s->prependable[u] && search_active(s, l->at, u))
			error = offer_prepends_of(l, u);
	return error;
}

/* From `at`, that was run, down to where no neighbour is better. */
static int
descend(struct local *l)
{
	const struct space *s = &l->q->space;
	int error;

	do {
		l->better = false;
		l->next_score = l->score;
		memcpy(l->next, l->at, s->size);
		error = offer_swaps(l);
		if (!error)
			error = offer_prepends(l);
		if (!error && l->q->n)
			error = look(l);
		l->q->n = 0;
		l->score = l->next_score;
		memcpy(l->at, l->next, s->size);
	} while (!error && l->better);
	return error;
}

/* ---- beginnings ---- */

/* Runs `at` itself. */
static int
arrive(struct local *l)
{
	struct quest *q = l->q;
	int error;

	q->n = 0;
	search_settle(&q->space, l->at);
	memcpy(search_batch_add(q), l->at, q->space.size);
	error = search_batch_try(q);
	l->score = q->scores[0];
	q->n = 0;
	return error;
}

/* Adds the unit that helps most. Not a choice yet: it is not offered. */
static int
grow(struct local *l)
{
	struct quest *q = l->q;
	const struct space *s = &q->space;
	size_t best = SIZE_MAX;
	int error = 0;

	for (size_t first = 0; first < s->n_loose && !error;) {
		q->n = 0;
		for (; first < s->n_loose && q->n < SEARCH_BATCH; first++) {
			uint8_t *choice;

			if (l->at[s->loose[first]])
				continue;
			choice = search_batch_add(q);
			memcpy(choice, l->at, s->size);
			choice[s->loose[first]] = 1;
		}
		error = search_batch_run(q);
		for (size_t i = 0; i < q->n && !error; i++) {
			const uint8_t *c = q->choices + i * s->size;

			if (best != SIZE_MAX &&
			    search_compare(s, &q->scores[i], c, &l->next_score,
					   l->next) >= 0)
				continue;
			best = i;
			l->next_score = q->scores[i];
			memcpy(l->next, c, s->size);
		}
	}
	q->n = 0;
	if (!error)
		memcpy(l->at, l->next, s->size);
	return error;
}

static int
begin_greedy(struct local *l)
{
	const struct space *s = &l->q->space;
	int error = 0;

	memset(l->at, 0, s->size);
	memcpy(l->at, s->fixed, s->n_units);
	for (size_t i = 0; i < s->pick && !error; i++)
		error = grow(l);
	return error ? error : arrive(l);
}

/* So that there is something to show, however soon we are stopped. */
static int
begin_anyhow(struct local *l)
{
	const struct sim_search *search = l->q->search;
	bool picky = search->upstreams &&
		     (search->min_upstreams > 1 || search->needs_site);
	struct cursor c;
	int error = 0;

	/* One that keeps the bounds may be far off. */
	if (picky && l->q->progress.total == UINT64_MAX)
		return 0;
	if (search_first(&l->q->space, &c)) {
		memcpy(l->at, c.choice, l->q->space.size);
		error = arrive(l);
	}
	search_cursor_free(&c);
	return error;
}

static void
random_prepend(struct local *l)
{
	const struct space *s = &l->q->space;
	size_t u;

	if (!s->search->prepend_max || !s->plan->n_upstreams)
		return;
	u = draw_below(l, s->plan->n_upstreams);
	if (s->prependable[u] && search_active(s, l->at, u))
		l->at[s->n_units + u] =
		    (uint8_t)draw_below(l, s->search->prepend_max + 1u);
}

static void
random_swap(struct local *l)
{
	const struct space *s = &l->q->space;
	size_t out, in;

	if (!search_choosing(s))
		return;
	do
		out = s->loose[draw_below(l, s->n_loose)];
	while (!l->at[out]);
	do
		in = s->loose[draw_below(l, s->n_loose)];
	while (l->at[in]);
	l->at[out] = 0;
	l->at[in] = 1;
}

static int
begin_random(struct local *l)
{
	const struct space *s = &l->q->space;

	memset(l->at, 0, s->size);
	memcpy(l->at, s->fixed, s->n_units);
	for (size_t i = 0; i < s->pick; i++)
		l->at[s->loose[i]] = 1;
	for (size_t i = 0; i < 4 * s->n_loose; i++)
		random_swap(l);
	for (size_t i = 0; i < 2 * s->plan->n_upstreams; i++)
		random_prepend(l);
	return arrive(l);
}

static int
begin_near_best(struct local *l)
{
	const struct podium *p = &l->q->podium;

	if (!p->n)
		return begin_random(l);
	memcpy(l->at, p->v[0].choice, l->q->space.size);
	for (size_t i = 0; i < KICKS; i++) {
		random_swap(l);
		for (size_t k = 0; k < l->q->plan->n_upstreams; k++)
			random_prepend(l);
	}
	return arrive(l);
}

static bool
proven(const struct quest *q)
{
	struct bound all;

	return q->podium.n && q->bounds && search_bound_all(q->bounds, &all) &&
	       search_reached(&all, &q->podium.v[0].score);
}

int
search_local(struct quest *q, unsigned restarts)
{
	struct local l = {
	    .q = q,
	    .at = xcalloc(q->space.size + 1, 1),
	    .next = xcalloc(q->space.size + 1, 1),
	    .random = q->search->seed,
	};
	int error = begin_anyhow(&l);

	if (!error)
		error = begin_greedy(&l);
	if (!error)
		error = descend(&l);
	for (unsigned i = 0; i < restarts && !error && !proven(q); i++) {
		error = i % 2 ? begin_random(&l) : begin_near_best(&l);
		if (!error)
			error = descend(&l);
	}
	free(l.at);
	free(l.next);
	return error;
}
