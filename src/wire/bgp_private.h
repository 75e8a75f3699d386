/* SPDX-License-Identifier: ISC */
/*
 * What the BGP codec's files share with each other and nobody else.
 */
#ifndef BASIN_WIRE_BGP_PRIVATE_H
#define BASIN_WIRE_BGP_PRIVATE_H

#include "wire/bgp.h"

/* The verdict that ends the session; data is cut to what a verdict holds. */
struct bgp_verdict bgp_verdict_reset(uint8_t code, uint8_t subcode,
				     const uint8_t *data, size_t n,
				     const char *why);
/* Message Header Error / Bad Message Length, with the length as data. */
struct bgp_verdict bgp_verdict_length(size_t n, const char *why);
/* Keeps the stronger of the two; the first of equal ones (RFC 7606 3h). */
void bgp_verdict_raise(struct bgp_verdict *v, const struct bgp_verdict *found);

/* Starts a message: marker, a length to be patched, type. */
struct wbuf bgp_message_begin(uint8_t *buf, size_t size, enum bgp_type type);
/* The longest UPDATE of a session; facts may be NULL. */
size_t bgp_update_max(const struct bgp_session_facts *facts);
/* Patches the length in and returns it; 0 when the message did not fit. */
size_t bgp_message_end(struct wbuf *w);

/* ---- capabilities (bgp_capability.c) ---- */

#define BGP_PARAMETER_CAPABILITIES 2 /* RFC 5492 section 4 */

/* Reads one Capabilities parameter; NULL, or what is wrong with it. */
const char *bgp_capabilities_decode(struct rbuf *r, struct bgp_open *open);
/* Writes all capabilities, without the parameter around them. */
void bgp_capabilities_encode(struct wbuf *w, const struct bgp_open *open);

/* ---- prefixes (bgp_prefix.c) ---- */

/* True when every prefix of the list is whole and not too long. */
bool bgp_prefixes_valid(struct rbuf list, uint8_t family);

/* ---- flow specifications (bgp_flow.c) ---- */

struct bgp_flow;

/* The terms of one component, as on the wire. */
void bgp_flow_encode_terms(struct wbuf *w, const struct bgp_flow *flow,
			   size_t type);
/* NULL when every flow of the list is well-formed, or what is wrong. */
const char *bgp_flows_fault(struct rbuf list, uint8_t family);

/* ---- attributes ---- */

/* A fault in an attribute's value; why is NULL when there is none. */
struct bgp_fault {
	const char *why; /* static */
	uint8_t subcode;
	enum bgp_action action; /* BGP_ACCEPT: as the table says */
};

#define BGP_NO_FAULT ((struct bgp_fault){0})

/* Optional and Transitive bits, and how long the length is. */
enum bgp_attribute_flag {
	BGP_FLAG_OPTIONAL = 0x80,
	BGP_FLAG_TRANSITIVE = 0x40,
	BGP_FLAG_EXTENDED = 0x10,
};

#define BGP_ATTRIBUTE_ROWS (BGP_ATTR_OTC + 1)

/* Where an attribute stands in the message. */
struct bgp_attribute_at {
	const uint8_t *octets; /* borrowed; its flags octet. NULL: absent */
	uint16_t header;       /* 3 or 4 octets */
	uint16_t len;          /* of the value */
};

/* The state of decoding one UPDATE. */
struct bgp_reader {
	const struct bgp_session_facts *facts;
	struct bgp_update *out;
	struct bgp_verdict verdict;
	struct bgp_attribute_at at[BGP_ATTRIBUTE_ROWS];
	uint32_t seen[8]; /* a bit per attribute type */
	size_t n_attributes;
	/* Valid values kept until both of a pair were read (RFC 6793). */
	struct rbuf as_path, as4_path;
	bool has_as4_path, has_as4_aggregator;
	uint32_t as4_aggregator_asn, as4_aggregator_id;
};

/* From whom an attribute is of any use; others' is discarded. */
enum bgp_scope { BGP_SCOPE_ALL, BGP_SCOPE_INTERNAL, BGP_SCOPE_AS2 };

struct bgp_attribute {
	const char *name; /* NULL: not recognized */
	uint8_t flags;    /* Optional and Transitive, as they must be */
	enum bgp_scope scope;
	uint16_t min, max, unit;  /* octets of the value; multiple of unit */
	enum bgp_action on_error; /* wrong length or value */
	struct bgp_fault (*decode)(struct bgp_reader *r, struct rbuf *v);
	/* Writes the value; false when the route has none. NULL: never sent */
	bool (*encode)(struct wbuf *w, const struct bgp_attributes *a,
		       const struct bgp_session_facts *facts);
	const char *bad_flags, *bad_length, *bad_scope;
};

/* The row of a type, NULL when it is not recognized. */
const struct bgp_attribute *bgp_attribute_row(uint8_t type);
/* Writes all but MP_REACH and MP_UNREACH in ascending order of type. */
void bgp_attributes_encode(struct wbuf *w, const struct bgp_attributes *a,
			   const struct bgp_session_facts *facts,
			   bool next_hop);

/* bgp_mp.c */
struct bgp_fault bgp_mp_reach_decode(struct bgp_reader *r, struct rbuf *v);
struct bgp_fault bgp_mp_unreach_decode(struct bgp_reader *r, struct rbuf *v);
/* An IPv4 address that can be a next hop (RFC 4271 section 6.3). */
bool bgp_next_hop_valid(const struct ip *ip);

/* bgp_as_path.c */
struct bgp_fault bgp_as_path_decode(struct bgp_reader *r, struct rbuf *v);
struct bgp_fault bgp_as4_path_decode(struct bgp_reader *r, struct rbuf *v);
bool bgp_as_path_encode(struct wbuf *w, const struct bgp_attributes *a,
			const struct bgp_session_facts *facts);
bool bgp_as4_path_encode(struct wbuf *w, const struct bgp_attributes *a,
			 const struct bgp_session_facts *facts);
/* Builds the path and the aggregator from both of each pair. */
void bgp_as_path_finish(struct bgp_reader *r);

static inline uint16_t
bgp_as2(uint32_t asn)
{
	return asn > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)asn;
}

#endif
