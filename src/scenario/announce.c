/* SPDX-License-Identifier: ISC */
/* From a plan to announcements: one for each upstream and prefix. */
#include <string.h>

#include "scenario/plan.h"

/* RFC 1997, RFC 3765, RFC 7999, RFC 8326; names: base/community.h */
#define NO_EXPORT           UINT32_C(0xffffff01)
#define NO_ADVERTISE        UINT32_C(0xffffff02)
#define NO_EXPORT_SUBCONFED UINT32_C(0xffffff03)
#define NOPEER              UINT32_C(0xffffff04)
#define BLACKHOLE           UINT32_C(0xffff029a)
#define GRACEFUL_SHUTDOWN   UINT32_C(0xffff0000)

struct plan_asked
plan_asked(const struct conf_communities *c)
{
	struct plan_asked out = {0};

	for (size_t i = 0; i < c->n_standard; i++)
		switch (c->standard[i]) {
		case NO_EXPORT:
		case NO_ADVERTISE:
		case NO_EXPORT_SUBCONFED:
			out.no_export = true;
			break;
		case NOPEER:
			out.nopeer = true;
			break;
		case BLACKHOLE:
			out.blackhole = true;
			break;
		case GRACEFUL_SHUTDOWN:
			out.shutdown = true;
			break;
		}
	return out;
}

enum plan_validity
plan_validity(const struct conf_scenario *c, const struct prefix *prefix,
	      uint32_t origin)
{
	enum plan_validity found = PLAN_NOT_FOUND;

	for (size_t i = 0; i < c->n_roas; i++) {
		const struct conf_roa *r = &c->roas[i];

		if (!plan_covers(&r->prefix, prefix))
			continue;
		if (r->asn == origin && prefix->len <= r->max_length)
			return PLAN_VALID;
		found = PLAN_INVALID;
	}
	return found;
}

/* ---- what a site says of a prefix ---- */

const struct conf_prefix *
plan_words(const struct scenario_prefix *prefix,
	   const struct scenario_site *site)
{
	const struct conf_prefix *own = NULL;

	if (!prefix->conf)
		return NULL;
	if (site->conf)
		own = conf_scenario_node_prefix(site->conf, &prefix->prefix);
	return own ? own : &prefix->conf->prefix;
}

uint32_t
plan_origin(const struct scenario_plan *p, size_t prefix, size_t site,
	    uint32_t local)
{
	const struct scenario_site *s = &p->sites[site];
	const struct conf_prefix *words = plan_words(&p->prefixes[prefix], s);

	if (words && words->origin_asn)
		return words->origin_asn;
	if (s->conf && s->conf->origin_asn)
		return s->conf->origin_asn;
	return local;
}

static bool
exported(const struct scenario_upstream *u, const struct prefix *prefix)
{
	unsigned family =
	    prefix->addr.family == AF_INET ? CONF_IPV4 : CONF_IPV6;
	const struct conf_prefixes *list;

	if (u->conf && u->conf->peer.families &&
	    !(u->conf->peer.families & family))
		return false;
	if (!u->conf || u->conf->prefixes.n == 0)
		return true;
	list = &u->conf->prefixes;
	for (size_t i = 0; i < list->n; i++)
		if (prefix_equal(&list->v[i], prefix))
			return true;
	return false;
}

static bool
is_invalid(const struct scenario *s, const struct scenario_plan *p,
	   const struct scenario_prefix *prefix,
	   const struct scenario_site *site, uint32_t origin)
{
	if ((site->conf && site->conf->invalid) ||
	    (prefix->conf && prefix->conf->invalid))
		return true;
	return plan_validity(s->conf, &prefix->prefix, origin) == PLAN_INVALID;
}

/* ---- the path ---- */

static const uint32_t *
make_tail(struct scenario_plan *p, uint32_t local, unsigned prepend,
	  uint32_t origin, size_t *n)
{
	uint32_t *tail = arena_alloc(&p->arena, (prepend + 2) * sizeof(*tail));

	*n = 0;
	for (unsigned i = 0; i <= prepend; i++)
		tail[(*n)++] = local;
	if (origin != local)
		tail[(*n)++] = origin;
	return tail;
}

/* Most prefixes have the same origin: the tail of the last one is shared. */
static void
set_tail(struct scenario_plan *p, size_t prefix,
	 const struct scenario_upstream *u, struct sim_announcement *a)
{
	uint32_t origin = plan_origin(p, prefix, u->site, u->local_asn);
	const struct sim_announcement *last;

	if (prefix > 0) {
		last = &p->prefixes[prefix - 1].announcements[u - p->upstreams];
		if (last->n_tail > 0 &&
		    last->tail[last->n_tail - 1] == origin) {
			a->tail = last->tail;
			a->n_tail = last->n_tail;
			return;
		}
	}
	a->tail = make_tail(p, u->local_asn, u->prepend, origin, &a->n_tail);
}

static void
set_self(struct scenario_plan *p, struct sim_announcement *a)
{
	a->from = SIM_CUSTOMER;
	a->no_export = true;
	a->tail = make_tail(p, PLAN_SERVERS, 0, PLAN_SERVERS, &a->n_tail);
}

/* ---- one announcement ---- */

/* What would keep it from being passed on is not here: scenario.c. */
static void
set_all(struct scenario_plan *p, size_t prefix,
	const struct scenario_upstream *u, struct sim_announcement *a)
{
	uint32_t origin = plan_origin(p, prefix, u->site, u->local_asn);
	const struct conf_prefix *words =
	    plan_words(&p->prefixes[prefix], &p->sites[u->site]);

	if (origin != u->local_asn) {
		uint32_t *tail = arena_alloc(&p->arena, sizeof(*tail));

		*tail = origin;
		a->tail = tail;
		a->n_tail = 1;
	}
	a->nopeer = words && plan_asked(&words->communities).nopeer;
}

static void
set_words(const struct scenario_prefix *prefix,
	  const struct scenario_site *site, const struct scenario_upstream *u,
	  struct sim_announcement *a)
{
	const struct conf_prefix *words = plan_words(prefix, site);
	struct plan_asked asked = {0};

	if (words)
		asked = plan_asked(&words->communities);
	if (site->local || (words && words->scope == CONF_SCOPE_LOCAL))
		asked.no_export = asked.nopeer = true;
	/* Who is asked to drop keeps it to itself (RFC 7999 section 3.2). */
	if (u->blackhole || asked.blackhole) {
		a->site = SIM_NONE;
		asked.no_export = true;
	}
	a->nopeer = u->nopeer || asked.nopeer;
	a->no_export = u->no_export || asked.no_export || prefix->too_long;
}

static void
announce(const struct scenario *s, struct scenario_plan *p, size_t prefix,
	 const struct scenario_upstream *u, struct sim_announcement *a)
{
	const struct scenario_prefix *q = &p->prefixes[prefix];
	const struct scenario_site *site = &p->sites[u->site];

	*a = (struct sim_announcement){
	    .at = u->at,
	    .from = u->relation,
	    .site = u->site,
	    .down = site->down || u->down || !q->at[u->site] ||
		    !exported(u, &q->prefix),
	};
	/* Made by culprit.c; nothing of ours may stand in it. */
	if (u->link == SCENARIO_CULPRIT) {
		a->from = SIM_ORIGIN;
		a->down = true;
		return;
	}
	if (u->link == SCENARIO_SELF) {
		set_self(p, a);
		return;
	}
	a->invalid = is_invalid(s, p, q, site,
				plan_origin(p, prefix, u->site, u->local_asn));
	if (u->link == SCENARIO_ALL) {
		set_all(p, prefix, u, a);
		return;
	}
	set_tail(p, prefix, u, a);
	set_words(q, site, u, a);
	a->only = u->only;
	a->exports = u->exports;
	a->n_exports = u->n_exports;
}

/* ---- prefixes that are alike ---- */

static bool
same(const struct sim_announcement *a, const struct sim_announcement *b)
{
	if (a->down && b->down)
		return true;
	return a->down == b->down && a->site == b->site && a->at == b->at &&
	       a->from == b->from && a->invalid == b->invalid &&
	       a->no_export == b->no_export && a->nopeer == b->nopeer &&
	       a->only == b->only && a->exports == b->exports &&
	       a->n_exports == b->n_exports && a->n_tail == b->n_tail &&
	       (a->n_tail == 0 ||
		memcmp(a->tail, b->tail, a->n_tail * sizeof(*a->tail)) == 0);
}

static bool
alike(const struct scenario_plan *p, const struct scenario_prefix *a,
      const struct scenario_prefix *b)
{
	if ((a->covered_by == SIM_NONE) != (b->covered_by == SIM_NONE))
		return false;
	if (a->covered_by != SIM_NONE &&
	    p->prefixes[a->covered_by].like != p->prefixes[b->covered_by].like)
		return false;
	for (size_t i = 0; i < p->n_upstreams; i++)
		if (!same(&a->announcements[i], &b->announcements[i]))
			return false;
	return true;
}

/* From behind: what covers is shorter and stands there. What is a culprit's
 * own stands behind all and is like nothing. */
void
plan_find_alike(struct scenario_plan *p)
{
	size_t n = p->n_prefixes;

	for (size_t i = n; i-- > 0;) {
		struct scenario_prefix *q = &p->prefixes[i];

		q->like = (uint32_t)i;
		if (!q->conf)
			continue;
		for (size_t k = n; k-- > i + 1 && q->like == i;)
			if (p->prefixes[k].conf && p->prefixes[k].like == k &&
			    alike(p, q, &p->prefixes[k]))
				q->like = (uint32_t)k;
	}
}

void
plan_announce(const struct scenario *s, struct scenario_plan *p)
{
	for (size_t i = 0; i < p->n_prefixes; i++) {
		struct scenario_prefix *q = &p->prefixes[i];

		q->announcements = arena_alloc(
		    &p->arena, p->n_upstreams * sizeof(*q->announcements));
		for (size_t u = 0; u < p->n_upstreams; u++)
			announce(s, p, i, &p->upstreams[u],
				 &q->announcements[u]);
	}
	plan_find_alike(p);
}
