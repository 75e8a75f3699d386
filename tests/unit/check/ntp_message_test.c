/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "check/ntp_message.h"
#include "wire/cursor.h"

/* 2026-11-22 14:00:00 UTC, by both clocks. */
#define NOW_UNIX INT64_C(1795356000)
#define NOW_NTP  (UINT64_C(1795356000) + UINT64_C(2208988800))
#define NONCE    UINT64_C(0x0123456789abcdef)

static const struct conf_ntp plain = {.stratum = {1, 15}};

/* 20 ms there and back. */
static struct ntp_message
asked(void)
{
	struct ntp_message m = {.nonce = NONCE};

	m.sent.ns = NOW_UNIX * 1000000000;
	m.received.ns = m.sent.ns + 20000000;
	return m;
}

struct answer {
	uint8_t first, stratum;
	const char *reference;
	uint64_t origin;
	int64_t seconds, ms; /* after `sent` */
};

static const struct answer good = {0x24, 2, "\xc0\0\2\1", NONCE, 0, 10};

static void
write_answer(const struct answer *a, uint8_t octets[static NTP_MESSAGE_LEN])
{
	struct wbuf w = wbuf_of(octets, NTP_MESSAGE_LEN);
	uint64_t at = (NOW_NTP + (uint64_t)a->seconds) << 32 |
		      ((uint64_t)a->ms << 32) / 1000;

	wbuf_u8(&w, a->first);
	wbuf_u8(&w, a->stratum);
	wbuf_u16(&w, 0x06e9);
	wbuf_u64(&w, 0);
	wbuf_bytes(&w, a->reference, 4);
	wbuf_u64(&w, at);
	wbuf_u64(&w, a->origin);
	wbuf_u64(&w, at);
	wbuf_u64(&w, at);
	assert_int_equal(wbuf_len(&w), NTP_MESSAGE_LEN);
}

static struct judgement
judged(const struct conf_ntp *conf, const struct answer *a)
{
	struct ntp_message m = asked();
	struct judgement j = {.cause = CHECK_CAUSE_COUNT};
	uint8_t octets[NTP_MESSAGE_LEN];

	write_answer(a, octets);
	assert_int_equal(
	    ntp_message_judge(conf, &m, octets, sizeof(octets), &j),
	    NTP_JUDGED);
	return j;
}

static void
fails(const struct conf_ntp *conf, const struct answer *a, const char *detail)
{
	struct judgement j = judged(conf, a);

	assert_int_equal(j.verdict, CHECK_FAIL);
	assert_int_equal(j.cause, CHECK_CAUSE_ANSWER);
	assert_string_equal(j.detail, detail);
}

static void
a_request_has_the_octets_of_rfc_5905(void **state)
{
	struct ntp_message m = asked();
	uint8_t octets[NTP_MESSAGE_LEN], expected[NTP_MESSAGE_LEN] = {0x23};

	memcpy(expected + 40, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
	ntp_message_request(&m, octets);
	assert_memory_equal(octets, expected, sizeof(expected));
}

static void
the_time_of_day_passes(void **state)
{
	struct judgement j = judged(&plain, &good);

	assert_int_equal(j.verdict, CHECK_PASS);
	assert_int_equal(j.cause, CHECK_CAUSE_OK);
	assert_non_null(strstr(j.detail, "stratum 2, "));
}

static void
the_offset_is_limited_in_both_directions(void **state)
{
	struct conf_ntp conf = {.stratum = {1, 15}, .max_offset = dur_ms(100)};
	struct answer a = good;

	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a.ms = 109;
	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a.ms = 510;
	fails(&conf, &a,
	      "server's clock is 500 ms ahead of ours, expected at most "
	      "100 ms");
	a.seconds = -1;
	fails(&conf, &a,
	      "server's clock is 500 ms behind ours, expected at most "
	      "100 ms");
	assert_int_equal(judged(&plain, &a).verdict, CHECK_PASS);
}

static void
the_era_of_2036_passes(void **state)
{
	struct conf_ntp conf = {.stratum = {1, 15}, .max_offset = dur_s(2)};
	struct ntp_message m = asked();
	uint8_t octets[NTP_MESSAGE_LEN];
	struct answer a = good;
	struct judgement j;

	/* Ours is the last second of era 0, the server's the first of 1. */
	m.sent.ns = ((INT64_C(1) << 32) - 1 - INT64_C(2208988800)) * 1000000000;
	m.received = m.sent;
	a.seconds = (INT64_C(1) << 32) - (int64_t)NOW_NTP;
	write_answer(&a, octets);
	assert_int_equal(
	    ntp_message_judge(&conf, &m, octets, sizeof(octets), &j),
	    NTP_JUDGED);
	assert_int_equal(j.verdict, CHECK_PASS);
	conf.max_offset = dur_ms(900);
	ntp_message_judge(&conf, &m, octets, sizeof(octets), &j);
	assert_int_equal(j.verdict, CHECK_FAIL);
}

static void
strata_outside_of_the_range_fail(void **state)
{
	struct conf_ntp conf = {.stratum = {1, 2}};
	struct answer a = good;

	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a.stratum = 3;
	fails(&conf, &a, "server has stratum 3, expected 1 to 2");
}

static void
no_synchronised_server_fails(void **state)
{
	struct answer a = good;

	a.first = 0xe4;
	fails(&plain, &a, "server is not synchronised (leap 3, stratum 2)");
	a = good;
	a.stratum = 16;
	fails(&plain, &a, "server is not synchronised (leap 0, stratum 16)");
	a.stratum = 0;
	fails(&plain, &a, "server is not synchronised (leap 0, stratum 0)");
	a.first = 0xe4;
	a.reference = "RATE";
	fails(&plain, &a, "kiss-o'-death \"RATE\"");
	a.reference = "X\n\"\x1b";
	fails(&plain, &a, "kiss-o'-death \"X\\x0a\\x22\\x1b\"");
}

static void
an_answer_without_time_fails(void **state)
{
	struct ntp_message m = asked();
	uint8_t octets[NTP_MESSAGE_LEN];
	struct judgement j;

	write_answer(&good, octets);
	memset(octets + 40, 0, 8);
	ntp_message_judge(&plain, &m, octets, sizeof(octets), &j);
	assert_string_equal(j.detail, "answer carries no time");
}

static void
what_is_no_answer_to_us_is_foreign(void **state)
{
	static const uint8_t others[] = {0x23, 0x25, 0x1c, 0x2c, 0x00};
	struct ntp_message m = asked();
	uint8_t octets[NTP_MESSAGE_LEN];
	struct judgement j;

	write_answer(&good, octets);
	for (size_t n = 0; n < sizeof(octets); n++)
		assert_int_equal(ntp_message_judge(&plain, &m, octets, n, &j),
				 NTP_FOREIGN);
	for (size_t i = 0; i < sizeof(others); i++) {
		octets[0] = others[i];
		assert_int_equal(
		    ntp_message_judge(&plain, &m, octets, sizeof(octets), &j),
		    NTP_FOREIGN);
	}
	octets[0] = 0x24;
	for (size_t i = 24; i < 32; i++) {
		octets[i] ^= 1;
		assert_int_equal(
		    ntp_message_judge(&plain, &m, octets, sizeof(octets), &j),
		    NTP_FOREIGN);
		octets[i] ^= 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_has_the_octets_of_rfc_5905),
	    cmocka_unit_test(the_time_of_day_passes),
	    cmocka_unit_test(the_offset_is_limited_in_both_directions),
	    cmocka_unit_test(the_era_of_2036_passes),
	    cmocka_unit_test(strata_outside_of_the_range_fail),
	    cmocka_unit_test(no_synchronised_server_fails),
	    cmocka_unit_test(an_answer_without_time_fails),
	    cmocka_unit_test(what_is_no_answer_to_us_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
