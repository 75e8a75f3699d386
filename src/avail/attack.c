/* SPDX-License-Identifier: ISC */
/* Attack mode, the brake, overload and drills. */
#include "avail/state.h"

void
avail_load(struct avail *av, size_t service, bool high, struct mono now)
{
	avail_clock_advance(av, now);
}

void
avail_attack(struct avail *av, bool on, struct mono expires, struct mono now)
{
	avail_clock_advance(av, now);
}

void
avail_brake(struct avail *av, size_t prefix, bool released, struct mono now)
{
	avail_clock_advance(av, now);
}

void
avail_drill(struct avail *av, size_t service, bool on, struct mono now)
{
	avail_clock_advance(av, now);
}

bool
avail_attacked(const struct avail *av, struct mono *expires)
{
	if (expires)
		*expires = MONO_NEVER;
	return false;
}
