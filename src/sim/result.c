/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/route.h"

struct sim_result
sim_result_new(const struct sim_graph *g)
{
	struct sim_result r = {
	    .n = g->n,
	    .key = malloc(g->n * sizeof(*r.key)),
	    .announcement = malloc(g->n * sizeof(*r.announcement)),
	};

	if (!r.key || !r.announcement)
		abort();
	memset(r.key, 0xff, g->n * sizeof(*r.key));
	memset(r.announcement, 0xff, g->n * sizeof(*r.announcement));
	return r;
}

void
sim_result_free(struct sim_result *r)
{
	free(r->key);
	free(r->announcement);
	*r = (struct sim_result){0};
}

void
sim_result_copy(struct sim_result *to, const struct sim_result *from)
{
	memcpy(to->key, from->key, from->n * sizeof(*from->key));
	memcpy(to->announcement, from->announcement,
	       from->n * sizeof(*from->announcement));
}

struct sim_route
sim_route(const struct sim_graph *g, const struct sim_result *r, uint32_t id)
{
	uint32_t key = r->key[id];
	enum sim_relation relation = key_relation(key);
	struct sim_route route = {
	    .announcement = r->announcement[id],
	    .relation = relation,
	    .length = (uint8_t)key_length(key),
	    .next = SIM_NONE,
	};
	uint32_t next;

	if (key == KEY_NONE || relation == SIM_ORIGIN)
		return route;
	/* An announcer may be an AS of the graph: it takes no such route. */
	next = key_neighbour_id(g, key);
	if (next != SIM_NONE && r->announcement[next] == route.announcement)
		route.next = next;
	return route;
}

static size_t
add_times(uint32_t *path, size_t n, uint32_t asn, size_t times)
{
	while (times-- > 0 && n <= SIM_PATH_MAX)
		path[n++] = asn;
	return n;
}

size_t
sim_path(const struct sim_graph *g, const struct sim_result *r,
	 const struct sim_announcement *announcements, uint32_t id,
	 uint32_t *path)
{
	struct sim_route at = sim_route(g, r, id);
	const struct sim_announcement *a;
	size_t n;

	if (at.announcement == SIM_UNREACHED)
		return 0;
	a = &announcements[at.announcement];
	n = add_times(path, 0, g->asn[id], 1);
	while (at.next != SIM_NONE) {
		struct sim_route next = sim_route(g, r, at.next);

		/* More than one: it prepended. */
		n = add_times(path, n, g->asn[at.next],
			      (size_t)(at.length - next.length));
		at = next;
	}
	for (size_t i = 0; i < a->n_tail; i++)
		n = add_times(path, n, a->tail[i], 1);
	return n;
}
