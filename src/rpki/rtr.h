/* SPDX-License-Identifier: ISC */
/*
 * A session with a cache (RFC 8210), as the module rpki_rtr offers it: the
 * library behind it is loaded only where caches are configured. A session
 * has a thread of its own; the events are called by that thread.
 */
#ifndef BASIN_RPKI_RTR_H
#define BASIN_RPKI_RTR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"
#include "rpki/vrp.h"

#define RTR_ABI      1
#define RTR_TEXT_MAX 200
/* A cache that sends more is not believed. The Internet has some 700,000. */
#define RTR_VRPS_MAX 4000000

/* Seconds; at most, a cache may ask for less. */
struct rtr_intervals {
	uint32_t refresh, retry, expire;
};

struct rtr_endpoint {
	struct ip address, source; /* source: none, or to connect from */
	uint16_t port;
	struct rtr_intervals limits;
};

/* Everything that was said before is in force when SYNCHRONISED comes. */
struct rtr_synchronised {
	uint16_t session;
	uint32_t serial;
	uint8_t version;
	struct rtr_intervals intervals; /* in force */
};

struct rtr_events {
	void (*vrp)(void *arg, const struct vrp *v, bool added);
	void (*synchronised)(void *arg, const struct rtr_synchronised *s);
	/* `why` is safe to print. */
	void (*failed)(void *arg, const char *why);
};

struct rtr; /* a session */

struct rtr_module {
	unsigned abi;
	/* NULL: no thread. */
	struct rtr *(*start)(const struct rtr_endpoint *endpoint,
			     const struct rtr_events *events, void *arg);
	/* Blocks until the thread has ended; no event comes after it. */
	void (*stop)(struct rtr *session);
};

#endif
