/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "base/text.h"
#include "daemon/quiet_judge.h"

#define QUIET dur_s(5)

static struct mono
second(double s)
{
	return (struct mono){(int64_t)(s * 1e9)};
}

/* Counted and just read, and last loud at `last`; < 0: never. */
static struct quiet_sample
address(double rate, double last)
{
	return (struct quiet_sample){
	    true, rate, last < 0 ? MONO_NEVER : second(last), MONO_NEVER};
}

static void
silence_from_the_beginning_must_last(void **state)
{
	struct quiet_sample v[] = {address(0, -1), address(0.4, 3)};
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(14.9), &f),
	    QUIET_WAITS);
	assert_int_equal(f.began.ns, second(10).ns);
	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(15), &f),
	    QUIET_GONE);
	assert_true(f.packets_a_second > 0.39 && f.packets_a_second < 0.41);
}

static void
the_last_loud_address_counts(void **state)
{
	struct quiet_sample v[] = {address(0, 11), address(0, 13)};
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(17.9), &f),
	    QUIET_WAITS);
	assert_int_equal(f.began.ns, second(13).ns);
	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(18), &f),
	    QUIET_GONE);
}

static void
a_loud_address_is_named_and_starts_it_anew(void **state)
{
	struct quiet_sample v[] = {address(2, 20), address(900, 20),
				   address(0, 0)};
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(v, 3, 1, second(10), QUIET, second(20), &f),
	    QUIET_LOUD);
	assert_int_equal(f.loud, 2);
	assert_int_equal(f.loudest, 1);
	assert_int_equal(f.began.ns, second(20).ns);
}

/* One packet a second is not quiet at rate 0, and quiet at 1. */
static void
the_rate_decides_what_is_loud(void **state)
{
	struct quiet_sample v[] = {address(1, -1)};
	struct quiet_found f;

	assert_int_equal(quiet_judge(v, 1, 0, second(1), QUIET, second(9), &f),
			 QUIET_LOUD);
	assert_int_equal(quiet_judge(v, 1, 1, second(1), QUIET, second(9), &f),
			 QUIET_GONE);
}

static void
what_is_not_counted_is_never_quiet(void **state)
{
	struct quiet_sample v[] = {address(0, -1), {.available = false}};
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(99), &f),
	    QUIET_BLIND);
	assert_int_equal(f.blind, 1);
	/* Counted again: quiet begins behind it. */
	v[1] = address(0, -1);
	assert_int_equal(quiet_judge(v, 2, 1, f.began, QUIET, second(100), &f),
			 QUIET_WAITS);
	assert_int_equal(f.began.ns, second(99).ns);
	assert_int_equal(quiet_judge(v, 2, 1, f.began, QUIET, second(104), &f),
			 QUIET_GONE);
}

static void
without_addresses_nothing_is_waited_for(void **state)
{
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(NULL, 0, 1, second(10), QUIET, second(10), &f),
	    QUIET_GONE);
}

/* Ten seconds have passed, but nobody has looked for eight of them. */
static void
only_what_was_read_is_quiet(void **state)
{
	struct quiet_sample v[] = {address(0, -1), address(0, -1)};
	struct quiet_found f;

	v[1].read = second(12);
	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(20), &f),
	    QUIET_WAITS);
	assert_int_equal(f.known.ns, second(12).ns);
	v[1].read = second(15);
	assert_int_equal(
	    quiet_judge(v, 2, 1, second(10), QUIET, second(20), &f),
	    QUIET_GONE);
}

static void
a_reading_of_the_future_is_now(void **state)
{
	struct quiet_sample v[] = {address(0, 30)};
	struct quiet_found f;

	assert_int_equal(
	    quiet_judge(v, 1, 1, second(10), QUIET, second(20), &f),
	    QUIET_WAITS);
	assert_int_equal(f.began.ns, second(20).ns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(silence_from_the_beginning_must_last),
	    cmocka_unit_test(the_last_loud_address_counts),
	    cmocka_unit_test(a_loud_address_is_named_and_starts_it_anew),
	    cmocka_unit_test(the_rate_decides_what_is_loud),
	    cmocka_unit_test(what_is_not_counted_is_never_quiet),
	    cmocka_unit_test(without_addresses_nothing_is_waited_for),
	    cmocka_unit_test(only_what_was_read_is_quiet),
	    cmocka_unit_test(a_reading_of_the_future_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
