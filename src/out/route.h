/* SPDX-License-Identifier: ISC */
#ifndef BASIN_OUT_ROUTE_H
#define BASIN_OUT_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "conf/conf.h"
#include "out/out.h"

/*
 * Metrics of what basin puts into the main table. High, so that a route of
 * the operator's own to the same prefix (usual metrics are 0 to 1024) wins;
 * different, so that neither hides the other.
 */
#define ROUTE_BLACKHOLE_METRIC 2047
#define ROUTE_IMPORT_METRIC    2048

struct route;
TAILQ_HEAD(route_list, route);

struct routes {
	struct route *table;  /* owned; by prefix and metric */
	struct route **order; /* owned array; as shown */
	size_t n, room;
	struct route_list dirty;   /* to be made equal */
	struct route_list failed;  /* tried again later */
	struct route_list leaving; /* removed when due; ordered by time */
	size_t in_flight;
	struct mono failing_since; /* MONO_NEVER while nothing fails */
	bool alarmed;
};

void route_init(struct out *out);
/* `r` shall be in the kernel; replaces one with the same prefix and metric. */
void route_want(struct out *out, const struct sys_route *r);
/* It shall not, after `linger`. */
void route_unwant(struct out *out, const struct sys_route *r,
		  struct dur linger);
/* Blackhole routes of prefixes that are not configured any more go. */
void route_configure(struct out *out, const struct conf *conf);
struct sys_route route_blackhole(const struct prefix *p);

void route_seen(struct out *out, const struct sys_route *r, bool gone);
void route_dump_begin(struct out *out);
void route_dump_end(struct out *out);
void route_tick(struct out *out, struct mono now);
struct mono route_leave(struct out *out, struct mono now);
void route_remove_all(struct out *out);
bool route_all_gone(const struct out *out);
void route_free_all(struct out *out);

#endif
