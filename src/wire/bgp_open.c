/* SPDX-License-Identifier: ISC */
/*
 * OPEN (RFC 4271 section 4.2) with optional parameters in both encodings
 * (RFC 9072).
 */
#include "wire/bgp_private.h"

#define PARAMETER_EXTENDED 255 /* RFC 9072: not a parameter, a switch */

static struct bgp_verdict
reset(uint8_t subcode, const char *why)
{
	return bgp_verdict_reset(BGP_ERR_OPEN, subcode, NULL, 0, why);
}

static struct bgp_verdict
accepted(void)
{
	return (struct bgp_verdict){.action = BGP_ACCEPT};
}

/* `wide`: the parameters' lengths have two octets (RFC 9072 section 2). */
static struct bgp_verdict
decode_parameters(struct rbuf *r, bool wide, struct bgp_open *out)
{
	while (rbuf_left(r) > 0) {
		uint8_t type = rbuf_u8(r);
		size_t len = wide ? rbuf_u16(r) : rbuf_u8(r);
		struct rbuf v = rbuf_child(r, len);
		const char *fault;

		if (r->bad)
			return reset(BGP_OPEN_UNSPECIFIC,
				     "optional parameter exceeds the length "
				     "of the optional parameters");
		if (type != BGP_PARAMETER_CAPABILITIES)
			return reset(BGP_OPEN_BAD_PARAMETER,
				     "optional parameter is not of type 2 "
				     "(Capabilities)");
		fault = bgp_capabilities_decode(&v, out);
		if (fault)
			return reset(BGP_OPEN_UNSPECIFIC, fault);
	}
	return accepted();
}

static struct bgp_verdict
decode_optional(struct rbuf *r, struct bgp_open *out)
{
	size_t len = rbuf_u8(r);
	bool wide = len != 0 && rbuf_left(r) > 0 && *r->p == PARAMETER_EXTENDED;

	if (wide) {
		rbuf_u8(r);
		len = rbuf_u16(r);
	}
	if (r->bad || rbuf_left(r) != len)
		return reset(BGP_OPEN_UNSPECIFIC,
			     "length of the optional parameters does not "
			     "agree with the message length");
	return decode_parameters(r, wide, out);
}

/* RFC 4271 section 6.2, RFC 6286 section 2.1, RFC 7607 section 2. */
static struct bgp_verdict
judge(const struct bgp_open *open)
{
	if (open->my_as == 0 || open->asn == 0)
		return reset(BGP_OPEN_BAD_PEER_AS, "AS number is 0");
	if (open->router_id == 0)
		return reset(BGP_OPEN_BAD_ID, "BGP Identifier is 0.0.0.0");
	if (open->hold_time == 1 || open->hold_time == 2)
		return reset(BGP_OPEN_BAD_HOLD_TIME,
			     "hold time is 1 or 2 s, expected 0 or at least 3");
	return accepted();
}

struct bgp_verdict
bgp_decode_open(const uint8_t *message, size_t n, struct bgp_open *out)
{
	static const uint8_t version[2] = {0, BGP_VERSION};
	struct rbuf r = rbuf_of(message, n);
	struct bgp_verdict v;

	memset(out, 0, sizeof(*out));
	if (n < BGP_HEADER_LEN + 10)
		return bgp_verdict_length(n, "OPEN is shorter than 29 octets");
	rbuf_take(&r, BGP_HEADER_LEN);
	out->version = rbuf_u8(&r);
	/* Another version may have another layout: look no further. */
	if (out->version != BGP_VERSION)
		return bgp_verdict_reset(BGP_ERR_OPEN, BGP_OPEN_BAD_VERSION,
					 version, sizeof(version),
					 "BGP version is not 4");
	out->my_as = rbuf_u16(&r);
	out->asn = out->my_as;
	out->hold_time = rbuf_u16(&r);
	out->router_id = rbuf_u32(&r);
	v = decode_optional(&r, out);
	if (v.action != BGP_ACCEPT)
		return v;
	if (!out->has_multiprotocol)
		out->families = BGP_FAMILY_IPV4;
	return judge(out);
}

/* Type and length of the one parameter, and the length of all of them. */
static void
put_narrow(struct wbuf *w, size_t len)
{
	wbuf_u8(w, (uint8_t)(len + 2));
	wbuf_u8(w, BGP_PARAMETER_CAPABILITIES);
	wbuf_u8(w, (uint8_t)len);
}

/* RFC 9072 section 2. */
static void
put_wide(struct wbuf *w, size_t len)
{
	wbuf_u8(w, PARAMETER_EXTENDED);
	wbuf_u8(w, PARAMETER_EXTENDED);
	wbuf_u16(w, (uint16_t)(len + 3));
	wbuf_u8(w, BGP_PARAMETER_CAPABILITIES);
	wbuf_u16(w, (uint16_t)len);
}

/*
 * One Capabilities parameter, or none when there is no capability; in the
 * wide encoding when all of it takes 255 octets or more.
 */
static void
put_parameters(struct wbuf *w, const struct bgp_open *open)
{
	uint8_t octets[BGP_MESSAGE_MAX];
	struct wbuf capabilities = wbuf_of(octets, sizeof(octets));
	size_t len;

	bgp_capabilities_encode(&capabilities, open);
	len = wbuf_len(&capabilities);
	w->full |= capabilities.full;
	if (len == 0)
		wbuf_u8(w, 0);
	else if (len + 2 < PARAMETER_EXTENDED)
		put_narrow(w, len);
	else
		put_wide(w, len);
	wbuf_bytes(w, octets, len);
}

size_t
bgp_encode_open(const struct bgp_open *open, uint8_t *buf, size_t size)
{
	/* RFC 8654 section 4: an OPEN is never extended. */
	struct wbuf w = bgp_message_begin(
	    buf, size < BGP_MESSAGE_MAX ? size : BGP_MESSAGE_MAX, BGP_OPEN);

	wbuf_u8(&w, BGP_VERSION);
	wbuf_u16(&w, bgp_as2(open->asn));
	wbuf_u16(&w, open->hold_time);
	wbuf_u32(&w, open->router_id);
	put_parameters(&w, open);
	return bgp_message_end(&w);
}
