/* SPDX-License-Identifier: ISC */
#include "loading.h"

#define REST                                                                   \
	"services: {web: {addresses: 192.0.2.80}}\n"                           \
	"prefixes: {192.0.2.0/24: {services: web}}\n"                          \
	"peers: {up: {address: 198.51.100.254, asn: 64500}}\n"

static void
the_node_is_read(void **state)
{
	struct conf *c = load_fine("node:\n"
				   "  name: n-1.example_x\n"
				   "  asn: 65535.1\n"
				   "  router_id: 192.0.2.1\n"
				   "  management: 198.51.100.1\n"
				   "  linger: 0s\n"
				   "  stop_timeout: 1.5s\n" REST);

	assert_string_equal(c->node.name, "n-1.example_x");
	assert_true(c->node.asn == UINT32_C(4294901761));
	assert_string_equal(ip_text(&c->node.router_id), "192.0.2.1");
	assert_int_equal(c->node.management.n, 1);
	assert_int_equal(c->node.linger.ns, 0);
	assert_int_equal(c->node.stop_timeout.ns, dur_ms(1500).ns);
	conf_free(c);
}

static void
endpoints_are_read(void **state)
{
	struct conf *c = load_fine(NODE REST "bgp: {listen: '[::1]:1179'}\n"
					     "http:\n"
					     "  listen:\n"
					     "    - 127.0.0.1:80\n"
					     "    - '[::1]:81'\n");

	assert_int_equal(c->bgp.n_listen, 1);
	assert_string_equal(ip_text(&c->bgp.listen[0].ip), "::1");
	assert_int_equal(c->bgp.listen[0].port, 1179);
	assert_int_equal(c->http.n_listen, 2);
	assert_int_equal(c->http.listen[1].port, 81);
	assert_true(c->http.enabled);
	conf_free(c);
}

static void
nothing_to_listen_on_is_off(void **state)
{
	struct conf *c = load_fine(NODE REST "bgp: {listen: []}\n"
					     "http: {listen: off}\n");

	assert_int_equal(c->bgp.n_listen, 0);
	assert_int_equal(c->http.n_listen, 0);
	assert_false(c->http.enabled);
	conf_free(c);
}

static void
every_error_of_the_file_is_told(void **state)
{
	load_broken(
	    "node: {name: '', asn: 0}\n" REST "log: {level: loud}\n"
	    "lgo: {}\n",
	    "test.yaml:1:7: node: found no router_id, which is "
	    "required: the BGP identifier, unique among the routers "
	    "of the AS (RFC 6286)\n"
	    "test.yaml:1:14: node.name: found \"\", expected a name: 1 "
	    "to 64 letters, digits, \"_\", \".\" or \"-\"\n"
	    "test.yaml:1:23: node.asn: found 0 (reserved, RFC 7607), "
	    "expected the number of a network\n"
	    "test.yaml:5:14: log.level: found \"loud\", expected error, "
	    "warning, notice, info or debug\n"
	    "test.yaml:6:1: found unknown option \"lgo\" (did you mean "
	    "log?), expected node, bfd_profiles, services, "
	    "prefixes, peers, start_gate, bgp, control, http, log, mesh, "
	    "rpki, block, exabgp, identity, journal or "
	    "state_directory\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_node_is_read),
	    cmocka_unit_test(endpoints_are_read),
	    cmocka_unit_test(nothing_to_listen_on_is_off),
	    cmocka_unit_test(every_error_of_the_file_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
