/* SPDX-License-Identifier: ISC */
/* Hijacks and leaks as a plan: the culprit is a site behind all others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/plan.h"

struct culprit {
	const struct scenario *s;
	const struct scenario_outcome *base; /* of the plan without it */
	const struct conf_hijack *hijack;
	struct scenario_plan *plan;
	uint32_t id, site;
	size_t first; /* upstream: the culprit's begin here */
};

static bool
is_attacked(const struct culprit *c, const struct scenario_prefix *q)
{
	const struct prefix *wanted = &c->hijack->prefix;

	return ip_is_none(&wanted->addr) || prefix_equal(wanted, &q->prefix);
}

/* ---- whom the culprit tells ---- */

static void
add_upstream(struct culprit *c, uint32_t at, enum sim_relation relation)
{
	struct scenario_upstream *u = plan_add_upstream(c->plan);
	char name[16];

	u->link = SCENARIO_CULPRIT;
	u->site = c->site;
	u->asn = sim_graph_asn(c->s->graph, at);
	u->at = at;
	u->relation = relation;
	u->local_asn = c->hijack->asn;
	snprintf(name, sizeof(name), "AS%u", u->asn);
	u->name = arena_strdup(&c->plan->arena, name);
}

static void
add_row(struct culprit *c, enum sim_relation what)
{
	const struct sim_graph *g = c->s->graph;
	struct sim_ids ids = sim_graph_neighbours(g, c->id, what);

	for (size_t i = 0; i < ids.n; i++)
		add_upstream(c, ids.v[i],
			     sim_graph_relation(g, ids.v[i], c->id));
}

/* In the order of sim_hijack_new(): a leak goes to providers and peers. */
static void
add_upstreams(struct culprit *c, bool each)
{
	c->first = c->plan->n_upstreams;
	if (c->hijack->kind != CONF_HIJACK_LEAK)
		add_upstream(c, c->id, SIM_ORIGIN);
	if (c->hijack->kind == CONF_HIJACK_LEAK || each) {
		add_row(c, SIM_PROVIDER);
		add_row(c, SIM_PEER);
	}
	if (each)
		add_row(c, SIM_CUSTOMER);
}

/* ---- more specific prefixes ---- */

static struct prefix
half_of(const struct prefix *p, bool upper)
{
	struct prefix half = *p;

	if (upper)
		half.addr.bytes[p->len / 8] |= (uint8_t)(0x80 >> p->len % 8);
	half.len++;
	return half;
}

/* Does the plan have something in it? Then it is not this one that falls. */
static bool
is_taken(const struct scenario_plan *p, const struct prefix *half)
{
	for (size_t i = 0; i < p->n_prefixes; i++)
		if (plan_covers(half, &p->prefixes[i].prefix))
			return true;
	return false;
}

static void
add_prefix(struct culprit *c, const struct prefix *prefix, uint32_t covered_by)
{
	const struct conf_scenario *conf = c->s->conf;
	struct scenario_prefix *q = plan_add_prefix(c->plan, prefix);

	q->covered_by = covered_by;
	q->too_long =
	    prefix->len >
	    (prefix->addr.family == AF_INET ? conf->longest4 : conf->longest6);
	q->at = arena_alloc(&c->plan->arena, c->plan->n_sites * sizeof(*q->at));
}

/* The longest of the plan that has the attacked prefix in it. */
static uint32_t
cover_of(const struct scenario_plan *p, const struct prefix *prefix)
{
	for (size_t i = 0; i < p->n_prefixes; i++)
		if (plan_covers(&p->prefixes[i].prefix, prefix) &&
		    p->prefixes[i].prefix.len < prefix->len)
			return (uint32_t)i;
	return SIM_NONE;
}

/* The first half that nobody announces; false: there is none. */
static bool
free_half(const struct scenario_plan *p, uint32_t number, struct prefix *out)
{
	const struct prefix *whole = &p->prefixes[number].prefix;
	unsigned bits = whole->addr.family == AF_INET ? 32 : 128;

	for (int upper = 0; upper < 2 && whole->len < bits; upper++) {
		*out = half_of(whole, upper);
		if (!is_taken(p, out))
			return true;
	}
	return false;
}

static void
add_half(struct culprit *c, uint32_t number)
{
	struct prefix half;

	if (free_half(c->plan, number, &half))
		add_prefix(c, &half, number);
}

static size_t
add_prefixes(struct culprit *c)
{
	const struct prefix *wanted = &c->hijack->prefix;
	size_t n = c->plan->n_prefixes;

	if (!ip_is_none(&wanted->addr) && !is_taken(c->plan, wanted)) {
		uint32_t cover = cover_of(c->plan, wanted);

		if (cover != SIM_NONE)
			add_prefix(c, wanted, cover);
		return c->plan->n_prefixes - n;
	}
	for (size_t i = 0; i < n; i++)
		if (is_attacked(c, &c->plan->prefixes[i]))
			add_half(c, (uint32_t)i);
	return c->plan->n_prefixes - n;
}

/* ---- what is announced ---- */

/* Without ROAs all that a culprit originates is taken to be invalid. */
static bool
is_invalid(const struct conf_scenario *conf, const struct prefix *p,
	   uint32_t asn)
{
	if (conf->n_roas == 0)
		return true;
	return plan_validity(conf, p, asn) == PLAN_INVALID;
}

bool
scenario_hijack_invalid(const struct scenario *s,
			const struct scenario_plan *plan, size_t prefix,
			enum conf_hijack_kind kind, uint32_t asn)
{
	struct prefix half, *p = &plan->prefixes[prefix].prefix;

	if (kind == CONF_HIJACK_SUB_PREFIX &&
	    free_half(plan, (uint32_t)prefix, &half))
		p = &half;
	return is_invalid(s->conf, p, asn);
}

/* Everything but the culprit's, of which none is made yet. */
static struct sim_announcement *
hush(struct culprit *c, struct scenario_prefix *q)
{
	for (size_t i = c->first; i < c->plan->n_upstreams; i++)
		q->announcements[i].down = true;
	return &q->announcements[c->first];
}

/* The true origin, of the first site that announces: RFC 6382 has several. */
static uint32_t
origin_of(const struct culprit *c, size_t number)
{
	const struct scenario_prefix *q = &c->plan->prefixes[number];

	for (size_t i = 0; i < c->first; i++) {
		const struct sim_announcement *a = &q->announcements[i];

		if (a->down || c->plan->upstreams[i].link == SCENARIO_SELF)
			continue;
		return a->n_tail ? a->tail[a->n_tail - 1]
				 : c->plan->upstreams[i].asn;
	}
	return 0;
}

static const uint32_t *
keep_tail(struct culprit *c, const uint32_t *tail, size_t n)
{
	uint32_t *kept = arena_alloc(&c->plan->arena, n * sizeof(*kept));

	if (n > 0)
		memcpy(kept, tail, n * sizeof(*kept));
	return kept;
}

/* The prefix of the base; false: nobody announces what could be attacked. */
static bool
attack(struct culprit *c, size_t number)
{
	struct scenario_prefix *q = &c->plan->prefixes[number];
	struct sim_announcement *own = hush(c, q);
	struct sim_hijack h = {
	    .kind = (enum sim_hijack_kind)c->hijack->kind,
	    .culprit = c->id,
	    .origin = origin_of(c, number),
	    .invalid = is_invalid(c->s->conf, &q->prefix, c->hijack->asn),
	    .site = c->site,
	};
	struct sim_hijacked made = {0};

	if (h.origin == 0)
		return false;
	sim_hijack_new(c->s->graph, &h, q->announcements, c->first,
		       &c->base->routes[number]->result, &made);
	for (size_t i = made.first; i < made.n; i++) {
		own[i - made.first] = made.v[i];
		own[i - made.first].tail =
		    keep_tail(c, made.v[i].tail, made.v[i].n_tail);
	}
	sim_hijacked_free(&made);
	return true;
}

/* A more specific prefix, all the culprit's own. */
static void
attack_below(struct culprit *c, struct scenario_prefix *q)
{
	struct sim_announcement *own;
	struct sim_announcement whole = {
	    .at = c->id,
	    .from = SIM_ORIGIN,
	    .site = c->site,
	    .invalid = is_invalid(c->s->conf, &q->prefix, c->hijack->asn),
	};

	for (size_t i = 0; i < c->first; i++)
		q->announcements[i].down = true;
	own = hush(c, q);
	own[0] = whole;
	if (!q->too_long)
		return;
	/* Neighbours hear it and keep it: one announcement for each, and one
	 * that the culprit keeps itself. */
	own[0].from = SIM_CUSTOMER;
	own[0].invalid = false;
	own[0].no_export = true;
	own[0].tail = keep_tail(c, (uint32_t[]){PLAN_SERVERS}, 1);
	own[0].n_tail = 1;
	for (size_t i = c->first + 1; i < c->plan->n_upstreams; i++) {
		struct sim_announcement *a = &q->announcements[i];

		*a = whole;
		a->at = c->plan->upstreams[i].at;
		a->from = c->plan->upstreams[i].relation;
		a->no_export = true;
		a->tail = keep_tail(c, &c->hijack->asn, 1);
		a->n_tail = 1;
	}
}

/* ---- all of it ---- */

static int
refuse(const struct culprit *c, const char *why, struct text *messages)
{
	text_addf(messages, "hijack by AS %u (%s): %s\n", c->hijack->asn,
		  conf_hijack_text(c->hijack->kind), why);
	scenario_plan_free(c->plan);
	return -EINVAL;
}

static bool
any_too_long(const struct scenario_plan *p, size_t from)
{
	for (size_t i = from; i < p->n_prefixes; i++)
		if (p->prefixes[i].too_long)
			return true;
	return false;
}

static size_t
attack_all(struct culprit *c, size_t n)
{
	size_t attacked = 0;

	plan_announce(c->s, c->plan);
	for (size_t i = 0; i < c->plan->n_prefixes; i++) {
		struct scenario_prefix *q = &c->plan->prefixes[i];

		if (i >= n) {
			attack_below(c, q);
			attacked++;
		} else if (c->hijack->kind == CONF_HIJACK_SUB_PREFIX ||
			   !is_attacked(c, q)) {
			hush(c, q);
		} else {
			attacked += attack(c, i);
		}
	}
	plan_find_alike(c->plan);
	return attacked;
}

static void
add_site(struct culprit *c)
{
	struct scenario_site *site = plan_add_site(c->plan);
	char name[16];

	snprintf(name, sizeof(name), "AS%u", c->hijack->asn);
	c->site = (uint32_t)(c->plan->n_sites - 1);
	site->name = arena_strdup(&c->plan->arena, name);
	site->asn = c->hijack->asn;
	site->id = c->id;
	/* Where prefixes are announced is a list by site. */
	for (size_t i = 0; i < c->plan->n_prefixes; i++) {
		struct scenario_prefix *q = &c->plan->prefixes[i];
		bool *at = arena_alloc(&c->plan->arena,
				       c->plan->n_sites * sizeof(*at));

		memcpy(at, q->at, (c->plan->n_sites - 1) * sizeof(*at));
		q->at = at;
	}
}

int
scenario_hijack(const struct scenario *s, const struct scenario_plan *plan,
		const struct scenario_outcome *outcome,
		const struct conf_hijack *hijack, struct scenario_plan **out,
		struct text *messages)
{
	struct culprit c = {.s = s, .base = outcome, .hijack = hijack};
	size_t n = plan->n_prefixes;
	char name[64];

	*out = NULL;
	snprintf(name, sizeof(name), "AS%u hijacks (%s)", hijack->asn,
		 conf_hijack_text(hijack->kind));
	c.plan = plan_copy(plan, name);
	c.id = sim_graph_find(s->graph, hijack->asn);
	if (c.id == SIM_NONE)
		return refuse(&c, "the AS is not in the graph", messages);
	add_site(&c);
	if (hijack->kind == CONF_HIJACK_SUB_PREFIX && add_prefixes(&c) == 0)
		return refuse(&c, "no prefix can be made more specific",
			      messages);
	add_upstreams(&c, any_too_long(c.plan, n));
	if (c.plan->n_upstreams > SIM_ANNOUNCE_MAX)
		return refuse(&c, "more announcements than can be simulated",
			      messages);
	if (attack_all(&c, n) == 0)
		return refuse(&c, "nobody announces what it attacks", messages);
	*out = c.plan;
	return 0;
}
