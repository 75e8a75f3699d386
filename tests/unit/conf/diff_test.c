/* SPDX-License-Identifier: ISC */
#include "loading.h"

/* The changes as lines: "changed peer up: hold_time". */
static void
diff_is(const char *before, const char *after, const char *expected)
{
	static const char *const kinds[] = {"added", "removed", "changed"};
	static const char *const sections[] = {"node",   "service", "check",
					       "prefix", "peer",    "other"};
	struct conf *a = load_fine(before), *b = load_fine(after);
	struct text seen = {0};
	struct conf_diff diff;

	conf_diff(a, b, &diff);
	for (size_t i = 0; i < diff.n; i++)
		text_addf(&seen, "%s %s %s%s%s\n", kinds[diff.v[i].kind],
			  sections[diff.v[i].section], diff.v[i].name,
			  diff.v[i].option ? ": " : "",
			  diff.v[i].option ? diff.v[i].option : "");
	assert_string_equal(text_str(&seen), expected);
	text_free(&seen);
	conf_diff_free(&diff);
	conf_free(a);
	conf_free(b);
}

#define BEFORE NODE SERVICES PREFIXES PEERS

static void
the_same_is_the_same(void **state)
{
	diff_is(BEFORE, BEFORE, "");
	/* Comments, order of sections and ways to write do not matter. */
	diff_is(BEFORE,
		"# hello\n" PEERS PREFIXES
		"services: {web: {addresses: [192.0.2.80, '2001:db8:0::80'], "
		"require: all, checks: [{tcp: {port: 80}, interval: 1000ms}]}}"
		"\n" NODE,
		"");
}

static void
defaults_written_out_are_the_same(void **state)
{
	diff_is(BEFORE,
		BEFORE "http: {listen: '127.0.0.1:9179'}\n"
		       "log: {level: info}\n"
		       "bgp: {listen: ['0.0.0.0:179', '[::]:179']}\n",
		"");
}

static void
peers_come_go_and_change(void **state)
{
	diff_is(BEFORE,
		NODE SERVICES PREFIXES "peers:\n"
				       "  new: {address: 198.51.100.9, asn: 1, "
				       "next_hop: '2001:db8:1::1'}\n",
		"added peer new\n"
		"removed peer up\n");
	diff_is(BEFORE,
		NODE SERVICES PREFIXES
		"peers:\n"
		"  up: {address: 198.51.100.254, asn: 64500, "
		"next_hop: '2001:db8:1::1', med: 0}\n",
		"changed peer up: med\n");
}

static void
checks_change_by_name(void **state)
{
	diff_is(BEFORE,
		NODE "services:\n"
		     "  web:\n"
		     "    addresses: [192.0.2.80, '2001:db8::80']\n"
		     "    checks:\n"
		     "      - tcp: 80\n"
		     "        fall: 5\n"
		     "      - tcp: 443\n" PREFIXES PEERS,
		"added check web/tcp:443@192.0.2.80\n"
		"added check web/tcp:443@2001:db8::80\n"
		"changed check web/tcp:80@192.0.2.80: fall\n"
		"changed check web/tcp:80@2001:db8::80: fall\n");
}

static void
kinds_and_their_options_count(void **state)
{
	diff_is(BEFORE,
		NODE "services:\n"
		     "  web:\n"
		     "    addresses: [192.0.2.80, '2001:db8::80']\n"
		     "    checks:\n"
		     "      - tcp: {port: 80, expect: OK}\n" PREFIXES PEERS,
		"changed check web/tcp:80@192.0.2.80: tcp\n"
		"changed check web/tcp:80@2001:db8::80: tcp\n");
}

static void
prefixes_follow_services_by_name(void **state)
{
	/* The new service comes first, so every index moves. */
	diff_is(BEFORE,
		NODE "services:\n"
		     "  aaa: {}\n"
		     "  web:\n"
		     "    addresses: [192.0.2.80, '2001:db8::80']\n"
		     "    checks:\n"
		     "      - tcp: 80\n"
		     "prefixes:\n"
		     "  2001:db8::/48: {services: web}\n"
		     "  192.0.2.0/24: {services: [web, aaa]}\n" PEERS,
		"added service aaa\n"
		"changed prefix 192.0.2.0/24: services\n");
}

static void
the_order_of_services_has_no_meaning(void **state)
{
#define TWO NODE "services: {a: {addresses: 192.0.2.80}, b: {}}\n"
#define UP4 "peers: {up: {address: 198.51.100.254, asn: 64500}}\n"
	diff_is(TWO "prefixes: {192.0.2.0/24: {services: [a, b]}}\n" UP4,
		TWO "prefixes: {192.0.2.0/24: {services: [b, a]}}\n" UP4, "");
}

static void
exports_are_compared_by_prefix(void **state)
{
	static const char peer[] =
	    "peers:\n"
	    "  up: {address: 198.51.100.254, asn: 64500, "
	    "next_hop: '2001:db8:1::1', "
	    "prefixes: [192.0.2.0/24, '2001:db8::/48']}\n";
	struct text a = {0}, b = {0};

	text_addf(&a, "%s%s", NODE SERVICES PREFIXES, peer);
	text_addf(&b, "%s%s",
		  NODE SERVICES "prefixes:\n"
				"  2001:db8::/48: {services: web}\n"
				"  192.0.2.0/24: {services: web}\n",
		  peer);
	diff_is(text_str(&a), text_str(&b), "");
	text_free(&a);
	text_free(&b);
}

static void
the_rest_is_compared(void **state)
{
	diff_is(
	    BEFORE,
	    "node: {name: n2, asn: 65000, router_id: 198.51.100.1}\n" SERVICES
		PREFIXES PEERS "log: {level: debug}\n"
	    "http: off\n"
	    "state_directory: /tmp/x\n",
	    "changed node node: name\n"
	    "changed other http: listen\n"
	    "changed other log: level\n"
	    "changed other state_directory: state_directory\n");
}

static bool
sessions_equal(const char *options)
{
	struct conf *a = load_fine(BEFORE), *b;
	struct text text = {0};
	bool equal;

	text_addf(&text,
		  NODE SERVICES PREFIXES
		  "peers:\n"
		  "  up: {address: 198.51.100.254, asn: 64500, "
		  "next_hop: '2001:db8:1::1'%s}\n",
		  options);
	b = load_fine(text_str(&text));
	equal = conf_peer_session_equal(&a->peers[0], &b->peers[0]);
	conf_free(a);
	conf_free(b);
	text_free(&text);
	return equal;
}

static void
policy_needs_no_new_session(void **state)
{
	assert_true(sessions_equal(""));
	assert_true(sessions_equal(", prepend: 3, med: 7"));
	assert_true(sessions_equal(", communities: no-export"));
	assert_true(sessions_equal(", description: hello"));
	assert_true(sessions_equal(", connect_retry: 7s"));
	assert_true(sessions_equal(", hold_time: 90s, keepalive: 30s"));
	assert_false(sessions_equal(", hold_time: 30s"));
	assert_false(sessions_equal(", keepalive: 10s"));
	assert_false(sessions_equal(", passive: true"));
	assert_false(sessions_equal(", source: 198.51.100.1"));
	assert_false(sessions_equal(", local_asn: 65001"));
	assert_false(sessions_equal(", port: 1790"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_is_the_same),
	    cmocka_unit_test(defaults_written_out_are_the_same),
	    cmocka_unit_test(peers_come_go_and_change),
	    cmocka_unit_test(checks_change_by_name),
	    cmocka_unit_test(kinds_and_their_options_count),
	    cmocka_unit_test(prefixes_follow_services_by_name),
	    cmocka_unit_test(the_order_of_services_has_no_meaning),
	    cmocka_unit_test(exports_are_compared_by_prefix),
	    cmocka_unit_test(the_rest_is_compared),
	    cmocka_unit_test(policy_needs_no_new_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
