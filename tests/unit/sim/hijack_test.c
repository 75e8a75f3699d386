/* SPDX-License-Identifier: ISC */
/*
 * Hijacks and leaks on an Internet that a person can follow: who is caught,
 * one culprit at a time and many at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "sim/sim.h"

/*
 *   8 --- 2 --- 1        peers
 *         |     |
 *         4     3        customers below
 *        / \   / \
 *       6    5    7      7 is the origin
 */
static const char links[] = "8|2|0\n2|1|0\n2|4|-1\n1|3|-1\n"
			    "4|6|-1\n4|5|-1\n3|5|-1\n3|7|-1\n";

struct stage {
	struct sim_graph *g;
	struct sim_set rov;
	struct sim_policy policy;
	struct sim_announcement victim;
	struct sim_weights weights;
	struct sim_result base;
};

static int
open_stage(void **state)
{
	struct stage *s = xcalloc(1, sizeof(*s));
	struct text messages = {0};

	assert_int_equal(0, sim_graph_parse("stage", links, sizeof(links) - 1,
					    &s->g, &messages));
	text_free(&messages);
	s->rov = sim_set_new(s->g);
	s->policy.rov = &s->rov;
	s->victim.at = sim_graph_find(s->g, 7);
	s->weights = sim_weights_ases(s->g);
	s->base = sim_result_new(s->g);
	*state = s;
	return 0;
}

static int
close_stage(void **state)
{
	struct stage *s = *state;

	sim_result_free(&s->base);
	sim_weights_free(&s->weights);
	sim_set_free(&s->rov);
	sim_graph_free(s->g);
	free(s);
	return 0;
}

/* The ASes caught, as decimal digits in ascending order. */
static uint32_t
digits(const struct stage *s, const struct sim_set *caught)
{
	uint32_t v = 0;

	for (uint32_t asn = 1; asn <= 8; asn++)
		if (sim_set_has(caught, sim_graph_find(s->g, asn)))
			v = v * 10 + asn;
	return v;
}

static struct sim_reach
at_once(struct stage *s, const struct sim_hijack *h)
{
	struct sim_hijacks what = {
	    .g = s->g,
	    .policy = &s->policy,
	    .victim = &s->victim,
	    .n_victim = 1,
	    .hijack = *h,
	    .culprits = &h->culprit,
	    .n_culprits = 1,
	    .weights = &s->weights,
	    .threads = 1,
	};
	struct sim_hijacks_done done;
	struct sim_reach reach;

	assert_int_equal(0, sim_hijacks(&what, &reach, &done));
	assert_int_equal(0, done.missing);
	return reach;
}

static uint32_t
caught_by(struct stage *s, enum sim_hijack_kind kind, uint32_t asn)
{
	struct sim_hijack h = {
	    .kind = kind,
	    .culprit = sim_graph_find(s->g, asn),
	    .origin = 7,
	    .invalid = true,
	    .site = 1,
	};
	struct sim_engine *e = sim_engine_new(s->g);
	struct sim_hijacked hijacked = {0};
	struct sim_result r = sim_result_new(s->g);
	struct sim_set caught = sim_set_new(s->g);
	struct sim_reach one, many;
	uint32_t v;

	assert_int_equal(0, sim_run(e, &s->policy, &s->victim, 1, &s->base));
	sim_hijack_new(s->g, &h, &s->victim, 1, &s->base, &hijacked);
	assert_int_equal(0, sim_run(e, &s->policy, hijacked.v, hijacked.n, &r));
	one = sim_hijack_reach(s->g, &h, &hijacked, &s->base, &r, &s->weights,
			       &caught);
	many = at_once(s, &h);
	v = digits(s, &caught);
	assert_int_equal(one.ases, many.ases);
	assert_int_equal(one.weight, many.weight);
	assert_int_equal(one.weight, one.ases * SIM_WEIGHT_ONE);
	sim_set_free(&caught);
	sim_result_free(&r);
	sim_hijacked_free(&hijacked);
	sim_engine_free(e);
	return v;
}

static void
test_exact(void **state)
{
	struct stage *s = *state;

	/* AS5 hears both at the same distance: lower AS number, AS3. */
	assert_int_equal(248, caught_by(s, SIM_HIJACK_EXACT, 6));
	assert_int_equal(123468, caught_by(s, SIM_HIJACK_EXACT, 5));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_EXACT, 7));
	sim_set_add(&s->rov, sim_graph_find(s->g, 4));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_EXACT, 6));
	/* It keeps what it announces itself. */
	sim_set_add(&s->rov, sim_graph_find(s->g, 6));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_EXACT, 6));
}

static void
test_forged_origin(void **state)
{
	struct stage *s = *state;

	/* One AS longer: AS3 prefers AS7 itself. */
	assert_int_equal(2468, caught_by(s, SIM_HIJACK_FORGED_ORIGIN, 5));
	/* Origin validation finds nothing. */
	sim_set_add(&s->rov, sim_graph_find(s->g, 4));
	assert_int_equal(2468, caught_by(s, SIM_HIJACK_FORGED_ORIGIN, 5));
}

static void
test_sub_prefix(void **state)
{
	struct stage *s = *state;

	assert_int_equal(123457 * 10 + 8,
			 caught_by(s, SIM_HIJACK_SUB_PREFIX, 6));
	/*
	 * AS4 drops it, and AS6 hears nothing: their packets leave for AS7,
	 * and come to AS2, which knows the way to AS5. AS8 has no route.
	 */
	sim_set_add(&s->rov, sim_graph_find(s->g, 4));
	assert_int_equal(123467, caught_by(s, SIM_HIJACK_SUB_PREFIX, 5));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_SUB_PREFIX, 6));
}

static void
test_leak(void **state)
{
	struct stage *s = *state;

	assert_int_equal(2468, caught_by(s, SIM_HIJACK_LEAK, 5));
	/* Customer routes go to everybody anyway; AS8 has none. */
	assert_int_equal(0, caught_by(s, SIM_HIJACK_LEAK, 3));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_LEAK, 8));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_LEAK, 7));
	/* What leaks has the communities that it had. */
	s->victim.nopeer = true;
	assert_int_equal(246, caught_by(s, SIM_HIJACK_LEAK, 5));
	s->victim.invalid = true;
	sim_set_add(&s->rov, sim_graph_find(s->g, 4));
	assert_int_equal(0, caught_by(s, SIM_HIJACK_LEAK, 5));
}

/* More ASes that choose alike than 16 bits count. */
static void
test_crowd(void **state)
{
	const uint32_t customers = 70000;
	struct text lines = {0}, messages = {0};
	struct sim_announcement victim = {.at = 0};
	struct sim_policy policy = {0};
	struct sim_hijacks what = {
	    .policy = &policy,
	    .victim = &victim,
	    .n_victim = 1,
	    .n_culprits = 1,
	};
	struct sim_hijacks_done done;
	struct sim_reach reach;
	struct sim_graph *g;
	uint32_t culprit;

	for (uint32_t i = 0; i < customers; i++)
		text_addf(&lines, "1|%u|-1\n", 2 + i);
	assert_int_equal(0, sim_graph_parse("star", text_str(&lines), lines.len,
					    &g, &messages));
	text_free(&lines);
	text_free(&messages);
	what.g = g;
	victim.at = sim_graph_find(g, 3);
	culprit = sim_graph_find(g, 2);
	what.culprits = &culprit;
	assert_int_equal(0, sim_hijacks(&what, &reach, &done));
	assert_int_equal(1, done.in_lanes);
	/* All but AS3 and itself. */
	assert_int_equal(customers + 1 - 2, reach.ases);
	sim_graph_free(g);
}

/* ---- all of them ---- */

static bool
stop_at_once(void *ctx)
{
	return true;
}

static void
test_stop(void **state)
{
	struct stage *s = *state;
	struct sim_hijacks what = {
	    .g = s->g,
	    .policy = &s->policy,
	    .victim = &s->victim,
	    .n_victim = 1,
	    .threads = 2,
	    .stop = stop_at_once,
	};
	struct sim_hijacks_done done;
	struct sim_hijacks_summary summary;
	struct sim_reach reach[8];

	assert_int_equal(-ECANCELED, sim_hijacks(&what, reach, &done));
	assert_int_equal(8, done.missing);
	assert_int_equal(UINT32_MAX, reach[0].ases);
	sim_hijacks_summarize(&what, reach, &summary);
	assert_int_equal(0, summary.all.culprits);
	assert_int_equal(0, summary.n_worst);
}

struct told {
	size_t times, done, all;
};

static void
tell(void *ctx, size_t done, size_t all)
{
	struct told *told = ctx;

	assert_true(done >= told->done);
	*told = (struct told){told->times + 1, done, all};
}

static void
test_progress(void **state)
{
	struct stage *s = *state;
	struct told told = {0};
	struct sim_hijacks what = {
	    .g = s->g,
	    .policy = &s->policy,
	    .victim = &s->victim,
	    .n_victim = 1,
	    .threads = 1,
	    .progress = tell,
	    .ctx = &told,
	};
	struct sim_hijacks_done done;
	struct sim_reach reach[8];

	/* One by one, so that there is something to tell in between. */
	s->policy.preference = SIM_PREFER_LENGTH;
	assert_int_equal(0, sim_hijacks(&what, reach, &done));
	assert_int_equal(8, done.alone);
	assert_int_equal(8, told.times);
	assert_int_equal(8, told.done);
	assert_int_equal(8, told.all);
}

static void
test_refused(void **state)
{
	struct stage *s = *state;
	struct sim_hijacks what = {
	    .g = s->g,
	    .policy = &s->policy,
	    .victim = &s->victim,
	    .n_victim = 1,
	};
	struct sim_hijacks_done done;
	struct sim_reach reach[8];

	s->victim.at = 8;
	assert_int_equal(-EINVAL, sim_hijacks(&what, reach, &done));
}

static void
test_summary(void **state)
{
	struct stage *s = *state;
	struct sim_hijacks what = {
	    .g = s->g,
	    .policy = &s->policy,
	    .victim = &s->victim,
	    .n_victim = 1,
	};
	struct sim_hijacks_done done;
	struct sim_hijacks_summary summary;
	struct sim_reach reach[8];

	assert_int_equal(0, sim_hijacks(&what, reach, &done));
	assert_int_equal(8, done.in_lanes);
	sim_hijacks_summarize(&what, reach, &summary);
	assert_int_equal(8, summary.all.culprits);
	assert_int_equal(4, summary.size[SIM_SIZE_STUB].culprits);
	assert_int_equal(4, summary.size[SIM_SIZE_SMALL].culprits);
	assert_int_equal(0, summary.size[SIM_SIZE_MEDIUM].culprits);
	/* AS5 and AS3 catch six of seven others; the lower id stands first. */
	assert_int_equal(8, summary.n_worst);
	assert_int_equal(6, summary.worst[0].reach.ases);
	assert_float_equal(6.0 / 7, summary.all.worst, 1e-9);
	assert_int_equal(1, summary.all.harmless); /* AS7 itself */
	assert_float_equal(0, summary.worst[7].share, 1e-9);
	assert_int_equal(1, summary.twentieths[0]);
}

int
main(void)
{
#define WITH_STAGE(f)                                                          \
	cmocka_unit_test_setup_teardown(f, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
	    WITH_STAGE(test_exact),       WITH_STAGE(test_forged_origin),
	    WITH_STAGE(test_sub_prefix),  WITH_STAGE(test_leak),
	    cmocka_unit_test(test_crowd), WITH_STAGE(test_stop),
	    WITH_STAGE(test_progress),    WITH_STAGE(test_refused),
	    WITH_STAGE(test_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
