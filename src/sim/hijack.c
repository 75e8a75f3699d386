/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

/* The announcement that makes the culprit an origin. */
static void
add_origin(const struct sim_hijack *h, struct sim_hijacked *out)
{
	struct sim_announcement *a = &out->v[out->n++];

	*a = (struct sim_announcement){
	    .at = h->culprit,
	    .from = SIM_ORIGIN,
	    .site = h->site,
	    .invalid = h->invalid && h->kind != SIM_HIJACK_FORGED_ORIGIN,
	};
	if (h->kind != SIM_HIJACK_FORGED_ORIGIN)
		return;
	out->tail = xcalloc(1, sizeof(*out->tail));
	out->tail[0] = h->origin;
	a->tail = out->tail;
	a->n_tail = 1;
}

static void
leak_to(const struct sim_graph *g, const struct sim_hijack *h,
	const struct sim_announcement *leaked, size_t n_tail,
	enum sim_relation what, struct sim_hijacked *out)
{
	struct sim_ids to = sim_graph_neighbours(g, h->culprit, what);

	for (size_t i = 0; i < to.n; i++)
		out->v[out->n++] = (struct sim_announcement){
		    .at = to.v[i],
		    /* Seen from there. */
		    .from = what == SIM_PROVIDER ? SIM_CUSTOMER : SIM_PEER,
		    .site = h->site,
		    .tail = out->tail,
		    .n_tail = n_tail,
		    .invalid = leaked->invalid,
		    .nopeer = leaked->nopeer,
		};
}

static void
add_leaks(const struct sim_graph *g, const struct sim_hijack *h,
	  const struct sim_result *base, struct sim_hijacked *out)
{
	struct sim_route route = sim_route(g, base, h->culprit);
	size_t n_tail;

	if (route.announcement == SIM_UNREACHED ||
	    route.relation <= SIM_CUSTOMER)
		return;
	out->tail = xcalloc(SIM_PATH_MAX + 1, sizeof(*out->tail));
	n_tail = sim_path(g, base, out->v, h->culprit, out->tail);
	if (n_tail >= SIM_PATH_MAX)
		return; /* nobody takes it */
	leak_to(g, h, &out->v[route.announcement], n_tail, SIM_PROVIDER, out);
	leak_to(g, h, &out->v[route.announcement], n_tail, SIM_PEER, out);
}

static size_t
most_announcements(const struct sim_graph *g, const struct sim_hijack *h)
{
	if (h->kind != SIM_HIJACK_LEAK)
		return 1;
	return sim_graph_neighbours(g, h->culprit, SIM_PROVIDER).n +
	       sim_graph_neighbours(g, h->culprit, SIM_PEER).n;
}

void
sim_hijack_new(const struct sim_graph *g, const struct sim_hijack *h,
	       const struct sim_announcement *victim, size_t n,
	       const struct sim_result *base, struct sim_hijacked *out)
{
	sim_hijacked_free(out);
	if (h->kind == SIM_HIJACK_SUB_PREFIX)
		n = 0;
	out->first = out->n = n;
	out->v = xcalloc(n + most_announcements(g, h) + 1, sizeof(*out->v));
	if (n > 0)
		memcpy(out->v, victim, n * sizeof(*out->v));
	if (h->kind == SIM_HIJACK_LEAK)
		add_leaks(g, h, base, out);
	else
		add_origin(h, out);
}

void
sim_hijacked_free(struct sim_hijacked *h)
{
	free(h->v);
	free(h->tail);
	*h = (struct sim_hijacked){0};
}

/* Whether packets of an AS get to the culprit; SUB_PREFIX: by `base`. */
static bool
is_caught(const struct sim_graph *g, const struct sim_hijack *h,
	  const struct sim_hijacked *hijacked, const struct sim_result *base,
	  const struct sim_result *r, uint32_t id)
{
	if (h->kind != SIM_HIJACK_SUB_PREFIX)
		return r->announcement[id] != SIM_UNREACHED &&
		       r->announcement[id] >= hijacked->first;
	while (id != SIM_NONE && r->announcement[id] == SIM_UNREACHED) {
		if (base->announcement[id] == SIM_UNREACHED)
			return false;
		id = sim_route(g, base, id).next;
	}
	return id != SIM_NONE;
}

struct sim_reach
sim_hijack_reach(const struct sim_graph *g, const struct sim_hijack *h,
		 const struct sim_hijacked *hijacked,
		 const struct sim_result *base, const struct sim_result *r,
		 const struct sim_weights *weights, struct sim_set *caught)
{
	struct sim_reach reach = {0};

	if (caught)
		memset(caught->v, 0, (caught->n + 63) / 64 * sizeof(uint64_t));
	for (uint32_t id = 0; id < r->n; id++) {
		if (id == h->culprit || !is_caught(g, h, hijacked, base, r, id))
			continue;
		reach.ases++;
		reach.weight += weights ? weights->v[id] : 0;
		if (caught)
			sim_set_add(caught, id);
	}
	return reach;
}
