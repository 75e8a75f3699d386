/* SPDX-License-Identifier: ISC */
/*
 * ROUTE-REFRESH (RFC 2918) with its message subtypes (RFC 7313).
 */
#include "wire/bgp_private.h"

#define REFRESH_LEN (BGP_HEADER_LEN + 4)

static bool
is_demarcation(uint8_t subtype)
{
	return subtype == 1 || subtype == 2;
}

struct bgp_verdict
bgp_decode_refresh(const uint8_t *message, size_t n, struct bgp_refresh *out)
{
	struct rbuf r = rbuf_of(message, n);

	rbuf_take(&r, BGP_HEADER_LEN);
	out->afi = rbuf_u16(&r);
	out->subtype = rbuf_u8(&r);
	/* RFC 7313 section 5: data is the message, as far as it fits. */
	if (!r.bad && is_demarcation(out->subtype) && n != REFRESH_LEN)
		return bgp_verdict_reset(BGP_ERR_ROUTE_REFRESH, 1, message, n,
					 "BoRR or EoRR length is not 23");
	out->safi = rbuf_u8(&r);
	/* A plain request may be longer: outbound route filters (RFC 5291). */
	if (r.bad)
		return bgp_verdict_length(
		    n, "ROUTE-REFRESH is shorter than 23 octets");
	return (struct bgp_verdict){.action = BGP_ACCEPT};
}

size_t
bgp_encode_refresh(const struct bgp_refresh *refresh, uint8_t *buf, size_t size)
{
	struct wbuf w = bgp_message_begin(buf, size, BGP_ROUTE_REFRESH);

	wbuf_u16(&w, refresh->afi);
	wbuf_u8(&w, refresh->subtype);
	wbuf_u8(&w, refresh->safi);
	return bgp_message_end(&w);
}
