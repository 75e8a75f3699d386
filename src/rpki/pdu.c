/* SPDX-License-Identifier: ISC */
#include "rpki/pdu.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/cursor.h"

enum pdu_type {
	PDU_IPV4_PREFIX = 4,
	PDU_IPV6_PREFIX = 6,
	PDU_END_OF_DATA = 7,
	PDU_ERROR_REPORT = 10,
};

const char *
pdu_error_text(uint16_t code)
{
	static const char *const texts[] = {
	    "Corrupt Data",
	    "Internal Error",
	    "No Data Available",
	    "Invalid Request",
	    "Unsupported Protocol Version",
	    "Unsupported PDU Type",
	    "Withdrawal of Unknown Record",
	    "Duplicate Announcement Received",
	    "Unexpected Protocol Version",
	};

	return code < ARRAY_LEN(texts) ? texts[code] : "unknown error";
}

void
pdu_begin(struct pdu_watch *w)
{
	w->n = 0;
	w->vrps = 0;
	w->text[0] = '\0';
	w->intervals = (struct rtr_intervals){0};
}

/* RFC 8210 section 5.11: the PDU it is about, then a text in UTF-8. */
static enum pdu_seen
error_report(struct pdu_watch *w, uint16_t code, struct rbuf *r)
{
	struct rbuf text;
	uint32_t n;

	w->code = code;
	w->text[0] = '\0';
	n = rbuf_u32(r);
	rbuf_child(r, n);
	n = rbuf_u32(r);
	text = rbuf_child(r, n);
	if (r->bad)
		return PDU_REPORT;
	text_escape(text.p, rbuf_left(&text), w->text, sizeof(w->text));
	return PDU_REPORT;
}

static enum pdu_seen
end_of_data(struct pdu_watch *w, uint8_t version, struct rbuf *r)
{
	w->vrps = 0;
	w->intervals = (struct rtr_intervals){0};
	rbuf_u32(r); /* the serial number */
	if (version == 0)
		return PDU_END;
	w->intervals.refresh = rbuf_u32(r);
	w->intervals.retry = rbuf_u32(r);
	w->intervals.expire = rbuf_u32(r);
	if (r->bad)
		w->intervals = (struct rtr_intervals){0};
	return PDU_END;
}

static enum pdu_seen
whole(struct pdu_watch *w)
{
	struct rbuf r = rbuf_of(w->octets, w->n);
	uint8_t version = rbuf_u8(&r), type = rbuf_u8(&r);
	uint16_t code = rbuf_u16(&r);

	rbuf_u32(&r);
	switch (type) {
	case PDU_IPV4_PREFIX:
	case PDU_IPV6_PREFIX:
		return ++w->vrps > RTR_VRPS_MAX ? PDU_TOO_MANY : PDU_NOTHING;
	case PDU_END_OF_DATA:
		return end_of_data(w, version, &r);
	case PDU_ERROR_REPORT:
		return error_report(w, code, &r);
	default:
		return PDU_NOTHING;
	}
}

bool
pdu_is_report(const uint8_t *octets, size_t n)
{
	return n >= PDU_HEADER && octets[1] == PDU_ERROR_REPORT;
}

/* Of a PDU that says how long it is; not more than there is. */
static struct rbuf
as_long_as_it_says(struct rbuf about)
{
	struct rbuf r = about;
	uint32_t length;

	rbuf_u32(&r);
	length = rbuf_u32(&r);
	if (r.bad || length > rbuf_left(&about))
		length = rbuf_left(&about) < PDU_HEADER
			     ? (uint32_t)rbuf_left(&about)
			     : PDU_HEADER;
	return rbuf_child(&about, length < 256 ? length : 256);
}

size_t
pdu_clean_report(const uint8_t *octets, size_t n,
		 uint8_t out[static PDU_REPORT_MAX])
{
	struct rbuf r = rbuf_of(octets, n), about, text;
	struct wbuf w = wbuf_of(out, PDU_REPORT_MAX);
	const uint8_t *head = rbuf_take(&r, 4);
	size_t n_text;

	rbuf_u32(&r);
	if (!head || head[1] != PDU_ERROR_REPORT)
		return 0;
	about = rbuf_child(&r, rbuf_u32(&r));
	about = as_long_as_it_says(about);
	text = rbuf_child(&r, rbuf_u32(&r));
	n_text = rbuf_left(&text) < 512 ? rbuf_left(&text) : 512;
	while (n_text > 0 && text.p[n_text - 1] == 0)
		n_text--;
	wbuf_bytes(&w, head, 4);
	wbuf_u32(&w, (uint32_t)(PDU_HEADER + 8 + rbuf_left(&about) + n_text));
	wbuf_u32(&w, (uint32_t)rbuf_left(&about));
	wbuf_bytes(&w, about.p, rbuf_left(&about));
	wbuf_u32(&w, (uint32_t)n_text);
	wbuf_bytes(&w, text.p, n_text);
	return wbuf_len(&w);
}

/* Of the PDU that begins in `octets`; 0: not known yet. */
static uint32_t
length_of(const struct pdu_watch *w)
{
	struct rbuf r = rbuf_of(w->octets + 4, 4);

	return w->n < PDU_HEADER ? 0 : rbuf_u32(&r);
}

static enum pdu_seen
absurd(struct pdu_watch *w, uint32_t length)
{
	snprintf(w->text, sizeof(w->text),
		 "PDU of %u octets, expected %d to %d", length, PDU_HEADER,
		 PDU_MAX);
	return PDU_ABSURD;
}

enum pdu_seen
pdu_look(struct pdu_watch *w, const uint8_t *octets, size_t n)
{
	enum pdu_seen seen = PDU_NOTHING;

	while (n > 0 && seen < PDU_ABSURD) {
		uint32_t length = length_of(w);
		size_t want = (length ? length : PDU_HEADER) - w->n;
		size_t take = n < want ? n : want;
		enum pdu_seen now = PDU_NOTHING;

		memcpy(w->octets + w->n, octets, take);
		w->n += take;
		octets += take;
		n -= take;
		length = length_of(w);
		if (length && (length < PDU_HEADER || length > PDU_MAX))
			return absurd(w, length);
		/* A length of 0 is not one either. */
		if (w->n >= PDU_HEADER && length == 0)
			return absurd(w, length);
		if (length && w->n == length) {
			now = whole(w);
			w->n = 0;
		}
		if (now != PDU_NOTHING)
			seen = now;
	}
	return seen;
}
