/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

static struct sim_graph *
small_graph(void)
{
	static const char text[] = "1|2|-1\n1|3|-1\n2|3|0\n";
	struct text messages = {0};
	struct sim_graph *g;

	assert_int_equal(
	    sim_graph_parse("t", text, sizeof(text) - 1, &g, &messages), 0);
	return g;
}

static void
asns_become_a_set(void **state)
{
	static const char text[] = "# drop\n3\nAS1 # tier 1\nas99\n";
	struct sim_graph *g = small_graph();
	struct text messages = {0};
	struct sim_asns asns;
	struct sim_set set;

	assert_int_equal(
	    sim_read_asns_parse("F", text, sizeof(text) - 1, &asns, &messages),
	    0);
	assert_int_equal(asns.n, 3);
	assert_int_equal(asns.v[0].asn, 1);
	assert_int_equal(asns.v[0].line, 3);
	assert_int_equal(asns.v[2].asn, 99);
	set = sim_asns_set(g, "F", &asns, &messages);
	assert_string_equal(text_str(&messages),
			    "F:4: warning: AS 99 is not in the graph: passed "
			    "over\n");
	assert_true(sim_set_has(&set, sim_graph_find(g, 1)));
	assert_false(sim_set_has(&set, sim_graph_find(g, 2)));
	assert_true(sim_set_has(&set, sim_graph_find(g, 3)));
	sim_set_free(&set);
	sim_asns_free(&asns);
	sim_graph_free(g);
	text_free(&messages);
}

static void
loads_are_of_ases_and_prefixes(void **state)
{
	static const char text[] = "\"who\", \"load\"\r\n"
				   "AS2,1.5\r\n"
				   "2001:db8::/32, 2e3\r\n"
				   "1 ,0\r\n"
				   "192.0.2.0/24,7\r\n";
	struct text messages = {0};
	struct sim_loads loads;
	char buf[PREFIX_TEXT_MAX];

	assert_int_equal(sim_read_loads_parse("F", text, sizeof(text) - 1,
					      &loads, &messages),
			 0);
	assert_string_equal(text_str(&messages), "");
	assert_int_equal(loads.n, 4);
	assert_string_equal(prefix_format(&loads.v[0].prefix, buf, sizeof(buf)),
			    "192.0.2.0/24");
	assert_string_equal(prefix_format(&loads.v[1].prefix, buf, sizeof(buf)),
			    "2001:db8::/32");
	assert_true(loads.v[1].load == 2000.0);
	assert_int_equal(loads.v[2].asn, 1);
	assert_true(loads.v[2].load == 0.0);
	assert_int_equal(loads.v[3].asn, 2);
	assert_true(loads.v[3].load == 1.5);
	assert_int_equal(loads.v[3].line, 2);
	sim_loads_free(&loads);
}

static void
several_origins_are_an_entry_each(void **state)
{
	static const char text[] = "192.0.2.0\t24\t7_5,6\n"
				   "2001:db8::\t32\t1\n"
				   "10.0.0.0/8 3\n";
	static const uint32_t asns[] = {3, 5, 6, 7, 1};
	struct text messages = {0};
	struct sim_origins origins;

	assert_int_equal(sim_read_origins_parse("F", text, sizeof(text) - 1,
						&origins, &messages),
			 0);
	assert_string_equal(text_str(&messages), "");
	assert_int_equal(origins.n, ARRAY_LEN(asns));
	for (size_t i = 0; i < ARRAY_LEN(asns); i++)
		assert_int_equal(origins.v[i].asn, asns[i]);
	assert_int_equal(origins.v[1].line, 1);
	assert_int_equal(origins.v[3].prefix.len, 24);
	assert_int_equal(origins.v[4].prefix.len, 32);
	sim_origins_free(&origins);
}

static void
costs_stand_by_site_and_id(void **state)
{
	static const char text[] = "site,as,ms\nfra,2,12.3456\nams,AS3,7\n"
				   "fra,1,0\n";
	static const char *const sites[] = {"ams", "fra"};
	struct sim_graph *g = small_graph();
	struct text messages = {0};
	uint32_t *cost, one = sim_graph_find(g, 1), two = sim_graph_find(g, 2),
			three = sim_graph_find(g, 3);

	assert_int_equal(sim_read_costs_parse("F", text, sizeof(text) - 1, g,
					      sites, 2, &cost, &messages),
			 0);
	assert_string_equal(text_str(&messages), "");
	assert_int_equal(cost[three], 7000);
	assert_int_equal(cost[two], SIM_COST_UNKNOWN);
	assert_int_equal(cost[3 + two], 12346);
	assert_int_equal(cost[3 + one], 0);
	assert_int_equal(cost[3 + three], SIM_COST_UNKNOWN);
	free(cost);
	sim_graph_free(g);
}

static void
files_that_are_not_there_are_told(void **state)
{
	struct text messages = {0};
	struct sim_asns asns;
	struct sim_loads loads;
	struct sim_origins origins;
	struct sim_graph *g;

	assert_int_equal(sim_read_asns("/nonexistent/a", &asns, &messages),
			 -ENOENT);
	assert_int_equal(sim_read_loads("/nonexistent/l", &loads, &messages),
			 -ENOENT);
	assert_int_equal(
	    sim_read_origins("/nonexistent/o", &origins, &messages), -ENOENT);
	assert_int_equal(sim_graph_load("/nonexistent/g", &g, &messages),
			 -ENOENT);
	assert_null(g);
	assert_string_equal(
	    text_str(&messages),
	    "/nonexistent/a: cannot be opened: No such file or directory\n"
	    "/nonexistent/l: cannot be opened: No such file or directory\n"
	    "/nonexistent/o: cannot be opened: No such file or directory\n"
	    "/nonexistent/g: cannot be opened: No such file or directory\n");
	assert_null(asns.v);
	assert_null(loads.v);
	assert_null(origins.v);
	text_free(&messages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asns_become_a_set),
	    cmocka_unit_test(loads_are_of_ases_and_prefixes),
	    cmocka_unit_test(several_origins_are_an_entry_each),
	    cmocka_unit_test(costs_stand_by_site_and_id),
	    cmocka_unit_test(files_that_are_not_there_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
