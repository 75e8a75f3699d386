/* SPDX-License-Identifier: ISC */
/*
 * Advice about what a prefix hangs on: one site, one neighbour, local nodes
 * that keep their neighbour's customers from it, relations nobody has said.
 */
#include "scenario/advice.h"

/* How many ASes come to a site for a prefix. */
static uint32_t
count_site(const struct scenario_routes *r, size_t site)
{
	uint32_t n = 0;

	for (uint32_t id = 0; id < r->result.n; id++)
		n += scenario_destination(r, id) == site;
	return n;
}

static void
check_one_site(struct adviser *a, size_t number)
{
	const struct scenario_prefix *q = &a->plan->prefixes[number];
	size_t site = 0, n = advice_sites(a, q, true, &site);
	char share[ADVICE_SHARE_MAX];
	uint32_t there;

	if (n == 1) {
		there = count_site(a->outcome->routes[number], site);
		advice_add(a, SCENARIO_ADVISE_SINGLE_SITE, SCENARIO_WARNING,
			   q->conf->prefix.place,
			   "%s is announced to the Internet by %s alone: when "
			   "it fails, the %u %s (%s) that %s it there %s "
			   "nothing",
			   q->text, a->plan->sites[site].name, there,
			   advice_word(there, "AS", "ASes"),
			   advice_share(a, there, share),
			   advice_word(there, "reaches", "reach"),
			   advice_word(there, "reaches", "reach"));
	} else if (n == 0) {
		advice_add(a, SCENARIO_ADVISE_LOCAL_ONLY, SCENARIO_WARNING,
			   q->conf->prefix.place,
			   advice_sites(a, q, false, &site) > 0
			       ? "%s is announced by local nodes only: nobody "
				 "behind their neighbours can reach it"
			       : "%s is announced by no site",
			   q->text);
	}
}

/* ---- one neighbour ---- */

/* The same for any prefix. */
static uint32_t
count_site_any(const struct adviser *a, size_t site)
{
	uint32_t n = 0;

	for (uint32_t id = 0; id < sim_graph_count(a->s->graph); id++)
		for (size_t i = 0; i < a->plan->n_prefixes; i++) {
			if (a->plan->prefixes[i].like != i ||
			    scenario_destination(a->outcome->routes[i], id) !=
				site)
				continue;
			n++;
			break;
		}
	return n;
}

static void
check_one_neighbour(struct adviser *a, size_t site)
{
	const struct scenario_site *s = &a->plan->sites[site];
	const struct scenario_upstream *only = NULL;
	char share[ADVICE_SHARE_MAX];
	uint32_t there;

	if (s->down || s->local || a->plan->n_prefixes == 0)
		return;
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];

		if (u->site != site || u->down || u->link == SCENARIO_SELF)
			continue;
		if (u->link == SCENARIO_ALL || (only && only->asn != u->asn))
			return;
		only = u;
	}
	if (!only)
		return;
	there = count_site_any(a, site);
	advice_add(
	    a, SCENARIO_ADVISE_SINGLE_UPSTREAM, SCENARIO_NOTE, s->conf->place,
	    "%s has one neighbour, AS %u (%s): when that fails, the %u "
	    "%s (%s) that %s to %s %s elsewhere",
	    s->name, only->asn, only->name, there,
	    advice_word(there, "AS", "ASes"), advice_share(a, there, share),
	    advice_word(there, "comes", "come"), s->name,
	    advice_word(there, "goes", "go"));
}

/* All sites behind one AS fall with it. */
static void
check_common_neighbour(struct adviser *a, const struct scenario_prefix *q)
{
	size_t one = 0, sites = advice_sites(a, q, true, &one);
	uint32_t at = SIM_NONE;

	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];

		if (!advice_global(q, i))
			continue;
		if (u->link == SCENARIO_ALL || (at != SIM_NONE && u->at != at))
			return;
		at = u->at;
	}
	if (sites < 2 || at == SIM_NONE)
		return;
	advice_add(a, SCENARIO_ADVISE_SINGLE_UPSTREAM, SCENARIO_WARNING,
		   q->conf->prefix.place,
		   "all %zu sites of %s are behind AS %u: when it fails, all "
		   "are gone",
		   sites, q->text, sim_graph_asn(a->s->graph, at));
}

/* In the scenario: what a node file says has its place there. */
static struct conf_place
place_of(const struct adviser *a, const struct scenario_upstream *u)
{
	const struct conf_scenario_site *site = a->plan->sites[u->site].conf;

	return u->conf && !site->node ? u->conf->peer.place : site->place;
}

/* ---- local nodes ---- */

/* Customers of an AS that have no route, while it has one and keeps it. */
static uint32_t
count_cut_off(const struct adviser *a, const struct sim_result *r, uint32_t at)
{
	struct sim_ids ids =
	    sim_graph_neighbours(a->s->graph, at, SIM_CUSTOMER);
	uint32_t n = 0;

	for (size_t i = 0; i < ids.n; i++)
		n += r->announcement[ids.v[i]] == SIM_UNREACHED;
	return n;
}

static void
check_local(struct adviser *a, size_t number)
{
	const struct scenario_prefix *q = &a->plan->prefixes[number];
	const struct sim_result *r = &a->outcome->routes[number]->result;
	size_t one = 0;

	/* Where nobody passes it on, all of them are cut off. */
	if (q->like != number || q->too_long ||
	    advice_sites(a, q, true, &one) == 0)
		return;
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];
		uint32_t n;

		if (!advice_announced(q, i) || !q->announcements[i].no_export ||
		    r->announcement[u->at] != i)
			continue;
		n = count_cut_off(a, r, u->at);
		if (n > 0)
			advice_add(
			    a, SCENARIO_ADVISE_LOCAL_ONLY, SCENARIO_WARNING,
			    place_of(a, u),
			    "AS %u prefers what %s announces of %s and, with "
			    "NO_EXPORT, passes nothing on: %u of its customers "
			    "%s no route (RFC 4786 section 4.4.6)",
			    u->asn, a->plan->sites[u->site].name, q->text, n,
			    advice_word(n, "has", "have"));
	}
}

/* ---- words ---- */

static void
check_relations(struct adviser *a)
{
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];

		if (u->assumed && u->conf)
			advice_add(a, SCENARIO_ADVISE_ASSUMED, SCENARIO_NOTE,
				   place_of(a, u),
				   "%s.%s: no role is given; the site is "
				   "taken for a customer of AS %u",
				   a->plan->sites[u->site].name, u->name,
				   u->asn);
	}
}

static void
check_origins(struct adviser *a, size_t number)
{
	static const struct conf_place whole;
	const struct scenario_prefix *q = &a->plan->prefixes[number];
	uint32_t origin = 0;
	size_t one = 0;

	if (advice_sites(a, q, true, &one) < 2)
		return;
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];
		uint32_t here =
		    plan_origin(a->plan, number, u->site, u->local_asn);

		if (!advice_announced(q, i))
			continue;
		if (origin != 0 && here != origin)
			return;
		origin = here;
	}
	advice_add(a, SCENARIO_ADVISE_ORIGINS, SCENARIO_NOTE, whole,
		   "all sites originate from AS %u: an origin_asn for each "
		   "would tell in every path which site answers (RFC 6382)",
		   origin);
}

void
advice_sites_all(struct adviser *a)
{
	for (size_t i = 0; i < a->plan->n_prefixes; i++) {
		check_one_site(a, i);
		check_common_neighbour(a, &a->plan->prefixes[i]);
		check_local(a, i);
	}
	for (size_t i = 0; i < a->plan->n_sites; i++)
		check_one_neighbour(a, i);
	check_relations(a);
	if (a->plan->n_prefixes > 0)
		check_origins(a, a->plan->n_prefixes - 1);
}
