/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/bgp_flow.h"

/* Decodes one NLRI of hexadecimal text; false when it is malformed. */
static bool
decode(uint8_t family, const char *text, struct bgp_flow *out)
{
	uint8_t buf[OCTETS_MAX];
	struct rbuf r = rbuf_of(buf, octets_of(text, buf));
	const char *why = NULL;
	bool fine = bgp_flow_decode(&r, family, out, &why);

	assert_true(fine == (why == NULL));
	if (fine)
		assert_int_equal(rbuf_left(&r), 0);
	return fine;
}

/* The examples of RFC 8955 section 4.3 and RFC 8956 section 3.8, and more. */
static const struct {
	const char *name;
	uint8_t family;
	const char *octets;
} sound[] = {
    {"RFC 8955 4.3.1", AF_INET, "0b 0118c00002 038106 048119"},
    {"RFC 8955 4.3.2", AF_INET, "12 0118c00002 0218cb0071 040389458b911f90"},
    {"RFC 8955 4.3.3", AF_INET, "09 0120c0000201 0c8005"},
    {"RFC 8956 3.8.1", AF_INET6, "12 01200020010db8 026840123456789a 038106"},
    {"RFC 8956 3.8.2", AF_INET6, "0f 01200020010db8 0268412468acf134"},
    {"every address", AF_INET, "02 0100"},
    {"every IPv6 address", AF_INET6, "03 010000"},
    {"one IPv6 address", AF_INET6,
     "13 018000 20010db8000000000000000000000001"},
    {"last bit only", AF_INET6, "04 01807f80"},
    {"every numeric type", AF_INET,
     "19 038106 048119 058119 068119 078108 088100 0a910064 0b812e"},
    {"flow label", AF_INET6, "06 0da100012345"},
    {"TCP flags of 2", AF_INET, "04 09910fff"},
    {"TCP flags, not and match", AF_INET, "05 090002c312"},
    {"value of 8 octets", AF_INET, "0a 04b10000000000000050"},
    {"value of 4 octets", AF_INET, "06 0aa100000050"},
    {"true and false", AF_INET, "05 0407008000"},
};

static void
what_is_decoded_is_encoded_again(void **state)
{
	for (size_t i = 0; i < COUNT(sound); i++) {
		uint8_t buf[BGP_FLOW_OCTETS_MAX];
		struct bgp_flow flow;
		size_t n;

		if (!decode(sound[i].family, sound[i].octets, &flow))
			fail_msg("%s: malformed", sound[i].name);
		assert_false(flow.excess);
		n = bgp_flow_encode(&flow, buf, sizeof(buf));
		assert_octets(sound[i].name, buf, n, sound[i].octets);
		assert_int_equal(bgp_flow_encode(&flow, buf, n - 1), 0);
	}
}

static void
values_are_read(void **state)
{
	struct bgp_flow f;
	struct prefix dst = prefix_of("192.0.2.0/24");
	const struct bgp_flow_term *t = f.terms;

	assert_true(decode(AF_INET, sound[1].octets, &f));
	assert_true(f.dst.present && prefix_equal(&f.dst.prefix, &dst));
	assert_true(f.src.present);
	assert_int_equal(f.count[BGP_FLOW_PORT], 3);
	assert_int_equal(f.first[BGP_FLOW_PORT], 0);
	assert_int_equal(f.n_terms, 3);
	assert_int_equal(t[0].op, BGP_FLOW_GT | BGP_FLOW_EQ);
	assert_int_equal(t[0].value, 137);
	assert_int_equal(t[1].op, BGP_FLOW_AND | BGP_FLOW_LT | BGP_FLOW_EQ);
	assert_int_equal(t[1].value, 139);
	assert_int_equal(t[2].op, BGP_FLOW_EQ);
	assert_int_equal(t[2].value, 8080);
	assert_int_equal(t[2].size, 2);
}

/* The pattern stands where it is compared (RFC 8956 section 3.1). */
static void
offset_puts_the_pattern_in_its_place(void **state)
{
	struct prefix want = prefix_of("::1234:5678:9a00:0/104");
	struct bgp_flow f;

	assert_true(decode(AF_INET6, sound[3].octets, &f));
	assert_int_equal(f.src.offset, 64);
	assert_true(prefix_equal(&f.src.prefix, &want));
	assert_true(decode(AF_INET6, sound[4].octets, &f));
	assert_int_equal(f.src.offset, 65);
	assert_true(prefix_equal(&f.src.prefix, &want));
}

/* RFC 8955 section 4.2.1: sent as zero, ignored on receipt. */
static void
reserved_bits_are_ignored(void **state)
{
	static const struct {
		const char *octets, *want;
	} rows[] = {
	    {"03 04c119", "03 048119"},     /* AND in the first operator */
	    {"03 048919", "03 048119"},     /* bit 4 of numeric_op */
	    {"03 098d02", "03 098102"},     /* bits 4 and 5 of bitmask_op */
	    {"03 0c80f5", "03 0c8005"},     /* fragment's upper half */
	    {"03 0b81ee", "03 0b812e"},     /* DSCP has six bits */
	    {"04 0991f002", "04 09910002"}, /* data offset */
	    {"05 0114c0000f", "05 0114c00000"},
	    {"f003 048119", "03 048119"}, /* long form of a short length */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t buf[BGP_FLOW_OCTETS_MAX];
		struct bgp_flow f;
		size_t n;

		assert_true(decode(AF_INET, rows[i].octets, &f));
		n = bgp_flow_encode(&f, buf, sizeof(buf));
		assert_octets(rows[i].octets, buf, n, rows[i].want);
	}
}

static const struct {
	const char *name;
	uint8_t family;
	const char *octets;
} malformed[] = {
    {"no component", AF_INET, "00"},
    {"no length", AF_INET, ""},
    {"half a length", AF_INET, "f0"},
    {"longer than the attribute", AF_INET, "04 048119"},
    {"type 0", AF_INET, "03 008119"},
    {"type 13 in IPv4", AF_INET, "06 0da100012345"},
    {"type 14", AF_INET6, "03 0e8119"},
    {"type 255", AF_INET, "03 ff8119"},
    {"descending types", AF_INET, "06 048119 038106"},
    {"type twice", AF_INET, "06 038106 038111"},
    {"destination behind source", AF_INET, "0a 0218c00002 0118c00002"},
    {"prefix of 33 bits", AF_INET, "07 0121c000020100"},
    {"prefix cut", AF_INET, "04 0118c000"},
    {"prefix without length", AF_INET, "01 01"},
    {"IPv6 of 129 bits", AF_INET6,
     "14 018100 20010db8000000000000000000000001"
     "00"},
    {"offset of length", AF_INET6, "03 014040"},
    {"offset behind length", AF_INET6, "04 01404100"},
    {"offset without length", AF_INET6, "04 01000120"},
    {"IPv6 prefix without offset", AF_INET6, "02 0120"},
    {"IPv6 prefix of 0 without offset", AF_INET6, "02 0100"},
    {"no end of list", AF_INET, "03 040119"},
    {"type without a list", AF_INET, "01 04"},
    {"operator without value", AF_INET, "02 0481"},
    {"value cut", AF_INET, "03 049119"},
    {"value of 8 cut", AF_INET, "09 04b100000000000050"},
    {"TCP flags of 4", AF_INET, "06 09a100000012"},
    {"DSCP of 2", AF_INET, "04 0b91002e"},
    {"fragment of 2", AF_INET, "04 0c910001"},
};

static void
malformed_flows_are_refused(void **state)
{
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct bgp_flow f;

		if (decode(malformed[i].family, malformed[i].octets, &f))
			fail_msg("%s: accepted", malformed[i].name);
	}
}

/* One term more than fits, and a number of 33 bits: valid, not usable. */
static void
what_does_not_fit_is_in_excess(void **state)
{
	uint8_t nlri[2 + 1 + 2 * (BGP_FLOW_TERMS_MAX + 1)], buf[64];
	struct wbuf w = wbuf_of(nlri, sizeof(nlri));
	struct bgp_flow f;
	const char *why;
	struct rbuf r;

	wbuf_u16(&w, 0xf000 | (sizeof(nlri) - 2));
	wbuf_u8(&w, BGP_FLOW_PORT);
	for (size_t i = 0; i <= BGP_FLOW_TERMS_MAX; i++) {
		wbuf_u8(&w, i == BGP_FLOW_TERMS_MAX ? 0x81 : 0x01);
		wbuf_u8(&w, (uint8_t)i);
	}
	r = rbuf_of(nlri, sizeof(nlri));
	assert_true(bgp_flow_decode(&r, AF_INET, &f, &why));
	assert_true(f.excess);
	assert_int_equal(f.n_terms, BGP_FLOW_TERMS_MAX);
	assert_int_equal(bgp_flow_encode(&f, buf, sizeof(buf)), 0);
	assert_true(decode(AF_INET, "0a 04b10000000100000050", &f));
	assert_true(f.excess);
}

/* RFC 8955 section 4.1: 239 is 0xef, 240 is 0xf0f0. */
static void
length_has_two_octets_from_240_on(void **state)
{
	struct bgp_flow f = {.family = AF_INET};
	uint8_t buf[BGP_FLOW_OCTETS_MAX];

	/* 47 terms of 5 octets, and 3 of one more component, make 239. */
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_PROTO, BGP_FLOW_EQ, 6), 0);
	for (size_t i = 0; i < 47; i++)
		assert_int_equal(
		    bgp_flow_add(&f, BGP_FLOW_PORT, BGP_FLOW_EQ, 80), 0);
	for (size_t i = 1; i < 48; i++)
		f.terms[i].size = 4;
	assert_int_equal(bgp_flow_encode(&f, buf, sizeof(buf)), 240);
	assert_int_equal(buf[0], 0xef);
	f.terms[0].size = 2;
	assert_int_equal(bgp_flow_encode(&f, buf, sizeof(buf)), 242);
	assert_int_equal(buf[0], 0xf0);
	assert_int_equal(buf[1], 0xf0);
}

static void
longest_flow_fits_its_bound(void **state)
{
	struct bgp_flow f = {.family = AF_INET6};
	uint8_t buf[BGP_FLOW_OCTETS_MAX];

	f.dst = (struct bgp_flow_prefix){
	    .present = true, .prefix = prefix_of("2001:db8::1/128")};
	f.src = f.dst;
	for (int type = BGP_FLOW_PROTO; type < BGP_FLOW_TYPES; type++)
		assert_int_equal(
		    bgp_flow_add(&f, (enum bgp_flow_type)type, 0, 0), 0);
	while (bgp_flow_add(&f, BGP_FLOW_LABEL, BGP_FLOW_EQ, 1) == 0)
		;
	assert_int_equal(f.n_terms, BGP_FLOW_TERMS_MAX);
	for (size_t i = 0; i < f.n_terms; i++)
		f.terms[i].size = 8;
	assert_in_range(bgp_flow_encode(&f, buf, sizeof(buf)), 450,
			sizeof(buf));
}

static void
terms_are_added_in_order(void **state)
{
	struct bgp_flow f = {.family = AF_INET};
	uint8_t buf[64];
	size_t n;

	f.dst = (struct bgp_flow_prefix){.present = true,
					 .prefix = prefix_of("192.0.2.0/24")};
	assert_int_equal(bgp_flow_encode(&(struct bgp_flow){.family = AF_INET},
					 buf, sizeof(buf)),
			 0);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_PROTO, BGP_FLOW_EQ, 6), 0);
	/* AND in a first term is left out. */
	assert_int_equal(
	    bgp_flow_add(&f, BGP_FLOW_PORT, BGP_FLOW_AND | BGP_FLOW_EQ, 25), 0);
	n = bgp_flow_encode(&f, buf, sizeof(buf));
	assert_octets("RFC 8955 4.3.1", buf, n, sound[0].octets);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_PROTO, 1, 17), -EINVAL);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_SRC, 1, 17), -EINVAL);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_LABEL, 1, 17), -EINVAL);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_DST_PORT, 1, 65536),
			 -EINVAL);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_FRAGMENT, 4, 1), -EINVAL);
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_FRAGMENT, 1, 16), -EINVAL);
}

static void
types_have_names(void **state)
{
	assert_string_equal(bgp_flow_type_text(BGP_FLOW_DST_PORT),
			    "destination port");
	assert_string_equal(bgp_flow_type_text(0), "unknown component");
	assert_string_equal(bgp_flow_type_text(14), "unknown component");
	assert_true(bgp_flow_is_bitmask(BGP_FLOW_TCP_FLAGS));
	assert_true(bgp_flow_is_bitmask(BGP_FLOW_FRAGMENT));
	assert_false(bgp_flow_is_bitmask(BGP_FLOW_DSCP));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_decoded_is_encoded_again),
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(offset_puts_the_pattern_in_its_place),
	    cmocka_unit_test(reserved_bits_are_ignored),
	    cmocka_unit_test(malformed_flows_are_refused),
	    cmocka_unit_test(what_does_not_fit_is_in_excess),
	    cmocka_unit_test(length_has_two_octets_from_240_on),
	    cmocka_unit_test(longest_flow_fits_its_bound),
	    cmocka_unit_test(terms_are_added_in_order),
	    cmocka_unit_test(types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
