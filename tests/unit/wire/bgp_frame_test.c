/* SPDX-License-Identifier: ISC */
#include "octets.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

static void
keepalive_is_19_octets(void **state)
{
	uint8_t buf[64], type;
	struct bgp_verdict v;
	size_t n = bgp_encode_keepalive(buf, sizeof(buf));

	assert_octets("KEEPALIVE", buf, n, MARKER "0013 04");
	assert_int_equal(bgp_frame(buf, n, BGP_MESSAGE_MAX, &type, &v), 19);
	assert_int_equal(type, BGP_KEEPALIVE);
}

static void
no_room_writes_nothing(void **state)
{
	uint8_t buf[BGP_HEADER_LEN];

	assert_int_equal(bgp_encode_keepalive(buf, 18), 0);
	assert_int_equal(bgp_encode_keepalive(buf, 19), 19);
}

/* Every cut of a message wants more; more than one gives the first. */
static void
partial_input_waits(void **state)
{
	uint8_t buf[OCTETS_MAX], type = 0;
	struct bgp_verdict v;
	size_t n = message_of(BGP_NOTIFICATION, "0602 03616263", buf);

	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(
		    bgp_frame(buf, cut, BGP_MESSAGE_MAX, &type, &v), 0);
	assert_int_equal(type, 0);
	assert_int_equal(bgp_encode_keepalive(buf + n, 64), 19);
	assert_int_equal(bgp_frame(buf, n + 19, BGP_MESSAGE_MAX, &type, &v),
			 (int)n);
	assert_int_equal(type, BGP_NOTIFICATION);
	assert_int_equal(bgp_frame(buf + n, 19, BGP_MESSAGE_MAX, &type, &v),
			 19);
	assert_int_equal(type, BGP_KEEPALIVE);
}

static void
every_type_is_framed(void **state)
{
	static const uint8_t lengths[] = {0, 29, 23, 21, 19, 23};

	for (uint8_t want = BGP_OPEN; want <= BGP_ROUTE_REFRESH; want++) {
		uint8_t buf[64] = {0}, type = 0;
		struct bgp_verdict v;

		memset(buf, 0xff, 16);
		buf[17] = lengths[want];
		buf[18] = want;
		assert_int_equal(
		    bgp_frame(buf, sizeof(buf), BGP_MESSAGE_MAX, &type, &v),
		    lengths[want]);
		assert_int_equal(type, want);
	}
}

static const struct {
	const char *name, *octets;
	uint8_t subcode;
	const char *data;
} broken[] = {
    {"first marker octet", "fe", BGP_HEADER_NOT_SYNCHRONIZED, ""},
    {"last marker octet", "ffffffffffffffffffffffffffffff7f 0013 04",
     BGP_HEADER_NOT_SYNCHRONIZED, ""},
    {"marker before length", "00ffffffffffffffffffffffffffffff 0000 09",
     BGP_HEADER_NOT_SYNCHRONIZED, ""},
    {"length 0", MARKER "0000 04", BGP_HEADER_BAD_LENGTH, "0000"},
    {"length 18", MARKER "0012 04", BGP_HEADER_BAD_LENGTH, "0012"},
    {"length 4097", MARKER "1001 02", BGP_HEADER_BAD_LENGTH, "1001"},
    {"length 65535", MARKER "ffff 02", BGP_HEADER_BAD_LENGTH, "ffff"},
    {"OPEN of 28", MARKER "001c 01", BGP_HEADER_BAD_LENGTH, "001c"},
    {"UPDATE of 22", MARKER "0016 02", BGP_HEADER_BAD_LENGTH, "0016"},
    {"NOTIFICATION of 20", MARKER "0014 03", BGP_HEADER_BAD_LENGTH, "0014"},
    {"KEEPALIVE of 20", MARKER "0014 04 00", BGP_HEADER_BAD_LENGTH, "0014"},
    {"type 0", MARKER "0013 00", BGP_HEADER_BAD_TYPE, "00"},
    {"type 6", MARKER "0013 06", BGP_HEADER_BAD_TYPE, "06"},
    {"type 255", MARKER "0017 ff", BGP_HEADER_BAD_TYPE, "ff"},
};

static void
broken_headers_are_told(void **state)
{
	for (size_t i = 0; i < COUNT(broken); i++) {
		uint8_t buf[OCTETS_MAX], type;
		struct bgp_verdict v = {0};
		size_t n = octets_of(broken[i].octets, buf);

		if (bgp_frame(buf, n, BGP_MESSAGE_MAX, &type, &v) != -1)
			fail_msg("%s: accepted", broken[i].name);
		assert_int_equal(v.action, BGP_RESET_SESSION);
		assert_int_equal(v.code, BGP_ERR_HEADER);
		assert_int_equal(v.subcode, broken[i].subcode);
		assert_octets(broken[i].name, v.data, v.data_len,
			      broken[i].data);
		assert_non_null(v.why);
	}
}

/* The longest message that is allowed is accepted when it is whole. */
static void
longest_message_is_accepted(void **state)
{
	static uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_verdict v;
	uint8_t type;

	memset(buf, 0xff, 16);
	buf[16] = 0x10;
	buf[18] = BGP_UPDATE;
	assert_int_equal(
	    bgp_frame(buf, sizeof(buf) - 1, BGP_MESSAGE_MAX, &type, &v), 0);
	assert_int_equal(
	    bgp_frame(buf, sizeof(buf), BGP_MESSAGE_MAX, &type, &v), 4096);
}

/* RFC 8654 section 4. */
static void
extended_messages_have_their_own_limit(void **state)
{
	static const struct {
		uint16_t len;
		uint8_t type;
		size_t max;
		int found;
	} rows[] = {
	    {4097, BGP_UPDATE, BGP_EXTENDED_MAX, 4097},
	    {65535, BGP_UPDATE, BGP_EXTENDED_MAX, 65535},
	    {65535, BGP_NOTIFICATION, BGP_EXTENDED_MAX, 65535},
	    {65535, BGP_ROUTE_REFRESH, BGP_EXTENDED_MAX, 65535},
	    {4096, BGP_OPEN, BGP_EXTENDED_MAX, 4096},
	    {4097, BGP_OPEN, BGP_EXTENDED_MAX, -1},
	    {4097, BGP_KEEPALIVE, BGP_EXTENDED_MAX, -1},
	    {4097, BGP_UPDATE, BGP_MESSAGE_MAX, -1},
	};
	static uint8_t buf[BGP_EXTENDED_MAX];

	memset(buf, 0xff, 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bgp_verdict v = {0};
		uint8_t type;

		buf[16] = (uint8_t)(rows[i].len >> 8);
		buf[17] = (uint8_t)rows[i].len;
		buf[18] = rows[i].type;
		assert_int_equal(
		    bgp_frame(buf, sizeof(buf), rows[i].max, &type, &v),
		    rows[i].found);
		if (rows[i].found < 0)
			assert_memory_equal(v.data, buf + 16, 2);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keepalive_is_19_octets),
	    cmocka_unit_test(no_room_writes_nothing),
	    cmocka_unit_test(partial_input_waits),
	    cmocka_unit_test(every_type_is_framed),
	    cmocka_unit_test(broken_headers_are_told),
	    cmocka_unit_test(longest_message_is_accepted),
	    cmocka_unit_test(extended_messages_have_their_own_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
