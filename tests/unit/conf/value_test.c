/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <string.h>

#include "conf/value.h"

static void
numbers(void **state)
{
	uint64_t n;

	assert_int_equal(value_number("0", &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(value_number("65535", &n), 0);
	assert_int_equal(n, 65535);
	assert_int_equal(value_number("", &n), -EINVAL);
	assert_int_equal(value_number("010", &n), -EINVAL);
	assert_int_equal(value_number("-1", &n), -EINVAL);
	assert_int_equal(value_number("+1", &n), -EINVAL);
	assert_int_equal(value_number("1 ", &n), -EINVAL);
	assert_int_equal(value_number("0x10", &n), -EINVAL);
	assert_int_equal(value_number("9999999999999999999", &n), -ERANGE);
}

static void
as_numbers(void **state)
{
	uint32_t asn;

	assert_int_equal(value_asn("65000", &asn), 0);
	assert_int_equal(asn, 65000);
	assert_int_equal(value_asn("4294967295", &asn), 0);
	assert_true(asn == UINT32_MAX);
	assert_int_equal(value_asn("1.10", &asn), 0);
	assert_int_equal(asn, 65546);
	assert_int_equal(value_asn("65535.65535", &asn), 0);
	assert_true(asn == UINT32_MAX);
	assert_int_equal(value_asn("4294967296", &asn), -ERANGE);
	assert_int_equal(value_asn("65536.0", &asn), -ERANGE);
	assert_int_equal(value_asn("1.2.3", &asn), -EINVAL);
	assert_int_equal(value_asn("1.", &asn), -EINVAL);
	assert_int_equal(value_asn(".1", &asn), -EINVAL);
	assert_int_equal(value_asn("AS1", &asn), -EINVAL);
}

static void
percentages(void **state)
{
	unsigned p;

	assert_int_equal(value_percent("5%", &p), 0);
	assert_int_equal(p, 5);
	assert_int_equal(value_percent("100%", &p), 0);
	assert_int_equal(value_percent("101%", &p), -ERANGE);
	assert_int_equal(value_percent("5", &p), -EINVAL);
	assert_int_equal(value_percent("%", &p), -EINVAL);
	assert_int_equal(value_percent("5 %", &p), -EINVAL);
}

static void
standard_is(const char *text, uint32_t expected)
{
	struct value_communities c;

	assert_int_equal(value_community(text, &c), 0);
	assert_int_equal(c.kind, VALUE_STANDARD);
	assert_int_equal(c.standard, expected);
}

static void
extended_is(const char *text, uint64_t expected)
{
	struct value_communities c;

	assert_int_equal(value_community(text, &c), 0);
	assert_int_equal(c.kind, VALUE_EXTENDED);
	assert_true(c.extended == expected);
}

static void
communities(void **state)
{
	struct value_communities c;

	standard_is("65000:100", 0xfde80064);
	standard_is("0:0", 0);
	standard_is("no-export", 0xffffff01);
	standard_is("NO_EXPORT", 0xffffff01);
	standard_is("no-advertise", 0xffffff02);
	standard_is("NOPEER", 0xffffff04);
	standard_is("blackhole", 0xffff029a);
	standard_is("graceful-shutdown", 0xffff0000);
	/* RFC 4360: type, subtype, two-octet AS, four octets. */
	extended_is("rt:65000:1", UINT64_C(0x0002fde800000001));
	extended_is("so:65000:4294967295", UINT64_C(0x0003fde8ffffffff));
	extended_is("rt:192.0.2.1:7", UINT64_C(0x0102c00002010007));
	/* RFC 5668: four-octet AS. */
	extended_is("rt:70000:5", UINT64_C(0x0202000111700005));
	extended_is("RT:1.10:5", UINT64_C(0x02020001000a0005));
	assert_int_equal(value_community("65000:1:2", &c), 0);
	assert_int_equal(c.kind, VALUE_LARGE);
	assert_int_equal(c.large[0], 65000);
	assert_int_equal(c.large[2], 2);
}

static void
broken_communities(void **state)
{
	static const char *const texts[] = {
	    "",         "65000",    "1:2:3:4", ":1",    "1:",
	    "rt:65000", "rt:1:2:3", "xx:1:2",  "1:2:x", "no-export!",
	    "rt:::1:1", "export",   "rt::",
	};
	struct value_communities c;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(value_community(texts[i], &c), -EINVAL);
	assert_int_equal(value_community("65536:1", &c), -ERANGE);
	assert_int_equal(value_community("1:65536", &c), -ERANGE);
	assert_int_equal(value_community("1:1:4294967296", &c), -ERANGE);
	assert_int_equal(value_community("rt:70000:65536", &c), -ERANGE);
}

static void
endpoints(void **state)
{
	static const char *const broken[] = {
	    "127.0.0.1", "::1:80", "[::1]", "[127.0.0.1]:80", "127.0.0.1:",
	    ":80",       "[]:80",  "[:80",  "127.0.0.1:x",    "]:1",
	};
	struct conf_endpoint e;
	char buf[IP_TEXT_MAX];

	assert_int_equal(value_endpoint("127.0.0.1:9179", &e), 0);
	assert_string_equal(ip_format(&e.ip, buf, sizeof(buf)), "127.0.0.1");
	assert_int_equal(e.port, 9179);
	assert_int_equal(value_endpoint("[::1]:1", &e), 0);
	assert_string_equal(ip_format(&e.ip, buf, sizeof(buf)), "::1");
	for (size_t i = 0; i < ARRAY_LEN(broken); i++)
		assert_int_equal(value_endpoint(broken[i], &e), -EINVAL);
	assert_int_equal(value_endpoint("127.0.0.1:0", &e), -ERANGE);
}

static void
status_ranges(void **state)
{
	struct conf_status_range r;

	assert_int_equal(value_status("204", &r), 0);
	assert_int_equal(r.low, 204);
	assert_int_equal(r.high, 204);
	assert_int_equal(value_status("200-299", &r), 0);
	assert_int_equal(r.high, 299);
	assert_int_equal(value_status("299-200", &r), -ERANGE);
	assert_int_equal(value_status("99", &r), -ERANGE);
	assert_int_equal(value_status("200-600", &r), -ERANGE);
	assert_int_equal(value_status("200-", &r), -EINVAL);
	assert_int_equal(value_status("2xx", &r), -EINVAL);
}

static void
requirements(void **state)
{
	struct conf_require r;

	assert_int_equal(value_require("all", &r), 0);
	assert_int_equal(r.mode, CONF_REQUIRE_ALL);
	assert_int_equal(value_require("any", &r), 0);
	assert_int_equal(r.mode, CONF_REQUIRE_ANY);
	assert_int_equal(value_require("3", &r), 0);
	assert_int_equal(r.mode, CONF_REQUIRE_COUNT);
	assert_int_equal(r.count, 3);
	assert_int_equal(value_require("0", &r), -ERANGE);
	assert_int_equal(value_require("most", &r), -EINVAL);
}

static void
escapes(void **state)
{
	char out[64];
	size_t n;

	assert_int_equal(value_unescape("a\\r\\n\\x00\\xfFb\\\\", out, &n), 0);
	assert_int_equal(n, 7);
	assert_memory_equal(out,
			    "a\r\n\0\xff"
			    "b\\",
			    7);
	assert_int_equal(value_unescape("", out, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(value_unescape("\\", out, &n), -EINVAL);
	assert_int_equal(value_unescape("\\q", out, &n), -EINVAL);
	assert_int_equal(value_unescape("\\x1", out, &n), -EINVAL);
}

static void
names(void **state)
{
	char longest[66];

	memset(longest, 'a', 65);
	longest[65] = '\0';
	assert_false(value_is_name(longest));
	longest[64] = '\0';
	assert_true(value_is_name(longest));
	assert_true(value_is_name("transit-a_1.x"));
	assert_false(value_is_name(""));
	assert_false(value_is_name("a b"));
	assert_false(value_is_name("a/b"));
	assert_true(value_is_domain("example.com"));
	assert_true(value_is_domain("example.com."));
	assert_true(value_is_domain("_dmarc.example.com"));
	assert_true(value_is_domain("."));
	assert_false(value_is_domain(""));
	assert_false(value_is_domain("a..b"));
	assert_false(value_is_domain(".a"));
	assert_false(value_is_domain("a b"));
}

static void
urls(void **state)
{
	static const char *const broken[] = {
	    "",
	    "http://",
	    "http:/a",
	    "http://a:0/",
	    "http://a:65536/",
	    "http://u@a/",
	    "http://[::1/",
	    "http://[::1]x/",
	    "http://[1.2.3.4]/",
	    "http://a b/",
	    "ftp://a/",
	    "http://a/\x7f",
	    "http://:80/",
	    "http://a..b/",
	    "http://a:8x/",
	};
	struct value_url url;
	const char *why;

	assert_int_equal(value_url("http://a.example/x?y", &url, &why), 0);
	assert_false(url.tls);
	assert_string_equal(url.host, "a.example");
	assert_int_equal(url.port, 80);
	assert_int_equal(value_url("HTTPS://[2001:db8::1]:8443", &url, &why),
			 0);
	assert_true(url.tls);
	assert_string_equal(url.host, "2001:db8::1");
	assert_int_equal(url.port, 8443);
	assert_int_equal(value_url("https://a?x@y", &url, &why), 0);
	assert_int_equal(url.port, 443);
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		assert_int_equal(value_url(broken[i], &url, &why), -EINVAL);
		assert_non_null(why);
	}
}

static void
dns_words(void **state)
{
	assert_string_equal(value_in_list("soa", value_rr_types()), "SOA");
	assert_null(value_in_list("SOAR", value_rr_types()));
	assert_string_equal(value_in_list("nxdomain", value_rcodes()),
			    "NXDOMAIN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(as_numbers),
	    cmocka_unit_test(percentages),
	    cmocka_unit_test(communities),
	    cmocka_unit_test(broken_communities),
	    cmocka_unit_test(endpoints),
	    cmocka_unit_test(status_ranges),
	    cmocka_unit_test(requirements),
	    cmocka_unit_test(escapes),
	    cmocka_unit_test(names),
	    cmocka_unit_test(urls),
	    cmocka_unit_test(dns_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
