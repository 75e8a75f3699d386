/* SPDX-License-Identifier: ISC */
/* The rules of sim/graph.h, looked at one by one. */
#ifndef BASIN_TESTS_FUZZ_GRAPH_RULES_H
#define BASIN_TESTS_FUZZ_GRAPH_RULES_H

#include <assert.h>

#include "sim/graph.h"

static inline void
graph_rules_of_row(const struct sim_graph *g, uint32_t id, enum sim_relation r)
{
	struct sim_ids row = graph_row(g, r, id);

	for (size_t i = 0; i < row.n; i++) {
		assert(row.v[i] < g->n && row.v[i] != id);
		assert(r != SIM_PROVIDER || row.v[i] < id);
		assert(i == 0 || g->asn[row.v[i - 1]] < g->asn[row.v[i]]);
		assert(sim_graph_relation(g, id, row.v[i]) == r);
		assert(sim_graph_relation(g, row.v[i], id) ==
		       SIM_CUSTOMER + SIM_PROVIDER - r);
	}
}

static inline void
graph_rules_hold(const struct sim_graph *g)
{
	assert(g->n >= 2 && g->n <= GRAPH_MAX);
	for (uint32_t id = 0; id < g->n; id++) {
		assert(g->asn[id] != 0 && g->rank[id] < g->n);
		assert(g->by_rank[g->rank[id]] == id);
		assert(sim_graph_find(g, g->asn[id]) == id);
		for (enum sim_relation r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++)
			graph_rules_of_row(g, id, r);
	}
	assert(sim_graph_provider_links(g) == g->rows[SIM_CUSTOMER].at[g->n]);
	assert(g->rows[SIM_PEER].at[g->n] % 2 == 0);
}

#endif
