/* SPDX-License-Identifier: ISC */
/*
 * The message header: finding messages in a stream, and writing it.
 */
#include "wire/bgp_private.h"

#define MARKER_LEN 16

/* Shortest message of each type, header included (RFC 4271 section 6.1). */
static size_t
shortest(uint8_t type)
{
	switch (type) {
	case BGP_OPEN:
		return BGP_HEADER_LEN + 10;
	case BGP_UPDATE:
		return BGP_HEADER_LEN + 4;
	case BGP_NOTIFICATION:
		return BGP_HEADER_LEN + 2;
	default:
		/* RFC 7313 gives short ROUTE-REFRESH its own error. */
		return BGP_HEADER_LEN;
	}
}

static bool
marker_fits(const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n && i < MARKER_LEN; i++)
		if (octets[i] != 0xff)
			return false;
	return true;
}

/* NULL, or what is wrong with the length for this type. */
static const char *
length_fault(size_t len, size_t max, uint8_t type)
{
	if (len < BGP_HEADER_LEN)
		return "message length is less than 19";
	if (len > max)
		return max > BGP_MESSAGE_MAX
			   ? "message length is greater than the session allows"
			   : "message length is greater than 4096";
	/* RFC 8654 section 4: these two are never extended. */
	if (len > BGP_MESSAGE_MAX &&
	    (type == BGP_OPEN || type == BGP_KEEPALIVE))
		return "OPEN or KEEPALIVE is longer than 4096 octets";
	if (len < shortest(type))
		return "message is too short for its type";
	if (type == BGP_KEEPALIVE && len != BGP_HEADER_LEN)
		return "KEEPALIVE length is not 19";
	return NULL;
}

int
bgp_frame(const uint8_t *octets, size_t n, size_t max, uint8_t *type,
	  struct bgp_verdict *verdict)
{
	struct rbuf r = rbuf_of(octets, n);
	const char *fault;
	uint16_t len;
	uint8_t t;

	/* A wrong marker is told at once, not after 19 octets. */
	if (!marker_fits(octets, n)) {
		*verdict = bgp_verdict_reset(
		    BGP_ERR_HEADER, BGP_HEADER_NOT_SYNCHRONIZED, NULL, 0,
		    "message marker is not all ones");
		return -1;
	}
	rbuf_take(&r, MARKER_LEN);
	len = rbuf_u16(&r);
	t = rbuf_u8(&r);
	if (r.bad)
		return 0;
	fault = length_fault(len, max, t);
	if (fault) {
		*verdict = bgp_verdict_length(len, fault);
		return -1;
	}
	if (t < BGP_OPEN || t > BGP_ROUTE_REFRESH) {
		*verdict =
		    bgp_verdict_reset(BGP_ERR_HEADER, BGP_HEADER_BAD_TYPE, &t,
				      1, "message type is not one of 1 to 5");
		return -1;
	}
	if (n < len)
		return 0;
	*type = t;
	return len;
}

struct wbuf
bgp_message_begin(uint8_t *buf, size_t size, enum bgp_type type)
{
	struct wbuf w =
	    wbuf_of(buf, size < BGP_EXTENDED_MAX ? size : BGP_EXTENDED_MAX);
	uint8_t *marker = wbuf_take(&w, MARKER_LEN);

	if (marker)
		memset(marker, 0xff, MARKER_LEN);
	wbuf_u16(&w, 0);
	wbuf_u8(&w, (uint8_t)type);
	return w;
}

size_t
bgp_message_end(struct wbuf *w)
{
	if (w->full)
		return 0;
	wbuf_patch_u16(w, MARKER_LEN, (uint16_t)wbuf_len(w));
	return wbuf_len(w);
}

size_t
bgp_update_max(const struct bgp_session_facts *facts)
{
	return facts && facts->extended_message ? BGP_EXTENDED_MAX
						: BGP_MESSAGE_MAX;
}

size_t
bgp_encode_keepalive(uint8_t *buf, size_t size)
{
	struct wbuf w = bgp_message_begin(buf, size, BGP_KEEPALIVE);

	return bgp_message_end(&w);
}
