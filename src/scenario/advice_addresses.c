/* SPDX-License-Identifier: ISC */
/*
 * Advice about prefixes: their length (RFC 4786 section 4.5), what covers
 * what, the services behind one covering prefix (section 4.8), the families.
 */
#include "scenario/advice.h"

#include <string.h>

static unsigned
longest(const struct adviser *a, const struct prefix *p)
{
	return p->addr.family == AF_INET ? a->s->conf->longest4
					 : a->s->conf->longest6;
}

static void
check_length(struct adviser *a, size_t number)
{
	const struct scenario_prefix *q = &a->plan->prefixes[number];
	const struct sim_result *r = &a->outcome->routes[number]->result;
	uint32_t there = 0;
	char share[ADVICE_SHARE_MAX];

	if (!q->too_long)
		return;
	for (uint32_t id = 0; id < r->n; id++)
		there += r->announcement[id] != SIM_UNREACHED;
	advice_add(a, SCENARIO_ADVISE_TOO_LONG, SCENARIO_WARNING,
		   q->conf->prefix.place,
		   "%s is longer than /%u: most networks do not pass it on, "
		   "%u %s (%s) %s a route. Announce a /%u that covers it "
		   "(RFC 4786 section 4.5)",
		   q->text, longest(a, &q->prefix), there,
		   advice_word(there, "AS", "ASes"),
		   advice_share(a, there, share),
		   advice_word(there, "has", "have"), longest(a, &q->prefix));
}

/* ---- one within the other ---- */

/* Announced for `other` at some site where `q` is not? */
static const char *
missing_at(const struct adviser *a, const struct scenario_prefix *q,
	   const struct scenario_prefix *other)
{
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		size_t site = a->plan->upstreams[i].site;
		bool there = false;

		if (!advice_global(other, i))
			continue;
		for (size_t k = 0; k < a->plan->n_upstreams && !there; k++)
			there = a->plan->upstreams[k].site == site &&
				advice_announced(q, k);
		if (!there)
			return a->plan->sites[site].name;
	}
	return NULL;
}

/* How many packets of those to the longer prefix end where it is announced. */
static uint32_t
taken(const struct adviser *a, size_t number)
{
	const struct scenario_routes *r = a->outcome->routes[number];
	uint32_t n = 0;

	for (uint32_t id = 0; id < r->result.n; id++)
		n += r->where[id] != SIM_UNREACHED &&
		     r->where[id] < a->plan->n_upstreams;
	return n;
}

static void
check_cover(struct adviser *a, size_t number)
{
	const struct scenario_prefix *q = &a->plan->prefixes[number], *cover;
	const char *left;
	char share[ADVICE_SHARE_MAX];
	uint32_t n;

	if (q->covered_by == SIM_NONE)
		return;
	cover = &a->plan->prefixes[q->covered_by];
	left = missing_at(a, q, cover);
	n = taken(a, number);
	if (left)
		advice_add(a, SCENARIO_ADVISE_MORE_SPECIFIC, SCENARIO_WARNING,
			   q->conf->prefix.place,
			   "%s is more specific than %s, and %s announces the "
			   "latter alone: %u %s (%s) %s what is for %s "
			   "past it, however near it is",
			   q->text, cover->text, left, n,
			   advice_word(n, "AS", "ASes"),
			   advice_share(a, n, share),
			   advice_word(n, "sends", "send"), q->text);
	else if (n > 0)
		advice_add(a, SCENARIO_ADVISE_MORE_SPECIFIC, SCENARIO_NOTE,
			   q->conf->prefix.place,
			   "%s is announced beside %s: a site must withdraw "
			   "both when it fails, or the shorter one draws "
			   "packets that nobody answers",
			   q->text, cover->text);
}

/* ---- services ---- */

static void
check_services(struct adviser *a, const struct conf_scenario_site *site)
{
	for (size_t i = 0; site->node && i < site->node->n_prefixes; i++) {
		const struct conf_prefix *p = &site->node->prefixes[i];
		struct prefix prefix = p->prefix;
		char text[PREFIX_TEXT_MAX];

		if (p->n_services < 2)
			continue;
		prefix_format(&prefix, text, sizeof(text));
		if (p->require.mode == CONF_REQUIRE_ALL)
			advice_add(a, SCENARIO_ADVISE_SHARED_COVER,
				   SCENARIO_NOTE, site->place,
				   "%s: %zu services share %s and fall "
				   "together: one that fails withdraws all of "
				   "them. A covering prefix for each parts "
				   "them (RFC 4786 section 4.8.1)",
				   site->name, p->n_services, text);
		else
			advice_add(a, SCENARIO_ADVISE_SHARED_COVER,
				   SCENARIO_WARNING, site->place,
				   "%s: %zu services share %s, which stays "
				   "announced while some have failed: their "
				   "clients get no answer (RFC 4786 section "
				   "4.8)",
				   site->name, p->n_services, text);
	}
}

/* ---- families ---- */

static size_t
count_links(const struct adviser *a, size_t site, uint8_t family)
{
	size_t n = 0;

	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		bool any = false;

		for (size_t p = 0; p < a->plan->n_prefixes && !any; p++)
			any =
			    a->plan->prefixes[p].prefix.addr.family == family &&
			    advice_announced(&a->plan->prefixes[p], i);
		n += any && a->plan->upstreams[i].site == site;
	}
	return n;
}

/* The shortest of a family, announced at the same sites as `like` when that
 * is given; SIM_NONE: none. */
static uint32_t
first_of(const struct adviser *a, uint8_t family,
	 const struct scenario_prefix *like)
{
	uint32_t found = SIM_NONE;

	for (uint32_t i = 0; i < a->plan->n_prefixes; i++) {
		const struct scenario_prefix *q = &a->plan->prefixes[i];

		if (q->prefix.addr.family == family &&
		    (!like || memcmp(like->at, q->at,
				     a->plan->n_sites * sizeof(*q->at)) == 0))
			found = i;
	}
	return found;
}

static uint32_t
count_parted(const struct adviser *a, uint32_t x, uint32_t y)
{
	const struct scenario_routes *r = a->outcome->routes[x];
	const struct scenario_routes *t = a->outcome->routes[y];
	uint32_t n = 0;

	for (uint32_t id = 0; id < r->result.n; id++)
		n += scenario_destination(r, id) != scenario_destination(t, id);
	return n;
}

/* A node may have one neighbour twice, once by each family. */
static void
check_site_families(struct adviser *a, size_t site)
{
	const struct scenario_site *s = &a->plan->sites[site];
	size_t n4, n6;

	if (s->down)
		return;
	n4 = count_links(a, site, AF_INET);
	n6 = count_links(a, site, AF_INET6);
	if ((n4 == 0) == (n6 == 0))
		return;
	advice_add(
	    a, SCENARIO_ADVISE_FAMILIES, SCENARIO_WARNING, s->conf->place,
	    "%s announces %s to %zu %s and no %s: a client of both reaches "
	    "two sites",
	    s->name, n4 ? "IPv4" : "IPv6", n4 + n6,
	    advice_word(n4 + n6, "neighbour", "neighbours"),
	    n4 ? "IPv6" : "IPv4");
}

static void
check_families(struct adviser *a)
{
	static const struct conf_place whole;
	uint32_t x = first_of(a, AF_INET, NULL);
	uint32_t y = first_of(a, AF_INET6, NULL);
	uint32_t parted;
	char share[ADVICE_SHARE_MAX];

	if (x == SIM_NONE || y == SIM_NONE) {
		advice_add(a, SCENARIO_ADVISE_FAMILIES, SCENARIO_NOTE, whole,
			   "only %s is announced: clients of the other "
			   "family cannot reach the service",
			   x == SIM_NONE ? "IPv6" : "IPv4");
		return;
	}
	for (size_t i = 0; i < a->plan->n_sites; i++)
		check_site_families(a, i);
	x = first_of(a, AF_INET, &a->plan->prefixes[y]);
	parted = x == SIM_NONE ? 0 : count_parted(a, x, y);
	if (parted > 0)
		advice_add(a, SCENARIO_ADVISE_FAMILIES, SCENARIO_NOTE, whole,
			   "%u %s (%s) %s another site by %s than by %s",
			   parted, advice_word(parted, "AS", "ASes"),
			   advice_share(a, parted, share),
			   advice_word(parted, "reaches", "reach"),
			   a->plan->prefixes[x].text,
			   a->plan->prefixes[y].text);
}

void
advice_addresses(struct adviser *a)
{
	for (size_t i = 0; i < a->plan->n_prefixes; i++) {
		check_length(a, i);
		check_cover(a, i);
	}
	for (size_t i = 0; i < a->s->conf->n_sites; i++)
		check_services(a, &a->s->conf->sites[i]);
	check_families(a);
}
