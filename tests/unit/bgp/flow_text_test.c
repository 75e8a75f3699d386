/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "bgp/bgp.h"
#include "wire/bgp_flow.h"

static void
becomes(const char *from, const char *to)
{
	struct bgp_flow flow, again;
	struct text out = {0}, error = {0};
	uint8_t a[BGP_FLOW_OCTETS_MAX], b[BGP_FLOW_OCTETS_MAX];
	size_t n;

	if (bgp_parse_flow(from, AF_INET, &flow, &error) != 0)
		fail_msg("%s: %s", from, text_str(&error));
	bgp_print_flow(&flow, &out);
	assert_string_equal(text_str(&out), to);
	/* What is printed means the same. */
	assert_int_equal(
	    bgp_parse_flow(text_str(&out), AF_INET, &again, &error), 0);
	n = bgp_flow_encode(&flow, a, sizeof(a));
	assert_true(n > 0);
	assert_int_equal(bgp_flow_encode(&again, b, sizeof(b)), n);
	assert_memory_equal(a, b, n);
	text_free(&out);
	text_free(&error);
}

static void
text_is_read_and_printed(void **state)
{
	becomes("dst 192.0.2.0/24", "dst 192.0.2.0/24");
	becomes("destination 192.0.2.7", "dst 192.0.2.7/32");
	becomes("dport 53 proto udp dst 192.0.2.0/24 src 10.0.0.0/8",
		"dst 192.0.2.0/24 src 10.0.0.0/8 proto udp dport 53");
	becomes("proto udp tcp 99 port [ 53, 123 ];",
		"proto udp tcp 99 port 53 123");
	becomes("dport 1000-2000 !=1500", "dport >=1000&<=2000 !=1500");
	becomes("sport >1024&<2048", "sport >1024&<2048");
	becomes("length >1400 dscp 46", "length >1400 dscp 46");
	becomes("tcp-flags =syn+ack !rst", "tcp-flags =syn+ack !rst");
	becomes("frag is-fragment !first-fragment",
		"frag is-fragment !first-fragment");
	becomes("icmp-type 8 icmp-code 0", "icmp-type 8 icmp-code 0");
	becomes("dst 2001:db8::/32 label 7", "dst 2001:db8::/32 label 7");
	becomes("dst ::1234:0:0/96 offset 64", "dst ::1234:0:0/96 offset 64");
}

static void
refused(const char *text, const char *message)
{
	struct bgp_flow flow;
	struct text error = {0};

	assert_int_equal(bgp_parse_flow(text, AF_INET, &flow, &error), -EINVAL);
	assert_string_equal(text_str(&error), message);
	text_free(&error);
}

static void
errors_name_the_place(void **state)
{
	refused("", "at the end: expected a component such as dst "
		    "192.0.2.1/32");
	refused("dst 192.0.2.0/24 proto", "at the end: expected a value");
	refused("dst 192.0.2.1/24",
		"at character 5, \"192.0.2.1/24\": has host bits set");
	refused("dst 192.0.2.0/24 src 2001:db8::/32",
		"at character 22, \"2001:db8::/32\": dst and src are not of "
		"one address family");
	refused("proto udp proto tcp",
		"at character 11, \"proto\": this component stands there "
		"twice");
	refused("dport 70000",
		"at the end: 70000 is no value of destination port of this "
		"address family");
	refused("dport 5x",
		"at character 7, \"5x\": expected a number, a range such as "
		"1000-2000, or one of = ! > >= < <= before a number");
	refused("frag is-fragmen",
		"at character 6, \"is-fragmen\": expected dont-fragment, "
		"is-fragment, first-fragment or last-fragment");
}

static void
acts(const char *from, const char *to)
{
	struct bgp_attributes a = {0};
	struct text out = {0}, error = {0};

	if (bgp_parse_flow_actions(from, &a, &error) != 0)
		fail_msg("%s: %s", from, text_str(&error));
	bgp_print_flow_actions(&a, &out);
	assert_string_equal(text_str(&out), to);
	text_free(&out);
	text_free(&error);
}

static void
actions_are_read_and_printed(void **state)
{
	acts("", "accept");
	acts("discard", "discard");
	acts("rate 125000", "rate 125000");
	acts("packets 1000 mark 46", "packets 1000 mark 46");
	acts("redirect 65000:100", "redirect 65000:100");
	acts("redirect 192.0.2.1:7", "redirect 192.0.2.1:7");
	acts("redirect 4200000000:7", "redirect 4200000000:7");
	acts("sample terminal", "sample terminal");
}

static void
wrong_actions_are_refused(void **state)
{
	static const char *const wrong[] = {
	    "drop",    "rate",    "rate -1",    "rate nan",
	    "rate 1x", "mark 64", "redirect 1", "redirect 4200000000:70000",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct bgp_attributes a = {0};
		struct text error = {0};

		assert_int_equal(bgp_parse_flow_actions(wrong[i], &a, &error),
				 -EINVAL);
		assert_true(error.len > 0);
		assert_int_equal(a.n_ext_communities, 0);
		text_free(&error);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_read_and_printed),
	    cmocka_unit_test(errors_name_the_place),
	    cmocka_unit_test(actions_are_read_and_printed),
	    cmocka_unit_test(wrong_actions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
