/* SPDX-License-Identifier: ISC */
/*
 * Overload of one service, with hysteresis.
 *
 *   usual ──high for overload_after──► overloaded
 *         ◄──not high for overload_clear──
 *
 * Invariant: the timer runs exactly while high != overloaded.
 */
#include "avail/state.h"

static void
arm(struct avail *av, struct service *s)
{
	struct mono at = MONO_NEVER;

	if (s->high != s->overloaded)
		at = mono_add(s->high_since, s->high ? s->s.overload_after
						     : s->s.overload_clear);
	avail_timer_arm(&av->heap, &s->load, at);
}

void
avail_load(struct avail *av, size_t service, bool high, struct mono now)
{
	struct service *s = &av->services[service];

	avail_clock_advance(av, now);
	if (s->high == high)
		return;
	s->high = high;
	s->high_since = av->now;
	arm(av, s);
	avail_clock_run(av); /* at once where there is nothing to wait for */
}

void
avail_load_timer(struct avail *av, struct service *s)
{
	s->overloaded = s->high;
	avail_service_refresh(av, s, SIZE_MAX);
}

/* Nobody looked meanwhile: it must last once more. */
void
avail_load_jump(struct avail *av, struct service *s)
{
	if (s->load.place == 0)
		return;
	s->high_since = av->now;
	arm(av, s);
}

void
avail_load_adopt(struct avail *av, struct service *s, const struct service *old)
{
	s->high = old->high;
	s->overloaded = old->overloaded;
	s->high_since = old->high_since;
	arm(av, s);
}
