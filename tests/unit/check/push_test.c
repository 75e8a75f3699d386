/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <string.h>

static struct conf_check
push_conf(int64_t ttl_ms)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_PUSH);

	conf.push.ttl = dur_ms(ttl_ms);
	return conf;
}

static void
last_is(const struct fixture *f, enum check_verdict verdict,
	enum check_cause cause, const char *detail)
{
	const struct check_result *r = &f->results[f->n - 1];

	assert_string_equal(r->detail, detail);
	assert_int_equal(r->verdict, verdict);
	assert_int_equal(r->cause, cause);
}

static void
before_the_first_report_nothing_is_known(void **state)
{
	struct conf_check conf = push_conf(60000);
	struct fixture f;

	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	last_is(&f, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
		"nobody has reported yet");
	fixture_close(&f);
}

/* The interval is 5 s: neither would come so soon by itself. */
static void
a_report_is_sampled_soon(void **state)
{
	struct conf_check conf = push_conf(60000);
	struct fixture f;

	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	assert_true(push_report(f.checker, 0, CHECK_PASS, NULL));
	fixture_results(&f, 1);
	last_is(&f, CHECK_PASS, CHECK_CAUSE_OK, "reported pass");
	assert_true(push_report(f.checker, 0, CHECK_DEGRADED, ""));
	fixture_results(&f, 1);
	last_is(&f, CHECK_DEGRADED, CHECK_CAUSE_ANSWER, "reported degraded");
	assert_true(push_report(f.checker, 0, CHECK_FAIL, "feed\n\x1b[2J"));
	fixture_results(&f, 1);
	last_is(&f, CHECK_FAIL, CHECK_CAUSE_ANSWER, "feed\\x0a\\x1b[2J");
	fixture_close(&f);
}

static void
silence_fails_when_the_ttl_is_over(void **state)
{
	struct conf_check conf = push_conf(100);
	struct fixture f;

	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 2);
	assert_int_equal(f.results[0].verdict, CHECK_UNKNOWN);
	assert_int_equal(f.results[1].verdict, CHECK_FAIL);
	assert_int_equal(f.results[1].cause, CHECK_CAUSE_TIMEOUT);
	assert_non_null(strstr(f.results[1].detail, "nobody reported for "));
	assert_true(push_report(f.checker, 0, CHECK_PASS, "up"));
	fixture_results(&f, 2);
	assert_int_equal(f.results[2].verdict, CHECK_PASS);
	assert_int_equal(f.results[3].verdict, CHECK_FAIL);
	fixture_close(&f);
}

static void
of_a_flood_the_last_counts(void **state)
{
	struct conf_check conf = push_conf(60000);
	struct checker_stats stats;
	struct fixture f;

	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	for (int i = 0; i < 10000; i++)
		push_report(f.checker, 0, CHECK_PASS, i % 2 ? "odd" : NULL);
	push_report(f.checker, 0, CHECK_FAIL, "the last");
	fixture_results(&f, 1);
	last_is(&f, CHECK_FAIL, CHECK_CAUSE_ANSWER, "the last");
	checker_stats(f.checker, &stats);
	assert_int_equal(stats.reports, 10001);
	assert_int_equal(stats.merged, 10000);
	assert_int_equal(stats.runs, 2);
	fixture_close(&f);
}

static void
other_kinds_take_no_reports(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_FILE);
	struct fixture f;

	conf.file.path = "/";
	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	assert_false(push_report(f.checker, 0, CHECK_PASS, NULL));
	assert_false(push_report(f.checker, 1, CHECK_PASS, NULL));
	assert_false(push_report(NULL, 0, CHECK_PASS, NULL));
	fixture_results(&f, 1);
	fixture_close(&f);
}

static void
a_report_survives_a_new_number(void **state)
{
	struct conf_check conf = push_conf(60000);
	struct checker_move move = {0, 7, &conf};
	struct fixture f;

	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	push_report(f.checker, 0, CHECK_DEGRADED, "old");
	checker_renumber(f.checker, &move, 1);
	fixture_results(&f, 1);
	last_is(&f, CHECK_DEGRADED, CHECK_CAUSE_ANSWER, "old");
	assert_int_equal(f.ids[1], 7);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(before_the_first_report_nothing_is_known),
	    cmocka_unit_test(a_report_is_sampled_soon),
	    cmocka_unit_test(silence_fails_when_the_ttl_is_over),
	    cmocka_unit_test(of_a_flood_the_last_counts),
	    cmocka_unit_test(other_kinds_take_no_reports),
	    cmocka_unit_test(a_report_survives_a_new_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
