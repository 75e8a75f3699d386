/* SPDX-License-Identifier: ISC */
#include "rpki/feed.h"

#include <stdlib.h>

#include "base/text.h"

static void
put(struct feed *f, const struct feed_item *item)
{
	bool first;

	pthread_mutex_lock(&f->lock);
	first = f->n == 0;
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 64;
		f->v = xrealloc(f->v, f->cap, sizeof(*f->v));
	}
	f->v[f->n++] = *item;
	pthread_mutex_unlock(&f->lock);
	if (first)
		uv_async_send(f->async);
}

static void
put_vrp(void *arg, const struct vrp *v, bool added)
{
	struct feed_item item = {.kind = added ? FEED_ADD : FEED_REMOVE,
				 .vrp = *v};

	put(arg, &item);
}

static void
put_synchronised(void *arg, const struct rtr_synchronised *s)
{
	struct feed_item item = {.kind = FEED_SYNCHRONISED, .synchronised = *s};

	put(arg, &item);
}

static void
put_failed(void *arg, const char *why)
{
	struct feed_item item = {.kind = FEED_FAILED, .why = xstrdup(why)};

	put(arg, &item);
}

const struct rtr_events feed_events = {put_vrp, put_synchronised, put_failed};

void
feed_init(struct feed *f, uv_async_t *async)
{
	*f = (struct feed){.async = async};
	pthread_mutex_init(&f->lock, NULL);
}

static void
release(struct feed_item *item)
{
	if (item->kind == FEED_FAILED)
		free(item->why);
}

void
feed_free(struct feed *f)
{
	for (size_t i = f->at ? f->at - 1 : 0; i < f->n_take; i++)
		release(&f->take[i]);
	for (size_t i = 0; i < f->n; i++)
		release(&f->v[i]);
	free(f->take);
	free(f->v);
	pthread_mutex_destroy(&f->lock);
}

static void
take_all(struct feed *f)
{
	free(f->take);
	pthread_mutex_lock(&f->lock);
	f->take = f->v;
	f->n_take = f->n;
	f->v = NULL;
	f->n = f->cap = 0;
	pthread_mutex_unlock(&f->lock);
	f->at = 0;
}

struct feed_item *
feed_next(struct feed *f)
{
	if (f->at > 0 && f->at <= f->n_take)
		release(&f->take[f->at - 1]);
	if (f->at >= f->n_take)
		take_all(f);
	return f->at < f->n_take ? &f->take[f->at++] : NULL;
}
