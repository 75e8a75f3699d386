/* SPDX-License-Identifier: ISC */
/*
 * What operators have dropped upstream: blackhole routes (RFC 7999) and flow
 * specifications (RFC 8955) to the peers of section `block`. Each ends.
 *
 *   basin block ─► stored (drains.h) ─► originated (bgp.h) ─► expired,
 * unblocked
 */
#ifndef BASIN_DAEMON_BLOCK_H
#define BASIN_DAEMON_BLOCK_H

#include "bgp/bgp.h"
#include "daemon/basin.h"
#include "wire/bgp_flow.h"

#define BLOCK_SOURCE "block" /* of the originations */

/* A block as a route. */
struct block_route {
	struct bgp_flow flow; /* with nlri.flow */
	struct bgp_nlri nlri;
	struct bgp_attributes attributes;
	char what[512]; /* the canonical text */
	char actions[256];
};

/*
 * Reads DST, or a flow with its actions (which may be NULL otherwise). 0, or
 * -EINVAL with a message.
 */
int block_read(const struct basin *b, bool flow, const char *what,
	       const char *actions, struct block_route *out, struct text *error)
    __attribute__((warn_unused_result));
/* What to originate; borrows from both. */
struct bgp_origination block_origination(const struct basin *b,
					 const struct block_route *route);
/*
 * Whether it may be blocked: not what would cut this node off, not what it
 * announces. -EPERM with a message.
 */
int block_permitted(const struct basin *b, const struct block_route *route,
		    struct text *error) __attribute__((warn_unused_result));

/* All that stands is originated as the configuration says now. */
void block_configure(struct basin *b);
/* Once a second: ends what has expired. */
void block_tick(struct basin *b, struct mono now);

/* `block` is a request; its strings are copied. */
void block_add(struct basin *b, const struct drains_block *block,
	       basin_ordered *done, void *arg);
void block_remove(struct basin *b, const char *what, const char *who,
		  basin_ordered *done, void *arg);

#endif
