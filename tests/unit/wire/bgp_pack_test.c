/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "wire/bgp_flow.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

static const struct bgp_session_facts external = {
    .as4 = true, .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6};
static const struct bgp_session_facts internal = {
    .as4 = true, .ibgp = true, .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6};
static const struct bgp_session_facts old = {.families = BGP_FAMILY_IPV4 |
							 BGP_FAMILY_IPV6};

static struct bgp_attributes
plain(void)
{
	return (struct bgp_attributes){
	    .has_origin = true,
	    .has_as_path = true,
	    .as_path = {65000},
	    .n_as_path = 1,
	    .path_length = 1,
	    .next_hop = ip_of("192.0.2.1"),
	    .mp_next_hop = ip_of("2001:db8::1"),
	};
}

/* Everything that can be sent, with values that tell octets apart. */
static struct bgp_attributes
rich(void)
{
	struct bgp_attributes a = plain();

	a.origin = BGP_ORIGIN_INCOMPLETE;
	a.as_path[1] = 4200000001;
	a.n_as_path = a.path_length = 2;
	a.has_med = true;
	a.med = 0x01020304;
	a.has_local_pref = true;
	a.local_pref = 0x05060708;
	a.atomic_aggregate = true;
	a.has_aggregator = true;
	a.aggregator_asn = 4200000002;
	a.aggregator_id = 0xc0000209;
	a.communities[0] = BGP_GRACEFUL_SHUTDOWN;
	a.communities[1] = 0xfde80064;
	a.n_communities = 2;
	a.ext_communities[0] = UINT64_C(0x0202fa56ea010064);
	a.n_ext_communities = 1;
	a.large_communities[0] = (struct bgp_large_community){{1, 2, 3}};
	a.n_large_communities = 1;
	a.has_otc = true;
	a.otc = 65000;
	return a;
}

static size_t
pack(uint8_t *buf, const char *prefix, const struct bgp_attributes *a,
     const struct bgp_session_facts *facts)
{
	struct prefix p = prefix_of(prefix);
	struct bgp_packer pk;

	assert_true(
	    bgp_pack_begin(&pk, buf, BGP_MESSAGE_MAX, p.addr.family, a, facts));
	assert_true(bgp_pack_add(&pk, &p));
	return bgp_pack_end(&pk);
}

static const struct {
	const char *name, *prefix;
	bool withdraw;
	const struct bgp_session_facts *facts;
	const char *octets;
} golden[] = {
    {"IPv4 external", "192.0.2.0/24", false, &external,
     "002f 02 0000 0014"
     "40010100 400206 0201 0000fde8 400304 c0000201 18 c00002"},
    {"IPv4 internal: LOCAL_PREF 100", "192.0.2.0/24", false, &internal,
     "0036 02 0000 001b 40010100 400206 0201 0000fde8"
     "400304 c0000201 400504 00000064 18 c00002"},
    {"IPv4 to an old peer", "192.0.2.0/24", false, &old,
     "002d 02 0000 0012 40010100 400204 0201 fde8 400304 c0000201 18 c00002"},
    {"IPv4 withdrawal", "192.0.2.0/24", true, NULL,
     "001b 02 0004 18 c00002 0000"},
    {"default route withdrawal", "0.0.0.0/0", true, NULL,
     "0018 02 0001 00 0000"},
    {"IPv6 external: MP_REACH first, no NEXT_HOP", "2001:db8:abcd::/48", false,
     &external,
     "0043 02 0000 002c 800e1c 0002 01 10"
     "20010db8000000000000000000000001 00 30 20010db8abcd"
     "40010100 400206 0201 0000fde8"},
    {"IPv6 withdrawal", "2001:db8:abcd::/48", true, NULL,
     "0024 02 0000 000d 800f0a 0002 01 30 20010db8abcd"},
};

static void
updates_are_these_octets(void **state)
{
	struct bgp_attributes a = plain();

	for (size_t i = 0; i < COUNT(golden); i++) {
		uint8_t buf[BGP_MESSAGE_MAX];
		size_t n =
		    pack(buf, golden[i].prefix, golden[i].withdraw ? NULL : &a,
			 golden[i].facts);
		char expected[1024] = MARKER;

		strcat(expected, golden[i].octets);
		assert_octets(golden[i].name, buf, n, expected);
	}
}

static void
rich_route_is_these_octets(void **state)
{
	struct bgp_attributes a = rich();
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = pack(buf, "2001:db8::/32", &a, &internal);

	assert_octets("all attributes", buf, n,
		      MARKER
		      "008d 02 0000 0076 800e1a 0002 01 10"
		      "20010db8000000000000000000000001 00 20 20010db8"
		      "40010102 40020a 0202 0000fde8 fa56ea01"
		      "800404 01020304 400504 05060708 400600"
		      "c00708 fa56ea02 c0000209 c00808 ffff0000 fde80064"
		      "c01008 0202fa56ea010064 c0200c 000000010000000200000003"
		      "c02304 0000fde8");
}

static void
rich_route_to_an_old_peer(void **state)
{
	struct bgp_attributes a = rich();
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = pack(buf, "10.0.0.0/8", &a, &old);

	assert_octets("all attributes", buf, n,
		      MARKER
		      "0084 02 0000 006b 40010102 400206 0202 fde8 5ba0"
		      "400304 c0000201 800404 01020304 400600"
		      "c00706 5ba0 c0000209 c00808 ffff0000 fde80064"
		      "c01008 0202fa56ea010064 c0110a 0202 0000fde8 fa56ea01"
		      "c01208 fa56ea02 c0000209"
		      "c0200c 000000010000000200000003 c02304 0000fde8 080a");
}

static void
no_as4_attributes_when_all_fits(void **state)
{
	struct bgp_attributes a = rich();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_update u;
	size_t n;

	a.as_path[1] = 65535;
	a.as_path[2] = 65536; /* behind the end of the path */
	a.aggregator_asn = 65535;
	a.n_communities = 1;
	n = pack(buf, "10.0.0.0/8", &a, &old);
	assert_int_equal(bgp_decode_update(buf, n, &old, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.attributes.as_path[1], 65535);
	assert_int_equal(u.attributes.n_as_path, 2);
	assert_int_equal(u.attributes.n_communities, 1);
	assert_null(memmem(buf, n, "\xc0\x11\x0a", 3));
	assert_null(memmem(buf, n, "\xc0\x12\x08", 3));
}

/* What decoding must give back: next hops are per family, scope per peer. */
static struct bgp_attributes
as_received(struct bgp_attributes a, uint8_t family,
	    const struct bgp_session_facts *facts)
{
	if (family == AF_INET)
		a.mp_next_hop = a.mp_next_hop_local = (struct ip){0};
	else
		a.next_hop = (struct ip){0};
	if (!facts->ibgp) {
		a.has_local_pref = false;
		a.local_pref = 0;
	} else if (!a.has_local_pref) {
		a.has_local_pref = true;
		a.local_pref = 100;
	}
	return a;
}

static void
round_trip(const struct bgp_attributes *a, const char *prefix,
	   const struct bgp_session_facts *facts)
{
	uint8_t buf[BGP_MESSAGE_MAX], type,
	    family = prefix_of(prefix).addr.family;
	size_t n = pack(buf, prefix, a, facts);
	struct bgp_attributes want = as_received(*a, family, facts);
	struct bgp_update u;
	struct bgp_verdict v = bgp_decode_update(buf, n, facts, &u);
	char text[256];

	assert_int_equal(bgp_frame(buf, n, BGP_MESSAGE_MAX, &type, &v), (int)n);
	if (v.action != BGP_ACCEPT)
		fail_msg("%s: %s", prefix, v.why);
	assert_memory_equal(&u.attributes, &want, sizeof(want));
	assert_string_equal(
	    prefixes_text(family == AF_INET ? u.nlri : u.mp_reach, family, text,
			  sizeof(text)),
	    prefix);
}

static void
attributes_round_trip(void **state)
{
	static const struct bgp_session_facts *const facts[] = {
	    &external, &internal, &old};
	struct bgp_attributes values[] = {plain(), rich(), rich()};

	values[2].mp_next_hop_local = ip_of("fe80::1");
	values[1].as_path[0] = 4200000000;
	values[1].as_path[1] = 65000;
	values[2].n_as_path = values[2].path_length = 0;
	memset(values[2].as_path, 0, sizeof(values[2].as_path));
	for (size_t i = 0; i < COUNT(facts); i++)
		for (size_t j = 0; j < COUNT(values); j++) {
			round_trip(&values[j], "198.51.100.0/25", facts[i]);
			round_trip(&values[j], "2001:db8::/29", facts[i]);
			round_trip(&values[j], "0.0.0.0/0", facts[i]);
			round_trip(&values[j], "::/0", facts[i]);
		}
}

/* 64 of each kind and the longest path: extended lengths where needed. */
static void
long_attributes_round_trip(void **state)
{
	struct bgp_attributes a = plain();

	a.n_as_path = a.path_length = BGP_AS_PATH_MAX;
	a.n_communities = a.n_ext_communities = BGP_COMMUNITIES_MAX;
	a.n_large_communities = BGP_COMMUNITIES_MAX;
	for (uint32_t i = 0; i < BGP_COMMUNITIES_MAX; i++) {
		a.as_path[i] = 100000 + i;
		a.communities[i] = i;
		a.ext_communities[i] = i;
		a.large_communities[i].v[1] = i;
	}
	round_trip(&a, "192.0.2.0/24", &external);
	round_trip(&a, "2001:db8::/32", &internal);
	round_trip(&a, "192.0.2.0/24", &old);
}

/* The flag stands exactly where the length exceeds one octet. */
static void
extended_length_only_when_needed(void **state)
{
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n;

	a.n_communities = 63;
	n = pack(buf, "192.0.2.0/24", &a, &external);
	assert_non_null(memmem(buf, n, "\xc0\x08\xfc", 3));
	a.n_communities = 64;
	n = pack(buf, "192.0.2.0/24", &a, &external);
	assert_non_null(memmem(buf, n, "\xd0\x08\x01\x00", 4));
}

static struct prefix
numbered(uint8_t family, uint8_t len, uint32_t i)
{
	struct prefix p = {.addr.family = family, .len = len};

	p.addr.bytes[0] = 0x20;
	p.addr.bytes[1] = (uint8_t)(i >> 8);
	p.addr.bytes[2] = (uint8_t)i;
	return p;
}

/* Fills messages of any size with prefixes of any length and reads back. */
static void
fill_and_read(uint8_t family, uint8_t len, size_t size,
	      const struct bgp_attributes *a)
{
	uint8_t buf[BGP_MESSAGE_MAX + 16];
	struct bgp_packer pk;
	struct bgp_update u;
	struct prefix p, back;
	struct rbuf list;
	uint32_t sent = 0, seen = 0;
	size_t n;

	memset(buf, 0xaa, sizeof(buf));
	assert_true(bgp_pack_begin(&pk, buf, size, family, a, &external));
	for (;; sent++) {
		p = numbered(family, len, sent);
		if (!bgp_pack_add(&pk, &p))
			break;
	}
	assert_false(bgp_pack_add(&pk, &p));
	n = bgp_pack_end(&pk);
	assert_true(n > 0 && n <= size);
	/* Full: there is no room for one prefix more. */
	assert_true(size - n < 1u + len / 8u);
	assert_int_equal(buf[size], 0xaa);
	assert_int_equal(bgp_decode_update(buf, n, &external, &u).action,
			 BGP_ACCEPT);
	list = family == AF_INET ? (a ? u.nlri : u.withdrawn)
				 : (a ? u.mp_reach : u.mp_unreach);
	for (; bgp_next_prefix(&list, family, &back); seen++) {
		p = numbered(family, len, seen);
		assert_true(prefix_equal(&p, &back));
	}
	assert_int_equal(seen, sent);
}

static void
full_messages_hold_what_was_added(void **state)
{
	struct bgp_attributes a = rich();

	for (size_t size = 512; size <= BGP_MESSAGE_MAX; size += 127) {
		fill_and_read(AF_INET, 24, size, &a);
		fill_and_read(AF_INET, 32, size, NULL);
		fill_and_read(AF_INET6, 24, size, &a);
		fill_and_read(AF_INET6, 48, size, NULL);
		fill_and_read(AF_INET6, 128, size, &a);
	}
	fill_and_read(AF_INET, 24, BGP_MESSAGE_MAX, &a);
	fill_and_read(AF_INET6, 128, BGP_MESSAGE_MAX, NULL);
}

/* Around 255 octets the MP attribute's length grows to two octets. */
static void
mp_length_grows_at_256(void **state)
{
	for (size_t n = 60; n < 68; n++) {
		uint8_t buf[BGP_MESSAGE_MAX];
		struct bgp_packer pk;
		struct bgp_update u;
		size_t len, mp = 3 + 4 * n;

		assert_true(bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET6,
					   NULL, NULL));
		for (uint32_t i = 0; i < n; i++) {
			struct prefix p = numbered(AF_INET6, 24, i);

			assert_true(bgp_pack_add(&pk, &p));
		}
		len = bgp_pack_end(&pk);
		assert_int_equal(len, 23 + mp + (mp > 255 ? 4 : 3));
		assert_int_equal(buf[23], mp > 255 ? 0x90 : 0x80);
		assert_int_equal(
		    bgp_decode_update(buf, len, &external, &u).action,
		    BGP_ACCEPT);
		assert_int_equal(rbuf_left(&u.mp_unreach), 4 * n);
	}
}

static void
never_longer_than_4096(void **state)
{
	static uint8_t buf[2 * BGP_MESSAGE_MAX];
	struct bgp_packer pk;
	struct prefix p = prefix_of("2001:db8::1/128");

	assert_true(
	    bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET6, NULL, NULL));
	while (bgp_pack_add(&pk, &p))
		;
	assert_int_equal(bgp_pack_end(&pk), 30 + 239 * 17);
	assert_true(bgp_pack_end(&pk) <= BGP_MESSAGE_MAX);
}

/* A message without prefixes would be an End-of-RIB: there is none. */
static void
nothing_added_is_no_message(void **state)
{
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_packer pk;

	assert_true(bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET, NULL, NULL));
	assert_int_equal(bgp_pack_end(&pk), 0);
	assert_true(
	    bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET6, &a, &external));
	assert_int_equal(bgp_pack_end(&pk), 0);
}

static void
what_cannot_be_sent_is_refused(void **state)
{
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_packer pk;

	for (size_t size = 0; size < 48; size++) {
		assert_false(
		    bgp_pack_begin(&pk, buf, size, AF_INET, &a, &external));
		assert_int_equal(bgp_pack_end(&pk), 0);
	}
	for (size_t size = 0; size < 28; size++)
		assert_false(
		    bgp_pack_begin(&pk, buf, size, AF_INET, NULL, NULL));
	assert_true(bgp_pack_begin(&pk, buf, 48, AF_INET, &a, &external));
	a.mp_next_hop = ip_of("192.0.2.1");
	assert_false(bgp_pack_begin(&pk, buf, 4096, AF_INET6, &a, &external));
	a = plain();
	a.next_hop = (struct ip){0};
	assert_false(bgp_pack_begin(&pk, buf, 4096, AF_INET, &a, &external));
	a = plain();
	a.as_path[0] = 0;
	assert_false(bgp_pack_begin(&pk, buf, 4096, AF_INET, &a, &external));
	a = plain();
	a.has_aggregator = true;
	assert_false(bgp_pack_begin(&pk, buf, 4096, AF_INET, &a, &external));
}

/* RFC 8950 section 3. */
static void
ipv4_routes_go_with_an_ipv6_next_hop(void **state)
{
	struct bgp_session_facts facts = external;
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_packer pk;
	struct bgp_update u;
	char text[128];
	size_t n;

	a.next_hop = (struct ip){0};
	assert_false(bgp_pack_begin(&pk, buf, 4096, AF_INET, &a, &facts));
	facts.extended_next_hop = BGP_FAMILY_IPV4;
	n = pack(buf, "198.51.100.0/24", &a, &facts);
	assert_octets("MP_REACH_NLRI", buf, n,
		      MARKER
		      "0040 02 0000 0029"
		      "800e19 0001 01 10 20010db8000000000000000000000001"
		      "00 18c63364 40010100 40020602010000fde8");
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.mp_reach_family, AF_INET);
	assert_string_equal(
	    prefixes_text(u.mp_reach, AF_INET, text, sizeof(text)),
	    "198.51.100.0/24");
	assert_memory_equal(&u.attributes.mp_next_hop, &a.mp_next_hop,
			    sizeof(a.mp_next_hop));
	assert_true(ip_is_none(&u.attributes.next_hop));
	/* With a link-local one beside it. */
	a.mp_next_hop_local = ip_of("fe80::1");
	n = pack(buf, "198.51.100.0/24", &a, &facts);
	assert_int_equal(buf[BGP_HEADER_LEN + 4 + 6], 32);
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	/* A route that has an IPv4 next hop keeps it. */
	a.next_hop = ip_of("192.0.2.1");
	n = pack(buf, "198.51.100.0/24", &a, &facts);
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.mp_reach_family, 0);
}

/* RFC 8654: all prefixes in one message, when the session allows it. */
static void
extended_messages_are_filled(void **state)
{
	static uint8_t buf[BGP_EXTENDED_MAX + 16];
	struct bgp_session_facts facts = external;
	struct bgp_attributes a = plain();
	struct prefix p = prefix_of("10.0.0.0/24");
	struct bgp_packer pk;
	struct bgp_update u;
	size_t n, count = 0;

	facts.extended_message = true;
	assert_true(bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET, &a, &facts));
	while (bgp_pack_add(&pk, &p))
		;
	n = bgp_pack_end(&pk);
	assert_in_range(n, BGP_EXTENDED_MAX - 3, BGP_EXTENDED_MAX);
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	while (bgp_next_prefix(&u.nlri, AF_INET, &p))
		count++;
	assert_int_equal(count, pk.n);
	/* IPv6, where the attributes wait behind the prefixes. */
	p = prefix_of("2001:db8::/64");
	assert_true(
	    bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET6, &a, &facts));
	while (bgp_pack_add(&pk, &p))
		;
	n = bgp_pack_end(&pk);
	assert_in_range(n, BGP_EXTENDED_MAX - 9, BGP_EXTENDED_MAX);
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	/* Without facts nobody knows: the common limit. */
	assert_true(
	    bgp_pack_begin(&pk, buf, sizeof(buf), AF_INET6, NULL, NULL));
	while (bgp_pack_add(&pk, &p))
		;
	assert_in_range(bgp_pack_end(&pk), BGP_MESSAGE_MAX - 9,
			BGP_MESSAGE_MAX);
}

static struct bgp_flow
flow_to(const char *prefix)
{
	struct bgp_flow f = {
	    .dst = {.present = true, .prefix = prefix_of(prefix)}};

	f.family = f.dst.prefix.addr.family;
	assert_int_equal(bgp_flow_add(&f, BGP_FLOW_PROTO, BGP_FLOW_EQ, 17), 0);
	return f;
}

static size_t
pack_flow(uint8_t *buf, const char *prefix, const struct bgp_attributes *a)
{
	struct bgp_session_facts facts = external;
	struct bgp_flow f = flow_to(prefix);
	struct bgp_packer pk;

	facts.families = 15;
	assert_true(bgp_pack_begin_flow(&pk, buf, BGP_MESSAGE_MAX, f.family, a,
					&facts));
	assert_true(bgp_pack_add_flow(&pk, &f));
	return bgp_pack_end(&pk);
}

/* RFC 8955 section 4: no next hop; the attributes behind. */
static void
flows_are_these_octets(void **state)
{
	struct bgp_session_facts facts = external;
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_update u;
	struct bgp_flow f;
	size_t n;

	facts.families = 15;
	a.ext_communities[0] = UINT64_C(0x8006000000000000);
	a.n_ext_communities = 1;
	n = pack_flow(buf, "192.0.2.0/24", &a);
	assert_octets("announce", buf, n,
		      MARKER "0040 02 0000 0029"
			     "800e0e 0001 85 00 00 080118c00002038111"
			     "40010100 40020602010000fde8"
			     "c010088006000000000000");
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.flow_reach_family, AF_INET);
	assert_int_equal(u.mp_reach_family, 0);
	assert_true(bgp_next_flow(&u.flow_reach, AF_INET, &f));
	assert_int_equal(f.terms[0].value, 17);
	assert_false(bgp_next_flow(&u.flow_reach, AF_INET, &f));
	n = pack_flow(buf, "2001:db8::/32", NULL);
	assert_octets("withdraw", buf, n,
		      MARKER "0028 02 0000 0011"
			     "800f0e 0002 85 0a01200020010db8038111");
	assert_int_equal(bgp_decode_update(buf, n, &facts, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.flow_unreach_family, AF_INET6);
	assert_int_equal(u.end_of_rib, 0);
}

static void
flows_fill_a_message(void **state)
{
	struct bgp_session_facts facts = external;
	struct bgp_attributes a = plain();
	struct bgp_flow f = flow_to("192.0.2.0/24");
	struct bgp_flow none = {.family = AF_INET};
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_packer pk;
	struct bgp_update u;
	size_t n, count = 0;

	facts.families = 15;
	assert_true(
	    bgp_pack_begin_flow(&pk, buf, sizeof(buf), AF_INET, &a, &facts));
	assert_false(bgp_pack_add_flow(&pk, &none));
	while (bgp_pack_add_flow(&pk, &f))
		;
	n = bgp_pack_end(&pk);
	assert_in_range(n, BGP_MESSAGE_MAX - 9, BGP_MESSAGE_MAX);
	bgp_decode_update(buf, n, &facts, &u);
	while (bgp_next_flow(&u.flow_reach, AF_INET, &f))
		count++;
	assert_in_range(count, 400, 460);
}

static void
large_communities_are_sent_once(void **state)
{
	struct bgp_attributes a = plain();
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_update u;
	size_t n;

	for (size_t i = 0; i < 6; i++)
		a.large_communities[i] =
		    (struct bgp_large_community){{1, 2, (uint32_t)(i % 3)}};
	a.n_large_communities = 6;
	n = pack(buf, "198.51.100.0/24", &a, &external);
	assert_octets("attribute", buf + n - 4 - 39, 39,
		      "c02024 000000010000000200000000"
		      "000000010000000200000001 000000010000000200000002");
	assert_int_equal(bgp_decode_update(buf, n, &external, &u).action,
			 BGP_ACCEPT);
	assert_int_equal(u.attributes.n_large_communities, 3);
}

static void
end_of_rib_is_these_octets(void **state)
{
	uint8_t buf[64];
	size_t n = bgp_encode_end_of_rib(BGP_FAMILY_IPV4, buf, sizeof(buf));

	assert_octets("IPv4", buf, n, MARKER "0017 02 0000 0000");
	n = bgp_encode_end_of_rib(BGP_FAMILY_FLOW4, buf, sizeof(buf));
	assert_octets("flow", buf, n, MARKER "001d 02 0000 0006 800f03 000185");
	n = bgp_encode_end_of_rib(BGP_FAMILY_IPV6, buf, sizeof(buf));
	assert_octets("IPv6", buf, n, MARKER "001d 02 0000 0006 800f03 000201");
	assert_int_equal(bgp_encode_end_of_rib(BGP_FAMILY_IPV6, buf, 28), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(updates_are_these_octets),
	    cmocka_unit_test(rich_route_is_these_octets),
	    cmocka_unit_test(rich_route_to_an_old_peer),
	    cmocka_unit_test(no_as4_attributes_when_all_fits),
	    cmocka_unit_test(attributes_round_trip),
	    cmocka_unit_test(long_attributes_round_trip),
	    cmocka_unit_test(extended_length_only_when_needed),
	    cmocka_unit_test(full_messages_hold_what_was_added),
	    cmocka_unit_test(mp_length_grows_at_256),
	    cmocka_unit_test(never_longer_than_4096),
	    cmocka_unit_test(nothing_added_is_no_message),
	    cmocka_unit_test(what_cannot_be_sent_is_refused),
	    cmocka_unit_test(ipv4_routes_go_with_an_ipv6_next_hop),
	    cmocka_unit_test(extended_messages_are_filled),
	    cmocka_unit_test(flows_are_these_octets),
	    cmocka_unit_test(flows_fill_a_message),
	    cmocka_unit_test(large_communities_are_sent_once),
	    cmocka_unit_test(end_of_rib_is_these_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
