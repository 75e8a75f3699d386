/* SPDX-License-Identifier: ISC */
#include "bgp/peer.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "bgp/session.h"
#include "bgp/speaker.h"
#include "sys/sys.h"

/* How long a connection may take to hand over its NOTIFICATION. */
#define LINGER     dur_s(2)
#define LOG_PERIOD dur_s(60)

/* ---- saying why ---- */

void
peer_why(struct bgp_peer *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

bool
peer_log(struct bgp_peer *p, enum peer_cause cause, enum log_level level,
	 const char *fmt, ...)
{
	struct log *log = p->bgp->settings.log;
	char line[512], more[48] = "";
	uint32_t suppressed;
	va_list ap;

	if (!log_allowed(&p->limits[cause], LOG_PERIOD, mono_now(),
			 &suppressed))
		return false;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (suppressed)
		snprintf(more, sizeof(more), " (%u like this before)",
			 suppressed);
	log_line(log, level, p->subject, "%s%s", line, more);
	return true;
}

/* ---- the state of the peer: that of its most advanced machine ---- */

static enum bgp_state
rank(enum bgp_state s)
{
	/* Connect says more than Active does. */
	if (s == BGP_STATE_CONNECT)
		return BGP_STATE_ACTIVE;
	return s == BGP_STATE_ACTIVE ? BGP_STATE_CONNECT : s;
}

static struct session *
most_advanced(struct bgp_peer *p)
{
	struct session *a = &p->sessions[PEER_INITIATED];
	struct session *b = &p->sessions[PEER_ACCEPTED];

	return rank(b->fsm.state) > rank(a->fsm.state) ? b : a;
}

static void
remember_error(struct bgp_peer *p, const char *why, struct mono now)
{
	snprintf(p->last_error, sizeof(p->last_error), "%s", why);
	p->last_error_at = now;
}

/* "AS 65000 at 192.0.2.1, hold time 90 s, ipv4, ipv6" */
static void
describe_up(const struct bgp_peer *p, char *buf, size_t size)
{
	char remote[IP_TEXT_MAX], hold[32];
	const struct conn *c = p->up->conn;

	snprintf(buf, size, "AS %u at %s, hold time %s%s%s", p->conf->asn,
		 ip_format(&c->remote, remote, sizeof(remote)),
		 dur_format(p->up->fsm.hold, hold, sizeof(hold)),
		 p->facts.families & BGP_FAMILY_IPV4 ? ", ipv4" : "",
		 p->facts.families & BGP_FAMILY_IPV6 ? ", ipv6" : "");
}

/* What the callback is told of a change: facts, the cause, the age. */
static void
describe(const struct bgp_peer *p, enum bgp_state from, struct dur age,
	 char *buf, size_t size)
{
	char lasted[32];

	if (p->state == BGP_STATE_ESTABLISHED)
		describe_up(p, buf, size);
	else if (from == BGP_STATE_ESTABLISHED)
		snprintf(buf, size, "%s (it was up for %s)", p->why,
			 dur_format(age, lasted, sizeof(lasted)));
	else
		snprintf(buf, size, "%s", p->why);
}

/* The one place that writes the peer's state. */
static void
update_state(struct bgp_peer *p)
{
	const struct bgp_callbacks *cb = p->bgp->settings.callbacks;
	struct session *s = most_advanced(p);
	enum bgp_state from = p->state, to = s->fsm.state;
	struct mono before = p->since, now = mono_now();
	char text[sizeof(p->why) + 64];

	if (from == to)
		return;
	if (p->why[0] == '\0')
		peer_why(p, "%s", fsm_reason_text(s->fsm.reason));
	p->state = to;
	p->since = now;
	describe(p, from, mono_sub(now, before), text, sizeof(text));
	if (cb && cb->state)
		cb->state(p->bgp->settings.arg, p, from, to, text);
}

/* ---- what a machine asks for ---- */

static void
drop_connection(struct session *s, bool notified)
{
	struct conn *c = s->conn;

	if (!c)
		return;
	s->conn = NULL;
	s->peer->octets_in += c->received;
	s->peer->octets_out += c->written;
	if (notified)
		conn_linger(c, LINGER);
	else
		conn_close(c);
}

static unsigned
scope_of(const struct conf_peer *conf)
{
	return conf->interface ? if_nametoindex(conf->interface) : 0;
}

/* 0, or -errno when not even the attempt could be made. */
static int
begin_connect(struct session *s)
{
	struct bgp_peer *p = s->peer;
	const struct conf_peer *c = p->conf;
	int error = 0;
	int fd = sys_tcp_connect(&c->source, &c->address, c->port, scope_of(c),
				 policy_ttl(c, peer_is_ibgp(p)));

	if (fd < 0)
		return fd;
	s->conn =
	    conn_new(&p->bgp->host, fd, true, &session_callbacks, s, &error);
	if (!s->conn)
		close(fd);
	return error;
}

static void
no_connection(struct session *s, int error)
{
	struct bgp_peer *p = s->peer;
	char ip[IP_TEXT_MAX];

	peer_why(p, "cannot connect to %s port %u: %s",
		 ip_format(&p->conf->address, ip, sizeof(ip)), p->conf->port,
		 strerror(-error));
	remember_error(p, p->why, mono_now());
	peer_log(p, PEER_CAUSE_CONNECT, LOG_LEVEL_WARNING, "%s", p->why);
	peer_event(s, &(struct fsm_event){.type = FSM_TCP_FAILS});
}

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

static void
establish(struct session *s)
{
	struct bgp_peer *p = s->peer;

	p->up = s;
	p->established++;
	p->told[0] = '\0';
	p->facts = (struct bgp_session_facts){
	    .as4 = s->open.as4,
	    .ibgp = peer_is_ibgp(p),
	    .families = s->open.families & p->conf->families,
	};
	p->path_session = (struct path_session){
	    .peer = p->conf,
	    .ibgp = peer_is_ibgp(p),
	    .local = s->conn->local,
	    .remote = s->conn->remote,
	};
	peer_routes_up(p);
}

static void
release_routes(struct session *s)
{
	if (s->peer->up != s)
		return;
	s->peer->up = NULL;
	peer_routes_down(s->peer);
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
	remember_error(p, p->why, mono_now());
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
		drop_connection(s, notified);
		s->has_open = false;
	}
	if (a->bits & FSM_DO_RELEASE)
		release_routes(s);
	if (a->bits & FSM_DO_CONNECT)
		error = begin_connect(s);
	if (a->bits & FSM_DO_SEND_OPEN)
		session_send_open(s);
	if (a->bits & FSM_DO_SEND_KEEPALIVE)
		session_send_keepalive(s);
	if (a->bits & FSM_DO_ESTABLISH)
		establish(s);
	if (error)
		no_connection(s, error);
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
	struct fsm_actions a = fsm_step(&s->fsm, ev, mono_now());

	act(s, &a, before);
	if (s->fsm.state != before) {
		update_state(p);
		if (a.bits & FSM_DO_ESTABLISH)
			quiet_other(s);
		wake_resting(p);
	}
	p->why[0] = '\0';
	peer_rearm(p);
}

/* ---- timers ---- */

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

/* No answer to SYN within the ConnectRetryTimer. */
static void
no_answer(struct bgp_peer *p)
{
	char ip[IP_TEXT_MAX];

	peer_why(p, "cannot connect to %s port %u: no answer",
		 ip_format(&p->conf->address, ip, sizeof(ip)), p->conf->port);
	remember_error(p, p->why, mono_now());
	peer_log(p, PEER_CAUSE_CONNECT, LOG_LEVEL_WARNING, "%s", p->why);
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
	else if (type == FSM_SEND_HOLD_EXPIRES)
		peer_why(s->peer, "send hold timer expired: the peer takes no "
				  "octets (RFC 9687)");
	else if (type == FSM_CONNECT_RETRY_EXPIRES &&
		 s->fsm.state == BGP_STATE_CONNECT)
		no_answer(s->peer);
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

static void
on_timer(uv_timer_t *timer)
{
	struct bgp_peer *p = timer->data;

	for (int i = 0; i < PEER_SLOTS; i++)
		run_timers(&p->sessions[i]);
	peer_rearm(p);
}

void
peer_rearm(struct bgp_peer *p)
{
	struct mono at = mono_min(fsm_deadline(&p->sessions[0].fsm),
				  fsm_deadline(&p->sessions[1].fsm));
	int64_t ns;

	if (uv_is_closing((uv_handle_t *)&p->timer))
		return;
	if (mono_is_never(at)) {
		uv_timer_stop(&p->timer);
		return;
	}
	ns = mono_sub(at, mono_now()).ns;
	uv_timer_start(&p->timer, on_timer,
		       ns > 0 ? (uint64_t)(ns + 999999) / 1000000 : 0, 0);
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
init_session(struct bgp_peer *p, enum peer_slot slot)
{
	struct session *s = &p->sessions[slot];

	s->peer = p;
	s->slot = slot;
	fsm_init(&s->fsm, slot == PEER_ACCEPTED, p->conf->connect_retry, seed(),
		 mono_now());
}

struct bgp_peer *
peer_new(struct bgp *bgp, const struct conf_peer *conf)
{
	struct bgp_peer *p = xcalloc(1, sizeof(*p));
	struct text subject = {0};

	p->bgp = bgp;
	p->conf = conf;
	p->name = xstrdup(conf->name);
	text_addf(&subject, "peer %s", conf->name);
	p->subject = subject.s;
	p->since = mono_now();
	uv_timer_init(bgp->settings.loop, &p->timer);
	p->timer.data = p;
	bgp->handles++;
	for (int i = 0; i < PEER_SLOTS; i++)
		init_session(p, (enum peer_slot)i);
	return p;
}

static void
free_memory(struct bgp_peer *p)
{
	free(p->exports);
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
		drop_connection(&p->sessions[i], false);
	if (p->up) {
		p->up = NULL;
		peer_routes_down(p);
	}
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
	p->enabled = true;
	peer_event(&p->sessions[PEER_ACCEPTED], &passive);
	if (!p->conf->passive)
		peer_event(&p->sessions[PEER_INITIATED], &active);
}

void
peer_stop(struct bgp_peer *p, uint8_t subcode, const char *text)
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
