/* SPDX-License-Identifier: ISC */
/* Plans as lists: sites, upstreams, prefixes and how these lie in another. */
#include "scenario/plan.h"

#include <stdlib.h>
#include <string.h>

struct scenario_plan *
plan_new(const char *name)
{
	struct scenario_plan *p = xcalloc(1, sizeof(*p));

	p->name = arena_strdup(&p->arena, name);
	return p;
}

void
scenario_plan_free(struct scenario_plan *p)
{
	if (!p)
		return;
	arena_free(&p->arena);
	scenario_free(p->other);
	free(p);
}

static void *
copy(struct scenario_plan *p, const void *from, size_t n, size_t size)
{
	void *to = arena_alloc(&p->arena, n * size);

	if (n > 0)
		memcpy(to, from, n * size);
	return to;
}

/* Room grows in powers of two, so that adding one by one stays cheap. */
static void *
grow(struct scenario_plan *p, void *list, size_t n, size_t size)
{
	void *more;

	if (n > 0 && (n & (n - 1)) != 0)
		return list;
	more = arena_alloc(&p->arena, (n > 0 ? 2 * n : 1) * size);
	if (n > 0)
		memcpy(more, list, n * size);
	return more;
}

struct scenario_site *
plan_add_site(struct scenario_plan *p)
{
	p->sites = grow(p, p->sites, p->n_sites, sizeof(*p->sites));
	return &p->sites[p->n_sites++];
}

struct scenario_upstream *
plan_add_upstream(struct scenario_plan *p)
{
	p->upstreams =
	    grow(p, p->upstreams, p->n_upstreams, sizeof(*p->upstreams));
	return &p->upstreams[p->n_upstreams++];
}

struct scenario_prefix *
plan_add_prefix(struct scenario_plan *p, const struct prefix *prefix)
{
	struct scenario_prefix *new;

	p->prefixes = grow(p, p->prefixes, p->n_prefixes, sizeof(*new));
	new = &p->prefixes[p->n_prefixes++];
	new->prefix = *prefix;
	prefix_format(prefix, new->text, sizeof(new->text));
	return new;
}

/* Lists whose length is no power of two must not be grown in place. */
static size_t
room(size_t n)
{
	size_t r = 1;

	while (r < n)
		r *= 2;
	return r;
}

static void *
copy_list(struct scenario_plan *p, const void *from, size_t n, size_t size)
{
	void *to = arena_alloc(&p->arena, room(n) * size);

	if (n > 0)
		memcpy(to, from, n * size);
	return to;
}

struct scenario_plan *
plan_copy(const struct scenario_plan *from, const char *name)
{
	struct scenario_plan *p = plan_new(name);

	p->n_sites = from->n_sites;
	p->sites = copy_list(p, from->sites, from->n_sites, sizeof(*p->sites));
	p->n_upstreams = from->n_upstreams;
	p->upstreams = copy_list(p, from->upstreams, from->n_upstreams,
				 sizeof(*p->upstreams));
	for (size_t i = 0; i < p->n_upstreams; i++)
		p->upstreams[i].exports =
		    copy(p, p->upstreams[i].exports, p->upstreams[i].n_exports,
			 sizeof(*p->upstreams[i].exports));
	p->n_prefixes = from->n_prefixes;
	p->prefixes = copy_list(p, from->prefixes, from->n_prefixes,
				sizeof(*p->prefixes));
	for (size_t i = 0; i < p->n_prefixes; i++)
		p->prefixes[i].at = copy(p, p->prefixes[i].at, p->n_sites,
					 sizeof(*p->prefixes[i].at));
	return p;
}

bool
plan_covers(const struct prefix *a, const struct prefix *b)
{
	return a->len <= b->len && prefix_contains(a, &b->addr);
}

size_t
plan_depth(const struct scenario_plan *p)
{
	size_t most = 1;

	for (size_t i = 0; i < p->n_prefixes; i++) {
		size_t n = 1;

		for (uint32_t k = p->prefixes[i].covered_by; k != SIM_NONE;
		     k = p->prefixes[k].covered_by)
			n++;
		most = n > most ? n : most;
	}
	return most;
}

/* ---- order ---- */

/* IPv4 before IPv6, longer before shorter, then by address. */
static int
by_length(const void *a, const void *b)
{
	const struct scenario_prefix *x = a, *y = b;

	if (x->prefix.addr.family != y->prefix.addr.family)
		return x->prefix.addr.family < y->prefix.addr.family ? -1 : 1;
	if (x->prefix.len != y->prefix.len)
		return x->prefix.len > y->prefix.len ? -1 : 1;
	return prefix_cmp(&x->prefix, &y->prefix);
}

static int
by_address(const void *a, const void *b, void *base)
{
	const struct scenario_prefix *prefixes = base;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return prefix_cmp(&prefixes[x].prefix, &prefixes[y].prefix);
}

/* By address, what covers stands before what is covered: a stack will do. */
void
plan_order(struct scenario_plan *p)
{
	size_t n = p->n_prefixes, depth = 0;
	uint32_t *index = xcalloc(n + 1, sizeof(*index));
	uint32_t *stack = xcalloc(n + 1, sizeof(*stack));

	if (n > 0)
		qsort(p->prefixes, n, sizeof(*p->prefixes), by_length);
	for (size_t i = 0; i < n; i++)
		index[i] = (uint32_t)i;
	qsort_r(index, n, sizeof(*index), by_address, p->prefixes);
	for (size_t i = 0; i < n; i++) {
		struct scenario_prefix *q = &p->prefixes[index[i]];

		while (depth > 0 &&
		       !plan_covers(&p->prefixes[stack[depth - 1]].prefix,
				    &q->prefix))
			depth--;
		q->covered_by = depth > 0 ? stack[depth - 1] : SIM_NONE;
		stack[depth++] = index[i];
	}
	free(index);
	free(stack);
}
