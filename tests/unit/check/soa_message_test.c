/* SPDX-License-Identifier: ISC */
#include "check/soa_message.h"

#include <string.h>

#include "../test.h"

#define ZONE     "example.com"
#define ID       0x1234
#define QUESTION "\7example\3com\0\0\6\0\1"
/* A pointer to the question's name, SOA IN, TTL 60, 32 octets. */
#define RECORD  "\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x16"
#define NUMBERS "\0\0\x0e\x10\0\0\0\x3c"
/* Serial 7, refresh, retry, expire 86400, minimum 60; names are the root's. */
#define SOA7 "\0\0\0\0\0\7" NUMBERS "\0\1\x51\x80\0\0\0\x3c"

struct message {
	uint8_t octets[512];
	size_t n;
};

static struct message
message(const char *header, const char *body, size_t n)
{
	struct message m;

	memcpy(m.octets, header, 12);
	memcpy(m.octets + 12, body, n);
	m.n = n + 12;
	return m;
}
#define MESSAGE(header, body) message(header, body, sizeof(body) - 1)

#define AUTHORITATIVE "\x12\x34\x84\0\0\1\0\1\0\0\0\0"

static void
is_foreign(struct message m)
{
	char why[SOA_WHY_MAX];
	struct soa soa;

	assert_int_equal(soa_message_read(ZONE, ID, m.octets, m.n, &soa, why),
			 SOA_FOREIGN);
}

static void
is_refused(struct message m, const char *expected)
{
	char why[SOA_WHY_MAX];
	struct soa soa;

	assert_int_equal(soa_message_read(ZONE, ID, m.octets, m.n, &soa, why),
			 SOA_REFUSED);
	assert_string_equal(why, expected);
}

static void
the_record_is_read(void **state)
{
	struct message m = MESSAGE(AUTHORITATIVE, QUESTION RECORD SOA7);
	char why[SOA_WHY_MAX];
	struct soa soa;

	assert_int_equal(soa_message_read(ZONE, ID, m.octets, m.n, &soa, why),
			 SOA_FOUND);
	assert_int_equal(soa.serial, 7);
	assert_int_equal(soa.expire, 86400);
	assert_int_equal(
	    soa_message_read("EXAMPLE.com.", ID, m.octets, m.n, &soa, why),
	    SOA_FOUND);
}

static void
foreign_octets_are_waited_over(void **state)
{
	struct message m = MESSAGE(AUTHORITATIVE, QUESTION RECORD SOA7);

	is_foreign((struct message){.n = 0});
	m.n = 11;
	is_foreign(m);
	is_foreign(
	    MESSAGE("\x12\x35\x84\0\0\1\0\1\0\0\0\0", QUESTION RECORD SOA7));
	/* A query, and an answer to another one. */
	is_foreign(
	    MESSAGE("\x12\x34\0\0\0\1\0\1\0\0\0\0", QUESTION RECORD SOA7));
	is_foreign(
	    MESSAGE(AUTHORITATIVE, "\7example\3net\0\0\6\0\1" RECORD SOA7));
	is_foreign(
	    MESSAGE(AUTHORITATIVE, "\7example\3com\0\0\2\0\1" RECORD SOA7));
	is_foreign(MESSAGE("\x12\x34\x84\0\0\0\0\0\0\0\0\0", ""));
}

static void
what_is_no_record_is_refused(void **state)
{
	is_refused(MESSAGE("\x12\x34\x84\2\0\1\0\0\0\0\0\0", QUESTION),
		   "answers SERVFAIL");
	is_refused(MESSAGE("\x12\x34\x84\5\0\0\0\0\0\0\0\0", ""),
		   "answers REFUSED");
	is_refused(MESSAGE("\x12\x34\x84\x0d\0\1\0\0\0\0\0\0", QUESTION),
		   "answers RCODE13");
	is_refused(MESSAGE("\x12\x34\x86\0\0\1\0\0\0\0\0\0", QUESTION),
		   "answer is truncated");
	is_refused(
	    MESSAGE("\x12\x34\x80\0\0\1\0\1\0\0\0\0", QUESTION RECORD SOA7),
	    "is not authoritative for the zone");
	is_refused(MESSAGE("\x12\x34\x84\0\0\1\0\0\0\0\0\0", QUESTION),
		   "answers without the zone's SOA record");
	is_refused(MESSAGE(AUTHORITATIVE, QUESTION RECORD),
		   "answers what is no well-formed DNS message");
}

/* ---- serials ---- */

static void
order_is(uint32_t serial, uint32_t primary, enum soa_order expected,
	 uint32_t expected_by)
{
	uint32_t by;

	assert_int_equal(soa_message_order(serial, primary, &by), expected);
	assert_int_equal(by, expected_by);
}

static void
serials_are_compared_by_rfc_1982(void **state)
{
	order_is(7, 7, SOA_SAME, 0);
	order_is(7, 9, SOA_BEHIND, 2);
	order_is(9, 7, SOA_AHEAD, 2);
	order_is(UINT32_MAX, 0, SOA_BEHIND, 1);
	order_is(UINT32_MAX, 9, SOA_BEHIND, 10);
	order_is(0, UINT32_MAX, SOA_AHEAD, 1);
	order_is(0, UINT32_C(0x7fffffff), SOA_BEHIND, UINT32_C(0x7fffffff));
	order_is(0, UINT32_C(0x80000001), SOA_AHEAD, UINT32_C(0x7fffffff));
	order_is(0, UINT32_C(0x80000000), SOA_APART, UINT32_C(0x80000000));
	order_is(UINT32_C(0x80000000), 0, SOA_APART, UINT32_C(0x80000000));
}

static void
following_is_not_more_than_lag_behind(void **state)
{
	const struct conf_soa strict = {.lag = 0}, loose = {.lag = 2};
	const struct soa ours = {UINT32_MAX, 1}, one = {0, 1}, two = {1, 1},
			 three = {2, 1}, before = {UINT32_MAX - 1, 1};

	assert_true(soa_message_follows(&strict, &ours, &ours));
	assert_false(soa_message_follows(&strict, &ours, &one));
	assert_true(soa_message_follows(&loose, &ours, &two));
	assert_false(soa_message_follows(&loose, &ours, &three));
	assert_false(soa_message_follows(&loose, &ours, &before));
}

/* ---- judging ---- */

static const struct conf_soa conf = {
    .max_age = {600 * INT64_C(1000000000)},
    .degraded_age = {60 * INT64_C(1000000000)},
};

static void
is(const struct soa *ours, const struct soa *primary, int age_s,
   enum check_verdict verdict, const char *detail)
{
	struct judgement j;

	soa_message_judge(&conf, ours, primary, "primary 192.0.2.1: refused",
			  dur_s(age_s), &j);
	assert_string_equal(j.detail, detail);
	assert_int_equal(j.verdict, verdict);
	assert_int_equal(j.cause, verdict == CHECK_PASS ? CHECK_CAUSE_OK
				  : verdict == CHECK_UNKNOWN
				      ? CHECK_CAUSE_LOCAL
				      : CHECK_CAUSE_ANSWER);
}

static void
a_serial_that_does_not_follow_is_judged_by_its_age(void **state)
{
	const struct soa ours = {7, 86400}, same = {7, 1}, later = {9, 1},
			 before = {5, 1}, apart = {UINT32_C(0x80000007), 1};

	is(&ours, &same, 0, CHECK_PASS, "serial 7 is the primary's");
	is(&ours, &same, 9999, CHECK_PASS, "serial 7 is the primary's");
	is(&ours, &later, 60, CHECK_PASS,
	   "serial 7 is 2 behind the primary's for 1 min");
	is(&ours, &later, 61, CHECK_DEGRADED,
	   "serial 7 is 2 behind the primary's for 1 min 1 s");
	is(&ours, &later, 601, CHECK_FAIL,
	   "serial 7 is 2 behind the primary's for 10 min 1 s");
	is(&ours, &before, 601, CHECK_FAIL,
	   "serial 7 is 2 ahead of the primary's for 10 min 1 s");
	is(&ours, &apart, 601, CHECK_FAIL,
	   "serial 7 is incomparable with the primary's 2147483655 for "
	   "10 min 1 s");
}

static void
a_primary_that_is_silent_is_unknown_until_the_zone_is_too_old(void **state)
{
	const struct soa ours = {7, 86400}, brief = {7, 30};

	is(&ours, NULL, 600, CHECK_UNKNOWN,
	   "primary 192.0.2.1: refused; serial 7 followed it 10 min ago, "
	   "unknown for at most 10 min");
	is(&ours, NULL, 601, CHECK_FAIL,
	   "primary 192.0.2.1: refused; serial 7 followed it 10 min 1 s ago, "
	   "expected at most 10 min");
	is(&brief, NULL, 31, CHECK_FAIL,
	   "primary 192.0.2.1: refused; serial 7 followed it 31 s ago, "
	   "expected at most 30 s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_record_is_read),
	    cmocka_unit_test(foreign_octets_are_waited_over),
	    cmocka_unit_test(what_is_no_record_is_refused),
	    cmocka_unit_test(serials_are_compared_by_rfc_1982),
	    cmocka_unit_test(following_is_not_more_than_lag_behind),
	    cmocka_unit_test(
		a_serial_that_does_not_follow_is_judged_by_its_age),
	    cmocka_unit_test(
		a_primary_that_is_silent_is_unknown_until_the_zone_is_too_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
