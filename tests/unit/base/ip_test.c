/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <errno.h>
#include <string.h>

#include "base/ip.h"

static void
prefixes_round_trip(void **state)
{
	static const char *const texts[] = {
	    "0.0.0.0/0", "192.0.2.0/24",       "192.0.2.53/32",
	    "::/0",      "2001:db8:abcd::/48", "2001:db8::1/128",
	};
	char buf[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct prefix p = prefix_of(texts[i]);

		assert_string_equal(prefix_format(&p, buf, sizeof(buf)),
				    texts[i]);
	}
}

static void
broken_prefixes_are_refused(void **state)
{
	static const char *const texts[] = {
	    "",       "192.0.2.0",    "192.0.2.0/",   "192.0.2.0/33",
	    "::/129", "192.0.2.0/-1", "192.0.2/24",   "192.0.2.0/024",
	    "x/24",   "/24",          "192.0.2.0/2 ", "2001:db8::/4294967297",
	};
	struct prefix p;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(prefix_parse(texts[i], &p), -EINVAL);
}

static void
host_bits_are_named_and_mended(void **state)
{
	char buf[PREFIX_TEXT_MAX];
	struct prefix p;

	assert_int_equal(prefix_parse("192.0.2.53/24", &p), -EDOM);
	assert_string_equal(prefix_format(&p, buf, sizeof(buf)),
			    "192.0.2.0/24");
}

static void
as_numbers_have_32_bits(void **state)
{
	static const char *const broken[] = {
	    "",           "AS", "0",  "AS0",   "-1",   "+1",
	    "4294967296", "1x", " 1", "ASAS1", "1.10", "18446744073709551617"};
	uint32_t asn = 0;

	assert_true(asn_parse("64500", 5, &asn));
	assert_int_equal(asn, 64500);
	assert_true(asn_parse("as4294967295", 12, &asn));
	assert_int_equal(asn, UINT32_MAX);
	assert_true(asn_parse("64500,1", 5, &asn));
	assert_int_equal(asn, 64500);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_false(asn_parse(broken[i], strlen(broken[i]), &asn));
	assert_int_equal(asn, 64500);
}

static void
covering_follows_bits_and_family(void **state)
{
	struct prefix p24 = prefix_of("192.0.2.0/24");
	struct prefix p23 = prefix_of("192.0.2.0/23");
	struct prefix all6 = prefix_of("::/0");
	struct ip in = ip_of("192.0.2.255"), out = ip_of("192.0.3.0");

	assert_true(prefix_contains(&p24, &in));
	assert_false(prefix_contains(&p24, &out));
	assert_true(prefix_contains(&p23, &out));
	assert_false(prefix_contains(&all6, &in));
}

static void
sockaddr_keeps_address_and_port(void **state)
{
	struct sockaddr_storage ss;
	struct ip a = ip_of("2001:db8::7"), b;

	assert_true(ip_to_sockaddr(&a, 179, 3, &ss) > 0);
	assert_int_equal(ip_from_sockaddr(&ss, &b), 179);
	assert_true(ip_equal(&a, &b));
	a = ip_of("::ffff:192.0.2.1");
	ip_to_sockaddr(&a, 1, 0, &ss);
	ip_from_sockaddr(&ss, &b);
	a = ip_of("192.0.2.1");
	assert_true(ip_equal(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prefixes_round_trip),
	    cmocka_unit_test(broken_prefixes_are_refused),
	    cmocka_unit_test(host_bits_are_named_and_mended),
	    cmocka_unit_test(as_numbers_have_32_bits),
	    cmocka_unit_test(covering_follows_bits_and_family),
	    cmocka_unit_test(sockaddr_keeps_address_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
