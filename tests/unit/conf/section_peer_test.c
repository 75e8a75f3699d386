/* SPDX-License-Identifier: ISC */
#include "loading.h"

#define V4_SERVICE                                                             \
	"services: {web: {addresses: 192.0.2.80}}\n"                           \
	"prefixes: {192.0.2.0/24: {services: web}}\n"
#define UP "address: 198.51.100.254, asn: 64500"

static struct conf *
load_peer(const char *options)
{
	struct text text = {0};
	struct conf *conf;

	text_addf(&text, NODE V4_SERVICE "peers: {up: {%s}}\n", options);
	conf = load_fine(text_str(&text));
	text_free(&text);
	return conf;
}

static void
warning_is(const char *options, const char *expected)
{
	struct text text = {0};

	text_addf(&text, NODE V4_SERVICE "peers: {up: {%s}}\n", options);
	load_warned(text_str(&text), expected);
	text_free(&text);
}

static void
families_follow_address_and_next_hop(void **state)
{
	struct conf *c = load_peer(UP);

	assert_int_equal(c->peers[0].families, CONF_IPV4);
	conf_free(c);
	c = load_peer(UP ", next_hop: [198.51.100.1, '2001:db8::1']");
	assert_int_equal(c->peers[0].families, CONF_IPV4 | CONF_IPV6);
	assert_string_equal(ip_text(&c->peers[0].next_hop4), "198.51.100.1");
	assert_string_equal(ip_text(&c->peers[0].next_hop6), "2001:db8::1");
	conf_free(c);
	c = load_peer("address: '2001:db8::9', asn: 1, "
		      "next_hop: 198.51.100.1, families: [ipv4]");
	assert_int_equal(c->peers[0].families, CONF_IPV4);
	conf_free(c);
}

static void
link_local_peers_have_an_interface(void **state)
{
	struct conf *c = load_peer("address: 'fe80::1%eth0', asn: 1, "
				   "next_hop: 198.51.100.1");

	assert_string_equal(ip_text(&c->peers[0].address), "fe80::1");
	assert_string_equal(c->peers[0].interface, "eth0");
	conf_free(c);
	c = load_peer("address: 'fe80::1', interface: eth1, asn: 1, "
		      "next_hop: 198.51.100.1");
	assert_string_equal(c->peers[0].interface, "eth1");
	conf_free(c);
}

static void
timers_follow_hold_time(void **state)
{
	struct conf *c = load_peer(UP ", hold_time: 9s");

	assert_int_equal(c->peers[0].keepalive.ns, dur_s(3).ns);
	conf_free(c);
	c = load_peer(UP ", hold_time: 0s, keepalive: 5s");
	assert_int_equal(c->peers[0].hold_time.ns, 0);
	assert_int_equal(c->peers[0].keepalive.ns, 0);
	conf_free(c);
	c = load_peer(UP ", hold_time: 3s, keepalive: 1s");
	assert_int_equal(c->peers[0].keepalive.ns, dur_s(1).ns);
	conf_free(c);
}

static void
policy_is_read(void **state)
{
	struct conf *c = load_peer(
	    "address: 198.51.100.254, asn: 65000, local_pref: 0, med: 0, "
	    "prepend: 16, communities: ['1:2', '1:2:3', 'rt:1:2', no-export], "
	    "prefixes: 192.0.2.0/24");
	const struct conf_peer *p = &c->peers[0];

	assert_true(p->local_pref_set);
	assert_int_equal(p->local_pref, 0);
	assert_true(p->med_set);
	assert_int_equal(p->prepend, 16);
	assert_int_equal(p->communities.n_standard, 2);
	assert_int_equal(p->communities.standard[0], 0x00010002);
	assert_int_equal(p->communities.n_large, 1);
	assert_int_equal(p->communities.large[0].v[2], 3);
	assert_int_equal(p->communities.n_extended, 1);
	assert_int_equal(p->n_prefixes, 1);
	assert_int_equal(p->prefixes[0], 0);
	conf_free(c);
}

static void
imports_are_read(void **state)
{
	struct conf *c = load_peer(UP ", import: default, install: true");
	const struct conf_import *import = &c->peers[0].policy.import;

	assert_true(import->enabled);
	assert_int_equal(import->prefixes.n, 2);
	assert_int_equal(import->longest4, 0);
	assert_int_equal(import->longest6, 0);
	assert_true(c->peers[0].install);
	assert_int_equal(c->peers[0].policy.max_prefix.limit, 1000);
	assert_int_equal(c->peers[0].policy.max_prefix.warn, 80);
	conf_free(c);
	c = load_peer(UP ", import: [10.0.0.0/8 ge 16, 192.0.2.0/24], "
			 "max_prefix: 2");
	import = &c->peers[0].policy.import;
	assert_true(import->enabled);
	assert_int_equal(import->prefixes.n, 2);
	assert_int_equal(import->prefixes.v[0].ge, 16);
	assert_int_equal(import->prefixes.v[0].le, 32);
	assert_int_equal(import->prefixes.v[1].ge, 24);
	assert_int_equal(import->longest4, 32);
	assert_int_equal(import->longest6, -1);
	assert_int_equal(c->peers[0].policy.max_prefix.limit, 2);
	conf_free(c);
	c = load_peer(UP ", import: {origins: [64501, 1.1], rpki: ignore}, "
			 "max_prefix: {limit: 7, warn: 50, restart: 0s}");
	import = &c->peers[0].policy.import;
	assert_true(import->enabled);
	assert_int_equal(import->prefixes.n, 0);
	assert_int_equal(import->longest4, 32);
	assert_int_equal(import->origins.n, 2);
	assert_int_equal(import->origins.v[1], 65537);
	assert_int_equal(import->rpki, CONF_RPKI_IGNORE);
	assert_int_equal(c->peers[0].policy.max_prefix.warn, 50);
	assert_int_equal(c->peers[0].policy.max_prefix.restart.ns, 0);
	conf_free(c);
}

static void
as_numbers_of_the_session(void **state)
{
	struct conf *c = load_peer("address: 198.51.100.254, asn: 1.10, "
				   "local_asn: 65010");

	assert_int_equal(c->peers[0].asn, 65546);
	assert_int_equal(c->peers[0].local_asn, 65010);
	conf_free(c);
}

static void
odd_settings_are_warned_of(void **state)
{
	warning_is(UP ", hold_time: 30s, keepalive: 11s",
		   "test.yaml:4:78: warning: peers.up.keepalive: the keepalive "
		   "is longer than a third of hold_time: one lost segment may "
		   "end the session\n");
	warning_is(UP ", install: true",
		   "test.yaml:4:60: warning: peers.up.install: install has no "
		   "effect: import is none\n");
	warning_is("address: 198.51.100.254, asn: 65000, multihop: true",
		   "test.yaml:4:61: warning: peers.up.multihop: multihop has "
		   "no effect: iBGP always is\n");
	warning_is(UP ", max_sessions: 7",
		   "test.yaml:4:65: warning: peers.up.max_sessions: "
		   "max_sessions has no effect: the address is no prefix\n");
}

/* ---- the ladder ---- */

static void
a_ladder_has_defaults(void **state)
{
	struct conf *c = load_peer(UP);
	const struct conf_step *s = c->peers[0].ladder;

	assert_true(s[CONF_RUNG_DEGRADED].announce);
	assert_false(s[CONF_RUNG_DEGRADED].graceful_shutdown);
	assert_true(s[CONF_RUNG_DRAINING].announce);
	assert_true(s[CONF_RUNG_DRAINING].graceful_shutdown);
	assert_false(s[CONF_RUNG_DRAINING].local_pref_set);
	conf_free(c);
	c = load_peer("address: 198.51.100.254, asn: 65000");
	s = c->peers[0].ladder;
	assert_false(s[CONF_RUNG_DEGRADED].local_pref_set);
	assert_true(s[CONF_RUNG_DRAINING].local_pref_set);
	assert_int_equal(s[CONF_RUNG_DRAINING].local_pref, 0);
	conf_free(c);
}

static void
a_ladder_says_otherwise(void **state)
{
	struct conf *c = load_peer(
	    "address: 198.51.100.254, asn: 65000, ladder: "
	    "{degraded: {prepend: 3, med: 200, local_pref: 50, "
	    "communities: ['65001:70', '65001:1:2'], announce: true}, "
	    "draining: {local_pref: 7}}");
	const struct conf_step *s = c->peers[0].ladder;

	assert_true(s[CONF_RUNG_DEGRADED].prepend_set);
	assert_int_equal(s[CONF_RUNG_DEGRADED].prepend, 3);
	assert_int_equal(s[CONF_RUNG_DEGRADED].med, 200);
	assert_int_equal(s[CONF_RUNG_DEGRADED].local_pref, 50);
	assert_int_equal(s[CONF_RUNG_DEGRADED].communities.n_standard, 1);
	assert_int_equal(s[CONF_RUNG_DEGRADED].communities.n_large, 1);
	assert_true(s[CONF_RUNG_DRAINING].graceful_shutdown);
	assert_int_equal(s[CONF_RUNG_DRAINING].local_pref, 7);
	conf_free(c);
	c = load_peer("address: 198.51.100.254, asn: 65000, ladder: "
		      "{draining: {graceful_shutdown: false}}");
	assert_false(c->peers[0].ladder[CONF_RUNG_DRAINING].graceful_shutdown);
	assert_false(c->peers[0].ladder[CONF_RUNG_DRAINING].local_pref_set);
	conf_free(c);
}

static void
a_ladder_is_no_matter_of_the_session(void **state)
{
	struct conf *a = load_peer(UP);
	struct conf *b = load_peer(UP ", ladder: {degraded: {med: 5}}");
	struct conf_diff diff;

	assert_true(conf_peer_session_equal(&a->peers[0], &b->peers[0]));
	conf_diff(a, b, &diff);
	assert_int_equal(diff.n, 1);
	assert_string_equal(diff.v[0].option, "ladder");
	conf_diff_free(&diff);
	conf_free(a);
	conf_free(b);
}

static void
a_ladder_that_leads_up_is_told(void **state)
{
	warning_is(UP ", prepend: 2, ladder: {draining: {prepend: 1}}",
		   "test.yaml:4:92: warning: peers.up.ladder.draining.prepend: "
		   "1 is less than the peer's own 2: a draining node is "
		   "preferred to a healthy one\n");
	warning_is(UP ", med: 9, ladder: {degraded: {med: 0}}",
		   "test.yaml:4:84: warning: peers.up.ladder.degraded.med: "
		   "0 is less than the peer's own 9: a degraded node is "
		   "preferred to a healthy one\n");
	warning_is("address: 198.51.100.254, asn: 65000, "
		   "ladder: {degraded: {local_pref: 101}}",
		   "test.yaml:4:83: warning: "
		   "peers.up.ladder.degraded.local_pref: 101 is more than the "
		   "peer's own 100: a degraded node is preferred to a healthy "
		   "one\n");
	warning_is(UP ", ladder: {degraded: {announce: false, med: 7}}",
		   "test.yaml:3:12: warning: prefixes.192.0.2.0/24: every "
		   "peer's ladder has announce: false for degraded: a service "
		   "that is only degraded is withdrawn everywhere\n"
		   "test.yaml:4:81: warning: peers.up.ladder.degraded.announce:"
		   " announce: false leaves the other options of this rung "
		   "without effect\n");
}

static void
a_rung_that_nobody_announces_is_told(void **state)
{
	struct conf *c =
	    load_peer(UP ", ladder: {degraded: {announce: false}}}, "
			 "two: {address: 198.51.100.253, asn: 64501");

	conf_free(c);
	warning_is(UP ", ladder: {draining: {announce: false}}",
		   "test.yaml:3:12: warning: prefixes.192.0.2.0/24: every "
		   "peer's ladder has announce: false for draining: a drain "
		   "cannot wait for the traffic to leave\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(families_follow_address_and_next_hop),
	    cmocka_unit_test(link_local_peers_have_an_interface),
	    cmocka_unit_test(timers_follow_hold_time),
	    cmocka_unit_test(policy_is_read),
	    cmocka_unit_test(imports_are_read),
	    cmocka_unit_test(as_numbers_of_the_session),
	    cmocka_unit_test(odd_settings_are_warned_of),
	    cmocka_unit_test(a_ladder_has_defaults),
	    cmocka_unit_test(a_ladder_says_otherwise),
	    cmocka_unit_test(a_ladder_is_no_matter_of_the_session),
	    cmocka_unit_test(a_ladder_that_leads_up_is_told),
	    cmocka_unit_test(a_rung_that_nobody_announces_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
