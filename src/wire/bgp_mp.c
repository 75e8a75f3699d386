/* SPDX-License-Identifier: ISC */
/*
 * MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760): IPv4 and IPv6, unicast and
 * flow specifications.
 *
 * An incorrect one (RFC 7606 section 5.3, 7.11) ends the session: its routes
 * cannot be found any more. Families that were not negotiated are left out.
 */
#include <netinet/in.h>

#include "wire/bgp_private.h"

/* Where the routes of one attribute go. */
struct mp_lists {
	uint8_t *family;
	struct rbuf *prefixes;
	uint8_t *flow_family;
	struct rbuf *flows;
	const char *bad_prefix;
};

bool
bgp_next_hop_valid(const struct ip *ip)
{
	/* 0/8, 127/8 and everything from 224/4 on is nobody's address. */
	return ip->bytes[0] != 0 && ip->bytes[0] != 127 && ip->bytes[0] < 224;
}

static bool
next_hop6_valid(const struct ip *global, const struct ip *local)
{
	if (ip_is_unspecified(global))
		return !ip_is_none(local);
	return !ip_is_multicast(global) && !ip_is_loopback(global);
}

static struct bgp_fault
incorrect(const char *why)
{
	return (struct bgp_fault){why, BGP_UPDATE_BAD_OPTIONAL,
				  BGP_RESET_SESSION};
}

static struct bgp_fault
not_negotiated(const char *why)
{
	return (struct bgp_fault){why, BGP_UPDATE_BAD_OPTIONAL,
				  BGP_DISCARD_ATTRIBUTE};
}

/* Reads <AFI, SAFI>; the bgp_family bit when it was negotiated, else 0. */
static unsigned
read_family(struct bgp_reader *r, struct rbuf *v)
{
	uint16_t afi = rbuf_u16(v);

	return r->facts->families & bgp_family_bit(afi, rbuf_u8(v));
}

/* The address, then a link-local one beside it (RFC 2545 section 3). */
static void
read_next_hop6(struct rbuf *hop, struct bgp_attributes *a)
{
	struct ip local;

	a->mp_next_hop = ip_from_bytes(AF_INET6, rbuf_take(hop, 16));
	if (rbuf_left(hop) == 0)
		return;
	local = ip_from_bytes(AF_INET6, rbuf_take(hop, 16));
	if (ip_is_link_local(&local))
		a->mp_next_hop_local = local;
}

/*
 * False when the length does not fit the family. An IPv4 next hop stands where
 * NEXT_HOP would, unless that is there too; that of a flow specification is
 * ignored (RFC 8955 section 4).
 */
static bool
read_next_hop(struct rbuf *v, unsigned bit, const struct bgp_reader *r)
{
	struct bgp_attributes *a = &r->out->attributes;
	bool ipv6 = bit == BGP_FAMILY_IPV6 || r->facts->extended_next_hop & bit;
	size_t len = rbuf_u8(v);
	struct rbuf hop = rbuf_child(v, len);

	if (hop.bad)
		return false;
	if (bgp_family_safi(bit) == BGP_SAFI_FLOW)
		return true;
	if (ipv6 && (len == 16 || len == 32))
		read_next_hop6(&hop, a);
	else if (bit != BGP_FAMILY_IPV4 || len != 4)
		return false;
	else if (ip_is_none(&a->next_hop))
		a->next_hop = ip_from_bytes(AF_INET, rbuf_take(&hop, 4));
	return true;
}

static bool
next_hop_fits(const struct bgp_attributes *a, unsigned bit)
{
	if (bgp_family_safi(bit) == BGP_SAFI_FLOW)
		return true;
	if (bit == BGP_FAMILY_IPV4 && ip_is_none(&a->mp_next_hop))
		return bgp_next_hop_valid(&a->next_hop);
	return next_hop6_valid(&a->mp_next_hop, &a->mp_next_hop_local);
}

/* NULL, or what is wrong with the routes; else puts them where they belong. */
static const char *
take_routes(unsigned bit, struct rbuf v, struct mp_lists *lists)
{
	uint8_t family = bgp_family_ip(bit);
	const char *why;

	if (bgp_family_safi(bit) == BGP_SAFI_FLOW) {
		why = bgp_flows_fault(v, family);
		if (why)
			return why;
		*lists->flow_family = family;
		*lists->flows = v;
		return NULL;
	}
	if (!bgp_prefixes_valid(v, family))
		return lists->bad_prefix;
	*lists->family = family;
	*lists->prefixes = v;
	return NULL;
}

struct bgp_fault
bgp_mp_reach_decode(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_update *out = r->out;
	unsigned bit = read_family(r, v);
	struct mp_lists lists = {&out->mp_reach_family, &out->mp_reach,
				 &out->flow_reach_family, &out->flow_reach,
				 "MP_REACH_NLRI has an incorrect prefix"};
	const char *why;

	out->has_mp_reach = true;
	if (bit == 0)
		return not_negotiated(
		    "MP_REACH_NLRI is of a family that was not negotiated");
	if (!read_next_hop(v, bit, r))
		return incorrect("MP_REACH_NLRI next hop length does not fit "
				 "the address family");
	rbuf_u8(v); /* reserved: ignored */
	if (v->bad)
		return incorrect("MP_REACH_NLRI ends inside its next hop");
	why = take_routes(bit, *v, &lists);
	if (why)
		return incorrect(why);
	if (!next_hop_fits(&out->attributes, bit))
		return (struct bgp_fault){
		    "MP_REACH_NLRI next hop is not a host address",
		    BGP_UPDATE_BAD_NEXT_HOP, BGP_TREAT_AS_WITHDRAW};
	return BGP_NO_FAULT;
}

struct bgp_fault
bgp_mp_unreach_decode(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_update *out = r->out;
	unsigned bit = read_family(r, v);
	struct mp_lists lists = {&out->mp_unreach_family, &out->mp_unreach,
				 &out->flow_unreach_family, &out->flow_unreach,
				 "MP_UNREACH_NLRI has an incorrect prefix"};
	const char *why;

	out->has_mp_unreach = true;
	if (bit == 0)
		return not_negotiated(
		    "MP_UNREACH_NLRI is of a family that was not negotiated");
	why = take_routes(bit, *v, &lists);
	return why ? incorrect(why) : BGP_NO_FAULT;
}
