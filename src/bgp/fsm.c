/* SPDX-License-Identifier: ISC */
/*
 *            start            connected            OPEN           KEEPALIVE
 *   Idle ───────────► Connect ─────────► OpenSent ─────► OpenConfirm ─────►
 *    ▲ │                 ▲ │ retry         │  │               │    Established
 *    │ └───► Active ◄────┼─┘               │  │               │        │
 *    │ passive   │ retry │    TCP fails    │  │               │        │
 *    │ start     └───────┘◄── (to Active) ─┘  │               │        │
 *    └── stop, error, expiry, NOTIFICATION ◄──┴───────────────┴────────┘
 *
 * Invariants
 *  - state is written by enter() alone, together with reason and since.
 *  - Idle: no timer but IdleHold runs; IdleHold running means "will restart".
 *  - IdleHold doubles with each failure in a row, from idle_first, up to
 *    idle_limit or, without one, what the kind of failure allows; 30 s of
 *    Established begin it anew.
 *  - SendHold runs while octets wait in Established (RFC 9687).
 *  - Connect: ConnectRetry runs. OpenSent: Hold runs (4 min).
 *  - OpenConfirm, Established: Hold and Keepalive run unless hold is 0.
 *  - Leaving OpenSent or later for Idle always drops the connection; leaving
 *    Established always releases the routes.
 *  - A NOTIFICATION is never answered with one (section 6.4). That wins over
 *    the FSM error which section 8.2.2 asks for on NotifMsg in OpenSent.
 *
 * DelayOpen (events 12 and 20) is not used; events 14 and 15 do not exist on
 * sockets: the kernel answers the SYN, listen.c refuses strangers.
 */
#include "bgp/fsm.h"

#include "bgp/fsm_timer.h"

/* Section 8.2.2: "a large value ... 4 minutes is suggested". */
#define OPEN_HOLD dur_s(240)
/* Errors of the protocol wait up to this many connect_retry. */
#define ERROR_FACTOR 12
/* A session that lived this long begins the back-off anew. */
#define STABLE dur_s(30)

typedef void rule(struct fsm *f, const struct fsm_event *ev, struct mono now,
		  struct fsm_actions *out);

/* The one place that writes the state. */
static void
enter(struct fsm *f, enum bgp_state state, enum fsm_reason reason,
      struct mono now)
{
	f->state = state;
	f->reason = reason;
	f->since = now;
}

/* To Idle for good or, with `most`, until the back-off is over. */
static void
to_idle(struct fsm *f, enum fsm_reason reason, struct dur most, struct mono now,
	struct fsm_actions *out)
{
	if (f->state == BGP_STATE_ESTABLISHED) {
		out->bits |= FSM_DO_RELEASE;
		if (mono_sub(now, f->since).ns >= STABLE.ns)
			f->failures = 0;
	}
	out->bits |= FSM_DO_DROP;
	fsm_timer_stop_all(f);
	f->hold = f->keepalive = DUR_ZERO;
	if (most.ns) {
		f->failures++;
		f->connect_retry_counter++;
		f->idle_hold_at = mono_add(now, fsm_timer_idle_hold(f, most));
	}
	enter(f, BGP_STATE_IDLE, reason, now);
}

static void
notify(struct fsm_actions *out, uint8_t code, uint8_t subcode)
{
	out->bits |= FSM_DO_SEND_NOTIFICATION;
	out->code = code;
	out->subcode = subcode;
}

static struct dur
error_backoff(const struct fsm *f)
{
	return dur_ns(f->connect_retry.ns * ERROR_FACTOR);
}

static void
ignore(struct fsm *f, const struct fsm_event *ev, struct mono now,
       struct fsm_actions *out)
{
}

static void
begin_connect(struct fsm *f, enum fsm_reason reason, struct mono now,
	      struct fsm_actions *out)
{
	fsm_timer_connect_retry(f, now);
	out->bits |= FSM_DO_CONNECT;
	enter(f, BGP_STATE_CONNECT, reason, now);
}

static void
start(struct fsm *f, const struct fsm_event *ev, struct mono now,
      struct fsm_actions *out)
{
	f->idle_hold_at = MONO_NEVER;
	if (ev->delay.ns) {
		f->idle_hold_at = mono_add(now, ev->delay);
		return;
	}
	if (f->passive)
		enter(f, BGP_STATE_ACTIVE, FSM_REASON_STARTED, now);
	else
		begin_connect(f, FSM_REASON_STARTED, now, out);
}

static void
start_passive(struct fsm *f, const struct fsm_event *ev, struct mono now,
	      struct fsm_actions *out)
{
	f->passive = true;
	start(f, ev, now, out);
}

/* ManualStop before an OPEN was sent, or in Idle: no NOTIFICATION. */
static void
stop_quietly(struct fsm *f, const struct fsm_event *ev, struct mono now,
	     struct fsm_actions *out)
{
	f->connect_retry_counter = 0;
	f->failures = 0;
	to_idle(f, FSM_REASON_STOPPED, DUR_ZERO, now, out);
}

static void
stop_with_cease(struct fsm *f, const struct fsm_event *ev, struct mono now,
		struct fsm_actions *out)
{
	notify(out, ev->code ? ev->code : BGP_ERR_CEASE,
	       ev->code ? ev->subcode : BGP_CEASE_ADMIN_SHUTDOWN);
	stop_quietly(f, ev, now, out);
}

/* AutomaticStop: we end the session because of what the peer did. */
static void
stop_automatic(struct fsm *f, const struct fsm_event *ev, struct mono now,
	       struct fsm_actions *out)
{
	notify(out, ev->code ? ev->code : BGP_ERR_CEASE, ev->subcode);
	to_idle(f, FSM_REASON_STOPPED, error_backoff(f), now, out);
	if (ev->delay.ns)
		f->idle_hold_at = mono_add(now, ev->delay);
}

static void
dump(struct fsm *f, const struct fsm_event *ev, struct mono now,
     struct fsm_actions *out)
{
	if (f->state >= BGP_STATE_OPENSENT)
		notify(out, BGP_ERR_CEASE, BGP_CEASE_COLLISION);
	to_idle(f, FSM_REASON_COLLISION, DUR_ZERO, now, out);
}

static void
connect_again(struct fsm *f, const struct fsm_event *ev, struct mono now,
	      struct fsm_actions *out)
{
	if (f->state == BGP_STATE_CONNECT)
		out->bits |= FSM_DO_DROP;
	begin_connect(f, FSM_REASON_RETRY, now, out);
}

static void
connected(struct fsm *f, const struct fsm_event *ev, struct mono now,
	  struct fsm_actions *out)
{
	fsm_timer_stop_all(f);
	f->hold_at = mono_add(now, OPEN_HOLD);
	out->bits |= FSM_DO_SEND_OPEN;
	enter(f, BGP_STATE_OPENSENT, FSM_REASON_CONNECTED, now);
}

static void
tcp_failed(struct fsm *f, const struct fsm_event *ev, struct mono now,
	   struct fsm_actions *out)
{
	to_idle(f, FSM_REASON_TCP_FAILED, f->connect_retry, now, out);
}

/*
 * Section 8.2.2, OpenSent: back to Active and wait for the retry timer, which
 * begins short: a peer that is just starting closes what it accepts.
 */
static void
tcp_failed_opensent(struct fsm *f, const struct fsm_event *ev, struct mono now,
		    struct fsm_actions *out)
{
	out->bits |= FSM_DO_DROP;
	fsm_timer_stop_all(f);
	f->failures++;
	f->connect_retry_counter++;
	if (!f->passive)
		f->connect_retry_at =
		    mono_add(now, fsm_timer_backoff(f, f->connect_retry));
	enter(f, BGP_STATE_ACTIVE, FSM_REASON_TCP_FAILED, now);
}

static void
open_received(struct fsm *f, const struct fsm_event *ev, struct mono now,
	      struct fsm_actions *out)
{
	f->connect_retry_at = MONO_NEVER;
	f->hold = ev->hold;
	f->keepalive = ev->keepalive;
	fsm_timer_hold(f, now);
	fsm_timer_keepalive(f, now);
	out->bits |= FSM_DO_SEND_KEEPALIVE;
	enter(f, BGP_STATE_OPENCONFIRM, FSM_REASON_OPEN_RECEIVED, now);
}

static void
establish(struct fsm *f, const struct fsm_event *ev, struct mono now,
	  struct fsm_actions *out)
{
	fsm_timer_hold(f, now);
	out->bits |= FSM_DO_ESTABLISH;
	enter(f, BGP_STATE_ESTABLISHED, FSM_REASON_KEEPALIVE_RECEIVED, now);
}

static void
peer_alive(struct fsm *f, const struct fsm_event *ev, struct mono now,
	   struct fsm_actions *out)
{
	fsm_timer_hold(f, now);
}

static void
process(struct fsm *f, const struct fsm_event *ev, struct mono now,
	struct fsm_actions *out)
{
	fsm_timer_hold(f, now);
	out->bits |= FSM_DO_PROCESS;
}

static void
send_keepalive(struct fsm *f, const struct fsm_event *ev, struct mono now,
	       struct fsm_actions *out)
{
	fsm_timer_keepalive(f, now);
	out->bits |= FSM_DO_SEND_KEEPALIVE;
}

static void
hold_expired(struct fsm *f, const struct fsm_event *ev, struct mono now,
	     struct fsm_actions *out)
{
	notify(out, BGP_ERR_HOLD_TIMER, 0);
	to_idle(f, FSM_REASON_HOLD_EXPIRED, f->connect_retry, now, out);
}

static void
send_hold_expired(struct fsm *f, const struct fsm_event *ev, struct mono now,
		  struct fsm_actions *out)
{
	notify(out, BGP_ERR_SEND_HOLD, 0);
	to_idle(f, FSM_REASON_SEND_HOLD_EXPIRED, error_backoff(f), now, out);
}

static void
message_error(struct fsm *f, const struct fsm_event *ev, struct mono now,
	      struct fsm_actions *out)
{
	notify(out, ev->code, ev->subcode);
	to_idle(f, FSM_REASON_MESSAGE_ERROR, error_backoff(f), now, out);
}

static void
notified(struct fsm *f, const struct fsm_event *ev, struct mono now,
	 struct fsm_actions *out)
{
	struct dur most =
	    ev->code == BGP_ERR_CEASE ? f->connect_retry : error_backoff(f);

	to_idle(f, FSM_REASON_NOTIFICATION_RECEIVED, most, now, out);
}

/* RFC 6608: the subcode names the state. */
static void
unexpected(struct fsm *f, const struct fsm_event *ev, struct mono now,
	   struct fsm_actions *out)
{
	if (f->state == BGP_STATE_OPENSENT)
		notify(out, BGP_ERR_FSM, BGP_FSM_IN_OPENSENT);
	else if (f->state == BGP_STATE_OPENCONFIRM)
		notify(out, BGP_ERR_FSM, BGP_FSM_IN_OPENCONFIRM);
	else if (f->state == BGP_STATE_ESTABLISHED)
		notify(out, BGP_ERR_FSM, BGP_FSM_IN_ESTABLISHED);
	to_idle(f, FSM_REASON_UNEXPECTED, error_backoff(f), now, out);
}

/* Section 8.2.2. Not named: `unexpected`, or nothing while Idle. */
static rule *const rules[BGP_STATE_COUNT][FSM_EVENT_COUNT] = {
    [BGP_STATE_IDLE] =
	{
	    [FSM_MANUAL_START] = start,
	    [FSM_AUTOMATIC_START] = start,
	    [FSM_PASSIVE_START] = start_passive,
	    [FSM_IDLE_HOLD_EXPIRES] = start,
	    [FSM_MANUAL_STOP] = stop_quietly,
	},
    [BGP_STATE_CONNECT] =
	{
	    [FSM_MANUAL_START] = ignore,
	    [FSM_AUTOMATIC_START] = ignore,
	    [FSM_PASSIVE_START] = ignore,
	    [FSM_MANUAL_STOP] = stop_quietly,
	    [FSM_CONNECT_RETRY_EXPIRES] = connect_again,
	    [FSM_TCP_ACKED] = connected,
	    [FSM_TCP_CONFIRMED] = connected,
	    [FSM_TCP_FAILS] = tcp_failed,
	    [FSM_COLLISION_DUMP] = dump,
	},
    [BGP_STATE_ACTIVE] =
	{
	    [FSM_MANUAL_START] = ignore,
	    [FSM_AUTOMATIC_START] = ignore,
	    [FSM_PASSIVE_START] = ignore,
	    [FSM_MANUAL_STOP] = stop_quietly,
	    [FSM_CONNECT_RETRY_EXPIRES] = connect_again,
	    [FSM_TCP_ACKED] = connected,
	    [FSM_TCP_CONFIRMED] = connected,
	    [FSM_TCP_FAILS] = tcp_failed,
	    [FSM_COLLISION_DUMP] = dump,
	},
    [BGP_STATE_OPENSENT] =
	{
	    [FSM_MANUAL_START] = ignore,
	    [FSM_AUTOMATIC_START] = ignore,
	    [FSM_PASSIVE_START] = ignore,
	    [FSM_MANUAL_STOP] = stop_with_cease,
	    [FSM_AUTOMATIC_STOP] = stop_automatic,
	    [FSM_HOLD_EXPIRES] = hold_expired,
	    [FSM_SEND_HOLD_EXPIRES] = send_hold_expired,
	    [FSM_TCP_ACKED] = ignore,
	    [FSM_TCP_CONFIRMED] = ignore,
	    [FSM_TCP_FAILS] = tcp_failed_opensent,
	    [FSM_OPEN] = open_received,
	    [FSM_HEADER_ERROR] = message_error,
	    [FSM_OPEN_ERROR] = message_error,
	    [FSM_COLLISION_DUMP] = dump,
	    [FSM_NOTIFICATION_VERSION] = notified,
	    [FSM_NOTIFICATION] = notified,
	},
    [BGP_STATE_OPENCONFIRM] =
	{
	    [FSM_MANUAL_START] = ignore,
	    [FSM_AUTOMATIC_START] = ignore,
	    [FSM_PASSIVE_START] = ignore,
	    [FSM_MANUAL_STOP] = stop_with_cease,
	    [FSM_AUTOMATIC_STOP] = stop_automatic,
	    [FSM_HOLD_EXPIRES] = hold_expired,
	    [FSM_SEND_HOLD_EXPIRES] = send_hold_expired,
	    [FSM_KEEPALIVE_EXPIRES] = send_keepalive,
	    [FSM_TCP_ACKED] = ignore,
	    [FSM_TCP_CONFIRMED] = ignore,
	    [FSM_TCP_FAILS] = tcp_failed,
	    [FSM_HEADER_ERROR] = message_error,
	    [FSM_OPEN_ERROR] = message_error,
	    [FSM_COLLISION_DUMP] = dump,
	    [FSM_NOTIFICATION_VERSION] = notified,
	    [FSM_NOTIFICATION] = notified,
	    [FSM_KEEPALIVE] = establish,
	},
    [BGP_STATE_ESTABLISHED] =
	{
	    [FSM_MANUAL_START] = ignore,
	    [FSM_AUTOMATIC_START] = ignore,
	    [FSM_PASSIVE_START] = ignore,
	    [FSM_MANUAL_STOP] = stop_with_cease,
	    [FSM_AUTOMATIC_STOP] = stop_automatic,
	    [FSM_HOLD_EXPIRES] = hold_expired,
	    [FSM_SEND_HOLD_EXPIRES] = send_hold_expired,
	    [FSM_KEEPALIVE_EXPIRES] = send_keepalive,
	    [FSM_TCP_ACKED] = ignore,
	    [FSM_TCP_CONFIRMED] = ignore,
	    [FSM_TCP_FAILS] = tcp_failed,
	    [FSM_HEADER_ERROR] = message_error,
	    [FSM_COLLISION_DUMP] = dump,
	    [FSM_NOTIFICATION_VERSION] = notified,
	    [FSM_NOTIFICATION] = notified,
	    [FSM_KEEPALIVE] = peer_alive,
	    [FSM_UPDATE] = process,
	    [FSM_UPDATE_ERROR] = message_error,
	    [FSM_ROUTE_REFRESH] = process,
	},
};

void
fsm_init(struct fsm *f, bool passive, struct dur connect_retry, uint64_t seed,
	 struct mono now)
{
	*f = (struct fsm){.passive = passive,
			  .connect_retry = connect_retry,
			  .random = seed ? seed : 1};
	fsm_timer_stop_all(f);
	enter(f, BGP_STATE_IDLE, FSM_REASON_NEW, now);
}

struct fsm_actions
fsm_step(struct fsm *f, const struct fsm_event *ev, struct mono now)
{
	struct fsm_actions out = {0};
	rule *r = rules[f->state][ev->type];

	if (r)
		r(f, ev, now, &out);
	else if (f->state != BGP_STATE_IDLE)
		unexpected(f, ev, now, &out);
	return out;
}

bool
fsm_keeps_initiated(uint32_t local_id, uint32_t remote_id, uint32_t local_asn,
		    uint32_t remote_asn)
{
	if (local_id != remote_id)
		return local_id > remote_id;
	return local_asn > remote_asn;
}
