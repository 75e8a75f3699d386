/* SPDX-License-Identifier: ISC */
/*
 * Neighbours that are found in a prefix: each that connects becomes a peer of
 * its own, and goes again some time after its session.
 */
#ifndef BASIN_BGP_DYNAMIC_H
#define BASIN_BGP_DYNAMIC_H

#include "bgp/peer.h"

/* A peer for who connects from `ip`; NULL when no range has room for it. */
struct bgp_peer *dynamic_peer(struct bgp *bgp, const struct ip *ip);
/* One that another process had (an upgrade); NULL: its range is not there. */
struct bgp_peer *dynamic_restore(struct bgp *bgp, const char *range,
				 const struct ip *ip);
/* Peers of a range that are there. */
size_t dynamic_count(const struct bgp *bgp, const struct conf_peer *range);
/* Is its range still in this configuration? */
bool dynamic_stays(const struct bgp_peer *p, const struct conf *conf);
/* A new configuration for those that are there. */
void dynamic_adopt(struct bgp *bgp, void (*adopt)(struct bgp_peer *p,
						  const struct conf_peer *c));

#endif
