/* SPDX-License-Identifier: ISC */
/*
 * What may come in: pure decisions about OPEN messages and received routes.
 */
#ifndef BASIN_BGP_POLICY_H
#define BASIN_BGP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "bgp/bgp.h"
#include "conf/conf.h"
#include "wire/bgp.h"

#define POLICY_SUBNETS_MAX 8

/* Who we are on this session. */
struct policy_self {
	const struct conf_peer *peer; /* borrowed */
	uint32_t node_asn;
	uint32_t router_id; /* ours, host order */
	bool ibgp;
	struct ip local, remote; /* of the session, none: not known */
	/* Of the interface of the session; none: not on a common link. */
	struct prefix subnets[POLICY_SUBNETS_MAX];
	unsigned n_subnets;
	/* Route origin validation; NULL: nobody validates. */
	bgp_validate_fn *validate;
	void *validate_arg;
};

#define POLICY_TEXT_MAX 160

/*
 * Is the decoded OPEN acceptable (RFC 4271 6.2, RFC 5492, RFC 6286)? The
 * verdict's `why` is static; *text says the same with the values seen.
 */
struct bgp_verdict policy_open(const struct policy_self *self,
			       const struct bgp_open *open,
			       char text[static POLICY_TEXT_MAX]);

/* Our role, for our own OPEN. */
void policy_offer_role(const struct conf_peer *peer, struct bgp_open *open);
/* RFC 9234: on our announcements; 0: none is added. */
uint32_t policy_otc(const struct conf_peer *peer);

/*
 * Why a received route is not used; each once in the log and the counters.
 * Names, whether it is worth a line in the log, text.
 */
#define POLICY_REFUSALS(X)                                                     \
	X(NONE, none, 0, "accepted")                                           \
	X(NOT_WANTED, not_wanted, 0, "not in the import list")                 \
	X(LOOP, loop, 1, "own ASN in AS_PATH")                                 \
	X(FIRST_AS, first_as, 1, "AS_PATH does not begin with the peer's ASN") \
	X(NEXT_HOP, next_hop, 1, "next hop is unusable")                       \
	X(THIRD_PARTY, third_party, 1,                                         \
	  "next hop is not on the link of the session")                        \
	X(PREFIX, prefix, 1, "prefix is not unicast")                          \
	X(AS_SET, as_set, 1, "AS_PATH has an AS_SET (RFC 9774)")               \
	X(LEAK, leak, 1, "route leak: its OTC forbids it here (RFC 9234)")     \
	X(ORIGIN, origin, 0, "origin is not among the accepted AS numbers")    \
	X(PATH, path, 0, "AS_PATH has none of the accepted AS numbers")        \
	X(COMMUNITY, community, 0, "has none of the accepted communities")     \
	X(REJECTED, rejected, 0, "has a community that is rejected")           \
	X(INVALID, invalid, 0, "origin is invalid in the RPKI")                \
	X(BLACKHOLE, blackhole, 1,                                             \
	  "BLACKHOLE is not accepted for this prefix")                         \
	X(BLACKHOLES, blackholes, 1, "too many BLACKHOLE routes of this peer")

enum policy_refusal {
#define X(n, name, logged, text) POLICY_##n,
	POLICY_REFUSALS(X)
#undef X
	    POLICY_REFUSAL_COUNT
};
const char *policy_refusal_text(enum policy_refusal r);
/* "first_as": of metrics and JSON. */
const char *policy_refusal_name(enum policy_refusal r);
/* Somebody should look; else a filter only does what it is there for. */
bool policy_refusal_is_odd(enum policy_refusal r);

/* Checks that concern the attributes: once per UPDATE and family. */
enum policy_refusal policy_attributes(const struct policy_self *self,
				      const struct bgp_attributes *a,
				      uint8_t family);
/* Checks that concern one prefix, whatever its attributes. */
enum policy_refusal policy_prefix(const struct conf_peer *peer,
				  const struct prefix *prefix);
/*
 * Checks that concern both, after those two: route origin validation and
 * BLACKHOLE, which policy_is_blackhole() tells apart.
 */
enum policy_refusal policy_route(const struct policy_self *self,
				 const struct bgp_attributes *a,
				 const struct prefix *prefix);
/* Does it ask to drop what goes to its prefix (RFC 7999)? */
bool policy_is_blackhole(const struct bgp_attributes *a);
/* The longest prefix of a family that is accepted at all; -1: none. */
int policy_longest(const struct conf_peer *peer, uint8_t family);
/* RFC 6811 section 2: the last AS of the path; 0 when there is no such AS. */
uint32_t policy_origin(const struct policy_self *self,
		       const struct bgp_attributes *a);
/* What we add to an accepted route: OTC (RFC 9234 section 5). */
void policy_mark(const struct policy_self *self, struct bgp_attributes *a);

/* TTL of our packets (RFC 4271: directly connected unless told). */
uint8_t policy_ttl(const struct conf_peer *peer, bool ibgp);

#endif
