/* SPDX-License-Identifier: ISC */
/*
 * The order flow specifications are tried in (RFC 8955 section 5.1, RFC 8956
 * section 4): the same everywhere, whatever order they came in.
 */
#include "wire/bgp_flow.h"
#include "wire/bgp_private.h"

/* Bits both look at, that are equal from the front. */
static bool
overlap(const struct bgp_flow_prefix *a, const struct bgp_flow_prefix *b)
{
	struct prefix shorter = a->prefix;

	if (b->prefix.len < shorter.len)
		shorter = b->prefix;
	return prefix_contains(&shorter, &a->prefix.addr) &&
	       prefix_contains(&shorter, &b->prefix.addr);
}

/* The lower offset first, then the more specific, then the lower value. */
static int
cmp_prefix(const struct bgp_flow_prefix *a, const struct bgp_flow_prefix *b)
{
	if (a->present != b->present)
		return a->present ? -1 : 1;
	if (a->offset != b->offset)
		return (int)a->offset - (int)b->offset;
	if (overlap(a, b))
		return (int)b->prefix.len - (int)a->prefix.len;
	return ip_cmp(&a->prefix.addr, &b->prefix.addr);
}

/* As octets; of two with a common beginning the longer comes first. */
static int
cmp_terms(const struct bgp_flow *a, const struct bgp_flow *b, size_t type)
{
	uint8_t octets[2][BGP_FLOW_OCTETS_MAX];
	struct wbuf x = wbuf_of(octets[0], sizeof(octets[0]));
	struct wbuf y = wbuf_of(octets[1], sizeof(octets[1]));
	size_t n, m;
	int cmp;

	bgp_flow_encode_terms(&x, a, type);
	bgp_flow_encode_terms(&y, b, type);
	n = wbuf_len(&x);
	m = wbuf_len(&y);
	cmp = memcmp(octets[0], octets[1], n < m ? n : m);
	if (cmp)
		return cmp;
	return (n < m) - (n > m);
}

static int
cmp_component(const struct bgp_flow *a, const struct bgp_flow *b, size_t type)
{
	bool has_a = a->count[type] > 0, has_b = b->count[type] > 0;

	if (has_a != has_b)
		return has_a ? -1 : 1;
	return has_a ? cmp_terms(a, b, type) : 0;
}

int
bgp_flow_cmp(const struct bgp_flow *a, const struct bgp_flow *b)
{
	int cmp;

	if (a->family != b->family)
		return (int)a->family - (int)b->family;
	cmp = cmp_prefix(&a->dst, &b->dst);
	if (cmp == 0)
		cmp = cmp_prefix(&a->src, &b->src);
	for (size_t t = BGP_FLOW_PROTO; cmp == 0 && t < BGP_FLOW_TYPES; t++)
		cmp = cmp_component(a, b, t);
	return cmp;
}
