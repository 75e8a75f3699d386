/* SPDX-License-Identifier: ISC */
#include "bgp/policy.h"

#include <stdio.h>
#include <string.h>

const char *
policy_refusal_text(enum policy_refusal r)
{
	static const char *const texts[] = {
#define X(n, text) [POLICY_##n] = text,
	    POLICY_REFUSALS(X)
#undef X
	};

	return texts[r];
}

/* ---- OPEN ---- */

static struct bgp_verdict
refuse_open(uint8_t subcode, const char *why)
{
	return (struct bgp_verdict){.action = BGP_RESET_SESSION,
				    .code = BGP_ERR_OPEN,
				    .subcode = subcode,
				    .why = why};
}

/* RFC 5492 section 5: the data lists the capabilities that are missing. */
static struct bgp_verdict
refuse_families(unsigned families)
{
	struct bgp_verdict v = refuse_open(BGP_OPEN_UNSUPPORTED_CAPABILITY,
					   "no address family in common");

	for (unsigned bit = 1; bit < 1U << BGP_FAMILY_COUNT; bit <<= 1) {
		const uint8_t capability[] = {1, 4,
					      0, (uint8_t)bgp_family_afi(bit),
					      0, bgp_family_safi(bit)};

		if (!(families & bit))
			continue;
		memcpy(v.data + v.data_len, capability, sizeof(capability));
		v.data_len += sizeof(capability);
	}
	return v;
}

static const char *
families_text(unsigned families, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "%s", families ? "" : "none");

	for (unsigned bit = 1; bit < 1U << BGP_FAMILY_COUNT; bit <<= 1)
		if (families & bit)
			n += (size_t)snprintf(buf + n, size - n, "%s%s",
					      n ? " and " : "",
					      bgp_family_text(bit));
	return buf;
}

struct bgp_verdict
policy_open(const struct policy_self *self, const struct bgp_open *open,
	    char text[static POLICY_TEXT_MAX])
{
	text[0] = '\0';
	if (open->asn != self->peer->asn) {
		snprintf(text, POLICY_TEXT_MAX,
			 "peer says it is AS %u, expected AS %u as configured",
			 open->asn, self->peer->asn);
		return refuse_open(BGP_OPEN_BAD_PEER_AS,
				   "unexpected ASN in OPEN");
	}
	if (self->ibgp && open->router_id == self->router_id) {
		snprintf(text, POLICY_TEXT_MAX,
			 "peer inside the AS has our own BGP Identifier; "
			 "router_id must be unique");
		return refuse_open(BGP_OPEN_BAD_ID, "our own BGP Identifier");
	}
	if (!(open->families & self->peer->families)) {
		char theirs[64], ours[64];

		snprintf(
		    text, POLICY_TEXT_MAX,
		    "no address family in common: peer offers %s, "
		    "configured is %s",
		    families_text(open->families, theirs, sizeof(theirs)),
		    families_text(self->peer->families, ours, sizeof(ours)));
		return refuse_families(self->peer->families);
	}
	return (struct bgp_verdict){.action = BGP_ACCEPT};
}

/* ---- routes ---- */

static bool
in_as_path(const struct bgp_attributes *a, uint32_t asn)
{
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		if (a->as_path[i] == asn)
			return true;
	return false;
}

static bool
next_hop_usable(const struct policy_self *self, const struct ip *ip)
{
	return !ip_is_none(ip) && !ip_is_unspecified(ip) &&
	       !ip_is_multicast(ip) && !ip_is_loopback(ip) &&
	       !ip_equal(ip, &self->local);
}

enum policy_refusal
policy_attributes(const struct policy_self *self,
		  const struct bgp_attributes *a, uint8_t family)
{
	const struct ip *nh =
	    family == AF_INET ? &a->next_hop : &a->mp_next_hop;

	if (in_as_path(a, self->peer->local_asn) ||
	    in_as_path(a, self->node_asn))
		return POLICY_LOOP;
	if (!self->ibgp &&
	    (a->n_as_path == 0 || a->as_path[0] != self->peer->asn))
		return POLICY_FIRST_AS;
	if (!next_hop_usable(self, nh))
		return POLICY_NEXT_HOP;
	return POLICY_NONE;
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

uint8_t
policy_ttl(const struct conf_peer *peer, bool ibgp)
{
	if (peer->ttl)
		return peer->ttl;
	return ibgp || peer->multihop ? 64 : 1;
}
