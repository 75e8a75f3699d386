/* SPDX-License-Identifier: ISC */
/*
 * Cases small enough to be checked by hand. Random ones, against another
 * simulator, are in random_test.c.
 */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

struct world {
	struct sim_graph *g;
	struct sim_engine *engine;
	struct sim_result result;
	struct sim_policy policy;
	struct sim_announcement a[8];
	size_t n;
};

/* Links as "1>2 2-3": 1 is provider of 2, 2 and 3 are peers. */
static struct world
world_of(const char *links)
{
	struct world w = {0};
	struct text file = {0}, messages = {0};
	char *copy = strdup(links), *rest = copy, *link;

	while ((link = strsep(&rest, " "))) {
		char *end;
		unsigned long a = strtoul(link, &end, 10);

		text_addf(&file, "%lu|%s|%d\n", a, end + 1,
			  *end == '>' ? -1 : 0);
	}
	assert_int_equal(sim_graph_parse("links", text_str(&file), file.len,
					 &w.g, &messages),
			 0);
	w.engine = sim_engine_new(w.g);
	w.result = sim_result_new(w.g);
	text_free(&file);
	text_free(&messages);
	free(copy);
	return w;
}

static void
world_free(struct world *w)
{
	sim_result_free(&w->result);
	sim_engine_free(w->engine);
	sim_graph_free(w->g);
}

static uint32_t
id_of(const struct world *w, uint32_t asn)
{
	uint32_t id = sim_graph_find(w->g, asn);

	assert_int_not_equal(id, SIM_NONE);
	return id;
}

/* The AS itself announces. */
static struct sim_announcement *
originate(struct world *w, uint32_t asn)
{
	struct sim_announcement *a = &w->a[w->n];

	*a = (struct sim_announcement){
	    .at = id_of(w, asn),
	    .site = (uint32_t)w->n++,
	};
	return a;
}

/* AS 64500, which is not in the graph, as a customer of `asn`. */
static struct sim_announcement *
announce(struct world *w, uint32_t asn)
{
	static const uint32_t tail[] = {64500, 64500, 64500, 64500};
	struct sim_announcement *a = originate(w, asn);

	a->from = SIM_CUSTOMER;
	a->tail = tail;
	a->n_tail = 1;
	return a;
}

static void
run(struct world *w)
{
	assert_int_equal(sim_run(w->engine, &w->policy, w->a, w->n, &w->result),
			 0);
}

/* The path of an AS as "3 2 1", "" without a route. */
static void
expect_path(struct world *w, uint32_t asn, const char *expected)
{
	uint32_t path[SIM_PATH_MAX + 1];
	size_t n = sim_path(w->g, &w->result, w->a, id_of(w, asn), path);
	struct text text = {0};

	for (size_t i = 0; i < n; i++)
		text_addf(&text, "%s%u", i ? " " : "", path[i]);
	assert_string_equal(text_str(&text), expected);
	text_free(&text);
}

static void
routes_go_up_across_and_down(void **state)
{
	struct world w = world_of("1>2 2>3 1-4 4>5");

	originate(&w, 3);
	run(&w);
	expect_path(&w, 3, "3");
	expect_path(&w, 1, "1 2 3");
	expect_path(&w, 4, "4 1 2 3");
	expect_path(&w, 5, "5 4 1 2 3");
	world_free(&w);
}

static void
no_valley_is_crossed(void **state)
{
	/* 2 hears by its provider 1 and peer 3; neither goes to the other. */
	struct world w = world_of("1>2 2-3 4-3 4>5");

	originate(&w, 1);
	run(&w);
	expect_path(&w, 2, "2 1");
	expect_path(&w, 3, "");
	world_free(&w);
	w = world_of("1-2 2-3");
	originate(&w, 1);
	run(&w);
	expect_path(&w, 2, "2 1");
	expect_path(&w, 3, "");
	world_free(&w);
}

static void
a_customer_is_preferred_to_a_shorter_peer(void **state)
{
	struct world w = world_of("1>2 2>3 1-4 5>1 5>4");

	originate(&w, 3);
	originate(&w, 4);
	run(&w);
	expect_path(&w, 1, "1 2 3");
	expect_path(&w, 5, "5 4");
	w.policy.preference = SIM_PREFER_CUSTOMER_EQUAL_PEER;
	run(&w);
	expect_path(&w, 1, "1 4");
	w.policy.preference = SIM_PREFER_PEER_EQUAL_PROVIDER;
	run(&w);
	expect_path(&w, 1, "1 2 3");
	world_free(&w);
}

static void
a_peer_is_preferred_to_a_shorter_provider(void **state)
{
	struct world w = world_of("1>2 2-3 3>4 1>3");

	originate(&w, 1);
	originate(&w, 4);
	run(&w);
	expect_path(&w, 2, "2 3 4");
	w.policy.preference = SIM_PREFER_PEER_EQUAL_PROVIDER;
	run(&w);
	expect_path(&w, 2, "2 1");
	w.policy.preference = SIM_PREFER_LENGTH;
	run(&w);
	expect_path(&w, 2, "2 1");
	world_free(&w);
}

static void
the_lower_as_number_decides_last(void **state)
{
	struct world w = world_of("9>1 8>1 9>2 8>2");
	struct sim_candidate c[4];

	originate(&w, 2);
	run(&w);
	expect_path(&w, 1, "1 8 2");
	assert_int_equal(sim_candidates(w.g, &w.policy, w.a, w.n, &w.result,
					id_of(&w, 1), c, 4),
			 2);
	assert_int_equal(c[0].neighbour, id_of(&w, 8));
	assert_true(c[0].best && c[0].tie && c[1].tie && !c[1].best);
	world_free(&w);
}

static void
a_tie_between_sites_is_told(void **state)
{
	struct world w = world_of("9>1 8>1 9>2 8>3 9-8");
	struct sim_set ties = sim_set_new(w.g);

	originate(&w, 2);
	originate(&w, 3);
	run(&w);
	expect_path(&w, 1, "1 8 3");
	sim_ties(w.g, &w.policy, w.a, w.n, &w.result, &ties);
	assert_true(sim_set_has(&ties, id_of(&w, 1)));
	assert_false(sim_set_has(&ties, id_of(&w, 9)));
	assert_false(sim_set_has(&ties, id_of(&w, 2)));
	sim_set_free(&ties);
	world_free(&w);
}

static void
prepending_moves_the_far_ones(void **state)
{
	struct world w = world_of("1>2 1>3 1>4");

	announce(&w, 2);
	announce(&w, 3)->n_tail = 2;
	run(&w);
	expect_path(&w, 4, "4 1 2 64500");
	expect_path(&w, 3, "3 64500 64500");
	w.a[0].n_tail = 4;
	run(&w);
	expect_path(&w, 4, "4 1 3 64500 64500");
	w.a[0].down = true;
	w.a[1].down = true;
	run(&w);
	expect_path(&w, 3, "");
	world_free(&w);
}

static void
communities_bind_the_upstream(void **state)
{
	struct world w = world_of("1>2 2-3 2>4 1>5");
	struct sim_export exports[2] = {{.neighbour = id_of(&w, 1)}};
	struct sim_announcement *a = announce(&w, 2);

	a->no_export = true;
	run(&w);
	expect_path(&w, 2, "2 64500");
	expect_path(&w, 1, "");
	expect_path(&w, 4, "");
	a->no_export = false;
	a->nopeer = true;
	run(&w);
	expect_path(&w, 3, "");
	expect_path(&w, 5, "5 1 2 64500");
	a->nopeer = false;
	a->exports = exports;
	a->n_exports = 1;
	a->only = true;
	run(&w);
	expect_path(&w, 1, "1 2 64500");
	expect_path(&w, 4, "");
	a->only = false;
	exports[0].prepend = 2;
	run(&w);
	expect_path(&w, 5, "5 1 2 2 2 64500");
	expect_path(&w, 4, "4 2 64500");
	exports[0].deny = true;
	run(&w);
	expect_path(&w, 1, "");
	expect_path(&w, 3, "3 2 64500");
	world_free(&w);
}

static void
validating_ases_drop_what_is_invalid(void **state)
{
	struct world w = world_of("1>2 1>3 1>4 5>4 5>3 4>6");
	struct sim_set rov = sim_set_new(w.g);

	originate(&w, 2)->invalid = true;
	originate(&w, 3);
	sim_set_add(&rov, id_of(&w, 1));
	w.policy.rov = &rov;
	run(&w);
	expect_path(&w, 2, "2");
	expect_path(&w, 1, "1 3");
	w.a[1].down = true;
	run(&w);
	expect_path(&w, 1, "");
	expect_path(&w, 6, "");
	sim_set_free(&rov);
	world_free(&w);
}

static void
a_forged_path_is_refused_by_those_in_it(void **state)
{
	static const uint32_t victim[] = {3};
	struct world w = world_of("1>2 1>3 3>4");
	struct sim_announcement *a;

	originate(&w, 3)->down = true;
	a = originate(&w, 2);
	a->tail = victim;
	a->n_tail = 1;
	run(&w);
	expect_path(&w, 1, "1 2 3");
	expect_path(&w, 3, "");
	expect_path(&w, 4, "");
	world_free(&w);
}

static void
two_sites_at_one_upstream_tie(void **state)
{
	struct world w = world_of("1>2");
	struct sim_set ties = sim_set_new(w.g);

	announce(&w, 1);
	announce(&w, 1);
	run(&w);
	assert_int_equal(w.result.announcement[id_of(&w, 2)], 0);
	sim_ties(w.g, &w.policy, w.a, w.n, &w.result, &ties);
	assert_true(sim_set_has(&ties, id_of(&w, 1)));
	sim_set_free(&ties);
	world_free(&w);
}

static void
what_breaks_the_rules_is_refused(void **state)
{
	struct world w = world_of("1>2");

	originate(&w, 1)->no_export = true;
	assert_int_equal(sim_run(w.engine, &w.policy, w.a, w.n, &w.result),
			 -EINVAL);
	expect_path(&w, 1, "");
	w.a[0].no_export = false;
	w.a[0].at = 2;
	assert_int_equal(sim_run(w.engine, &w.policy, w.a, w.n, &w.result),
			 -EINVAL);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes_go_up_across_and_down),
	    cmocka_unit_test(no_valley_is_crossed),
	    cmocka_unit_test(a_customer_is_preferred_to_a_shorter_peer),
	    cmocka_unit_test(a_peer_is_preferred_to_a_shorter_provider),
	    cmocka_unit_test(the_lower_as_number_decides_last),
	    cmocka_unit_test(a_tie_between_sites_is_told),
	    cmocka_unit_test(prepending_moves_the_far_ones),
	    cmocka_unit_test(communities_bind_the_upstream),
	    cmocka_unit_test(validating_ases_drop_what_is_invalid),
	    cmocka_unit_test(a_forged_path_is_refused_by_those_in_it),
	    cmocka_unit_test(two_sites_at_one_upstream_tie),
	    cmocka_unit_test(what_breaks_the_rules_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
