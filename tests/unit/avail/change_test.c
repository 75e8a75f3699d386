/* SPDX-License-Identifier: ISC */
#include "one.h"

static void
expect(struct avail *av, enum avail_object object, int from, int to,
       enum avail_reason reason, size_t cause)
{
	struct avail_change c;

	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, object);
	assert_int_equal(c.from, from);
	assert_int_equal(c.to, to);
	assert_int_equal(c.reason, reason);
	assert_int_equal(c.cause, cause);
}

static void
causes_come_before_effects(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	take_all(av);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	expect(av, AVAIL_IS_CHECK, AVAIL_CHECK_CHECKING, AVAIL_CHECK_UP,
	       AVAIL_REASON_RISEN, SIZE_MAX);
	expect(av, AVAIL_IS_SERVICE, AVAIL_SERVICE_CHECKING, AVAIL_SERVICE_UP,
	       AVAIL_REASON_CHECKS_UP, CHECK);
	expect(av, AVAIL_IS_PREFIX, AVAIL_PREFIX_STARTING,
	       AVAIL_PREFIX_ANNOUNCED, AVAIL_REASON_SERVICES_UP, SERVICE);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
a_new_reason_alone_is_a_change(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_PREFIX, PREFIX, MONO_NEVER, at(2));
	take_all(av);
	drain(av, AVAIL_NODE, 0, MONO_NEVER, at(3));
	expect(av, AVAIL_IS_PREFIX, AVAIL_PREFIX_DRAINED, AVAIL_PREFIX_DRAINED,
	       AVAIL_REASON_NODE_DRAINED, SIZE_MAX);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
pending_changes_of_one_object_add_up(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	take_all(av);
	/* There and back: nothing to tell. */
	drain(av, AVAIL_PREFIX, PREFIX, MONO_NEVER, at(2));
	avail_undrain(av, AVAIL_PREFIX, PREFIX, at(3));
	assert_false(avail_take(av, &c));
	/* Two steps: the first state and the last. */
	drain(av, AVAIL_PREFIX, PREFIX, MONO_NEVER, at(4));
	avail_stop(av, at(5));
	expect(av, AVAIL_IS_PREFIX, AVAIL_PREFIX_ANNOUNCED,
	       AVAIL_PREFIX_DRAINED, AVAIL_REASON_STOPPING, SIZE_MAX);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
samples_without_effect_are_no_change(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	take_all(av);
	samples(av, AVAIL_VERDICT_PASS, 100, 2);
	samples(av, AVAIL_VERDICT_FAIL, 2, 3);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(causes_come_before_effects),
	    cmocka_unit_test(a_new_reason_alone_is_a_change),
	    cmocka_unit_test(pending_changes_of_one_object_add_up),
	    cmocka_unit_test(samples_without_effect_are_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
