/* SPDX-License-Identifier: ISC */
#include "one.h"

static void
rise_and_fall_are_counted_in_a_row(void **state)
{
	struct avail *av = one(usual(), 0);

	assert_int_equal(check_of(av).state, AVAIL_CHECK_CHECKING);
	samples(av, AVAIL_VERDICT_PASS, 1, 1);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_CHECKING);
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	samples(av, AVAIL_VERDICT_PASS, 1, 3);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_CHECKING);
	samples(av, AVAIL_VERDICT_PASS, 1, 4);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_RISEN);
	assert_int_equal(check_of(av).since.ns, at(4).ns);
	samples(av, AVAIL_VERDICT_FAIL, 2, 5);
	samples(av, AVAIL_VERDICT_PASS, 1, 6);
	samples(av, AVAIL_VERDICT_FAIL, 2, 7);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).since.ns, at(4).ns);
	samples(av, AVAIL_VERDICT_FAIL, 1, 8);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_FALLEN);
	assert_int_equal(check_of(av).transitions, 2);
	avail_free(av);
}

static void
a_check_that_never_passed_falls_too(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_FAIL, 2, 1);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_CHECKING);
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	assert_int_equal(check_of(av).transitions, 0);
	avail_free(av);
}

static void
statistics_are_kept(void **state)
{
	struct avail *av = one(usual(), 0);

	assert_true(mono_is_never(check_of(av).last_at));
	samples(av, AVAIL_VERDICT_PASS, 5, 1);
	samples(av, AVAIL_VERDICT_DEGRADED, 2, 2);
	assert_int_equal(check_of(av).streak, 2);
	assert_int_equal(check_of(av).last, AVAIL_VERDICT_DEGRADED);
	assert_int_equal(check_of(av).last_at.ns, at(2).ns);
	assert_int_equal(check_of(av).samples[AVAIL_VERDICT_PASS], 5);
	assert_int_equal(check_of(av).samples[AVAIL_VERDICT_DEGRADED], 2);
	avail_free(av);
}

static void
changing_is_between_two_states(void **state)
{
	struct avail *av = one(usual(), 0);

	assert_true(check_of(av).changing);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	assert_false(check_of(av).changing);
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	assert_true(check_of(av).changing);
	samples(av, AVAIL_VERDICT_FAIL, 2, 3);
	assert_false(check_of(av).changing);
	samples(av, AVAIL_VERDICT_FAIL, 9, 4);
	assert_false(check_of(av).changing);
	samples(av, AVAIL_VERDICT_PASS, 1, 5);
	assert_true(check_of(av).changing);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 6);
	assert_true(check_of(av).changing);
	avail_free(av);
}

static void
a_degraded_check_stays_so_through_a_failure(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_DEGRADED, 2, 1);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DEGRADED);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_IMPAIRED);
	samples(av, AVAIL_VERDICT_FAIL, 2, 2);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DEGRADED);
	samples(av, AVAIL_VERDICT_PASS, 1, 3);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_RISEN);
	avail_free(av);
}

static void
unknown_hides_what_it_holds(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.initial_up = true;
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 1);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UNKNOWN);
	assert_true(prefix_of(av).announce);
	samples(av, AVAIL_VERDICT_PASS, 1, 2);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_INITIAL);
	assert_int_equal(check_of(av).transitions, 1);
	avail_free(av);
}

static void
the_limit_counts_from_the_first_unknown(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	for (int s = 10; s < 70; s++)
		samples(av, AVAIL_VERDICT_UNKNOWN, 1, s);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UNKNOWN);
	avail_tick(av, at(70));
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_UNKNOWN_LIMIT);
	avail_free(av);
}

static void
without_a_limit_unknown_holds_for_ever(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.unknown_limit = DUR_MAX;
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 2);
	assert_true(mono_is_never(avail_next_deadline(av)));
	avail_free(av);
}

static void
a_limit_of_zero_is_down_at_once(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.unknown_limit = DUR_ZERO;
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 2);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_UNKNOWN_LIMIT);
	avail_free(av);
}

static void
a_lease_is_renewed_by_every_result(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.stale_after = dur_s(3);
	av = one(s, 0);
	assert_int_equal(avail_next_deadline(av).ns, at(3).ns);
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	assert_int_equal(avail_next_deadline(av).ns, at(5).ns);
	avail_tick(av, at(5));
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UNKNOWN);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_CHECK_STALE);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 6);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_CHECK_UNKNOWN);
	assert_int_equal(avail_next_deadline(av).ns, at(65).ns);
	avail_free(av);
}

static void
repeated_results_only_renew_the_lease(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.stale_after = dur_s(3);
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_PASS, 2, 0);
	avail_repeat(av, CHECK, 100, at(100));
	assert_int_equal(check_of(av).samples[AVAIL_VERDICT_PASS], 102);
	assert_int_equal(avail_next_deadline(av).ns, at(103).ns);
	samples(av, AVAIL_VERDICT_UNKNOWN, 1, 101);
	avail_repeat(av, CHECK, 100, at(150));
	assert_int_equal(avail_next_deadline(av).ns, at(161).ns);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rise_and_fall_are_counted_in_a_row),
	    cmocka_unit_test(a_check_that_never_passed_falls_too),
	    cmocka_unit_test(statistics_are_kept),
	    cmocka_unit_test(changing_is_between_two_states),
	    cmocka_unit_test(a_degraded_check_stays_so_through_a_failure),
	    cmocka_unit_test(unknown_hides_what_it_holds),
	    cmocka_unit_test(the_limit_counts_from_the_first_unknown),
	    cmocka_unit_test(without_a_limit_unknown_holds_for_ever),
	    cmocka_unit_test(a_limit_of_zero_is_down_at_once),
	    cmocka_unit_test(a_lease_is_renewed_by_every_result),
	    cmocka_unit_test(repeated_results_only_renew_the_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
