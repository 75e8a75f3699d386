/* SPDX-License-Identifier: ISC */
#include "bgp/flow_check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *
flow_verdict_name(enum flow_verdict v)
{
	static const char *const names[] = {
#define X(n, name, text) name,
	    FLOW_VERDICTS(X)
#undef X
	};

	return names[v];
}

const char *
flow_verdict_text(enum flow_verdict v)
{
	static const char *const texts[] = {
#define X(n, name, text) text,
	    FLOW_VERDICTS(X)
#undef X
	};

	return texts[v];
}

/* ---- destinations ---- */

static unsigned
slot_of(uint8_t family)
{
	return family == AF_INET6;
}

/* The first `len` bits of `of`, which has at least as many. */
static struct prefix
shortened(const struct prefix *of, uint8_t len)
{
	struct prefix p = *of;
	size_t octets = ip_octets(p.addr.family);

	p.len = len;
	for (size_t i = len / 8U; i < octets; i++)
		p.addr.bytes[i] =
		    i == len / 8U
			? (uint8_t)(p.addr.bytes[i] & ~(0xffU >> (len % 8U)))
			: 0;
	return p;
}

/* RFC 8956 section 5: with offset 0. */
static bool
has_destination(const struct bgp_flow *flow)
{
	return flow->dst.present && flow->dst.offset == 0;
}

/* Bits behind its length mean nothing. */
static struct prefix
destination(const struct bgp_flow *flow)
{
	return shortened(&flow->dst.prefix, flow->dst.prefix.len);
}

static struct flow_target *
find(const struct flow_check *c, const struct prefix *prefix)
{
	struct flow_target *t;

	HASH_FIND(hh, c->targets, prefix, sizeof(*prefix), t);
	return t;
}

void
flow_check_add(struct flow_check *c, const struct bgp_flow *flow)
{
	struct flow_target *t;
	struct prefix dst;

	c->n++;
	if (!has_destination(flow))
		return;
	dst = destination(flow);
	t = find(c, &dst);
	if (!t) {
		t = xcalloc(1, sizeof(*t));
		t->prefix = dst;
		HASH_ADD(hh, c->targets, prefix, sizeof(t->prefix), t);
		c->of_length[slot_of(t->prefix.addr.family)][t->prefix.len]++;
	}
	t->refs++;
}

void
flow_check_remove(struct flow_check *c, const struct bgp_flow *flow)
{
	struct flow_target *t;
	struct prefix dst;

	c->n--;
	if (!has_destination(flow))
		return;
	dst = destination(flow);
	t = find(c, &dst);
	if (--t->refs)
		return;
	c->of_length[slot_of(t->prefix.addr.family)][t->prefix.len]--;
	HASH_DEL(c->targets, t);
	free(t);
}

/* ---- the walk ---- */

static void
note_asn(struct flow_target *t, const uint32_t *asn)
{
	if (!asn) {
		t->own = true;
		return;
	}
	t->several |= t->has_asn && t->asn != *asn;
	t->has_asn = true;
	t->asn = *asn;
}

/* A unicast route; `asn` NULL: of this node itself. */
static void
note(struct flow_check *c, const struct prefix *prefix, const uint32_t *asn)
{
	const uint32_t *of_length = c->of_length[slot_of(prefix->addr.family)];

	for (uint8_t len = 0; len < prefix->len; len++) {
		struct prefix p;
		struct flow_target *t;

		if (!of_length[len])
			continue;
		p = shortened(prefix, len);
		t = find(c, &p);
		if (t)
			note_asn(t, asn);
	}
}

static uint32_t
neighbour_of(const struct loc_path *path)
{
	return path->key->has_neighbour ? path->key->neighbour : 0;
}

void
flow_check_begin(struct flow_check *c)
{
	struct flow_target *t;

	c->at = c->size = 0;
	c->round++;
	for (t = c->targets; t; t = t->hh.next) {
		t->own = t->several = t->has_asn = false;
		t->seen = true;
	}
}

/* A table of another size has its routes elsewhere: from the beginning. */
static void
keep_up(struct flow_check *c, const struct loc_rib *loc)
{
	if (c->size == loc->size)
		return;
	c->at = 0;
	c->size = loc->size;
}

bool
flow_check_walk(struct flow_check *c, const struct flow_unicast *u,
		size_t budget)
{
	size_t n_own = u->own->conf ? u->own->conf->n_prefixes : 0;

	keep_up(c, u->loc);
	if (!c->targets)
		return true;
	for (; budget && c->at < c->size; c->at++, budget--) {
		const struct loc_path *path = u->loc->heads[c->at];

		if (path && loc_path_used(path)) {
			uint32_t asn = neighbour_of(path);

			note(c, path->prefix, &asn);
		}
	}
	for (; budget && c->at < c->size + n_own; c->at++, budget--)
		note(c, &u->own->conf->prefixes[c->at - c->size].prefix, NULL);
	return c->at >= c->size + n_own;
}

/* ---- the verdict ---- */

/* The longest route that covers it; *own when that is one of this node. */
static const struct loc_path *
best_match(const struct flow_unicast *u, const struct prefix *dst, bool *own)
{
	for (int len = dst->len; len >= 0; len--) {
		struct prefix p = shortened(dst, (uint8_t)len);
		const struct loc_path *path = loc_rib_find(u->loc, &p);

		*own = index_find(u->own, &p) != INDEX_NONE;
		if (*own)
			return NULL;
		if (path && loc_path_used(path))
			return path;
	}
	return NULL;
}

static bool
has_asn(const struct bgp_attributes *a, uint32_t asn)
{
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		if (a->as_path[i] == asn)
			return true;
	return false;
}

static enum flow_verdict
judge_path(const struct flow_source *s, const struct bgp_attributes *a)
{
	if (has_asn(a, s->local_asn) || has_asn(a, s->node_asn))
		return FLOW_LOOP;
	if (!s->ibgp &&
	    (a->n_as_path == 0 || (s->first_as && a->as_path[0] != s->asn)))
		return FLOW_FIRST_AS;
	return FLOW_FEASIBLE;
}

/* RFC 9117 section 4: steps b) and c), and the left-most AS. */
static enum flow_verdict
judge_route(const struct flow_source *s, const struct bgp_attributes *a,
	    const struct loc_path *best, const struct flow_target *t)
{
	bool local = s->ibgp && a->n_as_path == 0;

	if (!local && best->owner != s->owner)
		return FLOW_ORIGINATOR;
	if (!s->ibgp && a->as_path[0] != neighbour_of(best))
		return FLOW_PATH;
	if (t->own || t->several ||
	    (t->has_asn && t->asn != neighbour_of(best)))
		return FLOW_SPECIFIC;
	return FLOW_FEASIBLE;
}

enum flow_verdict
flow_check_judge(const struct flow_check *c, const struct flow_unicast *u,
		 const struct flow_source *source, const struct bgp_flow *flow,
		 const struct bgp_attributes *a)
{
	enum flow_verdict v = judge_path(source, a);
	const struct flow_target *target;
	const struct loc_path *best;
	struct prefix dst;
	bool own;

	if (v != FLOW_FEASIBLE)
		return v;
	if (!has_destination(flow))
		return FLOW_DESTINATION;
	dst = destination(flow);
	target = find(c, &dst);
	if (!target || !target->seen)
		return FLOW_WAITING;
	best = best_match(u, &dst, &own);
	if (!best)
		return own ? FLOW_OWN : FLOW_NO_ROUTE;
	return judge_route(source, a, best, target);
}
