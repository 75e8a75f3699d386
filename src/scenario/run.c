/* SPDX-License-Identifier: ISC */
/* Outcomes of a plan: routes of each prefix, and where packets then go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/plan.h"

static void
routes_free(struct scenario_routes *r)
{
	if (!r)
		return;
	sim_result_free(&r->result);
	sim_set_free(&r->ties);
	arena_free(&r->arena);
	free(r);
}

/* The prefix and all that cover it; returns how many. */
static size_t
chain_of(const struct scenario_plan *p, size_t prefix, uint32_t *out)
{
	size_t n = 0;

	for (uint32_t i = (uint32_t)prefix; i != SIM_NONE;
	     i = p->prefixes[i].covered_by)
		out[n++] = i;
	return n;
}

/* A route of any prefix of the chain becomes one of a single list. */
static void
join(const struct scenario_plan *p, const uint32_t *chain, size_t n,
     struct scenario_routes *r)
{
	size_t k = 0, all = n * p->n_upstreams;
	struct sim_announcement *list =
	    arena_alloc(&r->arena, all * sizeof(*list));
	uint32_t *upstream = arena_alloc(&r->arena, all * sizeof(*upstream));

	for (size_t i = 0; i < n; i++)
		for (size_t u = 0; u < p->n_upstreams; u++, k++) {
			list[k] = p->prefixes[chain[i]].announcements[u];
			upstream[k] = (uint32_t)u;
		}
	r->announcements = list;
	r->upstream = upstream;
	r->n_announcements = k;
}

/* `chain` leads to routes that are there already, but for the first. */
static void
forward(const struct scenario *s, const struct scenario_outcome *o,
	const uint32_t *chain, size_t n, struct scenario_routes *r)
{
	const struct scenario_plan *p = o->plan;
	uint32_t count = sim_graph_count(s->graph);
	struct sim_result *results = xcalloc(n, sizeof(*results));
	struct sim_hop *hops = xcalloc(count, sizeof(*hops));
	uint16_t *where = arena_alloc(&r->arena, count * sizeof(*where));

	results[0] = r->result;
	for (size_t i = 1; i < n; i++)
		results[i] = o->routes[chain[i]]->result;
	sim_forward(s->graph, results, n, hops);
	for (uint32_t id = 0; id < count; id++)
		where[id] = hops[id].prefix == SIM_UNREACHED
				? SIM_UNREACHED
				: (uint16_t)(hops[id].prefix * p->n_upstreams +
					     hops[id].announcement);
	r->where = where;
	free(results);
	free(hops);
}

static int
run_prefix(const struct scenario *s, struct scenario_outcome *o, size_t prefix,
	   struct sim_engine *engine, uint32_t *chain)
{
	const struct scenario_plan *p = o->plan;
	const struct scenario_prefix *q = &p->prefixes[prefix];
	struct scenario_routes *r = xcalloc(1, sizeof(*r));
	size_t n = chain_of(p, prefix, chain);
	int err;

	o->routes[prefix] = r;
	r->result = sim_result_new(s->graph);
	if (n * p->n_upstreams >= SIM_UNREACHED)
		return -EINVAL;
	err = sim_run(engine, &s->policy, q->announcements, p->n_upstreams,
		      &r->result);
	if (err != 0)
		return err;
	r->ties = sim_set_new(s->graph);
	sim_ties(s->graph, &s->policy, q->announcements, p->n_upstreams,
		 &r->result, &r->ties);
	join(p, chain, n, r);
	if (n > 1)
		forward(s, o, chain, n, r);
	else
		r->where = r->result.announcement;
	return 0;
}

static int
run_one(const struct scenario *s, struct scenario_outcome *o, size_t prefix,
	struct sim_engine *engine, uint32_t *chain)
{
	uint32_t like = o->plan->prefixes[prefix].like;

	if (like == prefix)
		return run_prefix(s, o, prefix, engine, chain);
	o->routes[prefix] = o->routes[like];
	return 0;
}

int
scenario_run(const struct scenario *s, const struct scenario_plan *plan,
	     struct sim_engine *engine, struct scenario_outcome **out)
{
	struct scenario_outcome *o = xcalloc(1, sizeof(*o));
	uint32_t *chain = xcalloc(plan->n_prefixes + 1, sizeof(*chain));
	int err = 0;

	o->plan = plan;
	o->n_routes = plan->n_prefixes;
	o->routes = xcalloc(o->n_routes + 1, sizeof(struct scenario_routes *));
	/* What covers stands behind; a culprit's own covers nothing. */
	for (size_t i = o->n_routes; i-- > 0 && err == 0;)
		if (plan->prefixes[i].conf)
			err = run_one(s, o, i, engine, chain);
	for (size_t i = o->n_routes; i-- > 0 && err == 0;)
		if (!plan->prefixes[i].conf)
			err = run_one(s, o, i, engine, chain);
	free(chain);
	if (err != 0) {
		scenario_outcome_free(o);
		o = NULL;
	}
	*out = o;
	return err;
}

void
scenario_outcome_free(struct scenario_outcome *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->n_routes; i++)
		if (o->plan->prefixes[i].like == i)
			routes_free(o->routes[i]);
	free(o->routes);
	free(o);
}
