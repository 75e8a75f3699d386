/* SPDX-License-Identifier: ISC */
#include "one.h"

#include <math.h>

#define VENDOR ((struct avail_damping){2000, 750, dur_s(900), dur_s(3600)})

/* Falls and rises once, at this time. */
static void
flap(struct avail *av, int64_t seconds)
{
	samples(av, AVAIL_VERDICT_FAIL, 1, seconds);
	samples(av, AVAIL_VERDICT_PASS, 1, seconds);
}

static struct avail *
damped(struct avail_damping d, int64_t hold_down)
{
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail_prefix_settings p = {.damping = d,
					  .hold_down = dur_s(hold_down)};
	struct avail *av = one_with(c, p);

	samples(av, AVAIL_VERDICT_PASS, 1, 0);
	return av;
}

static void
each_failure_adds_and_time_halves(void **state)
{
	struct avail *av = damped(VENDOR, 0);

	assert_int_equal(prefix_of(av).penalty, 0);
	flap(av, 100);
	assert_int_equal(prefix_of(av).penalty, 1000);
	for (int halvings = 1; halvings <= 20; halvings++) {
		avail_tick(av, at(100 + 900 * halvings));
		assert_int_equal(prefix_of(av).penalty, 1000 >> halvings);
	}
	avail_free(av);
}

/* Against floating point, over two half-lives in steps of 7 seconds. */
static void
between_the_halvings_it_falls_evenly(void **state)
{
	struct avail *av = damped(VENDOR, 0);

	flap(av, 0);
	for (int s = 0; s < 1800; s += 7) {
		double exact = 1000 * exp2(-s / 900.0);

		avail_tick(av, at(s));
		assert_true(fabs(prefix_of(av).penalty - exact) <= 1);
	}
	avail_free(av);
}

static void
above_suppress_it_waits_for_reuse(void **state)
{
	struct avail *av = damped(VENDOR, 0);
	struct mono until;

	flap(av, 10);
	flap(av, 10);
	/* 2000 is not above 2000. */
	assert_true(prefix_of(av).announce);
	flap(av, 10);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_SUPPRESSED);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_DAMPED);
	/* 3000 to 750: two half-lives, and the next millisecond. */
	until = prefix_of(av).until;
	assert_int_equal(until.ns, at(1810).ns + dur_ms(1).ns);
	assert_int_equal(avail_next_deadline(av).ns, until.ns);
	avail_tick(av, at(1810));
	assert_false(prefix_of(av).announce);
	avail_tick(av, until);
	assert_true(prefix_of(av).announce);
	assert_int_equal(prefix_of(av).penalty, 749);
	assert_true(mono_is_never(prefix_of(av).until));
	avail_free(av);
}

static void
the_time_of_reuse_shows_while_it_is_down(void **state)
{
	struct avail *av = damped(VENDOR, 0);

	flap(av, 10);
	flap(av, 10);
	samples(av, AVAIL_VERDICT_FAIL, 1, 10);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_WITHDRAWN);
	assert_int_equal(prefix_of(av).until.ns, at(1810).ns + dur_ms(1).ns);
	/* Down for longer than that: nothing holds it when it is back. */
	samples(av, AVAIL_VERDICT_PASS, 1, 2000);
	assert_true(prefix_of(av).announce);
	avail_free(av);
}

static void
max_suppress_is_the_longest(void **state)
{
	struct avail *av = damped(VENDOR, 0);

	for (int i = 0; i < 1000; i++)
		flap(av, 10);
	assert_int_equal(prefix_of(av).penalty, 12000);
	assert_int_equal(prefix_of(av).until.ns, at(3610).ns);
	avail_free(av);
}

static void
extreme_settings_stay_in_bounds(void **state)
{
	static const struct avail_damping d[] = {
	    {AVAIL_SUPPRESS_MAX, AVAIL_SUPPRESS_MAX - 1, {1}, {INT64_MAX}},
	    {2, 1, {INT64_MAX / 4}, {INT64_MAX / 4}},
	    {2, 1, {1000000000}, {86400000000000}},
	};

	for (size_t i = 0; i < 3; i++) {
		struct avail *av = damped(d[i], 0);

		for (int k = 0; k < 2000; k++)
			flap(av, 10);
		assert_true(prefix_of(av).penalty <= AVAIL_SUPPRESS_MAX * 10);
		assert_true(prefix_of(av).until.ns > at(10).ns);
		avail_free(av);
	}
}

static void
a_failure_while_suppressed_adds(void **state)
{
	struct avail *av = damped(VENDOR, 0);
	struct mono until;

	for (int i = 0; i < 3; i++)
		flap(av, 10);
	until = prefix_of(av).until;
	flap(av, 1000);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_SUPPRESSED);
	assert_true(mono_before(until, prefix_of(av).until));
	avail_free(av);
}

static void
the_later_one_counts(void **state)
{
	struct avail *av = damped(VENDOR, 3600);

	flap(av, 10);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_HELD);
	flap(av, 11);
	flap(av, 12);
	/* Suppressed for half an hour, held for an hour. */
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_HELD);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_HOLD_DOWN);
	assert_int_equal(prefix_of(av).until.ns, at(3612).ns);
	avail_free(av);
}

static void
without_damping_there_is_no_penalty(void **state)
{
	struct avail *av = damped((struct avail_damping){0}, 0);

	for (int i = 0; i < 10; i++)
		flap(av, 10);
	assert_true(prefix_of(av).announce);
	assert_int_equal(prefix_of(av).penalty, 0);
	avail_free(av);
}

/* Prefixes on one service, alike and different, flap in the same instant. */
static void
each_prefix_has_its_own_settings(void **state)
{
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail_prefix_settings s[3] = {
	    {.damping = VENDOR}, {.damping = VENDOR}, {.damping = VENDOR}};
	struct avail *av = avail_new();
	struct avail_prefix_view v[3];
	size_t service =
	    avail_add_service(av, "s", &(struct avail_service_settings){0});

	s[1].damping.half_life = dur_s(60);
	avail_add_check(av, "c", service, &c);
	avail_add_prefix(av, "a", &service, 1, &s[0]);
	avail_add_prefix(av, "b", &service, 1, &s[1]);
	avail_add_prefix(av, "c", &service, 1, &s[2]);
	avail_seal(av, at(0));
	avail_addresses(av, service, true, at(0));
	samples(av, AVAIL_VERDICT_PASS, 1, 0);
	flap(av, 10);
	avail_tick(av, at(70));
	for (size_t i = 0; i < 3; i++)
		avail_view_prefix(av, i, &v[i]);
	assert_int_equal(v[1].penalty, 500);
	assert_int_equal(v[0].penalty, v[2].penalty);
	assert_int_equal(v[0].penalty, 954);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_failure_adds_and_time_halves),
	    cmocka_unit_test(between_the_halvings_it_falls_evenly),
	    cmocka_unit_test(above_suppress_it_waits_for_reuse),
	    cmocka_unit_test(the_time_of_reuse_shows_while_it_is_down),
	    cmocka_unit_test(max_suppress_is_the_longest),
	    cmocka_unit_test(extreme_settings_stay_in_bounds),
	    cmocka_unit_test(a_failure_while_suppressed_adds),
	    cmocka_unit_test(the_later_one_counts),
	    cmocka_unit_test(without_damping_there_is_no_penalty),
	    cmocka_unit_test(each_prefix_has_its_own_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
