/* SPDX-License-Identifier: ISC */
/*
 *   IDLE ──changed──► SOON ──timer──► WALK ──all seen──► JUDGE ──► IDLE
 *                      ▲                                   │
 *                      └──────── changed meanwhile ────────┘
 *
 * Invariants
 *  - The timer runs in every phase but IDLE; nothing is kept in IDLE that no
 *    walk has judged.
 *  - A slice looks at a bounded number of routes or flows, so that neither a
 *    full table nor a peer with many flows holds up the loop.
 */
#include "bgp/flows.h"

#include "bgp/pack.h"
#include "bgp/speaker.h"

#define SOON         500 /* ms: what changes together is walked once */
#define WALK_SLICE   8192
#define JUDGE_SLICE  128
#define BETWEEN_TURN 1 /* ms */

static void on_timer(uv_timer_t *timer);

static void
enter(struct flows *f, enum flows_phase phase)
{
	f->phase = phase;
	if (phase == FLOWS_IDLE)
		uv_timer_stop(&f->timer);
	else
		uv_timer_start(&f->timer, on_timer,
			       phase == FLOWS_SOON ? SOON : BETWEEN_TURN, 0);
}

void
flows_init(struct bgp *bgp)
{
	uv_timer_init(bgp->settings.loop, &bgp->flows.timer);
	bgp->flows.timer.data = bgp;
}

void
flows_changed(struct bgp *bgp)
{
	struct flows *f = &bgp->flows;

	if (bgp->phase >= SPEAKER_CLOSING || f->check.n == 0)
		return;
	if (f->phase == FLOWS_IDLE)
		enter(f, FLOWS_SOON);
	else if (f->phase != FLOWS_SOON)
		f->again = true;
}

/* ---- validating ---- */

static struct flow_source
source_of(const struct bgp_peer *p)
{
	return (struct flow_source){
	    .owner = p,
	    .ibgp = peer_is_ibgp(p),
	    .first_as = p->conf->policy.first_as,
	    .asn = p->conf->asn,
	    .local_asn = p->conf->local_asn,
	    .node_asn = p->bgp->conf->node.asn,
	};
}

static bool
judge(struct bgp *bgp, const struct flow_unicast *unicast)
{
	size_t budget = JUDGE_SLICE;

	for (size_t i = 0; i < bgp->n_peers; i++) {
		struct bgp_peer *p = bgp->peers[i];
		const struct flow_source source = source_of(p);

		if (!flow_in_judge(&p->flows, &bgp->flows.check, unicast,
				   &source, &budget))
			return false;
	}
	return true;
}

static void
finish(struct flows *f)
{
	bool again = f->again;

	f->again = false;
	enter(f, again ? FLOWS_SOON : FLOWS_IDLE);
}

static void
on_timer(uv_timer_t *timer)
{
	struct bgp *bgp = timer->data;
	struct flows *f = &bgp->flows;
	const struct flow_unicast unicast = {&bgp->loc, &bgp->index};

	if (f->phase == FLOWS_SOON)
		flow_check_begin(&f->check);
	if (f->phase == FLOWS_JUDGE && judge(bgp, &unicast))
		finish(f);
	else if (f->phase == FLOWS_JUDGE ||
		 flow_check_walk(&f->check, &unicast, WALK_SLICE))
		enter(f, FLOWS_JUDGE);
	else
		enter(f, FLOWS_WALK);
}

/* ---- what peers tell ---- */

static void
say_limit(struct bgp_peer *p)
{
	peer_log(p, PEER_CAUSE_MAXIMUM, LOG_LEVEL_WARNING,
		 "flow specifications beyond the maximum (%u a peer, %u of "
		 "all) are forgotten; none is ever applied",
		 FLOW_IN_MAX, FLOW_CHECK_MAX);
}

void
flows_update(struct bgp_peer *p, const struct bgp_update *update,
	     bool withdraw_all)
{
	uint64_t before = p->flows.over_limit;

	if (flow_in_update(&p->flows, &p->bgp->flows.check, update,
			   withdraw_all, mono_now()))
		flows_changed(p->bgp);
	if (p->flows.over_limit != before)
		say_limit(p);
}

void
flows_down(struct bgp_peer *p)
{
	flow_in_clear(&p->flows, &p->bgp->flows.check);
}

void
flows_mark_stale(struct bgp_peer *p, unsigned families)
{
	flow_in_mark_stale(&p->flows, families);
}

void
flows_drop_stale(struct bgp_peer *p, unsigned families)
{
	flow_in_drop_stale(&p->flows, &p->bgp->flows.check, families);
}

unsigned
flows_families(const struct bgp_peer *p)
{
	unsigned families = 0;

	for (struct flow_in_route *r = p->flows.routes; r; r = r->hh.next)
		families |= r->nlri->value.family;
	return families;
}

void
flows_ask_again(struct bgp_peer *p)
{
	const unsigned flows = BGP_FAMILY_FLOW4 | BGP_FAMILY_FLOW6;

	if (p->up && p->up->open.route_refresh)
		bgp_peer_ask_again(p, p->flows.elsewhere & flows);
	p->flows.elsewhere = 0;
}

/* ---- reading ---- */

static bool
is_feasible(const struct flow_in_route *r)
{
	return r->verdict == FLOW_FEASIBLE;
}

void
bgp_peer_each_flow_in(const struct bgp_peer *p, bgp_flow_in_fn *each, void *arg)
{
	for (struct flow_in_route *r = p->flows.routes; r; r = r->hh.next) {
		struct bgp_attributes a;

		pack_open(r->packed, &a);
		each(arg, &(struct bgp_flow_view){
			      .flow = r->nlri->flow,
			      .attributes = &a,
			      .since = r->since,
			      .feasible = is_feasible(r),
			      .verdict = flow_verdict_name(r->verdict),
			      .why = flow_verdict_text(r->verdict),
			  });
	}
}

struct bgp_flow_counts
flows_counts(const struct bgp_peer *p)
{
	struct bgp_flow_counts n = {
	    .kept = p->flows.n,
	    .limit = FLOW_IN_MAX,
	    .dropped = p->flows.over_limit + p->flows.excess,
	};

	for (struct flow_in_route *r = p->flows.routes; r; r = r->hh.next)
		n.feasible += is_feasible(r);
	return n;
}
