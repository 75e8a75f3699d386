/* SPDX-License-Identifier: ISC */
#include "octets.h"

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
	    cmocka_unit_test(values_are_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
