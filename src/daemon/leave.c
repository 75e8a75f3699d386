/* SPDX-License-Identifier: ISC */
/*
 * A drained node says goodbye: when every withdrawal is written its sessions
 * are closed with the reason (RFC 9003) and stay closed until it is back. An
 * offline node gives its service addresses up as well: nothing on a machine
 * that nobody trusts may answer in the service's name, and its own programs
 * find the service on another node.
 *
 *            has drained                nothing pending, or PATIENCE is over
 *   IN ─────────────────────► LEAVING ─────────────────────────────► OUT
 *    ▲                           │                                    │
 *    └───────────────────────────┴──────── undrained, expired ────────┘
 *
 * Invariants: level-triggered, state follows what avail says, whoever said it;
 * it is written in enter() only; OUT means suspended.
 */
#include "daemon/leave.h"

#include <stdlib.h>

#include "daemon/drained.h"

/* For withdrawals to be written; a peer that does not read costs no more. */
#define PATIENCE dur_s(5)
#define LOOK_MS  20

enum leave_state { IN, LEAVING, OUT };

struct leave {
	uv_timer_t timer;
	enum leave_state state;
	struct mono since; /* of the state */
};

static void look(uv_timer_t *timer);

static bool
all_withdrawn(const struct basin *b)
{
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		struct bgp_peer_view v;

		bgp_peer_view(bgp_peer_at(b->bgp, i), &v);
		if (v.announced > 0 || v.pending > 0 || v.queued_octets > 0)
			return false;
	}
	return true;
}

static void
suspend(struct basin *b)
{
	const struct drain *d = drains_node(b->drains);
	struct text text = {0};

	text_addf(&text, "%s: %s",
		  d && drains_is_offline(d) ? "offline" : "drained",
		  d ? d->reason : "");
	bgp_suspend(b->bgp, text_str(&text));
	text_free(&text);
}

static void
enter(struct basin *b, enum leave_state state)
{
	struct leave *l = b->leave;

	if (l->state == OUT && state == IN)
		bgp_resume(b->bgp);
	if (state == OUT)
		suspend(b);
	if (state == LEAVING)
		uv_timer_start(&l->timer, look, LOOK_MS, LOOK_MS);
	else
		uv_timer_stop(&l->timer);
	l->state = state;
	l->since = mono_now();
}

static void
follow(struct basin *b)
{
	struct leave *l = b->leave;
	bool out = drained_has(b, AVAIL_NODE, 0);

	if (b->phase == BASIN_STOPPING) /* it says its own goodbye */
		return;
	if (!out && l->state != IN)
		enter(b, IN);
	if (out && l->state == IN)
		enter(b, LEAVING);
	if (l->state == LEAVING &&
	    (all_withdrawn(b) ||
	     mono_reached(mono_add(l->since, PATIENCE), mono_now())))
		enter(b, OUT);
	else if (l->state == OUT)
		suspend(b); /* the reason may be another by now */
}

static void
look(uv_timer_t *timer)
{
	struct basin *b = timer->data;

	follow(b);
	if (b->leave->state != LEAVING)
		uv_timer_stop(timer);
}

/*
 * Never before the loop turns: what was decided is not handed to the sessions
 * yet. At the start there is nothing to withdraw and nothing is opened.
 */
void
leave_configure(struct basin *b)
{
	const struct drain *d = drains_node(b->drains);

	if (!b->leave || b->phase == BASIN_STOPPING)
		return;
	out_serve(b->out, !d || !drains_is_offline(d));
	if (b->phase == BASIN_STARTING)
		follow(b);
	else
		uv_timer_start(&b->leave->timer, look, 0, LOOK_MS);
}

bool
leave_closed(const struct basin *b)
{
	return b->leave && b->leave->state == OUT;
}

struct leave *
leave_new(struct basin *b)
{
	struct leave *l = xcalloc(1, sizeof(*l));

	uv_timer_init(&b->loop, &l->timer);
	l->timer.data = b;
	return l;
}

/* After the loop has closed the timer. */
void
leave_free(struct leave *l)
{
	free(l);
}
