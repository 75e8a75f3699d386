/* SPDX-License-Identifier: ISC */
/*
 * Neighbours without an address in the configuration: found on an interface
 * by their router advertisements, or because they connect. This node says
 * where it is in the same way.
 */
#ifndef BASIN_BGP_UNNUMBERED_H
#define BASIN_BGP_UNNUMBERED_H

#include "bgp/peer.h"

struct unnumbered;

/* Fits the peers of the speaker; begins and ends with the first and last. */
void unnumbered_configure(struct bgp *bgp);
void unnumbered_stop(struct bgp *bgp);
/* Who connects from a link-local address of such an interface. */
struct bgp_peer *unnumbered_peer(struct bgp *bgp, const struct ip *ip,
				 unsigned scope);

#endif
