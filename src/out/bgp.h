/* SPDX-License-Identifier: ISC */
#ifndef BASIN_OUT_BGP_H
#define BASIN_OUT_BGP_H

#include <stddef.h>

#include "out/out.h"

struct bgp_watched;

struct bgp_watch {
	struct bgp_watched *peers; /* owned; as bgp_peer_at() */
	size_t n;
};

/* Desired but unsent prefixes that do not become fewer are an alarm (D11). */
void bgp_watch_tick(struct out *out, struct mono now);
/* Offers again what peers with `install` have sent. */
void bgp_watch_replay(struct out *out);
void bgp_watch_free(struct out *out);

#endif
