/* SPDX-License-Identifier: ISC */
#include "daemon/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#define STEP dur_s(1) /* of the wall clock; slewing is less a second */

struct request {
	STAILQ_ENTRY(request) link;
	keep_change *change;
	keep_done *done;
	void *arg;
	bool fact;
};

struct keep {
	struct basin *b; /* borrowed */
	STAILQ_HEAD(, request) waiting;
	struct request *current; /* owned; NULL: idle */
	struct dur offset;       /* wall - mono, as in the file */
	uv_work_t work;
	/* Of the current request: owned, the thread's until it has ended. */
	struct drains *next;
	char *text;
	int error;
};

/* In a thread of the pool. */
static void
write_it(uv_work_t *work)
{
	struct keep *k = work->data;

	if (k->error == 0)
		k->error = drains_write(drains_path(k->next), k->text);
}

static void
finish(struct keep *k, int error)
{
	struct request *r = k->current;
	struct drains *unused = k->next;

	if (error == 0 || (r->fact && k->text)) {
		unused = k->b->drains;
		k->b->drains = k->next;
	}
	drains_free(unused);
	free(k->text);
	k->next = NULL;
	k->text = NULL;
	k->current = NULL;
	r->done(k->b, r->arg, error);
	free(r);
}

static void begin_next(struct keep *k);

static void
written(uv_work_t *work, int status)
{
	struct keep *k = work->data;

	finish(k, status < 0 ? status : k->error);
	begin_next(k);
}

static struct dur
offset_of(const struct drains_clock *clock)
{
	return dur_ns(clock->wall.ns - clock->mono.ns);
}

/*
 * A change that is refused goes the same way: done() is never called inside
 * keep_queue().
 */
static void
begin_next(struct keep *k)
{
	struct drains_clock clock = drains_clock();

	if (k->current || STAILQ_EMPTY(&k->waiting))
		return;
	k->current = STAILQ_FIRST(&k->waiting);
	STAILQ_REMOVE_HEAD(&k->waiting, link);
	k->next = drains_copy(k->b->drains);
	k->error = k->current->change(k->next, k->current->arg);
	if (k->error == 0) {
		k->text = drains_text(k->next, &clock);
		k->offset = offset_of(&clock);
		k->error = k->text ? 0 : -ENOMEM;
	}
	k->work.data = k;
	uv_queue_work(&k->b->loop, &k->work, write_it, written);
}

static void
nothing(uv_work_t *work)
{
}

static void
nothing_done(uv_work_t *work, int status)
{
	free(work);
}

struct keep *
keep_new(struct basin *b)
{
	struct drains_clock now = drains_clock();
	struct keep *k = xcalloc(1, sizeof(*k));
	uv_work_t *first = xcalloc(1, sizeof(*first));

	k->b = b;
	k->offset = offset_of(&now);
	STAILQ_INIT(&k->waiting);
	/* libuv aborts where it cannot make its threads: now, not in need. */
	if (uv_queue_work(&b->loop, first, nothing, nothing_done) != 0)
		free(first);
	return k;
}

void
keep_free(struct keep *k)
{
	struct request *r;

	if (!k)
		return;
	while ((r = STAILQ_FIRST(&k->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&k->waiting, link);
		r->done(k->b, r->arg, -ECANCELED);
		free(r);
	}
	free(k);
}

bool
keep_idle(const struct keep *k)
{
	return !k->current && STAILQ_EMPTY(&k->waiting);
}

static void
queue(struct keep *k, struct request r)
{
	struct request *added = xcalloc(1, sizeof(*added));

	*added = r;
	STAILQ_INSERT_TAIL(&k->waiting, added, link);
	begin_next(k);
}

void
keep_queue(struct keep *k, keep_change *change, keep_done *done, void *arg)
{
	queue(k, (struct request){.change = change, .done = done, .arg = arg});
}

void
keep_fact(struct keep *k, keep_change *change, keep_done *done, void *arg)
{
	queue(k, (struct request){
		     .change = change, .done = done, .arg = arg, .fact = true});
}

static int
same(struct drains *next, void *arg)
{
	return 0;
}

/* An unwritable disk is told where somebody wants something of it. */
static void
written_anew(struct basin *b, void *arg, int error)
{
}

void
keep_clock(struct keep *k, const struct drains_clock *now)
{
	struct dur step = dur_ns(offset_of(now).ns - k->offset.ns);

	if (step.ns < STEP.ns && step.ns > -STEP.ns)
		return;
	k->offset = offset_of(now);
	if (drains_count(k->b->drains) > 0 || drains_blocks(k->b->drains) > 0 ||
	    drains_attack(k->b->drains))
		keep_fact(k, same, written_anew, NULL);
}
