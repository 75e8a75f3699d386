/* SPDX-License-Identifier: ISC */
/* What each AS reaches, and how. */
#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

/* What is known of an AS and a prefix; borrowed from the outcome. */
struct as {
	uint32_t id;
	const char *site;
	uint32_t upstream; /* number; SIM_NONE */
	struct sim_route route;
	size_t length;
	uint32_t path[SIM_PATH_MAX + 1];
	bool tie;
};

static void
look(const struct report *r, size_t prefix, uint32_t id, struct as *out)
{
	const struct scenario_routes *routes = r->base->routes[prefix];
	uint16_t where = routes->where[id];

	out->id = id;
	out->site = tell_site(r->base->plan, scenario_destination(routes, id));
	out->upstream =
	    where == SIM_UNREACHED ? SIM_NONE : routes->upstream[where];
	out->route = sim_route(r->s->graph, &routes->result, id);
	out->length = sim_path(r->s->graph, &routes->result,
			       routes->announcements, id, out->path);
	out->tie = sim_set_has(&routes->ties, id);
}

/* "customer"; "" without a route of its own. */
static const char *
relation(const struct as *as)
{
	return as->length ? sim_relation_text(as->route.relation) : "";
}

static const char *
upstream(const struct report *r, const struct as *as)
{
	const struct scenario_plan *p = r->base->plan;

	return as->upstream < p->n_upstreams ? p->upstreams[as->upstream].name
					     : "";
}

/* ---- as JSON ---- */

static json_t *
path_json(const struct as *as)
{
	json_t *list = json_array();

	for (size_t i = 0; i < as->length; i++)
		json_array_append_new(list, json_integer(as->path[i]));
	return list;
}

static json_t *
as_json(const struct report *r, size_t prefix, const struct as *as)
{
	const struct sim_weights *w = tell_weights(r, r->base->plan, prefix);

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:b, s:o, s:o, s:I}",
			 "asn", (json_int_t)sim_graph_asn(r->s->graph, as->id),
			 "prefix", r->base->plan->prefixes[prefix].text, "site",
			 as->site, "upstream", upstream(r, as), "relation",
			 relation(as), "length", (json_int_t)as->length, "tie",
			 as->tie, "path", path_json(as), "weight",
			 tell_weight(w->v[as->id]), "cone",
			 (json_int_t)r->cone[as->id]);
}

/* Where else it could go: all routes it has, the best first. */
static json_t *
alternatives_json(const struct report *r, size_t prefix, uint32_t id)
{
	const struct scenario_plan *p = r->base->plan;
	const struct scenario_routes *routes = r->base->routes[prefix];
	struct sim_candidate c[64];
	size_t n = sim_candidates(r->s->graph, &r->s->policy,
				  routes->announcements, p->n_upstreams,
				  &routes->result, id, c, ARRAY_LEN(c));
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < ARRAY_LEN(c); i++) {
		uint32_t site = routes->announcements[c[i].announcement].site;
		uint32_t asn = c[i].neighbour == SIM_NONE
				   ? p->sites[site].asn
				   : sim_graph_asn(r->s->graph, c[i].neighbour);

		json_array_append_new(
		    list,
		    json_pack("{s:I, s:s, s:s, s:I, s:b, s:b}", "neighbour",
			      (json_int_t)asn, "site",
			      tell_site(p, site == SIM_NONE ? SCENARIO_DROPPED
							    : site),
			      "relation", sim_relation_text(c[i].relation),
			      "length", (json_int_t)c[i].length, "best",
			      c[i].best, "tie", c[i].tie));
	}
	return list;
}

static int
lower_first(const void *a, const void *b, void *ctx)
{
	const struct sim_graph *g = ctx;
	uint32_t x = sim_graph_asn(g, *(const uint32_t *)a);
	uint32_t y = sim_graph_asn(g, *(const uint32_t *)b);

	return x < y ? -1 : x > y;
}

/* All ids in the order of AS numbers; the caller's. */
static uint32_t *
all_ids(const struct report *r, uint32_t *n)
{
	uint32_t *ids;

	*n = sim_graph_count(r->s->graph);
	ids = xcalloc(*n + 1, sizeof(*ids));
	for (uint32_t id = 0; id < *n; id++)
		ids[id] = id;
	qsort_r(ids, *n, sizeof(*ids), lower_first, r->s->graph);
	return ids;
}

json_t *
tell_ases(struct report *r)
{
	uint32_t n, *ids = all_ids(r, &n);
	json_t *list = json_array();
	struct as as;

	for (uint32_t i = 0; i < n; i++)
		for (size_t p = 0; p < r->base->n_routes; p++) {
			json_t *one;

			look(r, p, ids[i], &as);
			one = as_json(r, p, &as);
			json_object_set_new(one, "alternatives",
					    alternatives_json(r, p, ids[i]));
			json_array_append_new(list, one);
		}
	free(ids);
	return list;
}

/* ---- the largest ---- */

static int
largest_first(const void *a, const void *b, void *ctx)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct report *r = ctx;

	if (r->weights.v[x] != r->weights.v[y])
		return r->weights.v[x] > r->weights.v[y] ? -1 : 1;
	if (r->cone[x] != r->cone[y])
		return r->cone[x] > r->cone[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}

json_t *
tell_largest(struct report *r)
{
	uint32_t n = sim_graph_count(r->s->graph);
	uint32_t *ids = xcalloc(n, sizeof(*ids));
	json_t *list = json_array();
	struct as as;

	for (uint32_t id = 0; id < n; id++)
		ids[id] = id;
	qsort_r(ids, n, sizeof(*ids), largest_first, r);
	for (uint32_t i = 0; i < n && i < TELL_LARGEST; i++) {
		look(r, 0, ids[i], &as);
		json_array_append_new(list, as_json(r, 0, &as));
	}
	free(ids);
	return list;
}

/* ---- as CSV (RFC 4180, but for the ends of lines) ---- */

static void
add_field(struct text *line, const char *s)
{
	if (!strpbrk(s, ",\"\n\r")) {
		text_add(line, s);
		return;
	}
	text_add(line, "\"");
	for (; *s; s++) {
		if (*s == '"')
			text_add(line, "\"");
		text_add_n(line, s, 1);
	}
	text_add(line, "\"");
}

static void
add_line(struct text *line, const struct report *r, size_t prefix,
	 const struct as *as)
{
	text_add_number(line, sim_graph_asn(r->s->graph, as->id), 1);
	text_add(line, ",");
	text_add(line, r->base->plan->prefixes[prefix].text);
	text_add(line, ",");
	add_field(line, as->site);
	text_add(line, ",");
	add_field(line, upstream(r, as));
	text_addf(line, ",%s,", relation(as));
	text_add_number(line, as->length, 1);
	text_add(line, ",");
	for (size_t i = 0; i < as->length; i++) {
		text_add(line, i ? " " : "");
		text_add_number(line, as->path[i], 1);
	}
	text_add(line, as->tie ? ",1\n" : ",0\n");
}

void
report_csv(const struct report *r, FILE *out)
{
	uint32_t n, *ids = all_ids(r, &n);
	struct text line = {0};
	struct as as;

	fputs("asn,prefix,site,upstream,relation,length,path,tie\n", out);
	for (uint32_t i = 0; i < n; i++)
		for (size_t p = 0; p < r->base->n_routes; p++) {
			text_clear(&line);
			look(r, p, ids[i], &as);
			add_line(&line, r, p, &as);
			fputs(line.s, out);
		}
	text_free(&line);
	free(ids);
}
