/* SPDX-License-Identifier: ISC */
#include "octets.h"

static void
families_have_two_names(void **state)
{
	for (unsigned i = 0; i < BGP_FAMILY_COUNT; i++) {
		unsigned bit = 1U << i;

		assert_int_equal(
		    bgp_family_bit(bgp_family_afi(bit), bgp_family_safi(bit)),
		    bit);
		assert_string_not_equal(bgp_family_text(bit), "none");
	}
	assert_int_equal(bgp_family_bit(1, 2), 0);
	assert_int_equal(bgp_family_bit(3, 1), 0);
	assert_int_equal(bgp_family_bit(0, 0), 0);
	assert_string_equal(bgp_family_text(3), "none");
}

static void
families_have_addresses(void **state)
{
	assert_int_equal(bgp_family_ip(BGP_FAMILY_IPV4), AF_INET);
	assert_int_equal(bgp_family_ip(BGP_FAMILY_FLOW6), AF_INET6);
	assert_int_equal(bgp_family_unicast(AF_INET), BGP_FAMILY_IPV4);
	assert_int_equal(bgp_family_unicast(AF_INET6), BGP_FAMILY_IPV6);
	assert_int_equal(bgp_family_flow(AF_INET), BGP_FAMILY_FLOW4);
	assert_int_equal(bgp_family_flow(AF_INET6), BGP_FAMILY_FLOW6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(families_have_two_names),
	    cmocka_unit_test(families_have_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
