/* SPDX-License-Identifier: ISC */
#include "octets.h"

/* version 4, AS 65001, hold 90 s, 192.0.2.10; then optional parameters */
#define FIXED "04 fde9 005a c000020a "

static struct bgp_verdict
decode(const char *body, struct bgp_open *out)
{
	uint8_t buf[OCTETS_MAX];
	size_t n = message_of(BGP_OPEN, body, buf);

	return bgp_decode_open(buf, n, out);
}

static struct bgp_open
typical(void)
{
	return (struct bgp_open){
	    .version = 4,
	    .asn = 65001,
	    .my_as = 65001,
	    .hold_time = 90,
	    .router_id = 0xc000020a,
	    .has_multiprotocol = true,
	    .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6,
	    .as4 = true,
	    .route_refresh = true,
	    .graceful_restart = true,
	    .enhanced_refresh = true,
	    .capabilities = {1, 2, 64, 65, 70},
	    .n_capabilities = 5,
	};
}

static void
typical_open_is_these_octets(void **state)
{
	struct bgp_open open = typical();
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_open(&open, buf, sizeof(buf));

	assert_octets("OPEN", buf, n,
		      "ffffffffffffffffffffffffffffffff 0039 01" FIXED
		      "1c 021a 010400010001 010400020001 0200 40020000"
		      "41040000fde9 4600");
}

static void
round_trip(const struct bgp_open *open)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_open(open, buf, sizeof(buf));
	struct bgp_open back;
	struct bgp_verdict v = bgp_decode_open(buf, n, &back);

	assert_int_equal(v.action, BGP_ACCEPT);
	assert_memory_equal(open, &back, sizeof(back));
	/* Too small by one octet: nothing rather than a cut message. */
	assert_int_equal(bgp_encode_open(open, buf, n - 1), 0);
}

static void
open_round_trips(void **state)
{
	struct bgp_open open = typical();

	round_trip(&open);
	open.asn = 4200000001;
	open.my_as = BGP_AS_TRANS;
	round_trip(&open);
	open.families = BGP_FAMILY_IPV6;
	round_trip(&open);
	open.families = BGP_FAMILY_IPV4;
	round_trip(&open);
	open.restart_time = 120;
	open.extended_message = true;
	memcpy(open.capabilities, (uint8_t[]){1, 2, 6, 64, 65, 70}, 6);
	open.n_capabilities = 6;
	round_trip(&open);
}

/* RFC 4724 section 3, RFC 8538 section 2, RFC 8950 4, RFC 9234 4.1. */
static void
every_capability_round_trips(void **state)
{
	struct bgp_open open = typical();
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n;

	open.families = 15;
	open.extended_next_hop = BGP_FAMILY_IPV4;
	open.extended_message = true;
	open.has_role = true;
	open.role = BGP_ROLE_CUSTOMER;
	open.restart_time = 120;
	open.gr_restarted = open.gr_notification = true;
	open.gr_families = BGP_FAMILY_IPV4 | BGP_FAMILY_FLOW6;
	open.gr_forwarding = BGP_FAMILY_FLOW6;
	memcpy(open.capabilities, (uint8_t[]){1, 2, 5, 6, 9, 64, 65, 70}, 8);
	open.n_capabilities = 8;
	round_trip(&open);
	n = bgp_encode_open(&open, buf, sizeof(buf));
	assert_octets("OPEN", buf, n,
		      "ffffffffffffffffffffffffffffffff 005a 01" FIXED "3d 023b"
		      "010400010001 010400020001 010400010085 010400020085"
		      "0200 0506000100010002 0600 090103"
		      "400ac078 00010100 00028580 41040000fde9 4600");
}

/* RFC 9072 section 2: from 255 octets on in the wide encoding. */
static void
many_parameters_are_sent_wide(void **state)
{
	struct bgp_open open = typical(), back;
	uint8_t more[255], buf[BGP_MESSAGE_MAX];

	for (size_t len = 200; len < sizeof(more); len++) {
		size_t n;

		memset(more, 0, len);
		more[0] = 200;
		more[1] = (uint8_t)(len - 2);
		open.more = more;
		open.more_len = len;
		n = bgp_encode_open(&open, buf, sizeof(buf));
		/* 26 octets of our own, 2 of the parameter. */
		if (len + 28 < 255)
			assert_int_equal(buf[28], len + 28);
		else
			assert_octets("switch", buf + 28, 2, "ffff");
		assert_int_equal(bgp_decode_open(buf, n, &back).action,
				 BGP_ACCEPT);
		assert_int_equal(back.n_capabilities, 6);
		assert_int_equal(bgp_encode_open(&open, buf, n - 1), 0);
	}
}

/* RFC 8654 section 4: neither is an OPEN longer than 4096 octets. */
static void
open_is_never_extended(void **state)
{
	static uint8_t more[4096], buf[BGP_EXTENDED_MAX];
	struct bgp_open open = typical();

	for (size_t i = 0; i < sizeof(more); i += 2)
		more[i] = 200;
	open.more = more;
	open.more_len = 4000;
	assert_in_range(bgp_encode_open(&open, buf, sizeof(buf)), 4060, 4096);
	open.more_len = 4096;
	assert_int_equal(bgp_encode_open(&open, buf, sizeof(buf)), 0);
}

/* RFC 9234 section 4.2: equal ones are one, others are a conflict. */
static void
roles_are_compared(void **state)
{
	struct bgp_open open;

	decode(FIXED "05 0203 090104", &open);
	assert_true(open.has_role && !open.roles_conflict);
	assert_int_equal(open.role, BGP_ROLE_PEER);
	decode(FIXED "0a 0208 090103 090103 4600", &open);
	assert_true(open.has_role && !open.roles_conflict);
	decode(FIXED "08 0206 090103 090104", &open);
	assert_true(open.has_role && open.roles_conflict);
	decode(FIXED "05 0203 0901ff", &open);
	assert_int_equal(open.role, 255);
}

/* RFC 4724 section 3: of several the last counts, as a whole. */
static void
graceful_restart_is_read_as_a_whole(void **state)
{
	struct bgp_open open;

	decode(FIXED "0e 020c 4006c07800010180 40020005", &open);
	assert_int_equal(open.restart_time, 5);
	assert_int_equal(open.gr_families, 0);
	assert_false(open.gr_restarted || open.gr_notification);
	/* A family we do not carry, and reserved bits. */
	decode(FIXED "0e 020c 400a3078 000102ff 0001017f", &open);
	assert_int_equal(open.gr_families, BGP_FAMILY_IPV4);
	assert_int_equal(open.gr_forwarding, 0);
	assert_false(open.gr_restarted || open.gr_notification);
}

static void
next_hop_capability_is_read(void **state)
{
	struct bgp_open open;

	/* IPv4 unicast and multicast and IPv4 VPN over IPv6, IPv6 over IPv4 */
	decode(FIXED "1c 021a 0518 000100010002 000100020002 000100800002"
		     "000200010001",
	       &open);
	assert_int_equal(open.extended_next_hop, BGP_FAMILY_IPV4);
	decode(FIXED "04 0202 0500", &open);
	assert_int_equal(open.extended_next_hop, 0);
	/* A SAFI of more than an octet is nobody's. */
	decode(FIXED "0a 0208 0506 000101010002", &open);
	assert_int_equal(open.extended_next_hop, 0);
}

static void
open_without_capabilities_round_trips(void **state)
{
	struct bgp_open open = {.version = 4,
				.asn = 64512,
				.my_as = 64512,
				.router_id = 1,
				.families = BGP_FAMILY_IPV4};
	uint8_t buf[64];

	round_trip(&open);
	assert_int_equal(bgp_encode_open(&open, buf, sizeof(buf)), 29);
}

/* RFC 5492 section 4: split over parameters, repeated, unknown, empty. */
static void
capabilities_come_in_any_shape(void **state)
{
	struct bgp_open open;
	struct bgp_verdict v =
	    decode(FIXED "23 0206 010400020001 0200"
			 "0206 0104000100 01"
			 "0203 c7010a 020a 0104000200010200 0200",
		   &open);

	assert_int_equal(v.action, BGP_ACCEPT);
	assert_true(open.has_multiprotocol);
	assert_int_equal(open.families, BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6);
	assert_true(open.route_refresh);
	assert_false(open.as4);
	assert_int_equal(open.asn, 65001);
	assert_int_equal(open.n_capabilities, 3);
	assert_memory_equal(open.capabilities, ((uint8_t[]){1, 199, 2}), 3);
}

/* RFC 4724 section 3: of several the last; flags are not the time. */
static void
last_graceful_restart_counts(void **state)
{
	struct bgp_open open;

	assert_int_equal(
	    decode(FIXED "0e 020c 40020078 4006805a00010180", &open).action,
	    BGP_ACCEPT);
	assert_true(open.graceful_restart);
	assert_int_equal(open.restart_time, 90);
}

/* A family we do not know is no family; without IPv4 there is no IPv4. */
static void
multiprotocol_names_the_families(void **state)
{
	struct bgp_open open;

	assert_int_equal(decode(FIXED "08 0206 010400020001", &open).action,
			 BGP_ACCEPT);
	assert_int_equal(open.families, BGP_FAMILY_IPV6);
	assert_int_equal(decode(FIXED "08 0206 010400190046", &open).action,
			 BGP_ACCEPT);
	assert_true(open.has_multiprotocol);
	assert_int_equal(open.families, 0);
	assert_int_equal(decode(FIXED "08 0206 010400030001", &open).action,
			 BGP_ACCEPT);
	assert_int_equal(open.families, 0);
}

/* RFC 9072: also when short, and whatever the old length octet says. */
static void
extended_parameters_are_accepted(void **state)
{
	static const char *const bodies[] = {
	    FIXED "ff ff 0009 02 0006 41040000fde9",
	    FIXED "01 ff 0009 02 0006 41040000fde9",
	    FIXED "0c ff 000c 02 0000 02 0006 41040000fde9",
	};
	struct bgp_open open;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		assert_int_equal(decode(bodies[i], &open).action, BGP_ACCEPT);
		assert_true(open.as4);
	}
	assert_int_equal(decode(FIXED "ff ff 0000", &open).action, BGP_ACCEPT);
	assert_int_equal(open.families, BGP_FAMILY_IPV4);
}

/* More than 255 octets of them: 60 unknown capabilities of 5 octets. */
static void
long_extended_parameters_are_accepted(void **state)
{
	uint8_t buf[OCTETS_MAX];
	size_t n = message_of(BGP_OPEN, FIXED "ffff 012f 02 012c", buf);
	struct bgp_open open;

	for (size_t i = 0; i < 60; i++) {
		uint8_t one[5] = {(uint8_t)(100 + i), 3, 1, 2, 3};

		memcpy(buf + n, one, sizeof(one));
		n += sizeof(one);
	}
	assert_int_equal(bgp_decode_open(buf, n, &open).action, BGP_ACCEPT);
	assert_int_equal(open.n_capabilities, 60);
}

static void
more_codes_than_kept_are_harmless(void **state)
{
	uint8_t buf[OCTETS_MAX];
	size_t n = message_of(BGP_OPEN, FIXED "c8 02c6", buf);
	struct bgp_open open;

	for (size_t i = 0; i < 99; i++) {
		buf[n++] = (uint8_t)(130 + i);
		buf[n++] = 0;
	}
	assert_int_equal(bgp_decode_open(buf, n, &open).action, BGP_ACCEPT);
	assert_int_equal(open.n_capabilities, BGP_CAPABILITIES_MAX);
}

static const struct {
	const char *name, *body;
	uint8_t subcode;
	const char *data;
} broken[] = {
    {"version 3", "03 fde9 005a c000020a 00", BGP_OPEN_BAD_VERSION, "0004"},
    {"version 5", "05 fde9 005a c000020a 00", BGP_OPEN_BAD_VERSION, "0004"},
    {"version 255, rest unread", "ff 0000 0001 00000000 ff",
     BGP_OPEN_BAD_VERSION, "0004"},
    {"AS 0", "04 0000 005a c000020a 00", BGP_OPEN_BAD_PEER_AS, ""},
    {"AS 0 in the capability", FIXED "08 0206 410400000000",
     BGP_OPEN_BAD_PEER_AS, ""},
    {"identifier 0", "04 fde9 005a 00000000 00", BGP_OPEN_BAD_ID, ""},
    {"hold time 1", "04 fde9 0001 c000020a 00", BGP_OPEN_BAD_HOLD_TIME, ""},
    {"hold time 2", "04 fde9 0002 c000020a 00", BGP_OPEN_BAD_HOLD_TIME, ""},
    {"parameter of type 1", FIXED "03 010100", BGP_OPEN_BAD_PARAMETER, ""},
    {"parameter of type 254", FIXED "02 fe00", BGP_OPEN_BAD_PARAMETER, ""},
    {"type 255 not first", FIXED "06 0202 0200 ff00", BGP_OPEN_BAD_PARAMETER,
     ""},
    {"type 255 inside extended", FIXED "ffff 0003 ff0000",
     BGP_OPEN_BAD_PARAMETER, ""},
    {"parameters shorter than said", FIXED "04 0200", BGP_OPEN_UNSPECIFIC, ""},
    {"octets behind the parameters", FIXED "02 0200 00", BGP_OPEN_UNSPECIFIC,
     ""},
    {"octets behind no parameters", FIXED "00 0200", BGP_OPEN_UNSPECIFIC, ""},
    {"parameter overruns", FIXED "02 0201", BGP_OPEN_UNSPECIFIC, ""},
    {"one octet of a parameter", FIXED "01 02", BGP_OPEN_UNSPECIFIC, ""},
    {"extended length cut", FIXED "ff ff 00", BGP_OPEN_UNSPECIFIC, ""},
    {"extended length too long", FIXED "ff ff 0004 020000", BGP_OPEN_UNSPECIFIC,
     ""},
    {"extended parameter overruns", FIXED "ff ff 0003 020001",
     BGP_OPEN_UNSPECIFIC, ""},
    {"capability overruns", FIXED "05 0203 410400", BGP_OPEN_UNSPECIFIC, ""},
    {"capability code alone", FIXED "03 020141", BGP_OPEN_UNSPECIFIC, ""},
    {"multiprotocol of 3", FIXED "07 0205 0103000100", BGP_OPEN_UNSPECIFIC, ""},
    {"four-octet AS of 2", FIXED "06 0204 4102fde9", BGP_OPEN_UNSPECIFIC, ""},
    {"graceful restart of 3", FIXED "07 0205 4003007800", BGP_OPEN_UNSPECIFIC,
     ""},
    {"graceful restart of 0", FIXED "04 0202 4000", BGP_OPEN_UNSPECIFIC, ""},
    {"enhanced route refresh of 1", FIXED "05 0203 460100", BGP_OPEN_UNSPECIFIC,
     ""},
    {"extended message of 1", FIXED "05 0203 060100", BGP_OPEN_UNSPECIFIC, ""},
    {"role of 0", FIXED "04 0202 0900", BGP_OPEN_UNSPECIFIC, ""},
    {"role of 2", FIXED "06 0204 09020303", BGP_OPEN_UNSPECIFIC, ""},
    {"next hop of 5", FIXED "09 0207 05050001000100", BGP_OPEN_UNSPECIFIC, ""},
    {"route refresh of 1", FIXED "05 0203 020100", BGP_OPEN_UNSPECIFIC, ""},
};

static void
broken_opens_are_told(void **state)
{
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct bgp_open open;
		struct bgp_verdict v = decode(broken[i].body, &open);

		if (v.action != BGP_RESET_SESSION || v.code != BGP_ERR_OPEN ||
		    v.subcode != broken[i].subcode)
			fail_msg("%s: action %d, %u/%u (%s)", broken[i].name,
				 v.action, v.code, v.subcode,
				 v.why ? v.why : "");
		assert_octets(broken[i].name, v.data, v.data_len,
			      broken[i].data);
		assert_non_null(v.why);
	}
}

static void
short_open_is_a_bad_length(void **state)
{
	uint8_t buf[64];
	size_t n = message_of(BGP_OPEN, "04 fde9 005a c000020a", buf);
	struct bgp_open open;
	struct bgp_verdict v = bgp_decode_open(buf, n, &open);

	assert_int_equal(v.code, BGP_ERR_HEADER);
	assert_int_equal(v.subcode, BGP_HEADER_BAD_LENGTH);
	assert_octets("length", v.data, v.data_len, "001c");
}

static void
hold_times_0_and_3_are_accepted(void **state)
{
	struct bgp_open open;

	assert_int_equal(decode("04 fde9 0000 c000020a 00", &open).action,
			 BGP_ACCEPT);
	assert_int_equal(decode("04 fde9 0003 c000020a 00", &open).action,
			 BGP_ACCEPT);
	assert_int_equal(open.hold_time, 3);
}

/* RFC 6793 section 4.1: the capability's number, not My AS. */
static void
real_as_is_the_capabilitys(void **state)
{
	struct bgp_open open;

	assert_int_equal(
	    decode("04 5ba0 005a c000020a 08 0206 4104fa56ea01", &open).action,
	    BGP_ACCEPT);
	assert_int_equal(open.my_as, BGP_AS_TRANS);
	assert_int_equal(open.asn, 4200000001);
}

static void
capabilities_have_names(void **state)
{
	assert_string_equal(bgp_capability_text(65), "Four-octet AS Number");
	assert_string_equal(bgp_capability_text(69), "ADD-PATH");
	assert_string_equal(bgp_capability_text(200), "unknown capability");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(typical_open_is_these_octets),
	    cmocka_unit_test(open_round_trips),
	    cmocka_unit_test(every_capability_round_trips),
	    cmocka_unit_test(many_parameters_are_sent_wide),
	    cmocka_unit_test(open_is_never_extended),
	    cmocka_unit_test(roles_are_compared),
	    cmocka_unit_test(graceful_restart_is_read_as_a_whole),
	    cmocka_unit_test(next_hop_capability_is_read),
	    cmocka_unit_test(open_without_capabilities_round_trips),
	    cmocka_unit_test(capabilities_come_in_any_shape),
	    cmocka_unit_test(last_graceful_restart_counts),
	    cmocka_unit_test(multiprotocol_names_the_families),
	    cmocka_unit_test(extended_parameters_are_accepted),
	    cmocka_unit_test(long_extended_parameters_are_accepted),
	    cmocka_unit_test(more_codes_than_kept_are_harmless),
	    cmocka_unit_test(broken_opens_are_told),
	    cmocka_unit_test(short_open_is_a_bad_length),
	    cmocka_unit_test(hold_times_0_and_3_are_accepted),
	    cmocka_unit_test(real_as_is_the_capabilitys),
	    cmocka_unit_test(capabilities_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
