/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <string.h>

#include "base/text.h"
#include "bgp/policy.h"

static const struct conf_peer peer = {
    .policy = {.first_as = true},
    .asn = 65002,
    .local_asn = 65001,
    .families = CONF_IPV4 | CONF_IPV6,
};

static struct policy_self
self(bool ibgp)
{
	return (struct policy_self){.peer = &peer,
				    .node_asn = 64900,
				    .router_id = 7,
				    .ibgp = ibgp,
				    .local = ip_from_v4(0x0a000001)};
}

static const struct bgp_open good = {
    .asn = 65002, .router_id = 9, .families = BGP_FAMILY_IPV4};

static void
a_good_open_is_accepted(void **state)
{
	struct policy_self me = self(false);
	char text[POLICY_TEXT_MAX];

	assert_int_equal(policy_open(&me, &good, text).action, BGP_ACCEPT);
}

static void
a_wrong_asn_names_both(void **state)
{
	struct policy_self me = self(false);
	struct bgp_open open = good;
	char text[POLICY_TEXT_MAX];
	struct bgp_verdict v;

	open.asn = 4200000000;
	v = policy_open(&me, &open, text);
	assert_int_equal(v.action, BGP_RESET_SESSION);
	assert_int_equal(v.code, 2);
	assert_int_equal(v.subcode, 2);
	assert_non_null(strstr(text, "4200000000"));
	assert_non_null(strstr(text, "65002"));
}

static void
our_identifier_is_refused_inside_the_as_only(void **state)
{
	struct policy_self outside = self(false), inside = self(true);
	struct bgp_open open = good;
	char text[POLICY_TEXT_MAX];

	open.router_id = 7;
	assert_int_equal(policy_open(&outside, &open, text).action, BGP_ACCEPT);
	assert_int_equal(policy_open(&inside, &open, text).subcode, 3);
}

static void
missing_families_are_listed(void **state)
{
	static const uint8_t data[] = {1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1};
	struct policy_self me = self(false);
	struct bgp_open open = good;
	char text[POLICY_TEXT_MAX];
	struct bgp_verdict v;

	open.families = 0;
	v = policy_open(&me, &open, text);
	assert_int_equal(v.code, 2);
	assert_int_equal(v.subcode, 7);
	assert_int_equal(v.data_len, sizeof(data));
	assert_memory_equal(v.data, data, sizeof(data));
}

/* RFC 9234 section 4.2, table 2; RFC 9234 section 4.2 on absence. */
static void
roles_must_fit(void **state)
{
	static const bool fits[][5] = {
	    /* of the peer: provider, rs, rs-client, customer, peer */
	    [CONF_ROLE_NONE] = {true, true, true, true, true},
	    [CONF_ROLE_PROVIDER] = {false, false, false, true, false},
	    [CONF_ROLE_RS] = {false, false, true, false, false},
	    [CONF_ROLE_RS_CLIENT] = {false, true, false, false, false},
	    [CONF_ROLE_CUSTOMER] = {true, false, false, false, false},
	    [CONF_ROLE_PEER] = {false, false, false, false, true},
	};

	for (int ours = CONF_ROLE_NONE; ours <= CONF_ROLE_PEER; ours++)
		for (uint8_t theirs = 0; theirs <= 5; theirs++) {
			struct conf_peer c = peer;
			struct policy_self me = self(false);
			struct bgp_open open = good;
			char text[POLICY_TEXT_MAX];
			struct bgp_verdict v;
			bool fit = theirs == 5 ? ours == CONF_ROLE_NONE
					       : fits[ours][theirs];

			c.policy.role = (enum conf_role)ours;
			me.peer = &c;
			open.has_role = true;
			open.role = theirs;
			v = policy_open(&me, &open, text);
			assert_int_equal(v.action,
					 fit ? BGP_ACCEPT : BGP_RESET_SESSION);
			assert_int_equal(v.subcode, fit ? 0 : 11);
			me.ibgp = true;
			assert_int_equal(policy_open(&me, &open, text).action,
					 BGP_ACCEPT);
		}
}

static void
a_missing_role_matters_when_strict(void **state)
{
	struct conf_peer c = peer;
	struct policy_self me = self(false);
	struct bgp_open open = good;
	char text[POLICY_TEXT_MAX];

	me.peer = &c;
	c.policy.role = CONF_ROLE_CUSTOMER;
	assert_int_equal(policy_open(&me, &open, text).action, BGP_ACCEPT);
	c.policy.role_strict = true;
	assert_int_equal(policy_open(&me, &open, text).subcode, 11);
	assert_non_null(strstr(text, "expected provider"));
	c.policy = (struct conf_policy){0};
	open.has_role = open.roles_conflict = true;
	assert_int_equal(policy_open(&me, &open, text).subcode, 11);
}

static struct bgp_attributes
attributes(uint32_t first, uint32_t second)
{
	struct bgp_attributes a = {.has_as_path = true, .n_as_path = 2};

	a.as_path[0] = first;
	a.as_path[1] = second;
	a.next_hop = ip_from_v4(0x0a000002);
	return a;
}

static void
loops_and_strange_first_asns_are_refused(void **state)
{
	struct policy_self out = self(false), in = self(true);
	struct bgp_attributes a = attributes(65002, 3);

	assert_int_equal(policy_attributes(&out, &a, AF_INET), POLICY_NONE);
	a = attributes(65002, 65001);
	assert_int_equal(policy_attributes(&out, &a, AF_INET), POLICY_LOOP);
	a = attributes(65002, 64900);
	assert_int_equal(policy_attributes(&out, &a, AF_INET), POLICY_LOOP);
	a = attributes(3, 65002);
	assert_int_equal(policy_attributes(&out, &a, AF_INET), POLICY_FIRST_AS);
	assert_int_equal(policy_attributes(&in, &a, AF_INET), POLICY_NONE);
	a.n_as_path = 0;
	assert_int_equal(policy_attributes(&in, &a, AF_INET), POLICY_NONE);
	assert_int_equal(policy_attributes(&out, &a, AF_INET), POLICY_FIRST_AS);
}

static void
unusable_next_hops_are_refused(void **state)
{
	static const uint32_t bad[] = {0, 0x7f000001, 0xe0000001, 0x0a000001};
	struct bgp_attributes a = attributes(65002, 3);
	struct policy_self me = self(false);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		a.next_hop = ip_from_v4(bad[i]);
		assert_int_equal(policy_attributes(&me, &a, AF_INET),
				 POLICY_NEXT_HOP);
	}
	a.next_hop = ip_from_v4(0x0a000002);
	assert_int_equal(policy_attributes(&me, &a, AF_INET6), POLICY_NEXT_HOP);
}

static enum policy_refusal
decide(const struct conf_peer *c, const char *text)
{
	struct prefix p = prefix_of(text);

	return policy_prefix(c, &p);
}

static void
import_follows_the_configuration(void **state)
{
	struct conf_range list[] = {{prefix_of("203.0.113.0/24"), 24, 24}};
	struct conf_range ends[] = {{prefix_of("0.0.0.0/0"), 0, 0},
				    {prefix_of("::/0"), 0, 0}};
	struct conf_peer c = peer;

	assert_int_equal(decide(&c, "0.0.0.0/0"), POLICY_NOT_WANTED);
	c.policy.import =
	    (struct conf_import){.enabled = true, .prefixes = {ends, 2}};
	assert_int_equal(decide(&c, "0.0.0.0/0"), POLICY_NONE);
	assert_int_equal(decide(&c, "::/0"), POLICY_NONE);
	assert_int_equal(decide(&c, "0.0.0.0/1"), POLICY_NOT_WANTED);
	c.policy.import = (struct conf_import){.enabled = true,
					       .prefixes = {list, 1},
					       .longest4 = 24,
					       .longest6 = -1};
	assert_int_equal(decide(&c, "203.0.113.0/24"), POLICY_NONE);
	assert_int_equal(decide(&c, "203.0.113.0/25"), POLICY_NOT_WANTED);
	assert_int_equal(decide(&c, "0.0.0.0/0"), POLICY_NOT_WANTED);
}

static void
only_unicast_prefixes_are_routes(void **state)
{
	assert_int_equal(decide(&peer, "224.0.0.0/8"), POLICY_PREFIX);
	assert_int_equal(decide(&peer, "240.0.0.0/4"), POLICY_PREFIX);
	assert_int_equal(decide(&peer, "127.0.0.0/8"), POLICY_PREFIX);
	assert_int_equal(decide(&peer, "ff02::/16"), POLICY_PREFIX);
	assert_int_equal(decide(&peer, "fe80::/10"), POLICY_PREFIX);
	assert_int_equal(decide(&peer, "2001:db8::/32"), POLICY_NOT_WANTED);
}

static void
ttl_follows_the_kind_of_session(void **state)
{
	struct conf_peer c = peer;

	assert_int_equal(policy_ttl(&c, false), 1);
	assert_int_equal(policy_ttl(&c, true), 64);
	c.multihop = true;
	assert_int_equal(policy_ttl(&c, false), 64);
	c.ttl = 5;
	assert_int_equal(policy_ttl(&c, false), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_open_is_accepted),
	    cmocka_unit_test(a_wrong_asn_names_both),
	    cmocka_unit_test(our_identifier_is_refused_inside_the_as_only),
	    cmocka_unit_test(missing_families_are_listed),
	    cmocka_unit_test(roles_must_fit),
	    cmocka_unit_test(a_missing_role_matters_when_strict),
	    cmocka_unit_test(loops_and_strange_first_asns_are_refused),
	    cmocka_unit_test(unusable_next_hops_are_refused),
	    cmocka_unit_test(import_follows_the_configuration),
	    cmocka_unit_test(only_unicast_prefixes_are_routes),
	    cmocka_unit_test(ttl_follows_the_kind_of_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
