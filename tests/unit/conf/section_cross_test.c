/* SPDX-License-Identifier: ISC */
#include "loading.h"

#define UP4 "peers: {up: {address: 198.51.100.254, asn: 64500}}\n"

static void
long_prefixes_are_warned_of_where_it_matters(void **state)
{
	static const char head[] =
	    NODE "services: {web: {addresses: 192.0.2.80}}\n";
	struct text text = {0};

	text_addf(&text, "%sprefixes: {192.0.2.0/25: {services: web}}\n%s",
		  head, UP4);
	load_warned(text_str(&text),
		    "test.yaml:3:12: warning: prefixes.192.0.2.0/25: prefixes "
		    "longer than /24 are filtered by most networks\n");
	text_clear(&text);
	/* A local node's prefix goes no further than the neighbour. */
	text_addf(&text,
		  "%sprefixes: {192.0.2.0/25: {services: web, scope: local}}\n"
		  "%s",
		  head, UP4);
	conf_free(load_fine(text_str(&text)));
	text_clear(&text);
	/* iBGP does not filter. */
	text_addf(&text,
		  "%sprefixes: {192.0.2.80/32: {services: web}}\n"
		  "peers: {up: {address: 198.51.100.254, asn: 65000}}\n",
		  head);
	conf_free(load_fine(text_str(&text)));
	text_free(&text);
}

static void
prefixes_for_nobody_are_warned_of(void **state)
{
	load_warned(
	    NODE "services: {web: {addresses: 192.0.2.80}}\n"
		 "prefixes:\n"
		 "  192.0.2.0/24: {services: web}\n"
		 "  2001:db8::/48: {services: web}\n" UP4,
	    "test.yaml:5:3: warning: prefixes.2001:db8::/48: none of its "
	    "services has an ipv6 address: it would draw traffic for nobody\n"
	    "test.yaml:5:3: warning: prefixes.2001:db8::/48: no peer carries "
	    "ipv6 and exports it: it will be announced to nobody (a session "
	    "of the other family needs next_hop)\n");
}

static void
limits_that_nobody_looks_at_are_warned_of(void **state)
{
	load_warned(
	    "node: {name: n1, asn: 65000, router_id: 198.51.100.1, "
	    "counters: off}\n"
	    "services: {web: {addresses: 192.0.2.80, "
	    "overload: {packets: 9, cpu: 90}}}\n"
	    "prefixes: {192.0.2.0/24: {services: web}}\n" UP4,
	    "test.yaml:2:12: warning: services.web.overload: packets and "
	    "octets are not looked at: node.counters is off\n");
}

static void
a_prefix_no_peer_exports_is_warned_of(void **state)
{
	load_warned(
	    NODE "services: {web: {addresses: 192.0.2.80}}\n"
		 "prefixes:\n"
		 "  192.0.2.0/24: {services: web}\n"
		 "  192.0.0.0/16: {services: web}\n"
		 "peers: {up: {address: 198.51.100.254, asn: 64500, "
		 "prefixes: 192.0.0.0/16}}\n",
	    "test.yaml:4:3: warning: prefixes.192.0.2.0/24: no peer carries "
	    "ipv4 and exports it: it will be announced to nobody (a session "
	    "of the other family needs next_hop)\n");
}

static void
services_without_addresses_need_no_prefix(void **state)
{
	struct conf *c = load_fine(
	    NODE "services: {web: {addresses: 192.0.2.80}, gate: {}}\n"
		 "prefixes: {192.0.2.0/24: {services: web}}\n" UP4);

	assert_int_equal(c->n_services, 2);
	assert_int_equal(c->services[1].addresses.n, 0);
	conf_free(c);
}

static void
require_counts_members(void **state)
{
	struct conf *c = load_fine(
	    NODE "services:\n"
		 "  a:\n"
		 "    addresses: 192.0.2.80\n"
		 "    checks: [tcp: 80, tcp: 81, tcp: 82]\n"
		 "    require: 2\n"
		 "  b: {}\n"
		 "prefixes:\n"
		 "  192.0.2.0/24: {services: [b, a], require: any}\n" UP4);

	assert_int_equal(c->services[0].require.mode, CONF_REQUIRE_COUNT);
	assert_int_equal(c->services[0].require.count, 2);
	assert_int_equal(c->prefixes[0].require.mode, CONF_REQUIRE_ANY);
	assert_int_equal(c->prefixes[0].n_services, 2);
	assert_int_equal(c->prefixes[0].services[0], 1);
	assert_int_equal(c->prefixes[0].services[1], 0);
	conf_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(long_prefixes_are_warned_of_where_it_matters),
	    cmocka_unit_test(prefixes_for_nobody_are_warned_of),
	    cmocka_unit_test(limits_that_nobody_looks_at_are_warned_of),
	    cmocka_unit_test(a_prefix_no_peer_exports_is_warned_of),
	    cmocka_unit_test(services_without_addresses_need_no_prefix),
	    cmocka_unit_test(require_counts_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
