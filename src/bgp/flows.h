/* SPDX-License-Identifier: ISC */
/*
 * Received flow specifications of all peers, and when they are validated.
 */
#ifndef BASIN_BGP_FLOWS_H
#define BASIN_BGP_FLOWS_H

#include <uv.h>

#include "bgp/bgp.h"
#include "bgp/flow_check.h"

struct bgp;
struct bgp_peer;

enum flows_phase {
	FLOWS_IDLE,
	FLOWS_SOON,  /* something changed: the walk begins in a moment */
	FLOWS_WALK,  /* over the unicast routes, a slice a turn */
	FLOWS_JUDGE, /* the flows, a slice a turn */
};

struct flows {
	struct flow_check check;
	uv_timer_t timer;
	enum flows_phase phase;
	bool again; /* something changed since the walk began */
};

void flows_init(struct bgp *bgp);
/* Unicast routes, the configuration or flows changed. */
void flows_changed(struct bgp *bgp);
/* An UPDATE of an established session is applied. */
void flows_update(struct bgp_peer *p, const struct bgp_update *update,
		  bool withdraw_all);
/* The session is over. */
void flows_down(struct bgp_peer *p);
/* RFC 7313: a refresh of these families begins, and ends. */
void flows_mark_stale(struct bgp_peer *p, unsigned families);
void flows_drop_stale(struct bgp_peer *p, unsigned families);
/* The families of those that are kept: flows.elsewhere of a successor. */
unsigned flows_families(const struct bgp_peer *p);
/* What only the process before had is asked for again. */
void flows_ask_again(struct bgp_peer *p);

struct bgp_flow_counts flows_counts(const struct bgp_peer *p);

#endif
