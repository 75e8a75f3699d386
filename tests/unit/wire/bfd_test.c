/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "wire/bfd.h"

/* My and your discriminator, then 1 s, 1 s, no echo. */
#define TIMES "000f4240 000f4240 00000000"
#define UP    "20 c0 03 18 00000001 00000002 " TIMES

static enum bfd_fault
decode(const char *text, struct bfd_packet *out)
{
	uint8_t buf[OCTETS_MAX];

	return bfd_decode(buf, octets_of(text, buf), out);
}

static struct bfd_packet
up(void)
{
	return (struct bfd_packet){
	    .state = BFD_STATE_UP,
	    .detect_mult = 3,
	    .my_discriminator = 1,
	    .your_discriminator = 2,
	    .desired_min_tx = 1000000,
	    .required_min_rx = 1000000,
	};
}

static void
round_trip(const struct bfd_packet *p, const char *octets)
{
	uint8_t buf[BFD_PACKET_MAX];
	size_t n = bfd_encode(p, buf, sizeof(buf));
	struct bfd_packet back;

	assert_octets("packet", buf, n, octets);
	assert_int_equal(bfd_decode(buf, n, &back), BFD_FAULT_NONE);
	assert_memory_equal(&back, p, sizeof(back));
	assert_int_equal(bfd_encode(p, buf, n - 1), 0);
}

static void
packet_round_trips(void **state)
{
	struct bfd_packet p = up();

	round_trip(&p, UP);
	p.diag = BFD_DIAG_NEIGHBOR_DOWN;
	p.poll = p.control_plane_independent = true;
	p.required_min_echo_rx = 50000;
	round_trip(&p, "23 e8 03 18 00000001 00000002 000f4240 000f4240"
		       "0000c350");
	p = up();
	p.state = BFD_STATE_DOWN;
	p.your_discriminator = 0;
	p.final = p.demand = true;
	round_trip(&p, "20 52 03 18 00000001 00000000" TIMES);
}

static void
authentication_round_trips(void **state)
{
	struct bfd_packet p = up();

	p.auth = (struct bfd_auth){.type = BFD_AUTH_PASSWORD,
				   .key_id = 7,
				   .value = "secret",
				   .len = 6};
	round_trip(&p, "20 c4 03 21 00000001 00000002" TIMES
		       "01 09 07 736563726574");
	p.auth = (struct bfd_auth){.type = BFD_AUTH_METICULOUS_MD5,
				   .key_id = 1,
				   .sequence = 9,
				   .value = {0xaa, [15] = 0xbb},
				   .len = BFD_MD5_LEN};
	round_trip(&p, "20 c4 03 30 00000001 00000002" TIMES
		       "03 18 01 00 00000009 aa0000000000000000000000000000bb");
	p.auth = (struct bfd_auth){.type = BFD_AUTH_SHA1,
				   .key_id = 255,
				   .sequence = UINT32_MAX,
				   .value = {0xaa, [19] = 0xbb},
				   .len = BFD_SHA1_LEN};
	round_trip(&p,
		   "20 c4 03 34 00000001 00000002" TIMES
		   "04 1c ff 00 ffffffff aa000000000000000000000000000000000000"
		   "bb");
}

static void
digest_stands_where_it_is_said(void **state)
{
	struct bfd_packet p = up();
	uint8_t buf[BFD_PACKET_MAX];

	p.auth = (struct bfd_auth){.type = BFD_AUTH_METICULOUS_SHA1,
				   .value = {0x5a},
				   .len = BFD_SHA1_LEN};
	assert_int_equal(bfd_encode(&p, buf, sizeof(buf)), BFD_PACKET_MAX);
	assert_int_equal(buf[BFD_DIGEST_AT], 0x5a);
}

static void
unsound_authentication_is_not_sent(void **state)
{
	struct bfd_packet p = up();
	uint8_t buf[BFD_PACKET_MAX];

	p.auth = (struct bfd_auth){.type = 6, .len = 16};
	assert_int_equal(bfd_encode(&p, buf, sizeof(buf)), 0);
	p.auth = (struct bfd_auth){.type = BFD_AUTH_PASSWORD};
	assert_int_equal(bfd_encode(&p, buf, sizeof(buf)), 0);
	p.auth = (struct bfd_auth){.type = BFD_AUTH_PASSWORD, .len = 17};
	assert_int_equal(bfd_encode(&p, buf, sizeof(buf)), 0);
	p.auth = (struct bfd_auth){.type = BFD_AUTH_MD5, .len = 15};
	assert_int_equal(bfd_encode(&p, buf, sizeof(buf)), 0);
}

/* RFC 5880 section 6.8.6, in its order. */
static const struct {
	const char *name, *octets;
	enum bfd_fault fault;
} broken[] = {
    {"nothing", "", BFD_FAULT_SHORT},
    {"23 octets", "20c00317 00000001 00000002 000f4240 000f4240 000000",
     BFD_FAULT_SHORT},
    {"version 0", "00 c0 03 18 00000001 00000002" TIMES, BFD_FAULT_VERSION},
    {"version 2", "40 c0 03 18 00000001 00000002" TIMES, BFD_FAULT_VERSION},
    {"version 7", "e0 c0 03 18 00000001 00000002" TIMES, BFD_FAULT_VERSION},
    {"length 23", "20 c0 03 17 00000001 00000002" TIMES, BFD_FAULT_LENGTH},
    {"length 0", "20 c0 03 00 00000001 00000002" TIMES, BFD_FAULT_LENGTH},
    {"length 25 of 24", "20 c0 03 19 00000001 00000002" TIMES,
     BFD_FAULT_LENGTH},
    {"A bit, length 25", "20 c4 03 19 00000001 00000002" TIMES "0102",
     BFD_FAULT_LENGTH},
    {"multiplier 0", "20 c0 00 18 00000001 00000002" TIMES,
     BFD_FAULT_MULTIPLIER},
    {"multipoint", "20 c1 03 18 00000001 00000002" TIMES, BFD_FAULT_MULTIPOINT},
    {"my discriminator 0", "20 c0 03 18 00000000 00000002" TIMES,
     BFD_FAULT_MY_DISCRIMINATOR},
    {"Up without yours", "20 c0 03 18 00000001 00000000" TIMES,
     BFD_FAULT_YOUR_DISCRIMINATOR},
    {"Init without yours", "20 80 03 18 00000001 00000000" TIMES,
     BFD_FAULT_YOUR_DISCRIMINATOR},
    {"auth type 0", "20 c4 03 1a 00000001 00000002" TIMES "0002",
     BFD_FAULT_AUTH_TYPE},
    {"auth type 6", "20 c4 03 1c 00000001 00000002" TIMES "06040100",
     BFD_FAULT_AUTH_TYPE},
    {"auth length 0", "20 c4 03 1a 00000001 00000002" TIMES "0100",
     BFD_FAULT_AUTH_LENGTH},
    {"auth longer than packet",
     "20 c4 03 1c 00000001 00000002" TIMES "01050161", BFD_FAULT_AUTH_LENGTH},
    {"auth shorter than packet",
     "20 c4 03 1d 00000001 00000002" TIMES "0104016162", BFD_FAULT_AUTH_LENGTH},
    {"empty password", "20 c4 03 1b 00000001 00000002" TIMES "010301",
     BFD_FAULT_AUTH_LENGTH},
    {"password of 17",
     "20 c4 03 2c 00000001 00000002" TIMES
     "011401 6161616161616161616161616161616161",
     BFD_FAULT_AUTH_LENGTH},
    {"MD5 of 15",
     "20 c4 03 2f 00000001 00000002" TIMES
     "02170100 00000009 aa00000000000000000000000000bb",
     BFD_FAULT_AUTH_LENGTH},
    {"SHA1 with the length of MD5",
     "20 c4 03 30 00000001 00000002" TIMES
     "04180100 00000009 aa0000000000000000000000000000bb",
     BFD_FAULT_AUTH_LENGTH},
};

static void
broken_packets_are_discarded(void **state)
{
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct bfd_packet p;
		enum bfd_fault fault = decode(broken[i].octets, &p);

		if (fault != broken[i].fault)
			fail_msg("%s: %s, expected %s", broken[i].name,
				 bfd_fault_label(fault),
				 bfd_fault_label(broken[i].fault));
		assert_string_not_equal(bfd_fault_text(fault), "unknown");
	}
}

/* Octets behind Length, and a section without A bit, are nobody's. */
static void
octets_behind_the_length_are_ignored(void **state)
{
	struct bfd_packet p;

	assert_int_equal(decode(UP "ffffffff", &p), BFD_FAULT_NONE);
	assert_int_equal(
	    decode("20 c0 03 1c 00000001 00000002" TIMES "06040100", &p),
	    BFD_FAULT_NONE);
	assert_int_equal(p.auth.type, BFD_AUTH_NONE);
	/* Down and AdminDown need not know the other's discriminator. */
	assert_int_equal(decode("20 00 03 18 00000001 00000000" TIMES, &p),
			 BFD_FAULT_NONE);
}

static void
words_for_everything(void **state)
{
	assert_string_equal(bfd_state_text(BFD_STATE_ADMIN_DOWN), "AdminDown");
	assert_string_equal(bfd_state_text(BFD_STATE_UP), "Up");
	assert_string_equal(bfd_state_text(4), "unknown");
	assert_string_equal(bfd_diag_text(BFD_DIAG_TIME_EXPIRED),
			    "Control Detection Time Expired");
	assert_int_equal(BFD_DIAG_REVERSE_CONCATENATED_PATH_DOWN, 8);
	assert_string_equal(bfd_diag_text(31), "unassigned");
	assert_string_equal(bfd_fault_label(BFD_FAULT_COUNT), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packet_round_trips),
	    cmocka_unit_test(authentication_round_trips),
	    cmocka_unit_test(digest_stands_where_it_is_said),
	    cmocka_unit_test(unsound_authentication_is_not_sent),
	    cmocka_unit_test(broken_packets_are_discarded),
	    cmocka_unit_test(octets_behind_the_length_are_ignored),
	    cmocka_unit_test(words_for_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
