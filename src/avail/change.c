/* SPDX-License-Identifier: ISC */
/*
 * The one place where the state of a check, a service or a prefix and its rung
 * are written, and the lists of what changed since it was last taken.
 *
 * Invariants: an object is in the list of its kind at most once; whatever
 * differs from what was told is in it.
 */
#include "avail/state.h"

static bool
differs(const struct object *o)
{
	return o->state != o->told_state || o->reason != o->told_reason ||
	       o->rung != o->told_rung;
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
avail_change_set_rung(struct avail *av, struct object *o, enum avail_rung rung)
{
	if (rung == o->rung)
		return;
	o->at = av->now;
	o->rung = (uint8_t)rung;
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

/* That it drained comes before that it expired. */
static bool
take_drain(struct avail *av, struct avail_change *out)
{
	static const enum avail_reason reasons[] = {
	    [AVAIL_NODE] = AVAIL_REASON_NODE_DRAINED,
	    [AVAIL_SERVICE] = AVAIL_REASON_SERVICE_DRAINED,
	    [AVAIL_PREFIX] = AVAIL_REASON_PREFIX_DRAINED,
	};
	struct drain *d = av->expired.first;
	bool drained;

	if (!d)
		return false;
	drained = d->tell_drained;
	*out = (struct avail_change){
	    .object = AVAIL_IS_DRAIN,
	    .id = d->id,
	    .target = d->target,
	    .from = drained ? AVAIL_DRAIN_DRAINING : AVAIL_DRAIN_DRAINED,
	    .to = drained ? AVAIL_DRAIN_DRAINED : AVAIL_DRAIN_EXPIRED,
	    .reason = reasons[d->target],
	    .cause = SIZE_MAX,
	    .at = drained ? d->drained_at : d->expired_at,
	};
	d->tell_drained = false;
	if (drained && d->tell_expired)
		return true;
	d->tell_expired = false;
	d->queued = false;
	av->expired.first = d->next;
	if (!d->next)
		av->expired.last = NULL;
	return true;
}

static bool
take_attack(struct avail *av, struct avail_change *out)
{
	if (!av->attack.tell_expired)
		return false;
	av->attack.tell_expired = false;
	*out = (struct avail_change){
	    .object = AVAIL_IS_ATTACK,
	    .from = 1,
	    .to = 0,
	    .reason = AVAIL_REASON_ATTACK,
	    .cause = SIZE_MAX,
	    .at = av->attack.expired_at,
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

/* A rung that changed alone brings its own reason and cause. */
static void
tell_rung(const struct avail *av, const struct object *o,
	  struct avail_change *out)
{
	out->rung_from = o->told_rung;
	out->rung_to = o->rung;
	if (o->state != o->told_state || o->reason != o->told_reason)
		return;
	out->reason = avail_ladder_reason(&av->prefixes[o->id]);
	out->cause = av->rests[o->id].rung_cause;
}

/* What went there and back again is passed over: nobody was told. */
static bool
take_object(struct avail *av, struct object_list *list,
	    struct avail_change *out)
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
	if (o->kind == AVAIL_IS_PREFIX)
		tell_rung(av, o, out);
	o->told_state = o->state;
	o->told_reason = o->reason;
	o->told_rung = o->rung;
	return true;
}

bool
avail_take(struct avail *av, struct avail_change *out)
{
	if (take_attack(av, out) || take_drain(av, out))
		return true;
	for (int kind = 0; kind <= AVAIL_IS_PREFIX; kind++)
		if (take_object(av, &av->changed[kind], out))
			return true;
	return false;
}
