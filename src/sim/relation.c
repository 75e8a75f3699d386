/* SPDX-License-Identifier: ISC */
#include "sim/sim.h"

const char *
sim_relation_text(enum sim_relation r)
{
	static const char *const words[] = {
#define X(n, t) t,
	    SIM_RELATIONS(X)
#undef X
	};

	return words[r];
}

const char *
sim_preference_text(enum sim_preference p)
{
	static const char *const words[] = {
#define X(n, t) t,
	    SIM_PREFERENCES(X)
#undef X
	};

	return words[p];
}
