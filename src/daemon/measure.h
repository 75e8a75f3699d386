/* SPDX-License-Identifier: ISC */
/*
 * What load a service has, and what of it is more than configured. Pure.
 * What is not known is never high.
 */
#ifndef BASIN_DAEMON_MEASURE_H
#define BASIN_DAEMON_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "conf/conf.h"

#define MEASURES(X)                                                            \
	X(PACKETS, "packets")                                                  \
	X(OCTETS, "octets")                                                    \
	X(CPU, "cpu")                                                          \
	X(LATENCY, "latency")

enum measure {
#define X(n, t) MEASURE_##n,
	MEASURES(X)
#undef X
	    MEASURE_COUNT
};
const char *measure_text(enum measure l); /* "packets" */

struct measure_value {
	bool known;
	double value; /* a second, percent, seconds */
	double limit; /* 0: not looked at */
	bool high;
};

/* Fills in the limits and judges; true when one is high. */
bool measure_judge(const struct conf_overload *limits,
		   struct measure_value values[MEASURE_COUNT]);
/* "packets 62000/s (limit 50000/s), cpu 97% (limit 90%)"; "" when none is. */
const char *measure_describe(const struct measure_value values[MEASURE_COUNT],
			     char *buf, size_t size);

/* ---- the share of the processors ---- */

struct measure_cpu {
	uint64_t busy, total; /* in ticks, of all processors since boot */
};
/* From /proc/stat; false when it is not what is expected. */
bool measure_cpu_parse(const char *text, struct measure_cpu *out);
/* Percent between two readings, -1 when there is nothing between them. */
double measure_cpu_share(const struct measure_cpu *before,
			 const struct measure_cpu *after);

/* ---- the median of latencies ---- */

#define MEASURE_SAMPLES 64
#define MEASURE_WINDOW  dur_s(30)

struct measure_latency {
	struct dur v[MEASURE_SAMPLES]; /* a ring */
	struct mono at[MEASURE_SAMPLES];
	size_t n; /* all that ever came */
};
void measure_latency_add(struct measure_latency *l, struct dur latency,
			 struct mono now);
/* Of those in the window; false when there is none. */
bool measure_latency_median(const struct measure_latency *l, struct mono now,
			    struct dur *out);

#endif
