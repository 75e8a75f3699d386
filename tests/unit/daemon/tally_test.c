/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "daemon/tally.h"

static struct mono
at(int64_t ms)
{
	return mono_add((struct mono){0}, dur_ms(1000000 + ms));
}

static void
the_first_reading_is_not_quiet(void **state)
{
	struct tally t = tally_new();

	assert_true(mono_is_never(t.last_packet));
	tally_read(&t, 0, 0, 1, at(0));
	assert_int_equal(t.last_packet.ns, at(0).ns);
	assert_int_equal(t.packets, 0);
	tally_read(&t, 0, 0, 1, at(1000));
	assert_int_equal(t.last_packet.ns, at(0).ns);
}

static void
rates_are_of_the_last_interval(void **state)
{
	struct tally t = tally_new();

	tally_read(&t, 100, 6000, 1, at(0));
	assert_int_equal(t.packets, 100);
	tally_read(&t, 150, 9000, 1, at(500));
	assert_int_equal(t.packets, 150);
	assert_int_equal(t.octets, 9000);
	assert_int_equal((int)t.packets_per_second, 100);
	assert_int_equal((int)t.octets_per_second, 6000);
	tally_read(&t, 150, 9000, 1, at(1000));
	assert_int_equal((int)t.packets_per_second, 0);
}

static void
the_quiet_rate_is_still_quiet(void **state)
{
	struct tally t = tally_new();

	tally_read(&t, 10, 600, 2, at(0));
	tally_read(&t, 12, 720, 2, at(1000));
	assert_int_equal(t.last_packet.ns, at(0).ns);
	tally_read(&t, 15, 900, 2, at(2000));
	assert_int_equal(t.last_packet.ns, at(2000).ns);
	tally_read(&t, 35, 2100, 2, at(12000));
	assert_int_equal(t.last_packet.ns, at(2000).ns);
	tally_read(&t, 36, 2160, 0, at(13000));
	assert_int_equal(t.last_packet.ns, at(13000).ns);
}

/* Somebody reset the counter, or its table was made anew. */
static void
a_reset_is_bridged_and_not_quiet(void **state)
{
	struct tally t = tally_new();

	tally_read(&t, 1000, 60000, 1, at(0));
	tally_read(&t, 1000, 60000, 1, at(1000));
	tally_read(&t, 0, 0, 1, at(2000));
	assert_int_equal(t.packets, 1000);
	assert_int_equal(t.octets, 60000);
	assert_int_equal(t.last_packet.ns, at(2000).ns);
	tally_read(&t, 7, 420, 1, at(3000));
	assert_int_equal(t.packets, 1007);
	assert_int_equal(t.octets, 60420);
	/* Both begin again, also where one is already larger. */
	tally_read(&t, 8, 100, 1, at(4000));
	assert_int_equal(t.packets, 1015);
	assert_int_equal(t.octets, 60520);
}

static void
a_gap_is_not_quiet(void **state)
{
	struct tally t = tally_new();

	tally_read(&t, 5, 300, 1, at(0));
	tally_miss(&t);
	assert_false(t.readable);
	tally_read(&t, 5, 300, 1, at(60000));
	assert_true(t.readable);
	assert_int_equal(t.last_packet.ns, at(60000).ns);
	assert_int_equal(t.packets, 5);
}

static void
two_readings_at_once_have_no_rate(void **state)
{
	struct tally t = tally_new();

	tally_read(&t, 5, 300, 1, at(0));
	tally_read(&t, 9, 540, 1, at(0));
	assert_int_equal(t.packets, 9);
	assert_true(t.packets_per_second == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_reading_is_not_quiet),
	    cmocka_unit_test(rates_are_of_the_last_interval),
	    cmocka_unit_test(the_quiet_rate_is_still_quiet),
	    cmocka_unit_test(a_reset_is_bridged_and_not_quiet),
	    cmocka_unit_test(a_gap_is_not_quiet),
	    cmocka_unit_test(two_readings_at_once_have_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
