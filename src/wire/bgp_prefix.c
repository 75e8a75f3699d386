/* SPDX-License-Identifier: ISC */
/*
 * NLRI: lists of (length in bits, as many octets as needed), RFC 4271 4.3.
 */
#include <netinet/in.h>

#include "wire/bgp_private.h"

static size_t
octets_of(uint8_t bits)
{
	return ((size_t)bits + 7) / 8;
}

bool
bgp_prefixes_valid(struct rbuf list, uint8_t family)
{
	size_t bits_max = ip_octets(family) * 8;

	while (rbuf_left(&list) > 0) {
		uint8_t bits = rbuf_u8(&list);

		if (bits > bits_max || !rbuf_take(&list, octets_of(bits)))
			return false;
	}
	return true;
}

bool
bgp_next_prefix(struct rbuf *list, uint8_t family, struct prefix *out)
{
	const uint8_t *p;
	uint8_t bits;
	size_t n;

	if (rbuf_left(list) == 0)
		return false;
	bits = rbuf_u8(list);
	n = octets_of(bits);
	p = rbuf_take(list, n);
	if (!p || bits > ip_octets(family) * 8)
		return false;
	memset(out, 0, sizeof(*out));
	out->addr.family = family;
	out->len = bits;
	memcpy(out->addr.bytes, p, n);
	/* RFC 4271 section 4.3: the value of trailing bits is irrelevant. */
	if (bits % 8)
		out->addr.bytes[n - 1] &= (uint8_t)(0xff << (8 - bits % 8));
	return true;
}
