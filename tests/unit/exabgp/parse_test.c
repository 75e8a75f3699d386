/* SPDX-License-Identifier: ISC */
#include "../test.h"
#include "exabgp/exabgp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct exabgp_command
parse(const char *line)
{
	struct exabgp_command c;
	struct exabgp_error error;

	if (exabgp_parse(line, strlen(line), &c, &error) != 0) {
		fprintf(stderr, "%s: %zu: %s\n", line, error.column,
			error.text);
		fail();
	}
	return c;
}

static void
refused(const char *line, int error, size_t column)
{
	struct exabgp_command c;
	struct exabgp_error e;

	assert_int_equal(exabgp_parse(line, strlen(line), &c, &e), error);
	assert_int_equal(e.column, column);
	assert_true(e.text[0]);
}

static void
routes_have_attributes(void **state)
{
	struct exabgp_command c = parse(
	    "announce route 192.0.2.0/24 next-hop 198.51.100.1 med 5 "
	    "local-preference 7 origin EGP as-path [ 65000 1.10 ] community "
	    "[65000:1,no-export 0xffffff02] large-community 1:2:3 "
	    "extended-community [ target:65000:1 origin:192.0.2.1:2 ]");

	assert_int_equal(c.kind, EXABGP_ANNOUNCE);
	assert_int_equal(c.n_prefixes, 1);
	assert_int_equal(c.attributes.med, 5);
	assert_int_equal(c.attributes.local_pref, 7);
	assert_int_equal(c.attributes.origin, BGP_ORIGIN_EGP);
	assert_int_equal(c.attributes.as_path[1], 65546);
	assert_int_equal(c.attributes.n_communities, 3);
	assert_int_equal(c.attributes.communities[1], 0xffffff01);
	assert_int_equal(c.attributes.n_large_communities, 1);
	assert_true(c.attributes.ext_communities[0] ==
		    UINT64_C(0x0002fde800000001));
	assert_true(c.attributes.ext_communities[1] ==
		    UINT64_C(0x0103c00002010002));
	exabgp_command_free(&c);
}

static void
neighbors_are_selected(void **state)
{
	struct exabgp_command c =
	    parse("neighbor 192.0.2.1 local-as 1, neighbor 192.0.2.2 peer-as "
		  "2 withdraw route 10.0.0.0/8 next-hop self");

	assert_int_equal(c.kind, EXABGP_WITHDRAW);
	assert_int_equal(c.n_selectors, 2);
	assert_int_equal(c.selectors[0].local_as, 1);
	assert_int_equal(c.selectors[1].peer_as, 2);
	exabgp_command_free(&c);
}

static void
prefixes_are_split(void **state)
{
	struct exabgp_command c =
	    parse("announce route 10.0.0.0/22 next-hop self split /24");

	assert_int_equal(c.n_prefixes, 4);
	assert_int_equal(c.prefixes[3].addr.bytes[2], 3);
	exabgp_command_free(&c);
	c = parse("announce attributes next-hop self nlri 10.0.0.0/24 "
		  "10.0.1.0/24");
	assert_int_equal(c.n_prefixes, 2);
	exabgp_command_free(&c);
}

static void
flows_match_and_do(void **state)
{
	struct exabgp_command c =
	    parse("announce flow route {\\n match {\\n destination "
		  "10.0.0.1/32;\\n destination-port [ =80 >8080&<8088 ];\\n "
		  "protocol udp;\\n }\\n then {\\n discard;\\n }\\n }\\n");

	assert_true(c.is_flow);
	assert_int_equal(c.flow.dst.prefix.len, 32);
	assert_int_equal(c.flow.count[BGP_FLOW_DST_PORT], 3);
	assert_int_equal(c.flow.terms[c.flow.first[BGP_FLOW_PROTO]].value, 17);
	assert_int_equal(c.attributes.n_ext_communities, 1);
	exabgp_command_free(&c);
}

static void
errors_have_a_place(void **state)
{
	refused("announce nonsense", -ENOTSUP, 10);
	refused("announce route 10.0.0.1/8 next-hop self", -EINVAL, 16);
	refused("announce route 10.0.0.0/8 next-hop me", -EINVAL, 36);
	refused("announce route 10.0.0.0/8 label 5", -ENOTSUP, 27);
	refused("announce route", -EINVAL, 15);
	refused("announce flow route { then { discard; } }", -EINVAL, 42);
	refused("\x1b[31m", -EINVAL, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes_have_attributes),
	    cmocka_unit_test(neighbors_are_selected),
	    cmocka_unit_test(prefixes_are_split),
	    cmocka_unit_test(flows_match_and_do),
	    cmocka_unit_test(errors_have_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
