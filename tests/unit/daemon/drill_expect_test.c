/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "daemon/drill.h"

/* 100 ms apart and 50 ms when changing, without jitter. */
#define TIMES "interval: 100ms, fast_interval: 50ms, timeout: 20ms, jitter: 0%"

static struct drill_expected
expect(const char *service, const char *prefix, enum drill_mode mode)
{
	struct text yaml = {0}, messages = {0};
	struct drill_expected e;
	struct conf *conf;

	text_addf(&yaml,
		  "node: {name: n, asn: 65000, router_id: 192.0.2.1}\n"
		  "services:\n"
		  "  s:\n"
		  "    addresses: [192.0.2.53, 192.0.2.54]\n"
		  "%s"
		  "prefixes: {192.0.2.0/24: {services: [s]%s}}\n"
		  "peers: {p: {address: 198.51.100.1, asn: 65001}}\n",
		  service, prefix);
	if (conf_load_text("test", text_str(&yaml), yaml.len, &conf,
			   &messages) != 0)
		fail_msg("%s", text_str(&messages));
	text_free(&yaml);
	text_free(&messages);
	drill_expect(conf, 0, mode, &e);
	conf_free(conf);
	return e;
}

static void
an_administrative_one_is_noticed_at_once(void **state)
{
	struct drill_expected e = expect("", "", DRILL_ADMIN);

	assert_true(e.noticed);
	assert_int_equal(e.detection.ns, 0);
	assert_int_equal(e.recovery.ns, 0);
}

static void
all_checks_needed_the_quickest_finds_it(void **state)
{
	struct drill_expected e =
	    expect("    checks:\n"
		   "      - {tcp: 80, fall: 3, rise: 2, " TIMES "}\n"
		   "      - {tcp: 81, fall: 1, rise: 4, " TIMES "}\n",
		   ", hold_down: 7s", DRILL_DROP);

	assert_true(e.noticed);
	assert_int_equal(e.checks, 4);
	assert_int_equal(e.looking, 4);
	assert_int_equal(dur_to_ms(e.detection), 100 + 20);
	assert_int_equal(dur_to_ms(e.recovery), 100 + 3 * 50 + 20);
	assert_int_equal(dur_to_ms(e.hold_down), 7000);
}

static void
one_check_enough_the_slowest_finds_it(void **state)
{
	struct drill_expected e =
	    expect("    require: any\n"
		   "    checks:\n"
		   "      - {tcp: 80, fall: 3, rise: 2, " TIMES "}\n"
		   "      - {tcp: 81, fall: 1, rise: 4, " TIMES "}\n",
		   "", DRILL_DROP);

	assert_true(e.noticed);
	assert_int_equal(dur_to_ms(e.detection), 100 + 2 * 50 + 20);
	assert_int_equal(dur_to_ms(e.recovery), 100 + 50 + 20);
}

/* A run that goes on until its timeout makes the next one wait. */
static void
timeouts_and_jitter_count(void **state)
{
	struct drill_expected e =
	    expect("    checks:\n"
		   "      - {tcp: 80, fall: 3, rise: 1, interval: 100ms, "
		   "timeout: 90ms, fast_interval: 50ms, jitter: 10%}\n",
		   "", DRILL_DROP);

	assert_int_equal(dur_to_ms(e.detection), 110 + 2 * 90 + 90);
}

static void
checks_that_look_elsewhere_do_not_notice(void **state)
{
	struct drill_expected e =
	    expect("    checks:\n"
		   "      - {tcp: 80, address: 198.51.100.9, " TIMES "}\n",
		   "", DRILL_DROP);

	assert_false(e.noticed);
	assert_int_equal(e.looking, 0);
	assert_int_equal(e.checks, 1);
	e = expect("    require: any\n"
		   "    checks:\n"
		   "      - {tcp: 80, address: 198.51.100.9, " TIMES "}\n"
		   "      - {tcp: 80, " TIMES "}\n",
		   "", DRILL_DROP);
	assert_false(e.noticed);
	assert_int_equal(e.looking, 2);
	e = expect("    checks:\n"
		   "      - {http: \"http://192.0.2.54/\", " TIMES "}\n",
		   "", DRILL_DROP);
	assert_true(e.noticed);
}

static void
without_checks_nobody_notices(void **state)
{
	assert_false(expect("", "", DRILL_DROP).noticed);
}

static void
words_are_read_back(void **state)
{
	enum drill_mode m = DRILL_ADMIN;

	assert_true(drill_mode_parse("drop", &m));
	assert_int_equal(m, DRILL_DROP);
	assert_true(drill_mode_parse("admin", &m));
	assert_int_equal(m, DRILL_ADMIN);
	assert_false(drill_mode_parse("dropp", &m));
	assert_false(drill_mode_parse("", &m));
	assert_string_equal(drill_state_text(DRILL_STATE_ENDED), "ended");
	assert_string_equal(drill_step_text(DRILL_STEP_UPDATE), "update");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_administrative_one_is_noticed_at_once),
	    cmocka_unit_test(all_checks_needed_the_quickest_finds_it),
	    cmocka_unit_test(one_check_enough_the_slowest_finds_it),
	    cmocka_unit_test(timeouts_and_jitter_count),
	    cmocka_unit_test(checks_that_look_elsewhere_do_not_notice),
	    cmocka_unit_test(without_checks_nobody_notices),
	    cmocka_unit_test(words_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
