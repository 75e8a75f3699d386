/* SPDX-License-Identifier: ISC */
/*
 * What may come in: pure decisions about OPEN messages and received routes.
 */
#ifndef BASIN_BGP_POLICY_H
#define BASIN_BGP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "wire/bgp.h"

/* Who we are on this session. */
struct policy_self {
	const struct conf_peer *peer; /* borrowed */
	uint32_t node_asn;
	uint32_t router_id; /* ours, host order */
	bool ibgp;
	struct ip local; /* our address of the session */
};

#define POLICY_TEXT_MAX 160

/*
 * Is the decoded OPEN acceptable (RFC 4271 6.2, RFC 5492, RFC 6286)? The
 * verdict's `why` is static; *text says the same with the values seen.
 */
struct bgp_verdict policy_open(const struct policy_self *self,
			       const struct bgp_open *open,
			       char text[static POLICY_TEXT_MAX]);

/* Why a received route is not used; each once in the log and the counters. */
#define POLICY_REFUSALS(X)                                                     \
	X(NONE, "accepted")                                                    \
	X(NOT_WANTED, "not in the import list")                                \
	X(LOOP, "own ASN in AS_PATH")                                          \
	X(FIRST_AS, "AS_PATH does not begin with the peer's ASN")              \
	X(NEXT_HOP, "next hop is unusable")                                    \
	X(PREFIX, "prefix is not unicast")

enum policy_refusal {
#define X(n, text) POLICY_##n,
	POLICY_REFUSALS(X)
#undef X
	    POLICY_REFUSAL_COUNT
};
const char *policy_refusal_text(enum policy_refusal r);

/* Checks that concern the attributes: once per UPDATE and family. */
enum policy_refusal policy_attributes(const struct policy_self *self,
				      const struct bgp_attributes *a,
				      uint8_t family);
/* Checks that concern one prefix. */
enum policy_refusal policy_prefix(const struct conf_peer *peer,
				  const struct prefix *prefix);

/* TTL of our packets (RFC 4271: directly connected unless told). */
uint8_t policy_ttl(const struct conf_peer *peer, bool ibgp);

#endif
