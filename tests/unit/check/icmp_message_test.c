/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>
#include <sys/socket.h>

#include "check/icmp_message.h"

static const struct icmp_message v4 = {
    .family = AF_INET,
    .id = 0x1234,
    .sequence = 7,
    .nonce = "0123456789abcde",
    .size = 18,
};

/* The reply to a request differs in its type. */
static size_t
reply(const struct icmp_message *m, uint8_t *octets, size_t room)
{
	size_t n = icmp_message_request(m, octets, room);

	octets[0] = m->family == AF_INET ? 0 : 129;
	octets[2] = 0xbe; /* some checksum */
	return n;
}

static void
a_request_has_the_octets_of_rfc_792(void **state)
{
	static const uint8_t expected[] = "\x08\x00\x00\x00\x12\x34\x00\x07"
					  "0123456789abcde\x00\x10\x11";
	struct icmp_message v6 = v4;
	uint8_t octets[64];

	assert_int_equal(icmp_message_request(&v4, octets, sizeof(octets)), 26);
	assert_memory_equal(octets, expected, 26);
	v6.family = AF_INET6;
	assert_int_equal(icmp_message_request(&v6, octets, sizeof(octets)), 26);
	assert_int_equal(octets[0], 128);
	assert_int_equal(icmp_message_request(&v4, octets, 25), 0);
}

static void
its_reply_is_known(void **state)
{
	struct icmp_message m = v4;
	uint8_t octets[64];
	size_t n = reply(&m, octets, sizeof(octets));

	assert_true(icmp_message_is_reply(&m, octets, n));
	m.family = AF_INET6;
	assert_false(icmp_message_is_reply(&m, octets, n));
	n = reply(&m, octets, sizeof(octets));
	assert_true(icmp_message_is_reply(&m, octets, n));
}

static void
every_other_octet_is_foreign(void **state)
{
	uint8_t octets[64];
	size_t n = reply(&v4, octets, sizeof(octets));

	for (size_t i = 0; i < n; i++) {
		bool is_checksum = i == 2 || i == 3;

		octets[i] ^= 0x40;
		assert_int_equal(icmp_message_is_reply(&v4, octets, n),
				 is_checksum);
		octets[i] ^= 0x40;
	}
}

static void
every_other_length_is_foreign(void **state)
{
	uint8_t octets[64] = {0};
	size_t n = reply(&v4, octets, sizeof(octets));

	for (size_t i = 0; i < sizeof(octets); i++)
		assert_int_equal(icmp_message_is_reply(&v4, octets, i), i == n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_has_the_octets_of_rfc_792),
	    cmocka_unit_test(its_reply_is_known),
	    cmocka_unit_test(every_other_octet_is_foreign),
	    cmocka_unit_test(every_other_length_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
