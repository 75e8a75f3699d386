/* SPDX-License-Identifier: ISC */
/*
 * Drains of the node, a service or a prefix: on until undrained or expired.
 *
 *   OFF ──drain──► LEAVING ──quiet, limit──► DRAINED    told as drained
 *    ▲ └─drain, limit past──────────────────► │
 *    └──undrain───────┴───────────────────────┤
 *    └──expires───────┴───────────────────────┘         told as expired
 *
 * LEAVING only says that there is time: whether a prefix uses it, being
 * healthy and still announced, it decides itself.
 *
 * Invariant: the timer runs for the expiry, or while LEAVING for the limit if
 * that comes earlier.
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

/* The phase may have changed: whoever it concerns decides again. */
static void
apply(struct avail *av, const struct drain *d)
{
	switch (d->target) {
	case AVAIL_SERVICE:
		avail_service_refresh(av, &av->services[d->id], SIZE_MAX);
		break;
	case AVAIL_PREFIX:
		av->prefixes[d->id].phase = (uint8_t)d->phase;
		avail_decide_prefix(av, &av->prefixes[d->id], SIZE_MAX);
		break;
	case AVAIL_NODE:
		avail_decide_all(av);
		break;
	}
}

static void
arm(struct avail *av, struct drain *d)
{
	struct mono at = MONO_NEVER;

	if (d->phase != PHASE_OFF)
		at = d->expires;
	if (d->phase == PHASE_LEAVING)
		at = mono_min(at, d->limit);
	avail_timer_arm(&av->heap, &d->timer, at);
}

/* What is drained already does not begin to leave again. */
void
avail_drain(struct avail *av, enum avail_target target, size_t id,
	    const struct avail_drain_times *times, struct mono now)
{
	struct drain *d = find(av, target, id);

	now = avail_clock_advance(av, now);
	d->limit = times->limit;
	d->expires = times->expires;
	if (d->phase == PHASE_DRAINED || mono_reached(times->limit, now))
		d->phase = PHASE_DRAINED;
	else
		d->phase = PHASE_LEAVING;
	arm(av, d);
	apply(av, d);
	avail_clock_run(av); /* it may be over already */
}

static void
finish(struct avail *av, struct drain *d)
{
	d->phase = PHASE_DRAINED;
	d->tell_drained = true;
	d->drained_at = av->now;
	avail_change_queue_drain(av, d);
	arm(av, d);
	apply(av, d);
}

void
avail_quiet(struct avail *av, enum avail_target target, size_t id,
	    struct mono now)
{
	struct drain *d = find(av, target, id);

	avail_clock_advance(av, now);
	if (d->phase == PHASE_LEAVING)
		finish(av, d);
}

static void
end(struct avail *av, struct drain *d)
{
	d->phase = PHASE_OFF;
	arm(av, d);
	apply(av, d);
}

bool
avail_undrain(struct avail *av, enum avail_target target, size_t id,
	      struct mono now)
{
	struct drain *d = find(av, target, id);

	avail_clock_advance(av, now);
	if (d->phase == PHASE_OFF)
		return false;
	end(av, d);
	return true;
}

void
avail_drain_due(struct avail *av, struct drain *d)
{
	if (!mono_reached(d->expires, av->now)) {
		finish(av, d);
		return;
	}
	d->tell_expired = true;
	d->expired_at = av->now;
	avail_change_queue_drain(av, d);
	end(av, d);
}

/* Takes over what `old` holds; the caller decides afterwards. */
void
avail_drain_adopt(struct avail *av, struct drain *d, const struct drain *old)
{
	d->phase = old->phase;
	d->limit = old->limit;
	d->expires = old->expires;
	d->tell_drained = old->tell_drained;
	d->tell_expired = old->tell_expired;
	d->drained_at = old->drained_at;
	d->expired_at = old->expired_at;
	arm(av, d);
	if (old->queued)
		avail_change_queue_drain(av, d);
}

struct avail_drain_times
avail_drain_view(const struct drain *d)
{
	return (struct avail_drain_times){
	    .limit = d->phase == PHASE_LEAVING ? d->limit : MONO_NEVER,
	    .expires = d->phase == PHASE_OFF ? MONO_NEVER : d->expires,
	};
}

bool
avail_node_drained(const struct avail *av, struct avail_drain_times *times)
{
	if (times)
		*times = avail_drain_view(&av->drain);
	return av->drain.phase != PHASE_OFF;
}
