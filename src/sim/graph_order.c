/* SPDX-License-Identifier: ISC */
/*
 * Customers are taken away until nobody is left: the height of an AS is one
 * above that of its highest customer, 0 without customers. Ids go by height
 * from the highest down. Who cannot be taken away stands in a loop of
 * providers or above one.
 */
#include <stdlib.h>

#include "base/text.h"
#include "sim/graph_order.h"
#include "sim/notes.h"
#include "sim/numbers.h"

#define LOOP_NAMES 12 /* ASes of a loop that a message names */

struct order {
	uint32_t n;
	uint32_t *at;        /* n + 1: where the providers of a rank begin */
	uint32_t *providers; /* as places in `links` */
	const struct graph_link *links;
	uint32_t *customers; /* those still there */
	uint32_t *height;
};

static struct order
open_order(uint32_t n, const struct graph_link *links, size_t n_links)
{
	struct order o = {
	    .n = n,
	    .at = xcalloc((size_t)n + 2, sizeof(uint32_t)),
	    .providers = xcalloc(n_links, sizeof(uint32_t)),
	    .links = links,
	    .customers = xcalloc(n, sizeof(uint32_t)),
	    .height = xcalloc(n, sizeof(uint32_t)),
	};

	for (size_t i = 0; i < n_links; i++)
		if (!links[i].peers)
			o.at[links[i].b + 2]++;
	for (uint32_t v = 0; v < n; v++)
		o.at[v + 2] += o.at[v + 1];
	for (size_t i = 0; i < n_links; i++) {
		if (links[i].peers)
			continue;
		o.providers[o.at[links[i].b + 1]++] = (uint32_t)i;
		o.customers[links[i].a]++;
	}
	return o;
}

static void
close_order(struct order *o)
{
	free(o->at);
	free(o->providers);
	free(o->customers);
	free(o->height);
}

/* Takes customers away; how many ASes stay. */
static uint32_t
take_away(struct order *o)
{
	uint32_t *queue = xcalloc(o->n, sizeof(*queue)), head = 0, tail = 0;

	for (uint32_t v = 0; v < o->n; v++)
		if (!o->customers[v])
			queue[tail++] = v;
	while (head < tail) {
		uint32_t v = queue[head++];

		for (uint32_t i = o->at[v]; i < o->at[v + 1]; i++) {
			uint32_t up = o->links[o->providers[i]].a;

			if (o->height[up] <= o->height[v])
				o->height[up] = o->height[v] + 1;
			if (--o->customers[up] == 0)
				queue[tail++] = up;
		}
	}
	free(queue);
	return o->n - tail;
}

static uint32_t
providers_of(const struct order *o, uint32_t v)
{
	uint32_t n = o->at[v + 1] - o->at[v];

	return n < o->n ? n : o->n - 1;
}

/* Turns how many there are of each into where each begins. */
static void
begin_each(uint32_t *count, uint32_t n)
{
	for (uint32_t i = 0, sum = 0; i < n; i++) {
		uint32_t here = count[i];

		count[i] = sum;
		sum += here;
	}
}

/* Ranks by the number of their providers. */
static uint32_t *
sort_by_providers(const struct order *o)
{
	uint32_t *sorted = xcalloc(o->n, sizeof(*sorted));
	uint32_t *next = xcalloc(o->n, sizeof(*next));

	for (uint32_t v = 0; v < o->n; v++)
		next[providers_of(o, v)]++;
	begin_each(next, o->n);
	for (uint32_t v = 0; v < o->n; v++)
		sorted[next[providers_of(o, v)]++] = v;
	free(next);
	return sorted;
}

/*
 * Ids by height, then by the number of providers, then by AS number, in whose
 * order the ranks are already. A sweep that pulls from all providers goes
 * round its inner loop equally often for long, which processors foresee.
 */
static uint32_t *
number_down(const struct order *o)
{
	uint32_t *id = xcalloc(o->n, sizeof(*id));
	uint32_t *next = xcalloc(o->n, sizeof(*next));
	uint32_t *sorted = sort_by_providers(o);

	for (uint32_t v = 0; v < o->n; v++)
		next[o->n - 1 - o->height[v]]++;
	begin_each(next, o->n);
	for (uint32_t i = 0; i < o->n; i++)
		id[sorted[i]] = next[o->n - 1 - o->height[sorted[i]]]++;
	free(sorted);
	free(next);
	return id;
}

/*
 * Whoever stays has a customer that stays: a way down from any of them comes
 * back to an AS that it has passed. That one is returned.
 */
static uint32_t
find_loop(const struct order *o)
{
	uint32_t *down = xcalloc(o->n, sizeof(*down)); /* links */
	bool *seen = xcalloc(o->n, sizeof(*seen));
	uint32_t v = 0;

	for (uint32_t c = 0; c < o->n; c++)
		for (uint32_t i = o->at[c]; o->customers[c] && i < o->at[c + 1];
		     i++)
			down[o->links[o->providers[i]].a] = o->providers[i];
	while (!o->customers[v])
		v++;
	for (; !seen[v]; v = o->links[down[v]].b)
		seen[v] = true;
	free(down);
	free(seen);
	return v;
}

/*
 * The shortest loop through `start`, looked for up from it: down[v] becomes
 * the link from v, a provider, to the next AS of a shortest way to `start`.
 */
static void
shorten_loop(const struct order *o, uint32_t start, uint32_t *down)
{
	/* `start` stands in it twice: as the first, and when it is found. */
	uint32_t *queue = xcalloc((size_t)o->n + 1, sizeof(*queue));
	uint32_t head = 0, tail = 0;
	bool *seen = xcalloc(o->n, sizeof(*seen));

	queue[tail++] = start;
	while (!seen[start]) {
		uint32_t v = queue[head++];

		for (uint32_t i = o->at[v]; i < o->at[v + 1]; i++) {
			uint32_t up = o->links[o->providers[i]].a;

			if (seen[up])
				continue;
			seen[up] = true;
			down[up] = o->providers[i];
			queue[tail++] = up;
		}
	}
	free(queue);
	free(seen);
}

static void
tell_loop(struct notes *notes, const struct numbers *numbers,
	  const struct order *o)
{
	uint32_t *down = xcalloc(o->n, sizeof(*down)), start = find_loop(o);
	uint32_t v = start, line = 0, length = 0;
	struct text way = {0};

	shorten_loop(o, start, down);
	do {
		const struct graph_link *l = &o->links[down[v]];

		line = l->line > line ? l->line : line;
		if (length++ < LOOP_NAMES)
			text_addf(&way, "AS %u (line %u) > ", numbers->v[l->a],
				  l->line);
		v = l->b;
	} while (v != start);
	if (length > LOOP_NAMES)
		text_addf(&way, "%u more > ", length - LOOP_NAMES);
	notes_error(notes, line,
		    "providers form a loop: %sAS %u, expected that nobody is "
		    "a provider of its own providers",
		    way.s, numbers->v[start]);
	text_free(&way);
	free(down);
}

uint32_t *
graph_order(struct notes *notes, const struct numbers *numbers,
	    const struct graph_link *links, size_t n)
{
	struct order o = open_order(numbers->n, links, n);
	uint32_t *id = NULL;

	if (take_away(&o) == 0)
		id = number_down(&o);
	else
		tell_loop(notes, numbers, &o);
	close_order(&o);
	return id;
}
