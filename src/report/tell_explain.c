/* SPDX-License-Identifier: ISC */
/* The way of one AS, and why it is the best of those it has. */
#include <errno.h>
#include <stdlib.h>

#include "report/tell.h"

#define ROOM 4096 /* candidates */

/* Steps in the order in which they decide; docs/simulation.md. */
static unsigned
rank(enum sim_preference p, enum sim_relation r)
{
	if (r == SIM_ORIGIN || p == SIM_PREFER_LENGTH)
		return r != SIM_ORIGIN;
	if (p == SIM_PREFER_CUSTOMER_EQUAL_PEER && r == SIM_PEER)
		return SIM_CUSTOMER;
	if (p == SIM_PREFER_PEER_EQUAL_PROVIDER && r == SIM_PROVIDER)
		return SIM_PEER;
	return (unsigned)r;
}

static void
add_why(struct text *out, const struct report *r, const struct sim_candidate *c,
	const struct sim_candidate *best)
{
	enum sim_preference p = r->s->policy.preference;

	if (c->best)
		text_add(out, "the best");
	else if (c->tie)
		text_add(out, "equal but for the AS number: a tie");
	else if (rank(p, c->relation) != rank(p, best->relation))
		text_addf(out, "routes from a %s come first",
			  sim_relation_text(best->relation));
	else if (c->length != best->length)
		text_addf(out, "longer: %u ASes, not %u", c->length,
			  best->length);
	else if (c->relation != best->relation)
		text_addf(out, "as long, but not from a %s",
			  sim_relation_text(best->relation));
	else
		text_add(out, "higher AS number of the neighbour");
}

static const char *
site_of(const struct report *r, const struct scenario_routes *routes,
	uint16_t announcement)
{
	uint32_t site = routes->announcements[announcement].site;

	return tell_site(r->s->base,
			 site == SIM_NONE ? SCENARIO_DROPPED : site);
}

static json_t *
candidate_json(const struct report *r, const struct scenario_routes *routes,
	       const struct sim_candidate *c, const struct sim_candidate *best)
{
	const struct scenario_plan *p = r->s->base;
	struct text who = {0}, why = {0};
	json_t *json;

	if (c->neighbour == SIM_NONE)
		tell_upstream(p, routes->upstream[c->announcement], &who);
	else
		text_addf(&who, "AS%u",
			  sim_graph_asn(r->s->graph, c->neighbour));
	add_why(&why, r, c, best);
	json = json_pack(
	    "{s:s, s:s, s:I, s:s, s:b, s:b, s:s}", "neighbour", text_str(&who),
	    "relation", sim_relation_text(c->relation), "length",
	    (json_int_t)c->length, "site", site_of(r, routes, c->announcement),
	    "best", c->best, "tie", c->tie, "why", text_str(&why));
	text_free(&who);
	text_free(&why);
	return json;
}

static json_t *
candidates_json(const struct report *r, size_t prefix, uint32_t id)
{
	const struct scenario_routes *routes = r->base->routes[prefix];
	struct sim_candidate *c = xcalloc(ROOM, sizeof(*c));
	size_t n = sim_candidates(
	    r->s->graph, &r->s->policy, routes->announcements,
	    r->s->base->n_upstreams, &routes->result, id, c, ROOM);
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < ROOM; i++)
		json_array_append_new(list,
				      candidate_json(r, routes, &c[i], &c[0]));
	free(c);
	return list;
}

/* One after the other with what each learned it from; then the site's. */
static json_t *
hops_json(const struct report *r, const struct scenario_routes *routes,
	  uint32_t id)
{
	const struct sim_graph *g = r->s->graph;
	uint32_t path[SIM_PATH_MAX + 1];
	size_t n =
	    sim_path(g, &routes->result, routes->announcements, id, path);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		struct text from = {0};

		if (id != SIM_NONE) {
			struct sim_route route =
			    sim_route(g, &routes->result, id);

			if (route.relation == SIM_ORIGIN)
				text_add(&from, "the origin");
			else
				text_addf(&from, "route from a %s",
					  sim_relation_text(route.relation));
			id = route.next;
		} else {
			text_add(&from, "the announcement");
		}
		json_array_append_new(list, json_pack("{s:I, s:s}", "asn",
						      (json_int_t)path[i],
						      "from", text_str(&from)));
		text_free(&from);
	}
	return list;
}

static void
add_summary(struct text *out, const struct report *r, size_t prefix,
	    uint32_t id)
{
	const struct scenario_routes *routes = r->base->routes[prefix];
	uint32_t site = scenario_destination(routes, id);
	uint16_t where = routes->where[id];

	if (site == SCENARIO_UNREACHED) {
		text_add(out, "no route reaches it");
		return;
	}
	if (site == SCENARIO_DROPPED) {
		text_add(out, "its packets are dropped");
		return;
	}
	text_add(out, "reaches ");
	tell_upstream(r->s->base, routes->upstream[where], out);
	if (routes->result.announcement[id] == SIM_UNREACHED)
		text_add(out, " by a shorter prefix: it has no route to this "
			      "one");
	else if (where != routes->result.announcement[id])
		text_add(out, ", not where its route leads: an AS on the way "
			      "has a more or less specific one");
	if (sim_set_has(&routes->ties, id))
		text_add(out, "; a tie with another site, decided by AS "
			      "numbers alone");
}

static json_t *
way_json(const struct report *r, size_t prefix, uint32_t id)
{
	const struct scenario_routes *routes = r->base->routes[prefix];
	struct text summary = {0};
	json_t *json;

	add_summary(&summary, r, prefix, id);
	json = json_pack(
	    "{s:s, s:s, s:s, s:b, s:o, s:o}", "prefix",
	    r->s->base->prefixes[prefix].text, "site",
	    tell_site(r->s->base, scenario_destination(routes, id)), "text",
	    text_str(&summary), "tie", sim_set_has(&routes->ties, id), "hops",
	    hops_json(r, routes, id), "candidates",
	    candidates_json(r, prefix, id));
	text_free(&summary);
	return json;
}

int
tell_explain(struct report *r, json_t **out, struct text *messages)
{
	uint32_t asn = r->request->explain, id;
	json_t *list;

	*out = NULL;
	if (asn == 0)
		return 0;
	id = sim_graph_find(r->s->graph, asn);
	if (id == SIM_NONE) {
		text_addf(messages, "--explain: AS%u is not in the graph\n",
			  asn);
		return -EINVAL;
	}
	list = json_array();
	for (size_t i = 0; i < r->base->n_routes; i++)
		json_array_append_new(list, way_json(r, i, id));
	*out =
	    json_pack("{s:I, s:o}", "asn", (json_int_t)asn, "prefixes", list);
	return 0;
}
