/* SPDX-License-Identifier: ISC */
/*
 * Path attributes as a table: what each must look like, how it is read and
 * written, and what becomes of the routes when it is wrong (RFC 7606). To add
 * an attribute: its type in bgp.h, its row here, its functions above.
 */
#include "base/text.h"
#include "wire/bgp_private.h"

#define LOCAL_PREF_DEFAULT 100 /* RFC 4271 leaves it open; all use 100 */

/* ---- reading ---- */

static struct bgp_fault
decode_origin(struct bgp_reader *r, struct rbuf *v)
{
	uint8_t origin = rbuf_u8(v);

	if (origin > BGP_ORIGIN_INCOMPLETE)
		return (struct bgp_fault){
		    .why = "ORIGIN is not IGP (0), EGP (1) or INCOMPLETE (2)",
		    .subcode = BGP_UPDATE_BAD_ORIGIN};
	r->out->attributes.has_origin = true;
	r->out->attributes.origin = origin;
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_next_hop(struct bgp_reader *r, struct rbuf *v)
{
	struct ip hop = ip_from_v4(rbuf_u32(v));

	if (!bgp_next_hop_valid(&hop))
		return (struct bgp_fault){.why =
					      "NEXT_HOP is not a host address",
					  .subcode = BGP_UPDATE_BAD_NEXT_HOP};
	r->out->attributes.next_hop = hop;
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_med(struct bgp_reader *r, struct rbuf *v)
{
	r->out->attributes.has_med = true;
	r->out->attributes.med = rbuf_u32(v);
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_local_pref(struct bgp_reader *r, struct rbuf *v)
{
	r->out->attributes.has_local_pref = true;
	r->out->attributes.local_pref = rbuf_u32(v);
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_atomic_aggregate(struct bgp_reader *r, struct rbuf *v)
{
	r->out->attributes.atomic_aggregate = true;
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_aggregator(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_attributes *a = &r->out->attributes;
	bool as4 = r->facts->as4;
	uint32_t asn;

	if (rbuf_left(v) != (as4 ? 8 : 6))
		return (struct bgp_fault){
		    .why = as4 ? "AGGREGATOR length is not 8"
			       : "AGGREGATOR length is not 6",
		    .subcode = BGP_UPDATE_BAD_LENGTH};
	asn = as4 ? rbuf_u32(v) : rbuf_u16(v);
	if (asn == 0)
		return (struct bgp_fault){.why = "AGGREGATOR has AS 0",
					  .subcode = BGP_UPDATE_BAD_OPTIONAL};
	a->has_aggregator = true;
	a->aggregator_asn = asn;
	a->aggregator_id = rbuf_u32(v);
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_as4_aggregator(struct bgp_reader *r, struct rbuf *v)
{
	uint32_t asn = rbuf_u32(v);

	if (asn == 0)
		return (struct bgp_fault){.why = "AS4_AGGREGATOR has AS 0",
					  .subcode = BGP_UPDATE_BAD_OPTIONAL};
	r->has_as4_aggregator = true;
	r->as4_aggregator_asn = asn;
	r->as4_aggregator_id = rbuf_u32(v);
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_communities(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_attributes *a = &r->out->attributes;

	while (rbuf_left(v) > 0 && a->n_communities < BGP_COMMUNITIES_MAX)
		a->communities[a->n_communities++] = rbuf_u32(v);
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_ext_communities(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_attributes *a = &r->out->attributes;

	while (rbuf_left(v) > 0 && a->n_ext_communities < BGP_COMMUNITIES_MAX)
		a->ext_communities[a->n_ext_communities++] = rbuf_u64(v);
	return BGP_NO_FAULT;
}

/* Whether c is one of the n of a list. */
static bool
among_large(const struct bgp_large_community *list, size_t n,
	    const struct bgp_large_community *c)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&list[i], c, sizeof(*c)) == 0)
			return true;
	return false;
}

/* Duplicates are left out silently (RFC 8092 section 3). */
static struct bgp_fault
decode_large_communities(struct bgp_reader *r, struct rbuf *v)
{
	struct bgp_attributes *a = &r->out->attributes;

	while (rbuf_left(v) > 0 &&
	       a->n_large_communities < BGP_COMMUNITIES_MAX) {
		struct bgp_large_community c;

		for (size_t i = 0; i < 3; i++)
			c.v[i] = rbuf_u32(v);
		if (!among_large(a->large_communities, a->n_large_communities,
				 &c))
			a->large_communities[a->n_large_communities++] = c;
	}
	return BGP_NO_FAULT;
}

static struct bgp_fault
decode_otc(struct bgp_reader *r, struct rbuf *v)
{
	r->out->attributes.has_otc = true;
	r->out->attributes.otc = rbuf_u32(v);
	return BGP_NO_FAULT;
}

/* Of no use to a node that reflects no routes; its form is checked. */
static struct bgp_fault
decode_form_only(struct bgp_reader *r, struct rbuf *v)
{
	return BGP_NO_FAULT;
}

/* ---- writing ---- */

static bool
encode_origin(struct wbuf *w, const struct bgp_attributes *a,
	      const struct bgp_session_facts *facts)
{
	wbuf_u8(w, a->origin);
	return true;
}

static bool
encode_next_hop(struct wbuf *w, const struct bgp_attributes *a,
		const struct bgp_session_facts *facts)
{
	wbuf_bytes(w, a->next_hop.bytes, 4);
	return true;
}

static bool
encode_med(struct wbuf *w, const struct bgp_attributes *a,
	   const struct bgp_session_facts *facts)
{
	wbuf_u32(w, a->med);
	return a->has_med;
}

/* RFC 4271 section 5.1.5: always to internal peers, never to external. */
static bool
encode_local_pref(struct wbuf *w, const struct bgp_attributes *a,
		  const struct bgp_session_facts *facts)
{
	wbuf_u32(w, a->has_local_pref ? a->local_pref : LOCAL_PREF_DEFAULT);
	return facts->ibgp;
}

static bool
encode_atomic_aggregate(struct wbuf *w, const struct bgp_attributes *a,
			const struct bgp_session_facts *facts)
{
	return a->atomic_aggregate;
}

static bool
encode_aggregator(struct wbuf *w, const struct bgp_attributes *a,
		  const struct bgp_session_facts *facts)
{
	if (facts->as4)
		wbuf_u32(w, a->aggregator_asn);
	else
		wbuf_u16(w, bgp_as2(a->aggregator_asn));
	wbuf_u32(w, a->aggregator_id);
	return a->has_aggregator;
}

static bool
encode_as4_aggregator(struct wbuf *w, const struct bgp_attributes *a,
		      const struct bgp_session_facts *facts)
{
	wbuf_u32(w, a->aggregator_asn);
	wbuf_u32(w, a->aggregator_id);
	return a->has_aggregator && !facts->as4 &&
	       a->aggregator_asn > UINT16_MAX;
}

static bool
encode_communities(struct wbuf *w, const struct bgp_attributes *a,
		   const struct bgp_session_facts *facts)
{
	for (size_t i = 0; i < a->n_communities; i++)
		wbuf_u32(w, a->communities[i]);
	return a->n_communities > 0;
}

static bool
encode_ext_communities(struct wbuf *w, const struct bgp_attributes *a,
		       const struct bgp_session_facts *facts)
{
	for (size_t i = 0; i < a->n_ext_communities; i++)
		wbuf_u64(w, a->ext_communities[i]);
	return a->n_ext_communities > 0;
}

/* Each once (RFC 8092 section 3). */
static bool
encode_large_communities(struct wbuf *w, const struct bgp_attributes *a,
			 const struct bgp_session_facts *facts)
{
	const struct bgp_large_community *c = a->large_communities;

	for (size_t i = 0; i < a->n_large_communities; i++) {
		if (among_large(c, i, &c[i]))
			continue;
		for (size_t j = 0; j < 3; j++)
			wbuf_u32(w, c[i].v[j]);
	}
	return a->n_large_communities > 0;
}

static bool
encode_otc(struct wbuf *w, const struct bgp_attributes *a,
	   const struct bgp_session_facts *facts)
{
	wbuf_u32(w, a->otc);
	return a->has_otc;
}

/* ---- the table ---- */

#define WELL_KNOWN BGP_FLAG_TRANSITIVE
#define OPTIONAL   BGP_FLAG_OPTIONAL
#define TRANSITIVE (BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE)

/* From whom; others' is discarded (RFC 7606 section 7.5, RFC 6793 4.1). */
#define ANY      BGP_SCOPE_ALL, ""
#define INTERNAL BGP_SCOPE_INTERNAL, " from an external peer is ignored"
#define AS2      BGP_SCOPE_AS2, " from a peer with four-octet AS is ignored"

/* Octets of the value. */
#define EXACTLY(n)     n, n, 1, #n
#define BETWEEN(a, b)  a, b, 1, #a " to " #b
#define AT_LEAST(n)    n, UINT16_MAX, 1, "at least " #n
#define MULTIPLE_OF(n) n, UINT16_MAX, n, "a non-zero multiple of " #n
#define EVEN_FROM(n)   n, UINT16_MAX, 2, "an even number of at least " #n

#define WITHDRAW BGP_TREAT_AS_WITHDRAW
#define DISCARD  BGP_DISCARD_ATTRIBUTE
#define RESET    BGP_RESET_SESSION

/* Lets the columns of several values become arguments. */
#define ROW(...) ROW_(__VA_ARGS__)
#define ROW_(type, text, flags_, scope_, bad_scope_, min_, max_, unit_,        \
	     expected, action, decode_, encode_)                               \
	[BGP_ATTR_##type] = {                                                  \
	    .name = text,                                                      \
	    .flags = flags_,                                                   \
	    .scope = scope_,                                                   \
	    .min = min_,                                                       \
	    .max = max_,                                                       \
	    .unit = unit_,                                                     \
	    .on_error = action,                                                \
	    .decode = decode_,                                                 \
	    .encode = encode_,                                                 \
	    .bad_flags = text " has wrong Optional or Transitive flags",       \
	    .bad_length = text " length is not " expected,                     \
	    .bad_scope = text bad_scope_,                                      \
	}

static const struct bgp_attribute rows[BGP_ATTRIBUTE_ROWS] = {
    ROW(ORIGIN, "ORIGIN", WELL_KNOWN, ANY, EXACTLY(1), WITHDRAW, decode_origin,
	encode_origin),
    ROW(AS_PATH, "AS_PATH", WELL_KNOWN, ANY, AT_LEAST(0), WITHDRAW,
	bgp_as_path_decode, bgp_as_path_encode),
    ROW(NEXT_HOP, "NEXT_HOP", WELL_KNOWN, ANY, EXACTLY(4), WITHDRAW,
	decode_next_hop, encode_next_hop),
    ROW(MED, "MULTI_EXIT_DISC", OPTIONAL, ANY, EXACTLY(4), WITHDRAW, decode_med,
	encode_med),
    ROW(LOCAL_PREF, "LOCAL_PREF", WELL_KNOWN, INTERNAL, EXACTLY(4), WITHDRAW,
	decode_local_pref, encode_local_pref),
    ROW(ATOMIC_AGGREGATE, "ATOMIC_AGGREGATE", WELL_KNOWN, ANY, EXACTLY(0),
	DISCARD, decode_atomic_aggregate, encode_atomic_aggregate),
    /* Which of 6 and 8 depends on the session: its decoder tells. */
    ROW(AGGREGATOR, "AGGREGATOR", TRANSITIVE, ANY, BETWEEN(6, 8), DISCARD,
	decode_aggregator, encode_aggregator),
    ROW(COMMUNITIES, "COMMUNITIES", TRANSITIVE, ANY, MULTIPLE_OF(4), WITHDRAW,
	decode_communities, encode_communities),
    ROW(ORIGINATOR_ID, "ORIGINATOR_ID", OPTIONAL, INTERNAL, EXACTLY(4),
	WITHDRAW, decode_form_only, NULL),
    ROW(CLUSTER_LIST, "CLUSTER_LIST", OPTIONAL, INTERNAL, MULTIPLE_OF(4),
	WITHDRAW, decode_form_only, NULL),
    ROW(MP_REACH, "MP_REACH_NLRI", OPTIONAL, ANY, AT_LEAST(5), RESET,
	bgp_mp_reach_decode, NULL),
    ROW(MP_UNREACH, "MP_UNREACH_NLRI", OPTIONAL, ANY, AT_LEAST(3), RESET,
	bgp_mp_unreach_decode, NULL),
    ROW(EXT_COMMUNITIES, "EXTENDED COMMUNITIES", TRANSITIVE, ANY,
	MULTIPLE_OF(8), WITHDRAW, decode_ext_communities,
	encode_ext_communities),
    ROW(AS4_PATH, "AS4_PATH", TRANSITIVE, AS2, EVEN_FROM(6), DISCARD,
	bgp_as4_path_decode, bgp_as4_path_encode),
    ROW(AS4_AGGREGATOR, "AS4_AGGREGATOR", TRANSITIVE, AS2, EXACTLY(8), DISCARD,
	decode_as4_aggregator, encode_as4_aggregator),
    ROW(IPV6_EXT_COMMUNITIES, "IPv6 EXTENDED COMMUNITIES", TRANSITIVE, ANY,
	MULTIPLE_OF(20), WITHDRAW, decode_form_only, NULL),
    ROW(LARGE_COMMUNITIES, "LARGE_COMMUNITY", TRANSITIVE, ANY, MULTIPLE_OF(12),
	WITHDRAW, decode_large_communities, encode_large_communities),
    ROW(OTC, "OTC", TRANSITIVE, ANY, EXACTLY(4), WITHDRAW, decode_otc,
	encode_otc),
};

const struct bgp_attribute *
bgp_attribute_row(uint8_t type)
{
	if (type >= ARRAY_LEN(rows) || !rows[type].name)
		return NULL;
	return &rows[type];
}

/* Flags, type and length around a value that was written behind room for 3. */
static void
put_header(struct wbuf *w, size_t at, uint8_t flags, uint8_t type)
{
	size_t len = wbuf_len(w) - at - 3;
	uint8_t *p = w->start + at;

	p[0] = flags;
	p[1] = type;
	if (len <= UINT8_MAX) {
		p[2] = (uint8_t)len;
		return;
	}
	if (!wbuf_take(w, 1))
		return;
	memmove(p + 4, p + 3, len);
	p[0] |= BGP_FLAG_EXTENDED;
	wbuf_patch_u16(w, at + 2, (uint16_t)len);
}

static void
put_attribute(struct wbuf *w, uint8_t type, const struct bgp_attributes *a,
	      const struct bgp_session_facts *facts)
{
	const struct bgp_attribute *row = &rows[type];
	const struct wbuf before = *w;
	size_t at = wbuf_len(w);

	wbuf_take(w, 3);
	if (!row->encode(w, a, facts))
		*w = before; /* what did not fit was not to be sent */
	else if (!w->full)
		put_header(w, at, row->flags, type);
}

void
bgp_attributes_encode(struct wbuf *w, const struct bgp_attributes *a,
		      const struct bgp_session_facts *facts, bool next_hop)
{
	for (size_t type = 0; type < ARRAY_LEN(rows); type++) {
		/* RFC 4760 section 3: no NEXT_HOP beside MP_REACH_NLRI. */
		if (type == BGP_ATTR_NEXT_HOP && !next_hop)
			continue;
		if (rows[type].encode)
			put_attribute(w, (uint8_t)type, a, facts);
	}
}
