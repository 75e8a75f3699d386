/* SPDX-License-Identifier: ISC */
/* Who gets what: totals of sites and upstreams over all prefixes, or one. */
#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

/* Sums over prefixes. */
struct sums {
	const struct scenario_plan *plan; /* borrowed */
	struct sim_total *sites;          /* owned */
	struct sim_total *upstreams;      /* owned */
	struct sim_total unreached, dropped;
	/* By site and length how many ASes; [site * (SIM_PATH_MAX + 1)]. */
	uint32_t *lengths; /* owned */
	uint32_t *seen;    /* owned; see count_as() */
};

#define LENGTHS (SIM_PATH_MAX + 1)

static void
add_total(struct sim_total *to, const struct sim_total *from)
{
	to->ases += from->ases;
	to->weight += from->weight;
	to->tied_ases += from->tied_ases;
	to->tied += from->tied;
}

static void
add_lengths(struct sums *s, const struct report *r,
	    const struct scenario_routes *routes)
{
	const struct sim_graph *g = r->s->graph;

	for (uint32_t id = 0; id < sim_graph_count(g); id++) {
		uint32_t site = scenario_destination(routes, id);
		struct sim_route route;

		if (site >= s->plan->n_sites)
			continue;
		route = sim_route(g, &routes->result, id);
		if (route.announcement != SIM_UNREACHED)
			s->lengths[site * LENGTHS + route.length]++;
	}
}

static void
add_prefix(struct sums *s, struct report *r, const struct scenario_outcome *o,
	   size_t prefix)
{
	const struct scenario_routes *routes = o->routes[prefix];
	struct sim_totals totals;

	sim_totals(tell_weights(r, o->plan, prefix), routes->announcements,
		   routes->n_announcements, s->plan->n_sites, routes->where,
		   &routes->ties, &totals);
	for (size_t i = 0; i < totals.n_sites; i++)
		add_total(&s->sites[i], &totals.site[i]);
	for (size_t i = 0; i < totals.n_announcements; i++)
		if (routes->upstream[i] < s->plan->n_upstreams)
			add_total(&s->upstreams[routes->upstream[i]],
				  &totals.announcement[i]);
	add_total(&s->unreached, &totals.unreached);
	add_total(&s->dropped, &totals.dropped);
	add_lengths(s, r, routes);
	sim_totals_free(&totals);
}

/* `seen` is the AS that was counted last. */
static void
count(struct sim_total *t, uint32_t *seen, uint32_t id, bool tied)
{
	if (*seen == id)
		return;
	*seen = id;
	t->ases++;
	t->tied_ases += tied;
}

/* The places in `seen` are those of sites, upstreams, the rest. */
static void
count_as(struct sums *s, const struct scenario_routes *routes, uint32_t id)
{
	uint32_t site = scenario_destination(routes, id);
	size_t sites = s->plan->n_sites, all = sites + s->plan->n_upstreams;
	bool tied = sim_set_has(&routes->ties, id);
	uint32_t up;

	if (site == SCENARIO_UNREACHED) {
		count(&s->unreached, &s->seen[all], id, tied);
		return;
	}
	if (site == SCENARIO_DROPPED) {
		count(&s->dropped, &s->seen[all + 1], id, tied);
		return;
	}
	count(&s->sites[site], &s->seen[site], id, tied);
	up = routes->upstream[routes->where[id]];
	if (up < s->plan->n_upstreams)
		count(&s->upstreams[up], &s->seen[sites + up], id, tied);
}

static void
forget_ases(struct sim_total *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		t[i].ases = t[i].tied_ases = 0;
}

/* An AS counts once for a site, however many prefixes it reaches there. */
static void
count_once(struct sums *s, const struct report *r,
	   const struct scenario_outcome *o)
{
	size_t places = s->plan->n_sites + s->plan->n_upstreams + 2;
	uint32_t n = sim_graph_count(r->s->graph);

	forget_ases(s->sites, s->plan->n_sites);
	forget_ases(s->upstreams, s->plan->n_upstreams);
	forget_ases(&s->unreached, 1);
	forget_ases(&s->dropped, 1);
	for (size_t i = 0; i < places; i++)
		s->seen[i] = SIM_NONE;
	for (uint32_t id = 0; id < n; id++)
		for (size_t p = 0; p < o->n_routes; p++)
			count_as(s, o->routes[p], id);
}

/* The same ASes were counted for each of `n` prefixes that are alike. */
static void
divide_ases(struct sim_total *t, size_t n, uint32_t by)
{
	for (size_t i = 0; i < n; i++) {
		t[i].ases /= by;
		t[i].tied_ases /= by;
	}
}

static void
count_alike(struct sums *s, uint32_t prefixes)
{
	divide_ases(s->sites, s->plan->n_sites, prefixes);
	divide_ases(&s->unreached, 1, prefixes);
	divide_ases(&s->dropped, 1, prefixes);
	for (size_t i = 0; i < s->plan->n_sites * LENGTHS; i++)
		s->lengths[i] /= prefixes;
}

static void
begin(struct sums *s, const struct scenario_plan *plan)
{
	*s = (struct sums){.plan = plan};
	s->sites = xcalloc(plan->n_sites + 1, sizeof(*s->sites));
	s->upstreams = xcalloc(plan->n_upstreams + 1, sizeof(*s->upstreams));
	s->lengths =
	    xcalloc((plan->n_sites + 1) * LENGTHS, sizeof(*s->lengths));
	s->seen =
	    xcalloc(plan->n_sites + plan->n_upstreams + 2, sizeof(*s->seen));
}

static void
end(struct sums *s)
{
	free(s->sites);
	free(s->upstreams);
	free(s->lengths);
	free(s->seen);
}

/* ---- as JSON ---- */

static json_t *
rest(const struct report *r, const struct sim_total *t)
{
	return json_pack("{s:I, s:o, s:f}", "ases", (json_int_t)t->ases,
			 "weight", tell_weight(t->weight), "share",
			 tell_share(r, t->weight));
}

static json_t *
upstreams_json(struct report *r, const struct sums *s, uint32_t site)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &s->plan->upstreams[i];
		const struct sim_total *t = &s->upstreams[i];

		if (u->site != site)
			continue;
		json_array_append_new(
		    list,
		    json_pack("{s:s, s:I, s:s, s:b, s:I, s:o, s:f, s:I}",
			      "name", u->name, "asn", (json_int_t)u->asn,
			      "relation", sim_relation_text(u->relation),
			      "down", u->down, "ases", (json_int_t)t->ases,
			      "weight", tell_weight(t->weight), "share",
			      tell_share(r, t->weight), "ties",
			      (json_int_t)t->tied_ases));
	}
	return list;
}

static json_t *
lengths_json(const uint32_t *lengths)
{
	json_t *list = json_array();
	size_t longest = 0;

	for (size_t i = 0; i < LENGTHS; i++)
		if (lengths[i] > 0)
			longest = i;
	for (size_t i = 1; i <= longest; i++)
		json_array_append_new(list, json_pack("{s:I, s:I}", "length",
						      (json_int_t)i, "ases",
						      (json_int_t)lengths[i]));
	return list;
}

static void
set_lengths(json_t *site, const uint32_t *lengths)
{
	uint64_t n = 0, sum = 0, below = 0;
	size_t median = 0;

	for (size_t i = 0; i < LENGTHS; i++) {
		n += lengths[i];
		sum += lengths[i] * i;
	}
	for (; n > 0 && median < LENGTHS; median++) {
		below += lengths[median];
		if (below * 2 >= n)
			break;
	}
	json_object_set_new(site, "mean_length",
			    n ? json_real((double)sum / (double)n)
			      : json_null());
	json_object_set_new(site, "median_length",
			    n ? json_integer((json_int_t)median) : json_null());
	json_object_set_new(site, "lengths", lengths_json(lengths));
}

static const char *
state(const struct scenario_site *s)
{
	if (!s->conf)
		return "hijacker";
	if (!s->down)
		return "up";
	return s->conf->state == CONF_SITE_CANDIDATE ? "candidate" : "down";
}

static void
set_capacity(json_t *site, uint64_t capacity, uint64_t weight)
{
	bool limited = capacity > 0;
	double use = limited ? (double)weight / (double)capacity : 0;

	json_object_set_new(site, "capacity",
			    limited ? tell_weight(capacity) : json_null());
	json_object_set_new(site, "use",
			    limited ? json_real(use) : json_null());
}

static uint64_t
capacity_of(const struct sums *s, uint32_t site)
{
	const struct conf_scenario_site *conf = s->plan->sites[site].conf;

	return conf ? conf->capacity * SIM_WEIGHT_ONE : 0;
}

static json_t *
site_json(struct report *r, const struct sums *s, uint32_t i, bool capacity)
{
	const struct sim_total *t = &s->sites[i];
	json_t *site = json_pack(
	    "{s:s, s:s, s:I, s:f, s:o, s:f, s:I, s:f}", "name",
	    s->plan->sites[i].name, "state", state(&s->plan->sites[i]), "ases",
	    (json_int_t)t->ases, "ases_share",
	    (double)t->ases / (double)sim_graph_count(r->s->graph), "weight",
	    tell_weight(t->weight), "share", tell_share(r, t->weight), "ties",
	    (json_int_t)t->tied_ases, "ties_share", tell_share(r, t->tied));

	if (capacity)
		set_capacity(site, capacity_of(s, i), t->weight);
	set_lengths(site, &s->lengths[i * LENGTHS]);
	json_object_set_new(site, "upstreams", upstreams_json(r, s, i));
	return site;
}

static json_t *
sums_json(struct report *r, const struct sums *s, bool capacity)
{
	json_t *sites = json_array(), *over = json_array();
	struct sim_total ties = {0};

	for (uint32_t i = 0; i < s->plan->n_sites; i++) {
		uint64_t limit = capacity_of(s, i);

		json_array_append_new(sites, site_json(r, s, i, capacity));
		ties.ases += s->sites[i].tied_ases;
		ties.weight += s->sites[i].tied;
		if (limit > 0 && s->sites[i].weight > limit)
			json_array_append_new(
			    over, json_string(s->plan->sites[i].name));
	}
	if (!capacity)
		json_array_clear(over);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "sites", sites,
			 "unreached", rest(r, &s->unreached), "dropped",
			 rest(r, &s->dropped), "ties", rest(r, &ties),
			 "overloaded", over);
}

json_t *
tell_outcome(struct report *r, const struct scenario_outcome *o)
{
	struct sums s;
	json_t *json;

	begin(&s, o->plan);
	for (size_t i = 0; i < o->n_routes; i++)
		add_prefix(&s, r, o, i);
	if (o->n_routes > 1)
		count_once(&s, r, o);
	json = sums_json(r, &s, true);
	end(&s);
	return json;
}

bool
tell_routed_alike(const struct report *r, const struct scenario_outcome *o,
		  size_t a, size_t b)
{
	const struct scenario_routes *x = o->routes[a], *y = o->routes[b];
	const struct sim_graph *g = r->s->graph;

	for (uint32_t id = 0; x != y && id < sim_graph_count(g); id++)
		if (scenario_destination(x, id) !=
			scenario_destination(y, id) ||
		    sim_route(g, &x->result, id).length !=
			sim_route(g, &y->result, id).length ||
		    sim_set_has(&x->ties, id) != sim_set_has(&y->ties, id))
			return false;
	return true;
}

/* Those of the prefixes that are routed as `first`, which are then told. */
static json_t *
group_json(struct report *r, const struct scenario_outcome *o, size_t first,
	   bool *told)
{
	json_t *names = json_array(), *one;
	struct sums s;

	begin(&s, o->plan);
	for (size_t i = first; i < o->n_routes; i++) {
		if (told[i] || !tell_routed_alike(r, o, first, i))
			continue;
		told[i] = true;
		add_prefix(&s, r, o, i);
		json_array_append_new(names,
				      json_string(o->plan->prefixes[i].text));
	}
	count_alike(&s, (uint32_t)json_array_size(names));
	one = sums_json(r, &s, false);
	end(&s);
	json_object_set_new(one, "prefixes", names);
	return one;
}

json_t *
tell_alike(struct report *r, const struct scenario_outcome *o)
{
	json_t *list = json_array();
	bool *told = xcalloc(o->n_routes + 1, sizeof(*told));

	for (size_t i = 0; i < o->n_routes; i++)
		if (!told[i])
			json_array_append_new(list, group_json(r, o, i, told));
	free(told);
	return list;
}

json_t *
tell_prefixes(struct report *r, const struct scenario_outcome *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_routes; i++) {
		const struct scenario_prefix *p = &o->plan->prefixes[i];
		struct sums s;
		json_t *one;

		begin(&s, o->plan);
		add_prefix(&s, r, o, i);
		one = sums_json(r, &s, false);
		end(&s);
		json_object_set_new(one, "prefix", json_string(p->text));
		json_object_set_new(
		    one, "covered_by",
		    p->covered_by == SIM_NONE
			? json_null()
			: json_string(o->plan->prefixes[p->covered_by].text));
		json_array_append_new(list, one);
	}
	return list;
}
