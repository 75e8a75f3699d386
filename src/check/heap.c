/* SPDX-License-Identifier: ISC */
#include "check/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "check/checker.h"

static bool
earlier(const struct check *a, const struct check *b)
{
	return mono_before(check_wake(a), check_wake(b));
}

static void
put(struct heap *h, size_t place, struct check *check)
{
	h->v[place] = check;
	check->place = (uint32_t)place;
}

static void
sift_up(struct heap *h, size_t i)
{
	struct check *check = h->v[i];

	while (i > 0 && earlier(check, h->v[(i - 1) / 2])) {
		put(h, i, h->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(h, i, check);
}

static void
sift_down(struct heap *h, size_t i)
{
	struct check *check = h->v[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && earlier(h->v[child + 1], h->v[child]))
			child++;
		if (!earlier(h->v[child], check))
			break;
		put(h, i, h->v[child]);
		i = child;
	}
	put(h, i, check);
}

void
heap_add(struct heap *h, struct check *check)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->v = xrealloc(h->v, h->cap, sizeof(struct check *));
	}
	put(h, h->n++, check);
	sift_up(h, check->place);
}

void
heap_moved(struct heap *h, struct check *check)
{
	assert(h->v[check->place] == check);
	sift_up(h, check->place);
	sift_down(h, check->place);
}

void
heap_remove(struct heap *h, struct check *check)
{
	size_t i = check->place;

	assert(h->v[i] == check);
	h->n--;
	if (i == h->n)
		return;
	put(h, i, h->v[h->n]);
	heap_moved(h, h->v[i]);
}

struct check *
heap_first(const struct heap *h)
{
	return h->n ? h->v[0] : NULL;
}

void
heap_free(struct heap *h)
{
	free(h->v);
	*h = (struct heap){0};
}
