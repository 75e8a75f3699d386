/* SPDX-License-Identifier: ISC */
/* What the files of out/ share; seen by nobody else. */
#ifndef BASIN_OUT_STATE_H
#define BASIN_OUT_STATE_H

#include "out/address.h"
#include "out/anycast.h"
#include "out/bgp.h"
#include "out/import.h"
#include "out/out.h"
#include "out/route.h"

/* A difference that stands this long is an alarm. */
#define OUT_ALARM_AFTER dur_s(5)

struct out {
	uv_loop_t *loop; /* borrowed, as the next four */
	struct log *log;
	struct helper *helper;
	struct bgp *bgp;
	const struct out_callbacks *callbacks;
	void *arg;
	const struct conf *conf; /* borrowed; NULL before the first */
	struct netwatch *watch;  /* owned */
	struct addresses addresses;
	struct anycasts anycasts;
	struct routes routes;
	struct bgp_watch bgp_watch;
	uint64_t healed, retries, overruns;
	size_t alarms;
	struct mono dump_began, next_dump;
	bool without_addresses; /* out_serve() was told so */
	bool replay; /* `install` may have been switched on by a reload */
	bool stopping, stopped;
	void (*stop_done)(void *arg);
	void *stop_arg;
	uv_timer_t tick;  /* once a second: compare and repeat */
	uv_timer_t soon;  /* next turn: report, see whether stopped */
	uv_timer_t leave; /* when the next lingering thing goes */
	uv_timer_t limit; /* the end of patience with stopping */
	unsigned handles; /* not closed yet, once freeing */
};

/* Something changed that the next turn must look at. */
void out_soon(struct out *out);
/* Counts, tells, logs. */
void out_alarm(struct out *out, const char *subject, bool on, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));
/* Arms `leave` for `due` when nothing is due before. */
void out_leave_at(struct out *out, struct mono due);

#endif
