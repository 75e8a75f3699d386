/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "daemon/measure.h"

static const struct conf_overload limits = {
    .packets = 1000,
    .octets = 5000000000,
    .cpu = 90,
    .latency = {200 * INT64_C(1000000)},
};

static struct measure_value
known(double value)
{
	return (struct measure_value){.known = true, .value = value};
}

static void
what_is_above_its_limit_is_high(void **state)
{
	struct measure_value v[MEASURE_COUNT] = {
	    [MEASURE_PACKETS] = known(1000),
	    [MEASURE_OCTETS] = known(5e9),
	    [MEASURE_CPU] = known(90),
	    [MEASURE_LATENCY] = known(0.2),
	};
	char text[160];

	assert_false(measure_judge(&limits, v));
	assert_string_equal(measure_describe(v, text, sizeof(text)), "");
	v[MEASURE_PACKETS].value = 1001;
	assert_true(measure_judge(&limits, v));
	assert_true(v[MEASURE_PACKETS].high);
	assert_false(v[MEASURE_CPU].high);
	assert_string_equal(measure_describe(v, text, sizeof(text)),
			    "packets 1001/s (limit 1000/s)");
	v[MEASURE_CPU].value = 99;
	v[MEASURE_LATENCY].value = 0.35;
	assert_true(measure_judge(&limits, v));
	assert_string_equal(
	    measure_describe(v, text, sizeof(text)),
	    "packets 1001/s (limit 1000/s), cpu 99% (limit 90%), "
	    "latency 350.0 ms (limit 200.0 ms)");
	v[MEASURE_PACKETS].value = v[MEASURE_CPU].value = 0;
	v[MEASURE_LATENCY].value = 0;
	assert_false(measure_judge(&limits, v));
}

static void
what_is_not_known_is_not_high(void **state)
{
	struct measure_value v[MEASURE_COUNT] = {
	    [MEASURE_PACKETS] = {.known = false, .value = 1e9},
	};

	assert_false(measure_judge(&limits, v));
	v[MEASURE_PACKETS].known = true;
	assert_true(measure_judge(&limits, v));
}

static void
without_a_limit_nothing_is_high(void **state)
{
	const struct conf_overload none = {.cpu = 50};
	struct measure_value v[MEASURE_COUNT] = {[MEASURE_PACKETS] = known(1e9),
						 [MEASURE_OCTETS] = known(1e12),
						 [MEASURE_CPU] = known(50),
						 [MEASURE_LATENCY] =
						     known(100)};

	assert_false(measure_judge(&none, v));
}

static void
the_share_of_the_processors(void **state)
{
	struct measure_cpu a, b;

	assert_true(measure_cpu_parse(
	    "cpu  100 5 45 800 40 4 6 0 7 8\ncpu0 1 2 3 4\n", &a));
	assert_int_equal(a.total, 1000);
	assert_int_equal(a.busy, 160);
	assert_true(measure_cpu_parse("cpu  175 5 45 800 65 4 6 0 7 8\n", &b));
	assert_int_equal((int)measure_cpu_share(&a, &b), 75);
	assert_int_equal((int)measure_cpu_share(&a, &a), -1);
	assert_int_equal((int)measure_cpu_share(&b, &a), -1);
	b = (struct measure_cpu){a.busy + 10, a.total + 10};
	assert_int_equal((int)measure_cpu_share(&a, &b), 100);
}

static void
other_text_is_no_share(void **state)
{
	static const char *const wrong[] = {
	    "",      "cpu",  "cpu0 1 2 3 4 5 6 7 8", "cpu  1 2 3",
	    "cpu  ", "intr", "cpu  1 2 3 4 x 6 7 8",
	};
	struct measure_cpu out;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(measure_cpu_parse(wrong[i], &out));
}

static struct mono
at(int64_t ms)
{
	return mono_add((struct mono){0}, dur_ms(1000000 + ms));
}

static void
the_median_is_of_the_window(void **state)
{
	struct measure_latency l = {0};
	struct dur median;

	assert_false(measure_latency_median(&l, at(0), &median));
	measure_latency_add(&l, dur_ms(900), at(0));
	assert_true(measure_latency_median(&l, at(0), &median));
	assert_int_equal(dur_to_ms(median), 900);
	measure_latency_add(&l, dur_ms(10), at(20000));
	measure_latency_add(&l, dur_ms(30), at(20001));
	measure_latency_add(&l, dur_ms(20), at(20002));
	assert_true(measure_latency_median(&l, at(30500), &median));
	assert_int_equal(dur_to_ms(median), 20);
	assert_false(measure_latency_median(&l, at(60000), &median));
}

static void
the_newest_samples_are_kept(void **state)
{
	struct measure_latency l = {0};
	struct dur median;

	for (int i = 0; i < MEASURE_SAMPLES; i++)
		measure_latency_add(&l, dur_ms(1), at(i));
	for (int i = 0; i < MEASURE_SAMPLES; i++)
		measure_latency_add(&l, dur_ms(7), at(100 + i));
	assert_true(measure_latency_median(&l, at(200), &median));
	assert_int_equal(dur_to_ms(median), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_above_its_limit_is_high),
	    cmocka_unit_test(what_is_not_known_is_not_high),
	    cmocka_unit_test(without_a_limit_nothing_is_high),
	    cmocka_unit_test(the_share_of_the_processors),
	    cmocka_unit_test(other_text_is_no_share),
	    cmocka_unit_test(the_median_is_of_the_window),
	    cmocka_unit_test(the_newest_samples_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
