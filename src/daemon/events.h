/* SPDX-License-Identifier: ISC */
/*
 * The event journal: the last decisions and facts, in memory, in order. Every
 * event is also one log line and one line for `basin monitor`.
 */
#ifndef BASIN_DAEMON_EVENTS_H
#define BASIN_DAEMON_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/time.h"

#define EVENT_KINDS(X)                                                         \
	X(NODE, "node") /* start, stop, drain of the node */                   \
	X(CHECK, "check")                                                      \
	X(SERVICE, "service")                                                  \
	X(PREFIX, "prefix")               /* the decision */                   \
	X(PEER, "peer")                   /* session states */                 \
	X(BFD, "bfd")                     /* session states */                 \
	X(ADVERTISEMENT, "advertisement") /* Adj-RIB-Out: what was sent */     \
	X(BRAKE, "brake")                 /* other nodes let a prefix go */    \
	X(RPKI, "rpki")                   /* caches, own prefixes */           \
	X(PROCESS, "process")             /* of ExaBGP's API */                \
	X(DRAIN, "drain")                                                      \
	X(BLOCK, "block")                                                      \
	X(DRILL, "drill") /* a service fails on purpose */                     \
	X(ADDRESS, "address")                                                  \
	X(CONFIGURATION, "configuration")                                      \
	X(ALARM, "alarm")

enum event_kind {
#define X(n, t) EVENT_##n,
	EVENT_KINDS(X)
#undef X
	    EVENT_KIND_COUNT
};
const char *event_kind_text(enum event_kind kind);

#define EVENT_NAME_MAX   160
#define EVENT_DETAIL_MAX 240

struct event {
	uint64_t id; /* counts from 1, without gaps */
	struct wall at;
	enum event_kind kind;
	enum log_level level;
	char name[EVENT_NAME_MAX];     /* "dns", "192.0.2.0/24", "transit-a" */
	const char *from, *to;         /* static state names, NULL when none */
	const char *reason;            /* static reason name, NULL when none */
	char detail[EVENT_DETAIL_MAX]; /* for people, escaped */
	uint64_t cause; /* id of the event that led to this one, 0: none */
};

struct events;

/* Called for each new event (monitor lines). */
typedef void events_listener(void *arg, const struct event *event);

struct events *events_new(struct log *log, events_listener *listener,
			  void *arg);
void events_free(struct events *events);

/*
 * True while the budget of this second is not used up. In a burst (one service
 * that 100,000 prefixes stand on) the rest is counted by events_skip() and
 * summed up in one event by events_tick(): a decision is never delayed by
 * writing about it.
 */
bool events_open(const struct events *events);
void events_skip(struct events *events);
/*
 * Records, logs and publishes `event` (id and time are set here), budget or
 * not. Log lines have a smaller budget of their own. Returns the event's id.
 */
uint64_t events_add(struct events *events, struct event *event);
/* Once a second: sums up a burst and opens the budgets again. */
void events_tick(struct events *events);
/* The kept events, oldest first; at most the last `limit`. */
void events_each(const struct events *events, size_t limit,
		 void (*each)(void *arg, const struct event *event), void *arg);
uint64_t events_last_id(const struct events *events);

#endif
