/* SPDX-License-Identifier: ISC */
/* Facts that come back from sessions, kernel and helper: events and alarms. */
#ifndef BASIN_DAEMON_FACTS_H
#define BASIN_DAEMON_FACTS_H

#include "daemon/basin.h"

bgp_resolve_fn facts_resolve;
extern const struct bgp_callbacks facts_bgp; /* arg: struct basin */
extern const struct out_callbacks facts_out; /* arg: struct basin */

void facts_helper_gone(void *arg); /* struct basin */

#endif
