/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "check/lateness.h"

/* Microseconds as a duration in seconds, up to rounding. */
static void
assert_p99_us(const struct lateness *l, unsigned us)
{
	assert_int_equal((int)(lateness_p99(l) * 1e6 + 0.5), us);
}

static void
nothing_noted_is_zero(void **state)
{
	struct lateness l = {0};

	assert_p99_us(&l, 0);
	assert_int_equal(lateness_take_max(&l).ns, 0);
}

static void
the_percentile_is_the_nearest_rank(void **state)
{
	struct lateness l = {0};

	for (int us = 200; us > 0; us--)
		lateness_note(&l, dur_us(us));
	assert_p99_us(&l, 198);
	lateness_free(&l);
	lateness_note(&l, dur_us(7));
	assert_p99_us(&l, 7);
	lateness_free(&l);
}

static void
only_the_last_4096_count(void **state)
{
	struct lateness l = {0};

	for (int i = 0; i < 1000; i++)
		lateness_note(&l, dur_s(1));
	for (int i = 0; i < LATENESS_RUNS; i++)
		lateness_note(&l, dur_us(3));
	assert_p99_us(&l, 3);
	lateness_free(&l);
}

static void
extremes_stay_in_range(void **state)
{
	struct lateness l = {0};

	lateness_note(&l, dur_ns(-5));
	assert_p99_us(&l, 0);
	lateness_note(&l, dur_s(100000));
	assert_true(lateness_p99(&l) > 4294);
	lateness_free(&l);
}

static void
the_maximum_is_taken_once(void **state)
{
	struct lateness l = {0};

	lateness_note(&l, dur_us(5));
	lateness_note(&l, dur_us(9));
	lateness_note(&l, dur_us(2));
	assert_int_equal(lateness_take_max(&l).ns, 9000);
	assert_int_equal(lateness_take_max(&l).ns, 0);
	lateness_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_noted_is_zero),
	    cmocka_unit_test(the_percentile_is_the_nearest_rank),
	    cmocka_unit_test(only_the_last_4096_count),
	    cmocka_unit_test(extremes_stay_in_range),
	    cmocka_unit_test(the_maximum_is_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
