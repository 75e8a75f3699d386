/* SPDX-License-Identifier: ISC */
/*
 * Why a session is not there, as far as this node can know, and what to do
 * about it. Pure: facts -> words.
 */
#ifndef BASIN_BGP_CAUSE_H
#define BASIN_BGP_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "sys/sys.h"

/* How an attempt or a session ended. */
#define CAUSE_EVENTS(X)                                                        \
	X(NONE, "nothing has failed")                                          \
	X(NO_ANSWER, "no answer to a connection attempt")                      \
	X(REFUSED, "connection refused")                                       \
	X(UNREACHABLE, "no route, or an ICMP message says so")                 \
	X(NO_ADDRESS, "the source address is not on this node")                \
	X(NO_INTERFACE, "the interface is not there")                          \
	X(NO_NEIGHBOUR, "nobody was heard on the interface")                   \
	X(NO_KEYS, "the kernel cannot protect the connection")                 \
	X(CLOSED, "closed by the neighbour without a NOTIFICATION")            \
	X(RESET, "reset by the neighbour")                                     \
	X(TIMED_OUT, "the kernel has given up on the connection")              \
	X(HOLD, "hold timer expired")                                          \
	X(SEND_HOLD, "send hold timer expired")                                \
	X(RECEIVED, "NOTIFICATION received")                                   \
	X(SENT, "NOTIFICATION sent")

enum cause_event {
#define X(n, t) CAUSE_##n,
	CAUSE_EVENTS(X)
#undef X
	    CAUSE_EVENT_COUNT
};

struct cause_facts {
	enum cause_event event;
	uint8_t code, subcode; /* of the NOTIFICATION */
	bool was_up;           /* it was a session */
	bool had_session;      /* some session before this one */
	bool ebgp, multihop, passive, gtsm;
	bool on_link; /* the address is in a network of an interface */
	enum sys_tcp_auth auth;
	/* Segments that the kernel dropped since the last session. */
	struct sys_tcp_counts dropped;
	bool has_tcp; /* tcp is known */
	struct sys_tcp_facts tcp;
	/* Since the attempt or session began. */
	struct dur clock_step; /* the wall clock was set by so much, +/- */
	struct dur suspended;  /* the machine slept */
	struct dur stalled;    /* basind did not run, at most at a time */
};

struct cause {
	const char *cause, *cure; /* static; NULL: not known */
};

struct cause cause_find(const struct cause_facts *f);
/*
 * Without an event: of an established session that only seems to be well, or
 * of a connection whose OPEN does not come.
 */
struct cause cause_find_live(const struct cause_facts *f);

#endif
