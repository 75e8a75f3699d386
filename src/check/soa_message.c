/* SPDX-License-Identifier: ISC */
#include "check/soa_message.h"

#include <inttypes.h>
#include <ldns/ldns.h>
#include <string.h>

/* ---- reading ---- */

static bool __attribute__((format(printf, 2, 3)))
refuse(char why[static SOA_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, SOA_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_number(const ldns_rdf *rdf)
{
	return rdf && ldns_rdf_size(rdf) == sizeof(uint32_t);
}

/* MNAME, RNAME, SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM (RFC 1035 3.3.13). */
static bool
read_record(const ldns_rr *rr, struct soa *out)
{
	if (ldns_rr_rd_count(rr) != 7 || !is_number(ldns_rr_rdf(rr, 2)) ||
	    !is_number(ldns_rr_rdf(rr, 5)))
		return false;
	out->serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, 2));
	out->expire = ldns_rdf2native_int32(ldns_rr_rdf(rr, 5));
	return true;
}

static bool
find_record(const ldns_pkt *pkt, const ldns_rdf *zone, struct soa *out)
{
	const ldns_rr_list *answers = ldns_pkt_answer(pkt);

	for (size_t i = 0; i < ldns_rr_list_rr_count(answers); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answers, i);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA &&
		    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
		    ldns_dname_compare(ldns_rr_owner(rr), zone) == 0)
			return read_record(rr, out);
	}
	return false;
}

static bool
same_question(const ldns_pkt *pkt, const ldns_rdf *zone)
{
	const ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);

	/* A server that cannot read the query may leave the question out. */
	if (ldns_pkt_qdcount(pkt) == 0)
		return ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NOERROR;
	return q && ldns_pkt_qdcount(pkt) == 1 &&
	       ldns_dname_compare(ldns_rr_owner(q), zone) == 0 &&
	       ldns_rr_get_type(q) == LDNS_RR_TYPE_SOA &&
	       ldns_rr_get_class(q) == LDNS_RR_CLASS_IN;
}

static bool
read_answer(const ldns_pkt *pkt, const ldns_rdf *zone, struct soa *out,
	    char why[static SOA_WHY_MAX])
{
	unsigned rcode = (unsigned)ldns_pkt_get_rcode(pkt);
	const ldns_lookup_table *name =
	    ldns_lookup_by_id(ldns_rcodes, (int)rcode);

	if (rcode != LDNS_RCODE_NOERROR && name)
		return refuse(why, "answers %s", name->name);
	if (rcode != LDNS_RCODE_NOERROR)
		return refuse(why, "answers RCODE%u", rcode);
	if (ldns_pkt_tc(pkt))
		return refuse(why, "answer is truncated");
	if (!ldns_pkt_aa(pkt))
		return refuse(why, "is not authoritative for the zone");
	if (!find_record(pkt, zone, out))
		return refuse(why, "answers without the zone's SOA record");
	return true;
}

enum soa_answer
soa_message_read(const char *zone, uint16_t id, const uint8_t *octets, size_t n,
		 struct soa *out, char why[static SOA_WHY_MAX])
{
	enum soa_answer answer = SOA_FOREIGN;
	ldns_pkt *pkt = NULL;
	ldns_rdf *name;

	if (n < LDNS_HEADER_SIZE || octets[0] != id >> 8 ||
	    octets[1] != (id & 0xff))
		return SOA_FOREIGN;
	if (ldns_wire2pkt(&pkt, octets, n) != LDNS_STATUS_OK) {
		refuse(why, "answers what is no well-formed DNS message");
		return SOA_REFUSED;
	}
	name = ldns_dname_new_frm_str(zone);
	if (name && ldns_pkt_qr(pkt) && same_question(pkt, name))
		answer =
		    read_answer(pkt, name, out, why) ? SOA_FOUND : SOA_REFUSED;
	ldns_rdf_deep_free(name);
	ldns_pkt_free(pkt);
	return answer;
}

/* ---- serials, RFC 1982 ---- */

enum soa_order
soa_message_order(uint32_t serial, uint32_t primary, uint32_t *by)
{
	uint32_t ahead = primary - serial;
	static const uint32_t half = UINT32_C(1) << 31;

	*by = ahead;
	if (ahead == 0)
		return SOA_SAME;
	if (ahead == half)
		return SOA_APART;
	if (ahead < half)
		return SOA_BEHIND;
	*by = serial - primary;
	return SOA_AHEAD;
}

bool
soa_message_follows(const struct conf_soa *conf, const struct soa *ours,
		    const struct soa *primary)
{
	uint32_t by;
	enum soa_order order =
	    soa_message_order(ours->serial, primary->serial, &by);

	return order == SOA_SAME || (order == SOA_BEHIND && by <= conf->lag);
}

/* ---- judging ---- */

struct dur
soa_message_limit(const struct conf_soa *conf, const struct soa *ours)
{
	struct dur expire = dur_s(ours->expire);

	return expire.ns < conf->max_age.ns ? expire : conf->max_age;
}

static const char *
order_text(uint32_t serial, uint32_t primary, char *buf, size_t size)
{
	uint32_t by;

	switch (soa_message_order(serial, primary, &by)) {
	case SOA_SAME:
		snprintf(buf, size, "the primary's");
		break;
	case SOA_BEHIND:
		snprintf(buf, size, "%" PRIu32 " behind the primary's", by);
		break;
	case SOA_AHEAD:
		snprintf(buf, size, "%" PRIu32 " ahead of the primary's", by);
		break;
	case SOA_APART:
		snprintf(buf, size, "incomparable with the primary's %" PRIu32,
			 primary);
		break;
	}
	return buf;
}

static void
judge_unreachable(const struct soa *ours, const char *why, struct dur age,
		  struct dur limit, struct judgement *out)
{
	char shown[32], most[32];
	bool old = age.ns > limit.ns;

	judge(out, old ? CHECK_FAIL : CHECK_UNKNOWN,
	      old ? CHECK_CAUSE_ANSWER : CHECK_CAUSE_LOCAL,
	      "%s; serial %" PRIu32 " followed it %s ago, %s at most %s", why,
	      ours->serial, dur_format(age, shown, sizeof(shown)),
	      old ? "expected" : "unknown for",
	      dur_format(limit, most, sizeof(most)));
}

void
soa_message_judge(const struct conf_soa *conf, const struct soa *ours,
		  const struct soa *primary, const char *why, struct dur age,
		  struct judgement *out)
{
	struct dur limit = soa_message_limit(conf, ours);
	enum check_verdict verdict = CHECK_PASS;
	char order[64], shown[32];

	if (!primary) {
		judge_unreachable(ours, why, age, limit, out);
		return;
	}
	order_text(ours->serial, primary->serial, order, sizeof(order));
	if (soa_message_follows(conf, ours, primary)) {
		judge(out, CHECK_PASS, CHECK_CAUSE_OK,
		      "serial %" PRIu32 " is %s", ours->serial, order);
		return;
	}
	if (age.ns > limit.ns)
		verdict = CHECK_FAIL;
	else if (conf->degraded_age.ns && age.ns > conf->degraded_age.ns)
		verdict = CHECK_DEGRADED;
	judge(out, verdict,
	      verdict == CHECK_PASS ? CHECK_CAUSE_OK : CHECK_CAUSE_ANSWER,
	      "serial %" PRIu32 " is %s for %s", ours->serial, order,
	      dur_format(age, shown, sizeof(shown)));
}
