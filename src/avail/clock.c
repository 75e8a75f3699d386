/* SPDX-License-Identifier: ISC */
/*
 * Time, as the events bring it along. Whatever was due at or before `now`
 * happens before the event itself does.
 *
 * A jump is time that passed without anybody looking: the machine was
 * suspended, or the loop did not turn. Missing results prove nothing then, so
 * every lease starts again, and so does the wait for a load to last.
 * Hold-downs, suppressions, rungs, drains and attack mode are promises about
 * real time and end as planned.
 */
#include "avail/state.h"

/* So far beyond the last event, and beyond what was due, is a jump. */
#define JUMP dur_s(5)

bool
avail_clock_jumped(const struct avail *av, struct mono now)
{
	const struct timer *first = avail_timer_first(&av->heap);

	return first && mono_before(mono_add(av->now, JUMP), now) &&
	       mono_before(mono_add(first->at, JUMP), now);
}

static void
fire_prefix(struct avail *av, struct prefix_entry *p)
{
	if (avail_decide_waits(p->o.state))
		avail_decide_release(av, p);
	else
		avail_ladder_release(av, p);
}

static void
fire(struct avail *av, struct timer *t)
{
	avail_timer_disarm(&av->heap, t);
	switch (t->kind) {
	case TIMER_CHECK:
		avail_rise_timer(av, t->owner);
		break;
	case TIMER_LOAD:
		avail_load_timer(av, t->owner);
		break;
	case TIMER_ATTACK:
		avail_attack_expire(av);
		break;
	case TIMER_HOLD:
		fire_prefix(av, t->owner);
		break;
	case TIMER_DRAIN:
		avail_drain_due(av, t->owner);
		break;
	}
}

void
avail_clock_run(struct avail *av)
{
	struct timer *first;

	while ((first = avail_timer_first(&av->heap)) != NULL &&
	       mono_reached(first->at, av->now))
		fire(av, first);
}

static void
wait_again(struct avail *av)
{
	for (size_t i = 0; i < av->n_checks; i++)
		avail_rise_jump(av, &av->checks[i]);
	for (size_t i = 0; i < av->n_services; i++)
		avail_load_jump(av, &av->services[i]);
}

struct mono
avail_clock_advance(struct avail *av, struct mono now)
{
	bool jump = avail_clock_jumped(av, now);

	if (mono_before(av->now, now))
		av->now = now;
	if (jump)
		wait_again(av);
	avail_clock_run(av);
	return av->now;
}

void
avail_tick(struct avail *av, struct mono now)
{
	avail_clock_advance(av, now);
}

struct mono
avail_next_deadline(const struct avail *av)
{
	const struct timer *first = avail_timer_first(&av->heap);

	return first ? first->at : MONO_NEVER;
}
