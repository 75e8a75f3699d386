/* SPDX-License-Identifier: ISC */
#include "bgp/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "bgp/peer_gr.h"
#include "bgp/session.h"
#include "bgp/speaker.h"
#include "sys/sys.h"

/* ---- what a machine asks for ---- */

/* The other machine has lost: this one is established. */
static void
quiet_other(struct session *s)
{
	struct session *other = &s->peer->sessions[!s->slot];
	struct fsm_event ev = {.type = FSM_COLLISION_DUMP};

	if (other->fsm.state == BGP_STATE_IDLE)
		ev.type = FSM_MANUAL_STOP;
	peer_event(other, &ev);
}

void
peer_negotiated(struct session *s)
{
	struct bgp_peer *p = s->peer;

	p->up = s;
	p->facts = (struct bgp_session_facts){
	    .as4 = s->open.as4,
	    .ibgp = peer_is_ibgp(p),
	    .families = s->open.families & p->conf->families,
	    .extended_message = s->open.extended_message &&
				p->conf->transport.extended_messages,
	};
	if (p->conf->transport.extended_messages)
		s->conn->most = BGP_EXTENDED_MAX;
	p->path_session = (struct path_session){
	    .peer = p->conf,
	    .ibgp = peer_is_ibgp(p),
	    .local = s->conn->local,
	    .remote = s->conn->remote,
	};
	peer_policy_up(p, s);
}

static void
establish(struct session *s)
{
	struct bgp_peer *p = s->peer;

	p->established++;
	p->told[0] = '\0';
	peer_cause_begin(p);
	peer_negotiated(s);
	peer_routes_up(p);
	peer_gr_up(p, &s->open);
}

static void
release_routes(struct session *s)
{
	if (s->peer->up != s)
		return;
	s->peer->up = NULL;
	peer_routes_down(s->peer);
	peer_gr_lost(s);
	if (s->peer->draining)
		speaker_kick(s->peer->bgp);
}

/* A session or an attempt ended: what was it? */
static void
note_failure(struct session *s, enum bgp_state before)
{
	struct bgp_peer *p = s->peer;

	if (before < BGP_STATE_OPENSENT ||
	    s->fsm.reason == FSM_REASON_COLLISION)
		return;
	if (p->why[0] == '\0')
		peer_why(p, "%s", fsm_reason_text(s->fsm.reason));
	peer_remember_error(p, p->why, mono_now());
	if (before != BGP_STATE_ESTABLISHED)
		peer_log(p, PEER_CAUSE_ATTEMPT, LOG_LEVEL_WARNING,
			 "no session: %s", p->why);
}

/* In the order of enum fsm_action. */
static void
act(struct session *s, const struct fsm_actions *a, enum bgp_state before)
{
	bool notified = a->bits & FSM_DO_SEND_NOTIFICATION;
	int error = 0;

	if (notified)
		session_send_notification(s, a->code, a->subcode);
	if (a->bits & FSM_DO_DROP) {
		note_failure(s, before);
		peer_drop(s, notified);
		s->has_open = false;
	}
	if (a->bits & FSM_DO_RELEASE)
		release_routes(s);
	if (a->bits & FSM_DO_CONNECT)
		error = peer_connect(s);
	if (a->bits & FSM_DO_SEND_OPEN)
		session_send_open(s);
	if (a->bits & FSM_DO_SEND_KEEPALIVE)
		session_send_keepalive(s);
	if (a->bits & FSM_DO_ESTABLISH)
		establish(s);
	if (error)
		peer_cannot_connect(s, error);
}

/*
 * A machine that lost a collision rests in Idle without a timer; it starts
 * again when the other one is not on its way to a session any more.
 */
static void
wake_resting(struct bgp_peer *p)
{
	struct mono now = mono_now();

	for (int i = 0; i < PEER_SLOTS; i++) {
		struct session *s = &p->sessions[i];
		const struct fsm *other = &p->sessions[!i].fsm;
		struct fsm_event ev = {.type = FSM_AUTOMATIC_START};
		struct mono at = p->not_before;

		if (!p->enabled || s->fsm.state != BGP_STATE_IDLE ||
		    !mono_is_never(s->fsm.idle_hold_at) ||
		    other->state >= BGP_STATE_OPENCONFIRM)
			continue;
		if (i == PEER_INITIATED && p->conf->passive)
			continue;
		if (i == PEER_INITIATED && !mono_is_never(other->idle_hold_at))
			ev.delay = dur_s(1);
		if (mono_sub(at, now).ns > ev.delay.ns)
			ev.delay = mono_sub(at, now);
		p->why[0] = '\0';
		peer_event(s, &ev);
	}
}

void
peer_event(struct session *s, const struct fsm_event *ev)
{
	struct bgp_peer *p = s->peer;
	enum bgp_state before = s->fsm.state;
	struct fsm_actions a;

	peer_cause_late(p);
	a = fsm_step(&s->fsm, ev, mono_now());
	act(s, &a, before);
	if (s->fsm.state != before) {
		peer_state_changed(p);
		if (a.bits & FSM_DO_ESTABLISH)
			quiet_other(s);
		wake_resting(p);
	}
	p->why[0] = '\0';
	peer_rearm(p);
}

/* ---- life ---- */

static uint64_t
seed(void)
{
	uint64_t v = 0;

	if (getrandom(&v, sizeof(v), GRND_NONBLOCK) != sizeof(v))
		v = (uint64_t)mono_now().ns;
	return v;
}

static void
init_session(struct bgp_peer *p, enum peer_slot slot,
	     const struct conf_peer *conf)
{
	struct session *s = &p->sessions[slot];

	s->peer = p;
	s->slot = slot;
	fsm_init(&s->fsm, slot == PEER_ACCEPTED, conf->connect_retry, seed(),
		 mono_now());
}

static void
init_peer(struct bgp_peer *p, struct bgp *bgp, const struct conf_peer *conf)
{
	struct text subject = {0};

	p->bgp = bgp;
	text_addf(&subject, "peer %s", p->name);
	p->subject = subject.s;
	p->since = mono_now();
	gr_init(&p->gr, conf->graceful_restart.stale_time);
	uv_timer_init(bgp->settings.loop, &p->timer);
	p->timer.data = p;
	p->due = MONO_NEVER;
	bgp->handles++;
	for (int i = 0; i < PEER_SLOTS; i++)
		init_session(p, (enum peer_slot)i, conf);
	peer_set_conf(p, conf);
}

struct bgp_peer *
peer_new(struct bgp *bgp, const struct conf_peer *conf)
{
	struct bgp_peer *p = xcalloc(1, sizeof(*p));

	p->name = xstrdup(conf->name);
	init_peer(p, bgp, conf);
	return p;
}

struct bgp_peer *
peer_new_dynamic(struct bgp *bgp, const struct conf_peer *conf,
		 const struct ip *ip)
{
	struct bgp_peer *p = xcalloc(1, sizeof(*p));
	char address[IP_TEXT_MAX];
	struct text name = {0};

	text_addf(&name, "%s@%s", conf->name,
		  ip_format(ip, address, sizeof(address)));
	p->name = name.s;
	p->own = xcalloc(1, sizeof(*p->own));
	p->own->address = *ip;
	init_peer(p, bgp, conf);
	return p;
}

static void
free_memory(struct bgp_peer *p)
{
	free(p->exports);
	flows_down(p);
	rib_in_clear(&p->in);
	rib_in_forget(&p->in);
	peer_free_conf(p);
	free(p->name);
	free(p->subject);
	free(p);
}

static void
on_closed(uv_handle_t *handle)
{
	struct bgp_peer *p = handle->data;
	struct bgp *bgp = p->bgp;

	if (p->removed)
		free_memory(p);
	speaker_handle_closed(bgp);
}

void
peer_close(struct bgp_peer *p)
{
	p->enabled = false;
	for (int i = 0; i < PEER_SLOTS; i++)
		peer_drop(&p->sessions[i], false);
	if (p->up) {
		p->up = NULL;
		peer_routes_down(p);
	}
	peer_gr_discard(p);
	if (!uv_is_closing((uv_handle_t *)&p->timer))
		uv_close((uv_handle_t *)&p->timer, on_closed);
}

void
peer_free(struct bgp_peer *p)
{
	if (uv_is_closing((uv_handle_t *)&p->timer)) {
		free_memory(p);
		return;
	}
	p->removed = true;
	peer_close(p);
}

void
peer_start(struct bgp_peer *p)
{
	const struct fsm_event passive = {.type = FSM_PASSIVE_START};
	const struct fsm_event active = {.type = FSM_MANUAL_START};

	if (p->conf->shutdown) {
		log_info(p->bgp->settings.log, p->subject,
			 "administratively down (shutdown: true)");
		return;
	}
	if (peer_bfd_holds(p))
		return; /* bgp_peer_bfd() starts it */
	p->enabled = true;
	peer_cause_begin(p);
	peer_event(&p->sessions[PEER_ACCEPTED], &passive);
	if (!p->conf->passive)
		peer_event(&p->sessions[PEER_INITIATED], &active);
}

void
peer_halt(struct bgp_peer *p, uint8_t subcode, const char *text)
{
	const struct fsm_event ev = {
	    .type = FSM_MANUAL_STOP, .code = BGP_ERR_CEASE, .subcode = subcode};

	p->enabled = false;
	p->draining = false;
	for (int i = 0; i < PEER_SLOTS; i++) {
		p->notice_text = text;
		peer_event(&p->sessions[i], &ev);
		p->notice_text = NULL;
	}
}

void
peer_stop(struct bgp_peer *p, uint8_t subcode, const char *text)
{
	peer_halt(p, subcode, text);
	peer_gr_discard(p);
}
