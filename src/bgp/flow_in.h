/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-In of one session, flow specifications: kept to be looked at. They
 * are validated (flow_check.h) and nothing else: never installed, never passed
 * on. They end with the session, also where unicast routes outlive it.
 */
#ifndef BASIN_BGP_FLOW_IN_H
#define BASIN_BGP_FLOW_IN_H

#include "base/time.h"
#include "bgp/flow_check.h"
#include "bgp/nlri.h"

/* Kept of one peer; what comes beyond is counted and forgotten. */
#define FLOW_IN_MAX 1024

struct flow_in_route {
	struct nlri *nlri; /* counted; its key is the key */
	uint8_t *packed;   /* owned; pack.h */
	struct mono since;
	enum flow_verdict verdict;
	uint32_t round; /* of the walk that it was judged after */
	bool stale;     /* of before a refresh (RFC 7313) */
	UT_hash_handle hh;
};

struct flow_in {
	struct flow_in_route *routes; /* uthash */
	uint32_t n;
	uint64_t over_limit; /* not kept: there were too many */
	uint64_t excess;     /* not kept: larger than struct bgp_flow */
	unsigned elsewhere;  /* families that only the process before had */
};

/* Applies one decoded UPDATE; whether anything came, changed or went. */
bool flow_in_update(struct flow_in *f, struct flow_check *c,
		    const struct bgp_update *update, bool withdraw_all,
		    struct mono now);
/* families: bgp_family bits. */
void flow_in_mark_stale(struct flow_in *f, unsigned families);
void flow_in_drop_stale(struct flow_in *f, struct flow_check *c,
			unsigned families);
void flow_in_clear(struct flow_in *f, struct flow_check *c);
/*
 * Judges each once after a walk, as long as there is *budget. True when all are
 * judged.
 */
bool flow_in_judge(struct flow_in *f, const struct flow_check *c,
		   const struct flow_unicast *u,
		   const struct flow_source *source, size_t *budget);

#endif
