/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sys/mman.h>

#include "sim/graph.h"

size_t
graph_words(const struct graph_counts *c)
{
	size_t n = c->ases;

	return 3 * n + 3 * (n + 1) + 2 * (size_t)c->provider_links +
	       2 * (size_t)c->peer_links;
}

struct graph_arrays
graph_layout(struct sim_graph *g, uint32_t *words, const struct graph_counts *c)
{
	struct graph_arrays a = {.asn = words};

	a.rank = a.asn + c->ases;
	a.by_rank = a.rank + c->ases;
	a.at[SIM_CUSTOMER] = a.by_rank + c->ases;
	a.at[SIM_PEER] = a.at[SIM_CUSTOMER] + c->ases + 1;
	a.at[SIM_PROVIDER] = a.at[SIM_PEER] + c->ases + 1;
	a.v[SIM_CUSTOMER] = a.at[SIM_PROVIDER] + c->ases + 1;
	a.v[SIM_PEER] = a.v[SIM_CUSTOMER] + c->provider_links;
	a.v[SIM_PROVIDER] = a.v[SIM_PEER] + 2 * (size_t)c->peer_links;
	g->n = c->ases;
	g->asn = a.asn;
	g->rank = a.rank;
	g->by_rank = a.by_rank;
	for (int what = SIM_CUSTOMER; what <= SIM_PROVIDER; what++)
		g->rows[what] = (struct graph_rows){a.at[what], a.v[what]};
	return a;
}

void
sim_graph_free(struct sim_graph *g)
{
	if (!g)
		return;
	if (g->mapped)
		munmap(g->memory, g->octets);
	else
		free(g->memory);
	free(g);
}

uint32_t
sim_graph_count(const struct sim_graph *g)
{
	return g->n;
}

uint32_t
sim_graph_provider_links(const struct sim_graph *g)
{
	return g->rows[SIM_PROVIDER].at[g->n];
}

uint32_t
sim_graph_peer_links(const struct sim_graph *g)
{
	return g->rows[SIM_PEER].at[g->n] / 2;
}

uint32_t
graph_transit(const struct sim_graph *g)
{
	uint32_t id = g->n;

	while (id > 0 && graph_row(g, SIM_CUSTOMER, id - 1).n == 0)
		id--;
	return id;
}

size_t
sim_graph_octets(const struct sim_graph *g)
{
	return sizeof(*g) + g->octets;
}

uint32_t
sim_graph_find(const struct sim_graph *g, uint32_t asn)
{
	uint32_t low = 0, high = g->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (g->asn[g->by_rank[mid]] < asn)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == g->n || g->asn[g->by_rank[low]] != asn)
		return SIM_NONE;
	return g->by_rank[low];
}

uint32_t
sim_graph_asn(const struct sim_graph *g, uint32_t id)
{
	return g->asn[id];
}

struct sim_ids
sim_graph_neighbours(const struct sim_graph *g, uint32_t id,
		     enum sim_relation what)
{
	return graph_row(g, what, id);
}

static bool
in_row(const struct sim_graph *g, struct sim_ids row, uint32_t id)
{
	size_t low = 0, high = row.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g->rank[row.v[mid]] < g->rank[id])
			low = mid + 1;
		else
			high = mid;
	}
	return low < row.n && row.v[low] == id;
}

enum sim_relation
sim_graph_relation(const struct sim_graph *g, uint32_t id, uint32_t neighbour)
{
	for (enum sim_relation r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++)
		if (in_row(g, graph_row(g, r, id), neighbour))
			return r;
	return SIM_ORIGIN;
}

struct sim_set
sim_set_new(const struct sim_graph *g)
{
	size_t words = ((size_t)g->n + 63) / 64;

	return (struct sim_set){xcalloc(words, sizeof(uint64_t)), g->n};
}

void
sim_set_free(struct sim_set *s)
{
	free(s->v);
	*s = (struct sim_set){0};
}
