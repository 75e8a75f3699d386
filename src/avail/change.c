/* SPDX-License-Identifier: ISC */
/*
 * The one place where the state of a check, a service or a prefix is written,
 * and the lists of what changed since it was last taken.
 *
 * Invariants: an object is in the list of its kind at most once; whatever
 * differs from what was told is in it.
 */
#include "avail/state.h"

static bool
differs(const struct object *o)
{
	return o->state != o->told_state || o->reason != o->told_reason;
}

void
avail_change_queue(struct avail *av, struct object *o)
{
	struct object_list *list = &av->changed[o->kind];

	if (o->queued || !differs(o))
		return;
	o->queued = true;
	o->next = NULL;
	if (list->last)
		list->last->next = o;
	else
		list->first = o;
	list->last = o;
}

void
avail_change_set(struct avail *av, struct object *o, int state,
		 enum avail_reason reason, bool up, size_t cause)
{
	if (up != o->up) {
		o->up = up;
		o->transitions++;
	}
	if (state == o->state && reason == o->reason)
		return;
	if (state != o->state)
		o->since = av->now;
	o->at = av->now;
	o->state = (uint8_t)state;
	o->reason = (uint8_t)reason;
	o->cause = cause;
	avail_change_queue(av, o);
}

void
avail_change_queue_drain(struct avail *av, struct drain *d)
{
	if (d->queued)
		return;
	d->queued = true;
	d->next = NULL;
	if (av->expired.last)
		av->expired.last->next = d;
	else
		av->expired.first = d;
	av->expired.last = d;
}

/* Empties the lists of objects; what is taken stays taken. */
void
avail_change_forget(struct avail *av)
{
	for (int kind = 0; kind <= AVAIL_IS_PREFIX; kind++) {
		struct object *o = av->changed[kind].first;

		for (; o; o = o->next)
			o->queued = false;
		av->changed[kind] = (struct object_list){0};
	}
}

static bool
take_drain(struct avail *av, struct avail_change *out)
{
	static const enum avail_reason reasons[] = {
	    [AVAIL_NODE] = AVAIL_REASON_NODE_DRAINED,
	    [AVAIL_SERVICE] = AVAIL_REASON_SERVICE_DRAINED,
	    [AVAIL_PREFIX] = AVAIL_REASON_PREFIX_DRAINED,
	};
	struct drain *d = av->expired.first;

	if (!d)
		return false;
	av->expired.first = d->next;
	if (!d->next)
		av->expired.last = NULL;
	d->queued = false;
	*out = (struct avail_change){
	    .object = AVAIL_IS_DRAIN,
	    .id = d->id,
	    .target = d->target,
	    .from = 1,
	    .to = 0,
	    .reason = reasons[d->target],
	    .cause = SIZE_MAX,
	    .at = d->expired_at,
	};
	return true;
}

static struct object *
pop(struct object_list *list)
{
	struct object *o = list->first;

	if (!o)
		return NULL;
	list->first = o->next;
	if (!o->next)
		list->last = NULL;
	o->queued = false;
	return o;
}

/* What went there and back again is passed over: nobody was told. */
static bool
take_object(struct object_list *list, struct avail_change *out)
{
	struct object *o;

	do {
		o = pop(list);
		if (!o)
			return false;
	} while (!differs(o));
	*out = (struct avail_change){
	    .object = o->kind,
	    .id = o->id,
	    .from = o->told_state,
	    .to = o->state,
	    .reason = o->reason,
	    .cause = o->cause,
	    .at = o->at,
	};
	o->told_state = o->state;
	o->told_reason = o->reason;
	return true;
}

bool
avail_take(struct avail *av, struct avail_change *out)
{
	if (take_drain(av, out))
		return true;
	for (int kind = 0; kind <= AVAIL_IS_PREFIX; kind++)
		if (take_object(&av->changed[kind], out))
			return true;
	return false;
}
