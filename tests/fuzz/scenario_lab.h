/* SPDX-License-Identifier: ISC */
/* A small graph for scenarios, and everything that is asked of a plan. */
#ifndef BASIN_TESTS_FUZZ_SCENARIO_LAB_H
#define BASIN_TESTS_FUZZ_SCENARIO_LAB_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

/* Named as graph where a file must be there. */
#define LAB_FILE "/proc/self/exe"

/* The caller's, or the scenario's that takes it. */
static inline struct sim_graph *
lab_graph(void)
{
	static const char links[] = "1|2|0\n1|3|-1\n1|4|-1\n2|4|-1\n2|5|-1\n"
				    "3|4|0\n3|6|-1\n4|7|-1\n5|7|-1\n";
	struct sim_graph *g = NULL;
	struct text messages = {0};

	if (sim_graph_parse("lab", links, sizeof(links) - 1, &g, &messages))
		abort();
	text_free(&messages);
	return g;
}

/* Lines for a terminal: nothing foreign moves its cursor. */
static inline void
lab_check_messages(const struct text *messages)
{
	assert(text_is_utf8(text_str(messages), messages->len));
	for (const char *p = text_str(messages); *p; p++)
		assert(((uint8_t)*p >= 0x20 && *p != 0x7f) || *p == '\n');
}

static inline void
lab_check_outcome(const struct scenario *s, const struct scenario_outcome *o)
{
	for (size_t i = 0; i < o->n_routes; i++)
		for (uint32_t id = 0; id < sim_graph_count(s->graph); id++) {
			uint32_t site = scenario_destination(o->routes[i], id);

			assert(site >= SCENARIO_DROPPED ||
			       (site < o->plan->n_sites &&
				!o->plan->sites[site].down));
		}
}

/* Advice is for plans of our own. */
static inline void
lab_run(const struct scenario *s, const struct scenario_plan *plan, bool own)
{
	struct sim_engine *engine = sim_engine_new(s->graph);
	struct scenario_advices advices;
	struct scenario_outcome *o;

	/* What a plan makes keeps the rules of sim_run(). */
	assert(scenario_run(s, plan, engine, &o) == 0);
	lab_check_outcome(s, o);
	if (own) {
		assert(scenario_advise(s, o, engine, &advices) == 0);
		scenario_advices_free(&advices);
	}
	scenario_outcome_free(o);
	sim_engine_free(engine);
}

#endif
