/* SPDX-License-Identifier: ISC */
#include "journal/feed.h"

#include <stdlib.h>

struct feed {
	struct feed_run *v; /* owned; a binary heap */
	size_t n, cap;
};

struct feed *
feed_new(void)
{
	return xcalloc(1, sizeof(struct feed));
}

void
feed_free(struct feed *feed)
{
	if (feed)
		free(feed->v);
	free(feed);
}

void
feed_clear(struct feed *feed)
{
	feed->n = 0;
}

/* By time, then by check: the same order in every replay. */
static bool
before(const struct feed_run *a, const struct feed_run *b)
{
	if (a->next.ns != b->next.ns)
		return a->next.ns < b->next.ns;
	return a->check < b->check;
}

static void
swap(struct feed *feed, size_t a, size_t b)
{
	struct feed_run t = feed->v[a];

	feed->v[a] = feed->v[b];
	feed->v[b] = t;
}

static void
sink(struct feed *feed)
{
	for (size_t i = 0, child = 1; child < feed->n; child = 2 * i + 1) {
		if (child + 1 < feed->n &&
		    before(&feed->v[child + 1], &feed->v[child]))
			child++;
		if (!before(&feed->v[child], &feed->v[i]))
			return;
		swap(feed, i, child);
		i = child;
	}
}

void
feed_add(struct feed *feed, const struct feed_run *run)
{
	if (feed->n == feed->cap) {
		feed->cap = feed->cap ? feed->cap * 2 : 16;
		feed->v = xrealloc(feed->v, feed->cap, sizeof(*feed->v));
	}
	feed->v[feed->n] = *run;
	for (size_t i = feed->n++; i > 0; i = (i - 1) / 2) {
		if (!before(&feed->v[i], &feed->v[(i - 1) / 2]))
			return;
		swap(feed, i, (i - 1) / 2);
	}
}

const struct feed_run *
feed_first(const struct feed *feed)
{
	return feed->n > 0 ? &feed->v[0] : NULL;
}

void
feed_next(struct feed *feed)
{
	struct feed_run *run = &feed->v[0];

	run->left--;
	run->next = mono_add(run->next, run->spacing);
	/* The lease counts from the last: it is exact. */
	if (run->left == 1 && run->rest == 0)
		run->next = run->last;
	if (run->left == 0)
		feed->v[0] = feed->v[--feed->n];
	sink(feed);
}
