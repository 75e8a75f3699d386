/* SPDX-License-Identifier: ISC */
#include "random_case.h"

#include <stdio.h>
#include <stdlib.h>

static void
add_validating(const struct random_case *c, const struct sim_graph *g,
	       struct sim_set *rov)
{
	*rov = sim_set_new(g);
	for (size_t i = 0; i < c->n_rov; i++) {
		uint32_t id = sim_graph_find(g, c->rov[i]);

		if (id != SIM_NONE)
			sim_set_add(rov, id);
	}
}

void
random_case_open(const struct random_case *c, struct sim_graph **g,
		 struct sim_set *rov)
{
	struct text lines = {0}, messages = {0};

	random_case_graph(c, &lines);
	if (sim_graph_parse("case", text_str(&lines), lines.len, g,
			    &messages) != 0) {
		fprintf(stderr, "%s%s", text_str(&messages), text_str(&lines));
		abort();
	}
	text_free(&lines);
	text_free(&messages);
	add_validating(c, *g, rov);
}

static int
by_neighbour(const void *a, const void *b)
{
	const struct sim_export *x = a, *y = b;

	return x->neighbour < y->neighbour ? -1 : x->neighbour > y->neighbour;
}

struct sim_announcement
random_case_announcement(const struct sim_graph *g,
			 const struct reference_announcement *a,
			 struct sim_export *exports)
{
	for (size_t k = 0; k < a->n_exports; k++)
		exports[k] = (struct sim_export){
		    .neighbour = sim_graph_find(g, a->exports[k].neighbour),
		    .prepend = (uint8_t)a->exports[k].prepend,
		    .deny = a->exports[k].deny,
		};
	qsort(exports, a->n_exports, sizeof(*exports), by_neighbour);
	return (struct sim_announcement){
	    .at = sim_graph_find(g, a->at),
	    .from = a->from,
	    .site = a->site,
	    .tail = a->tail,
	    .n_tail = a->n_tail,
	    .down = a->down,
	    .invalid = a->invalid,
	    .no_export = a->no_export,
	    .nopeer = a->nopeer,
	    .only = a->only,
	    .exports = exports,
	    .n_exports = a->n_exports,
	};
}
