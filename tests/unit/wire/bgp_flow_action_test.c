/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "wire/bgp_flow.h"

static void
actions_round_trip(void **state)
{
	static const struct {
		struct bgp_flow_action action;
		uint64_t community;
	} rows[] = {
	    {{.kind = BGP_FLOW_RATE_BYTES, .id = 65001},
	     UINT64_C(0x8006fde900000000)},
	    {{.kind = BGP_FLOW_RATE_BYTES, .rate = 1e6F},
	     UINT64_C(0x8006000049742400)},
	    {{.kind = BGP_FLOW_RATE_PACKETS, .id = 1, .rate = 100},
	     UINT64_C(0x800c000142c80000)},
	    {{.kind = BGP_FLOW_ACTION, .terminal = true},
	     UINT64_C(0x8007000000000001)},
	    {{.kind = BGP_FLOW_ACTION, .sample = true},
	     UINT64_C(0x8007000000000002)},
	    {{.kind = BGP_FLOW_MARKING, .dscp = 46},
	     UINT64_C(0x800900000000002e)},
	    {{.kind = BGP_FLOW_REDIRECT, .administrator = 65001, .value = 100},
	     UINT64_C(0x8008fde900000064)},
	    {{.kind = BGP_FLOW_REDIRECT,
	      .form = BGP_FLOW_REDIRECT_IPV4,
	      .administrator = 0xc0000201,
	      .value = 100},
	     UINT64_C(0x8108c00002010064)},
	    {{.kind = BGP_FLOW_REDIRECT,
	      .form = BGP_FLOW_REDIRECT_AS4,
	      .administrator = 4200000001,
	      .value = 100},
	     UINT64_C(0x8208fa56ea010064)},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bgp_flow_action back =
		    bgp_flow_action_of(rows[i].community);

		if (bgp_flow_action_encode(&rows[i].action) !=
		    rows[i].community)
			fail_msg("row %zu is encoded wrong", i);
		assert_memory_equal(&back, &rows[i].action, sizeof(back));
	}
}

/* RFC 8955 section 7.1: discard, rather than anything else. */
static void
rates_that_are_none_mean_discard(void **state)
{
	static const uint64_t rates[] = {
	    UINT64_C(0x80060000bf800000), /* -1 */
	    UINT64_C(0x8006000080000000), /* -0 */
	    UINT64_C(0x800600007fc00000), /* not a number */
	    UINT64_C(0x80060000ff800000), /* minus infinity */
	    UINT64_C(0x800c0000bf800000),
	};
	struct bgp_flow_action minus = {.kind = BGP_FLOW_RATE_BYTES,
					.rate = -1};

	for (size_t i = 0; i < COUNT(rates); i++) {
		struct bgp_flow_action a = bgp_flow_action_of(rates[i]);

		assert_true(a.rate <= 0 && a.rate >= 0);
	}
	assert_true(bgp_flow_action_encode(&minus) ==
		    UINT64_C(0x8006000000000000));
}

static void
reserved_bits_are_ignored(void **state)
{
	struct bgp_flow_action a =
	    bgp_flow_action_of(UINT64_C(0x8009ffffffffffff));

	assert_int_equal(a.dscp, 63);
	a = bgp_flow_action_of(UINT64_C(0x8007fffffffffffc));
	assert_false(a.sample || a.terminal);
}

static void
other_communities_are_no_actions(void **state)
{
	static const uint64_t others[] = {
	    0,
	    UINT64_C(0x0002fde800000064), /* route target */
	    UINT64_C(0x8005000000000000),
	    UINT64_C(0x8308000000000000),
	    UINT64_MAX,
	};
	struct bgp_flow_action none = {0};

	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_equal(bgp_flow_action_of(others[i]).kind,
				 BGP_FLOW_OTHER);
	assert_true(bgp_flow_action_encode(&none) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(actions_round_trip),
	    cmocka_unit_test(rates_that_are_none_mean_discard),
	    cmocka_unit_test(reserved_bits_are_ignored),
	    cmocka_unit_test(other_communities_are_no_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
