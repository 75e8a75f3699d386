/* SPDX-License-Identifier: ISC */
/*
 * Route refresh (RFC 2918) and its enhanced form (RFC 7313), both ways.
 *
 *   asked:   BoRR, all routes again, EoRR          (rib_out.c packs them)
 *   asking:  BoRR marks what is there as stale, EoRR drops what still is;
 *            one that never comes is over after the peer's stale_time
 */
#ifndef BASIN_BGP_REFRESH_H
#define BASIN_BGP_REFRESH_H

#include "bgp/peer.h"

/* Decoded, on an established session. */
void refresh_received(struct session *s, const struct bgp_refresh *refresh);
struct mono refresh_deadline(const struct bgp_peer *p);
void refresh_timer(struct bgp_peer *p);

#endif
