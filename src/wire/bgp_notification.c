/* SPDX-License-Identifier: ISC */
/*
 * NOTIFICATION (RFC 4271 section 4.5) and the shutdown communication in it
 * (RFC 9003).
 */
#include "base/text.h"
#include "base/utf8.h"
#include "wire/bgp_private.h"

#define SHUTDOWN_TEXT_MAX 255

static bool
carries_text(uint8_t code, uint8_t subcode)
{
	return code == BGP_ERR_CEASE && (subcode == BGP_CEASE_ADMIN_SHUTDOWN ||
					 subcode == BGP_CEASE_ADMIN_RESET);
}

/* A Hard Reset encapsulates the real reason (RFC 8538 section 3.1). */
static void
find_inner(struct bgp_notification *out)
{
	struct rbuf r = rbuf_of(out->data, out->data_len);

	if (out->code != BGP_ERR_CEASE || out->subcode != BGP_CEASE_HARD_RESET)
		return;
	out->hard_reset = true;
	out->inner_data = out->data;
	if (out->data_len < 2)
		return;
	out->inner_code = rbuf_u8(&r);
	out->inner_subcode = rbuf_u8(&r);
	out->inner_data = r.p;
	out->inner_data_len = rbuf_left(&r);
}

/* Wrong length or invalid UTF-8 is not interpreted (RFC 9003 section 4). */
static void
find_text(struct bgp_notification *out)
{
	struct rbuf r = rbuf_of(out->data, out->data_len);
	uint8_t code = out->code, subcode = out->subcode;
	size_t len;

	if (out->hard_reset) {
		r = rbuf_of(out->inner_data, out->inner_data_len);
		code = out->inner_code;
		subcode = out->inner_subcode;
	}
	len = rbuf_u8(&r);
	if (r.bad || !carries_text(code, subcode) || len == 0 ||
	    len != rbuf_left(&r) || !text_is_utf8(r.p, len))
		return;
	out->text = r.p;
	out->text_len = len;
}

void
bgp_decode_notification(const uint8_t *message, size_t n,
			struct bgp_notification *out)
{
	struct rbuf r = rbuf_of(message, n);

	memset(out, 0, sizeof(*out));
	rbuf_take(&r, BGP_HEADER_LEN);
	out->code = rbuf_u8(&r);
	out->subcode = rbuf_u8(&r);
	out->data = r.p;
	out->data_len = rbuf_left(&r);
	find_inner(out);
	find_text(out);
}

size_t
bgp_encode_notification(uint8_t code, uint8_t subcode, const uint8_t *data,
			size_t data_len, uint8_t *buf, size_t size)
{
	struct wbuf w = bgp_message_begin(buf, size, BGP_NOTIFICATION);

	wbuf_u8(&w, code);
	wbuf_u8(&w, subcode);
	wbuf_bytes(&w, data, data ? data_len : 0);
	return bgp_message_end(&w);
}

size_t
bgp_encode_hard_reset(uint8_t code, uint8_t subcode, const uint8_t *data,
		      size_t data_len, uint8_t *buf, size_t size)
{
	struct wbuf w = bgp_message_begin(buf, size, BGP_NOTIFICATION);

	wbuf_u8(&w, BGP_ERR_CEASE);
	wbuf_u8(&w, BGP_CEASE_HARD_RESET);
	wbuf_u8(&w, code);
	wbuf_u8(&w, subcode);
	wbuf_bytes(&w, data, data ? data_len : 0);
	return bgp_message_end(&w);
}

/* Copies whole characters while they fit; an invalid octet becomes '?'. */
static size_t
copy_text(const char *text, uint8_t *out, size_t size)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), n = 0;

	while (left > 0) {
		size_t len = utf8_char(p, left);
		size_t step = len ? len : 1;

		if (n + step > size)
			break;
		if (len)
			memcpy(out + n, p, len);
		else
			out[n] = '?';
		n += step;
		p += step;
		left -= step;
	}
	return n;
}

size_t
bgp_encode_shutdown(uint8_t subcode, const char *text, uint8_t *buf,
		    size_t size)
{
	uint8_t data[1 + SHUTDOWN_TEXT_MAX];
	size_t n = 0;

	if (text && carries_text(BGP_ERR_CEASE, subcode))
		n = copy_text(text, data + 1, SHUTDOWN_TEXT_MAX);
	data[0] = (uint8_t)n;
	return bgp_encode_notification(BGP_ERR_CEASE, subcode, data,
				       n ? n + 1 : 0, buf, size);
}
