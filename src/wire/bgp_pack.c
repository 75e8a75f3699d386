/* SPDX-License-Identifier: ISC */
/*
 * Packing prefixes into UPDATEs (RFC 7606 section 5.1: one kind per message,
 * MP_REACH_NLRI first). The prefixes of a multiprotocol message stand before
 * the other attributes, so those wait at the end of the buffer:
 *
 *   begin:  | header 0 len | MP header |      free      | other attributes |
 *   end:    | header 0 len | MP header | NLRI | other attributes |
 */
#include <assert.h>
#include <netinet/in.h>

#include "wire/bgp_flow.h"
#include "wire/bgp_private.h"

#define MP_HEADER_LEN 4 /* flags, type, extended length */

static bool
path_sendable(const struct bgp_attributes *a)
{
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		if (a->as_path[i] == 0)
			return false;
	return !a->has_aggregator || a->aggregator_asn != 0;
}

static bool
sendable(const struct bgp_attributes *a)
{
	assert(a->n_communities <= BGP_COMMUNITIES_MAX);
	assert(a->n_ext_communities <= BGP_COMMUNITIES_MAX);
	assert(a->n_large_communities <= BGP_COMMUNITIES_MAX);
	return path_sendable(a);
}

/* True when the routes go in MP_REACH_NLRI, with an IPv6 next hop. */
static bool
in_mp_reach(uint8_t family, const struct bgp_attributes *a,
	    const struct bgp_session_facts *facts)
{
	return family == AF_INET6 ||
	       (ip_is_none(&a->next_hop) &&
		facts->extended_next_hop & BGP_FAMILY_IPV4);
}

static bool
has_next_hop(const struct bgp_attributes *a, bool mp)
{
	return mp ? a->mp_next_hop.family == AF_INET6
		  : a->next_hop.family == AF_INET;
}

static void
put_mp_header(struct bgp_packer *pk, enum bgp_attribute_type type)
{
	unsigned bit = pk->flow ? bgp_family_flow(pk->family)
				: bgp_family_unicast(pk->family);

	pk->mp_at = wbuf_len(&pk->w);
	wbuf_u8(&pk->w, BGP_FLAG_OPTIONAL | BGP_FLAG_EXTENDED);
	wbuf_u8(&pk->w, (uint8_t)type);
	wbuf_u16(&pk->w, 0);
	wbuf_u16(&pk->w, bgp_family_afi(bit));
	wbuf_u8(&pk->w, bgp_family_safi(bit));
}

/* A flow specification has none (RFC 8955 section 4). */
static void
put_mp_next_hop(struct bgp_packer *pk, const struct bgp_attributes *a)
{
	struct wbuf *w = &pk->w;
	bool local = !ip_is_none(&a->mp_next_hop_local);

	if (pk->flow) {
		wbuf_u16(w, 0); /* its length, reserved */
		return;
	}
	wbuf_u8(w, local ? 32 : 16);
	wbuf_bytes(w, a->mp_next_hop.bytes, 16);
	if (local)
		wbuf_bytes(w, a->mp_next_hop_local.bytes, 16);
	wbuf_u8(w, 0); /* reserved */
}

/* Moves what was written behind `at` to the end of the buffer. */
static void
set_tail_aside(struct bgp_packer *pk, size_t at)
{
	struct wbuf *w = &pk->w;

	pk->tail = wbuf_len(w) - at;
	memmove(w->end - pk->tail, w->start + at, pk->tail);
	w->p = w->start + at;
	w->end -= pk->tail;
}

static void
begin_announce(struct bgp_packer *pk, const struct bgp_attributes *a,
	       const struct bgp_session_facts *facts, bool mp)
{
	struct wbuf *w = &pk->w;
	size_t at;

	wbuf_u16(w, 0); /* Withdrawn Routes Length */
	pk->attributes_at = wbuf_len(w);
	wbuf_u16(w, 0);
	if (mp) {
		put_mp_header(pk, BGP_ATTR_MP_REACH);
		put_mp_next_hop(pk, a);
	}
	at = wbuf_len(w);
	bgp_attributes_encode(w, a, facts, !mp);
	if (w->full)
		return;
	if (mp)
		set_tail_aside(pk, at);
	else
		wbuf_patch_u16(w, pk->attributes_at,
			       (uint16_t)(wbuf_len(w) - at));
}

static void
begin_withdraw(struct bgp_packer *pk)
{
	struct wbuf *w = &pk->w;

	wbuf_u16(w, 0); /* Withdrawn Routes Length */
	if (pk->family == AF_INET6 || pk->flow) {
		pk->attributes_at = wbuf_len(w);
		wbuf_u16(w, 0);
		put_mp_header(pk, BGP_ATTR_MP_UNREACH);
	} else if (wbuf_room(w) >= 2) {
		w->end -= 2; /* Total Path Attribute Length, at the end */
		pk->tail = 2;
	} else {
		w->full = true;
	}
}

static void
begin(struct bgp_packer *pk, uint8_t *buf, size_t size, uint8_t family,
      const struct bgp_session_facts *facts)
{
	size_t max = bgp_update_max(facts);

	memset(pk, 0, sizeof(*pk));
	pk->w = bgp_message_begin(buf, size < max ? size : max, BGP_UPDATE);
	pk->family = family;
}

bool
bgp_pack_begin(struct bgp_packer *pk, uint8_t *buf, size_t size, uint8_t family,
	       const struct bgp_attributes *attributes,
	       const struct bgp_session_facts *facts)
{
	bool mp = attributes && in_mp_reach(family, attributes, facts);

	begin(pk, buf, size, family, facts);
	pk->withdraw = !attributes;
	if (attributes) {
		if (!has_next_hop(attributes, mp) || !sendable(attributes))
			return false;
		begin_announce(pk, attributes, facts, mp);
	} else {
		begin_withdraw(pk);
	}
	return !pk->w.full && wbuf_room(&pk->w) >= 1 + ip_octets(family);
}

bool
bgp_pack_begin_flow(struct bgp_packer *pk, uint8_t *buf, size_t size,
		    uint8_t family, const struct bgp_attributes *attributes,
		    const struct bgp_session_facts *facts)
{
	begin(pk, buf, size, family, facts);
	pk->flow = true;
	pk->withdraw = !attributes;
	if (attributes && !sendable(attributes))
		return false;
	if (attributes)
		begin_announce(pk, attributes, facts, true);
	else
		begin_withdraw(pk);
	return !pk->w.full && wbuf_room(&pk->w) >= BGP_FLOW_OCTETS_MAX;
}

bool
bgp_pack_add_flow(struct bgp_packer *pk, const struct bgp_flow *flow)
{
	size_t n = bgp_flow_encode(flow, pk->w.p, wbuf_room(&pk->w));

	assert(pk->flow && flow->family == pk->family);
	if (n == 0)
		return false;
	wbuf_take(&pk->w, n);
	pk->n++;
	return true;
}

bool
bgp_pack_add(struct bgp_packer *pk, const struct prefix *prefix)
{
	size_t n = ((size_t)prefix->len + 7) / 8;
	size_t room = wbuf_room(&pk->w);
	uint8_t *p;

	assert(prefix->addr.family == pk->family && !pk->flow);
	if (room < 1 + n)
		return false;
	p = wbuf_take(&pk->w, 1 + n);
	p[0] = prefix->len;
	/* A copy of fixed size is one instruction; the rest is overwritten. */
	if (room > sizeof(prefix->addr.bytes))
		memcpy(p + 1, prefix->addr.bytes, sizeof(prefix->addr.bytes));
	else
		memcpy(p + 1, prefix->addr.bytes, n);
	pk->n++;
	return true;
}

/* Patches the MP attribute's length; one octet when that is enough. */
static void
end_mp(struct bgp_packer *pk)
{
	struct wbuf *w = &pk->w;
	uint8_t *p = w->start + pk->mp_at;
	size_t len = wbuf_len(w) - pk->mp_at - MP_HEADER_LEN;

	if (len > UINT8_MAX) {
		wbuf_patch_u16(w, pk->mp_at + 2, (uint16_t)len);
		return;
	}
	p[0] &= (uint8_t)~BGP_FLAG_EXTENDED;
	p[2] = (uint8_t)len;
	memmove(p + 3, p + 4, len);
	w->p--;
}

/* Brings back what waits behind w.end. */
static void
append_tail(struct bgp_packer *pk)
{
	struct wbuf *w = &pk->w;
	const uint8_t *tail = w->end;

	w->end += pk->tail;
	memmove(wbuf_take(w, pk->tail), tail, pk->tail);
}

static void
end_withdrawn(struct bgp_packer *pk)
{
	size_t at = BGP_HEADER_LEN;

	wbuf_patch_u16(&pk->w, at, (uint16_t)(wbuf_len(&pk->w) - at - 2));
	pk->w.end += pk->tail;
	wbuf_u16(&pk->w, 0); /* Total Path Attribute Length */
}

size_t
bgp_pack_end(struct bgp_packer *pk)
{
	struct wbuf *w = &pk->w;

	if (pk->n == 0 || w->full)
		return 0;
	if (pk->mp_at) {
		end_mp(pk);
		append_tail(pk);
		wbuf_patch_u16(w, pk->attributes_at,
			       (uint16_t)(wbuf_len(w) - pk->attributes_at - 2));
	} else if (pk->withdraw) {
		end_withdrawn(pk);
	}
	return bgp_message_end(w);
}

size_t
bgp_encode_end_of_rib(unsigned family, uint8_t *buf, size_t size)
{
	struct wbuf w = bgp_message_begin(buf, size, BGP_UPDATE);

	wbuf_u16(&w, 0);
	if (family == BGP_FAMILY_IPV4) {
		wbuf_u16(&w, 0);
		return bgp_message_end(&w);
	}
	wbuf_u16(&w, 6);
	wbuf_u8(&w, BGP_FLAG_OPTIONAL);
	wbuf_u8(&w, BGP_ATTR_MP_UNREACH);
	wbuf_u8(&w, 3);
	wbuf_u16(&w, bgp_family_afi(family));
	wbuf_u8(&w, bgp_family_safi(family));
	return bgp_message_end(&w);
}
