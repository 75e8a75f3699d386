/* SPDX-License-Identifier: ISC */
/* ASes behind an AS, against looking at each of them. */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

#define ASES 1500 /* more than two blocks of 512 */

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Providers have lower numbers, so that there is no loop. */
static struct sim_graph *
random_graph(uint32_t seed)
{
	struct sim_graph *g = NULL;
	struct text text = {0}, messages = {0};

	for (uint32_t asn = 2; asn <= ASES; asn++) {
		uint32_t a = 1 + next(&seed) % (asn - 1);
		uint32_t b = 1 + next(&seed) % (asn - 1);

		text_addf(&text, "%u|%u|-1\n", a, asn);
		if (b != a)
			text_addf(&text, "%u|%u|%d\n", b, asn,
				  next(&seed) % 3 ? -1 : 0);
	}
	assert_int_equal(
	    sim_graph_parse("random", text.s, text.len, &g, &messages), 0);
	text_free(&text);
	text_free(&messages);
	return g;
}

static uint32_t
visit(const struct sim_graph *g, uint32_t id, bool *seen)
{
	struct sim_ids c = sim_graph_neighbours(g, id, SIM_CUSTOMER);
	uint32_t n = 1;

	if (seen[id])
		return 0;
	seen[id] = true;
	for (size_t i = 0; i < c.n; i++)
		n += visit(g, c.v[i], seen);
	return n;
}

static void
cones_are_what_can_be_reached_downwards(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct sim_graph *g = random_graph(seed);
		uint32_t *cone = tell_cones(g);

		for (uint32_t id = 0; id < sim_graph_count(g); id++) {
			bool seen[ASES + 1] = {false};

			assert_int_equal(cone[id], visit(g, id, seen));
		}
		free(cone);
		sim_graph_free(g);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cones_are_what_can_be_reached_downwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
