/* SPDX-License-Identifier: ISC */
/* Each piece of advice, where it is due and where it is not. */
#include <string.h>

#include "../test.h"

#include "lab.h"

/* The advice of this kind; NULL: none. To be read before the next one. */
static const char *
advice(const char *yaml, enum scenario_advice_kind kind)
{
	static char found[1024];
	struct scenario_advices a;
	struct lab l;
	bool any = false;

	lab_begin(&l, yaml);
	assert_int_equal(scenario_advise(l.s, l.base, l.engine, &a), 0);
	for (size_t i = 0; i < a.n && !any; i++)
		if (a.v[i].kind == kind) {
			strncpy(found, a.v[i].text, sizeof(found) - 1);
			any = true;
		}
	scenario_advices_free(&a);
	lab_end(&l);
	return any ? found : NULL;
}

static void
expect(const char *yaml, enum scenario_advice_kind kind, const char *words)
{
	const char *text = advice(yaml, kind);

	assert_non_null(text);
	if (!strstr(text, words))
		fail_msg("%s: expected %s", text, words);
}

#define HEAD "asn: 65000\n"
#define FRA  "sites: {fra: {peers: {up: {asn: 11, role: customer}}}}\n"
#define TWO                                                                    \
	"sites: {fra: {peers: {up: {asn: 11, role: customer}}}, "              \
	"ams: {peers: {up: {asn: 22, role: customer}}}}\n"
#define P24 "prefixes: {192.0.2.0/24: {}}\n"

static void
test_length(void **state)
{
	expect(HEAD TWO "prefixes: {192.0.2.0/25: {}}\n",
	       SCENARIO_ADVISE_TOO_LONG, "2 ASes (22.2 %) have a route");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_TOO_LONG));
}

static void
test_more_specific(void **state)
{
	expect(HEAD TWO
	       "prefixes: {192.0.2.0/23: , 192.0.2.0/24: {sites: fra}}\n",
	       SCENARIO_ADVISE_MORE_SPECIFIC,
	       "ams announces the latter alone: 9 ASes (100.0 %)");
	expect(HEAD TWO "prefixes: {192.0.2.0/23: , 192.0.2.0/24: }\n",
	       SCENARIO_ADVISE_MORE_SPECIFIC, "withdraw both");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_MORE_SPECIFIC));
}

static void
test_sub_prefix(void **state)
{
	expect(HEAD TWO "prefixes: {192.0.2.0/23: {}}\nrov: [1, 2]\n",
	       SCENARIO_ADVISE_SUB_PREFIX,
	       "takes 100.0 % of the ASes (mean of 20 hijackers)");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_SUB_PREFIX));
}

static void
test_roas(void **state)
{
	static const char sound[] =
	    HEAD TWO P24 "roas: [{prefix: 192.0.2.0/24, asn: 65000}]\n";

	expect(HEAD TWO P24, SCENARIO_ADVISE_ROA,
	       "sign 192.0.2.0/24 for AS 65000, without a maxLength");
	expect(HEAD TWO P24 "roas: [{prefix: 192.0.2.0/24, asn: 65001}]\n",
	       SCENARIO_ADVISE_ROA, "is invalid by the ROAs");
	assert_null(advice(sound, SCENARIO_ADVISE_ROA));
	assert_null(advice(sound, SCENARIO_ADVISE_ROA_MAX_LENGTH));
	expect(HEAD TWO P24 "roas: [{prefix: 192.0.0.0/16, asn: 65000, "
			    "max_length: 25}]\n",
	       SCENARIO_ADVISE_ROA_MAX_LENGTH,
	       "up to /25, and no longer one than /24 is announced");
}

static void
test_one_site(void **state)
{
	expect(HEAD FRA P24, SCENARIO_ADVISE_SINGLE_SITE,
	       "fra alone: when it fails, the 9 ASes (100.0 %)");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_SINGLE_SITE));
}

static void
test_one_neighbour(void **state)
{
	expect(HEAD FRA P24, SCENARIO_ADVISE_SINGLE_UPSTREAM,
	       "fra has one neighbour, AS 11 (up)");
	expect(HEAD "sites: {a: {peers: {up: {asn: 1}}}, "
		    "b: {peers: {up: {asn: 1}}}}\n" P24,
	       SCENARIO_ADVISE_SINGLE_UPSTREAM,
	       "all 2 sites of 192.0.2.0/24 are behind AS 1");
	assert_null(
	    advice(HEAD "sites: {a: {peers: {x: {asn: 1}, y: {asn: 2}}}}\n" P24,
		   SCENARIO_ADVISE_SINGLE_UPSTREAM));
}

static void
test_local(void **state)
{
	expect(HEAD "sites: {fra: {peers: {up: {asn: 22}}, scope: local}, "
		    "ams: {peers: {up: {asn: 11}}}}\n" P24,
	       SCENARIO_ADVISE_LOCAL_ONLY, "1 of its customers has no route");
	expect(HEAD
	       "sites: {fra: {peers: {up: {asn: 22}}, scope: local}}\n" P24,
	       SCENARIO_ADVISE_LOCAL_ONLY, "by local nodes only");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_LOCAL_ONLY));
}

static void
test_families(void **state)
{
	expect(HEAD TWO P24, SCENARIO_ADVISE_FAMILIES, "only IPv4");
	expect(HEAD "sites: {fra: {peers: {up: {asn: 11, families: ipv4}}}, "
		    "ams: {peers: {up: {asn: 22}}}}\n"
		    "prefixes: {192.0.2.0/24: , \"2001:db8::/48\": }\n",
	       SCENARIO_ADVISE_FAMILIES,
	       "fra announces IPv4 to 1 neighbour and no IPv6");
	assert_null(advice(HEAD TWO
			   "prefixes: {192.0.2.0/24: , \"2001:db8::/48\": "
			   "}\n",
			   SCENARIO_ADVISE_FAMILIES));
}

static void
test_origins(void **state)
{
	expect(HEAD TWO P24, SCENARIO_ADVISE_ORIGINS, "RFC 6382");
	assert_null(advice("sites: {fra: {asn: 65001, peers: {up: {asn: 11}}}, "
			   "ams: {asn: 65002, peers: {up: {asn: 22}}}}\n" P24,
			   SCENARIO_ADVISE_ORIGINS));
}

static void
test_assumed(void **state)
{
	expect(HEAD "sites: {fra: {peers: {up: {asn: 11}}}}\n" P24,
	       SCENARIO_ADVISE_ASSUMED, "fra.up: no role is given");
	assert_null(advice(HEAD TWO P24, SCENARIO_ADVISE_ASSUMED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_more_specific),
	    cmocka_unit_test(test_sub_prefix),
	    cmocka_unit_test(test_roas),
	    cmocka_unit_test(test_one_site),
	    cmocka_unit_test(test_one_neighbour),
	    cmocka_unit_test(test_local),
	    cmocka_unit_test(test_families),
	    cmocka_unit_test(test_origins),
	    cmocka_unit_test(test_assumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
