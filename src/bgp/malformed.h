/* SPDX-License-Identifier: ISC */
#ifndef BASIN_BGP_MALFORMED_H
#define BASIN_BGP_MALFORMED_H

#include "bgp/peer.h"

/*
 * RFC 7606 section 6: logs the NLRI involved and the whole message `m`,
 * within the limit of the peer's log.
 */
void malformed_log(struct bgp_peer *p, const struct bgp_verdict *v,
		   const struct bgp_update *u, const uint8_t *m, size_t n);

#endif
