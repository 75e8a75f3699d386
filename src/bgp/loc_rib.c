/* SPDX-License-Identifier: ISC */
#include "bgp/loc_rib.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SIZE_MIN 64

/* ---- the table ---- */

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static size_t
place_of(const struct loc_rib *rib, const struct prefix *p)
{
	uint64_t words[2], h = 0;

	memcpy(words, p->addr.bytes, sizeof(words));
	h = mix(h, words[0]);
	h = mix(h, words[1]);
	h = mix(h, (uint64_t)p->addr.family << 8 | p->len);
	return (size_t)h & (rib->size - 1);
}

/* Where the prefix stands, or the free place where it would. */
static size_t
seek(const struct loc_rib *rib, const struct prefix *p)
{
	size_t at = place_of(rib, p);

	while (rib->heads[at] && !prefix_equal(rib->heads[at]->prefix, p))
		at = (at + 1) & (rib->size - 1);
	return at;
}

static void
resize(struct loc_rib *rib, size_t size)
{
	struct loc_path **old = rib->heads;
	size_t n = rib->size;

	rib->heads = xcalloc(size, sizeof(*rib->heads));
	rib->size = size;
	for (size_t i = 0; i < n; i++)
		if (old[i])
			rib->heads[seek(rib, old[i]->prefix)] = old[i];
	free(old);
}

/* At most two thirds are full; it shrinks when an eighth is. */
static void
make_room(struct loc_rib *rib)
{
	if (rib->size == 0)
		resize(rib, SIZE_MIN);
	else if (rib->n * 3 >= rib->size * 2)
		resize(rib, rib->size * 2);
	else if (rib->size > SIZE_MIN && rib->n * 8 < rib->size)
		resize(rib, rib->size / 2);
}

/* Those behind it that were pushed on by it move back. */
static void
close_gap(struct loc_rib *rib, size_t gap)
{
	size_t mask = rib->size - 1;

	rib->heads[gap] = NULL;
	for (size_t at = (gap + 1) & mask; rib->heads[at];
	     at = (at + 1) & mask) {
		size_t home = place_of(rib, rib->heads[at]->prefix);

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		rib->heads[gap] = rib->heads[at];
		rib->heads[at] = NULL;
		gap = at;
	}
}

/* ---- the decision ---- */

/* The used paths, to see whether they change. */
struct used {
	const struct loc_path *v[LOC_RIB_WIDTH];
	size_t n;
};

static struct used
used_of(const struct loc_path *first)
{
	struct used u = {.n = 0};

	for (; first && loc_path_used(first); first = first->next)
		u.v[u.n++] = first;
	return u;
}

static bool
same_used(const struct used *a, const struct used *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0);
}

/* Which step removes `p` from consideration; CHOSEN: none so far. */
static enum best_step
removed_by(const struct loc_path *first, const struct loc_path *p)
{
	enum best_step step;

	if (!best_usable(p->key))
		return BEST_REACHABLE;
	for (const struct loc_path *q = first; q; q = q->next)
		if (best_compare_before(q->key, p->key, &step) < 0)
			return step;
	/* All that are left before step c) are equal to `p` in a) and b). */
	for (const struct loc_path *q = first; q; q = q->next)
		if (best_compare_before(q->key, p->key, &step) == 0 &&
		    best_med_loses(p->key, q->key))
			return BEST_MED;
	return BEST_CHOSEN;
}

/* Of those that are left: d) and e), then f) and g). */
static int
compare_left(const struct loc_path *a, const struct loc_path *b,
	     enum best_step *step)
{
	int o = best_compare_equal(a->key, b->key, step);

	return o ? o : best_compare_last(a->key, b->key, step);
}

/* Puts `p` where it belongs among the used ones at the head of the list. */
static void
insert_sorted(struct loc_path **list, struct loc_path *p)
{
	enum best_step step;

	while (*list && (*list)->step == BEST_CHOSEN &&
	       compare_left(*list, p, &step) <= 0)
		list = &(*list)->next;
	p->next = *list;
	*list = p;
}

/* The first stays CHOSEN; others are EQUAL while there is room, or lose. */
static void
rank(struct loc_path *first, unsigned width)
{
	unsigned used = 1;

	for (struct loc_path *p = first->next; p && p->step == BEST_CHOSEN;
	     p = p->next) {
		enum best_step step;

		if (best_compare_equal(first->key, p->key, &step) == 0) {
			best_compare_last(first->key, p->key, &step);
			if (used < width)
				step = BEST_EQUAL;
			used++;
		}
		p->step = step;
	}
}

/* Decides anew; the list with the used ones first. */
static struct loc_path *
decide(struct loc_path *all, unsigned width)
{
	struct loc_path *left = NULL, *rest = NULL, *next, **end;

	for (struct loc_path *p = all; p; p = p->next)
		p->step = removed_by(all, p);
	for (struct loc_path *p = all; p; p = next) {
		next = p->next;
		if (p->step == BEST_CHOSEN) {
			insert_sorted(&left, p);
			continue;
		}
		p->next = rest;
		rest = p;
	}
	if (left)
		rank(left, width);
	for (end = &left; *end; end = &(*end)->next)
		;
	*end = rest;
	return left;
}

/* `touched`: told of when it is used, even if the used ones stay. */
static void
redecide(struct loc_rib *rib, size_t at, const struct used *before,
	 const struct loc_path *touched, bool all)
{
	struct used after;

	rib->heads[at] = decide(rib->heads[at], rib->width);
	after = used_of(rib->heads[at]);
	if (same_used(before, &after) && !(all && after.n) &&
	    !(touched && loc_path_used(touched)))
		return;
	rib->changed(rib->arg, rib->heads[at]->prefix, rib->heads[at]);
}

/* ---- paths come and go ---- */

void
loc_rib_add(struct loc_rib *rib, struct loc_path *path)
{
	struct used before;
	size_t at;

	make_room(rib);
	at = seek(rib, path->prefix);
	rib->n += !rib->heads[at];
	before = used_of(rib->heads[at]);
	path->next = rib->heads[at];
	rib->heads[at] = path;
	redecide(rib, at, &before, NULL, false);
}

static void
take_out(struct loc_path **list, const struct loc_path *path)
{
	while (*list != path) {
		assert(*list);
		list = &(*list)->next;
	}
	*list = path->next;
}

void
loc_rib_remove(struct loc_rib *rib, struct loc_path *path)
{
	size_t at = seek(rib, path->prefix);
	struct used before = used_of(rib->heads[at]);

	take_out(&rib->heads[at], path);
	if (rib->heads[at]) {
		redecide(rib, at, &before, NULL, false);
		return;
	}
	close_gap(rib, at);
	rib->n--;
	if (before.n)
		rib->changed(rib->arg, path->prefix, NULL);
	make_room(rib);
}

void
loc_rib_update(struct loc_rib *rib, struct loc_path *path)
{
	size_t at = seek(rib, path->prefix);
	struct used before = used_of(rib->heads[at]);

	redecide(rib, at, &before, path, false);
}

void
loc_rib_rerun(struct loc_rib *rib, bool all)
{
	for (size_t i = 0; i < rib->size; i++) {
		struct used before = used_of(rib->heads[i]);

		if (rib->heads[i])
			redecide(rib, i, &before, NULL, all);
	}
}

/* ---- reading ---- */

const struct loc_path *
loc_rib_find(const struct loc_rib *rib, const struct prefix *prefix)
{
	return rib->size ? rib->heads[seek(rib, prefix)] : NULL;
}

void
loc_rib_each(const struct loc_rib *rib, loc_rib_fn *each, void *arg)
{
	for (size_t i = 0; i < rib->size; i++)
		if (rib->heads[i])
			each(arg, rib->heads[i]);
}

void
loc_rib_free(struct loc_rib *rib)
{
	free(rib->heads);
	rib->heads = NULL;
	rib->n = rib->size = 0;
}
