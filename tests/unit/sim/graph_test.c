/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/graph.h"

static struct sim_graph *
parse(const char *text)
{
	struct text messages = {0};
	struct sim_graph *g;
	int err = sim_graph_parse("test", text, strlen(text), &g, &messages);

	assert_string_equal(text_str(&messages), "");
	assert_int_equal(err, 0);
	text_free(&messages);
	return g;
}

/* "2 3": the AS numbers of a row. */
static void
expect_row(const struct sim_graph *g, uint32_t asn, enum sim_relation what,
	   const char *expected)
{
	struct sim_ids row =
	    sim_graph_neighbours(g, sim_graph_find(g, asn), what);
	struct text seen = {0};

	for (size_t i = 0; i < row.n; i++)
		text_addf(&seen, "%s%u", i ? " " : "",
			  sim_graph_asn(g, row.v[i]));
	assert_string_equal(text_str(&seen), expected);
	text_free(&seen);
}

static void
rows_stand_in_order_of_as_numbers(void **state)
{
	struct sim_graph *g = parse("# serial-1\n"
				    "10|30|-1\n10|7|-1\n30|7|-1\n"
				    "10|4294967295|0\n5|10|0\n7|5|0\n");

	assert_int_equal(sim_graph_count(g), 5);
	assert_int_equal(sim_graph_provider_links(g), 3);
	assert_int_equal(sim_graph_peer_links(g), 3);
	expect_row(g, 10, SIM_CUSTOMER, "7 30");
	expect_row(g, 10, SIM_PEER, "5 4294967295");
	expect_row(g, 10, SIM_PROVIDER, "");
	expect_row(g, 7, SIM_PROVIDER, "10 30");
	expect_row(g, 7, SIM_PEER, "5");
	expect_row(g, 4294967295, SIM_PEER, "10");
	sim_graph_free(g);
}

static void
a_relation_is_seen_from_both_ends(void **state)
{
	struct sim_graph *g = parse("1|2|-1|bgp\n2|3|0|mlp\n3|4|-1|bgp\n");
	uint32_t id[5];

	for (uint32_t asn = 1; asn < 5; asn++)
		id[asn] = sim_graph_find(g, asn);
	assert_int_equal(sim_graph_relation(g, id[1], id[2]), SIM_CUSTOMER);
	assert_int_equal(sim_graph_relation(g, id[2], id[1]), SIM_PROVIDER);
	assert_int_equal(sim_graph_relation(g, id[2], id[3]), SIM_PEER);
	assert_int_equal(sim_graph_relation(g, id[3], id[2]), SIM_PEER);
	assert_int_equal(sim_graph_relation(g, id[1], id[4]), SIM_ORIGIN);
	assert_int_equal(sim_graph_relation(g, id[1], id[1]), SIM_ORIGIN);
	sim_graph_free(g);
}

static void
numbers_that_are_not_there_are_not_found(void **state)
{
	struct sim_graph *g = parse("2|4|-1\n");

	assert_int_equal(sim_graph_find(g, 1), SIM_NONE);
	assert_int_equal(sim_graph_find(g, 3), SIM_NONE);
	assert_int_equal(sim_graph_find(g, 5), SIM_NONE);
	assert_int_equal(sim_graph_find(g, 0), SIM_NONE);
	assert_int_equal(sim_graph_find(g, UINT32_MAX), SIM_NONE);
	assert_int_equal(sim_graph_asn(g, sim_graph_find(g, 4)), 4);
	sim_graph_free(g);
}

static void
a_set_holds_what_was_added(void **state)
{
	struct sim_graph *g = parse("1|2|-1\n1|3|-1\n");
	struct sim_set set = sim_set_new(g), none = {0};

	sim_set_add(&set, 2);
	assert_true(sim_set_has(&set, 2));
	assert_false(sim_set_has(&set, 1));
	assert_false(sim_set_has(&none, 1));
	sim_set_free(&set);
	assert_null(set.v);
	sim_graph_free(g);
}

/* Random links that have no loop: a provider has the lower number of two in
 * an order that has nothing to do with AS numbers. */
static size_t
make_links(struct graph_link *links, size_t n, uint32_t ases, unsigned *seed)
{
	static const uint32_t mix = 2654435761u;

	for (size_t i = 0; i < n; i++) {
		uint32_t a = (uint32_t)rand_r(seed) % ases;
		uint32_t b = (uint32_t)rand_r(seed) % ases;
		uint32_t low = a < b ? a : b, high = a < b ? b : a;

		if (low == high)
			high++;
		links[i] = (struct graph_link){
		    .a = (low + 1) * mix,
		    .b = (high + 1) * mix,
		    /* The same for the same pair. */
		    .peers = (low * 31 + high * 17) % 3 == 0,
		    .line = (uint32_t)i + 1,
		};
	}
	return n;
}

static void
expect_rules(const struct sim_graph *g)
{
	for (uint32_t id = 0; id < g->n; id++) {
		assert_int_equal(g->by_rank[g->rank[id]], id);
		for (enum sim_relation r = SIM_CUSTOMER; r <= SIM_PROVIDER;
		     r++) {
			struct sim_ids row = graph_row(g, r, id);

			for (size_t i = 0; i < row.n; i++) {
				if (r == SIM_PROVIDER)
					assert_true(row.v[i] < id);
				if (i > 0)
					assert_true(g->asn[row.v[i - 1]] <
						    g->asn[row.v[i]]);
				assert_int_equal(
				    sim_graph_relation(g, row.v[i], id),
				    SIM_CUSTOMER + SIM_PROVIDER - r);
			}
		}
	}
}

static void
random_graphs_keep_the_rules(void **state)
{
	struct graph_link links[400], copy[400];
	unsigned seed = 1;

	for (int round = 0; round < 200; round++) {
		size_t n = make_links(links, 1 + (size_t)round * 2 % 400,
				      2 + (uint32_t)round, &seed);
		struct text messages = {0};
		struct sim_graph *g;

		memcpy(copy, links, sizeof(copy));
		assert_int_equal(graph_build("test", links, n, &g, &messages),
				 0);
		expect_rules(g);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(
			    sim_graph_relation(g, sim_graph_find(g, copy[i].a),
					       sim_graph_find(g, copy[i].b)),
			    copy[i].peers ? SIM_PEER : SIM_CUSTOMER);
		sim_graph_free(g);
		text_free(&messages);
	}
}

static void
a_loop_is_found_wherever_it_is(void **state)
{
	struct graph_link links[400];
	unsigned seed = 7;

	for (int round = 0; round < 50; round++) {
		size_t n = make_links(links, 300, 60, &seed);
		struct text messages = {0};
		struct sim_graph *g;
		size_t at = (size_t)round;

		/* A way from b back to a, over somebody new. */
		while (links[at].peers)
			at++;
		links[n++] = (struct graph_link){links[at].b, 5, false, 301};
		links[n++] = (struct graph_link){5, links[at].a, false, 302};
		assert_int_equal(graph_build("test", links, n, &g, &messages),
				 -EINVAL);
		assert_null(g);
		assert_non_null(
		    strstr(text_str(&messages), "providers form a loop: AS "));
		assert_non_null(strstr(text_str(&messages), "AS 5 (line 302)"));
		text_free(&messages);
	}
}

static int
build_star(uint32_t leaves, struct sim_graph **g, struct text *messages)
{
	struct graph_link *links = xcalloc(leaves, sizeof(*links));
	int err;

	for (uint32_t i = 0; i < leaves; i++)
		links[i] = (struct graph_link){1, i + 2, false, i + 1};
	err = graph_build("test", links, leaves, g, messages);
	free(links);
	return err;
}

static void
ranks_have_18_bits(void **state)
{
	struct text messages = {0};
	struct sim_graph *g;

	assert_int_equal(build_star(262142, &g, &messages), 0);
	assert_int_equal(sim_graph_count(g), 262143);
	sim_graph_free(g);
	assert_int_equal(build_star(262143, &g, &messages), -EINVAL);
	assert_string_equal(text_str(&messages),
			    "test:262143: more than 262143 ASes, the most "
			    "that are accepted\n");
	text_free(&messages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_stand_in_order_of_as_numbers),
	    cmocka_unit_test(a_relation_is_seen_from_both_ends),
	    cmocka_unit_test(numbers_that_are_not_there_are_not_found),
	    cmocka_unit_test(a_set_holds_what_was_added),
	    cmocka_unit_test(random_graphs_keep_the_rules),
	    cmocka_unit_test(a_loop_is_found_wherever_it_is),
	    cmocka_unit_test(ranks_have_18_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
