/* SPDX-License-Identifier: ISC */
#include "bgp/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bgp/malformed.h"
#include "bgp/peer_gr.h"
#include "bgp/refresh.h"
#include "bgp/speaker.h"

/* A NOTIFICATION explains connections that fail so long afterwards. */
#define TOLD_COUNTS dur_s(300)

/* The reason of a NOTIFICATION is worth more than what follows it. */
static void
remember_told(struct bgp_peer *p)
{
	snprintf(p->told, sizeof(p->told), "%.*s", (int)sizeof(p->told) - 1,
		 p->why);
	p->told_at = mono_now();
}

/* ---- sending ---- */

void
peer_send(struct session *s, enum bgp_type type, const uint8_t *octets,
	  size_t n)
{
	struct mono now = mono_now();

	if (!s->conn || n == 0)
		return;
	conn_send(s->conn, octets, n);
	s->peer->messages_out[type]++;
	if (type == BGP_KEEPALIVE || type == BGP_UPDATE)
		fsm_sent(&s->fsm, now);
	if (conn_pending(s->conn) && mono_is_never(s->fsm.send_hold_at))
		fsm_send_progress(&s->fsm, true, now);
}

void
session_send_open(struct session *s)
{
	const struct bgp_peer *p = s->peer;
	struct bgp_open open = {
	    .version = BGP_VERSION,
	    .asn = p->conf->local_asn,
	    .hold_time = (uint16_t)(p->conf->hold_time.ns / 1000000000),
	    .router_id = ip_to_v4(&p->bgp->conf->node.router_id),
	    .has_multiprotocol = true,
	    .families = p->conf->families,
	    .as4 = true,
	    .route_refresh = true,
	    .enhanced_refresh = true,
	    .extended_message = p->conf->transport.extended_messages,
	};
	uint8_t buf[BGP_MESSAGE_MAX];

	peer_gr_offer(p, &open);
	peer_policy_offer(s, &open);
	peer_send(s, BGP_OPEN, buf, bgp_encode_open(&open, buf, sizeof(buf)));
}

void
session_send_keepalive(struct session *s)
{
	uint8_t buf[BGP_HEADER_LEN];

	/* What waits in the queue says the same. */
	if (s->conn && conn_pending(s->conn))
		return;
	peer_send(s, BGP_KEEPALIVE, buf,
		  bgp_encode_keepalive(buf, sizeof(buf)));
}

/* The same NOTIFICATION inside a Hard Reset (RFC 8538 section 3.1). */
static size_t
harden(uint8_t buf[static BGP_MESSAGE_MAX], size_t n)
{
	uint8_t soft[BGP_MESSAGE_MAX];

	memcpy(soft, buf, n);
	return bgp_encode_hard_reset(
	    soft[BGP_HEADER_LEN], soft[BGP_HEADER_LEN + 1],
	    soft + BGP_HEADER_LEN + 2, n - BGP_HEADER_LEN - 2, buf,
	    BGP_MESSAGE_MAX);
}

void
session_send_notification(struct session *s, uint8_t code, uint8_t subcode)
{
	struct bgp_peer *p = s->peer;
	const char *text = p->notice_text;
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n;

	if (!s->conn)
		return;
	if (p->why[0] == '\0')
		peer_why(p, "%s%s%s", bgp_error_text(code, subcode),
			 text && *text ? ": " : "", text ? text : "");
	if (code != BGP_ERR_CEASE)
		remember_told(p);
	if (code == BGP_ERR_OPEN)
		peer_blame(p, s, CAUSE_SENT, code, subcode);
	if (text && code == BGP_ERR_CEASE)
		n = bgp_encode_shutdown(subcode, text, buf, sizeof(buf));
	else
		n = bgp_encode_notification(code, subcode, p->notice,
					    p->notice_len, buf, sizeof(buf));
	if (peer_gr_is_hard(s, code, subcode))
		n = harden(buf, n);
	peer_send(s, BGP_NOTIFICATION, buf, n);
}

void
session_request_refresh(struct session *s, unsigned family)
{
	const struct bgp_refresh refresh = {
	    .afi = bgp_family_afi(family),
	    .safi = bgp_family_safi(family),
	};
	uint8_t buf[BGP_HEADER_LEN + 4];

	peer_send(s, BGP_ROUTE_REFRESH, buf,
		  bgp_encode_refresh(&refresh, buf, sizeof(buf)));
}

/* ---- errors in what was received ---- */

/* The event of a verdict that resets, with its data for the NOTIFICATION. */
static void
reset(struct session *s, enum fsm_event_type type, const struct bgp_verdict *v,
      const char *text)
{
	const struct fsm_event ev = {
	    .type = type, .code = v->code, .subcode = v->subcode};
	struct bgp_peer *p = s->peer;

	peer_why(p, "%s: %s", bgp_error_text(v->code, v->subcode),
		 text && *text ? text
		 : v->why      ? v->why
			       : "malformed");
	p->notice = v->data;
	p->notice_len = v->data_len;
	peer_event(s, &ev);
	p->notice = NULL;
	p->notice_len = 0;
}

/* ---- OPEN ---- */

/*
 * RFC 4271 section 6.8: true when `s` is still there afterwards. Only the
 * other's OpenConfirm counts; an OpenSent one is compared when its OPEN comes.
 */
static bool
survives_collision(struct session *s, const struct bgp_open *open)
{
	struct bgp_peer *p = s->peer;
	struct session *other = &p->sessions[!s->slot], *loser;
	bool keep_initiated;

	if (other->fsm.state < BGP_STATE_OPENCONFIRM)
		return true;
	keep_initiated =
	    fsm_keeps_initiated(ip_to_v4(&p->bgp->conf->node.router_id),
				open->router_id, p->conf->local_asn, open->asn);
	loser = &p->sessions[keep_initiated ? PEER_ACCEPTED : PEER_INITIATED];
	if (other->fsm.state == BGP_STATE_ESTABLISHED)
		loser = s;
	peer_why(p, "connection collision: the %s connection is kept",
		 loser->slot == PEER_ACCEPTED ? "initiated" : "accepted");
	peer_event(loser, &(struct fsm_event){.type = FSM_COLLISION_DUMP});
	return loser != s;
}

static void
accept_open(struct session *s, const struct bgp_open *open)
{
	const struct conf_peer *c = s->peer->conf;
	struct fsm_event ev = {.type = FSM_OPEN};

	if (!survives_collision(s, open))
		return;
	s->open = *open;
	s->has_open = true;
	fsm_negotiate(c->hold_time, c->keepalive, open->hold_time, &ev.hold,
		      &ev.keepalive);
	peer_event(s, &ev);
}

static void
on_open(struct session *s, const uint8_t *m, size_t n)
{
	struct policy_self self = peer_self(s->peer, s);
	char text[POLICY_TEXT_MAX] = "";
	struct bgp_verdict v;
	struct bgp_open open;

	if (s->fsm.state != BGP_STATE_OPENSENT) {
		peer_why(s->peer, "OPEN received in state %s",
			 bgp_state_text(s->fsm.state));
		peer_event(s, &(struct fsm_event){.type = FSM_OPEN});
		return;
	}
	v = bgp_decode_open(m, n, &open);
	if (v.action != BGP_RESET_SESSION) {
		peer_learn_asn(s->peer, open.asn);
		self = peer_self(s->peer, s);
	}
	if (v.action != BGP_RESET_SESSION)
		v = policy_open(&self, &open, text);
	if (v.action == BGP_RESET_SESSION)
		reset(s, FSM_OPEN_ERROR, &v, text);
	else
		accept_open(s, &open);
}

/* ---- NOTIFICATION ---- */

static void
on_notification(struct session *s, const uint8_t *m, size_t n)
{
	struct fsm_event ev = {.type = FSM_NOTIFICATION};
	struct bgp_notification note;
	char text[160] = "", inner[64] = "";

	bgp_decode_notification(m, n, &note);
	if (note.text)
		text_escape(note.text, note.text_len, text, sizeof(text));
	if (note.inner_code)
		snprintf(inner, sizeof(inner), " of %u/%u (%s)",
			 note.inner_code, note.inner_subcode,
			 bgp_error_text(note.inner_code, note.inner_subcode));
	peer_why(s->peer, "peer sent NOTIFICATION %u/%u (%s)%s%s%s%s",
		 note.code, note.subcode,
		 bgp_error_text(note.code, note.subcode), inner,
		 *text ? ": \"" : "", text, *text ? "\"" : "");
	remember_told(s->peer);
	peer_blame(s->peer, s, CAUSE_RECEIVED, note.code, note.subcode);
	s->peer->hard_reset = note.hard_reset;
	if (note.code == BGP_ERR_OPEN && note.subcode == BGP_OPEN_BAD_VERSION)
		ev.type = FSM_NOTIFICATION_VERSION;
	ev.code = note.code;
	ev.subcode = note.subcode;
	peer_event(s, &ev);
}

/* ---- UPDATE ---- */

static void
exceed_maximum(struct session *s, uint8_t family)
{
	struct bgp_peer *p = s->peer;
	uint32_t max = p->conf->policy.max_prefix.limit;
	const uint8_t data[] = {
	    0,
	    family == AF_INET ? BGP_AFI_IPV4 : BGP_AFI_IPV6,
	    BGP_SAFI_UNICAST,
	    (uint8_t)(max >> 24),
	    (uint8_t)(max >> 16),
	    (uint8_t)(max >> 8),
	    (uint8_t)max,
	};
	struct dur restart = p->conf->policy.max_prefix.restart;
	bool stays = restart.ns == 0;
	const struct fsm_event ev = {.type = FSM_AUTOMATIC_STOP,
				     .code = BGP_ERR_CEASE,
				     .subcode = BGP_CEASE_MAX_PREFIX,
				     .delay = stays ? PEER_HELD_FOR : restart};
	char text[32];

	peer_why(p, "more than the maximum of %u accepted prefixes; down %s%s",
		 max, stays ? "until basin reload" : "for ",
		 stays ? "" : dur_format(restart, text, sizeof(text)));
	p->not_before = mono_add(mono_now(), ev.delay);
	p->notice = data;
	p->notice_len = sizeof(data);
	peer_event(s, &ev);
	p->notice = NULL;
	p->notice_len = 0;
}

static void
count_malformed(struct bgp_peer *p, const struct bgp_verdict *v)
{
	bool withdraw = v->action >= BGP_TREAT_AS_WITHDRAW;

	p->updates_malformed++;
	p->treated_as_withdraw += withdraw;
	p->attributes_discarded += !withdraw;
}

static void
apply_update(struct session *s, const struct bgp_update *u, bool withdraw_all)
{
	struct policy_self self = peer_self(s->peer, s);
	struct bgp_peer *p = s->peer;
	struct rib_in_result result =
	    rib_in_update(&p->in, &self, u, withdraw_all, mono_now());
	char prefix[PREFIX_TEXT_MAX];

	flows_update(p, u, withdraw_all);
	if (result.refusal)
		peer_log(p, PEER_CAUSE_REFUSED, LOG_LEVEL_WARNING,
			 "route %s is not used: %s",
			 prefix_format(&result.prefix, prefix, sizeof(prefix)),
			 policy_refusal_text(result.refusal));
	if (result.warn)
		peer_log(p, PEER_CAUSE_MAXIMUM, LOG_LEVEL_WARNING,
			 "%u accepted prefixes come near the maximum of %u",
			 p->in.n, p->conf->policy.max_prefix.limit);
	if (result.exceeded)
		exceed_maximum(s, result.exceeded);
}

static void
on_update(struct session *s, const uint8_t *m, size_t n)
{
	struct bgp_update update;
	struct bgp_verdict v;

	if (s->fsm.state != BGP_STATE_ESTABLISHED) {
		peer_why(s->peer, "UPDATE received in state %s",
			 bgp_state_text(s->fsm.state));
		peer_event(s, &(struct fsm_event){.type = FSM_UPDATE});
		return;
	}
	v = bgp_decode_update(m, n, &s->peer->facts, &update);
	if (v.action != BGP_ACCEPT)
		malformed_log(s->peer, &v, &update, m, n);
	if (v.action == BGP_RESET_SESSION || v.action == BGP_DISABLE_FAMILY) {
		s->peer->updates_malformed++;
		reset(s, FSM_UPDATE_ERROR, &v, NULL);
		return;
	}
	peer_event(s, &(struct fsm_event){.type = FSM_UPDATE});
	if (v.action != BGP_ACCEPT)
		count_malformed(s->peer, &v);
	apply_update(s, &update, v.action == BGP_TREAT_AS_WITHDRAW);
	if (update.end_of_rib)
		peer_gr_end_of_rib(s->peer, update.end_of_rib);
}

int
session_restore(struct session *s, const uint8_t *octets, size_t n)
{
	struct bgp_update update;
	struct bgp_verdict v =
	    bgp_decode_update(octets, n, &s->peer->facts, &update);

	if (v.action != BGP_ACCEPT)
		return -EBADMSG;
	apply_update(s, &update, false);
	return 0;
}

/* ---- ROUTE-REFRESH ---- */

static void
on_refresh(struct session *s, const uint8_t *m, size_t n)
{
	struct bgp_peer *p = s->peer;
	struct bgp_refresh refresh;
	struct bgp_verdict v;

	if (s->fsm.state != BGP_STATE_ESTABLISHED) {
		peer_why(p, "ROUTE-REFRESH received in state %s",
			 bgp_state_text(s->fsm.state));
		peer_event(s, &(struct fsm_event){.type = FSM_ROUTE_REFRESH});
		return;
	}
	v = bgp_decode_refresh(m, n, &refresh);
	if (v.action == BGP_RESET_SESSION) {
		reset(s, FSM_UPDATE_ERROR, &v, NULL);
		return;
	}
	peer_event(s, &(struct fsm_event){.type = FSM_ROUTE_REFRESH});
	refresh_received(s, &refresh);
}

/* ---- events of the connection ---- */

static void
on_connected(void *arg)
{
	peer_event(arg, &(struct fsm_event){.type = FSM_TCP_ACKED});
}

static void
on_message(void *arg, uint8_t type, const uint8_t *m, size_t n)
{
	struct session *s = arg;

	s->peer->messages_in[type]++;
	switch ((enum bgp_type)type) {
	case BGP_OPEN:
		on_open(s, m, n);
		return;
	case BGP_UPDATE:
		on_update(s, m, n);
		return;
	case BGP_NOTIFICATION:
		on_notification(s, m, n);
		return;
	case BGP_KEEPALIVE:
		if (s->fsm.state == BGP_STATE_OPENSENT)
			peer_why(s->peer, "KEEPALIVE received before OPEN");
		peer_event(s, &(struct fsm_event){.type = FSM_KEEPALIVE});
		return;
	case BGP_ROUTE_REFRESH:
		on_refresh(s, m, n);
		return;
	}
}

static void
on_bad_header(void *arg, const struct bgp_verdict *v)
{
	reset(arg, FSM_HEADER_ERROR, v, NULL);
}

/*
 * Some routers close every connection for a while after an error: what they
 * said first is the cause.
 */
static void
why_closed(struct bgp_peer *p)
{
	bool told = p->told[0] != '\0' &&
		    mono_sub(mono_now(), p->told_at).ns < TOLD_COUNTS.ns;

	peer_why(p,
		 "the peer closed the TCP connection without a "
		 "NOTIFICATION%s%s",
		 told ? "; before that: " : "", told ? p->told : "");
}

static void
on_failed(void *arg, int error)
{
	struct session *s = arg;
	struct bgp_peer *p = s->peer;

	if (s->fsm.state == BGP_STATE_CONNECT) {
		peer_say_cannot_connect(p, error);
	} else if (error) {
		peer_why(p, "TCP connection failed: %s", strerror(-error));
		peer_blame_error(p, s, error);
	} else {
		why_closed(p);
		peer_blame(p, s, CAUSE_CLOSED, 0, 0);
	}
	if (s->fsm.state < BGP_STATE_OPENSENT) {
		snprintf(p->last_error, sizeof(p->last_error), "%s", p->why);
		p->last_error_at = mono_now();
	}
	peer_event(s, &(struct fsm_event){.type = FSM_TCP_FAILS});
}

static void
on_progress(void *arg)
{
	struct session *s = arg;

	fsm_send_progress(&s->fsm, conn_pending(s->conn) > 0, mono_now());
	if (s->peer->up == s)
		peer_progress(s->peer);
	peer_rearm(s->peer);
}

const struct conn_callbacks session_callbacks = {
    .connected = on_connected,
    .message = on_message,
    .bad_header = on_bad_header,
    .failed = on_failed,
    .progress = on_progress,
};
