/* SPDX-License-Identifier: ISC */
/*
 * How many ASes are behind each AS: its customers, theirs and so on, each
 * once, and itself. Counted for 512 of them at a time: an AS has those of its
 * customers, and customers have higher ids.
 */
#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

#define WORDS 8
#define BLOCK (WORDS * 64)

struct behind {
	uint64_t v[WORDS];
};

struct cones {
	const struct sim_graph *g; /* borrowed */
	/* Those that have customers; the others are alone. */
	uint32_t *ids;         /* owned; ascending */
	uint32_t *place;       /* owned; by id, in ids; SIM_NONE */
	uint32_t n;            /* of ids */
	uint32_t *at, *next;   /* owned; by place: customers as places */
	struct behind *behind; /* owned; by place */
};

static void
find_places(struct cones *c, uint32_t n)
{
	for (uint32_t id = 0; id < n; id++) {
		c->place[id] = SIM_NONE;
		if (sim_graph_neighbours(c->g, id, SIM_CUSTOMER).n == 0)
			continue;
		c->place[id] = c->n;
		c->ids[c->n++] = id;
	}
}

static void
find_customers(struct cones *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		struct sim_ids ids =
		    sim_graph_neighbours(c->g, c->ids[i], SIM_CUSTOMER);

		c->at[i] = n;
		for (size_t k = 0; k < ids.n; k++)
			if (c->place[ids.v[k]] != SIM_NONE)
				c->next[n++] = c->place[ids.v[k]];
	}
	c->at[c->n] = n;
}

static void
put(struct cones *c, uint32_t place, uint32_t bit)
{
	c->behind[place].v[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* The block's ASes, each at itself and at its providers. */
static void
begin_block(struct cones *c, uint32_t first, uint32_t end)
{
	memset(c->behind, 0, c->n * sizeof(*c->behind));
	for (uint32_t id = first; id < end; id++) {
		struct sim_ids up =
		    sim_graph_neighbours(c->g, id, SIM_PROVIDER);

		if (c->place[id] != SIM_NONE)
			put(c, c->place[id], id - first);
		for (size_t k = 0; k < up.n; k++)
			put(c, c->place[up.v[k]], id - first);
	}
}

static uint32_t
count(const struct behind *b)
{
	uint32_t n = 0;

	for (int i = 0; i < WORDS; i++)
		if (b->v[i])
			n += (uint32_t)__builtin_popcountll(b->v[i]);
	return n;
}

static void
count_block(struct cones *c, uint32_t *cone)
{
	for (uint32_t i = c->n; i-- > 0;) {
		struct behind *b = &c->behind[i];

		for (uint32_t k = c->at[i]; k < c->at[i + 1]; k++)
			for (int w = 0; w < WORDS; w++)
				b->v[w] |= c->behind[c->next[k]].v[w];
		cone[c->ids[i]] += count(b);
	}
}

uint32_t *
tell_cones(const struct sim_graph *g)
{
	uint32_t n = sim_graph_count(g);
	uint32_t *cone = xcalloc(n + 1, sizeof(*cone));
	struct cones c = {.g = g};

	c.ids = xcalloc(n + 1, sizeof(*c.ids));
	c.place = xcalloc(n + 1, sizeof(*c.place));
	find_places(&c, n);
	c.at = xcalloc(c.n + 1, sizeof(*c.at));
	c.next = xcalloc(sim_graph_provider_links(g) + 1, sizeof(*c.next));
	c.behind = xcalloc(c.n + 1, sizeof(*c.behind));
	find_customers(&c);
	for (uint32_t first = 0; first < n; first += BLOCK) {
		uint32_t end = n - first < BLOCK ? n : first + BLOCK;

		begin_block(&c, first, end);
		count_block(&c, cone);
	}
	for (uint32_t id = 0; id < n; id++)
		if (c.place[id] == SIM_NONE)
			cone[id] = 1;
	free(c.ids);
	free(c.place);
	free(c.at);
	free(c.next);
	free(c.behind);
	return cone;
}
