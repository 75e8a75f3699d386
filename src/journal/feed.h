/* SPDX-License-Identifier: ISC */
/*
 * Results between the ends of runs: as many of each as can still change
 * something are given out one by one, in the order of time over all checks.
 */
#ifndef BASIN_JOURNAL_FEED_H
#define BASIN_JOURNAL_FEED_H

#include "journal/journal.h"

struct feed_run {
	struct mono next, last; /* the next result; the run's last */
	struct dur spacing;
	uint64_t left; /* one by one, the next among them */
	uint64_t rest; /* all together behind those */
	size_t check;
	enum avail_verdict verdict;
};

struct feed; /* a heap by `next` */

struct feed *feed_new(void);
void feed_free(struct feed *feed);
void feed_add(struct feed *feed, const struct feed_run *run);
/* NULL when there is none; borrowed until the next call. */
const struct feed_run *feed_first(const struct feed *feed);
/* The first has been given out; forgets the run behind its last. */
void feed_next(struct feed *feed);
void feed_clear(struct feed *feed);

#endif
