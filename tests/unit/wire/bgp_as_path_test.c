/* SPDX-License-Identifier: ISC */
/*
 * The path and the aggregator as they come out of AS_PATH, AS4_PATH,
 * AGGREGATOR and AS4_AGGREGATOR (RFC 6793 section 4.2.3).
 */
#include "octets.h"

static const struct bgp_session_facts new_peer = {.as4 = true,
						  .families = BGP_FAMILY_IPV4};
static const struct bgp_session_facts old_peer = {.families = BGP_FAMILY_IPV4};

static struct bgp_attributes
decode(const struct bgp_session_facts *facts, const char *attributes)
{
	uint8_t buf[OCTETS_MAX];
	char text[OCTETS_MAX] = "40010100 400304c0000201 ";
	struct bgp_update u;
	size_t n;

	strcat(text, attributes);
	n = update_of("", text, "18c00002", buf);
	assert_true(bgp_decode_update(buf, n, facts, &u).action <=
		    BGP_DISCARD_ATTRIBUTE);
	return u.attributes;
}

static const char *
path_text(const struct bgp_attributes *a, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%u",
				       i ? " " : "", a->as_path[i]);
	return buf;
}

static const struct {
	const char *name;
	const struct bgp_session_facts *facts;
	const char *attributes, *path;
	uint16_t length;
	bool set;
} paths[] = {
    {"one sequence", &new_peer, "40020a 0202 0000fde8 fa56ea01",
     "65000 4200000001", 2, false},
    {"two sequences", &new_peer, "40020c 0201 0000fde8 0201 fa56ea01",
     "65000 4200000001", 2, false},
    {"a set counts one", &new_peer,
     "400210 0201 0000fde8 0102 00000001 00000002", "65000 1 2", 2, true},
    {"empty", &new_peer, "400200", "", 0, false},
    {"two octets", &old_peer, "400206 0202 fde8 fde9", "65000 65001", 2, false},
    {"AS4_PATH of equal length", &old_peer,
     "400206 0202 fde8 5ba0 c0110a 0202 0000fde8 fa56ea01", "65000 4200000001",
     2, false},
    {"AS4_PATH behind old speakers", &old_peer,
     "40020a 0204 0001 0002 fde8 5ba0 c0110a 0202 0000fde8 fa56ea01",
     "1 2 65000 4200000001", 4, false},
    {"AS4_PATH first in the message", &old_peer,
     "c0110a 0202 0000fde8 fa56ea01 400208 0203 0001 fde8 5ba0",
     "1 65000 4200000001", 3, false},
    {"AS4_PATH longer than AS_PATH", &old_peer,
     "400204 0201 fde8 c0110a 0202 0000fde8 fa56ea01", "65000", 1, false},
    {"a set in AS_PATH counts one", &old_peer,
     "40020c 0202 0001 5ba0 0102 0003 0004"
     "c01110 0201 fa56ea01 0102 00000003 00000004",
     "1 4200000001 3 4", 3, true},
    {"a leading set is taken whole", &old_peer,
     "40020a 0102 0003 0004 0201 5ba0 c01106 0201 fa56ea01", "3 4 4200000001",
     2, true},
    {"confederation segments in AS4_PATH are left out (6)", &old_peer,
     "400206 0202 0001 5ba0 c0110c 0301 0000fff0 0201 fa56ea01", "1 4200000001",
     2, false},
    {"AS4_PATH with nothing else", &old_peer,
     "400206 0202 0001 0002 c01106 0301 0000fff0", "1 2", 2, false},
    {"malformed AS4_PATH", &old_peer,
     "400206 0202 0001 5ba0 c01106 0202 fa56ea01", "1 23456", 2, false},
    {"aggregator is no AS_TRANS: both ignored", &old_peer,
     "400206 0202 0001 5ba0 c00706 0001 c0000201"
     "c01106 0201 fa56ea01 c01208 fa56ea02 c0000202",
     "1 23456", 2, false},
    {"aggregator is AS_TRANS: both used", &old_peer,
     "400206 0202 0001 5ba0 c00706 5ba0 c0000201"
     "c01106 0201 fa56ea01 c01208 fa56ea02 c0000202",
     "1 4200000001", 2, false},
    {"AS4_AGGREGATOR alone says nothing", &old_peer,
     "400206 0202 0001 5ba0 c01106 0201 fa56ea01 c01208 fa56ea02 c0000202",
     "1 4200000001", 2, false},
    {"from a new peer ignored", &new_peer,
     "40020a 0202 00000001 00005ba0 c01106 0201 fa56ea01", "1 23456", 2, false},
};

static void
paths_are_merged(void **state)
{
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct bgp_attributes a =
		    decode(paths[i].facts, paths[i].attributes);
		char text[1024];

		if (strcmp(path_text(&a, text, sizeof(text)), paths[i].path) ||
		    a.path_length != paths[i].length ||
		    a.path_has_set != paths[i].set)
			fail_msg("%s: path \"%s\", length %u, set %d",
				 paths[i].name, text, a.path_length,
				 a.path_has_set);
		assert_true(a.has_as_path);
	}
}

static void
aggregators_are_merged(void **state)
{
	struct bgp_attributes a;

	a = decode(&old_peer, "40020402015ba0 c00706 5ba0 c0000201"
			      "c01208 fa56ea02 c0000202");
	assert_int_equal(a.aggregator_asn, 4200000002);
	assert_int_equal(a.aggregator_id, 0xc0000202);
	a = decode(&old_peer, "40020402015ba0 c00706 0007 c0000201"
			      "c01208 fa56ea02 c0000202");
	assert_int_equal(a.aggregator_asn, 7);
	assert_int_equal(a.aggregator_id, 0xc0000201);
	a = decode(&old_peer, "40020402015ba0 c01208 fa56ea02 c0000202");
	assert_false(a.has_aggregator);
	a = decode(&old_peer, "40020402015ba0 c00706 5ba0 c0000201");
	assert_int_equal(a.aggregator_asn, BGP_AS_TRANS);
}

/* 200 ASNs: all are counted, the first 64 are kept. */
static void
long_paths_are_counted(void **state)
{
	char text[OCTETS_MAX] = "50020322 02c8";
	struct bgp_attributes a;

	for (unsigned i = 1; i <= 200; i++)
		snprintf(text + strlen(text), 9, "%08x", 70000 + i);
	a = decode(&new_peer, text);
	assert_int_equal(a.n_as_path, 200);
	assert_int_equal(a.path_length, 200);
	assert_int_equal(a.as_path[63], 70064);
}

static void
many_communities_are_cut(void **state)
{
	char text[OCTETS_MAX] = "40020602010000fde8 d0080190";
	struct bgp_attributes a;

	for (unsigned i = 0; i < 100; i++)
		snprintf(text + strlen(text), 9, "%08x", i);
	a = decode(&new_peer, text);
	assert_int_equal(a.n_communities, BGP_COMMUNITIES_MAX);
	assert_int_equal(a.communities[63], 63);
	/* What follows them is still read. */
	strcat(text, "80040400000009");
	assert_int_equal(decode(&new_peer, text).med, 9);
}

static void
many_long_communities_are_cut(void **state)
{
	char text[OCTETS_MAX] = "40020602010000fde8 d0100320";
	struct bgp_attributes a;

	for (unsigned i = 0; i < 100; i++)
		snprintf(text + strlen(text), 17, "%016x", i);
	strcat(text, "d02004b0");
	for (unsigned i = 0; i < 100; i++)
		snprintf(text + strlen(text), 25, "%024x", i);
	a = decode(&new_peer, text);
	assert_int_equal(a.n_ext_communities, BGP_COMMUNITIES_MAX);
	assert_true(a.ext_communities[63] == 63);
	assert_int_equal(a.n_large_communities, BGP_COMMUNITIES_MAX);
	assert_int_equal(a.large_communities[63].v[2], 63);
	assert_false(a.has_otc);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_merged),
	    cmocka_unit_test(aggregators_are_merged),
	    cmocka_unit_test(long_paths_are_counted),
	    cmocka_unit_test(many_communities_are_cut),
	    cmocka_unit_test(many_long_communities_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
