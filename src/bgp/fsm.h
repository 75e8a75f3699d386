/* SPDX-License-Identifier: ISC */
/*
 * The BGP finite state machine of one connection (RFC 4271 section 8), pure:
 * (state, event, now) -> actions. A peer has two of them, one that connects
 * and one that waits; peer.c resolves collisions with fsm_keeps_initiated().
 */
#ifndef BASIN_BGP_FSM_H
#define BASIN_BGP_FSM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "bgp/bgp.h"

/* Name, number in RFC 4271 section 8.1 (30: RFC 2918, our number), text. */
#define FSM_EVENTS(X)                                                          \
	X(MANUAL_START, 1, "ManualStart")                                      \
	X(MANUAL_STOP, 2, "ManualStop")                                        \
	X(AUTOMATIC_START, 3, "AutomaticStart")                                \
	X(PASSIVE_START, 4, "ManualStart_with_PassiveTcpEstablishment")        \
	X(AUTOMATIC_STOP, 8, "AutomaticStop")                                  \
	X(CONNECT_RETRY_EXPIRES, 9, "ConnectRetryTimer_Expires")               \
	X(HOLD_EXPIRES, 10, "HoldTimer_Expires")                               \
	X(KEEPALIVE_EXPIRES, 11, "KeepaliveTimer_Expires")                     \
	X(IDLE_HOLD_EXPIRES, 13, "IdleHoldTimer_Expires")                      \
	X(TCP_ACKED, 16, "Tcp_CR_Acked")                                       \
	X(TCP_CONFIRMED, 17, "TcpConnectionConfirmed")                         \
	X(TCP_FAILS, 18, "TcpConnectionFails")                                 \
	X(OPEN, 19, "BGPOpen")                                                 \
	X(HEADER_ERROR, 21, "BGPHeaderErr")                                    \
	X(OPEN_ERROR, 22, "BGPOpenMsgErr")                                     \
	X(COLLISION_DUMP, 23, "OpenCollisionDump")                             \
	X(NOTIFICATION_VERSION, 24, "NotifMsgVerErr")                          \
	X(NOTIFICATION, 25, "NotifMsg")                                        \
	X(KEEPALIVE, 26, "KeepAliveMsg")                                       \
	X(UPDATE, 27, "UpdateMsg")                                             \
	X(UPDATE_ERROR, 28, "UpdateMsgErr")                                    \
	X(SEND_HOLD_EXPIRES, 29, "SendHoldTimer_Expires")                      \
	X(ROUTE_REFRESH, 30, "RouteRefreshMsg")

enum fsm_event_type {
#define X(n, number, text) FSM_##n,
	FSM_EVENTS(X)
#undef X
	    FSM_EVENT_COUNT
};

/* Why the state is what it is. */
#define FSM_REASONS(X)                                                         \
	X(NEW, "not started")                                                  \
	X(STARTED, "started")                                                  \
	X(STOPPED, "stopped")                                                  \
	X(RETRY, "next connection attempt")                                    \
	X(CONNECTED, "TCP connection is up")                                   \
	X(TCP_FAILED, "TCP connection failed")                                 \
	X(OPEN_RECEIVED, "OPEN received")                                      \
	X(KEEPALIVE_RECEIVED, "KEEPALIVE received")                            \
	X(NOTIFICATION_RECEIVED, "NOTIFICATION received")                      \
	X(MESSAGE_ERROR, "message in error received")                          \
	X(COLLISION, "connection collision")                                   \
	X(HOLD_EXPIRED, "hold timer expired")                                  \
	X(SEND_HOLD_EXPIRED, "send hold timer expired")                        \
	X(UNEXPECTED, "unexpected event in this state")

enum fsm_reason {
#define X(n, text) FSM_REASON_##n,
	FSM_REASONS(X)
#undef X
	    FSM_REASON_COUNT
};

struct fsm_event {
	enum fsm_event_type type;
	/*
	 * NOTIFICATION to send: stops and errors; 0: 6/2 for a stop. With
	 * NotifMsg what was received.
	 */
	uint8_t code, subcode;
	struct dur hold, keepalive; /* OPEN: negotiated */
	struct dur delay;           /* AUTOMATIC_START: back-off before it */
};

/* What the caller does, in the order of the bits. */
enum fsm_action {
	FSM_DO_SEND_NOTIFICATION = 1 << 0,
	FSM_DO_DROP = 1 << 1,    /* close the TCP connection */
	FSM_DO_RELEASE = 1 << 2, /* was Established: routes go */
	FSM_DO_CONNECT = 1 << 3, /* begin a TCP connection */
	FSM_DO_SEND_OPEN = 1 << 4,
	FSM_DO_SEND_KEEPALIVE = 1 << 5,
	FSM_DO_ESTABLISH = 1 << 6, /* became Established: routes come */
	FSM_DO_PROCESS = 1 << 7,   /* use the UPDATE or ROUTE-REFRESH */
};

struct fsm_actions {
	unsigned bits;         /* enum fsm_action */
	uint8_t code, subcode; /* with FSM_DO_SEND_NOTIFICATION */
};

struct fsm {
	enum bgp_state state;
	enum fsm_reason reason;
	struct mono since;
	bool passive; /* never connects */
	/* Configured; of those below 0 is the standard. */
	struct dur connect_retry;
	struct dur idle_first; /* the first back-off */
	struct dur idle_limit; /* the longest one */
	struct dur send_hold;  /* RFC 9687 */
	/* Negotiated, 0: no timers. */
	struct dur hold, keepalive;
	/* Deadlines, MONO_NEVER when stopped. */
	struct mono connect_retry_at, hold_at, keepalive_at, idle_hold_at,
	    send_hold_at;
	uint32_t connect_retry_counter; /* RFC 4271 section 8.1.1 */
	unsigned failures;              /* in a row: the back-off */
	uint64_t random;                /* of the jitter; never 0 */
};

void fsm_init(struct fsm *f, bool passive, struct dur connect_retry,
	      uint64_t seed, struct mono now);
/* Feeds one event and says what to do. */
struct fsm_actions fsm_step(struct fsm *f, const struct fsm_event *ev,
			    struct mono now);
/* The earliest running timer, MONO_NEVER when none runs. */
struct mono fsm_deadline(const struct fsm *f);
/* True with *type when a timer has come: feed it and ask again. */
bool fsm_due(const struct fsm *f, struct mono now, enum fsm_event_type *type);

/* An UPDATE or KEEPALIVE was sent: restarts the keepalive timer. */
void fsm_sent(struct fsm *f, struct mono now);
/*
 * The kernel took octets or none are left: RFC 9687. `pending` tells whether
 * octets still wait.
 */
void fsm_send_progress(struct fsm *f, bool pending, struct mono now);

/* Hold time and keepalive interval of the session; remote in seconds. */
void fsm_negotiate(struct dur hold, struct dur keepalive, uint16_t remote_hold,
		   struct dur *out_hold, struct dur *out_keepalive);
/*
 * Collision (RFC 4271 section 6.8, RFC 6286 section 2.3): true when the
 * connection that we initiated is the one to keep.
 */
bool fsm_keeps_initiated(uint32_t local_id, uint32_t remote_id,
			 uint32_t local_asn, uint32_t remote_asn);

const char *fsm_event_text(enum fsm_event_type type);
unsigned fsm_event_number(enum fsm_event_type type);
const char *fsm_reason_text(enum fsm_reason reason);

#endif
