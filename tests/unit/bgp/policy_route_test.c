/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <stdlib.h>

#include "base/text.h"
#include "bgp/policy.h"

#define PEER_ASN  65002
#define LOCAL_ASN 65001

struct fixture {
	struct conf_peer peer;
	struct policy_self self;
	struct bgp_attributes a;
	enum bgp_validity validity;
	uint32_t origin; /* that was asked for last */
};

static enum bgp_validity
validate(void *arg, const struct prefix *prefix, uint32_t origin)
{
	struct fixture *f = arg;

	f->origin = origin;
	return f->validity;
}

/* AS_PATH 65002 64900 64800, next hop of the peer. */
static void
begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->peer = (struct conf_peer){
	    .asn = PEER_ASN,
	    .local_asn = LOCAL_ASN,
	    .policy = {.first_as = true, .import = {.enabled = true}},
	};
	f->self = (struct policy_self){
	    .peer = &f->peer,
	    .node_asn = LOCAL_ASN,
	    .local = ip_from_v4(0x0a000001),
	    .remote = ip_from_v4(0x0a000002),
	    .subnets = {prefix_of("10.0.0.0/24")},
	    .n_subnets = 1,
	    .validate = validate,
	    .validate_arg = f,
	};
	f->a = (struct bgp_attributes){
	    .as_path = {PEER_ASN, 64900, 64800},
	    .n_as_path = 3,
	    .next_hop = ip_from_v4(0x0a000002),
	};
}

static enum policy_refusal
judge(const struct fixture *f)
{
	return policy_attributes(&f->self, &f->a, AF_INET);
}

/* RFC 9234 section 5, ingress: what each role does with each OTC. */
static void
otc_tells_leaks(void **state)
{
	static const struct {
		enum conf_role role;
		uint32_t otc; /* 0: none */
		enum policy_refusal refusal;
		uint32_t marked; /* afterwards; 0: none */
	} table[] = {
	    {CONF_ROLE_NONE, 0, POLICY_NONE, 0},
	    {CONF_ROLE_NONE, 64800, POLICY_NONE, 64800},
	    {CONF_ROLE_PROVIDER, 0, POLICY_NONE, 0},
	    {CONF_ROLE_PROVIDER, PEER_ASN, POLICY_LEAK, 0},
	    {CONF_ROLE_PROVIDER, 64800, POLICY_LEAK, 0},
	    {CONF_ROLE_RS, 0, POLICY_NONE, 0},
	    {CONF_ROLE_RS, PEER_ASN, POLICY_LEAK, 0},
	    {CONF_ROLE_PEER, 0, POLICY_NONE, PEER_ASN},
	    {CONF_ROLE_PEER, PEER_ASN, POLICY_NONE, PEER_ASN},
	    {CONF_ROLE_PEER, 64800, POLICY_LEAK, 0},
	    {CONF_ROLE_CUSTOMER, 0, POLICY_NONE, PEER_ASN},
	    {CONF_ROLE_CUSTOMER, 64800, POLICY_NONE, 64800},
	    {CONF_ROLE_RS_CLIENT, 0, POLICY_NONE, PEER_ASN},
	    {CONF_ROLE_RS_CLIENT, 64800, POLICY_NONE, 64800},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct fixture f;

		begin(&f);
		f.peer.policy.role = table[i].role;
		f.a.has_otc = table[i].otc != 0;
		f.a.otc = table[i].otc;
		assert_int_equal(judge(&f), table[i].refusal);
		if (table[i].refusal)
			continue;
		policy_mark(&f.self, &f.a);
		assert_int_equal(f.a.has_otc, table[i].marked != 0);
		assert_int_equal(f.a.otc, table[i].marked);
		/* What we have marked is not refused when judged again. */
		assert_int_equal(judge(&f), POLICY_NONE);
	}
}

static void
next_hops_are_on_the_link(void **state)
{
	static const struct {
		const char *hop;
		bool multihop, ibgp;
		enum policy_refusal refusal;
	} table[] = {
	    {"10.0.0.2", false, false, POLICY_NONE},
	    {"10.0.0.77", false, false, POLICY_NONE}, /* third party */
	    {"10.0.1.2", false, false, POLICY_THIRD_PARTY},
	    {"10.0.1.2", true, false, POLICY_NONE},
	    {"10.0.1.2", false, true, POLICY_NONE},
	    {"10.0.0.1", false, false, POLICY_NEXT_HOP}, /* ours */
	    {"10.0.0.1", true, false, POLICY_NEXT_HOP},
	    {"10.0.0.1", false, true, POLICY_NEXT_HOP},
	    {"127.0.0.1", false, false, POLICY_NEXT_HOP},
	    {"224.0.0.1", false, false, POLICY_NEXT_HOP},
	    {"0.0.0.0", false, false, POLICY_NEXT_HOP},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct fixture f;

		begin(&f);
		f.peer.multihop = table[i].multihop;
		f.self.ibgp = table[i].ibgp;
		f.a.next_hop = ip_of(table[i].hop);
		assert_int_equal(judge(&f), table[i].refusal);
	}
}

/* RFC 8950, RFC 2545: IPv4 routes by IPv6 next hops. */
static void
ipv4_routes_may_have_ipv6_next_hops(void **state)
{
	struct fixture f;

	begin(&f);
	f.a.next_hop = (struct ip){0};
	assert_int_equal(judge(&f), POLICY_NEXT_HOP);
	f.a.mp_next_hop = ip_of("2001:db8::2");
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.mp_next_hop = ip_of("fe80::2");
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.mp_next_hop = ip_of("::");
	assert_int_equal(judge(&f), POLICY_NEXT_HOP);
	f.a.mp_next_hop_local = ip_of("fe80::2");
	assert_int_equal(judge(&f), POLICY_NONE);
	f.self.local = ip_of("fe80::1");
	f.a.mp_next_hop = f.self.local;
	assert_int_equal(judge(&f), POLICY_NEXT_HOP);
}

static void
paths_are_filtered(void **state)
{
	uint32_t through[] = {7, 64900}, origins[] = {7, 64800}, other[] = {7};
	struct fixture f;

	begin(&f);
	f.peer.policy.import.paths_through = (struct conf_asns){through, 2};
	f.peer.policy.import.origins = (struct conf_asns){origins, 2};
	assert_int_equal(judge(&f), POLICY_NONE);
	f.peer.policy.import.paths_through = (struct conf_asns){other, 1};
	assert_int_equal(judge(&f), POLICY_PATH);
	f.peer.policy.import.origins = (struct conf_asns){other, 1};
	assert_int_equal(judge(&f), POLICY_ORIGIN);
	/* An origin that cannot be told is nobody's. */
	f.peer.policy.import.origins = (struct conf_asns){origins, 2};
	f.peer.policy.as_set = CONF_AS_SET_ACCEPT;
	f.a.path_has_set = true;
	assert_int_equal(judge(&f), POLICY_ORIGIN);
}

static void
first_as_and_sets_are_options(void **state)
{
	struct fixture f;

	begin(&f);
	f.a.as_path[0] = 64999;
	assert_int_equal(judge(&f), POLICY_FIRST_AS);
	f.peer.policy.first_as = false;
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.path_has_set = true;
	assert_int_equal(judge(&f), POLICY_AS_SET);
	f.peer.policy.as_set = CONF_AS_SET_ACCEPT;
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.as_path[2] = LOCAL_ASN;
	assert_int_equal(judge(&f), POLICY_LOOP);
}

static void
communities_are_filtered(void **state)
{
	uint32_t standard[] = {5, 6};
	uint64_t extended[] = {9};
	struct conf_communities have = {.standard = standard, .n_standard = 2};
	struct conf_communities ext = {.extended = extended, .n_extended = 1};
	struct conf_communities large = {.n_large = 1};
	struct conf_import *import;
	struct fixture f;

	begin(&f);
	import = &f.peer.policy.import;
	large.large = calloc(1, sizeof(*large.large));
	assert_non_null(large.large);
	large.large[0].v[2] = 3;
	import->communities = have;
	assert_int_equal(judge(&f), POLICY_COMMUNITY);
	f.a.communities[f.a.n_communities++] = 6;
	assert_int_equal(judge(&f), POLICY_NONE);
	import->reject_communities = large;
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.large_communities[f.a.n_large_communities++].v[2] = 3;
	assert_int_equal(judge(&f), POLICY_REJECTED);
	import->reject_communities = ext;
	assert_int_equal(judge(&f), POLICY_NONE);
	f.a.ext_communities[f.a.n_ext_communities++] = 9;
	assert_int_equal(judge(&f), POLICY_REJECTED);
	free(large.large);
}

static void
ranges_have_bounds(void **state)
{
	struct conf_range ranges[] = {{prefix_of("10.0.0.0/8"), 16, 24}};
	static const struct {
		const char *prefix;
		enum policy_refusal refusal;
	} table[] = {
	    {"10.0.0.0/8", POLICY_NOT_WANTED},
	    {"10.0.0.0/15", POLICY_NOT_WANTED},
	    {"10.1.0.0/16", POLICY_NONE},
	    {"10.1.2.0/24", POLICY_NONE},
	    {"10.1.2.0/25", POLICY_NOT_WANTED},
	    {"11.1.0.0/16", POLICY_NOT_WANTED},
	};
	struct fixture f;

	begin(&f);
	f.peer.policy.import.prefixes = (struct conf_ranges){ranges, 1};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct prefix p = prefix_of(table[i].prefix);

		assert_int_equal(policy_prefix(&f.peer, &p), table[i].refusal);
	}
}

static void
invalid_origins_are_refused(void **state)
{
	struct prefix p = prefix_of("203.0.113.0/24");
	struct fixture f;

	begin(&f);
	for (int v = 0; v < BGP_VALIDITY_COUNT; v++) {
		f.validity = (enum bgp_validity)v;
		assert_int_equal(policy_route(&f.self, &f.a, &p),
				 v == BGP_VALIDITY_INVALID ? POLICY_INVALID
							   : POLICY_NONE);
	}
	assert_int_equal(f.origin, 64800);
	f.a.path_has_set = true;
	assert_int_equal(policy_route(&f.self, &f.a, &p), POLICY_INVALID);
	assert_int_equal(f.origin, 0);
	f.peer.policy.import.rpki = CONF_RPKI_IGNORE;
	assert_int_equal(policy_route(&f.self, &f.a, &p), POLICY_NONE);
}

/* RFC 7999 section 3.3: only inside what was agreed on. */
static void
blackholes_need_an_agreement(void **state)
{
	struct prefix accept[] = {prefix_of("203.0.113.0/24")};
	struct prefix in = prefix_of("203.0.113.9/32");
	struct prefix out = prefix_of("203.0.114.9/32");
	struct prefix above = prefix_of("203.0.112.0/23");
	struct fixture f;

	begin(&f);
	f.validity = BGP_VALIDITY_INVALID;
	f.a.communities[f.a.n_communities++] = BGP_BLACKHOLE;
	assert_true(policy_is_blackhole(&f.a));
	assert_int_equal(policy_route(&f.self, &f.a, &in), POLICY_BLACKHOLE);
	f.peer.policy.blackhole.accept = (struct conf_prefixes){accept, 1};
	assert_int_equal(policy_route(&f.self, &f.a, &in), POLICY_NONE);
	assert_int_equal(policy_route(&f.self, &f.a, &accept[0]), POLICY_NONE);
	assert_int_equal(policy_route(&f.self, &f.a, &out), POLICY_BLACKHOLE);
	assert_int_equal(policy_route(&f.self, &f.a, &above), POLICY_BLACKHOLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(otc_tells_leaks),
	    cmocka_unit_test(next_hops_are_on_the_link),
	    cmocka_unit_test(ipv4_routes_may_have_ipv6_next_hops),
	    cmocka_unit_test(paths_are_filtered),
	    cmocka_unit_test(first_as_and_sets_are_options),
	    cmocka_unit_test(communities_are_filtered),
	    cmocka_unit_test(ranges_have_bounds),
	    cmocka_unit_test(invalid_origins_are_refused),
	    cmocka_unit_test(blackholes_need_an_agreement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
