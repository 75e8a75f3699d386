/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "base/community.h"
#include "base/text.h"

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

/* What a configuration may say is shown by name. */
static void
names_are_printed(void **state)
{
	static const struct {
		uint32_t value;
		const char *text;
	} names[] = {
#define X(value, written, printed) {value, printed},
	    COMMUNITIES(X)
#undef X
	};
	char buf[32];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_string_equal(
		    bgp_community_format(names[i].value, buf, sizeof(buf)),
		    names[i].text);
	assert_string_equal(
	    bgp_community_format(BGP_GRACEFUL_SHUTDOWN, buf, sizeof(buf)),
	    "GRACEFUL_SHUTDOWN");
	assert_string_equal(bgp_community_format(0xffff0006, buf, sizeof(buf)),
			    "LLGR_STALE");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_formatted),
	    cmocka_unit_test(names_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
