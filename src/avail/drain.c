/* SPDX-License-Identifier: ISC */
/*
 * Drains of the node, a service or a prefix: on until undrained or expired.
 *
 *   off ──drain──► on ──undrain──► off
 *                   └──expires──► off, told as AVAIL_IS_DRAIN
 *
 * Invariant: the timer is armed only while the drain is on.
 */
#include <assert.h>

#include "avail/state.h"

static struct drain *
find(struct avail *av, enum avail_target target, size_t id)
{
	switch (target) {
	case AVAIL_SERVICE:
		assert(id < av->n_services);
		return &av->services[id].drain;
	case AVAIL_PREFIX:
		assert(id < av->n_prefixes);
		return &av->rests[id].drain;
	case AVAIL_NODE:
		break;
	}
	return &av->drain;
}

/* The drain went on or off: whoever it concerns decides again. */
static void
apply(struct avail *av, const struct drain *d)
{
	switch (d->target) {
	case AVAIL_SERVICE:
		avail_service_refresh(av, &av->services[d->id], SIZE_MAX);
		break;
	case AVAIL_PREFIX:
		av->prefixes[d->id].drained = d->on;
		avail_decide_prefix(av, &av->prefixes[d->id], SIZE_MAX);
		break;
	case AVAIL_NODE:
		avail_decide_all(av);
		break;
	}
}

void
avail_drain(struct avail *av, enum avail_target target, size_t id,
	    const struct avail_drain_times *times, struct mono now)
{
	struct drain *d = find(av, target, id);

	avail_clock_advance(av, now);
	d->on = true;
	avail_timer_arm(&av->heap, &d->timer, times->expires);
	apply(av, d);
	avail_clock_run(av); /* it may be over already */
}

bool
avail_undrain(struct avail *av, enum avail_target target, size_t id,
	      struct mono now)
{
	struct drain *d = find(av, target, id);

	avail_clock_advance(av, now);
	if (!d->on)
		return false;
	d->on = false;
	avail_timer_disarm(&av->heap, &d->timer);
	apply(av, d);
	return true;
}

void
avail_drain_expire(struct avail *av, struct drain *d)
{
	d->on = false;
	d->expired_at = av->now;
	avail_change_queue_drain(av, d);
	apply(av, d);
}

/* Takes over what `old` holds; the caller decides afterwards. */
void
avail_drain_adopt(struct avail *av, struct drain *d, const struct drain *old)
{
	d->on = old->on;
	d->expired_at = old->expired_at;
	if (old->timer.place)
		avail_timer_arm(&av->heap, &d->timer, old->timer.at);
	if (old->queued)
		avail_change_queue_drain(av, d);
}

void
avail_quiet(struct avail *av, enum avail_target target, size_t id,
	    struct mono now)
{
	avail_clock_advance(av, now);
	apply(av, find(av, target, id));
}

bool
avail_node_drained(const struct avail *av, struct avail_drain_times *times)
{
	if (times) {
		times->limit = MONO_NEVER;
		times->expires =
		    av->drain.timer.place ? av->drain.timer.at : MONO_NEVER;
	}
	return av->drain.on;
}
