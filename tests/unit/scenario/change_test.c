/* SPDX-License-Identifier: ISC */
/* A change is what a file that says the same would be. */
#include <stdlib.h>
#include <string.h>

#include "../test.h"

#include "lab.h"

#define P "192.0.2.0/24"

/* FRA, IX, AMS, PREFIX: what is put into the places of the scenario. */
static void
begin(struct lab *l, const char *fra, const char *ix, const char *ams,
      const char *prefix)
{
	struct text text = {0};

	text_addf(&text,
		  "asn: 65000\n"
		  "sites:\n"
		  "  fra: {peers: {up: {asn: 11%s}, ix: {asn: 12, role: peer"
		  "%s}}}\n"
		  "  ams: {peers: {up: {asn: 22}}%s}\n"
		  "prefixes: {192.0.2.0/24: {%s}}\n",
		  fra, ix, ams, prefix);
	lab_begin(l, text_str(&text));
	text_free(&text);
}

static void
expect_same(const char *words, const char *fra, const char *ix, const char *ams,
	    const char *prefix)
{
	struct lab l;
	struct scenario_outcome *o;
	char *seen, *expected;

	begin(&l, "", "", "", "");
	o = lab_what_if(&l, words);
	seen = lab_map(&l, o, P);
	assert_string_equal(o->plan->name, words);
	lab_forget(o);
	lab_end(&l);
	begin(&l, fra, ix, ams, prefix);
	expected = lab_map(&l, l.base, P);
	lab_end(&l);
	assert_string_equal(seen, expected);
	free(seen);
	free(expected);
}

static void
test_same(void **state)
{
	expect_same("ams down", "", "", ", state: down", "");
	expect_same("ams drain", "", "", ", state: down", "");
	expect_same("ams local-only", "", "", ", scope: local", "");
	expect_same("ams down; ams up", "", "", "", "");
	expect_same("fra.up down", ", shutdown: true", "", "", "");
	expect_same("fra.up prepend 3", ", prepend: 3", "", "", "");
	expect_same("fra.up prepend +2 ; fra.up prepend -1", ", prepend: 1", "",
		    "", "");
	expect_same("fra.ix community no-export", "",
		    ", communities: no-export", "", "");
	expect_same("fra.up community no-peer", ", communities: no-peer", "",
		    "", "");
	expect_same("fra.up community no-peer; fra.up no community no-peer", "",
		    "", "", "");
	expect_same("fra.ix blackhole", "", ", communities: blackhole", "", "");
	expect_same("fra.ix blackhole; fra.ix no blackhole", "", "", "", "");
	expect_same("192.0.2.0/24 at ams down", "", "", "", "sites: fra");
}

static void
test_add(void **state)
{
	struct lab l;
	struct scenario_outcome *o;
	const struct scenario_upstream *u;

	begin(&l, "", "", "", "");
	assert_string_equal(lab_where(&l, l.base, P, 222), "ams");
	o = lab_what_if(&l, "fra add 222 prepend 2");
	assert_int_equal(o->plan->n_upstreams, l.s->base->n_upstreams + 1);
	u = &o->plan->upstreams[o->plan->n_upstreams - 1];
	assert_string_equal(u->name, "AS222");
	assert_true(u->assumed);
	assert_int_equal(
	    o->plan->prefixes[0].announcements[o->plan->n_upstreams - 1].n_tail,
	    3);
	assert_string_equal(lab_where(&l, o, P, 222), "fra");
	lab_forget(o);
	lab_end(&l);
}

static void
test_blackhole_drops(void **state)
{
	struct lab l;
	struct scenario_outcome *o;

	begin(&l, "", "", "", "");
	o = lab_what_if(&l, "ams.up blackhole");
	assert_string_equal(lab_where(&l, o, P, 22), "dropped");
	assert_string_equal(lab_where(&l, o, P, 21), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* The base is as it was, whatever was asked. */
static void
test_base_stays(void **state)
{
	struct lab l;
	struct scenario_outcome *again;
	char *before, *after;

	begin(&l, "", "", "", "");
	before = lab_map(&l, l.base, P);
	lab_forget(lab_what_if(&l, "fra down; ams.up prepend 4"));
	assert_int_equal(scenario_run(l.s, l.s->base, l.engine, &again), 0);
	after = lab_map(&l, again, P);
	assert_string_equal(before, after);
	scenario_outcome_free(again);
	free(before);
	free(after);
	lab_end(&l);
}

/* From plan to plan by one announcement after the other, as sim has it. */
static void
test_step_by_step(void **state)
{
	static const char words[] = "fra.up prepend 2; ams local-only";
	const struct sim_announcement *from, *to;
	struct scenario_outcome *o;
	struct sim_whatif *w;
	struct lab l;
	size_t n;

	begin(&l, "", "", "", "");
	o = lab_what_if(&l, words);
	n = o->plan->n_upstreams;
	from = l.s->base->prefixes[0].announcements;
	to = o->plan->prefixes[0].announcements;
	assert_int_equal(n, l.s->base->n_upstreams);
	assert_int_equal(sim_whatif_new(l.engine, &l.s->policy, from, n, &w),
			 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sim_whatif_change(w, i, &to[i]), 0);
	assert_memory_equal(sim_whatif_result(w)->announcement,
			    o->routes[0]->result.announcement,
			    sim_graph_count(l.s->graph) * sizeof(uint16_t));
	assert_true(memcmp(sim_whatif_result(w)->announcement,
			   l.base->routes[0]->result.announcement,
			   sim_graph_count(l.s->graph) * sizeof(uint16_t)) !=
		    0);
	sim_whatif_free(w);
	lab_forget(o);
	lab_end(&l);
}

static void
test_refused(void **state)
{
	struct scenario_plan *plan;
	struct lab l;

	begin(&l, "", "", "", "");
	assert_int_equal(scenario_what_if(l.s, "fra down; fra.xi down",
					  "--what-if", &plan, &l.messages),
			 -22);
	assert_null(plan);
	assert_string_equal(text_str(&l.messages),
			    "--what-if: \"fra.xi down\": found the unknown "
			    "neighbour \"xi\" (did you mean ix?), expected up "
			    "or ix\n");
	lab_end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_add),
	    cmocka_unit_test(test_blackhole_drops),
	    cmocka_unit_test(test_base_stays),
	    cmocka_unit_test(test_step_by_step),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
