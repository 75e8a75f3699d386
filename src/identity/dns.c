/* SPDX-License-Identifier: ISC */
#include "identity/dns.h"

#include <ldns/ldns.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADER   12
#define QR       0x80 /* in the third octet */
#define UDP_SIZE 1232
/* Extended code 1 in OPT, code 0 in the header: BADVERS. */
#define BADVERS_EXTENDED 1
#define BADVERS_LOW      0

extern const struct identity_dns identity_dns;

/* ---- what is asked ---- */

static bool
is_name(const ldns_rdf *owner)
{
	static const char *const names[] = {"hostname.bind.", "id.server."};
	char *text = ldns_rdf2str(owner);
	bool found = false;

	for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++)
		found |= strcasecmp(text, names[i]) == 0;
	free(text);
	return found;
}

static bool
is_ours(const ldns_rr *question)
{
	ldns_rr_type type = ldns_rr_get_type(question);

	return ldns_rr_get_class(question) == LDNS_RR_CLASS_CH &&
	       (type == LDNS_RR_TYPE_TXT || type == LDNS_RR_TYPE_ANY) &&
	       is_name(ldns_rr_owner(question));
}

static bool
wants_nsid(ldns_pkt *query)
{
	ldns_edns_option_list *list = ldns_pkt_edns_get_option_list(query);

	for (size_t i = 0; list && i < ldns_edns_option_list_get_count(list);
	     i++)
		if (ldns_edns_get_code(ldns_edns_option_list_get_option(
			list, i)) == LDNS_EDNS_NSID)
			return true;
	return false;
}

/* ---- what is answered ---- */

/* TTL 0: the next answer may come from elsewhere. */
static void
add_text(ldns_pkt *answer, const ldns_rr *question, const char *name)
{
	ldns_rr *rr = ldns_rr_new();
	ldns_rdf *text;

	if (!rr)
		return;
	ldns_rr_set_owner(rr, ldns_rdf_clone(ldns_rr_owner(question)));
	ldns_rr_set_type(rr, LDNS_RR_TYPE_TXT);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_CH);
	ldns_rr_set_ttl(rr, 0);
	text = ldns_rdf_new_frm_str(LDNS_RDF_TYPE_STR, name);
	if (text)
		ldns_rr_push_rdf(rr, text);
	if (!text || !ldns_pkt_push_rr(answer, LDNS_SECTION_ANSWER, rr))
		ldns_rr_free(rr);
}

static void
add_edns(ldns_pkt *answer, ldns_pkt *query, const char *name)
{
	ldns_edns_option_list *list;

	ldns_pkt_set_edns_udp_size(answer, UDP_SIZE);
	if (ldns_pkt_edns_version(query) > 0) {
		ldns_pkt_set_edns_extended_rcode(answer, BADVERS_EXTENDED);
		ldns_pkt_set_rcode(answer, BADVERS_LOW);
		return;
	}
	if (!wants_nsid(query))
		return;
	list = ldns_edns_option_list_new();
	if (!list)
		return;
	ldns_edns_option_list_push(
	    list, ldns_edns_new_from_data(LDNS_EDNS_NSID, strlen(name), name));
	ldns_pkt_set_edns_option_list(answer, list);
}

static ldns_pkt *
make_answer(ldns_pkt *query, const char *name)
{
	ldns_pkt *answer = ldns_pkt_new();
	ldns_rr_list *questions = ldns_pkt_question(query);
	ldns_rr *question = NULL;

	if (!answer)
		return NULL;
	ldns_pkt_set_id(answer, ldns_pkt_id(query));
	ldns_pkt_set_qr(answer, true);
	ldns_pkt_set_opcode(answer, ldns_pkt_get_opcode(query));
	ldns_pkt_set_rd(answer, ldns_pkt_rd(query));
	if (ldns_pkt_get_opcode(query) != LDNS_PACKET_QUERY) {
		ldns_pkt_set_rcode(answer, LDNS_RCODE_NOTIMPL);
	} else if (ldns_rr_list_rr_count(questions) != 1) {
		ldns_pkt_set_rcode(answer, LDNS_RCODE_FORMERR);
	} else {
		question = ldns_rr_list_rr(questions, 0);
		ldns_pkt_push_rr(answer, LDNS_SECTION_QUESTION,
				 ldns_rr_clone(question));
		ldns_pkt_set_rcode(answer, is_ours(question)
					       ? LDNS_RCODE_NOERROR
					       : LDNS_RCODE_REFUSED);
	}
	if (question && is_ours(question)) {
		ldns_pkt_set_aa(answer, true);
		add_text(answer, question, name);
	}
	if (ldns_pkt_edns(query))
		add_edns(answer, query, name);
	return answer;
}

/* Only the header of what cannot be read. */
static size_t
format_error(const uint8_t *query, uint8_t *buf, size_t size)
{
	if (size < HEADER)
		return 0;
	memset(buf, 0, HEADER);
	memcpy(buf, query, 2);
	buf[2] = (uint8_t)(QR | (query[2] & 0x79)); /* opcode, RD */
	buf[3] = LDNS_RCODE_FORMERR;
	return HEADER;
}

static size_t
answer_query(const char *name, const uint8_t *query, size_t n, uint8_t *buf,
	     size_t size)
{
	ldns_pkt *pkt = NULL, *answer;
	uint8_t *wire = NULL;
	size_t len = 0;

	/* Two responders that answer answers would never stop. */
	if (n < HEADER || (query[2] & QR))
		return 0;
	if (ldns_wire2pkt(&pkt, query, n) != LDNS_STATUS_OK)
		return format_error(query, buf, size);
	answer = make_answer(pkt, name);
	if (answer && ldns_pkt2wire(&wire, answer, &len) != LDNS_STATUS_OK)
		len = 0;
	if (len > size)
		len = 0;
	if (len > 0)
		memcpy(buf, wire, len);
	free(wire);
	ldns_pkt_free(answer);
	ldns_pkt_free(pkt);
	return len;
}

const struct identity_dns identity_dns
    __attribute__((visibility("default"))) = {
	.abi = IDENTITY_DNS_ABI,
	.answer = answer_query,
};
