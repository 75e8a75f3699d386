/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <string.h>

#include "base/text.h"
#include "bgp/path.h"

static struct conf_prefix
conf_prefix_of(const char *text)
{
	struct conf_prefix p = {0};

	assert_int_equal(prefix_parse(text, &p.prefix), 0);
	return p;
}

struct fixture {
	struct conf_peer peer;
	struct path_session s;
	struct bgp_attributes a;
};

static struct fixture
over_ipv4(void)
{
	return (struct fixture){
	    .peer = {.asn = 65002, .local_asn = 65001},
	    .s = {.local = ip_of("10.0.0.1"), .remote = ip_of("10.0.0.2")},
	};
}

static const char *
build(struct fixture *f, const struct conf_prefix *p)
{
	f->s.peer = &f->peer;
	return path_build(&f->s, p, CONF_RUNG_HEALTHY, &f->a);
}

static void
own_asn_is_prepended(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.peer.prepend = 2;
	assert_null(build(&f, &p));
	assert_int_equal(f.a.n_as_path, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(f.a.as_path[i], 65001);
	assert_false(f.a.has_local_pref);
	assert_true(f.a.has_origin);
}

static void
origin_asn_stands_last(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	p.origin_asn = 64999;
	f.peer.prepend = 1;
	assert_null(build(&f, &p));
	assert_int_equal(f.a.n_as_path, 3);
	assert_int_equal(f.a.as_path[0], 65001);
	assert_int_equal(f.a.as_path[1], 65001);
	assert_int_equal(f.a.as_path[2], 64999);
	p.origin_asn = 65001; /* the same: not twice */
	assert_null(build(&f, &p));
	assert_int_equal(f.a.n_as_path, 2);
}

static void
inside_the_as_the_path_is_empty(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.s.ibgp = true;
	f.peer.prepend = 3;
	assert_null(build(&f, &p));
	assert_true(f.a.has_as_path);
	assert_int_equal(f.a.n_as_path, 0);
	assert_true(f.a.has_local_pref);
	assert_int_equal(f.a.local_pref, 100);
	f.peer.local_pref_set = true;
	f.peer.local_pref = 50;
	assert_null(build(&f, &p));
	assert_int_equal(f.a.local_pref, 50);
}

static void
med_is_sent_when_set(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	assert_null(build(&f, &p));
	assert_false(f.a.has_med);
	f.peer.med_set = true;
	assert_null(build(&f, &p));
	assert_true(f.a.has_med);
	assert_int_equal(f.a.med, 0);
}

/* ---- the ladder ---- */

static const char *
build_on(struct fixture *f, const struct conf_prefix *p, enum conf_rung rung)
{
	f->s.peer = &f->peer;
	return path_build(&f->s, p, rung, &f->a);
}

static void
a_rung_replaces_what_the_peer_says(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.peer.prepend = 1;
	f.peer.med_set = true;
	f.peer.med = 10;
	f.peer.ladder[CONF_RUNG_DEGRADED] = (struct conf_step){
	    .prepend_set = true, .prepend = 3, .med_set = true, .med = 200};
	f.peer.ladder[CONF_RUNG_DRAINING] =
	    (struct conf_step){.med_set = true, .med = 0};
	assert_null(build_on(&f, &p, CONF_RUNG_HEALTHY));
	assert_int_equal(f.a.n_as_path, 2);
	assert_int_equal(f.a.med, 10);
	assert_null(build_on(&f, &p, CONF_RUNG_DEGRADED));
	assert_int_equal(f.a.n_as_path, 4);
	assert_int_equal(f.a.med, 200);
	assert_false(f.a.has_local_pref);
	/* Each rung starts from the peer, not from the rung above. */
	assert_null(build_on(&f, &p, CONF_RUNG_DRAINING));
	assert_int_equal(f.a.n_as_path, 2);
	assert_true(f.a.has_med);
	assert_int_equal(f.a.med, 0);
}

static void
a_rung_adds_communities(void **state)
{
	uint32_t of_peer[] = {0xfde90064};
	uint32_t of_rung[] = {0xfde90046, 0xfde90064};
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.peer.communities.standard = of_peer;
	f.peer.communities.n_standard = 1;
	f.peer.ladder[CONF_RUNG_DRAINING] = (struct conf_step){
	    .graceful_shutdown = true, .communities = {of_rung, 2}};
	assert_null(build_on(&f, &p, CONF_RUNG_DEGRADED));
	assert_int_equal(f.a.n_communities, 1);
	assert_null(build_on(&f, &p, CONF_RUNG_DRAINING));
	assert_int_equal(f.a.n_communities, 3);
	assert_int_equal(f.a.communities[0], 0xfde90046);
	assert_int_equal(f.a.communities[1], 0xfde90064);
	assert_int_equal(f.a.communities[2], BGP_GRACEFUL_SHUTDOWN);
}

static void
a_rung_has_its_local_pref_inside_the_as(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.s.ibgp = true;
	f.peer.local_pref_set = true;
	f.peer.local_pref = 300;
	f.peer.ladder[CONF_RUNG_DRAINING].local_pref_set = true;
	assert_null(build_on(&f, &p, CONF_RUNG_DEGRADED));
	assert_int_equal(f.a.local_pref, 300);
	assert_null(build_on(&f, &p, CONF_RUNG_DRAINING));
	assert_int_equal(f.a.local_pref, 0);
	f.s.ibgp = false;
	assert_null(build_on(&f, &p, CONF_RUNG_DRAINING));
	assert_false(f.a.has_local_pref);
}

/* One path each: rungs that say the same share theirs, others do not. */
static void
rungs_are_interned(void **state)
{
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();
	struct path_table t = {0};
	struct path *of[CONF_RUNG_WITHDRAWN];
	const char *why;

	f.s.peer = &f.peer;
	f.peer.ladder[CONF_RUNG_DRAINING].graceful_shutdown = true;
	for (int round = 0; round < 2; round++) {
		for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++) {
			of[r] = path_for(&t, &f.s, &p, (enum conf_rung)r, &why);
			assert_non_null(of[r]);
			path_unref(&t, of[r]);
		}
		assert_ptr_equal(of[CONF_RUNG_HEALTHY], of[CONF_RUNG_DEGRADED]);
		assert_ptr_not_equal(of[CONF_RUNG_HEALTHY],
				     of[CONF_RUNG_DRAINING]);
	}
	assert_int_equal(HASH_COUNT(t.all), 2);
	path_forget(&t);
	assert_int_equal(HASH_COUNT(t.all), 0);
}

static void
communities_are_merged_sorted_and_unique(void **state)
{
	uint32_t of_peer[] = {0xfde90064, 0xfde90001};
	uint32_t of_prefix[] = {0xfde90001, 0xfde90002, BGP_NO_EXPORT};
	uint64_t extended[] = {9, 3, 9};
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.peer.communities.standard = of_peer;
	f.peer.communities.n_standard = 2;
	f.peer.communities.extended = extended;
	f.peer.communities.n_extended = 3;
	p.communities.standard = of_prefix;
	p.communities.n_standard = 3;
	p.scope = CONF_SCOPE_LOCAL;
	assert_null(build(&f, &p));
	assert_int_equal(f.a.n_communities, 5);
	assert_int_equal(f.a.communities[0], 0xfde90001);
	assert_int_equal(f.a.communities[1], 0xfde90002);
	assert_int_equal(f.a.communities[2], 0xfde90064);
	assert_int_equal(f.a.communities[3], BGP_NO_EXPORT);
	assert_int_equal(f.a.communities[4], BGP_NOPEER);
	assert_int_equal(f.a.communities[5], 0);
	assert_int_equal(f.a.n_ext_communities, 2);
	assert_int_equal(f.a.ext_communities[0], 3);
}

static void
too_many_communities_are_refused(void **state)
{
	uint32_t many[BGP_COMMUNITIES_MAX];
	struct conf_prefix p = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	for (uint32_t i = 0; i < BGP_COMMUNITIES_MAX; i++)
		many[i] = i;
	p.communities.standard = many;
	p.communities.n_standard = BGP_COMMUNITIES_MAX;
	assert_null(build(&f, &p));
	p.scope = CONF_SCOPE_LOCAL;
	assert_non_null(build(&f, &p));
}

static void
next_hop_is_our_own_address(void **state)
{
	struct conf_prefix v4 = conf_prefix_of("203.0.113.0/24");
	struct conf_prefix v6 = conf_prefix_of("2001:db8:a::/48");
	struct fixture f = over_ipv4();

	assert_null(build(&f, &v4));
	assert_true(ip_equal(&f.a.next_hop, &f.s.local));
	assert_non_null(build(&f, &v6)); /* no IPv6 next hop over IPv4 */
	f.peer.next_hop6 = ip_of("2001:db8::9");
	assert_null(build(&f, &v6));
	assert_true(ip_equal(&f.a.mp_next_hop, &f.peer.next_hop6));
	f.peer.next_hop4 = ip_of("192.0.2.9");
	assert_null(build(&f, &v4));
	assert_true(ip_equal(&f.a.next_hop, &f.peer.next_hop4));
}

static void
the_peers_own_address_is_no_next_hop(void **state)
{
	struct conf_prefix v4 = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.peer.next_hop4 = f.s.remote;
	assert_non_null(build(&f, &v4));
}

static void
link_local_sessions_need_no_other_next_hop(void **state)
{
	struct conf_prefix v6 = conf_prefix_of("2001:db8:a::/48");
	struct fixture f = over_ipv4();

	f.s.local = ip_of("fe80::1");
	f.s.remote = ip_of("fe80::2");
	assert_null(build(&f, &v6));
	assert_true(ip_equal(&f.a.mp_next_hop, &f.s.local));
	assert_true(ip_equal(&f.a.mp_next_hop_local, &f.s.local));
	f.peer.next_hop6 = ip_of("2001:db8::9");
	assert_null(build(&f, &v6));
	assert_true(ip_equal(&f.a.mp_next_hop_local, &f.s.local));
}

static void
ipv4_routes_take_an_ipv6_next_hop(void **state)
{
	struct conf_prefix v4 = conf_prefix_of("203.0.113.0/24");
	struct fixture f = over_ipv4();

	f.s.local = ip_of("2001:db8::1");
	f.s.remote = ip_of("2001:db8::2");
	f.peer.next_hop4 = (struct ip){0};
	assert_non_null(build(&f, &v4));
	f.s.extended_next_hop = true;
	assert_null(build(&f, &v4));
	assert_true(ip_is_none(&f.a.next_hop));
	assert_true(ip_equal(&f.a.mp_next_hop, &f.s.local));
	assert_true(ip_is_none(&f.a.mp_next_hop_local));
	f.peer.next_hop4 = ip_of("192.0.2.1");
	assert_null(build(&f, &v4));
	assert_true(ip_equal(&f.a.next_hop, &f.peer.next_hop4));
	assert_true(ip_is_none(&f.a.mp_next_hop));
}

/* RFC 9234 section 5: to customers, peers and RS-clients. */
static void
otc_follows_our_role(void **state)
{
	static const struct {
		enum conf_role role;
		bool otc;
	} table[] = {
	    {CONF_ROLE_NONE, false},      {CONF_ROLE_PROVIDER, true},
	    {CONF_ROLE_CUSTOMER, false},  {CONF_ROLE_RS, true},
	    {CONF_ROLE_RS_CLIENT, false}, {CONF_ROLE_PEER, true},
	};
	struct conf_prefix v4 = conf_prefix_of("203.0.113.0/24");

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct fixture f = over_ipv4();

		f.peer.policy.role = table[i].role;
		assert_null(build(&f, &v4));
		assert_int_equal(f.a.has_otc, table[i].otc);
		if (table[i].otc)
			assert_int_equal(f.a.otc, f.peer.local_asn);
		f.s.ibgp = true;
		assert_null(build(&f, &v4));
		assert_false(f.a.has_otc);
	}
}

static void
equal_attributes_are_one_path(void **state)
{
	struct conf_prefix a = conf_prefix_of("203.0.113.0/24");
	struct conf_prefix b = conf_prefix_of("198.51.100.0/24");
	uint32_t one[] = {1, 2}, two[] = {2, 1, 1}, three[] = {3};
	struct fixture f = over_ipv4();
	struct path_table t = {0};
	const char *why = NULL;
	struct path *p, *q;

	f.s.peer = &f.peer;
	a.communities.standard = one;
	a.communities.n_standard = 2;
	b.communities.standard = two;
	b.communities.n_standard = 3;
	p = path_for(&t, &f.s, &a, CONF_RUNG_HEALTHY, &why);
	q = path_for(&t, &f.s, &b, CONF_RUNG_HEALTHY, &why);
	assert_ptr_equal(p, q);
	path_unref(&t, q);
	b.communities.standard = three;
	b.communities.n_standard = 1;
	path_forget(&t);
	q = path_for(&t, &f.s, &b, CONF_RUNG_HEALTHY, &why);
	assert_ptr_not_equal(p, q);
	assert_int_equal(HASH_COUNT(t.all), 2);
	path_unref(&t, p);
	path_unref(&t, q);
	path_forget(&t);
	assert_null(t.all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_asn_is_prepended),
	    cmocka_unit_test(origin_asn_stands_last),
	    cmocka_unit_test(inside_the_as_the_path_is_empty),
	    cmocka_unit_test(med_is_sent_when_set),
	    cmocka_unit_test(a_rung_replaces_what_the_peer_says),
	    cmocka_unit_test(a_rung_adds_communities),
	    cmocka_unit_test(a_rung_has_its_local_pref_inside_the_as),
	    cmocka_unit_test(rungs_are_interned),
	    cmocka_unit_test(communities_are_merged_sorted_and_unique),
	    cmocka_unit_test(too_many_communities_are_refused),
	    cmocka_unit_test(next_hop_is_our_own_address),
	    cmocka_unit_test(the_peers_own_address_is_no_next_hop),
	    cmocka_unit_test(link_local_sessions_need_no_other_next_hop),
	    cmocka_unit_test(ipv4_routes_take_an_ipv6_next_hop),
	    cmocka_unit_test(otc_follows_our_role),
	    cmocka_unit_test(equal_attributes_are_one_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
