/* SPDX-License-Identifier: ISC */
/*
 * Desired against actual, level-triggered: on every event and periodically
 * what should be is compared with what is, and repeated until they are equal.
 * What cannot be reached within a while is an alarm.
 *
 * Ways to announce and to receive are descriptors (struct out_way), one file
 * each: bgp.c (the speaker), kernel.c (service addresses, blackhole routes,
 * imported routes).
 */
#ifndef BASIN_OUT_OUT_H
#define BASIN_OUT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/ip.h"
#include "base/log.h"
#include "base/time.h"
#include "bgp/bgp.h"
#include "conf/conf.h"
#include "sys/sys.h"

struct out;

/* From the loop, never from inside a call of the owner's. */
struct out_callbacks {
	/*
	 * All addresses of service `id` are (not) on their interfaces: told
	 * once after every out_configure() and at each change. One that goes
	 * and can be put back at once is not told.
	 */
	void (*addresses)(void *arg, size_t service, bool present);
	/* Desired and actual differ for longer than 5 s, or agree again. */
	void (*alarm)(void *arg, const char *subject, const char *message,
		      bool on);
};

struct out_settings {
	uv_loop_t *loop; /* borrowed, as all below */
	struct log *log;
	struct helper *helper;
	struct bgp *bgp;
	const struct out_callbacks *callbacks;
	void *arg;
};

int out_new(const struct out_settings *s, struct out **result)
    __attribute__((warn_unused_result));
/*
 * A (new) configuration, borrowed until the next call: service addresses are
 * added at once (N2: before any announcement); addresses of removed services
 * go after `node.linger`; unchanged ones are not touched. What an earlier
 * process left in the kernel with our mark is adopted, or removed likewise.
 */
void out_configure(struct out *out, const struct conf *conf);
/*
 * Without: service addresses are held as if none were configured, those of
 * ours go after `node.linger`. With, as it begins: as configured.
 */
void out_serve(struct out *out, bool with_addresses);
/*
 * The decision for prefix `id` of the configuration. A blackhole route stays
 * from the first rung that is announced to the last: it
 * (metric 2047, below any of the operator's own) is requested before the
 * announcement, which does not wait for it, and goes `node.linger` after the
 * withdrawal.
 */
void out_want(struct out *out, size_t id, enum conf_rung rung);
/*
 * Services with `on_link`: is the service to be reached? Its addresses are
 * joined on their link exactly so long.
 */
void out_join(struct out *out, size_t service, bool wanted);
/*
 * What is used for an imported prefix, to install (peers with `install`) or
 * to remove; metric 2048, so that a default route of the operator's own is
 * preferred.
 */
void out_import(struct out *out, const struct prefix *prefix,
		const struct bgp_best *v, size_t n);
/*
 * Withdraws everything, lingers, removes routes and addresses, then `done`;
 * bounded by conf->node.stop_timeout.
 */
void out_stop(struct out *out, void (*done)(void *arg), void *arg);
/* After helper_stop(). Its memory goes when the loop turns once more. */
void out_free(struct out *out);

/* ---- reading ---- */

#define OUT_ADDRESS_STATES(X)                                                  \
	X(MISSING, "missing") /* being added, or failing to be */              \
	X(OWNED, "owned")     /* added by us, marked in the kernel */          \
	X(FOREIGN, "foreign") /* was there before us: used, never removed */   \
	X(LINGERING, "lingering") /* withdrawn, removed soon */                \
	X(JOINED, "joined") /* on_link: an anycast address of the link */      \
	X(LEFT, "left")     /* on_link: not answered, the service is not up */

enum out_address_state {
#define X(n, t) OUT_ADDRESS_##n,
	OUT_ADDRESS_STATES(X)
#undef X
	    OUT_ADDRESS_STATE_COUNT
};
const char *out_address_state_text(enum out_address_state s);

struct out_address_view {
	struct ip ip;
	const char *interface;
	size_t service;
	enum out_address_state state;
	struct mono since;
	uint64_t healed; /* times it was put back */
	int error;       /* last -errno of adding it, 0 */
};
/* What an address's `error` says to a person; static text. */
const char *out_address_error_text(const struct ip *ip, int error);
size_t out_addresses(const struct out *out);
void out_view_address(const struct out *out, size_t i,
		      struct out_address_view *view);

struct out_route_view {
	struct sys_route route;
	bool present; /* in the kernel */
	bool wanted;
	int error;
};
size_t out_routes(const struct out *out);
void out_view_route(const struct out *out, size_t i,
		    struct out_route_view *view);

struct out_stats {
	uint64_t healed; /* addresses and routes put back */
	uint64_t retries;
	uint64_t overruns; /* lost netlink notifications, repaired */
	size_t alarms;     /* differences standing now */
};
void out_stats(const struct out *out, struct out_stats *stats);

#endif
