/* SPDX-License-Identifier: ISC */
/* Whatever stands in a scenario: a plan on a small graph, or messages. */
#include "scenario_lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
hijack(const struct scenario *s)
{
	struct sim_engine *engine = sim_engine_new(s->graph);
	struct text messages = {0};
	struct scenario_outcome *o;
	struct scenario_plan *plan;

	if (scenario_run(s, s->base, engine, &o) == 0 &&
	    scenario_hijack(s, s->base, o, &s->conf->hijack, &plan,
			    &messages) == 0) {
		lab_run(s, plan, false);
		scenario_plan_free(plan);
	}
	lab_check_messages(&messages);
	scenario_outcome_free(o);
	sim_engine_free(engine);
	text_free(&messages);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct conf_scenario *conf;
	struct scenario *s = NULL;
	struct text messages = {0};

	if (conf_scenario_load_text("fuzz.yaml", (const char *)octets, n, &conf,
				    &messages) != 0)
		assert(messages.len > 0 && !conf);
	else if (scenario_new(conf, lab_graph(), &s, &messages) != 0)
		assert(messages.len > 0 && !s);
	lab_check_messages(&messages);
	if (s) {
		lab_run(s, s->base, true);
		hijack(s);
	}
	scenario_free(s);
	text_free(&messages);
	return 0;
}
