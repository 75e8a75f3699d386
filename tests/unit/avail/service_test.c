/* SPDX-License-Identifier: ISC */
#include "one.h"

#include "base/text.h"

/* One service whose checks report at once; returns its state. */
static enum avail_service_state
decided(unsigned require, const char *verdicts, enum avail_reason *reason)
{
	struct avail_service_settings s = {{require}};
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail *av = avail_new();
	struct avail_service_view v;

	avail_add_service(av, "s", &s);
	for (size_t i = 0; verdicts[i]; i++)
		avail_add_check(av, "c", 0, &c);
	avail_seal(av, at(0));
	for (size_t i = 0; verdicts[i]; i++) {
		if (verdicts[i] == 'p')
			avail_sample(av, i, AVAIL_VERDICT_PASS, at(1));
		if (verdicts[i] == 'd')
			avail_sample(av, i, AVAIL_VERDICT_DEGRADED, at(1));
		if (verdicts[i] == 'f')
			avail_sample(av, i, AVAIL_VERDICT_FAIL, at(1));
	}
	avail_view_service(av, 0, &v);
	avail_free(av);
	*reason = v.reason;
	return v.state;
}

static void
checks_decide_by_require(void **state)
{
	static const struct {
		unsigned require;     /* 0: all */
		const char *verdicts; /* '-': none yet */
		enum avail_service_state state;
		enum avail_reason reason;
	} cases[] = {
	    {0, "", AVAIL_SERVICE_UP, AVAIL_REASON_NO_CHECKS},
	    {2, "", AVAIL_SERVICE_UP, AVAIL_REASON_NO_CHECKS},
	    {0, "-", AVAIL_SERVICE_CHECKING, AVAIL_REASON_CHECKS_PENDING},
	    {0, "p", AVAIL_SERVICE_UP, AVAIL_REASON_CHECKS_UP},
	    {0, "d", AVAIL_SERVICE_DEGRADED, AVAIL_REASON_IMPAIRED},
	    {0, "f", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {0, "p-", AVAIL_SERVICE_CHECKING, AVAIL_REASON_CHECKS_PENDING},
	    {0, "f-", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {0, "pf", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {0, "ppp", AVAIL_SERVICE_UP, AVAIL_REASON_CHECKS_UP},
	    {1, "p-", AVAIL_SERVICE_UP, AVAIL_REASON_CHECKS_UP},
	    {1, "f-", AVAIL_SERVICE_CHECKING, AVAIL_REASON_CHECKS_PENDING},
	    {1, "ff", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {1, "df", AVAIL_SERVICE_DEGRADED, AVAIL_REASON_IMPAIRED},
	    {2, "pp-", AVAIL_SERVICE_UP, AVAIL_REASON_CHECKS_UP},
	    {2, "p-f", AVAIL_SERVICE_CHECKING, AVAIL_REASON_CHECKS_PENDING},
	    {2, "pff", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {2, "pdf", AVAIL_SERVICE_DEGRADED, AVAIL_REASON_IMPAIRED},
	    /* More than there are: never, rather than always. */
	    {3, "pp", AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	};
	enum avail_reason reason;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    decided(cases[i].require, cases[i].verdicts, &reason),
		    cases[i].state);
		assert_int_equal(reason, cases[i].reason);
	}
}

static void
the_view_names_the_cause(void **state)
{
	struct avail *av = one(usual(), 0);

	assert_int_equal(service_of(av).cause, SIZE_MAX);
	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	assert_int_equal(service_of(av).cause, CHECK);
	assert_int_equal(service_of(av).checks_up, 1);
	assert_int_equal(service_of(av).checks, 1);
	assert_int_equal(service_of(av).since.ns, at(1).ns);
	assert_int_equal(service_of(av).transitions, 1);
	avail_free(av);
}

static void
addresses_do_not_change_the_state_of_the_service(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_addresses(av, SERVICE, false, at(2));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_UP);
	assert_false(service_of(av).addresses_present);
	assert_int_equal(prefix_of(av).services_up, 0);
	avail_free(av);
}

static void
telling_the_same_again_changes_nothing(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	take_all(av);
	avail_addresses(av, SERVICE, true, at(1));
	assert_false(avail_take(av, &c));
	avail_free(av);
}

static void
a_service_that_is_gone_is_down_at_once(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	assert_true(prefix_of(av).announce);
	avail_watch(av, SERVICE, false, at(2));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DOWN);
	assert_int_equal(service_of(av).reason, AVAIL_REASON_WATCH_GONE);
	assert_true(service_of(av).watch_gone);
	assert_false(prefix_of(av).announce);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_SERVICES_DOWN);
	/* The check itself has not failed yet, and may not decide. */
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	samples(av, AVAIL_VERDICT_PASS, 5, 3);
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DOWN);
	avail_free(av);
}

static void
rise_counts_from_when_it_is_there_again(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_watch(av, SERVICE, false, at(2));
	samples(av, AVAIL_VERDICT_PASS, 1, 3);
	avail_watch(av, SERVICE, true, at(4));
	assert_int_equal(check_of(av).state, AVAIL_CHECK_DOWN);
	assert_int_equal(check_of(av).reason, AVAIL_REASON_WATCH_GONE);
	assert_int_equal(service_of(av).reason, AVAIL_REASON_CHECKS_DOWN);
	samples(av, AVAIL_VERDICT_PASS, 1, 5);
	assert_false(prefix_of(av).announce);
	samples(av, AVAIL_VERDICT_PASS, 1, 6);
	assert_true(prefix_of(av).announce);
	avail_free(av);
}

static void
a_watch_that_says_the_same_again_changes_nothing(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	take_all(av);
	avail_watch(av, SERVICE, true, at(2));
	assert_false(avail_take(av, &c));
	assert_int_equal(check_of(av).state, AVAIL_CHECK_UP);
	avail_watch(av, SERVICE, false, at(3));
	take_all(av);
	avail_watch(av, SERVICE, false, at(4));
	assert_false(avail_take(av, &c));
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checks_decide_by_require),
	    cmocka_unit_test(the_view_names_the_cause),
	    cmocka_unit_test(addresses_do_not_change_the_state_of_the_service),
	    cmocka_unit_test(telling_the_same_again_changes_nothing),
	    cmocka_unit_test(a_service_that_is_gone_is_down_at_once),
	    cmocka_unit_test(rise_counts_from_when_it_is_there_again),
	    cmocka_unit_test(a_watch_that_says_the_same_again_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
