/* SPDX-License-Identifier: ISC */
/*
 * Graceful restart of a peer: what gr.c decides, done.
 */
#ifndef BASIN_BGP_PEER_GR_H
#define BASIN_BGP_PEER_GR_H

#include "bgp/peer.h"

/* Puts what we offer into our OPEN. */
void peer_gr_offer(const struct bgp_peer *p, struct bgp_open *open);
/* The session is established; its facts are known. */
void peer_gr_up(struct bgp_peer *p, const struct bgp_open *remote);
/* It was lost: imported routes stay as stale ones, or go. */
void peer_gr_lost(struct session *s);
/* End-of-RIB of a bgp_family bit. */
void peer_gr_end_of_rib(struct bgp_peer *p, unsigned family);
/* No route outlives its session any longer: all go that have none. */
void peer_gr_discard(struct bgp_peer *p);
/* A new configuration. */
void peer_gr_configure(struct bgp_peer *p);
struct mono peer_gr_deadline(const struct bgp_peer *p);
void peer_gr_timer(struct bgp_peer *p);
/* Is this NOTIFICATION to be sent inside a Hard Reset (RFC 8538)? */
bool peer_gr_is_hard(const struct session *s, uint8_t code, uint8_t subcode);
/*
 * Beside an established session the peer connects again. True when that means
 * that it has restarted: the old session has ended (RFC 4724 section 4.2).
 */
bool peer_gr_replaces(struct bgp_peer *p);

/* ---- our own restart ---- */

/* Begins to defer, if a restart was not seen yet. */
void peer_gr_start(struct bgp *bgp);
/* Is it over? Then everybody is told what is wanted. */
void peer_gr_look(struct bgp *bgp);

#endif
