/* SPDX-License-Identifier: ISC */
#include "check/ntp_message.h"

#include <ctype.h>

#include "base/text.h"
#include "wire/cursor.h"

#define VERSION     4
#define MODE_CLIENT 3
#define MODE_SERVER 4
#define LEAP_ALARM  3
#define STRATUM_KOD 0 /* section 7.4 */
#define STRATUM_MAX 15

/* From 1900, where NTP begins, to 1970. */
#define SECONDS_1900_1970 UINT64_C(2208988800)

struct header {
	uint8_t leap, version, mode, stratum;
	uint8_t reference[4];
	uint64_t origin, receive, transmit; /* seconds << 32 | fraction */
};

void
ntp_message_request(const struct ntp_message *m,
		    uint8_t octets[static NTP_MESSAGE_LEN])
{
	struct wbuf w = wbuf_of(octets, NTP_MESSAGE_LEN);

	wbuf_u8(&w, VERSION << 3 | MODE_CLIENT);
	/* A client's other fields are nobody's business. */
	for (size_t i = 1; i < NTP_MESSAGE_LEN - sizeof(m->nonce); i++)
		wbuf_u8(&w, 0);
	wbuf_u64(&w, m->nonce);
}

/* False when there are too few octets; extension fields are not read. */
static bool
decode(const uint8_t *octets, size_t n, struct header *h)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t first = rbuf_u8(&r);

	h->leap = first >> 6;
	h->version = first >> 3 & 7;
	h->mode = first & 7;
	h->stratum = rbuf_u8(&r);
	rbuf_u16(&r); /* poll, precision */
	rbuf_u64(&r); /* root delay, root dispersion */
	for (size_t i = 0; i < sizeof(h->reference); i++)
		h->reference[i] = rbuf_u8(&r);
	rbuf_u64(&r); /* reference timestamp */
	h->origin = rbuf_u64(&r);
	h->receive = rbuf_u64(&r);
	h->transmit = rbuf_u64(&r);
	return !r.bad;
}

/* ---- time ---- */

static uint64_t
timestamp(struct wall w)
{
	uint64_t ns = (uint64_t)w.ns;
	uint64_t seconds = ns / 1000000000 + SECONDS_1900_1970;

	/* Wraps with the era, as the server's does (section 6). */
	return seconds << 32 | ((ns % 1000000000) << 32) / 1000000000;
}

static struct dur
from_fixed(int64_t fixed)
{
	int64_t fraction = (int64_t)((uint64_t)fixed & UINT32_MAX);

	return dur_ns((fixed >> 32) * 1000000000 +
		      (fraction * 1000000000 >> 32));
}

/* Nobody's clock is better over a network; exact halves print as such. */
static struct dur
to_microsecond(struct dur d)
{
	return dur_us((d.ns + (d.ns < 0 ? -500 : 500)) / 1000);
}

/* theta of section 8: how far the server's clock is ahead of ours. */
static struct dur
offset_of(const struct ntp_message *m, const struct header *h)
{
	int64_t there = (int64_t)(h->receive - timestamp(m->sent));
	int64_t back = (int64_t)(h->transmit - timestamp(m->received));

	return to_microsecond(from_fixed(there / 2 + back / 2));
}

/* ---- judging ---- */

static bool
is_kiss(const struct header *h)
{
	return h->stratum == STRATUM_KOD && isupper(h->reference[0]);
}

/* The server says itself that its time is of no use. */
static bool
judge_state(const struct header *h, struct judgement *out)
{
	char code[20];

	if (is_kiss(h))
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "kiss-o'-death \"%s\"",
			     text_escape(h->reference, sizeof(h->reference),
					 code, sizeof(code)));
	if (h->leap == LEAP_ALARM || h->stratum == STRATUM_KOD ||
	    h->stratum > STRATUM_MAX)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "server is not synchronised (leap %u, stratum %u)",
			     h->leap, h->stratum);
	if (h->transmit == 0)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer carries no time");
	return true;
}

static void
judge_time(const struct conf_ntp *conf, const struct ntp_message *m,
	   const struct header *h, struct judgement *out)
{
	struct dur offset = offset_of(m, h);
	struct dur distance = dur_ns(offset.ns < 0 ? -offset.ns : offset.ns);
	const char *sign = offset.ns < 0 ? "behind" : "ahead of";
	char shown[32], limit[32];

	dur_format(distance, shown, sizeof(shown));
	if (conf->max_offset.ns && distance.ns > conf->max_offset.ns)
		judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		      "server's clock is %s %s ours, expected at most %s",
		      shown, sign,
		      dur_format(conf->max_offset, limit, sizeof(limit)));
	else
		judge(out, CHECK_PASS, CHECK_CAUSE_OK,
		      "stratum %u, %s %s our clock", h->stratum, shown, sign);
}

enum ntp_answer
ntp_message_judge(const struct conf_ntp *conf, const struct ntp_message *m,
		  const uint8_t *octets, size_t n, struct judgement *out)
{
	struct header h;

	if (!decode(octets, n, &h) || h.mode != MODE_SERVER ||
	    h.version != VERSION || h.origin != m->nonce)
		return NTP_FOREIGN;
	if (!judge_state(&h, out))
		return NTP_JUDGED;
	if (h.stratum < conf->stratum.low || h.stratum > conf->stratum.high)
		judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		      "server has stratum %u, expected %u to %u", h.stratum,
		      conf->stratum.low, conf->stratum.high);
	else
		judge_time(conf, m, &h, out);
	return NTP_JUDGED;
}
