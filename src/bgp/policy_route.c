/* SPDX-License-Identifier: ISC */
/*
 * What becomes of a received route. The order of the checks is that of their
 * price: most routes of a full table are refused by their length alone.
 */
#include <netinet/in.h>
#include <string.h>

#include "base/text.h"
#include "bgp/policy.h"

const char *
policy_refusal_text(enum policy_refusal r)
{
	static const char *const texts[] = {
#define X(n, name, logged, text) [POLICY_##n] = text,
	    POLICY_REFUSALS(X)
#undef X
	};

	return texts[r];
}

const char *
policy_refusal_name(enum policy_refusal r)
{
	static const char *const names[] = {
#define X(n, name, logged, text) [POLICY_##n] = #name,
	    POLICY_REFUSALS(X)
#undef X
	};

	return names[r];
}

bool
policy_refusal_is_odd(enum policy_refusal r)
{
	static const bool odd[] = {
#define X(n, name, logged, text) [POLICY_##n] = logged,
	    POLICY_REFUSALS(X)
#undef X
	};

	return odd[r];
}

/* ---- AS_PATH ---- */

static size_t
kept_asns(const struct bgp_attributes *a)
{
	return a->n_as_path < BGP_AS_PATH_MAX ? a->n_as_path : BGP_AS_PATH_MAX;
}

static bool
in_as_path(const struct bgp_attributes *a, uint32_t asn)
{
	for (size_t i = 0; i < kept_asns(a); i++)
		if (a->as_path[i] == asn)
			return true;
	return false;
}

static bool
has_asn(const struct conf_asns *list, uint32_t asn)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == asn)
			return true;
	return false;
}

uint32_t
policy_origin(const struct policy_self *self, const struct bgp_attributes *a)
{
	if (a->n_as_path == 0)
		return self->ibgp ? self->peer->local_asn : 0;
	if (a->path_has_set || a->n_as_path > BGP_AS_PATH_MAX)
		return 0;
	return a->as_path[a->n_as_path - 1];
}

static enum policy_refusal
judge_path(const struct policy_self *self, const struct bgp_attributes *a)
{
	const struct conf_policy *policy = &self->peer->policy;
	const struct conf_asns *through = &policy->import.paths_through;
	bool passes = through->n == 0;

	if (in_as_path(a, self->peer->local_asn) ||
	    in_as_path(a, self->node_asn))
		return POLICY_LOOP;
	if (!self->ibgp && policy->first_as &&
	    (a->n_as_path == 0 || a->as_path[0] != self->peer->asn))
		return POLICY_FIRST_AS;
	if (a->path_has_set && policy->as_set == CONF_AS_SET_REJECT)
		return POLICY_AS_SET;
	if (policy->import.origins.n &&
	    !has_asn(&policy->import.origins, policy_origin(self, a)))
		return POLICY_ORIGIN;
	for (size_t i = 0; !passes && i < kept_asns(a); i++)
		passes = has_asn(through, a->as_path[i]);
	return passes ? POLICY_NONE : POLICY_PATH;
}

/* ---- next hop ---- */

static bool
is_on_link(const struct policy_self *self, const struct ip *hop)
{
	bool known = false;

	for (unsigned i = 0; i < self->n_subnets; i++) {
		if (self->subnets[i].addr.family != hop->family)
			continue;
		known = true;
		if (prefix_contains(&self->subnets[i], hop))
			return true;
	}
	return !known;
}

/*
 * RFC 4271 section 6.3: not ours; from an external peer one hop away its own
 * address or another one of the common subnet (section 5.1.3, third party).
 */
static enum policy_refusal
judge_next_hop(const struct policy_self *self, const struct ip *hop,
	       const struct ip *local)
{
	bool has_local = !ip_is_none(local);

	if (ip_is_none(hop) || ip_is_multicast(hop) || ip_is_loopback(hop) ||
	    ip_equal(hop, &self->local))
		return POLICY_NEXT_HOP;
	/* RFC 2545 section 3: the link-local one may stand alone. */
	if (ip_is_unspecified(hop))
		return has_local ? POLICY_NONE : POLICY_NEXT_HOP;
	if (self->ibgp || self->peer->multihop || has_local ||
	    ip_equal(hop, &self->remote) || ip_is_link_local(hop))
		return POLICY_NONE;
	return is_on_link(self, hop) ? POLICY_NONE : POLICY_THIRD_PARTY;
}

/* ---- communities ---- */

static bool
has_standard(const struct bgp_attributes *a, uint32_t community)
{
	for (size_t i = 0; i < a->n_communities; i++)
		if (a->communities[i] == community)
			return true;
	return false;
}

static bool
has_extended(const struct bgp_attributes *a, uint64_t community)
{
	for (size_t i = 0; i < a->n_ext_communities; i++)
		if (a->ext_communities[i] == community)
			return true;
	return false;
}

static bool
has_large(const struct bgp_attributes *a, const uint32_t v[static 3])
{
	for (size_t i = 0; i < a->n_large_communities; i++)
		if (memcmp(a->large_communities[i].v, v, 12) == 0)
			return true;
	return false;
}

static bool
has_any(const struct bgp_attributes *a, const struct conf_communities *of)
{
	for (size_t i = 0; i < of->n_standard; i++)
		if (has_standard(a, of->standard[i]))
			return true;
	for (size_t i = 0; i < of->n_extended; i++)
		if (has_extended(a, of->extended[i]))
			return true;
	for (size_t i = 0; i < of->n_large; i++)
		if (has_large(a, of->large[i].v))
			return true;
	return false;
}

static bool
is_empty(const struct conf_communities *c)
{
	return c->n_standard + c->n_extended + c->n_large == 0;
}

bool
policy_is_blackhole(const struct bgp_attributes *a)
{
	return has_standard(a, BGP_BLACKHOLE);
}

static enum policy_refusal
judge_communities(const struct conf_import *import,
		  const struct bgp_attributes *a)
{
	if (has_any(a, &import->reject_communities))
		return POLICY_REJECTED;
	if (!is_empty(&import->communities) &&
	    !has_any(a, &import->communities))
		return POLICY_COMMUNITY;
	return POLICY_NONE;
}

/* ---- OTC (RFC 9234 section 5) ---- */

static bool
is_leak(const struct policy_self *self, const struct bgp_attributes *a)
{
	if (self->ibgp || !a->has_otc)
		return false;
	switch (self->peer->policy.role) {
	case CONF_ROLE_PROVIDER: /* from a customer */
	case CONF_ROLE_RS:       /* from an RS-client */
		return true;
	case CONF_ROLE_PEER:
		return a->otc != self->peer->asn;
	case CONF_ROLE_CUSTOMER:
	case CONF_ROLE_RS_CLIENT:
	case CONF_ROLE_NONE:
		break;
	}
	return false;
}

void
policy_mark(const struct policy_self *self, struct bgp_attributes *a)
{
	enum conf_role role = self->peer->policy.role;

	if (self->ibgp || a->has_otc)
		return;
	if (role != CONF_ROLE_CUSTOMER && role != CONF_ROLE_PEER &&
	    role != CONF_ROLE_RS_CLIENT)
		return;
	a->has_otc = true;
	a->otc = self->peer->asn;
}

/* ---- all of it ---- */

enum policy_refusal
policy_attributes(const struct policy_self *self,
		  const struct bgp_attributes *a, uint8_t family)
{
	/* RFC 8950: an IPv4 route may have an IPv6 next hop instead. */
	bool v4 = family == AF_INET && !ip_is_none(&a->next_hop);
	enum policy_refusal r = judge_path(self, a);

	if (r == POLICY_NONE)
		r = v4 ? judge_next_hop(self, &a->next_hop, &(struct ip){0})
		       : judge_next_hop(self, &a->mp_next_hop,
					&a->mp_next_hop_local);
	if (r == POLICY_NONE && is_leak(self, a))
		r = POLICY_LEAK;
	return r ? r : judge_communities(&self->peer->policy.import, a);
}

/* 224.0.0.0/4, 240.0.0.0/4, ff00::/8 and fe80::/10 carry no unicast routes. */
static bool
is_unicast(const struct prefix *p)
{
	if (p->len == 0)
		return true;
	if (p->addr.family == AF_INET)
		return p->addr.bytes[0] < 224 && p->addr.bytes[0] != 127;
	return !ip_is_multicast(&p->addr) &&
	       !(p->len >= 10 && ip_is_link_local(&p->addr));
}

static bool
in_range(const struct conf_range *r, const struct prefix *prefix)
{
	return prefix->len >= r->ge && prefix->len <= r->le &&
	       prefix_contains(&r->prefix, &prefix->addr);
}

static bool
in_ranges(const struct conf_import *import, const struct prefix *prefix)
{
	for (size_t i = 0; i < import->prefixes.n; i++)
		if (in_range(&import->prefixes.v[i], prefix))
			return true;
	return import->prefixes.n == 0;
}

static bool
in_prefixes(const struct conf_prefixes *list, const struct prefix *prefix)
{
	for (size_t i = 0; i < list->n; i++)
		if (prefix->len >= list->v[i].len &&
		    prefix_contains(&list->v[i], &prefix->addr))
			return true;
	return false;
}

int
policy_longest(const struct conf_peer *peer, uint8_t family)
{
	const struct conf_import *import = &peer->policy.import;

	if (peer->policy.blackhole.accept.n)
		return 128;
	if (!import->enabled)
		return -1;
	return family == AF_INET ? import->longest4 : import->longest6;
}

enum policy_refusal
policy_prefix(const struct conf_peer *peer, const struct prefix *prefix)
{
	const struct conf_import *import = &peer->policy.import;

	if (!is_unicast(prefix))
		return POLICY_PREFIX;
	if (!import->enabled || !in_ranges(import, prefix))
		return POLICY_NOT_WANTED;
	return POLICY_NONE;
}

static bool
is_invalid(const struct policy_self *self, const struct bgp_attributes *a,
	   const struct prefix *prefix)
{
	return self->validate &&
	       self->peer->policy.import.rpki == CONF_RPKI_REJECT_INVALID &&
	       self->validate(self->validate_arg, prefix,
			      policy_origin(self, a)) == BGP_VALIDITY_INVALID;
}

/*
 * A BLACKHOLE route is longer than what its origin has in the RPKI nearly
 * always: who may ask for it is written down in the configuration instead.
 */
enum policy_refusal
policy_route(const struct policy_self *self, const struct bgp_attributes *a,
	     const struct prefix *prefix)
{
	const struct conf_rtbh *rtbh = &self->peer->policy.blackhole;

	if (policy_is_blackhole(a))
		return in_prefixes(&rtbh->accept, prefix) ? POLICY_NONE
							  : POLICY_BLACKHOLE;
	return is_invalid(self, a, prefix) ? POLICY_INVALID : POLICY_NONE;
}
