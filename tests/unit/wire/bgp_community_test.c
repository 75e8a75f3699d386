/* SPDX-License-Identifier: ISC */
#include "octets.h"

static void
names_are_found(void **state)
{
	static const struct {
		const char *name;
		uint32_t value;
	} rows[] = {
	    {"NO_EXPORT", 0xffffff01},
	    {"no-export", 0xffffff01},
	    {"No_Advertise", 0xffffff02},
	    {"no-export-subconfed", 0xffffff03},
	    {"nopeer", 0xffffff04},
	    {"graceful-shutdown", 0xffff0000},
	    {"GRACEFUL_SHUTDOWN", 0xffff0000},
	    {"blackhole", 0xffff029a},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t value = 0;

		assert_true(bgp_community_by_name(rows[i].name, &value));
		assert_int_equal(value, rows[i].value);
	}
}

static void
other_names_are_not(void **state)
{
	static const char *const names[] = {
	    "", "NO_EXPOR", "NO_EXPORTS", "no export", "65000:1", "BLACK_HOLE",
	};
	uint32_t value = 7;

	for (size_t i = 0; i < COUNT(names); i++)
		assert_false(bgp_community_by_name(names[i], &value));
	assert_int_equal(value, 7);
}

static void
values_are_formatted(void **state)
{
	char buf[32];

	assert_string_equal(bgp_community_format(0xfde80064, buf, sizeof(buf)),
			    "65000:100");
	assert_string_equal(bgp_community_format(0, buf, sizeof(buf)), "0:0");
	assert_string_equal(
	    bgp_community_format(BGP_BLACKHOLE, buf, sizeof(buf)), "BLACKHOLE");
	assert_string_equal(bgp_community_format(0xffffffff, buf, sizeof(buf)),
			    "65535:65535");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_found),
	    cmocka_unit_test(other_names_are_not),
	    cmocka_unit_test(values_are_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
