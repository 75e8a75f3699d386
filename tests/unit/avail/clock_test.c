/* SPDX-License-Identifier: ISC */
#include "one.h"

static struct avail *
leased(void)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.stale_after = dur_s(10);
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	return av;
}

static void
a_jump_renews_the_lease(void **state)
{
	struct avail *av = leased();

	avail_tick(av, at(3600));
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_CLOCK_JUMP);
	assert_int_equal(check_of(av).since.ns, at(1).ns);
	assert_int_equal(avail_next_deadline(av).ns, at(3610).ns);
	avail_tick(av, at(3610));
	assert_int_equal(check_of(av).reason, AVAIL_REASON_CHECK_STALE);
	avail_free(av);
}

/* Both must lie back more than 5 s: the last event and what was due. */
static void
what_counts_as_a_jump(void **state)
{
	static const struct {
		int64_t last, now;
		enum avail_reason reason;
	} cases[] = {
	    {1, 16, AVAIL_REASON_CHECK_STALE},
	    {1, 17, AVAIL_REASON_CLOCK_JUMP},
	    {9, 17, AVAIL_REASON_CLOCK_JUMP},
	    {10, 15, AVAIL_REASON_CHECK_STALE},
	};

	for (size_t i = 0; i < 4; i++) {
		struct avail *av = leased();

		avail_tick(av, at(cases[i].last));
		avail_tick(av, at(cases[i].now));
		assert_int_equal(check_of(av).reason, cases[i].reason);
		avail_free(av);
	}
}

static void
nothing_due_is_no_jump(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_tick(av, at(100000));
	assert_int_equal(check_of(av).reason, AVAIL_REASON_RISEN);
	avail_free(av);
}

static void
going_back_is_harmless(void **state)
{
	struct avail *av = leased();

	avail_tick(av, at(5));
	avail_tick(av, at(2));
	samples(av, AVAIL_VERDICT_PASS, 1, 2);
	assert_int_equal(check_of(av).last_at.ns, at(5).ns);
	assert_int_equal(avail_next_deadline(av).ns, at(15).ns);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	avail_free(av);
}

static void
what_is_due_happens_before_the_event(void **state)
{
	struct avail *av = leased();

	/* The lease ended at 11 s, so this failure ends an unknown. */
	samples(av, AVAIL_VERDICT_FAIL, 1, 13);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).since.ns, at(13).ns);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_jump_renews_the_lease),
	    cmocka_unit_test(what_counts_as_a_jump),
	    cmocka_unit_test(nothing_due_is_no_jump),
	    cmocka_unit_test(going_back_is_harmless),
	    cmocka_unit_test(what_is_due_happens_before_the_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
