/* SPDX-License-Identifier: ISC */
#include "lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../test.h"

static const char graph[] = "1|2|0\n"
			    "1|11|-1\n1|12|-1\n2|21|-1\n2|22|-1\n"
			    "12|21|0\n"
			    "11|111|-1\n12|122|-1\n21|122|-1\n22|222|-1\n";

void
lab_begin(struct lab *l, const char *yaml)
{
	struct conf_scenario *conf;
	struct sim_graph *g;
	struct text text = {0};

	*l = (struct lab){0};
	/* Node files and the graph that is named stand there. */
	assert_int_equal(chdir(getenv("BASIN_EXAMPLES")), 0);
	assert_int_equal(chdir("scenario"), 0);
	text_addf(&text, "graph: graph.txt\n%s", yaml);
	if (conf_scenario_load_text("lab.yaml", text_str(&text), text.len,
				    &conf, &l->messages) != 0)
		fail_msg("%s", text_str(&l->messages));
	assert_int_equal(
	    sim_graph_parse("lab", graph, sizeof(graph) - 1, &g, &l->messages),
	    0);
	if (scenario_new(conf, g, &l->s, &l->messages) != 0)
		fail_msg("%s", text_str(&l->messages));
	l->engine = sim_engine_new(l->s->graph);
	assert_int_equal(scenario_run(l->s, l->s->base, l->engine, &l->base),
			 0);
	text_free(&text);
}

void
lab_end(struct lab *l)
{
	scenario_outcome_free(l->base);
	sim_engine_free(l->engine);
	scenario_free(l->s);
	text_free(&l->messages);
}

static size_t
find(const struct scenario_outcome *o, const char *prefix)
{
	for (size_t i = 0; i < o->n_routes; i++)
		if (strcmp(o->plan->prefixes[i].text, prefix) == 0)
			return i;
	fail_msg("no prefix %s", prefix);
	return 0;
}

static const char *
name_of(const struct scenario_outcome *o, uint32_t site)
{
	if (site == SCENARIO_UNREACHED)
		return "unreached";
	if (site == SCENARIO_DROPPED)
		return "dropped";
	return o->plan->sites[site].name;
}

const char *
lab_where(const struct lab *l, const struct scenario_outcome *o,
	  const char *prefix, uint32_t asn)
{
	uint32_t id = sim_graph_find(l->s->graph, asn);

	assert_int_not_equal(id, SIM_NONE);
	return name_of(o, scenario_destination(o->routes[find(o, prefix)], id));
}

char *
lab_map(const struct lab *l, const struct scenario_outcome *o,
	const char *prefix)
{
	struct text text = {0};

	for (uint32_t id = 0; id < sim_graph_count(l->s->graph); id++) {
		uint32_t asn = sim_graph_asn(l->s->graph, id);

		text_addf(&text, "%u=%s ", asn, lab_where(l, o, prefix, asn));
	}
	return text.s;
}

static struct scenario_outcome *
run(struct lab *l, struct scenario_plan *plan)
{
	struct scenario_outcome *o;

	assert_int_equal(scenario_run(l->s, plan, l->engine, &o), 0);
	return o;
}

struct scenario_outcome *
lab_what_if(struct lab *l, const char *words)
{
	struct scenario_plan *plan;

	if (scenario_what_if(l->s, words, "test", &plan, &l->messages) != 0)
		fail_msg("%s", text_str(&l->messages));
	return run(l, plan);
}

struct scenario_outcome *
lab_hijack(struct lab *l, uint32_t asn, enum conf_hijack_kind kind)
{
	struct conf_hijack h = {.asn = asn, .kind = kind};
	struct scenario_plan *plan;

	if (scenario_hijack(l->s, l->s->base, l->base, &h, &plan,
			    &l->messages) != 0)
		fail_msg("%s", text_str(&l->messages));
	return run(l, plan);
}

void
lab_forget(struct scenario_outcome *o)
{
	struct scenario_plan *plan = (struct scenario_plan *)o->plan;

	scenario_outcome_free(o);
	scenario_plan_free(plan);
}
