/* SPDX-License-Identifier: ISC */
#include "sim/origins.h"

#include <stdlib.h>

static int
by_prefix(const void *a, const void *b)
{
	const struct sim_origin *x = a, *y = b;
	int order = prefix_cmp(&x->prefix, &y->prefix);

	if (order)
		return order;
	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static bool
covers(const struct prefix *p, const struct prefix *q)
{
	return p->len <= q->len && prefix_contains(p, &q->addr);
}

/* From group `at` up to the first that covers `p`. */
static size_t
climb(const struct origins *o, size_t at, const struct prefix *p)
{
	while (at != ORIGINS_NONE && !covers(&o->groups[at].prefix, p))
		at = o->groups[at].cover;
	return at;
}

static void
add_group(struct origins *o, const struct sim_origin *from, size_t first)
{
	size_t before = o->n ? o->n - 1 : ORIGINS_NONE;
	struct origins_group *g = &o->groups[o->n];

	*g = (struct origins_group){.prefix = from->prefix,
				    .first = first,
				    .cover = climb(o, before, &from->prefix),
				    .line = from->line};
	o->n++;
	o->v4 |= from->prefix.addr.family == AF_INET;
}

/* Appends one line of the sorted list; `n_asn` origins stand already. */
static size_t
add_origin(struct origins *o, const struct sim_origin *from, size_t n_asn)
{
	struct origins_group *last;

	if (!o->n || !prefix_equal(&o->groups[o->n - 1].prefix, &from->prefix))
		add_group(o, from, n_asn);
	last = &o->groups[o->n - 1];
	if (from->line < last->line)
		last->line = from->line;
	if (last->n && o->asn[n_asn - 1] == from->asn)
		return n_asn;
	o->asn[n_asn] = from->asn;
	last->n++;
	return n_asn + 1;
}

struct origins
origins_new(const struct sim_origin *v, size_t n)
{
	struct sim_origin *sorted = xcalloc(n + 1, sizeof(*sorted));
	struct origins o = {.groups = xcalloc(n + 1, sizeof(*o.groups)),
			    .asn = xcalloc(n + 1, sizeof(*o.asn))};
	size_t n_asn = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = v[i];
	qsort(sorted, n, sizeof(*sorted), by_prefix);
	for (size_t i = 0; i < n; i++)
		n_asn = add_origin(&o, &sorted[i], n_asn);
	free(sorted);
	return o;
}

void
origins_free(struct origins *o)
{
	free(o->groups);
	free(o->asn);
	*o = (struct origins){0};
}

const struct origins_group *
origins_find(const struct origins *o, const struct prefix *p)
{
	size_t low = 0, high = o->n, at;

	/* The last group that is not after `p`. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (prefix_cmp(&o->groups[mid].prefix, p) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	at = climb(o, low ? low - 1 : ORIGINS_NONE, p);
	return at == ORIGINS_NONE ? NULL : &o->groups[at];
}
