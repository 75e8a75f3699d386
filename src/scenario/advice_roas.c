/* SPDX-License-Identifier: ISC */
/*
 * Advice about ROAs: what they make of our own announcements, what a maximum
 * length gives away (RFC 9319, RFC 7115 section 3), and how far a hijack by a
 * more specific prefix would reach.
 */
#include "scenario/advice.h"

#include <stdlib.h>

/* So many ASes are tried as culprits, evenly spread. */
#define CULPRITS 20

/* ---- reach ---- */

/* The mean share of ASes that take what a culprit alone announces. */
static int
mean_reach(const struct adviser *a, bool invalid, double *ases)
{
	const struct sim_graph *g = a->s->graph;
	uint32_t n = sim_graph_count(g), tried = n < CULPRITS ? n : CULPRITS;
	struct sim_result r = sim_result_new(g);
	uint64_t sum = 0;
	int err = 0;

	for (uint32_t i = 0; i < tried && err == 0; i++) {
		struct sim_announcement one = {
		    .at = (uint32_t)((uint64_t)i * n / tried),
		    .from = SIM_ORIGIN,
		    .invalid = invalid,
		};

		err = sim_run(a->engine, &a->s->policy, &one, 1, &r);
		for (uint32_t id = 0; id < n; id++)
			sum += r.announcement[id] != SIM_UNREACHED;
	}
	sim_result_free(&r);
	*ases = tried ? (double)sum / tried : 0;
	return err;
}

struct reach {
	double valid, invalid; /* ASes, on average */
};

static void
check_exposure(struct adviser *a, const struct scenario_prefix *q,
	       const struct reach *reach)
{
	unsigned longest = q->prefix.addr.family == AF_INET
			       ? a->s->conf->longest4
			       : a->s->conf->longest6;
	char all[ADVICE_SHARE_MAX], some[ADVICE_SHARE_MAX];

	if (q->prefix.len >= longest)
		return;
	advice_share(a, reach->valid, all);
	advice_share(a, reach->invalid, some);
	if (!a->s->policy.rov)
		advice_add(a, SCENARIO_ADVISE_SUB_PREFIX, SCENARIO_WARNING,
			   q->conf->prefix.place,
			   "%s is shorter than /%u: a hijacker's more "
			   "specific prefix takes %s of the ASes (mean of %d "
			   "hijackers). Announce it as /%us as well; what a "
			   "ROA is good for is seen with rov",
			   q->text, longest, all, CULPRITS, longest);
	else
		advice_add(a, SCENARIO_ADVISE_SUB_PREFIX, SCENARIO_WARNING,
			   q->conf->prefix.place,
			   "%s is shorter than /%u: a hijacker's more "
			   "specific prefix takes %s of the ASes (mean of %d "
			   "hijackers) where no ROA makes it invalid, and %s "
			   "where one does (maxLength %u, RFC 9319)",
			   q->text, longest, all, CULPRITS, some,
			   q->prefix.len);
}

/* ---- our own announcements ---- */

/* Each origin once: they stand in the order of sites. */
static void
check_origins(struct adviser *a, size_t number)
{
	const struct scenario_prefix *q = &a->plan->prefixes[number];
	uint32_t last = 0;

	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		const struct scenario_upstream *u = &a->plan->upstreams[i];
		uint32_t origin =
		    plan_origin(a->plan, number, u->site, u->local_asn);
		enum plan_validity v;

		if (!advice_announced(q, i) || origin == last)
			continue;
		last = origin;
		v = plan_validity(a->s->conf, &q->prefix, origin);
		if (v == PLAN_INVALID)
			advice_add(
			    a, SCENARIO_ADVISE_ROA, SCENARIO_WARNING,
			    q->conf->prefix.place,
			    "%s from AS %u, as %s announces it, is invalid "
			    "by the ROAs: add one for %s, AS %u, without a "
			    "maxLength",
			    q->text, origin, a->plan->sites[u->site].name,
			    q->text, origin);
		else if (v == PLAN_NOT_FOUND)
			advice_add(
			    a, SCENARIO_ADVISE_ROA, SCENARIO_NOTE,
			    q->conf->prefix.place,
			    "no ROA of the scenario covers %s from AS %u: "
			    "sign %s for AS %u, without a maxLength (RFC "
			    "9319 section 5)",
			    q->text, origin, q->text, origin);
	}
}

/* ---- maximum lengths ---- */

static void
check_max_length(struct adviser *a, const struct conf_roa *r,
		 const struct reach *reach)
{
	char text[PREFIX_TEXT_MAX], all[ADVICE_SHARE_MAX],
	    some[ADVICE_SHARE_MAX];
	unsigned used = r->prefix.len;

	for (size_t i = 0; i < a->plan->n_prefixes; i++) {
		const struct prefix *p = &a->plan->prefixes[i].prefix;

		if (plan_covers(&r->prefix, p) && p->len > used)
			used = p->len;
	}
	if (r->max_length <= used)
		return;
	advice_add(a, SCENARIO_ADVISE_ROA_MAX_LENGTH, SCENARIO_WARNING,
		   r->place,
		   "the ROA of %s allows prefixes up to /%u, and no longer one "
		   "than /%u is announced: a hijacker who forges AS %u is "
		   "valid with a longer one and takes %s of the ASes instead "
		   "of %s. Leave maxLength away (RFC 9319 section 5)",
		   prefix_format(&r->prefix, text, sizeof(text)), r->max_length,
		   used, r->asn, advice_share(a, reach->valid, all),
		   advice_share(a, reach->invalid, some));
}

int
advice_roas(struct adviser *a)
{
	struct reach reach = {0};
	int err = mean_reach(a, false, &reach.valid);

	if (err == 0)
		err = mean_reach(a, true, &reach.invalid);
	if (err != 0)
		return err;
	for (size_t i = 0; i < a->plan->n_prefixes; i++) {
		if (!a->plan->prefixes[i].conf)
			continue;
		check_exposure(a, &a->plan->prefixes[i], &reach);
		check_origins(a, i);
	}
	for (size_t i = 0; i < a->s->conf->n_roas; i++)
		check_max_length(a, &a->s->conf->roas[i], &reach);
	return 0;
}
