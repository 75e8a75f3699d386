/* SPDX-License-Identifier: ISC */
/*
 * What upstreams are told of a prefix: avail decides on a rung, out and the
 * peers' ladders make attributes of it.
 */
#ifndef BASIN_DAEMON_RUNG_H
#define BASIN_DAEMON_RUNG_H

#include "daemon/basin.h"

/* The same rung in the words of the configuration. */
static inline enum conf_rung
rung_of(enum avail_rung rung)
{
	return (enum conf_rung)rung;
}

/* Hands the decision for prefix `id` to out; does nothing when it has it. */
void rung_want(struct basin *b, size_t id);
/* A change of avail's about a prefix: to out, and an event. */
void rung_changed(struct basin *b, const struct avail_change *c);
/* "AS path 65000 65000, MED 200, communities 65001:70": what was sent. */
void rung_sent_text(const struct bgp_attributes *a, struct text *out);

#endif
