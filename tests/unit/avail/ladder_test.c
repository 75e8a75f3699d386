/* SPDX-License-Identifier: ISC */
#include "one.h"

static struct avail *
laddered(int64_t ladder_hold)
{
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail_prefix_settings p = {.ladder_hold = dur_s(ladder_hold)};
	struct avail *av = one_with(c, p);

	samples(av, AVAIL_VERDICT_PASS, 1, 0);
	return av;
}

static void
assert_rung(const struct avail *av, enum avail_rung rung,
	    enum avail_reason reason)
{
	struct avail_prefix_view v = prefix_of(av);

	assert_int_equal(v.rung, rung);
	assert_int_equal(v.rung_reason, reason);
	assert_int_equal(v.announce, rung != AVAIL_RUNG_WITHDRAWN);
}

static void
worse_at_once_better_when_it_lasts(void **state)
{
	struct avail *av = laddered(10);

	assert_rung(av, AVAIL_RUNG_HEALTHY, AVAIL_REASON_SERVICES_UP);
	samples(av, AVAIL_VERDICT_DEGRADED, 1, 1);
	assert_rung(av, AVAIL_RUNG_DEGRADED, AVAIL_REASON_IMPAIRED);
	assert_true(mono_is_never(prefix_of(av).rung_until));
	samples(av, AVAIL_VERDICT_PASS, 1, 2);
	assert_rung(av, AVAIL_RUNG_DEGRADED, AVAIL_REASON_LADDER_HOLD);
	assert_int_equal(prefix_of(av).rung_until.ns, at(12).ns);
	assert_int_equal(avail_next_deadline(av).ns, at(12).ns);
	/* Once more: it must last from here on. */
	samples(av, AVAIL_VERDICT_DEGRADED, 1, 5);
	assert_true(mono_is_never(avail_next_deadline(av)));
	samples(av, AVAIL_VERDICT_PASS, 1, 6);
	avail_tick(av, at(15));
	assert_rung(av, AVAIL_RUNG_DEGRADED, AVAIL_REASON_LADDER_HOLD);
	avail_tick(av, at(16));
	assert_rung(av, AVAIL_RUNG_HEALTHY, AVAIL_REASON_SERVICES_UP);
	avail_free(av);
}

static void
without_a_hold_better_is_at_once_too(void **state)
{
	struct avail *av = laddered(0);

	samples(av, AVAIL_VERDICT_DEGRADED, 1, 1);
	samples(av, AVAIL_VERDICT_PASS, 1, 2);
	assert_rung(av, AVAIL_RUNG_HEALTHY, AVAIL_REASON_SERVICES_UP);
	avail_free(av);
}

static void
a_rung_alone_is_told_with_its_reason(void **state)
{
	struct avail *av = laddered(10);
	struct avail_change c;
	char text[AVAIL_CHANGE_TEXT_MAX];

	take_all(av);
	avail_load(av, SERVICE, true, at(1));
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_SERVICE);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_PREFIX);
	assert_int_equal(c.from, AVAIL_PREFIX_ANNOUNCED);
	assert_int_equal(c.to, AVAIL_PREFIX_ANNOUNCED);
	assert_int_equal(c.rung_from, AVAIL_RUNG_HEALTHY);
	assert_int_equal(c.rung_to, AVAIL_RUNG_DEGRADED);
	assert_int_equal(c.reason, AVAIL_REASON_OVERLOAD);
	assert_int_equal(c.cause, SERVICE);
	assert_int_equal(c.at.ns, at(1).ns);
	assert_string_equal(
	    avail_change_text(av, &c, text, sizeof(text)),
	    "prefix 192.0.2.0/24: rung healthy -> degraded, overload: its "
	    "load is above the configured limit (service dns)");
	assert_false(avail_take(av, &c));
	/* Its own cause and time stay those of the state. */
	assert_int_equal(prefix_of(av).since.ns, at(0).ns);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_SERVICES_UP);
	avail_free(av);
}

static void
there_and_back_untold_is_nothing(void **state)
{
	struct avail *av = laddered(0);
	struct avail_change c;

	take_all(av);
	avail_load(av, SERVICE, true, at(1));
	avail_load(av, SERVICE, false, at(1));
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
a_state_brings_its_rungs(void **state)
{
	struct avail *av = laddered(10);
	struct avail_change c;

	take_all(av);
	samples(av, AVAIL_VERDICT_FAIL, 1, 1);
	while (avail_take(av, &c) && c.object != AVAIL_IS_PREFIX)
		continue;
	assert_int_equal(c.to, AVAIL_PREFIX_WITHDRAWN);
	assert_int_equal(c.rung_from, AVAIL_RUNG_HEALTHY);
	assert_int_equal(c.rung_to, AVAIL_RUNG_WITHDRAWN);
	assert_int_equal(c.reason, AVAIL_REASON_SERVICES_DOWN);
	avail_free(av);
}

static void
undrained_it_takes_what_holds(void **state)
{
	struct avail *av = laddered(10);
	const struct avail_drain_times times = {at(60), MONO_NEVER};

	samples(av, AVAIL_VERDICT_DEGRADED, 1, 1);
	avail_drain(av, AVAIL_NODE, 0, &times, at(2));
	assert_rung(av, AVAIL_RUNG_DRAINING, AVAIL_REASON_NODE_DRAINED);
	avail_undrain(av, AVAIL_NODE, 0, at(3));
	assert_rung(av, AVAIL_RUNG_DEGRADED, AVAIL_REASON_IMPAIRED);
	avail_drain(av, AVAIL_NODE, 0, &times, at(4));
	samples(av, AVAIL_VERDICT_PASS, 1, 5);
	avail_undrain(av, AVAIL_NODE, 0, at(6));
	assert_rung(av, AVAIL_RUNG_HEALTHY, AVAIL_REASON_SERVICES_UP);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(worse_at_once_better_when_it_lasts),
	    cmocka_unit_test(without_a_hold_better_is_at_once_too),
	    cmocka_unit_test(a_rung_alone_is_told_with_its_reason),
	    cmocka_unit_test(there_and_back_untold_is_nothing),
	    cmocka_unit_test(a_state_brings_its_rungs),
	    cmocka_unit_test(undrained_it_takes_what_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
