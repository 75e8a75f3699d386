/* SPDX-License-Identifier: ISC */
/*
 * MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760), IPv4 and IPv6 unicast.
 *
 * An incorrect one (RFC 7606 section 5.3, 7.11) ends the session: its routes
 * cannot be found any more. Families that were not negotiated are left out.
 */
#include <netinet/in.h>

#include "wire/bgp_private.h"

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

/* Reads <AFI, SAFI>; the family when it was negotiated, else 0. */
static uint8_t
read_family(struct bgp_reader *r, struct rbuf *v)
{
	uint16_t afi = rbuf_u16(v);
	uint8_t safi = rbuf_u8(v);

	if (!(r->facts->families & bgp_family_bit(afi, safi)))
		return 0;
	return bgp_family_of(afi, safi);
}

/*
 * The address, then a link-local one beside it (RFC 2545 section 3). An IPv4
 * one stands where NEXT_HOP would, unless that is there too.
 */
static bool
read_next_hop(struct rbuf *v, uint8_t family, struct bgp_attributes *a)
{
	size_t len = rbuf_u8(v), one = ip_octets(family);
	struct rbuf hop = rbuf_child(v, len);
	struct ip local;

	if (hop.bad || (len != one && !(family == AF_INET6 && len == 32)))
		return false;
	if (family == AF_INET6)
		a->mp_next_hop = ip_from_bytes(family, rbuf_take(&hop, 16));
	else if (ip_is_none(&a->next_hop))
		a->next_hop = ip_from_bytes(family, rbuf_take(&hop, 4));
	if (len == 32) {
		local = ip_from_bytes(family, rbuf_take(&hop, 16));
		if (ip_is_link_local(&local))
			a->mp_next_hop_local = local;
	}
	return true;
}

static bool
next_hop_fits(const struct bgp_attributes *a, uint8_t family)
{
	if (family == AF_INET)
		return bgp_next_hop_valid(&a->next_hop);
	return next_hop6_valid(&a->mp_next_hop, &a->mp_next_hop_local);
}

struct bgp_fault
bgp_mp_reach_decode(struct bgp_reader *r, struct rbuf v)
{
	struct bgp_update *out = r->out;
	uint8_t family = read_family(r, &v);

	out->has_mp_reach = true;
	if (family == 0)
		return not_negotiated(
		    "MP_REACH_NLRI is of a family that was not negotiated");
	if (!read_next_hop(&v, family, &out->attributes))
		return incorrect("MP_REACH_NLRI next hop length does not fit "
				 "the address family");
	rbuf_u8(&v); /* reserved: ignored */
	if (v.bad)
		return incorrect("MP_REACH_NLRI ends inside its next hop");
	if (!bgp_prefixes_valid(v, family))
		return incorrect("MP_REACH_NLRI has an incorrect prefix");
	out->mp_reach_family = family;
	out->mp_reach = v;
	if (!next_hop_fits(&out->attributes, family))
		return (struct bgp_fault){
		    "MP_REACH_NLRI next hop is not a host address",
		    BGP_UPDATE_BAD_NEXT_HOP, BGP_TREAT_AS_WITHDRAW};
	return BGP_NO_FAULT;
}

struct bgp_fault
bgp_mp_unreach_decode(struct bgp_reader *r, struct rbuf v)
{
	struct bgp_update *out = r->out;
	uint8_t family = read_family(r, &v);

	out->has_mp_unreach = true;
	if (family == 0)
		return not_negotiated(
		    "MP_UNREACH_NLRI is of a family that was not negotiated");
	if (!bgp_prefixes_valid(v, family))
		return incorrect("MP_UNREACH_NLRI has an incorrect prefix");
	out->mp_unreach_family = family;
	out->mp_unreach = v;
	return BGP_NO_FAULT;
}
