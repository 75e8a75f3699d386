/* SPDX-License-Identifier: ISC */
/* How late runs start: the last 4096, for a percentile, and the maximum. */
#ifndef BASIN_CHECK_LATENESS_H
#define BASIN_CHECK_LATENESS_H

#include <stdint.h>

#include "base/time.h"

#define LATENESS_RUNS 4096

struct lateness {
	uint32_t *us; /* owned ring of microseconds; NULL before the first */
	uint64_t n;   /* ever noted */
	struct dur max;
};

void lateness_note(struct lateness *l, struct dur late);
/* Seconds; 0 before the first run. */
double lateness_p99(const struct lateness *l);
/* The largest since the last call. */
struct dur lateness_take_max(struct lateness *l);
void lateness_free(struct lateness *l);

#endif
