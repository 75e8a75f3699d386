/* SPDX-License-Identifier: ISC */
#include "octets.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

static struct bgp_notification
decode(const uint8_t *message, size_t n)
{
	struct bgp_notification out;

	bgp_decode_notification(message, n, &out);
	return out;
}

static void
notification_round_trips(void **state)
{
	static const uint8_t data[] = {0x10, 0x01};
	uint8_t buf[64];
	size_t n = bgp_encode_notification(1, 2, data, 2, buf, sizeof(buf));
	struct bgp_notification out = decode(buf, n);

	assert_octets("NOTIFICATION", buf, n, MARKER "0017 03 0102 1001");
	assert_int_equal(out.code, 1);
	assert_int_equal(out.subcode, 2);
	assert_int_equal(out.data_len, 2);
	assert_memory_equal(out.data, data, 2);
	assert_null(out.text);
}

static void
notification_without_data(void **state)
{
	uint8_t buf[64];
	size_t n = bgp_encode_notification(4, 0, NULL, 0, buf, sizeof(buf));

	assert_octets("hold timer", buf, n, MARKER "0015 03 0400");
	assert_int_equal(decode(buf, n).data_len, 0);
	assert_int_equal(bgp_encode_notification(4, 0, NULL, 0, buf, 20), 0);
}

static void
shutdown_round_trips(void **state)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_shutdown(BGP_CEASE_ADMIN_SHUTDOWN, "back at 9",
				       buf, sizeof(buf));
	struct bgp_notification out = decode(buf, n);

	assert_octets("shutdown", buf, n,
		      MARKER "001f 03 0602 09 6261636b2061742039");
	assert_int_equal(out.text_len, 9);
	assert_memory_equal(out.text, "back at 9", 9);
}

/* RFC 8538 section 3. */
static void
hard_reset_round_trips(void **state)
{
	static const uint8_t data[] = {2, 'h', 'i'};
	uint8_t buf[64];
	size_t n = bgp_encode_hard_reset(
	    BGP_ERR_CEASE, BGP_CEASE_ADMIN_SHUTDOWN, data, 3, buf, sizeof(buf));
	struct bgp_notification out = decode(buf, n);

	assert_octets("hard reset", buf, n, MARKER "001a 03 0609 0602 026869");
	assert_true(out.hard_reset);
	assert_int_equal(out.inner_code, BGP_ERR_CEASE);
	assert_int_equal(out.inner_subcode, BGP_CEASE_ADMIN_SHUTDOWN);
	assert_int_equal(out.inner_data_len, 3);
	assert_int_equal(out.text_len, 2);
	assert_memory_equal(out.text, "hi", 2);
	assert_int_equal(bgp_encode_hard_reset(4, 0, NULL, 0, buf, 22), 0);
	assert_int_equal(bgp_encode_hard_reset(4, 0, NULL, 0, buf, 23), 23);
	assert_false(
	    decode(buf, bgp_encode_shutdown(2, "x", buf, 64)).hard_reset);
}

static void
hard_reset_may_be_cut(void **state)
{
	uint8_t buf[64] = {0};
	size_t n = message_of(BGP_NOTIFICATION, "0609", buf);
	struct bgp_notification out = decode(buf, n);

	assert_true(out.hard_reset);
	assert_int_equal(out.inner_code, 0);
	assert_int_equal(out.inner_data_len, 0);
	n = message_of(BGP_NOTIFICATION, "0609 06", buf);
	out = decode(buf, n);
	assert_true(out.hard_reset && !out.text);
	assert_int_equal(out.inner_code, 0);
	assert_int_equal(out.inner_data_len, 0);
}

/* No text: no data at all, as before RFC 8203. */
static void
shutdown_without_text(void **state)
{
	uint8_t buf[64];

	assert_int_equal(bgp_encode_shutdown(2, NULL, buf, sizeof(buf)), 21);
	assert_int_equal(bgp_encode_shutdown(2, "", buf, sizeof(buf)), 21);
	/* RFC 9003 section 2: text is for subcodes 2 and 4 only. */
	assert_int_equal(bgp_encode_shutdown(3, "x", buf, sizeof(buf)), 21);
	assert_int_equal(bgp_encode_shutdown(4, "x", buf, sizeof(buf)), 23);
}

/* 300 octets of three-octet characters: 85 whole ones are 255 octets. */
static void
long_text_is_cut_between_characters(void **state)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	char text[302] = "x";
	struct bgp_notification out;
	size_t n;

	for (size_t i = 0; i < 100; i++)
		memcpy(text + 1 + 3 * i, "\xe2\x82\xac", 4);
	n = bgp_encode_shutdown(2, text, buf, sizeof(buf));
	out = decode(buf, n);
	assert_int_equal(out.text_len, 1 + 84 * 3);
	n = bgp_encode_shutdown(2, text + 1, buf, sizeof(buf));
	out = decode(buf, n);
	assert_int_equal(out.text_len, 255);
}

static void
invalid_text_is_mended(void **state)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_shutdown(2, "a\xff\xe2\x82z", buf, sizeof(buf));
	struct bgp_notification out = decode(buf, n);

	assert_int_equal(out.text_len, 5);
	assert_memory_equal(out.text, "a???z", 5);
}

/* RFC 8538 section 3.1: the reason is inside. */
static void
hard_reset_holds_the_text(void **state)
{
	uint8_t buf[64];
	size_t n = message_of(BGP_NOTIFICATION, "0609 0602 026f6b", buf);
	struct bgp_notification out = decode(buf, n);

	assert_int_equal(out.subcode, BGP_CEASE_HARD_RESET);
	assert_int_equal(out.text_len, 2);
	assert_memory_equal(out.text, "ok", 2);
}

static void
wrong_text_is_not_interpreted(void **state)
{
	static const char *const bodies[] = {
	    "0602",           /* no length */
	    "0602 00",        /* nothing said */
	    "0602 05616263",  /* longer than the message */
	    "0602 02616263",  /* octets behind it */
	    "0602 02fffe",    /* no UTF-8 */
	    "0602 02c080",    /* overlong */
	    "0602 03eda080",  /* surrogate */
	    "0603 03616263",  /* no subcode with text */
	    "0202 03616263",  /* another code */
	    "0609 06",        /* hard reset cut */
	    "0609 0601 0161", /* hard reset without text */
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		uint8_t buf[64];
		size_t n = message_of(BGP_NOTIFICATION, bodies[i], buf);
		struct bgp_notification out = decode(buf, n);

		if (out.text || out.text_len)
			fail_msg("%s: text of %zu octets", bodies[i],
				 out.text_len);
		assert_int_equal(out.data_len, n - 21);
	}
}

static void
short_notification_is_harmless(void **state)
{
	uint8_t buf[64];
	size_t n = message_of(BGP_NOTIFICATION, "06", buf);

	for (size_t cut = 0; cut <= n; cut++) {
		struct bgp_notification out = decode(buf, cut);

		assert_int_equal(out.code, cut == n ? 6 : 0);
		assert_int_equal(out.data_len, 0);
	}
}

static void
refresh_round_trips(void **state)
{
	struct bgp_refresh refresh = {BGP_AFI_IPV6, 0, BGP_SAFI_UNICAST}, back;
	uint8_t buf[64];
	size_t n = bgp_encode_refresh(&refresh, buf, sizeof(buf));

	assert_octets("ROUTE-REFRESH", buf, n, MARKER "0017 05 0002 00 01");
	assert_int_equal(bgp_decode_refresh(buf, n, &back).action, BGP_ACCEPT);
	assert_int_equal(back.afi, 2);
	assert_int_equal(back.subtype, 0);
	assert_int_equal(back.safi, 1);
	assert_int_equal(bgp_encode_refresh(&refresh, buf, 22), 0);
}

static const struct {
	const char *body;
	uint8_t code, subcode;
	const char *data;
} refreshes[] = {
    {"0001 00 01", 0, 0, ""},
    {"0001 01 01", 0, 0, ""},
    {"0001 ff 01", 0, 0, ""},         /* unknown: for the session to ignore */
    {"0001 00 01 0102 03", 0, 0, ""}, /* outbound route filters */
    {"", 1, 2, "0013"},
    {"0001", 1, 2, "0015"},
    {"0001 00", 1, 2, "0016"},
    {"0001 01", 7, 1, MARKER "0016 05 0001 01"},
    {"0001 02 01 00", 7, 1, MARKER "0018 05 0001 02 01 00"},
};

static void
refreshes_are_judged(void **state)
{
	for (size_t i = 0; i < COUNT(refreshes); i++) {
		uint8_t buf[64];
		struct bgp_refresh out;
		size_t n =
		    message_of(BGP_ROUTE_REFRESH, refreshes[i].body, buf);
		struct bgp_verdict v = bgp_decode_refresh(buf, n, &out);

		if (v.code != refreshes[i].code ||
		    v.subcode != refreshes[i].subcode)
			fail_msg("%s: %u/%u", refreshes[i].body, v.code,
				 v.subcode);
		assert_int_equal(v.action,
				 v.code ? BGP_RESET_SESSION : BGP_ACCEPT);
		assert_octets(refreshes[i].body, v.data, v.data_len,
			      refreshes[i].data);
	}
}

static void
errors_have_texts(void **state)
{
	assert_string_equal(bgp_error_text(6, 2),
			    "Cease / Administrative Shutdown");
	assert_string_equal(bgp_error_text(5, 3),
			    "Finite State Machine Error / Unexpected Message "
			    "in Established");
	assert_string_equal(bgp_error_text(3, 200), "UPDATE Message Error");
	assert_string_equal(bgp_error_text(99, 1), "unknown error");
	for (unsigned code = 0; code < 256; code++)
		for (unsigned sub = 0; sub < 256; sub++)
			assert_non_null(
			    bgp_error_text((uint8_t)code, (uint8_t)sub));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(notification_round_trips),
	    cmocka_unit_test(notification_without_data),
	    cmocka_unit_test(shutdown_round_trips),
	    cmocka_unit_test(hard_reset_round_trips),
	    cmocka_unit_test(hard_reset_may_be_cut),
	    cmocka_unit_test(shutdown_without_text),
	    cmocka_unit_test(long_text_is_cut_between_characters),
	    cmocka_unit_test(invalid_text_is_mended),
	    cmocka_unit_test(hard_reset_holds_the_text),
	    cmocka_unit_test(wrong_text_is_not_interpreted),
	    cmocka_unit_test(short_notification_is_harmless),
	    cmocka_unit_test(refresh_round_trips),
	    cmocka_unit_test(refreshes_are_judged),
	    cmocka_unit_test(errors_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
