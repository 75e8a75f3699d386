/* SPDX-License-Identifier: ISC */
/*
 * Flow specifications (RFC 8955, RFC 8956): NLRI <-> struct, their order, and
 * the traffic filtering actions in extended communities.
 *
 * A flow is the AND of its components. A prefix component is a prefix; every
 * other is a list of terms that are tested against one field of the packet.
 */
#ifndef BASIN_WIRE_BGP_FLOW_H
#define BASIN_WIRE_BGP_FLOW_H

#include "wire/bgp.h"

enum bgp_flow_type {
	BGP_FLOW_DST = 1,
	BGP_FLOW_SRC = 2,
	BGP_FLOW_PROTO = 3,
	BGP_FLOW_PORT = 4, /* source or destination */
	BGP_FLOW_DST_PORT = 5,
	BGP_FLOW_SRC_PORT = 6,
	BGP_FLOW_ICMP_TYPE = 7,
	BGP_FLOW_ICMP_CODE = 8,
	BGP_FLOW_TCP_FLAGS = 9, /* bitmask */
	BGP_FLOW_LENGTH = 10,
	BGP_FLOW_DSCP = 11,
	BGP_FLOW_FRAGMENT = 12, /* bitmask */
	BGP_FLOW_LABEL = 13,    /* IPv6 only */
};
#define BGP_FLOW_TYPES (BGP_FLOW_LABEL + 1)

/* Bits of a term's op, where they stand on the wire. */
enum bgp_flow_op {
	BGP_FLOW_AND = 0x40, /* with the term before it, else OR */
	BGP_FLOW_LT = 0x04,  /* numeric_op; LT|GT is "not equal" */
	BGP_FLOW_GT = 0x02,
	BGP_FLOW_EQ = 0x01,
	BGP_FLOW_NOT = 0x02,   /* bitmask_op */
	BGP_FLOW_MATCH = 0x01, /* all bits of the value, else any */
};

/* Bits of a BGP_FLOW_FRAGMENT value. */
enum bgp_flow_fragment {
	BGP_FLOW_DF = 1, /* IPv4 only */
	BGP_FLOW_IS_FRAGMENT = 2,
	BGP_FLOW_FIRST_FRAGMENT = 4,
	BGP_FLOW_LAST_FRAGMENT = 8,
};

struct bgp_flow_term {
	uint32_t value;
	uint8_t op;   /* enum bgp_flow_op bits */
	uint8_t size; /* 1, 2, 4 or 8 octets on the wire; 0: as few as do */
};

#define BGP_FLOW_TERMS_MAX  48   /* of all components together */
#define BGP_FLOW_NLRI_MAX   4095 /* octets, RFC 8955 section 4.1 */
#define BGP_FLOW_OCTETS_MAX 500  /* what bgp_flow_encode() needs at most */

/* A prefix to match. Octets behind its length are zero. */
struct bgp_flow_prefix {
	bool present;
	struct prefix prefix; /* IPv6: bits before the offset are zero */
	uint8_t offset;       /* bits not looked at, IPv6 only (RFC 8956 3.1) */
};

/*
 * A plain value; the terms of component type t are
 * terms[first[t]] to terms[first[t] + count[t] - 1]; count 0: no such
 * component. Terms stand in ascending order of type.
 */
struct bgp_flow {
	uint8_t family; /* AF_INET or AF_INET6 */
	/*
	 * Valid, but with more terms or larger values than this struct holds:
	 * to be kept and withdrawn by its octets, not to be used.
	 */
	bool excess;
	struct bgp_flow_prefix dst, src;
	uint8_t first[BGP_FLOW_TYPES], count[BGP_FLOW_TYPES];
	uint8_t n_terms;
	struct bgp_flow_term terms[BGP_FLOW_TERMS_MAX];
};

/*
 * Appends a term to component `type`; components must be given in ascending
 * order. 0, -EINVAL: not ascending, no such type or value too large for its
 * field, -ENOSPC: no room.
 */
int bgp_flow_add(struct bgp_flow *flow, enum bgp_flow_type type, uint8_t op,
		 uint32_t value) __attribute__((warn_unused_result));
/* "destination port"; static text, never NULL. */
const char *bgp_flow_type_text(uint8_t type);
/* True when the terms of this type are bitmasks. */
bool bgp_flow_is_bitmask(uint8_t type);

/*
 * One NLRI (length and value). Decode: false with *why set when it is
 * malformed. Encode: octets written, 0 when it does not fit, has no component
 * or is in excess. What was decoded is encoded to the same octets (but for
 * reserved bits, which are zero).
 */
bool bgp_flow_decode(struct rbuf *nlri, uint8_t family, struct bgp_flow *out,
		     const char **why);
size_t bgp_flow_encode(const struct bgp_flow *flow, uint8_t *buf, size_t size);

/* Next flow of a checked list; false at its end. */
bool bgp_next_flow(struct rbuf *list, uint8_t family, struct bgp_flow *out);

/*
 * Order of evaluation (RFC 8955 section 5.1, RFC 8956 section 4): negative when
 * a comes before b. 0: the same flow. Neither may be in excess.
 */
int bgp_flow_cmp(const struct bgp_flow *a, const struct bgp_flow *b);

/* ---- packing: as bgp_pack_begin() and bgp_pack_add() ---- */

bool bgp_pack_begin_flow(struct bgp_packer *pk, uint8_t *buf, size_t size,
			 uint8_t family,
			 const struct bgp_attributes *attributes,
			 const struct bgp_session_facts *facts);
/* False too for a flow that cannot be encoded at all. */
bool bgp_pack_add_flow(struct bgp_packer *pk, const struct bgp_flow *flow);

/* ---- traffic filtering actions (RFC 8955 section 7) ---- */

enum bgp_flow_action_kind {
	BGP_FLOW_OTHER,        /* not an action we know */
	BGP_FLOW_RATE_BYTES,   /* 0x8006 */
	BGP_FLOW_RATE_PACKETS, /* 0x800c */
	BGP_FLOW_ACTION,       /* 0x8007 */
	BGP_FLOW_REDIRECT,     /* 0x8008, 0x8108, 0x8208 */
	BGP_FLOW_MARKING,      /* 0x8009 */
};

enum bgp_flow_redirect {
	BGP_FLOW_REDIRECT_AS2 = 0,  /* 2-octet AS : 4-octet value */
	BGP_FLOW_REDIRECT_IPV4 = 1, /* address : 2-octet value */
	BGP_FLOW_REDIRECT_AS4 = 2,  /* 4-octet AS : 2-octet value */
};

struct bgp_flow_action {
	enum bgp_flow_action_kind kind;
	uint16_t id; /* of a rate: informational, by rights an AS number */
	float rate;  /* octets or packets a second, 0: discard; never < 0 */
	bool sample;
	bool terminal; /* T set: later flows are looked at too */
	uint8_t dscp;
	enum bgp_flow_redirect form;
	uint32_t administrator; /* AS number or address, host order */
	uint32_t value;
};

/* An extended community as an action; kind OTHER when it is none. */
struct bgp_flow_action bgp_flow_action_of(uint64_t ext_community);
/* Its extended community; a negative or not-a-number rate becomes 0. */
uint64_t bgp_flow_action_encode(const struct bgp_flow_action *action);

#endif
