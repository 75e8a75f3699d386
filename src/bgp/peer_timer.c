/* SPDX-License-Identifier: ISC */
/*
 * One timer of the loop for all deadlines of a peer's two machines.
 */
#include "bgp/peer_gr.h"
#include "bgp/refresh.h"
#include "bgp/speaker.h"

/* Octets may wait in the socket after a long stall: they count as "heard". */
static bool
heard_after_all(struct session *s, enum fsm_event_type type, struct mono now)
{
	enum fsm_event_type again;

	if (type != FSM_HOLD_EXPIRES || !s->conn)
		return false;
	conn_read(s->conn);
	return !fsm_due(&s->fsm, now, &again) || again != FSM_HOLD_EXPIRES;
}

static void
explain_timer(struct session *s, enum fsm_event_type type)
{
	char hold[32];

	dur_format(s->fsm.state == BGP_STATE_OPENSENT ? dur_s(240)
						      : s->fsm.hold,
		   hold, sizeof(hold));
	if (type == FSM_HOLD_EXPIRES)
		peer_why(s->peer, "hold timer expired: nothing received for %s",
			 hold);
	if (type == FSM_SEND_HOLD_EXPIRES)
		peer_why(s->peer, "send hold timer expired: the peer takes no "
				  "octets (RFC 9687)");
	if (type == FSM_HOLD_EXPIRES || type == FSM_SEND_HOLD_EXPIRES)
		peer_blame(s->peer, s,
			   type == FSM_HOLD_EXPIRES ? CAUSE_HOLD
						    : CAUSE_SEND_HOLD,
			   0, 0);
	if (type == FSM_CONNECT_RETRY_EXPIRES &&
	    s->fsm.state == BGP_STATE_CONNECT)
		peer_say_cannot_connect(s->peer, 0);
}

static void
run_timers(struct session *s)
{
	enum fsm_event_type type;

	/* Each expiry stops or restarts its timer; the bound is a belt. */
	for (int i = 0; i < 8; i++) {
		struct mono now = mono_now();

		if (!fsm_due(&s->fsm, now, &type))
			return;
		if (heard_after_all(s, type, now))
			continue;
		explain_timer(s, type);
		peer_event(s, &(struct fsm_event){.type = type});
	}
}

static struct mono
deadline(const struct bgp_peer *p)
{
	return mono_min(fsm_deadline(&p->sessions[0].fsm),
			fsm_deadline(&p->sessions[1].fsm));
}

static void
on_timer(uv_timer_t *timer)
{
	struct bgp_peer *p = timer->data;

	for (int i = 0; i < PEER_SLOTS; i++)
		run_timers(&p->sessions[i]);
	peer_gr_timer(p);
	refresh_timer(p);
	peer_rearm(p);
}

void
peer_rearm(struct bgp_peer *p)
{
	struct mono at = deadline(p);
	int64_t ns;

	peer_cause_late(p);
	at = mono_min(at, peer_gr_deadline(p));
	at = mono_min(at, refresh_deadline(p));
	if (uv_is_closing((uv_handle_t *)&p->timer))
		return;
	p->due = at;
	if (mono_is_never(at)) {
		uv_timer_stop(&p->timer);
		return;
	}
	ns = mono_sub(at, mono_now()).ns;
	uv_timer_start(&p->timer, on_timer,
		       ns > 0 ? (uint64_t)(ns + 999999) / 1000000 : 0, 0);
}
