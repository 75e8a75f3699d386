/* SPDX-License-Identifier: ISC */
#include "check/lateness.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void
lateness_note(struct lateness *l, struct dur late)
{
	int64_t us = late.ns > 0 ? late.ns / 1000 : 0;

	if (!l->us)
		l->us = xcalloc(LATENESS_RUNS, sizeof(*l->us));
	l->us[l->n++ % LATENESS_RUNS] =
	    us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
	if (late.ns > l->max.ns)
		l->max = late;
}

static int
ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double
lateness_p99(const struct lateness *l)
{
	size_t n = l->n < LATENESS_RUNS ? (size_t)l->n : LATENESS_RUNS;
	uint32_t *sorted;
	double p99;

	if (!n)
		return 0;
	sorted = xcalloc(n, sizeof(*sorted));
	memcpy(sorted, l->us, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), ascending);
	/* Nearest rank. */
	p99 = sorted[(n * 99 + 99) / 100 - 1] / 1e6;
	free(sorted);
	return p99;
}

struct dur
lateness_take_max(struct lateness *l)
{
	struct dur max = l->max;

	l->max = DUR_ZERO;
	return max;
}

void
lateness_free(struct lateness *l)
{
	free(l->us);
	*l = (struct lateness){0};
}
