/* SPDX-License-Identifier: ISC */
#include "daemon/stall.h"

static void
turn(uv_prepare_t *prepare)
{
	struct stall *stall = prepare->data;
	uint64_t now = uv_hrtime();
	uint64_t idle = uv_metrics_idle_time(prepare->loop);
	uint64_t asleep = idle - stall->last_idle_ns;
	uint64_t elapsed = now - stall->last_ns;
	struct dur work =
	    dur_ns(asleep < elapsed ? (int64_t)(elapsed - asleep) : 0);

	stall->last_ns = now;
	stall->last_idle_ns = idle;
	stall->turns++;
	stall->total.ns += work.ns;
	if (work.ns > stall->longest.ns)
		stall->longest = work;
	if (work.ns > dur_ms(STALL_LIMIT_MS).ns)
		stall->stalls++;
}

void
stall_start(struct stall *stall, uv_loop_t *loop)
{
	*stall = (struct stall){0};
	uv_prepare_init(loop, &stall->prepare);
	stall->prepare.data = stall;
	stall->last_ns = uv_hrtime();
	stall->last_idle_ns = uv_metrics_idle_time(loop);
	uv_prepare_start(&stall->prepare, turn);
	uv_unref((uv_handle_t *)&stall->prepare);
}
