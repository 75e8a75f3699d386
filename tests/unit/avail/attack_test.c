/* SPDX-License-Identifier: ISC */
#include "one.h"

static struct avail *
settled(bool brake)
{
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail_prefix_settings p = {.brake = brake};
	struct avail *av = one_with(c, p);

	samples(av, AVAIL_VERDICT_PASS, 1, 0);
	return av;
}

static void
assert_state(const struct avail *av, enum avail_prefix_state state,
	     enum avail_reason reason)
{
	assert_int_equal(prefix_of(av).state, state);
	assert_int_equal(prefix_of(av).reason, reason);
}

static void
attack_mode_freezes_and_expires(void **state)
{
	struct avail *av = settled(false);
	struct avail_change c;
	struct mono expires;

	assert_false(avail_attacked(av, &expires));
	assert_true(mono_is_never(expires));
	avail_attack(av, true, at(100), at(1));
	assert_true(avail_attacked(av, &expires));
	assert_int_equal(expires.ns, at(100).ns);
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	assert_state(av, AVAIL_PREFIX_FROZEN, AVAIL_REASON_ATTACK);
	assert_int_equal(prefix_of(av).rung, AVAIL_RUNG_DEGRADED);
	assert_int_equal(prefix_of(av).transitions, 1);
	take_all(av);
	avail_tick(av, at(100));
	assert_false(avail_attacked(av, NULL));
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_ATTACK);
	assert_string_equal(avail_state_text(c.object, c.from), "on");
	assert_string_equal(avail_state_text(c.object, c.to), "expired");
	assert_int_equal(c.at.ns, at(100).ns);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_PREFIX);
	assert_int_equal(c.to, AVAIL_PREFIX_WITHDRAWN);
	assert_int_equal(c.cause, SERVICE);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
an_expiry_that_is_past_is_over_at_once(void **state)
{
	struct avail *av = settled(false);
	struct avail_change c;

	take_all(av);
	avail_attack(av, true, at(1), at(5));
	assert_false(avail_attacked(av, NULL));
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_ATTACK);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
switched_off_it_is_not_told(void **state)
{
	struct avail *av = settled(false);
	struct avail_change c;

	take_all(av);
	avail_attack(av, true, MONO_NEVER, at(1));
	avail_attack(av, false, MONO_NEVER, at(2));
	assert_false(avail_take(av, &c));
	assert_true(mono_is_never(avail_next_deadline(av)));
	avail_free(av);
}

static void
what_is_certain_is_not_frozen(void **state)
{
	for (int how = 0; how < 4; how++) {
		struct avail *av = settled(false);

		avail_attack(av, true, MONO_NEVER, at(1));
		samples(av, AVAIL_VERDICT_FAIL, how % 2, 2);
		if (how < 2)
			avail_watch(av, SERVICE, false, at(3));
		else
			avail_addresses(av, SERVICE, false, at(3));
		assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_WITHDRAWN);
		assert_false(prefix_of(av).announce);
		avail_free(av);
	}
}

static void
a_drill_and_a_stop_withdraw(void **state)
{
	struct avail *av = settled(true);

	avail_attack(av, true, MONO_NEVER, at(1));
	avail_drill(av, SERVICE, true, at(2));
	assert_state(av, AVAIL_PREFIX_WITHDRAWN, AVAIL_REASON_SERVICES_DOWN);
	assert_int_equal(service_of(av).reason, AVAIL_REASON_DRILL);
	assert_true(service_of(av).drilled);
	avail_drill(av, SERVICE, false, at(3));
	assert_true(prefix_of(av).announce);
	samples(av, AVAIL_VERDICT_FAIL, 1, 4);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_FROZEN);
	avail_stop(av, at(5));
	assert_state(av, AVAIL_PREFIX_DRAINED, AVAIL_REASON_STOPPING);
	avail_free(av);
}

static void
the_brake_asks_and_obeys(void **state)
{
	struct avail *av = settled(true);

	samples(av, AVAIL_VERDICT_FAIL, 1, 1);
	assert_state(av, AVAIL_PREFIX_BRAKED, AVAIL_REASON_BRAKE_ASKED);
	avail_brake(av, PREFIX, false, at(2));
	assert_state(av, AVAIL_PREFIX_BRAKED, AVAIL_REASON_BRAKE_REFUSED);
	assert_int_equal(prefix_of(av).rung_reason, AVAIL_REASON_BRAKE_REFUSED);
	avail_brake(av, PREFIX, true, at(3));
	assert_state(av, AVAIL_PREFIX_WITHDRAWN, AVAIL_REASON_SERVICES_DOWN);
	assert_int_equal(prefix_of(av).cause, SERVICE);
	samples(av, AVAIL_VERDICT_PASS, 1, 4);
	samples(av, AVAIL_VERDICT_FAIL, 1, 5);
	assert_state(av, AVAIL_PREFIX_BRAKED, AVAIL_REASON_BRAKE_ASKED);
	avail_free(av);
}

static void
an_answer_nobody_waits_for_is_ignored(void **state)
{
	struct avail *av = settled(true);

	avail_brake(av, PREFIX, true, at(1));
	samples(av, AVAIL_VERDICT_FAIL, 1, 2);
	assert_state(av, AVAIL_PREFIX_BRAKED, AVAIL_REASON_BRAKE_ASKED);
	samples(av, AVAIL_VERDICT_PASS, 1, 3);
	avail_brake(av, PREFIX, true, at(4));
	assert_state(av, AVAIL_PREFIX_ANNOUNCED, AVAIL_REASON_SERVICES_UP);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attack_mode_freezes_and_expires),
	    cmocka_unit_test(an_expiry_that_is_past_is_over_at_once),
	    cmocka_unit_test(switched_off_it_is_not_told),
	    cmocka_unit_test(what_is_certain_is_not_frozen),
	    cmocka_unit_test(a_drill_and_a_stop_withdraw),
	    cmocka_unit_test(the_brake_asks_and_obeys),
	    cmocka_unit_test(an_answer_nobody_waits_for_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
