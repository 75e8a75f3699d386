/* SPDX-License-Identifier: ISC */
/* What was last told of one watched thing: only changes are told. */
#ifndef BASIN_SYS_SIGHT_H
#define BASIN_SYS_SIGHT_H

#include "sys/sys.h"

struct sight {
	bool told;
	enum sys_presence presence;
	int error;
};

/*
 * `event`: the kernel said it; else a look had to find it. What was gone and
 * cannot be seen now stays gone until it is seen: a service that is known to
 * be dead must not come to life because a descriptor is missing.
 */
static inline void
sight_tell(struct sight *s, enum sys_presence presence, int error, bool event,
	   sys_sighted *report, void *arg, size_t index)
{
	bool stays =
	    presence == SYS_UNKNOWN && s->told && s->presence == SYS_GONE;
	struct sys_sight what = {stays ? SYS_GONE : presence, error,
				 s->told && !event};

	presence = what.presence;
	if (s->told && s->presence == presence && s->error == error)
		return;
	*s = (struct sight){true, presence, error};
	report(arg, index, &what);
}

#endif
