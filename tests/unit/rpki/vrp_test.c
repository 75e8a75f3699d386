/* SPDX-License-Identifier: ISC */
#include "../test.h"
#include "rpki/vrp.h"

#include <stdlib.h>
#include <string.h>

static struct prefix
prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return p;
}

static struct vrp
vrp(const char *text, uint8_t max_length, uint32_t asn)
{
	return (struct vrp){prefix(text), max_length, asn};
}

static void
see(const struct vrp_table *t, const char *text, uint32_t origin,
    enum vrp_state state)
{
	struct prefix p = prefix(text);

	assert_int_equal(vrp_validate(t, &p, origin), state);
}

/* RFC 6811 section 2 and RFC 6483 section 2. */
static void
states_are_those_of_rfc_6811(void **state)
{
	struct vrp_table *t = vrp_table_new();
	struct vrp a = vrp("192.0.2.0/23", 24, 65000);
	struct vrp b = vrp("2001:db8::/32", 48, 65001);
	struct vrp nobody = vrp("203.0.113.0/24", 32, 0);

	vrp_use(t, 1);
	see(t, "192.0.2.0/24", 65000, VRP_NOT_FOUND);
	assert_true(vrp_add(t, &a, 0));
	assert_true(vrp_add(t, &b, 0));
	assert_true(vrp_add(t, &nobody, 0));
	see(t, "192.0.2.0/24", 65000, VRP_VALID);
	see(t, "192.0.2.0/23", 65000, VRP_VALID);
	see(t, "192.0.2.0/24", 65002, VRP_INVALID);
	see(t, "192.0.2.128/25", 65000, VRP_INVALID);
	see(t, "192.0.0.0/22", 65000, VRP_NOT_FOUND);
	see(t, "2001:db8:1::/48", 65001, VRP_VALID);
	see(t, "2001:db8:1::/49", 65001, VRP_INVALID);
	see(t, "::/0", 65001, VRP_NOT_FOUND);
	/* AS 0: RFC 7607; no origin: an AS_SET. */
	see(t, "203.0.113.0/24", 0, VRP_INVALID);
	see(t, "192.0.2.0/24", 0, VRP_INVALID);
	vrp_table_free(t);
}

static void
sources_count_only_while_in_use(void **state)
{
	struct vrp_table *t = vrp_table_new();
	struct vrp v = vrp("192.0.2.0/24", 24, 65000);

	vrp_add(t, &v, 3);
	see(t, "192.0.2.0/24", 65000, VRP_NOT_FOUND);
	vrp_use(t, 1 << 3);
	see(t, "192.0.2.0/24", 65000, VRP_VALID);
	vrp_add(t, &v, 5);
	vrp_remove(t, &v, 3);
	see(t, "192.0.2.0/24", 65000, VRP_NOT_FOUND);
	vrp_use(t, 1 << 5);
	see(t, "192.0.2.0/24", 65000, VRP_VALID);
	assert_true(vrp_purge(t, 5, 10));
	see(t, "192.0.2.0/24", 65000, VRP_NOT_FOUND);
	assert_int_equal(vrp_count(t, 5), 0);
	vrp_table_free(t);
}

static void
what_is_no_vrp_is_refused(void **state)
{
	struct vrp_table *t = vrp_table_new();
	struct vrp longer = vrp("192.0.2.0/24", 33, 1);
	struct vrp shorter = vrp("192.0.2.0/24", 23, 1);
	struct vrp bits = vrp("192.0.2.0/24", 24, 1);

	vrp_use(t, 1);
	assert_false(vrp_add(t, &longer, 0));
	assert_false(vrp_add(t, &shorter, 0));
	bits.prefix.addr.bytes[3] = 77;
	assert_true(vrp_add(t, &bits, 0));
	see(t, "192.0.2.0/24", 1, VRP_VALID);
	vrp_remove(t, &bits, 0);
	see(t, "192.0.2.0/24", 1, VRP_NOT_FOUND);
	vrp_table_free(t);
}

/* ---- against a plain list ---- */

#define SOURCES 3
#define KINDS   600

struct plain {
	struct vrp v;
	bool in[SOURCES];
};

static uint32_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static bool
covers(const struct prefix *a, const struct prefix *b)
{
	return a->len <= b->len && prefix_contains(a, &b->addr);
}

static enum vrp_state
plain_state(const struct plain *v, const struct prefix *p, uint32_t origin,
	    uint32_t use)
{
	enum vrp_state s = VRP_NOT_FOUND;

	for (size_t i = 0; i < KINDS; i++) {
		bool in = false;

		for (unsigned k = 0; k < SOURCES; k++)
			in |= v[i].in[k] && (use & (1U << k));
		if (!in || !covers(&v[i].v.prefix, p))
			continue;
		if (v[i].v.asn == origin && p->len <= v[i].v.max_length)
			return VRP_VALID;
		s = VRP_INVALID;
	}
	return s;
}

static struct prefix
random_prefix(void)
{
	uint8_t octets[16] = {192, (uint8_t)draw(4), (uint8_t)(draw(4) << 6)};
	bool v6 = draw(2);
	struct prefix p = {ip_from_bytes(v6 ? AF_INET6 : AF_INET, octets), 0};

	p.len = (uint8_t)(18 + draw(6));
	return p;
}

static void
many_changes_answer_as_a_list_does(void **state)
{
	struct plain *v = calloc(KINDS, sizeof(*v));
	struct vrp_table *t = vrp_table_new();

	for (size_t i = 0; i < KINDS; i++) {
		v[i].v.prefix = random_prefix();
		v[i].v.asn = 1 + draw(4);
		/* Each once: the list counts no duplicates. */
		v[i].v.max_length = (uint8_t)(v[i].v.prefix.len + draw(3));
		for (size_t k = 0; k < i; k++)
			if (memcmp(&v[k].v, &v[i].v, sizeof(v[i].v)) == 0)
				v[i].v.asn = 100 + (uint32_t)i;
	}
	for (size_t n = 0; n < 60000; n++) {
		struct plain *p = &v[draw(KINDS)];
		unsigned source = draw(SOURCES);
		struct prefix asked = random_prefix();
		uint32_t origin = 1 + draw(4), use = draw(1 << SOURCES);

		if (draw(2)) {
			vrp_add(t, &p->v, source);
			p->in[source] = true;
		} else {
			vrp_remove(t, &p->v, source);
			p->in[source] = false;
		}
		if (n % 9000 == 8999) {
			while (!vrp_purge(t, source, 7))
				;
			for (size_t i = 0; i < KINDS; i++)
				v[i].in[source] = false;
		}
		vrp_use(t, use);
		assert_int_equal(vrp_validate(t, &asked, origin),
				 plain_state(v, &asked, origin, use));
	}
	vrp_table_free(t);
	free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(states_are_those_of_rfc_6811),
	    cmocka_unit_test(sources_count_only_while_in_use),
	    cmocka_unit_test(what_is_no_vrp_is_refused),
	    cmocka_unit_test(many_changes_answer_as_a_list_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
