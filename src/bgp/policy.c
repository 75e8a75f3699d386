/* SPDX-License-Identifier: ISC */
#include "bgp/policy.h"

#include <stdio.h>
#include <string.h>

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

/* ---- roles (RFC 9234) ---- */

static uint8_t
wire_role(enum conf_role role)
{
	switch (role) {
	case CONF_ROLE_PROVIDER:
		return BGP_ROLE_PROVIDER;
	case CONF_ROLE_RS:
		return BGP_ROLE_RS;
	case CONF_ROLE_RS_CLIENT:
		return BGP_ROLE_RS_CLIENT;
	case CONF_ROLE_CUSTOMER:
		return BGP_ROLE_CUSTOMER;
	case CONF_ROLE_PEER:
	case CONF_ROLE_NONE:
		break;
	}
	return BGP_ROLE_PEER;
}

void
policy_offer_role(const struct conf_peer *peer, struct bgp_open *open)
{
	open->has_role = peer->policy.role != CONF_ROLE_NONE;
	open->role = wire_role(peer->policy.role);
}

/* Section 4.2, table 2: what stands on the other side. */
static enum conf_role
counterpart(enum conf_role role)
{
	static const enum conf_role other[] = {
	    [CONF_ROLE_NONE] = CONF_ROLE_NONE,
	    [CONF_ROLE_PROVIDER] = CONF_ROLE_CUSTOMER,
	    [CONF_ROLE_CUSTOMER] = CONF_ROLE_PROVIDER,
	    [CONF_ROLE_RS] = CONF_ROLE_RS_CLIENT,
	    [CONF_ROLE_RS_CLIENT] = CONF_ROLE_RS,
	    [CONF_ROLE_PEER] = CONF_ROLE_PEER,
	};

	return other[role];
}

static const char *
wire_role_text(uint8_t role)
{
	static const char *const texts[] = {"provider", "rs", "rs-client",
					    "customer", "peer"};

	return role <= BGP_ROLE_PEER ? texts[role] : "one nobody has assigned";
}

static bool
roles_fit(const struct conf_policy *ours, const struct bgp_open *open,
	  char text[static POLICY_TEXT_MAX])
{
	const char *our = conf_role_text(ours->role);
	const char *expected = conf_role_text(counterpart(ours->role));

	if (open->roles_conflict)
		snprintf(text, POLICY_TEXT_MAX,
			 "peer says several roles that differ");
	else if (ours->role == CONF_ROLE_NONE)
		return true;
	else if (!open->has_role && ours->role_strict)
		snprintf(text, POLICY_TEXT_MAX,
			 "peer says no role, expected %s (we are %s, "
			 "role_strict)",
			 expected, our);
	else if (open->has_role &&
		 open->role != wire_role(counterpart(ours->role)))
		snprintf(text, POLICY_TEXT_MAX,
			 "peer says its role is %s, expected %s as we are %s",
			 wire_role_text(open->role), expected, our);
	return text[0] == '\0';
}

uint32_t
policy_otc(const struct conf_peer *peer)
{
	switch (peer->policy.role) {
	case CONF_ROLE_PROVIDER:
	case CONF_ROLE_RS:
	case CONF_ROLE_PEER:
		return peer->local_asn;
	case CONF_ROLE_CUSTOMER:
	case CONF_ROLE_RS_CLIENT:
	case CONF_ROLE_NONE:
		break;
	}
	return 0;
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
	if (!self->ibgp && !roles_fit(&self->peer->policy, open, text))
		return refuse_open(BGP_OPEN_ROLE_MISMATCH, "roles do not fit");
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

uint8_t
policy_ttl(const struct conf_peer *peer, bool ibgp)
{
	if (peer->transport.gtsm)
		return 255;
	if (peer->ttl)
		return peer->ttl;
	return ibgp || peer->multihop ? 64 : 1;
}
