/* SPDX-License-Identifier: ISC */
/* What the parts of the advice share; only src/scenario includes this. */
#ifndef BASIN_SCENARIO_ADVICE_H
#define BASIN_SCENARIO_ADVICE_H

#include "scenario/plan.h"

struct adviser {
	const struct scenario *s;
	const struct scenario_plan *plan;
	const struct scenario_outcome *outcome;
	struct sim_engine *engine;
	struct scenario_advices *out;
};

void advice_add(struct adviser *a, enum scenario_advice_kind kind,
		enum scenario_severity severity, struct conf_place place,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* "7.5 %" of the ASes of the graph; in `buf`. */
#define ADVICE_SHARE_MAX 16
const char *advice_share(const struct adviser *a, double ases,
			 char buf[ADVICE_SHARE_MAX]);
/* The word for so many. */
static inline const char *
advice_word(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}
/* Is it announced to somebody from there? Whoever may pass it on? */
bool advice_announced(const struct scenario_prefix *q, size_t upstream);
bool advice_global(const struct scenario_prefix *q, size_t upstream);
/* At so many sites; *one is one of them. */
size_t advice_sites(const struct adviser *a, const struct scenario_prefix *q,
		    bool global, size_t *one);

/* The parts: addresses, ROAs, sites. */
void advice_addresses(struct adviser *a);
int advice_roas(struct adviser *a);
void advice_sites_all(struct adviser *a);

#endif
