/* SPDX-License-Identifier: ISC */
#include "sim/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sim_engine *
sim_engine_new(const struct sim_graph *g)
{
	struct sim_engine *e = xcalloc(1, sizeof(*e));

	e->g = g;
	e->words = (g->n + 63) / 64;
	e->transit = graph_transit(g);
	e->down = xcalloc((size_t)e->transit + 1, sizeof(*e->down));
	e->special = xcalloc(e->words, sizeof(*e->special));
	e->climbing = xcalloc(e->words, sizeof(*e->climbing));
	return e;
}

void
sim_engine_free(struct sim_engine *e)
{
	if (!e)
		return;
	general_free(e->general);
	moves_free(e->moves);
	free(e->down);
	free(e->special);
	free(e->climbing);
	free(e);
}

static bool
any_invalid(const struct sim_announcement *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].invalid && !a[i].down)
			return true;
	return false;
}

static void
empty(const struct sim_graph *g, struct sim_result *r)
{
	memset(r->key, 0xff, g->n * sizeof(*r->key));
	memset(r->announcement, 0xff, g->n * sizeof(*r->announcement));
}

int
sim_run(struct sim_engine *e, const struct sim_policy *policy,
	const struct sim_announcement *announcements, size_t n,
	struct sim_result *out)
{
	struct run run = {
	    .g = e->g,
	    .announcements = announcements,
	    .n = n,
	    .key = out->key,
	    .announcement = out->announcement,
	    .special = e->special,
	};

	empty(e->g, out);
	if (run_check(&run))
		return -EINVAL;
	if (any_invalid(announcements, n))
		run.rov = policy->rov;
	run_prefer(&run, policy->preference);
	memset(e->special, 0, e->words * sizeof(*e->special));
	run_mark_special(&run, e->special);
	if (policy->preference == SIM_PREFER_CUSTOMER_PEER_PROVIDER)
		propagate(e, &run);
	else
		general_propagate(e, &run);
	return 0;
}
