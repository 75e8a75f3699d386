/* SPDX-License-Identifier: ISC */
/* Every piece once, over any number of threads; the lowest error. */
#include <errno.h>
#include <stdlib.h>

#include "../test.h"
#include "sim/sim.h"

#define PIECES 1000

struct seen {
	unsigned calls[PIECES];
	bool wrong;
	const struct sim_graph *g;
};

static int
call(void *ctx, struct sim_worker *worker, size_t i)
{
	struct seen *seen = ctx;

	/* No other thread has this i: nothing to lock. */
	seen->calls[i]++;
	if ((worker->engine != NULL) != (seen->g != NULL) ||
	    worker->number >= 4)
		seen->wrong = true;
	return 0;
}

static void
test_once(void **state)
{
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct seen seen = {.wrong = false};

		assert_int_equal(0,
				 sim_each(NULL, threads, PIECES, call, &seen));
		assert_false(seen.wrong);
		for (size_t i = 0; i < PIECES; i++)
			assert_int_equal(1, seen.calls[i]);
	}
}

static void
test_nothing(void **state)
{
	struct seen seen = {.wrong = false};

	assert_int_equal(0, sim_each(NULL, 0, 0, call, &seen));
	assert_int_equal(0, seen.calls[0]);
	assert_true(sim_threads(0) >= 1);
	assert_int_equal(7, sim_threads(7));
}

static int
refuse(void *ctx, struct sim_worker *worker, size_t i)
{
	const size_t *from = ctx;

	return i >= *from ? -(int)i : 0;
}

static void
test_lowest_error(void **state)
{
	size_t from = 321;

	for (unsigned threads = 1; threads <= 4; threads++)
		assert_int_equal(
		    -321, sim_each(NULL, threads, PIECES, refuse, &from));
}

/* ---- lists of prefixes ---- */

static struct sim_graph *
chain(void)
{
	static const char links[] = "1|2|-1\n2|3|-1\n3|4|-1\n";
	struct text messages = {0};
	struct sim_graph *g;

	assert_int_equal(0, sim_graph_parse("chain", links, sizeof(links) - 1,
					    &g, &messages));
	text_free(&messages);
	return g;
}

struct lengths {
	uint8_t of_first[4]; /* by scenario: the path of AS1 */
	size_t refused;
};

static int
keep_length(void *ctx, const struct sim_worker *worker, size_t i,
	    const struct sim_result *r)
{
	struct lengths *l = ctx;

	l->of_first[i] = sim_route(worker->g, r, 0).length;
	return i == l->refused ? -EINTR : 0;
}

static void
test_scenarios(void **state)
{
	struct sim_graph *g = chain();
	struct sim_policy policy = {0};
	struct sim_announcement at[4] = {{0}};
	struct sim_scenario list[4];
	struct lengths lengths = {.refused = 4};

	for (uint32_t i = 0; i < 4; i++) {
		at[i].at = sim_graph_find(g, i + 1);
		list[i] = (struct sim_scenario){&at[i], 1};
	}
	assert_int_equal(
	    0, sim_each_run(g, &policy, 3, list, 4, keep_length, &lengths));
	for (uint8_t i = 0; i < 4; i++)
		assert_int_equal(i + 1, lengths.of_first[i]);
	lengths.refused = 2;
	assert_int_equal(-EINTR, sim_each_run(g, &policy, 3, list, 4,
					      keep_length, &lengths));
	at[1].at = 99; /* no AS of the graph */
	assert_int_equal(-EINVAL, sim_each_run(g, &policy, 3, list, 4,
					       keep_length, &lengths));
	sim_graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_once),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_lowest_error),
	    cmocka_unit_test(test_scenarios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
