/* SPDX-License-Identifier: ISC */
/*
 * Deadlines in an intrusive binary heap: arming allocates nothing, and a
 * timer knows its place, so moving or removing it takes O(log n).
 *
 * Invariants: heap[place] == timer for every armed timer; no timer is due
 * after one of its children.
 */
#include <assert.h>

#include "avail/state.h"

static bool
due_before(const struct timer *a, const struct timer *b)
{
	if (a->at.ns != b->at.ns)
		return a->at.ns < b->at.ns;
	return a->kind < b->kind;
}

/* Places count from 1, so that a zeroed timer is not armed. */
static void
put(struct heap *h, struct timer *t, size_t place)
{
	h->timers[place - 1] = t;
	t->place = place;
}

static void
sift_up(struct heap *h, struct timer *t)
{
	size_t place = t->place;

	while (place > 1) {
		struct timer *parent = h->timers[place / 2 - 1];

		if (!due_before(t, parent))
			break;
		put(h, parent, place);
		place /= 2;
	}
	put(h, t, place);
}

static void
sift_down(struct heap *h, struct timer *t)
{
	size_t place = t->place;

	while (place * 2 <= h->n) {
		size_t child = place * 2;

		if (child < h->n &&
		    due_before(h->timers[child], h->timers[child - 1]))
			child++;
		if (!due_before(h->timers[child - 1], t))
			break;
		put(h, h->timers[child - 1], place);
		place = child;
	}
	put(h, t, place);
}

void
avail_timer_disarm(struct heap *h, struct timer *t)
{
	struct timer *last;

	if (t->place == 0)
		return;
	last = h->timers[h->n - 1];
	h->n--;
	if (last != t) {
		put(h, last, t->place);
		sift_up(h, last);
		sift_down(h, last);
	}
	t->place = 0;
}

/* MONO_NEVER disarms. */
void
avail_timer_arm(struct heap *h, struct timer *t, struct mono at)
{
	if (mono_is_never(at)) {
		avail_timer_disarm(h, t);
		return;
	}
	if (t->place != 0 && t->at.ns == at.ns)
		return;
	t->at = at;
	if (t->place == 0) {
		assert(h->n < h->cap);
		put(h, t, ++h->n);
	}
	sift_up(h, t);
	sift_down(h, t);
}

struct timer *
avail_timer_first(const struct heap *h)
{
	return h->n > 0 ? h->timers[0] : NULL;
}
