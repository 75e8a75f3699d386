/* SPDX-License-Identifier: ISC */
/* The scenario in the words of sim/plan.h: weights, failures, search. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/plan.h"

/* ---- weights ---- */

/* What prefixes in the load file belong to, and what addresses count. */
static int
read_origins(const struct conf_scenario *c, struct sim_origins *out,
	     struct text *messages)
{
	*out = (struct sim_origins){0};
	if (!c->addresses)
		return 0;
	return sim_read_origins(c->addresses, out, messages);
}

static int
read_load(const struct scenario *s, const struct sim_origins *origins,
	  struct sim_weights *out, struct text *messages)
{
	const struct conf_scenario *c = s->conf;
	struct sim_loads loads = {0};
	int err = sim_read_loads(c->load, &loads, messages);

	if (err == 0)
		err = sim_weights_load(s->graph, c->load, loads.v, loads.n,
				       origins->v, origins->n, out, messages);
	sim_loads_free(&loads);
	return err;
}

static int
read_weights(const struct scenario *s, struct sim_weights *out,
	     struct text *messages)
{
	const struct conf_scenario *c = s->conf;
	struct sim_origins origins;
	int err = read_origins(c, &origins, messages);

	if (err == 0 && c->weights == CONF_WEIGHTS_LOAD)
		err = read_load(s, &origins, out, messages);
	else if (err == 0)
		err = sim_weights_addresses(s->graph, c->addresses, origins.v,
					    origins.n, out, messages);
	sim_origins_free(&origins);
	return err;
}

int
scenario_weights(const struct scenario *s, struct sim_weights *out,
		 struct text *messages)
{
	*out = (struct sim_weights){0};
	if (s->conf->weights != CONF_WEIGHTS_ASES)
		return read_weights(s, out, messages);
	*out = sim_weights_ases(s->graph);
	return 0;
}

/* ---- shares of prefixes ---- */

static uint64_t
share_of(const struct scenario_prefix *q)
{
	return q->conf ? q->conf->share : 1;
}

static uint64_t
part_of(uint64_t weight, uint64_t share, uint64_t all)
{
	__extension__ unsigned __int128 part = weight;

	return (uint64_t)(part * share / all);
}

/* Shares of one size are one list, rounded down. */
static struct sim_weights
cut(const struct sim_weights *w, uint64_t share, uint64_t all,
    struct arena *arena)
{
	struct sim_weights out = *w;

	out.v = arena_alloc(arena, w->n * sizeof(*out.v));
	out.total = 0;
	for (uint32_t id = 0; id < w->n; id++) {
		out.v[id] = part_of(w->v[id], share, all);
		out.total += out.v[id];
	}
	out.unplaced = part_of(w->unplaced, share, all);
	return out;
}

static void
take_off(struct sim_weights *w, const struct sim_weights *part)
{
	for (uint32_t id = 0; id < w->n; id++)
		w->v[id] -= part->v[id];
	w->total -= part->total;
	w->unplaced -= part->unplaced;
}

/* The list that an earlier prefix, but the first, has; NULL: none. */
static const struct sim_weights *
known_share(const struct sim_plan_prefix *prefixes, const uint64_t *share,
	    size_t i)
{
	for (size_t k = 1; k < i; k++)
		if (share[k] == share[i])
			return prefixes[k].weights;
	return NULL;
}

/* The first prefix has what the others leave: nothing is lost by rounding. */
static void
set_weights(struct scenario_ask *a, struct sim_plan_prefix *prefixes,
	    const uint64_t *share, const struct sim_weights *w)
{
	size_t n = a->plan.n_prefixes, made = 1;
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += share[i];
	if (n == 0)
		return;
	a->weights = arena_alloc(&a->arena, n * sizeof(*a->weights));
	a->weights[0] = n > 1 ? cut(w, 1, 1, &a->arena) : *w;
	prefixes[0].weights = &a->weights[0];
	for (size_t i = 1; i < n; i++) {
		prefixes[i].weights = known_share(prefixes, share, i);
		if (!prefixes[i].weights) {
			a->weights[made] = cut(w, share[i], all, &a->arena);
			prefixes[i].weights = &a->weights[made++];
		}
		take_off(&a->weights[0], prefixes[i].weights);
	}
}

/* ---- the plan ---- */

/* A culprit is no site that could fail, or be chosen. */
static size_t
count_sites(const struct scenario_plan *p)
{
	size_t n = p->n_sites;

	while (n > 0 && !p->sites[n - 1].conf)
		n--;
	return n;
}

static void
set_sites(const struct scenario *s, const struct scenario_plan *p,
	  struct scenario_ask *a)
{
	size_t n = count_sites(p);
	uint64_t *capacity = arena_alloc(&a->arena, n * sizeof(*capacity));
	uint32_t *site = arena_alloc(&a->arena, p->n_upstreams * sizeof(*site));

	for (size_t i = 0; i < n; i++)
		capacity[i] = p->sites[i].conf->capacity * SIM_WEIGHT_ONE;
	for (size_t i = 0; i < p->n_upstreams; i++)
		site[i] =
		    p->upstreams[i].site < n ? p->upstreams[i].site : SIM_NONE;
	a->plan.g = s->graph;
	a->plan.policy = &s->policy;
	a->plan.capacity = capacity;
	a->plan.n_sites = n;
	a->plan.upstream_site = site;
	a->plan.n_upstreams = p->n_upstreams;
}

static uint32_t
upstream_number(const struct scenario_plan *p, size_t upstream)
{
	enum scenario_link link = p->upstreams[upstream].link;

	return link == SCENARIO_SELF || link == SCENARIO_CULPRIT
		   ? SIM_NONE
		   : (uint32_t)upstream;
}

/* What ends at a culprit is lost. */
static const struct sim_announcement *
with_culprits_lost(const struct scenario_plan *p, size_t prefix, size_t n_sites,
		   struct arena *arena)
{
	const struct sim_announcement *v = p->prefixes[prefix].announcements;
	struct sim_announcement *list;

	if (n_sites == p->n_sites)
		return v;
	list = arena_alloc(arena, p->n_upstreams * sizeof(*list));
	for (size_t i = 0; i < p->n_upstreams; i++) {
		list[i] = v[i];
		if (list[i].site != SIM_NONE && list[i].site >= n_sites)
			list[i].site = SIM_NONE;
	}
	return list;
}

void
scenario_ask_new(const struct scenario *s, const struct scenario_plan *plan,
		 const struct sim_weights *weights, unsigned threads,
		 struct scenario_ask *out)
{
	size_t n = plan->n_prefixes, u = plan->n_upstreams;
	struct sim_plan_prefix *prefixes;
	uint64_t *share = xcalloc(n + 1, sizeof(*share));
	uint32_t *upstream;

	*out = (struct scenario_ask){0};
	set_sites(s, plan, out);
	prefixes = arena_alloc(&out->arena, n * sizeof(*prefixes));
	upstream = arena_alloc(&out->arena, u * sizeof(*upstream));
	for (size_t i = 0; i < u; i++)
		upstream[i] = upstream_number(plan, i);
	for (size_t i = 0; i < n; i++) {
		prefixes[i] = (struct sim_plan_prefix){
		    .announcements = with_culprits_lost(
			plan, i, out->plan.n_sites, &out->arena),
		    .upstream = upstream,
		    .n = u,
		    .covered_by = plan->prefixes[i].covered_by,
		};
		share[i] = share_of(&plan->prefixes[i]);
	}
	out->plan.prefixes = prefixes;
	out->plan.n_prefixes = n;
	out->plan.threads = threads;
	set_weights(out, prefixes, share, weights);
	free(share);
}

void
scenario_ask_free(struct scenario_ask *a)
{
	free(a->cost);
	scenario_plan_free(a->owned);
	arena_free(&a->arena);
	*a = (struct scenario_ask){0};
}

/* ---- the search ---- */

/* Candidates and what is up can be chosen; nobody asks why it is down. */
static struct scenario_plan *
with_candidates(const struct scenario *s)
{
	struct scenario_plan *p = plan_copy(s->base, "search");

	for (size_t i = 0; i < p->n_sites; i++)
		p->sites[i].down = p->sites[i].conf->state == CONF_SITE_DOWN;
	plan_announce(s, p);
	return p;
}

/* What is never announced is left out: a search takes it for up. */
static void
set_announcements(struct scenario_ask *a, const struct scenario_plan *p,
		  size_t prefix, struct sim_plan_prefix *out)
{
	const struct scenario_prefix *q = &p->prefixes[prefix];
	struct sim_announcement *list =
	    arena_alloc(&a->arena, p->n_upstreams * sizeof(*list));
	uint32_t *upstream =
	    arena_alloc(&a->arena, p->n_upstreams * sizeof(*upstream));

	out->announcements = list;
	out->upstream = upstream;
	for (size_t i = 0; i < p->n_upstreams; i++) {
		if (q->announcements[i].down)
			continue;
		list[out->n] = q->announcements[i];
		upstream[out->n++] = upstream_number(p, i);
	}
}

/* Prefixes that are alike are one, with the shares of all. */
static void
set_prefixes(struct scenario_ask *a, const struct scenario_plan *p,
	     const struct sim_weights *weights)
{
	size_t n = p->n_prefixes;
	struct sim_plan_prefix *prefixes =
	    arena_alloc(&a->arena, n * sizeof(*prefixes));
	uint64_t *share = xcalloc(n + 1, sizeof(*share));
	uint32_t *number = xcalloc(n + 1, sizeof(*number));
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (p->prefixes[i].like == i) {
			set_announcements(a, p, i, &prefixes[k]);
			number[i] = (uint32_t)k++;
		}
	for (size_t i = 0; i < n; i++) {
		const struct scenario_prefix *q = &p->prefixes[i];
		uint32_t cover = q->covered_by;

		share[number[q->like]] += share_of(q);
		if (q->like == i)
			prefixes[number[i]].covered_by =
			    cover == SIM_NONE ? SIM_NONE
					      : number[p->prefixes[cover].like];
	}
	a->plan.prefixes = prefixes;
	a->plan.n_prefixes = k;
	set_weights(a, prefixes, share, weights);
	free(share);
	free(number);
}

static bool
is_listed(const size_t *list, size_t n, size_t site)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == site)
			return true;
	return false;
}

static enum sim_bound
bound_of(const struct conf_search *c, const struct scenario_plan *p,
	 size_t site)
{
	if (p->sites[site].down || is_listed(c->forbid, c->n_forbid, site))
		return SIM_FORBIDDEN;
	if (is_listed(c->require, c->n_require, site))
		return SIM_REQUIRED;
	return SIM_FREE;
}

static void
bound_sites(struct scenario_ask *a, const struct conf_search *c,
	    const struct scenario *s, const struct scenario_plan *p)
{
	enum sim_bound *bounds =
	    arena_alloc(&a->arena, p->n_sites * sizeof(*bounds));
	size_t up = 0;

	for (size_t i = 0; i < p->n_sites; i++) {
		bounds[i] = bound_of(c, p, i);
		up += !s->base->sites[i].down && bounds[i] != SIM_FORBIDDEN;
	}
	a->search.bounds = bounds;
	a->search.choose = c->sites ? c->sites : up;
}

/* A required site needs one neighbour, a forbidden one has none. */
static void
bound_upstreams(struct scenario_ask *a, const struct conf_search *c,
		const struct scenario_plan *p)
{
	enum sim_bound *bounds =
	    arena_alloc(&a->arena, p->n_upstreams * sizeof(*bounds));
	bool *needs = arena_alloc(&a->arena, p->n_sites * sizeof(*needs));

	for (size_t i = 0; i < p->n_upstreams; i++) {
		const struct scenario_upstream *u = &p->upstreams[i];
		enum sim_bound site = bound_of(c, p, u->site);

		if (site == SIM_FORBIDDEN || u->link == SCENARIO_SELF ||
		    u->down)
			bounds[i] = SIM_FORBIDDEN;
		needs[u->site] |= site == SIM_REQUIRED;
	}
	a->search.bounds = bounds;
	a->search.needs_site = needs;
	a->search.min_upstreams = 1;
	a->search.upstreams = true;
	a->search.choose = c->upstreams;
}

static int
read_cost(const struct scenario *s, struct scenario_ask *a,
	  struct text *messages)
{
	const struct scenario_plan *p = s->base;
	const char **names;
	int err;

	if (s->conf->search.objective != CONF_OBJECTIVE_COST)
		return 0;
	if (!s->conf->search.cost) {
		text_addf(messages,
			  "%s: search.objective: found cost without a cost "
			  "file, expected cost: FILE\n",
			  s->conf->path);
		return -EINVAL;
	}
	names = xcalloc(p->n_sites + 1, sizeof(*names));
	for (size_t i = 0; i < p->n_sites; i++)
		names[i] = p->sites[i].name;
	err = sim_read_costs(s->conf->search.cost, s->graph, names, p->n_sites,
			     &a->cost, messages);
	free(names);
	a->search.cost = a->cost;
	return err;
}

int
scenario_ask_search(const struct scenario *s, const struct sim_weights *weights,
		    unsigned threads, struct scenario_ask *out,
		    struct text *messages)
{
	const struct conf_search *c = &s->conf->search;
	int err;

	*out = (struct scenario_ask){.search.seed = 1};
	out->owned = with_candidates(s);
	set_sites(s, out->owned, out);
	set_prefixes(out, out->owned, weights);
	out->plan.threads = threads;
	out->search.objective = (enum sim_objective)c->objective;
	/* The highest load against capacity is the objective itself: what does
	 * not fit anyway is not to be ranked by the sum of what is too much. */
	if (c->objective != CONF_OBJECTIVE_WORST_LOAD)
		out->search.max_load = out->plan.capacity;
	out->search.prepend_max = (uint8_t)c->prepend_max;
	out->search.best = c->best;
	if (c->upstreams)
		bound_upstreams(out, c, out->owned);
	else
		bound_sites(out, c, s, out->owned);
	err = read_cost(s, out, messages);
	if (err != 0)
		scenario_ask_free(out);
	return err;
}
