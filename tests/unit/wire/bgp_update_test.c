/* SPDX-License-Identifier: ISC */
/*
 * What becomes of a received UPDATE: every rule of RFC 7606 and of the
 * documents it leans on, as octets and the verdict they must get.
 */
#include "octets.h"

/* An external peer with four-octet AS numbers and both families. */
static const struct bgp_session_facts external = {
    .as4 = true, .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6};
static const struct bgp_session_facts internal = {
    .as4 = true, .ibgp = true, .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6};
static const struct bgp_session_facts old = {.families = BGP_FAMILY_IPV4 |
							 BGP_FAMILY_IPV6};
static const struct bgp_session_facts only4 = {.as4 = true,
					       .families = BGP_FAMILY_IPV4};
static const struct bgp_session_facts only6 = {.as4 = true,
					       .families = BGP_FAMILY_IPV6};

#define ORIGIN   "40 01 01 00 "
#define PATH     "40 02 06 02010000fde9 "
#define HOP      "40 03 04 c0000201 "
#define PREF     "40 05 04 00000064 "
#define MUST     ORIGIN PATH HOP
#define NET      "18 c00002 "
#define NET6     "20 20010db8 "
#define HOP6     "20010db8000000000000000000000001 "
#define REACH6   "80 0e 1a 0002 01 10" HOP6 "00" NET6
#define UNREACH6 "80 0f 08 0002 01" NET6

#define OK       BGP_ACCEPT
#define DISCARD  BGP_DISCARD_ATTRIBUTE
#define WITHDRAW BGP_TREAT_AS_WITHDRAW
#define RESET    BGP_RESET_SESSION

struct vector {
	const char *name;
	const struct bgp_session_facts *facts;
	const char *withdrawn, *attributes, *nlri;
	enum bgp_action action;
	uint8_t subcode, attribute;
};

static const struct vector vectors[] = {
    /* what is right */
    {"IPv4 route", &external, "", MUST, NET, OK, 0, 0},
    {"IPv4 withdrawal", &external, NET, "", "", OK, 0, 0},
    {"IPv6 route", &external, "", REACH6 ORIGIN PATH, "", OK, 0, 0},
    {"IPv6 withdrawal", &external, "", UNREACH6, "", OK, 0, 0},
    {"all kinds at once (7606 5.1)", &external, NET,
     ORIGIN UNREACH6 PATH REACH6 HOP, "18 c63364", OK, 0, 0},
    {"attributes in reverse order", &external, "", HOP PATH ORIGIN, NET, OK, 0,
     0},
    {"low flag bits are ignored", &external, "", "4f010100" PATH HOP, NET, OK,
     0, 0},
    {"extended length of a short one", &external, "",
     ORIGIN "50 02 0006 02010000fde9" HOP, NET, OK, 0, 0},
    {"attributes without NLRI (4271 6.3)", &external, "", ORIGIN PATH, "", OK,
     0, 0},
    {"unknown optional transitive", &external, "", MUST "c0 63 02 abcd", NET,
     OK, 0, 0},
    {"unknown optional non-transitive", &external, "", MUST "80 63 00", NET, OK,
     0, 0},
    {"unknown type behind the last known", &external, "", MUST "c0 24 00", NET,
     OK, 0, 0},
    {"empty AS_PATH", &internal, "", ORIGIN "40 02 00" HOP PREF, NET, OK, 0, 0},
    {"default route", &external, "", MUST, "00", OK, 0, 0},
    {"MP_REACH for IPv4", &external, "",
     "80 0e 0d 0001 01 04 c0000201 00" NET ORIGIN PATH, "", OK, 0, 0},
    {"next hop global and link-local", &external, "",
     "80 0e 2a 0002 01 20" HOP6
     "fe800000000000000000000000000001 00" NET6 ORIGIN PATH,
     "", OK, 0, 0},
    {"reserved octet of MP_REACH", &external, "",
     "80 0e 1a 0002 01 10" HOP6 "ff" NET6 ORIGIN PATH, "", OK, 0, 0},
    {"unknown extended community", &external, "",
     MUST "c0 10 08 bfff000000000000", NET, OK, 0, 0},
    {"OTC", &external, "", MUST "c0 23 04 0000fde9", NET, OK, 0, 0},
    {"NEXT_HOP beside MP_REACH is ignored (4760 3)", &external, "",
     REACH6 ORIGIN PATH "40 03 04 00000000", "", OK, 0, 0},
    {"malformed NEXT_HOP beside MP_REACH is ignored", &external, "",
     ORIGIN PATH "40 03 03 000000" REACH6, "", OK, 0, 0},

    /* lengths of the three parts (7606 3b): 3/1 */
    {"attribute cut, NLRI found by the total (7606 4)", &external, "",
     MUST "c0 08 05 fde80064", NET, WITHDRAW, 1, 8},
    {"two octets left (7606 4)", &external, "", MUST "c008", NET, WITHDRAW, 1,
     8},
    {"one octet left", &external, "", MUST "c0", NET, WITHDRAW, 1, 0},
    {"three octets left of an extended one", &external, "", MUST "d00800", NET,
     WITHDRAW, 1, 8},
    {"cut without NLRI: reset (7606 5.2)", &external, "", MUST "c008", "",
     RESET, 1, 8},
    {"cut beside withdrawals: reset", &external, NET, "c008", "", RESET, 1, 8},
    {"cut behind MP_UNREACH: reset", &external, "", UNREACH6 "c008", "", RESET,
     1, 8},
    {"MP_REACH itself cut: reset (7606 3j)", &external, "",
     MUST "80 0e 1a 0002 01 10", NET, RESET, 1, 14},

    /* flags (7606 3c) */
    {"ORIGIN optional", &external, "", "c0010100" PATH HOP, NET, WITHDRAW, 4,
     1},
    {"ORIGIN not transitive", &external, "", "00010100" PATH HOP, NET, WITHDRAW,
     4, 1},
    {"AS_PATH optional", &external, "", ORIGIN "80020602010000fde9" HOP, NET,
     WITHDRAW, 4, 2},
    {"MED transitive", &external, "", MUST "c0 04 04 00000001", NET, WITHDRAW,
     4, 4},
    {"COMMUNITIES well-known", &external, "", MUST "40 08 04 fde80064", NET,
     WITHDRAW, 4, 8},
    {"ATOMIC_AGGREGATE optional", &external, "", MUST "c0 06 00", NET, WITHDRAW,
     4, 6},
    {"OTC not transitive", &external, "", MUST "80 23 04 0000fde9", NET,
     WITHDRAW, 4, 35},
    {"Partial is no conflict", &external, "", MUST "e0 08 04 fde80064", NET, OK,
     0, 0},
    {"flags of MP_REACH: reset (7606 5.3)", &external, "",
     "c0 0e 1a 0002 01 10" HOP6 "00" NET6 ORIGIN PATH, "", RESET, 9, 14},
    {"flags of MP_UNREACH: reset", &external, "", "c0 0f 08 0002 01" NET6, "",
     RESET, 9, 15},

    /* missing (7606 3d) */
    {"ORIGIN missing", &external, "", PATH HOP, NET, WITHDRAW, 3, 1},
    {"AS_PATH missing", &external, "", ORIGIN HOP, NET, WITHDRAW, 3, 2},
    {"NEXT_HOP missing", &external, "", ORIGIN PATH, NET, WITHDRAW, 3, 3},
    {"LOCAL_PREF missing from an internal peer", &internal, "", MUST, NET,
     WITHDRAW, 3, 5},
    {"no attributes at all", &external, "", "", NET, WITHDRAW, 3, 1},
    {"ORIGIN missing beside MP_REACH", &external, "", REACH6 PATH, "", WITHDRAW,
     3, 1},
    {"AS_PATH missing beside MP_REACH", &external, "", REACH6 ORIGIN, "",
     WITHDRAW, 3, 2},
    {"LOCAL_PREF missing beside MP_REACH", &internal, "", REACH6 ORIGIN PATH,
     "", WITHDRAW, 3, 5},
    {"NEXT_HOP missing, both kinds", &external, "", REACH6 ORIGIN PATH, NET,
     WITHDRAW, 3, 3},

    /* duplicates (7606 3g) */
    {"ORIGIN twice", &external, "", MUST "40 01 01 02", NET, DISCARD, 1, 1},
    {"malformed second ORIGIN", &external, "", MUST "40 01 01 09", NET, DISCARD,
     1, 1},
    {"unknown twice", &external, "", MUST "c06300 c06300", NET, DISCARD, 1, 99},
    {"MP_REACH twice", &external, "", REACH6 REACH6 ORIGIN PATH, "", RESET, 1,
     14},
    {"MP_UNREACH twice", &external, "", UNREACH6 UNREACH6, "", RESET, 1, 15},

    /* unrecognized well-known (4271 6.3, not relaxed) */
    {"unknown well-known", &external, "", MUST "40 63 01 00", NET, RESET, 2,
     99},
    {"unknown well-known, not transitive", &external, "", MUST "00 0b 01 00",
     NET, RESET, 2, 11},

    /* 7.1 ORIGIN */
    {"ORIGIN 2", &external, "", "40010102" PATH HOP, NET, OK, 0, 0},
    {"ORIGIN 3", &external, "", "40010103" PATH HOP, NET, WITHDRAW, 6, 1},
    {"ORIGIN of 0", &external, "", "400100" PATH HOP, NET, WITHDRAW, 5, 1},
    {"ORIGIN of 2", &external, "", "4001020000" PATH HOP, NET, WITHDRAW, 5, 1},
    {"bad ORIGIN without NLRI: reset (5.2)", &external, "", "40010103" PATH, "",
     RESET, 6, 1},
    {"bad ORIGIN beside MP_UNREACH: reset", &external, "", UNREACH6 "40010103",
     "", RESET, 6, 1},

    /* 7.2 AS_PATH */
    {"segment of type 0", &external, "", ORIGIN "40020600010000fde9" HOP, NET,
     WITHDRAW, 11, 2},
    {"segment of type 5", &external, "", ORIGIN "40020605010000fde9" HOP, NET,
     WITHDRAW, 11, 2},
    {"segment overrun", &external, "", ORIGIN "40020602020000fde9" HOP, NET,
     WITHDRAW, 11, 2},
    {"segment underrun", &external, "", ORIGIN "40020702010000fde902" HOP, NET,
     WITHDRAW, 11, 2},
    {"segment of length 0", &external, "", ORIGIN "4002020200" HOP, NET,
     WITHDRAW, 11, 2},
    {"segment of length 0 behind", &external, "",
     ORIGIN "40020802010000fde90200" HOP, NET, WITHDRAW, 11, 2},
    {"AS 0 (7607)", &external, "", ORIGIN "40020a02020000fde900000000" HOP, NET,
     WITHDRAW, 11, 2},
    {"confederation segment (5065 5)", &external, "",
     ORIGIN "40020603010000fde9" HOP, NET, WITHDRAW, 11, 2},
    {"confederation set", &external, "", ORIGIN "40020604010000fde9" HOP, NET,
     WITHDRAW, 11, 2},
    {"two-octet path from a new peer", &external, "",
     ORIGIN "4002040201fde9" HOP, NET, WITHDRAW, 11, 2},

    /* 7.3 NEXT_HOP */
    {"NEXT_HOP of 3", &external, "", ORIGIN PATH "400303c00002", NET, WITHDRAW,
     5, 3},
    {"NEXT_HOP of 16", &external, "", ORIGIN PATH "400310" HOP6, NET, WITHDRAW,
     5, 3},
    {"NEXT_HOP 0.0.0.0", &external, "", ORIGIN PATH "40030400000000", NET,
     WITHDRAW, 8, 3},
    {"NEXT_HOP 127.0.0.1", &external, "", ORIGIN PATH "4003047f000001", NET,
     WITHDRAW, 8, 3},
    {"NEXT_HOP 224.0.0.1", &external, "", ORIGIN PATH "400304e0000001", NET,
     WITHDRAW, 8, 3},
    {"NEXT_HOP 255.255.255.255", &external, "", ORIGIN PATH "400304ffffffff",
     NET, WITHDRAW, 8, 3},

    {"malformed NEXT_HOP beside both kinds", &external, "",
     REACH6 ORIGIN PATH "400303c00002", NET, WITHDRAW, 5, 3},
    {"malformed NEXT_HOP without routes: reset (5.2)", &external, "",
     ORIGIN PATH "400303c00002", "", RESET, 5, 3},

    /* 7.4 MULTI_EXIT_DISC, 7.5 LOCAL_PREF */
    {"MED of 3", &external, "", MUST "80 04 03 000001", NET, WITHDRAW, 5, 4},
    {"MED of 5", &external, "", MUST "80 04 05 0000000001", NET, WITHDRAW, 5,
     4},
    {"LOCAL_PREF of 5", &internal, "", MUST "40 05 05 0000000001", NET,
     WITHDRAW, 5, 5},
    {"MED of 0", &external, "", MUST "80 04 00", NET, WITHDRAW, 5, 4},
    {"LOCAL_PREF from outside", &external, "", MUST PREF, NET, DISCARD, 9, 5},
    {"malformed LOCAL_PREF from outside", &external, "", MUST "c0 05 00", NET,
     DISCARD, 9, 5},
    {"LOCAL_PREF from inside", &internal, "", MUST PREF, NET, OK, 0, 0},
    {"LOCAL_PREF of 3", &internal, "", MUST "40 05 03 000064", NET, WITHDRAW, 5,
     5},

    /* 7.6 ATOMIC_AGGREGATE, 7.7 AGGREGATOR */
    {"ATOMIC_AGGREGATE of 1", &external, "", MUST "40 06 01 00", NET, DISCARD,
     5, 6},
    {"AGGREGATOR of 6 from a new peer", &external, "",
     MUST "c0 07 06 fde9c0000201", NET, DISCARD, 5, 7},
    {"AGGREGATOR of 8 from an old peer", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 07 08 0000fde9c0000201", NET, DISCARD, 5,
     7},
    {"AGGREGATOR of 7", &external, "", MUST "c0 07 07 0000fde9c00002", NET,
     DISCARD, 5, 7},
    {"AGGREGATOR of AS 0 (7607)", &external, "",
     MUST "c0 07 08 00000000c0000201", NET, DISCARD, 9, 7},
    {"discard without NLRI is no reset (5.2)", &external, "", "40 06 01 00", "",
     DISCARD, 5, 6},

    /* 7.8 to 7.10, 7.14, 7.15, 8092, 9234 */
    {"COMMUNITIES of 0", &external, "", MUST "c0 08 00", NET, WITHDRAW, 5, 8},
    {"COMMUNITIES of 6", &external, "", MUST "c0 08 06 fde80064fde8", NET,
     WITHDRAW, 5, 8},
    {"ORIGINATOR_ID from outside", &external, "", MUST "80 09 01 00", NET,
     DISCARD, 9, 9},
    {"ORIGINATOR_ID of 3", &internal, "", MUST PREF "80 09 03 c00002", NET,
     WITHDRAW, 5, 9},
    {"ORIGINATOR_ID", &internal, "", MUST PREF "80 09 04 c0000201", NET, OK, 0,
     0},
    {"ORIGINATOR_ID of 8", &internal, "", MUST PREF "80 09 08 c0000201c0000201",
     NET, WITHDRAW, 5, 9},
    {"CLUSTER_LIST from outside", &external, "", MUST "80 0a 03 000000", NET,
     DISCARD, 9, 10},
    {"CLUSTER_LIST of 0", &internal, "", MUST PREF "80 0a 00", NET, WITHDRAW, 5,
     10},
    {"CLUSTER_LIST of 6", &internal, "", MUST PREF "80 0a 06 c00002010000", NET,
     WITHDRAW, 5, 10},
    {"EXTENDED COMMUNITIES of 0", &external, "", MUST "c0 10 00", NET, WITHDRAW,
     5, 16},
    {"EXTENDED COMMUNITIES of 9", &external, "",
     MUST "c0 10 09 0002fde80000006400", NET, WITHDRAW, 5, 16},
    {"IPv6 EXTENDED COMMUNITIES of 19", &external, "",
     MUST "c0 19 13 00000000000000000000000000000000000000", NET, WITHDRAW, 5,
     25},
    {"IPv6 EXTENDED COMMUNITIES of 20", &external, "",
     MUST "c0 19 14 0000000000000000000000000000000000000000", NET, OK, 0, 0},
    {"LARGE_COMMUNITY of 0", &external, "", MUST "c0 20 00", NET, WITHDRAW, 5,
     32},
    {"LARGE_COMMUNITY of 8", &external, "", MUST "c0 20 08 0000fde800000001",
     NET, WITHDRAW, 5, 32},
    {"LARGE_COMMUNITY of a reserved AS", &external, "",
     MUST "c0 20 0c 00000000 00000001 00000002", NET, OK, 0, 0},
    {"OTC of 3", &external, "", MUST "c0 23 03 00fde9", NET, WITHDRAW, 5, 35},
    {"OTC of 8", &external, "", MUST "c0 23 08 0000fde90000fde9", NET, WITHDRAW,
     5, 35},

    /* 7.11, 7.12, 5.3 MP_REACH and MP_UNREACH */
    {"MP_REACH of 4", &external, "", "80 0e 04 00020110" ORIGIN PATH, "", RESET,
     9, 14},
    {"MP_UNREACH of 2", &external, "", "80 0f 02 0002", "", RESET, 9, 15},
    {"MP_UNREACH of 0", &external, "", "80 0f 00", "", RESET, 9, 15},
    {"next hop of 15", &external, "",
     "80 0e 19 0002 01 0f 20010db80000000000000000000001 00" NET6 ORIGIN PATH,
     "", RESET, 9, 14},
    {"next hop of 4 for IPv6", &external, "",
     "80 0e 0e 0002 01 04 c0000201 00" NET6 ORIGIN PATH, "", RESET, 9, 14},
    {"next hop of 16 for IPv4 (8950 not in use)", &external, "",
     "80 0e 19 0001 01 10" HOP6 "00" NET ORIGIN PATH, "", RESET, 9, 14},
    {"next hop of 0", &external, "", "80 0e 05 0002 01 00 00" ORIGIN PATH, "",
     RESET, 9, 14},
    {"next hop exceeds the attribute", &external, "",
     "80 0e 06 0002 01 10 2001" ORIGIN PATH, "", RESET, 9, 14},
    {"no reserved octet", &external, "", "80 0e 14 0002 01 10" HOP6 ORIGIN PATH,
     "", RESET, 9, 14},
    {"IPv6 prefix of 129 bits", &external, "",
     "80 0e 27 0002 01 10" HOP6
     "00 81 20010db8000000000000000000000000 00" ORIGIN PATH,
     "", RESET, 9, 14},
    {"IPv4 prefix of 33 bits in MP_REACH", &external, "",
     "80 0e 0f 0001 01 04 c0000201 00 21 c000020000" ORIGIN PATH, "", RESET, 9,
     14},
    {"IPv6 prefix exceeds MP_REACH", &external, "",
     "80 0e 19 0002 01 10" HOP6 "00 20 20010d" ORIGIN PATH, "", RESET, 9, 14},
    {"IPv6 prefix of 129 bits withdrawn", &external, "",
     "80 0f 15 0002 01 81 20010db8000000000000000000000000 00", "", RESET, 9,
     15},
    {"IPv6 prefix exceeds MP_UNREACH", &external, "",
     "80 0f 07 0002 01 20 20010d", "", RESET, 9, 15},
    {"next hop ::", &external, "",
     "80 0e 1a 0002 01 10 00000000000000000000000000000000 00" NET6 ORIGIN PATH,
     "", WITHDRAW, 8, 14},
    {"next hop ::1", &external, "",
     "80 0e 1a 0002 01 10 00000000000000000000000000000001 00" NET6 ORIGIN PATH,
     "", WITHDRAW, 8, 14},
    {"next hop ff02::1", &external, "",
     "80 0e 1a 0002 01 10 ff020000000000000000000000000001 00" NET6 ORIGIN PATH,
     "", WITHDRAW, 8, 14},
    {"next hop 0.0.0.0 of IPv4 in MP_REACH", &external, "",
     "80 0e 0d 0001 01 04 00000000 00" NET ORIGIN PATH, "", WITHDRAW, 8, 14},
    {"MP_REACH without routes and ORIGIN: reset (5.2)", &external, "",
     "80 0e 15 0002 01 10" HOP6 "00" PATH, "", RESET, 3, 1},
    {"MP_REACH of a family not negotiated", &only4, "", REACH6 ORIGIN PATH, "",
     DISCARD, 9, 14},
    {"MP_REACH of a family nobody knows", &external, "",
     "80 0e 08 4004 47 00 00 ff ff ff" ORIGIN PATH, "", DISCARD, 9, 14},
    {"MP_REACH of another AFI with SAFI 1", &external, "",
     "80 0e 08 0003 01 00 00 ff ff ff" ORIGIN PATH, "", DISCARD, 9, 14},
    {"MP_UNREACH of IPv6 multicast", &external, "", "80 0f 08 0002 02" NET6, "",
     DISCARD, 9, 15},
    {"IPv4 routes not negotiated", &only6, "", MUST, NET, DISCARD, 10, 0},
    {"IPv4 withdrawals not negotiated", &only6, NET, "", "", DISCARD, 10, 0},

    {"IPv4 default withdrawal not negotiated", &only6, "00", "", "", DISCARD,
     10, 0},

    /* 5.3 NLRI and Withdrawn Routes */
    {"NLRI of 33 bits", &external, "", MUST, "21 c000020000", RESET, 10, 0},
    {"NLRI exceeds the message", &external, "", MUST, "18 c000", RESET, 10, 0},
    {"NLRI of 255 bits", &external, "", MUST, NET "ff", RESET, 10, 0},
    {"withdrawn prefix of 33 bits", &external, "21 c000020000", "", "", RESET,
     10, 0},
    {"withdrawn prefix exceeds its field", &external, "18 c000", MUST, NET,
     RESET, 10, 0},

    /* AS4_PATH and AS4_AGGREGATOR (6793 6) */
    {"AS4_PATH from a new peer", &external, "", MUST "c0 11 06 02010000fde9",
     NET, DISCARD, 9, 17},
    {"AS4_AGGREGATOR from a new peer, flags wrong", &external, "",
     MUST "40 12 00", NET, DISCARD, 9, 18},
    {"AS4_PATH of 4", &old, "", ORIGIN "4002040201fde9" HOP "c0 11 04 02000000",
     NET, DISCARD, 5, 17},
    {"AS4_PATH of 7", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 11 07 02010000fde900", NET, DISCARD, 5,
     17},
    {"AS4_PATH segment of 0", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 11 08 02000201 0000fde9", NET, DISCARD, 9,
     17},
    {"AS4_PATH segment overrun", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 11 06 02020000fde9", NET, DISCARD, 9, 17},
    {"AS4_PATH segment of type 7", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 11 06 07010000fde9", NET, DISCARD, 9, 17},
    {"AS4_PATH with AS 0 (7607)", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 11 06 020100000000", NET, DISCARD, 9, 17},
    {"AS4_PATH flags (7606 3c)", &old, "",
     ORIGIN "4002040201fde9" HOP "80 11 06 02010000fde9", NET, WITHDRAW, 4, 17},
    {"AS4_AGGREGATOR of 6", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 12 06 fde9c0000201", NET, DISCARD, 5, 18},
    {"AS4_AGGREGATOR of 10", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 12 0a 0000fde9c00002010000", NET, DISCARD,
     5, 18},
    {"AS4_AGGREGATOR of AS 0", &old, "",
     ORIGIN "4002040201fde9" HOP "c0 12 08 00000000c0000201", NET, DISCARD, 9,
     18},

    /* the strongest of several (7606 3h) */
    {"discard and withdraw", &external, "", "40 06 01 00 40010103" PATH HOP,
     NET, WITHDRAW, 6, 1},
    {"withdraw and reset", &external, "", "40010103" PATH HOP "40 63 00", NET,
     RESET, 2, 99},
    {"two of a kind: the first by type", &external, "",
     "80 04 03 000001 40010103" PATH HOP, NET, WITHDRAW, 6, 1},
};

static void
check_vector(const struct vector *t)
{
	uint8_t buf[OCTETS_MAX];
	size_t n = update_of(t->withdrawn, t->attributes, t->nlri, buf);
	struct bgp_update u;
	struct bgp_verdict v = bgp_decode_update(buf, n, t->facts, &u);

	if (v.action != t->action || v.subcode != t->subcode ||
	    v.attribute != t->attribute ||
	    v.code != (t->action ? BGP_ERR_UPDATE : 0) ||
	    (v.why != NULL) != (t->action != BGP_ACCEPT))
		fail_msg("%s: action %d, %u/%u, attribute %u (%s)", t->name,
			 v.action, v.code, v.subcode, v.attribute,
			 v.why ? v.why : "no reason");
}

static void
every_rule_has_its_verdict(void **state)
{
	for (size_t i = 0; i < COUNT(vectors); i++)
		check_vector(&vectors[i]);
}

/* 7606 3b: 23 + both lengths must not exceed the message. */
static void
lengths_beyond_the_message_reset(void **state)
{
	static const char *const bodies[] = {
	    "0001 0000",          "0000 0001", "0002 0000",
	    "ffff 0000",          "0000 ffff", "0004 18c00002 0001",
	    "0000 0015 40010100",
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		uint8_t buf[OCTETS_MAX];
		struct bgp_update u;
		size_t n = message_of(BGP_UPDATE, bodies[i], buf);
		struct bgp_verdict v = bgp_decode_update(buf, n, &external, &u);

		assert_int_equal(v.action, BGP_RESET_SESSION);
		assert_int_equal(v.code, BGP_ERR_UPDATE);
		assert_int_equal(v.subcode, BGP_UPDATE_MALFORMED_LIST);
		assert_int_equal(v.attribute, 0);
		assert_int_equal(rbuf_left(&u.nlri), 0);
	}
}

static void
short_update_is_a_bad_length(void **state)
{
	uint8_t buf[OCTETS_MAX];
	struct bgp_update u;
	size_t n = message_of(BGP_UPDATE, "000000", buf);
	struct bgp_verdict v = bgp_decode_update(buf, n, &external, &u);

	assert_int_equal(v.code, BGP_ERR_HEADER);
	assert_int_equal(v.subcode, BGP_HEADER_BAD_LENGTH);
	assert_octets("length", v.data, v.data_len, "0016");
}

static struct bgp_verdict
decode(const struct bgp_session_facts *facts, const char *withdrawn,
       const char *attributes, const char *nlri, struct bgp_update *out)
{
	static uint8_t buf[OCTETS_MAX];
	size_t n = update_of(withdrawn, attributes, nlri, buf);

	return bgp_decode_update(buf, n, facts, out);
}

/* RFC 4271 section 6.3: the attribute as it came; what is missing: its type. */
static void
notifications_carry_the_attribute(void **state)
{
	struct bgp_update u;
	struct bgp_verdict v =
	    decode(&external, "", MUST "40 63 02 abcd", NET, &u);

	assert_octets("unknown", v.data, v.data_len, "40 63 02 abcd");
	v = decode(&external, "", "40 01 01 07", "", &u);
	assert_octets("ORIGIN", v.data, v.data_len, "40 01 01 07");
	v = decode(&external, "", ORIGIN HOP, NET, &u);
	assert_octets("missing", v.data, v.data_len, "02");
	v = decode(&external, "", MUST, "21", &u);
	assert_int_equal(v.data_len, 0);
}

static void
long_attributes_are_cut_to_64(void **state)
{
	char attributes[1024] = "";
	struct bgp_update u;
	struct bgp_verdict v;

	strcat(attributes, "50 63 0050");
	for (size_t i = 0; i < 0x50; i++)
		strcat(attributes, "aa");
	v = decode(&external, "", attributes, "", &u);
	assert_int_equal(v.action, BGP_RESET_SESSION);
	assert_int_equal(v.data_len, 64);
	assert_octets("start", v.data, 5, "50 63 0050 aa");
}

/* All routes of the message, of all families (7606 section 2). */
static void
treat_as_withdraw_leaves_the_lists(void **state)
{
	char text[256];
	struct bgp_update u;
	struct bgp_verdict v =
	    decode(&external, "18 cb0071", REACH6 UNREACH6 PATH HOP "40010105",
		   NET "00", &u);

	assert_int_equal(v.action, BGP_TREAT_AS_WITHDRAW);
	assert_string_equal(
	    prefixes_text(u.withdrawn, AF_INET, text, sizeof(text)),
	    "203.0.113.0/24");
	assert_string_equal(prefixes_text(u.nlri, AF_INET, text, sizeof(text)),
			    "192.0.2.0/24 0.0.0.0/0");
	assert_string_equal(
	    prefixes_text(u.mp_reach, u.mp_reach_family, text, sizeof(text)),
	    "2001:db8::/32");
	assert_string_equal(prefixes_text(u.mp_unreach, u.mp_unreach_family,
					  text, sizeof(text)),
			    "2001:db8::/32");
	assert_false(u.end_of_rib);
}

static void
discarded_attributes_are_absent(void **state)
{
	struct bgp_update u;

	decode(&external, "", MUST PREF "40060100 c00706fde9c0000201", NET, &u);
	assert_false(u.attributes.has_local_pref);
	assert_false(u.attributes.atomic_aggregate);
	assert_false(u.attributes.has_aggregator);
	assert_true(u.attributes.has_as_path);
	/* Of duplicates the first counts. */
	decode(&external, "", MUST "80040400000001 80040400000002", NET, &u);
	assert_int_equal(u.attributes.med, 1);
}

static void
reset_leaves_nothing(void **state)
{
	struct bgp_update u, none = {0};

	decode(&external, NET, MUST "406300", NET, &u);
	assert_memory_equal(&u, &none, sizeof(u));
}

static void
end_of_rib_is_recognized(void **state)
{
	static const struct {
		const struct bgp_session_facts *facts;
		const char *withdrawn, *attributes;
		uint8_t family;
	} rows[] = {
	    {&external, "", "", BGP_FAMILY_IPV4},
	    {&external, "", "80 0f 03 0002 01", BGP_FAMILY_IPV6},
	    {&external, "", "90 0f 0003 0002 01", BGP_FAMILY_IPV6},
	    {&external, "", "80 0f 03 0001 01", BGP_FAMILY_IPV4},
	    {&external, "", "80 0f 03 0002 02", 0},
	    {&external, NET, "", 0},
	    {&external, "00", "", 0},
	    {&external, "", UNREACH6, 0},
	    {&external, NET, "80 0f 03 0002 01", 0},
	    {&external, "", "80 0f 03 0002 01 c06300", 0},
	    {&external, "", "80 0f 03 0002 01 40", 0},
	    {&external, "", ORIGIN, 0},
	    {&only6, "", "", 0},
	    {&only4, "", "80 0f 03 0002 01", 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bgp_update u;

		decode(rows[i].facts, rows[i].withdrawn, rows[i].attributes, "",
		       &u);
		if (u.end_of_rib != rows[i].family)
			fail_msg("row %zu: family %u", i, u.end_of_rib);
	}
}

/* A lone default route is a route. */
static void
default_route_is_no_end_of_rib(void **state)
{
	struct bgp_update u;

	assert_int_equal(decode(&external, "", "", "00", &u).action,
			 BGP_TREAT_AS_WITHDRAW);
	assert_false(u.end_of_rib);
}

static void
values_are_read(void **state)
{
	struct bgp_update u;
	const struct bgp_attributes *a = &u.attributes;
	struct bgp_verdict v =
	    decode(&internal, "",
		   "40010101 40020a0202 0000fde9 fa56ea01 400304c0000201"
		   "800404 0000000a 400504 000000c8 400600"
		   "c00708 fa56ea01 c0000209 c00808 fde80064 ffffff01"
		   "c01008 0002fde800000064 c02018 0000fde8 00000001 00000002"
		   "0000fde8 00000001 00000002 c02304 0000fdea",
		   NET, &u);
	struct ip hop = ip_of("192.0.2.1");

	assert_int_equal(v.action, BGP_ACCEPT);
	assert_int_equal(a->origin, BGP_ORIGIN_EGP);
	assert_int_equal(a->n_as_path, 2);
	assert_int_equal(a->as_path[0], 65001);
	assert_int_equal(a->as_path[1], 4200000001);
	assert_int_equal(a->path_length, 2);
	assert_true(ip_equal(&a->next_hop, &hop));
	assert_int_equal(a->med, 10);
	assert_int_equal(a->local_pref, 200);
	assert_true(a->has_med && a->has_local_pref && a->atomic_aggregate);
	assert_int_equal(a->aggregator_asn, 4200000001);
	assert_int_equal(a->aggregator_id, 0xc0000209);
	assert_int_equal(a->n_communities, 2);
	assert_int_equal(a->communities[1], BGP_NO_EXPORT);
	assert_int_equal(a->n_ext_communities, 1);
	assert_true(a->ext_communities[0] == UINT64_C(0x0002fde800000064));
	/* RFC 8092 section 3: the duplicate went silently. */
	assert_int_equal(a->n_large_communities, 1);
	assert_int_equal(a->large_communities[0].v[2], 2);
	assert_int_equal(a->otc, 65002);
}

static void
next_hops_of_ipv6_are_read(void **state)
{
	struct bgp_update u;
	struct ip global = ip_of("2001:db8::1"), local = ip_of("fe80::1");

	decode(&external, "",
	       "80 0e 2a 0002 01 20" HOP6
	       "fe800000000000000000000000000001 00" NET6 ORIGIN PATH,
	       "", &u);
	assert_true(ip_equal(&u.attributes.mp_next_hop, &global));
	assert_true(ip_equal(&u.attributes.mp_next_hop_local, &local));
	decode(&external, "", REACH6 ORIGIN PATH, "", &u);
	assert_true(ip_is_none(&u.attributes.mp_next_hop_local));
	/* A second address that is not link-local is none. */
	decode(&external, "",
	       "80 0e 2a 0002 01 20" HOP6 HOP6 "00" NET6 ORIGIN PATH, "", &u);
	assert_true(ip_is_none(&u.attributes.mp_next_hop_local));
}

/* IPv4 in MP_REACH: the next hop stands where IPv4 routes have it. */
static void
next_hop_of_ipv4_in_mp_reach(void **state)
{
	struct bgp_update u;
	struct ip hop = ip_of("192.0.2.9"), own = ip_of("192.0.2.1");
	const char *reach = "80 0e 0d 0001 01 04 c0000209 00" NET ORIGIN PATH;
	char both[256];

	decode(&external, "", reach, "", &u);
	assert_int_equal(u.mp_reach_family, AF_INET);
	assert_true(ip_equal(&u.attributes.next_hop, &hop));
	assert_true(ip_is_none(&u.attributes.mp_next_hop));
	snprintf(both, sizeof(both), "%s%s", reach, HOP);
	decode(&external, "", both, NET, &u);
	assert_true(ip_equal(&u.attributes.next_hop, &own));
}

static void
unnegotiated_routes_are_left_out(void **state)
{
	struct bgp_update u;

	decode(&only4, "", REACH6 MUST, NET, &u);
	assert_true(u.has_mp_reach);
	assert_int_equal(u.mp_reach_family, 0);
	assert_int_equal(rbuf_left(&u.mp_reach), 0);
	assert_int_equal(rbuf_left(&u.nlri), 4);
	decode(&only6, NET, REACH6 MUST, NET, &u);
	assert_int_equal(rbuf_left(&u.nlri), 0);
	assert_int_equal(rbuf_left(&u.withdrawn), 0);
	assert_int_equal(u.mp_reach_family, AF_INET6);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_has_its_verdict),
	    cmocka_unit_test(lengths_beyond_the_message_reset),
	    cmocka_unit_test(short_update_is_a_bad_length),
	    cmocka_unit_test(notifications_carry_the_attribute),
	    cmocka_unit_test(long_attributes_are_cut_to_64),
	    cmocka_unit_test(treat_as_withdraw_leaves_the_lists),
	    cmocka_unit_test(discarded_attributes_are_absent),
	    cmocka_unit_test(reset_leaves_nothing),
	    cmocka_unit_test(end_of_rib_is_recognized),
	    cmocka_unit_test(default_route_is_no_end_of_rib),
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(next_hops_of_ipv6_are_read),
	    cmocka_unit_test(next_hop_of_ipv4_in_mp_reach),
	    cmocka_unit_test(unnegotiated_routes_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
