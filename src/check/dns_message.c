/* SPDX-License-Identifier: ISC */
#include "check/dns_message.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* What fits every path (RFC 9715). */
#define UDP_SIZE 1232
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 48
/* Longest text of one record that is compared or shown. */
#define RDATA_MAX 4096

/* ---- query ---- */

static bool
wants_edns(const struct conf_dns *conf)
{
	return conf->dnssec || conf->ad || conf->nsid;
}

static void
add_edns(ldns_pkt *pkt, const struct conf_dns *conf)
{
	ldns_edns_option_list *options;

	ldns_pkt_set_edns_udp_size(pkt, UDP_SIZE);
	ldns_pkt_set_edns_do(pkt, conf->dnssec || conf->ad);
	if (!conf->nsid)
		return;
	/* An empty NSID option asks for the server's (RFC 5001 2.1). */
	options = ldns_edns_option_list_new();
	if (options)
		ldns_edns_option_list_push(
		    options, ldns_edns_new_from_data(LDNS_EDNS_NSID, 0, NULL));
	ldns_pkt_set_edns_option_list(pkt, options);
}

static ldns_pkt *
make_query(const struct conf_dns *conf, uint16_t id)
{
	ldns_rdf *name = ldns_dname_new_frm_str(conf->name);
	ldns_pkt *pkt;

	if (!name)
		return NULL;
	pkt = ldns_pkt_query_new(name, ldns_get_rr_type_by_name(conf->type),
				 ldns_get_rr_class_by_name(conf->class),
				 conf->recursion_desired ? LDNS_RD : 0);
	if (!pkt) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_pkt_set_id(pkt, id);
	if (wants_edns(conf))
		add_edns(pkt, conf);
	return pkt;
}

size_t
dns_message_query(const struct conf_dns *conf, uint16_t id,
		  uint8_t buf[static DNS_QUERY_MAX])
{
	ldns_pkt *pkt = make_query(conf, id);
	uint8_t *wire = NULL;
	size_t n = 0;

	if (pkt && ldns_pkt2wire(&wire, pkt, &n) != LDNS_STATUS_OK)
		n = 0;
	if (n > DNS_QUERY_MAX)
		n = 0;
	if (n)
		memcpy(buf, wire, n);
	free(wire);
	ldns_pkt_free(pkt);
	return n;
}

/* ---- does it belong to the query? ---- */

static unsigned
rcode_of(const ldns_pkt *pkt)
{
	return (unsigned)ldns_pkt_edns_extended_rcode(pkt) << 4 |
	       (unsigned)ldns_pkt_get_rcode(pkt);
}

static bool
same_question(const struct conf_dns *conf, const ldns_pkt *pkt)
{
	const ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
	ldns_rdf *name = ldns_dname_new_frm_str(conf->name);
	bool same;

	same = q && name && ldns_pkt_qdcount(pkt) == 1 &&
	       ldns_dname_compare(ldns_rr_owner(q), name) == 0 &&
	       ldns_rr_get_type(q) == ldns_get_rr_type_by_name(conf->type) &&
	       ldns_rr_get_class(q) == ldns_get_rr_class_by_name(conf->class);
	ldns_rdf_deep_free(name);
	return same;
}

/* A server that cannot read the query may leave the question out. */
static bool
belongs(const struct conf_dns *conf, uint16_t id, const ldns_pkt *pkt)
{
	if (ldns_pkt_id(pkt) != id || !ldns_pkt_qr(pkt))
		return false;
	return same_question(conf, pkt) ||
	       (ldns_pkt_qdcount(pkt) == 0 && rcode_of(pkt) != 0);
}

/* ---- rcode and flags ---- */

static const char *
rcode_text(unsigned rcode, char buf[static 16])
{
	const ldns_lookup_table *entry =
	    ldns_lookup_by_id(ldns_rcodes, (int)rcode);

	if (entry)
		return entry->name;
	snprintf(buf, 16, "RCODE%u", rcode);
	return buf;
}

static bool
judge_header(const struct conf_dns *conf, const ldns_pkt *pkt,
	     struct judgement *out)
{
	char buf[16];
	const char *rcode = rcode_text(rcode_of(pkt), buf);

	if (strcasecmp(rcode, conf->rcode) != 0)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer has rcode %s, expected %s", rcode,
			     conf->rcode);
	if (conf->aa && !ldns_pkt_aa(pkt))
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer is not authoritative, expected the AA "
			     "flag");
	if (conf->ad && !ldns_pkt_ad(pkt))
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer is not validated, expected the AD flag");
	return true;
}

/* ---- answer ---- */

/* The record's data in presentation form. */
static void
rdata_text(const ldns_rr *rr, struct text *out)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *s = ldns_rdf2str(ldns_rr_rdf(rr, i));

		if (i)
			text_add(out, " ");
		if (s && out->len + strlen(s) < RDATA_MAX)
			text_add(out, s);
		free(s);
	}
}

/* Equal but for quotes, which a person may leave out. */
static bool
same_unquoted(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '"')
			a++;
		while (*b == '"')
			b++;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

static bool
same_rdata(const ldns_rr *a, const ldns_rr *b)
{
	if (ldns_rr_rd_count(a) != ldns_rr_rd_count(b))
		return false;
	for (size_t i = 0; i < ldns_rr_rd_count(a); i++) {
		if (ldns_rdf_compare(ldns_rr_rdf(a, i), ldns_rr_rdf(b, i)))
			return false;
	}
	return true;
}

/* "2001:DB8::1" as a record of the answer's type; NULL when it is none. */
static ldns_rr *
expected_rr(const struct conf_dns *conf, const char *expected)
{
	struct text line = {0};
	ldns_rr *rr = NULL;

	text_addf(&line, ". 0 %s %s %s", conf->class, conf->type, expected);
	if (ldns_rr_new_frm_str(&rr, line.s, 0, NULL, NULL) != LDNS_STATUS_OK)
		rr = NULL;
	text_free(&line);
	if (rr)
		ldns_rr2canonical(rr);
	return rr;
}

static bool
answers_contain(const ldns_rr_list *answers, const struct conf_dns *conf,
		const char *expected)
{
	ldns_rr *wanted = expected_rr(conf, expected);
	bool found = false;

	for (size_t i = 0; i < ldns_rr_list_rr_count(answers) && !found; i++) {
		ldns_rr *rr = ldns_rr_list_rr(answers, i);
		struct text text = {0};

		ldns_rr2canonical(rr);
		rdata_text(rr, &text);
		found = (wanted && same_rdata(rr, wanted) &&
			 ldns_rr_get_type(rr) == ldns_rr_get_type(wanted)) ||
			same_unquoted(text_str(&text), expected);
		text_free(&text);
	}
	ldns_rr_free(wanted);
	return found;
}

static bool
judge_answers(const struct conf_dns *conf, const ldns_pkt *pkt,
	      struct judgement *out)
{
	const ldns_rr_list *answers = ldns_pkt_answer(pkt);
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];
	struct text first = {0};
	const char *missing = NULL;

	for (size_t i = 0; i < conf->answer.n && !missing; i++) {
		if (!answers_contain(answers, conf, conf->answer.v[i]))
			missing = conf->answer.v[i];
	}
	if (!missing)
		return true;
	text_escape(missing, strlen(missing), wanted, sizeof(wanted));
	if (ldns_rr_list_rr_count(answers) == 0)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer is empty, expected \"%s\"", wanted);
	rdata_text(ldns_rr_list_rr(answers, 0), &first);
	text_escape(text_str(&first), first.len, seen, sizeof(seen));
	text_free(&first);
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "answer lacks \"%s\"; the first of its %zu records is "
		     "\"%s\"",
		     wanted, ldns_rr_list_rr_count(answers), seen);
}

/* ---- NSID ---- */

static bool
is_hex_of(const char *text, const uint8_t *octets, size_t n)
{
	char pair[3];

	if (strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		snprintf(pair, sizeof(pair), "%02x", octets[i]);
		if (strncasecmp(text + 2 * i, pair, 2) != 0)
			return false;
	}
	return true;
}

static bool
judge_nsid_octets(const char *expected, const uint8_t *octets, size_t n,
		  struct judgement *out)
{
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];

	if (n == strlen(expected) && (!n || memcmp(octets, expected, n) == 0))
		return true;
	if (n && is_hex_of(expected, octets, n))
		return true;
	text_escape(expected, strlen(expected), wanted, sizeof(wanted));
	text_escape(octets, n, seen, sizeof(seen));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "answer comes from \"%s\" (NSID), expected \"%s\"", seen,
		     wanted);
}

static bool
judge_nsid(const struct conf_dns *conf, ldns_pkt *pkt, struct judgement *out)
{
	const ldns_edns_option_list *options;
	char wanted[SHOWN_MAX];

	if (!conf->nsid)
		return true;
	options =
	    ldns_pkt_edns(pkt) ? ldns_pkt_edns_get_option_list(pkt) : NULL;
	for (size_t i = 0;
	     options && i < ldns_edns_option_list_get_count(options); i++) {
		const ldns_edns_option *o =
		    ldns_edns_option_list_get_option(options, i);

		if (ldns_edns_get_code(o) == LDNS_EDNS_NSID)
			return judge_nsid_octets(conf->nsid,
						 ldns_edns_get_data(o),
						 ldns_edns_get_size(o), out);
	}
	text_escape(conf->nsid, strlen(conf->nsid), wanted, sizeof(wanted));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "answer has no NSID, expected \"%s\"", wanted);
}

/* ---- all of it ---- */

static void
judge_packet(const struct conf_dns *conf, ldns_pkt *pkt, struct judgement *out)
{
	size_t n = ldns_pkt_ancount(pkt);

	if (judge_header(conf, pkt, out) && judge_nsid(conf, pkt, out) &&
	    judge_answers(conf, pkt, out))
		judge(out, CHECK_PASS, CHECK_CAUSE_OK, "%s, %zu record%s",
		      conf->rcode, n, n == 1 ? "" : "s");
}

enum dns_answer
dns_message_judge(const struct conf_dns *conf, uint16_t id,
		  const uint8_t *octets, size_t n, struct judgement *out)
{
	enum dns_answer answer = DNS_JUDGED;
	ldns_pkt *pkt = NULL;

	if (n < LDNS_HEADER_SIZE || octets[0] != id >> 8 ||
	    octets[1] != (id & 0xff))
		return DNS_FOREIGN;
	if (ldns_wire2pkt(&pkt, octets, n) != LDNS_STATUS_OK) {
		judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		      "answer of %zu octets is no well-formed DNS message", n);
		return DNS_JUDGED;
	}
	if (!belongs(conf, id, pkt))
		answer = DNS_FOREIGN;
	else if (ldns_pkt_tc(pkt))
		answer = DNS_TRUNCATED;
	else
		judge_packet(conf, pkt, out);
	ldns_pkt_free(pkt);
	return answer;
}
