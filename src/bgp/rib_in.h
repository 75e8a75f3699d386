/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-In of one session: the accepted routes. What policy refuses is not
 * kept; a refused or treated-as-withdrawn route takes an older one with it
 * (implicit withdraw, RFC 4271 section 9).
 */
#ifndef BASIN_BGP_RIB_IN_H
#define BASIN_BGP_RIB_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "base/time.h"
#include "bgp/bgp.h"
#include "bgp/hops.h"
#include "bgp/loc_rib.h"
#include "bgp/policy.h"

struct rib_in_attributes; /* counted; shared by the routes of an UPDATE */

struct rib_in_route {
	struct prefix prefix;
	struct loc_path path;                 /* in the Loc-RIB */
	struct rib_in_attributes *attributes; /* counted */
	struct mono since;
	bool stale;     /* of the session before (RFC 4724) */
	bool blackhole; /* counted in n_blackholes */
	UT_hash_handle hh;
};

#define RIB_IN_RECENT 64

/* A refusal that is worth explaining: not one of the import list. */
struct rib_in_refusal {
	struct prefix prefix;
	enum policy_refusal why;
	struct mono at;
};

struct rib_in {
	struct rib_in_route *routes; /* uthash */
	uint32_t n, n_stale, n_blackholes;
	bool warned;  /* of max_prefix; until it is well below again */
	bool invalid; /* some were refused by the RPKI since refreshed */
	uint64_t refused[POLICY_REFUSAL_COUNT];
	struct rib_in_refusal *recent; /* owned; a ring, NULL while empty */
	uint32_t n_recent;             /* ever; the next place modulo */
	struct loc_rib *loc;           /* borrowed; NULL: none */
	struct hops *hops;             /* borrowed, with loc */
	struct best_source source;     /* of the paths in the Loc-RIB */
	unsigned ifindex;              /* of the session, for link-local hops */
	void *owner;                   /* of the paths in the Loc-RIB */
	/* A route came, changed or went. */
	void (*changed)(void *arg, const struct bgp_route *route, bool gone);
	void *arg;
};

struct rib_in_result {
	enum policy_refusal refusal; /* the last that is worth a line */
	struct prefix prefix;        /* of the refusal, if any */
	uint8_t exceeded;            /* family that hit the maximum, 0 none */
	bool warn;                   /* max_prefix comes near */
};

/* Applies one decoded UPDATE; `withdraw_all`: RFC 7606 treat-as-withdraw. */
struct rib_in_result rib_in_update(struct rib_in *r,
				   const struct policy_self *self,
				   const struct bgp_update *update,
				   bool withdraw_all, struct mono now);
/* Drops what the (new) configuration no longer accepts. */
void rib_in_refilter(struct rib_in *r, const struct policy_self *self);
/* The i-th newest refusal, NULL: no more are remembered. */
const struct rib_in_refusal *rib_in_recent(const struct rib_in *r, uint32_t i);
/* The last refusal of this prefix, NULL: none is remembered. */
const struct rib_in_refusal *rib_in_refused(const struct rib_in *r,
					    const struct prefix *prefix);
/* The session is over: what is remembered of refusals too. */
void rib_in_forget(struct rib_in *r);
void rib_in_clear(struct rib_in *r);
/* Graceful restart; families are bgp_family bits. Drops what is stale ... */
void rib_in_drop_stale(struct rib_in *r, unsigned families);
/* Marks what is of `families`: it is about to come again (RFC 7313). */
void rib_in_mark_stale(struct rib_in *r, unsigned families);
/* ... or marks what is of `keep` and drops the rest. */
void rib_in_retain(struct rib_in *r, unsigned keep);
/* The route of a path in the Loc-RIB; `room` for its attributes. */
struct bgp_route rib_in_route_of(const struct loc_path *path,
				 struct bgp_attributes *room);
void rib_in_each(const struct rib_in *r, bgp_route_fn *each, void *arg);

#endif
