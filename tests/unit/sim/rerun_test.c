/* SPDX-License-Identifier: ISC */
/* Whichever way a prefix is run again, the routes are those of sim_run(). */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "sim/rerun.h"

#define ASES  120
#define SITES 40
#define TAIL  4

/* ASes in tiers, the lower the number the higher up; one seed one graph. */
static struct sim_graph *
tiers(uint64_t *random)
{
	struct text file = {0}, messages = {0};
	struct sim_graph *g;

	for (uint32_t asn = 2; asn <= ASES; asn++)
		for (unsigned i = 0; i < 2; i++) {
			*random = *random * UINT64_C(6364136223846793005) + 1;
			text_addf(&file, "%u|%u|-1\n",
				  (unsigned)((*random >> 33) % (asn - 1) + 1),
				  asn);
		}
	assert_int_equal(
	    sim_graph_parse("tiers", text_str(&file), file.len, &g, &messages),
	    0);
	text_free(&file);
	text_free(&messages);
	return g;
}

static size_t
draw(uint64_t *random, size_t below)
{
	*random = *random * UINT64_C(6364136223846793005) + 1;
	return (size_t)((*random >> 33) % below);
}

struct ways {
	size_t whole, renewed, changed;
};

static void
note_way(struct ways *w, const struct rerun *r)
{
	w->whole += r->now == &r->own;
	w->renewed += r->now != &r->own && !r->by_changes;
	w->changed += r->by_changes;
}

static void
check_routes(const struct sim_graph *g, const struct sim_result *a,
	     const struct sim_result *b)
{
	uint32_t n = sim_graph_count(g);

	assert_memory_equal(a->key, b->key, n * sizeof(*a->key));
	assert_memory_equal(a->announcement, b->announcement,
			    n * sizeof(*a->announcement));
}

/* What the what-if says has changed is all that has. */
static void
check_changes(const struct rerun *r, const struct sim_result *before)
{
	const struct sim_set *changed = sim_whatif_changed(r->whatif);

	for (uint32_t id = 0; id < before->n; id++) {
		if (sim_set_has(changed, id))
			continue;
		assert_int_equal(before->key[id], r->now->key[id]);
		assert_int_equal(before->announcement[id],
				 r->now->announcement[id]);
	}
}

/* Mostly one announcement, now and then many. */
static void
change(struct rerun *r, uint64_t *random)
{
	size_t n = draw(random, 8) ? 1 : draw(random, SITES);

	while (n--) {
		struct sim_announcement *a = &r->v[draw(random, SITES)];

		if (draw(random, 2))
			a->down = !a->down;
		else
			a->n_tail = 1 + draw(random, TAIL);
	}
}

static void
as_a_whole_run(void **state)
{
	uint32_t tail[TAIL] = {4200000000, 4200000000, 4200000000, 4200000000};
	struct sim_announcement v[SITES];
	struct sim_policy policy = {0};
	struct ways ways = {0};

	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t random = seed;
		struct sim_graph *g = tiers(&random);
		struct sim_engine *engine = sim_engine_new(g);
		struct sim_result right = sim_result_new(g);
		struct sim_result before = sim_result_new(g);
		struct rerun r;

		for (uint32_t i = 0; i < SITES; i++)
			v[i] = (struct sim_announcement){
			    .at = (uint32_t)draw(&random, ASES),
			    .from = SIM_CUSTOMER,
			    .site = i,
			    .tail = tail,
			    .n_tail = 1 + draw(&random, TAIL),
			};
		r = rerun_new(g, &policy, v, SITES);
		for (size_t i = 0; i < 300; i++) {
			assert_int_equal(rerun_go(&r), 0);
			assert_int_equal(
			    sim_run(engine, &policy, r.v, SITES, &right), 0);
			check_routes(g, r.now, &right);
			if (r.by_changes)
				check_changes(&r, &before);
			note_way(&ways, &r);
			sim_result_copy(&before, &right);
			change(&r, &random);
		}
		rerun_free(&r);
		sim_result_free(&right);
		sim_result_free(&before);
		sim_engine_free(engine);
		sim_graph_free(g);
	}
	assert_true(ways.whole > 100);
	assert_true(ways.renewed > 100);
	assert_true(ways.changed > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_a_whole_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
