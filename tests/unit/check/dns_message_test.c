/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "check/dns_message.h"

static const char *address[] = {"192.0.2.1"};

static const struct conf_dns conf = {
    .name = "example.com",
    .type = "A",
    .class = "IN",
    .rcode = "NOERROR",
    .answer = {address, 1},
};

/* id 0x1234, QR AA, one question, one record 192.0.2.1. */
static const uint8_t good[] = {
    0x12, 0x34, 0x84, 0x00, 0,   1, 0,   1,   0,   0, 0, 0,   7, 'e', 'X',
    'a',  'm',  'p',  'l',  'e', 3, 'c', 'o', 'm', 0, 0, 1,   0, 1,   0xc0,
    12,   0,    1,    0,    1,   0, 0,   0,   60,  0, 4, 192, 0, 2,   1};

static enum dns_answer
judged(const struct conf_dns *c, const uint8_t *octets, size_t n,
       struct judgement *j)
{
	return dns_message_judge(c, 0x1234, octets, n, j);
}

static void
the_query_says_what_is_configured(void **state)
{
	struct conf_dns c = conf;
	uint8_t q[DNS_QUERY_MAX];
	size_t plain, full;

	plain = dns_message_query(&c, 0xbeef, q);
	assert_int_equal(plain, 12 + 13 + 4);
	assert_int_equal(q[0], 0xbe);
	assert_int_equal(q[1], 0xef);
	assert_int_equal(q[2], 0);
	c.recursion_desired = true;
	c.dnssec = true;
	c.nsid = "nyc1";
	full = dns_message_query(&c, 1, q);
	/* OPT with DO set and an empty NSID option. */
	assert_int_equal(full, plain + 11 + 4);
	assert_int_equal(q[2], 1);
	assert_int_equal(q[full - 8], 0x80);
	assert_memory_equal(q + full - 4, "\0\3\0\0", 4);
}

static void
no_query_can_be_made_of_nonsense(void **state)
{
	struct conf_dns c = conf;
	uint8_t q[DNS_QUERY_MAX];

	c.name = "a..b";
	assert_int_equal(dns_message_query(&c, 1, q), 0);
}

static void
a_good_answer_passes(void **state)
{
	struct judgement j;

	assert_int_equal(judged(&conf, good, sizeof(good), &j), DNS_JUDGED);
	assert_int_equal(j.verdict, CHECK_PASS);
	assert_string_equal(j.detail, "NOERROR, 1 record");
}

static void
every_cut_of_it_does_not(void **state)
{
	for (size_t n = 0; n < sizeof(good); n++) {
		struct judgement j = {.verdict = CHECK_FAIL};
		enum dns_answer a = judged(&conf, good, n, &j);

		assert_true(a == DNS_FOREIGN || j.verdict == CHECK_FAIL);
	}
}

static void
another_id_question_or_a_query_is_foreign(void **state)
{
	struct judgement j;
	uint8_t m[sizeof(good)];

	assert_int_equal(
	    dns_message_judge(&conf, 0x1235, good, sizeof(good), &j),
	    DNS_FOREIGN);
	memcpy(m, good, sizeof(m));
	m[2] = 0x04;
	assert_int_equal(judged(&conf, m, sizeof(m), &j), DNS_FOREIGN);
	memcpy(m, good, sizeof(m));
	m[13] = 'f';
	assert_int_equal(judged(&conf, m, sizeof(m), &j), DNS_FOREIGN);
	memcpy(m, good, sizeof(m));
	m[26] = 28;
	assert_int_equal(judged(&conf, m, sizeof(m), &j), DNS_FOREIGN);
}

static void
truncation_is_told(void **state)
{
	struct judgement j;
	uint8_t m[sizeof(good)];

	memcpy(m, good, sizeof(m));
	m[2] |= 0x02;
	assert_int_equal(judged(&conf, m, sizeof(m), &j), DNS_TRUNCATED);
}

static void
flags_and_rcode_are_looked_at(void **state)
{
	struct conf_dns c = conf;
	struct judgement j;
	uint8_t m[sizeof(good)];

	memcpy(m, good, sizeof(m));
	m[3] = 2;
	judged(&c, m, sizeof(m), &j);
	assert_string_equal(j.detail,
			    "answer has rcode SERVFAIL, expected NOERROR");
	c.rcode = "servfail";
	judged(&c, m, sizeof(m), &j);
	assert_int_equal(j.verdict, CHECK_PASS);
	c = conf;
	c.aa = true;
	judged(&c, good, sizeof(good), &j);
	assert_int_equal(j.verdict, CHECK_PASS);
	memcpy(m, good, sizeof(m));
	m[2] = 0x80;
	judged(&c, m, sizeof(m), &j);
	assert_int_equal(j.verdict, CHECK_FAIL);
	c.aa = false;
	c.ad = true;
	judged(&c, m, sizeof(m), &j);
	assert_int_equal(j.verdict, CHECK_FAIL);
	m[3] = 0x20;
	judged(&c, m, sizeof(m), &j);
	assert_int_equal(j.verdict, CHECK_PASS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_query_says_what_is_configured),
	    cmocka_unit_test(no_query_can_be_made_of_nonsense),
	    cmocka_unit_test(a_good_answer_passes),
	    cmocka_unit_test(every_cut_of_it_does_not),
	    cmocka_unit_test(another_id_question_or_a_query_is_foreign),
	    cmocka_unit_test(truncation_is_told),
	    cmocka_unit_test(flags_and_rcode_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
