/* SPDX-License-Identifier: ISC */
/* Has the traffic left? Pure. */
#ifndef BASIN_DAEMON_QUIET_JUDGE_H
#define BASIN_DAEMON_QUIET_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

/* One service address, as the counters tell it. */
struct quiet_sample {
	bool available;          /* it is counted */
	double packets_a_second; /* at the last reading */
	struct mono last_packet; /* last time it was loud; MONO_NEVER: never */
	struct mono read;        /* the last reading */
};

#define QUIET_VERDICTS(X)                                                      \
	X(LOUD, "loud")   /* an address has traffic */                         \
	X(BLIND, "blind") /* an address is not counted: nobody knows */        \
	X(WAITS, "waits") /* quiet, but not for long enough */                 \
	X(GONE, "gone")   /* quiet for long enough */

enum quiet_verdict {
#define X(n, t) QUIET_##n,
	QUIET_VERDICTS(X)
#undef X
};

struct quiet_found {
	struct mono began; /* of the quiet; `now` when it is not quiet */
	struct mono known; /* so far all addresses were read */
	size_t loud, blind;
	size_t loudest;          /* index of a sample, SIZE_MAX: none is loud */
	double packets_a_second; /* of all together */
};

/*
 * Quiet counts from `began`, what the last judgement found or the beginning of
 * the drain, to the oldest reading: what came behind that nobody knows. An
 * address that is not counted is never quiet, and after it is counted again the
 * quiet begins anew. Without samples there is nothing to wait for.
 */
enum quiet_verdict quiet_judge(const struct quiet_sample *v, size_t n,
			       double quiet_rate, struct mono began,
			       struct dur quiet, struct mono now,
			       struct quiet_found *found);

#endif
