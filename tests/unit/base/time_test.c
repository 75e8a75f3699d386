/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>

#include "base/text.h"
#include "base/time.h"

static void
durations_carry_their_unit(void **state)
{
	struct dur d = DUR_ZERO;

	assert_int_equal(dur_parse("100ms", &d), 0);
	assert_int_equal(d.ns, 100000000);
	assert_int_equal(dur_parse("1.5s", &d), 0);
	assert_int_equal(d.ns, 1500000000);
	assert_int_equal(dur_parse("2 h", &d), 0);
	assert_int_equal(d.ns, INT64_C(7200) * 1000000000);
	assert_int_equal(dur_parse("0s", &d), 0);
	assert_int_equal(d.ns, 0);
}

static void
bare_and_odd_durations_are_refused(void **state)
{
	static const char *const texts[] = {
	    "",      "1",    "s",      "-1s", "1 year", "0x10s",
	    "0X10s", "1e3s", "1.5.0s", "1ss", "nan s",  "inf s"};
	struct dur d;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(dur_parse(texts[i], &d), -EINVAL);
	assert_int_equal(dur_parse("999999999d", &d), -ERANGE);
}

static void
durations_read_well(void **state)
{
	char buf[32];

	assert_string_equal(dur_format(dur_ms(350), buf, 32), "350 ms");
	assert_string_equal(dur_format(dur_s(12), buf, 32), "12 s");
	assert_string_equal(dur_format(dur_s(185), buf, 32), "3 min 5 s");
	assert_string_equal(dur_format(dur_s(7800), buf, 32), "2 h 10 min");
	assert_string_equal(dur_format(dur_s(90000), buf, 32), "1 d 1 h");
	assert_string_equal(dur_format(dur_us(200), buf, 32), "0.2 ms");
}

static void
never_stays_never(void **state)
{
	assert_true(mono_is_never(mono_add(MONO_NEVER, dur_s(1))));
	assert_false(mono_reached(MONO_NEVER, (struct mono){1}));
}

static void
points_in_time_are_parsed(void **state)
{
	static const char *const good[] = {"2026-11-22T10:30:05.250Z",
					   "2026-11-22 10:30:05.25",
					   "2026-11-22T10:30:05.250"};
	static const char *const bad[] = {"",
					  "2026",
					  "2026-13-01",
					  "2026-11-22x",
					  "2026-11-22T10",
					  "1969-12-31",
					  "2026-11-22T10:30:05.25+01:00"};
	struct wall w;
	char text[32];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(wall_parse(good[i], &w), 0);
		assert_string_equal(wall_format(w, text, sizeof(text)),
				    good[0]);
	}
	assert_int_equal(wall_parse("2026-11-22", &w), 0);
	assert_string_equal(wall_format(w, text, sizeof(text)),
			    "2026-11-22T00:00:00.000Z");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(wall_parse(bad[i], &w), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_carry_their_unit),
	    cmocka_unit_test(bare_and_odd_durations_are_refused),
	    cmocka_unit_test(durations_read_well),
	    cmocka_unit_test(never_stays_never),
	    cmocka_unit_test(points_in_time_are_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
