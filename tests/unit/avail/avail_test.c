/* SPDX-License-Identifier: ISC */
/* Building and reload, with view.c and index.c. */
#include "one.h"

#include <stdio.h>

static void
objects_are_numbered_and_named(void **state)
{
	struct avail *av = one(usual(), 0);

	assert_int_equal(avail_checks(av), 1);
	assert_int_equal(avail_services(av), 1);
	assert_int_equal(avail_prefixes(av), 1);
	assert_string_equal(avail_check_key(av, 0), "dns/tcp");
	assert_string_equal(avail_service_key(av, 0), "dns");
	assert_string_equal(avail_prefix_key(av, 0), "192.0.2.0/24");
	avail_free(av);
	avail_free(NULL);
}

static void
an_empty_configuration_is_quiet(void **state)
{
	struct avail *av = avail_new(), *next = avail_new();
	struct avail_change c;

	avail_seal(av, at(0));
	avail_tick(av, at(9));
	drain(av, AVAIL_NODE, 0, at(20), at(10));
	assert_false(avail_take(av, &c));
	avail_seal(next, at(11));
	avail_adopt(next, av, at(11));
	assert_true(avail_node_drained(next, NULL));
	assert_int_equal(avail_next_deadline(next).ns, at(20).ns);
	avail_free(av);
	avail_free(next);
}

/* Reloads with the same objects but these settings of the check. */
static struct avail *
reload(struct avail *old, struct avail_check_settings s, int64_t seconds)
{
	struct avail *av = avail_new();
	size_t service =
	    avail_add_service(av, "dns", &(struct avail_service_settings){0});

	avail_add_check(av, "dns/tcp", service, &s);
	avail_add_prefix(av, "192.0.2.0/24", &service, 1,
			 &(struct avail_prefix_settings){0});
	avail_seal(av, at(seconds));
	avail_adopt(av, old, at(seconds));
	avail_free(old);
	return av;
}

static void
a_reload_without_differences_is_invisible(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	samples(av, AVAIL_VERDICT_FAIL, 2, 2);
	take_all(av);
	av = reload(av, usual(), 5);
	assert_false(avail_take(av, &c));
	assert_int_equal(prefix_of(av).since.ns, at(1).ns);
	assert_int_equal(check_of(av).streak, 2);
	samples(av, AVAIL_VERDICT_FAIL, 1, 6);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	avail_free(av);
}

static void
changed_settings_start_the_counters_again(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av = one(s, 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	samples(av, AVAIL_VERDICT_FAIL, 2, 2);
	s.fall = 4;
	av = reload(av, s, 5);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	assert_int_equal(check_of(av).streak, 0);
	assert_int_equal(check_of(av).samples[AVAIL_VERDICT_FAIL], 2);
	samples(av, AVAIL_VERDICT_FAIL, 3, 6);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	samples(av, AVAIL_VERDICT_FAIL, 1, 6);
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	avail_free(av);
}

static void
a_new_lease_counts_from_the_reload(void **state)
{
	struct avail_check_settings s = usual();
	struct avail *av;

	s.stale_after = dur_s(10);
	av = one(s, 0);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	av = reload(av, s, 5);
	assert_int_equal(avail_next_deadline(av).ns, at(11).ns);
	s.stale_after = dur_s(20);
	av = reload(av, s, 6);
	assert_int_equal(avail_next_deadline(av).ns, at(26).ns);
	avail_free(av);
}

static void
what_was_not_taken_yet_is_not_lost(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	take_all(av);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_PREFIX, PREFIX, at(2), at(2));
	av = reload(av, usual(), 5);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_DRAIN);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_CHECK);
	assert_int_equal(c.from, AVAIL_CHECK_CHECKING);
	assert_int_equal(c.to, AVAIL_CHECK_UP);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_SERVICE);
	assert_int_equal(c.cause, CHECK);
	assert_true(avail_take(av, &c));
	assert_int_equal(c.object, AVAIL_IS_PREFIX);
	assert_int_equal(c.to, AVAIL_PREFIX_ANNOUNCED);
	assert_false(avail_take(av, &c));
	avail_free(av);
}

#define MANY 5000

/* Many prefixes on one service: each decided, each told once. */
static void
a_service_carries_many_prefixes(void **state)
{
	struct avail_check_settings s = {.rise = 1, .fall = 1};
	struct avail *av = avail_new();
	struct avail_change c;
	size_t service, told = 0;
	char key[32];

	service =
	    avail_add_service(av, "dns", &(struct avail_service_settings){0});
	avail_add_check(av, "c", service, &s);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "p%d", i);
		avail_add_prefix(av, key, &service, 1,
				 &(struct avail_prefix_settings){0});
	}
	avail_seal(av, at(0));
	avail_addresses(av, service, true, at(0));
	take_all(av);
	avail_sample(av, 0, AVAIL_VERDICT_PASS, at(1));
	while (avail_take(av, &c))
		told += c.object == AVAIL_IS_PREFIX &&
			c.to == AVAIL_PREFIX_ANNOUNCED;
	assert_int_equal(told, MANY);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_are_numbered_and_named),
	    cmocka_unit_test(an_empty_configuration_is_quiet),
	    cmocka_unit_test(a_reload_without_differences_is_invisible),
	    cmocka_unit_test(changed_settings_start_the_counters_again),
	    cmocka_unit_test(a_new_lease_counts_from_the_reload),
	    cmocka_unit_test(what_was_not_taken_yet_is_not_lost),
	    cmocka_unit_test(a_service_carries_many_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
