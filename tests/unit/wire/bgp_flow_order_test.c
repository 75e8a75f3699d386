/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "wire/bgp_flow.h"

static struct bgp_flow
flow_of(uint8_t family, const char *text)
{
	uint8_t buf[OCTETS_MAX];
	struct rbuf r = rbuf_of(buf, octets_of(text, buf));
	struct bgp_flow f;
	const char *why;

	if (!bgp_flow_decode(&r, family, &f, &why))
		fail_msg("%s: %s", text, why);
	return f;
}

/* Each list stands in the order of RFC 8955 section 5.1 and RFC 8956 4. */
static const char *const ipv4[] = {
    "06 0120c0000201",      /* most specific destination */
    "08 0118c00002 048119", /* less specific, and a port */
    "05 0118c00002",        /* the same alone */
    "04 0110c000",          /* less specific than all before */
    "05 0118c00100",        /* another network, higher */
    "06 0110c100 0200",     /* higher still, with a source */
    "04 0110c100",          /* without */
    "02 0100",              /* every destination */
    "02 0200",              /* no destination, but a source */
    "06 038106 048119",     /* protocol 6 and a port */
    "03 038106",            /* protocol 6 */
    "03 038111",            /* protocol 17 */
    "05 0401508151",        /* port 80 or 81: operator 01 */
    "05 0401518152",        /* port 81 or 82 */
    "03 048150",            /* port 80: operator 81 */
    "03 0c8001",            /* fragment */
};

static const char *const ipv6[] = {
    "0a 01200020010db8 038106", /* offset 0, longest, with a protocol */
    "07 01200020010db8",        /* without */
    "06 01180020010d",          /* offset 0, less specific */
    "04 01080021",              /* offset 0, higher */
    "05 0128180100",            /* offset 24 */
    "05 0128180200",            /* offset 24, higher */
    "04 01282001",              /* offset 32 */
    "06 0da100012345",          /* flow label */
};

static void
check_order(uint8_t family, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			struct bgp_flow a = flow_of(family, texts[i]);
			struct bgp_flow b = flow_of(family, texts[j]);
			int cmp = bgp_flow_cmp(&a, &b);

			if ((cmp < 0) != (i < j) || (cmp > 0) != (i > j))
				fail_msg("%s and %s: %d", texts[i], texts[j],
					 cmp);
		}
}

static void
ipv4_flows_have_one_order(void **state)
{
	check_order(AF_INET, ipv4, COUNT(ipv4));
}

static void
ipv6_flows_have_one_order(void **state)
{
	check_order(AF_INET6, ipv6, COUNT(ipv6));
}

/* The longer of two lists with a common beginning comes first. */
static void
longer_list_comes_first(void **state)
{
	struct bgp_flow a = flow_of(AF_INET, "05 0401508151");
	struct bgp_flow b = flow_of(AF_INET, "07 040150015181 52");

	assert_true(bgp_flow_cmp(&a, &b) > 0);
	a = flow_of(AF_INET6, ipv6[0]);
	assert_true(bgp_flow_cmp(&b, &a) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ipv4_flows_have_one_order),
	    cmocka_unit_test(ipv6_flows_have_one_order),
	    cmocka_unit_test(longer_list_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
