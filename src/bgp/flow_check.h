/* SPDX-License-Identifier: ISC */
/*
 * Which received flow specifications are feasible (RFC 8955 section 6, RFC 8956
 * section 5, RFC 9117): pure, over the Loc-RIB and the node's own prefixes.
 *
 * Whether there is a more specific unicast route of another AS is asked of all
 * flows at once: one walk over the unicast routes, in slices, notes each at
 * the destinations that cover it; flows are judged when it is over.
 */
#ifndef BASIN_BGP_FLOW_CHECK_H
#define BASIN_BGP_FLOW_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "bgp/index.h"
#include "bgp/loc_rib.h"
#include "wire/bgp.h"
#include "wire/bgp_flow.h"

/* Name (of JSON and metrics), text of why it is not feasible. */
#define FLOW_VERDICTS(X)                                                       \
	X(WAITING, "waiting", "it is not validated yet")                       \
	X(FEASIBLE, "feasible", "feasible")                                    \
	X(DESTINATION, "destination",                                          \
	  "it has no destination prefix (RFC 8955 section 6)")                 \
	X(LOOP, "loop", "own ASN in AS_PATH")                                  \
	X(FIRST_AS, "first_as", "AS_PATH does not begin with the peer's ASN")  \
	X(NO_ROUTE, "no_route", "no unicast route covers its destination")     \
	X(OWN, "own", "its destination is a prefix of this node")              \
	X(ORIGINATOR, "originator",                                            \
	  "the unicast route to its destination is another neighbour's")       \
	X(PATH, "path",                                                        \
	  "AS_PATH does not begin with the AS of the unicast route to its "    \
	  "destination (RFC 9117)")                                            \
	X(SPECIFIC, "specific",                                                \
	  "another AS has a more specific unicast route in its destination")

enum flow_verdict {
#define X(n, name, text) FLOW_##n,
	FLOW_VERDICTS(X)
#undef X
	    FLOW_VERDICT_COUNT
};
const char *flow_verdict_name(enum flow_verdict v);
const char *flow_verdict_text(enum flow_verdict v);

/* Flow specifications that are kept of all peers together. */
#define FLOW_CHECK_MAX 8192

/* A destination prefix of flows. */
struct flow_target {
	struct prefix prefix; /* the key */
	uint32_t refs;
	bool seen; /* by the walk from its beginning */
	/* What more specific routes were seen: of us, of one AS, of several. */
	bool own, several;
	bool has_asn;
	uint32_t asn;
	UT_hash_handle hh;
};

struct flow_check {
	struct flow_target *targets; /* uthash */
	uint32_t of_length[2][129];  /* targets; [0]: IPv4 */
	uint32_t n;                  /* flows that are kept, of all peers */
	/* The walk: place in the Loc-RIB, then among the own prefixes. */
	size_t at, size;
	uint32_t round; /* number of the walk */
};

/* The unicast routes: borrowed. */
struct flow_unicast {
	const struct loc_rib *loc;
	const struct index *own;
};

/* From whom a flow is. */
struct flow_source {
	const void *owner; /* of its paths in the Loc-RIB */
	bool ibgp, first_as;
	uint32_t asn, local_asn, node_asn;
};

/* A flow is kept, or no more; `flow` may have no destination. */
void flow_check_add(struct flow_check *c, const struct bgp_flow *flow);
void flow_check_remove(struct flow_check *c, const struct bgp_flow *flow);

void flow_check_begin(struct flow_check *c);
/* Looks at most at `budget` routes; true when the walk is over. */
bool flow_check_walk(struct flow_check *c, const struct flow_unicast *u,
		     size_t budget);
/* By what the last walk has seen. */
enum flow_verdict flow_check_judge(const struct flow_check *c,
				   const struct flow_unicast *u,
				   const struct flow_source *source,
				   const struct bgp_flow *flow,
				   const struct bgp_attributes *a);

#endif
