/* SPDX-License-Identifier: ISC */
/*
 * From the thread of a session to the loop: a queue that the loop takes away
 * as a whole, so that nobody waits for the other longer than a moment.
 */
#ifndef BASIN_RPKI_FEED_H
#define BASIN_RPKI_FEED_H

#include <pthread.h>
#include <uv.h>

#include "rpki/rtr.h"

enum feed_kind { FEED_ADD, FEED_REMOVE, FEED_SYNCHRONISED, FEED_FAILED };

struct feed_item {
	enum feed_kind kind;
	union {
		struct vrp vrp;
		struct rtr_synchronised synchronised;
		char *why; /* owned */
	};
};

struct feed {
	pthread_mutex_t lock;
	uv_async_t *async;      /* borrowed; is sent to */
	struct feed_item *v;    /* owned, under the lock */
	size_t n, cap;          /* under the lock */
	struct feed_item *take; /* owned by the loop */
	size_t n_take, at;
};

extern const struct rtr_events feed_events; /* their arg is a feed */

void feed_init(struct feed *f, uv_async_t *async);
/* The thread has ended. */
void feed_free(struct feed *f);
/* The next item, NULL when there is none; valid until the next call. */
struct feed_item *feed_next(struct feed *f);

#endif
