/* SPDX-License-Identifier: ISC */
/*
 * How the graph lies in memory: compressed sparse rows, one for each kind of
 * neighbour. The arrays stand either in one allocation or in a mapped file.
 *
 * Invariants, kept by graph_build.c and looked at by map_check.c:
 * provider[..] of an id are lower than the id; customer[..] higher; neighbours
 * stand in ascending order of their AS number, each once over all three rows;
 * by_rank[rank[id]] == id and asn[by_rank[r]] ascends with r.
 */
#ifndef BASIN_SIM_GRAPH_H
#define BASIN_SIM_GRAPH_H

#include "sim/sim.h"

/* Ranks take 18 bits of a key (engine.h). */
#define GRAPH_MAX ((UINT32_C(1) << 18) - 1)
/* Of each kind: ten times those known today. */
#define GRAPH_LINKS_MAX (UINT32_C(1) << 23)

struct graph_rows {
	const uint32_t *at; /* n + 1: where the neighbours of an id begin */
	const uint32_t *v;
};

struct sim_graph {
	uint32_t n;
	const uint32_t *asn;     /* by id */
	const uint32_t *rank;    /* by id: its place among all AS numbers */
	const uint32_t *by_rank; /* id of a rank */
	/* By what the neighbour is, from CUSTOMER on. */
	struct graph_rows rows[SIM_PROVIDER + 1];
	void *memory; /* owned: allocation or mapping of `octets` */
	size_t octets;
	bool mapped;
};

static inline struct sim_ids
graph_row(const struct sim_graph *g, enum sim_relation what, uint32_t id)
{
	const struct graph_rows *r = &g->rows[what];

	return (struct sim_ids){r->v + r->at[id], r->at[id + 1] - r->at[id]};
}

/* The ASes with customers are below; above are those without any. */
uint32_t graph_transit(const struct sim_graph *g);

/* How large the arrays are. */
struct graph_counts {
	uint32_t ases, provider_links, peer_links;
};

/* The arrays while they are filled. */
struct graph_arrays {
	uint32_t *asn, *rank, *by_rank;
	uint32_t *at[SIM_PROVIDER + 1], *v[SIM_PROVIDER + 1];
};

/* 32-bit words of all arrays together. */
size_t graph_words(const struct graph_counts *c);
/* Points g at its arrays in `words`, graph_words() of them. */
struct graph_arrays graph_layout(struct sim_graph *g, uint32_t *words,
				 const struct graph_counts *c);

/* A line of a relationship file, before ids exist. */
struct graph_link {
	uint32_t a, b; /* AS numbers */
	bool peers;    /* else `a` is provider of `b` */
	uint32_t line; /* in the file, for messages */
};

/*
 * Makes a graph of links. Messages as sim_graph_load(): contradictions, loops
 * of providers with the lines that make them, too many ASes. `links` are used
 * up: sorted, and other numbers stand in them. `path` names the file.
 */
int graph_build(const char *path, struct graph_link *links, size_t n,
		struct sim_graph **out, struct text *messages)
    __attribute__((warn_unused_result));

struct notes;
/*
 * The same for who has more to say: with errors in `notes`, before or after,
 * there is no graph and the return is NULL.
 */
struct sim_graph *graph_build_noted(struct notes *notes,
				    struct graph_link *links, size_t n);

#endif
