/* SPDX-License-Identifier: ISC */
/*
 * BGP-4 messages: bytes <-> structs (RFC 4271, 4724, 4760, 5492, 6793, 7606,
 * 8538, 8654, 8950, 9003, 9072, 9234); flow specifications: bgp_flow.h.
 * Pure: no log, no globals, no errno, no allocation. Decoders return a
 * verdict that says what the peer must be told and what becomes of the routes.
 */
#ifndef BASIN_WIRE_BGP_H
#define BASIN_WIRE_BGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "wire/cursor.h"

#define BGP_PORT         179
#define BGP_VERSION      4
#define BGP_HEADER_LEN   19
#define BGP_MESSAGE_MAX  4096  /* RFC 4271 section 4.1 */
#define BGP_EXTENDED_MAX 65535 /* RFC 8654 section 3 */
#define BGP_AS_TRANS     23456 /* RFC 6793 */

enum bgp_type {
	BGP_OPEN = 1,
	BGP_UPDATE = 2,
	BGP_NOTIFICATION = 3,
	BGP_KEEPALIVE = 4,
	BGP_ROUTE_REFRESH = 5,
};

/* NOTIFICATION codes and subcodes (RFC 4271 4.5, 4486, 6608, 5492, 9003). */
enum bgp_error_code {
	BGP_ERR_HEADER = 1,
	BGP_ERR_OPEN = 2,
	BGP_ERR_UPDATE = 3,
	BGP_ERR_HOLD_TIMER = 4,
	BGP_ERR_FSM = 5,
	BGP_ERR_CEASE = 6,
	BGP_ERR_ROUTE_REFRESH = 7,
	BGP_ERR_SEND_HOLD = 8,
};

enum bgp_header_subcode {
	BGP_HEADER_NOT_SYNCHRONIZED = 1,
	BGP_HEADER_BAD_LENGTH = 2,
	BGP_HEADER_BAD_TYPE = 3,
};

enum bgp_open_subcode {
	BGP_OPEN_UNSPECIFIC = 0,
	BGP_OPEN_BAD_VERSION = 1,
	BGP_OPEN_BAD_PEER_AS = 2,
	BGP_OPEN_BAD_ID = 3,
	BGP_OPEN_BAD_PARAMETER = 4,
	BGP_OPEN_BAD_HOLD_TIME = 6,
	BGP_OPEN_UNSUPPORTED_CAPABILITY = 7,
	BGP_OPEN_ROLE_MISMATCH = 11, /* RFC 9234 section 4.2 */
};

enum bgp_update_subcode {
	BGP_UPDATE_MALFORMED_LIST = 1,
	BGP_UPDATE_UNKNOWN_WELL_KNOWN = 2,
	BGP_UPDATE_MISSING_WELL_KNOWN = 3,
	BGP_UPDATE_BAD_FLAGS = 4,
	BGP_UPDATE_BAD_LENGTH = 5,
	BGP_UPDATE_BAD_ORIGIN = 6,
	BGP_UPDATE_BAD_NEXT_HOP = 8,
	BGP_UPDATE_BAD_OPTIONAL = 9,
	BGP_UPDATE_BAD_NLRI = 10,
	BGP_UPDATE_BAD_AS_PATH = 11,
};

enum bgp_fsm_subcode { /* RFC 6608 */
		       BGP_FSM_UNSPECIFIC = 0,
		       BGP_FSM_IN_OPENSENT = 1,
		       BGP_FSM_IN_OPENCONFIRM = 2,
		       BGP_FSM_IN_ESTABLISHED = 3,
};

enum bgp_cease_subcode { /* RFC 4486, 8538, 9384 */
			 BGP_CEASE_MAX_PREFIX = 1,
			 BGP_CEASE_ADMIN_SHUTDOWN = 2,
			 BGP_CEASE_DECONFIGURED = 3,
			 BGP_CEASE_ADMIN_RESET = 4,
			 BGP_CEASE_REJECTED = 5,
			 BGP_CEASE_CONFIG_CHANGE = 6,
			 BGP_CEASE_COLLISION = 7,
			 BGP_CEASE_OUT_OF_RESOURCES = 8,
			 BGP_CEASE_HARD_RESET = 9,
			 BGP_CEASE_BFD_DOWN = 10,
};

/* What a decoder found; the strongest action wins (RFC 7606 section 3h). */
enum bgp_action {
	BGP_ACCEPT = 0,
	BGP_DISCARD_ATTRIBUTE, /* go on without the attribute */
	BGP_TREAT_AS_WITHDRAW, /* every route of the UPDATE is withdrawn */
	BGP_DISABLE_FAMILY,    /* RFC 4760 section 7; we reset instead */
	BGP_RESET_SESSION,     /* NOTIFICATION code/subcode/data, close */
};

#define BGP_VERDICT_DATA_MAX 64

struct bgp_verdict {
	enum bgp_action action;
	uint8_t code, subcode; /* of the NOTIFICATION, with RESET_SESSION */
	uint8_t data[BGP_VERDICT_DATA_MAX];
	uint8_t data_len;
	uint8_t attribute; /* type of the first attribute at fault, 0: none */
	const char *why;   /* static; "ORIGIN has length 2, expected 1" */
};

/* ---- framing ---- */

/*
 * Looks at the start of a stream: returns the length of the first message
 * when it is complete, 0 when more octets are needed, -1 with *verdict set
 * when the header is wrong (RFC 4271 section 6.1). *type is set with > 0.
 * `max` is the longest message that may come: BGP_EXTENDED_MAX when we have
 * announced that capability (RFC 8654 section 4), else BGP_MESSAGE_MAX. OPEN
 * and KEEPALIVE are never longer than BGP_MESSAGE_MAX.
 */
int bgp_frame(const uint8_t *octets, size_t n, size_t max, uint8_t *type,
	      struct bgp_verdict *verdict) __attribute__((warn_unused_result));

/* ---- OPEN ---- */

enum bgp_afi { BGP_AFI_IPV4 = 1, BGP_AFI_IPV6 = 2 };
#define BGP_SAFI_UNICAST 1
#define BGP_SAFI_FLOW    133 /* RFC 8955 section 4 */

/* Families as bits: what a session may carry. */
enum bgp_family {
	BGP_FAMILY_IPV4 = 1,
	BGP_FAMILY_IPV6 = 2,
	BGP_FAMILY_FLOW4 = 4,
	BGP_FAMILY_FLOW6 = 8,
};
#define BGP_FAMILY_COUNT 4 /* bits 0 to 3 */

/* The bit of <AFI, SAFI>; 0 when we do not carry it. */
unsigned bgp_family_bit(uint16_t afi, uint8_t safi);
/* Of one bit: its AFI, its SAFI, AF_INET or AF_INET6, "ipv4-flow". */
uint16_t bgp_family_afi(unsigned bit);
uint8_t bgp_family_safi(unsigned bit);
uint8_t bgp_family_ip(unsigned bit);
const char *bgp_family_text(unsigned bit);
/* The bit of unicast or flow routes of AF_INET or AF_INET6. */
unsigned bgp_family_unicast(uint8_t family);
unsigned bgp_family_flow(uint8_t family);

/* Who the sender is to the receiver (RFC 9234 section 4.1). */
enum bgp_role {
	BGP_ROLE_PROVIDER = 0,
	BGP_ROLE_RS = 1,
	BGP_ROLE_RS_CLIENT = 2,
	BGP_ROLE_CUSTOMER = 3,
	BGP_ROLE_PEER = 4,
};

#define BGP_CAPABILITIES_MAX 64

struct bgp_open {
	uint8_t version;
	uint16_t my_as;         /* the two-octet field */
	uint32_t asn;           /* real AS: capability 65, else my_as */
	uint16_t hold_time;     /* seconds */
	uint32_t router_id;     /* host order */
	bool has_multiprotocol; /* any MP capability was present */
	unsigned families;     /* bgp_family bits; IPv4 without MP capability */
	bool as4;              /* capability 65 present */
	bool route_refresh;    /* capability 2 */
	bool enhanced_refresh; /* capability 70 */
	bool extended_message; /* capability 6 */
	bool graceful_restart; /* capability 64 present */
	bool gr_restarted;     /* Restart State (R): the sender has restarted */
	bool gr_notification;  /* N: RFC 8538 section 2 */
	uint16_t restart_time; /* seconds, at most 4095 */
	unsigned gr_families;  /* bgp_family bits of capability 64 */
	unsigned gr_forwarding; /* of those: forwarding state kept (F) */
	/* Families whose NLRI may have an IPv6 next hop (RFC 8950). */
	unsigned extended_next_hop;
	bool has_role;       /* capability 9 present */
	uint8_t role;        /* enum bgp_role, or a value nobody assigned */
	bool roles_conflict; /* several, and not all the same */
	/*
	 * Further capabilities, as ready <code, length, value>, sent behind
	 * ours. Borrowed; the decoder leaves it NULL.
	 */
	const uint8_t *more;
	size_t more_len;
	/* Codes seen, for `show peers`; duplicates left out. */
	uint8_t capabilities[BGP_CAPABILITIES_MAX];
	uint8_t n_capabilities;
};

/* Decodes a whole OPEN message (header included). */
struct bgp_verdict bgp_decode_open(const uint8_t *message, size_t n,
				   struct bgp_open *out);
/* Octets written, 0 when it does not fit. Sets my_as from asn. */
size_t bgp_encode_open(const struct bgp_open *open, uint8_t *buf, size_t size);

/* ---- NOTIFICATION, KEEPALIVE, ROUTE-REFRESH ---- */

struct bgp_notification {
	uint8_t code, subcode;
	const uint8_t *data; /* borrowed from the message */
	size_t data_len;
	/*
	 * Cease / Hard Reset (RFC 8538 section 3): the NOTIFICATION it carries.
	 * A Hard Reset without one has inner_code 0 and no data.
	 */
	bool hard_reset;
	uint8_t inner_code, inner_subcode;
	const uint8_t *inner_data; /* borrowed from the message */
	size_t inner_data_len;
	/* Shutdown communication (RFC 9003), NULL when there is none valid. */
	const uint8_t *text; /* borrowed, not NUL-terminated, peer-controlled */
	size_t text_len;
};

/* A malformed NOTIFICATION is not answered (RFC 4271 6.4): never RESET. */
void bgp_decode_notification(const uint8_t *message, size_t n,
			     struct bgp_notification *out);
/* data may be NULL. Octets written, 0 when it does not fit. */
size_t bgp_encode_notification(uint8_t code, uint8_t subcode,
			       const uint8_t *data, size_t data_len,
			       uint8_t *buf, size_t size);
/* Cease / Hard Reset around a NOTIFICATION (RFC 8538 section 3). */
size_t bgp_encode_hard_reset(uint8_t code, uint8_t subcode, const uint8_t *data,
			     size_t data_len, uint8_t *buf, size_t size);
/*
 * Cease with a shutdown communication, cut to 255 octets at a character
 * boundary (RFC 9003 section 2).
 */
size_t bgp_encode_shutdown(uint8_t subcode, const char *text, uint8_t *buf,
			   size_t size);
size_t bgp_encode_keepalive(uint8_t *buf, size_t size);

enum bgp_refresh_subtype { /* RFC 7313 section 3.2 */
			   BGP_REFRESH_REQUEST = 0,
			   BGP_REFRESH_BORR = 1,
			   BGP_REFRESH_EORR = 2,
};

struct bgp_refresh {
	uint16_t afi;
	uint8_t subtype; /* enum bgp_refresh_subtype; others are ignored */
	uint8_t safi;
};
struct bgp_verdict bgp_decode_refresh(const uint8_t *message, size_t n,
				      struct bgp_refresh *out);
size_t bgp_encode_refresh(const struct bgp_refresh *refresh, uint8_t *buf,
			  size_t size);

/* "Cease / Administrative Shutdown"; static text, never NULL. */
const char *bgp_error_text(uint8_t code, uint8_t subcode);
const char *bgp_capability_text(uint8_t code);

/* ---- UPDATE ---- */

enum bgp_attribute_type {
	BGP_ATTR_ORIGIN = 1,
	BGP_ATTR_AS_PATH = 2,
	BGP_ATTR_NEXT_HOP = 3,
	BGP_ATTR_MED = 4,
	BGP_ATTR_LOCAL_PREF = 5,
	BGP_ATTR_ATOMIC_AGGREGATE = 6,
	BGP_ATTR_AGGREGATOR = 7,
	BGP_ATTR_COMMUNITIES = 8,   /* RFC 1997 */
	BGP_ATTR_ORIGINATOR_ID = 9, /* RFC 4456 */
	BGP_ATTR_CLUSTER_LIST = 10,
	BGP_ATTR_MP_REACH = 14, /* RFC 4760 */
	BGP_ATTR_MP_UNREACH = 15,
	BGP_ATTR_EXT_COMMUNITIES = 16, /* RFC 4360 */
	BGP_ATTR_AS4_PATH = 17,        /* RFC 6793 */
	BGP_ATTR_AS4_AGGREGATOR = 18,
	BGP_ATTR_IPV6_EXT_COMMUNITIES = 25, /* RFC 5701 */
	BGP_ATTR_LARGE_COMMUNITIES = 32,    /* RFC 8092 */
	BGP_ATTR_OTC = 35,                  /* RFC 9234 */
};

enum bgp_origin { BGP_ORIGIN_IGP, BGP_ORIGIN_EGP, BGP_ORIGIN_INCOMPLETE };

#define BGP_AS_PATH_MAX     64 /* ASNs kept of a received path */
#define BGP_COMMUNITIES_MAX 64 /* of each kind, sent or kept */

struct bgp_large_community {
	uint32_t v[3];
};

/*
 * The attributes of a route, as a plain value. For sending, everything that
 * is set is encoded; a received attribute list is decoded into the same
 * struct. AS_PATH is one AS_SEQUENCE when we originate; `path_has_set` tells
 * that a received path had other segments (their ASNs stand in as_path too).
 */
struct bgp_attributes {
	bool has_origin, has_as_path, has_med, has_local_pref;
	uint8_t origin; /* enum bgp_origin */
	uint32_t med, local_pref;
	uint32_t as_path[BGP_AS_PATH_MAX]; /* first: the neighbour */
	uint16_t n_as_path;   /* true number; may exceed what is kept */
	uint16_t path_length; /* RFC 4271 9.1.2.2: a set counts one */
	bool path_has_set;
	/*
	 * IPv4 routes have next_hop, from NEXT_HOP or MP_REACH; or none and
	 * then mp_next_hop (RFC 8950). IPv6 routes have mp_next_hop.
	 */
	struct ip next_hop;
	struct ip mp_next_hop;       /* of MP_REACH: global IPv6 address */
	struct ip mp_next_hop_local; /* link-local, none when absent */
	bool atomic_aggregate;
	bool has_aggregator;
	uint32_t aggregator_asn;
	uint32_t aggregator_id;
	bool has_otc;
	uint32_t otc;
	uint32_t communities[BGP_COMMUNITIES_MAX];
	uint16_t n_communities;
	uint64_t ext_communities[BGP_COMMUNITIES_MAX];
	uint16_t n_ext_communities;
	struct bgp_large_community large_communities[BGP_COMMUNITIES_MAX];
	uint16_t n_large_communities;
};

/* What a decoder must know of the session. */
struct bgp_session_facts {
	bool as4; /* both sides have capability 65 */
	bool ibgp;
	unsigned families;     /* negotiated bgp_family bits */
	bool extended_message; /* we may send up to BGP_EXTENDED_MAX */
	/* Of those families: the next hop may be IPv6 (RFC 8950). */
	unsigned extended_next_hop;
};

/*
 * A decoded UPDATE. The route lists are kept as cursors over checked octets:
 * walk them with bgp_next_prefix() and bgp_next_flow(), which cannot fail.
 * Flow specifications never stand in mp_reach and mp_unreach.
 */
struct bgp_update {
	struct bgp_attributes attributes;
	struct rbuf withdrawn; /* IPv4 */
	struct rbuf nlri;      /* IPv4 */
	bool has_mp_reach, has_mp_unreach;
	uint8_t mp_reach_family, mp_unreach_family; /* AF_INET, AF_INET6, 0 */
	struct rbuf mp_reach;
	struct rbuf mp_unreach;
	uint8_t flow_reach_family, flow_unreach_family; /* the same, of flows */
	struct rbuf flow_reach;
	struct rbuf flow_unreach;
	/* End-of-RIB of this bgp_family bit, 0: it is none (RFC 4724 2). */
	uint8_t end_of_rib;
};

struct bgp_verdict bgp_decode_update(const uint8_t *message, size_t n,
				     const struct bgp_session_facts *facts,
				     struct bgp_update *out);
/* Next prefix of a checked list; false at its end. */
bool bgp_next_prefix(struct rbuf *list, uint8_t family, struct prefix *out);

/*
 * Packing: one message carries one kind of change for one family (RFC 7606
 * section 5.1). Begin, add prefixes until it says false, end, send, begin
 * again with the rest.
 */
struct bgp_packer {
	struct wbuf w;
	uint8_t family;
	bool withdraw;
	size_t mp_at;         /* offset of the MP attribute, 0: IPv4 fields */
	size_t attributes_at; /* offset of Total Path Attribute Length */
	size_t tail;          /* octets of attributes kept behind w.end */
	bool flow;            /* carries flow specifications */
	size_t n;             /* prefixes or flows added */
};

/*
 * attributes NULL: withdraw, and facts may be NULL too (then no message is
 * longer than BGP_MESSAGE_MAX). The message uses all of `size` the session
 * allows. IPv4 routes without next_hop go with mp_next_hop in MP_REACH when
 * facts->extended_next_hop allows it. False when there is no
 * room for one prefix beside the attributes, the family's next hop is missing,
 * or an AS number is 0 (RFC 7607: never originated).
 */
bool bgp_pack_begin(struct bgp_packer *pk, uint8_t *buf, size_t size,
		    uint8_t family, const struct bgp_attributes *attributes,
		    const struct bgp_session_facts *facts);
/* False (and nothing written) when the message is full. */
bool bgp_pack_add(struct bgp_packer *pk, const struct prefix *prefix);
/* Length of the finished message; 0 when nothing was added. */
size_t bgp_pack_end(struct bgp_packer *pk);
/* family: one bgp_family bit. */
size_t bgp_encode_end_of_rib(unsigned family, uint8_t *buf, size_t size);

/* ---- communities as text ---- */

/* "65535:65281" or its well-known name. Returns buf (at least 32). */
const char *bgp_community_format(uint32_t v, char *buf, size_t size);

#define BGP_NO_EXPORT         UINT32_C(0xffffff01)
#define BGP_NO_ADVERTISE      UINT32_C(0xffffff02)
#define BGP_NO_EXPORT_SUBCONF UINT32_C(0xffffff03)
#define BGP_NOPEER            UINT32_C(0xffffff04)
#define BGP_GRACEFUL_SHUTDOWN UINT32_C(0xffff0000)
#define BGP_BLACKHOLE         UINT32_C(0xffff029a)

#endif
