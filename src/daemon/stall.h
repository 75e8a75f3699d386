/* SPDX-License-Identifier: ISC */
/*
 * The stall detector: how long one turn of the loop worked (time asleep in
 * the kernel not counted). Nothing on the loop may take longer than 5 ms.
 */
#ifndef BASIN_DAEMON_STALL_H
#define BASIN_DAEMON_STALL_H

#include <stdint.h>
#include <uv.h>

#include "base/time.h"

#define STALL_LIMIT_MS 5

struct stall {
	uv_prepare_t prepare;
	uint64_t last_ns, last_idle_ns;
	uint64_t turns;
	uint64_t stalls; /* turns that worked longer than the limit */
	struct dur longest;
	struct dur total; /* of work, since the start */
};

/* The loop must have been configured with UV_METRICS_IDLE_TIME. */
void stall_start(struct stall *stall, uv_loop_t *loop);

#endif
