/* SPDX-License-Identifier: ISC */
#include "one.h"

static void
every_target_has_its_reason(void **state)
{
	static const enum avail_reason reasons[] = {
	    [AVAIL_NODE] = AVAIL_REASON_NODE_DRAINED,
	    [AVAIL_SERVICE] = AVAIL_REASON_SERVICE_DRAINED,
	    [AVAIL_PREFIX] = AVAIL_REASON_PREFIX_DRAINED,
	};
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	for (int target = AVAIL_NODE; target <= AVAIL_PREFIX; target++) {
		drain(av, target, 0, MONO_NEVER, at(2));
		assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_DRAINED);
		assert_int_equal(prefix_of(av).reason, reasons[target]);
		assert_true(avail_undrain(av, target, 0, at(3)));
		assert_true(prefix_of(av).announce);
		assert_false(avail_undrain(av, target, 0, at(3)));
	}
	avail_free(av);
}

static void
a_drain_expires_and_says_so(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;
	struct avail_drain_times times;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_NODE, 0, at(10), at(2));
	assert_true(avail_node_drained(av, &times));
	assert_int_equal(times.expires.ns, at(10).ns);
	take_all(av);
	avail_tick(av, at(10));
	assert_false(avail_node_drained(av, NULL));
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_DRAIN);
	assert_int_equal(c.target, AVAIL_NODE);
	assert_int_equal(c.at.ns, at(10).ns);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_PREFIX);
	assert_int_equal(c.to, AVAIL_PREFIX_ANNOUNCED);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
draining_again_replaces_the_expiry(void **state)
{
	struct avail *av = one(usual(), 0);

	drain(av, AVAIL_PREFIX, PREFIX, at(10), at(1));
	drain(av, AVAIL_PREFIX, PREFIX, at(20), at(2));
	assert_int_equal(prefix_of(av).drain_expires.ns, at(20).ns);
	drain(av, AVAIL_PREFIX, PREFIX, MONO_NEVER, at(3));
	assert_true(prefix_of(av).drained);
	assert_true(mono_is_never(prefix_of(av).drain_expires));
	assert_true(mono_is_never(avail_next_deadline(av)));
	avail_free(av);
}

static void
a_drain_that_is_over_already_ends_at_once(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	take_all(av);
	drain(av, AVAIL_SERVICE, SERVICE, at(5), at(9));
	assert_true(prefix_of(av).announce);
	/* Nothing is told but its end: nobody saw the prefix leave. */
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_DRAIN);
	assert_int_equal(c.target, AVAIL_SERVICE);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
a_drained_service_shows_it(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_SERVICE, SERVICE, at(9), at(2));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DRAINED);
	assert_true(service_of(av).drained);
	assert_int_equal(service_of(av).drain_expires.ns, at(9).ns);
	samples(av, AVAIL_VERDICT_FAIL, 3, 3);
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DRAINED);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_SERVICE_DRAINED);
	avail_tick(av, at(9));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DOWN);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_SERVICES_DOWN);
	avail_free(av);
}

static const struct avail_drain_times minute = {{60000000000}, {INT64_MAX}};

static void
assert_drain_told(struct avail *av, int from, int to)
{
	struct avail_change c;

	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_DRAIN);
	assert_int_equal(c.from, from);
	assert_int_equal(c.to, to);
}

static void
it_leaves_until_it_is_quiet(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_drain(av, AVAIL_SERVICE, SERVICE, &minute, at(2));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DRAINING);
	assert_int_equal(service_of(av).drain_limit.ns, at(60).ns);
	assert_int_equal(service_of(av).transitions, 1);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_DRAINING);
	assert_int_equal(prefix_of(av).rung, AVAIL_RUNG_DRAINING);
	take_all(av);
	avail_quiet(av, AVAIL_SERVICE, SERVICE, at(3));
	assert_drain_told(av, AVAIL_DRAIN_DRAINING, AVAIL_DRAIN_DRAINED);
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DRAINED);
	assert_true(mono_is_never(service_of(av).drain_limit));
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_DRAINED);
	take_all(av);
	/* Once is enough. */
	avail_quiet(av, AVAIL_SERVICE, SERVICE, at(4));
	assert_false(avail_take(av, &(struct avail_change){0}));
	avail_free(av);
}

static void
it_leaves_until_the_limit(void **state)
{
	for (int target = AVAIL_NODE; target <= AVAIL_PREFIX; target++) {
		struct avail *av = one(usual(), 0);

		samples(av, AVAIL_VERDICT_PASS, 2, 1);
		avail_drain(av, target, 0, &minute, at(2));
		take_all(av);
		assert_int_equal(avail_next_deadline(av).ns, at(60).ns);
		avail_tick(av, at(60));
		assert_drain_told(av, AVAIL_DRAIN_DRAINING,
				  AVAIL_DRAIN_DRAINED);
		assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_DRAINED);
		assert_true(avail_undrain(av, target, 0, at(61)));
		avail_free(av);
	}
}

static void
both_ends_are_told_in_their_order(void **state)
{
	struct avail *av = one(usual(), 0);
	const struct avail_drain_times times = {at(10), at(20)};

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_drain(av, AVAIL_PREFIX, PREFIX, &times, at(2));
	take_all(av);
	avail_tick(av, at(10));
	avail_tick(av, at(20));
	assert_drain_told(av, AVAIL_DRAIN_DRAINING, AVAIL_DRAIN_DRAINED);
	assert_drain_told(av, AVAIL_DRAIN_DRAINED, AVAIL_DRAIN_EXPIRED);
	avail_free(av);
}

static void
a_node_that_leaves_has_a_limit(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_drain_times times;

	assert_false(avail_node_drained(av, &times));
	assert_true(mono_is_never(times.limit));
	avail_drain(av, AVAIL_NODE, 0, &minute, at(2));
	assert_true(avail_node_drained(av, &times));
	assert_int_equal(times.limit.ns, at(60).ns);
	assert_true(mono_is_never(times.expires));
	avail_quiet(av, AVAIL_NODE, 0, at(3));
	assert_true(avail_node_drained(av, &times));
	assert_true(mono_is_never(times.limit));
	avail_free(av);
}

static void
quiet_without_a_drain_is_nothing(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_quiet(av, AVAIL_NODE, 0, at(2));
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_ANNOUNCED);
	assert_false(avail_undrain(av, AVAIL_NODE, 0, at(3)));
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_target_has_its_reason),
	    cmocka_unit_test(a_drain_expires_and_says_so),
	    cmocka_unit_test(draining_again_replaces_the_expiry),
	    cmocka_unit_test(a_drain_that_is_over_already_ends_at_once),
	    cmocka_unit_test(a_drained_service_shows_it),
	    cmocka_unit_test(it_leaves_until_it_is_quiet),
	    cmocka_unit_test(it_leaves_until_the_limit),
	    cmocka_unit_test(both_ends_are_told_in_their_order),
	    cmocka_unit_test(a_node_that_leaves_has_a_limit),
	    cmocka_unit_test(quiet_without_a_drain_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
