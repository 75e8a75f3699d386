/* SPDX-License-Identifier: ISC */
/*
 * The rung of one prefix: what upstreams are told of it.
 *
 *   healthy ──────► degraded ──────► draining ──────► withdrawn   at once
 *      ▲ ▲             │                │                 │
 *      │ └─ladder_hold─┘                │                 │
 *      └───────── the rung that holds ──┴─────────────────┘      at once
 *
 * What holds is the worst of: announced, HEALTHY; a service behind it degraded
 * or overloaded, FROZEN, BRAKED, DEGRADED; DRAINING; not announced, WITHDRAWN.
 *
 * Invariants: the rung is never better than what holds; it is worse only as
 * DEGRADED where HEALTHY holds, and exactly then the timer of the prefix runs
 * for the ladder.
 */
#include "avail/state.h"

static enum avail_rung
rung_of(const struct prefix_entry *p)
{
	if (!avail_decide_announces(p->o.state))
		return AVAIL_RUNG_WITHDRAWN;
	if (p->o.state == AVAIL_PREFIX_DRAINING)
		return AVAIL_RUNG_DRAINING;
	if (p->o.state != AVAIL_PREFIX_ANNOUNCED || p->impaired > 0 ||
	    p->overloaded > 0)
		return AVAIL_RUNG_DEGRADED;
	return AVAIL_RUNG_HEALTHY;
}

static void
take(struct avail *av, struct prefix_entry *p, enum avail_rung rung,
     size_t cause)
{
	/* With a new state it is told by that, which has its own cause. */
	if (rung != p->o.rung && p->o.state == p->o.told_state)
		av->rests[p->o.id].rung_cause = cause;
	avail_change_set_rung(av, &p->o, rung);
}

/* From DEGRADED: true while HEALTHY must last a little longer. */
static bool
await(struct avail *av, struct prefix_entry *p, bool better)
{
	struct timer *timer = &av->rests[p->o.id].hold;

	if (better && p->s->ladder_hold.ns > 0) {
		if (timer->place == 0)
			avail_timer_arm(&av->heap, timer,
					mono_add(av->now, p->s->ladder_hold));
		return true;
	}
	avail_timer_disarm(&av->heap, timer);
	return false;
}

void
avail_ladder_step(struct avail *av, struct prefix_entry *p, size_t cause)
{
	enum avail_rung holds = rung_of(p);

	if (p->o.rung == holds && holds != AVAIL_RUNG_DEGRADED)
		return;
	if (p->o.rung == AVAIL_RUNG_DEGRADED &&
	    await(av, p, holds == AVAIL_RUNG_HEALTHY))
		return;
	take(av, p, holds, cause);
}

void
avail_ladder_release(struct avail *av, struct prefix_entry *p)
{
	take(av, p, rung_of(p), SIZE_MAX);
}

/* A better rung that was awaited is awaited further, not longer than now. */
void
avail_ladder_adopt(struct avail *av, struct prefix_entry *p,
		   const struct avail *old, size_t was)
{
	const struct timer *timer = &old->rests[was].hold;
	struct mono longest = mono_add(av->now, p->s->ladder_hold);

	av->rests[p->o.id].rung_cause = SIZE_MAX;
	if (timer->place && avail_decide_announces(p->o.state))
		avail_timer_arm(&av->heap, &av->rests[p->o.id].hold,
				mono_min(timer->at, longest));
}

enum avail_reason
avail_ladder_reason(const struct prefix_entry *p)
{
	if (p->o.rung != AVAIL_RUNG_DEGRADED ||
	    p->o.state != AVAIL_PREFIX_ANNOUNCED)
		return p->o.reason;
	if (p->impaired > 0)
		return AVAIL_REASON_IMPAIRED;
	if (p->overloaded > 0)
		return AVAIL_REASON_OVERLOAD;
	return AVAIL_REASON_LADDER_HOLD;
}

struct mono
avail_ladder_until(const struct avail *av, const struct prefix_entry *p)
{
	const struct timer *timer = &av->rests[p->o.id].hold;

	if (timer->place == 0 || avail_decide_waits(p->o.state))
		return MONO_NEVER;
	return timer->at;
}
