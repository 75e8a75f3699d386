/* SPDX-License-Identifier: ISC */
/*
 * Longest-prefix forwarding. A neighbour that offered a prefix has it, so the
 * prefix a packet follows only ever gets longer on its way, and within one
 * prefix the ways are a tree: every walk ends.
 */
#include <stdlib.h>

#include "sim/sim.h"

struct walk {
	const struct sim_graph *g;
	const struct sim_result *chain;
	size_t n;
	struct sim_hop *out;
	uint8_t *known;  /* by id: `out` is set */
	uint32_t *trail; /* ids on the way */
};

static uint16_t
longest(const struct walk *w, uint32_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->chain[i].announcement[id] != SIM_UNREACHED)
			return (uint16_t)i;
	return SIM_UNREACHED;
}

/* Where a packet at `id` goes next; SIM_NONE: it ends here, as *end says. */
static uint32_t
step(const struct walk *w, uint32_t id, struct sim_hop *end)
{
	uint16_t prefix = longest(w, id);
	struct sim_route route;

	*end = (struct sim_hop){prefix, SIM_UNREACHED, 0};
	if (prefix == SIM_UNREACHED)
		return SIM_NONE;
	route = sim_route(w->g, &w->chain[prefix], id);
	end->announcement = route.announcement;
	return route.next;
}

static void
walk_from(struct walk *w, uint32_t id)
{
	struct sim_hop end = {0};
	size_t n = 0;

	while (id != SIM_NONE && !w->known[id]) {
		w->trail[n++] = id;
		id = step(w, id, &end);
	}
	if (id != SIM_NONE)
		end = w->out[id];
	while (n > 0) {
		id = w->trail[--n];
		end.ases += end.ases < UINT8_MAX;
		w->out[id] = end;
		w->known[id] = 1;
	}
}

void
sim_forward(const struct sim_graph *g, const struct sim_result *chain, size_t n,
	    struct sim_hop *out)
{
	uint32_t count = sim_graph_count(g);
	struct walk w = {g,
			 chain,
			 n,
			 out,
			 xcalloc(count + 1, 1),
			 xcalloc(count + 1, sizeof(uint32_t))};

	for (uint32_t id = 0; id < count; id++)
		walk_from(&w, id);
	free(w.known);
	free(w.trail);
}
