/* SPDX-License-Identifier: ISC */
#include "scenario/scenario.h"

const char *
scenario_advice_text(enum scenario_advice_kind kind)
{
	static const char *const texts[] = {
#define X(n, t) [SCENARIO_ADVISE_##n] = t,
	    SCENARIO_ADVICE(X)
#undef X
	};

	return texts[kind];
}
