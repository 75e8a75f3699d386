/* SPDX-License-Identifier: ISC */
/* Hijacks and leaks of a scenario. */
#include <string.h>

#include "../test.h"

#include "lab.h"

#define P "192.0.2.0/24"

static const char one[] = "asn: 65000\n"
			  "sites: {fra: {peers: {up: {asn: 11}}}}\n"
			  "prefixes: {192.0.2.0/24: {}}\n";

static void
test_exact(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, one);
	o = lab_hijack(&l, 222, CONF_HIJACK_EXACT);
	assert_int_equal(o->plan->n_sites, 2);
	assert_string_equal(o->plan->sites[1].name, "AS222");
	assert_string_equal(lab_where(&l, o, P, 222), "AS222");
	assert_string_equal(lab_where(&l, o, P, 22), "AS222");
	assert_string_equal(lab_where(&l, o, P, 111), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* Where origins are validated the culprit is not heard, but for a forger. */
static void
test_validation(void **state)
{
	struct scenario_outcome *o;
	struct text yaml = {0};
	struct lab l;

	text_addf(&yaml, "%srov: [22]\n", one);
	lab_begin(&l, text_str(&yaml));
	o = lab_hijack(&l, 222, CONF_HIJACK_EXACT);
	assert_string_equal(lab_where(&l, o, P, 222), "AS222");
	assert_string_equal(lab_where(&l, o, P, 22), "fra");
	lab_forget(o);
	o = lab_hijack(&l, 222, CONF_HIJACK_FORGED_ORIGIN);
	assert_string_equal(lab_where(&l, o, P, 22), "AS222");
	lab_forget(o);
	lab_end(&l);
	/* No ROA speaks of it: nothing is invalid. */
	text_add(&yaml, "roas: [{prefix: 198.51.100.0/24, asn: 65000}]\n");
	lab_begin(&l, text_str(&yaml));
	o = lab_hijack(&l, 222, CONF_HIJACK_EXACT);
	assert_string_equal(lab_where(&l, o, P, 22), "AS222");
	lab_forget(o);
	lab_end(&l);
	text_free(&yaml);
}

static void
test_sub_prefix(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {fra: {peers: {up: {asn: 11}}}}\n"
		      "prefixes: {198.51.100.0/23: {}}\n");
	o = lab_hijack(&l, 222, CONF_HIJACK_SUB_PREFIX);
	assert_int_equal(o->n_routes, 2);
	assert_string_equal(lab_where(&l, o, "198.51.100.0/24", 111), "AS222");
	assert_string_equal(lab_where(&l, o, "198.51.100.0/23", 222), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* A half that is announced is not taken: the other one is. */
static void
test_free_half(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {fra: {peers: {up: {asn: 11}}}}\n"
		      "prefixes: {198.51.100.0/23: , 198.51.100.0/24: }\n"
		      "longest: {ipv4: 25}\n");
	o = lab_hijack(&l, 222, CONF_HIJACK_SUB_PREFIX);
	assert_int_equal(o->n_routes, 4);
	assert_string_equal(lab_where(&l, o, "198.51.101.0/24", 111), "AS222");
	assert_string_equal(lab_where(&l, o, "198.51.100.0/25", 111), "AS222");
	assert_string_equal(lab_where(&l, o, "198.51.100.0/24", 111), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* Longer than what is passed on: the neighbours alone fall for it. */
static void
test_too_long(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, one);
	o = lab_hijack(&l, 22, CONF_HIJACK_SUB_PREFIX);
	assert_string_equal(lab_where(&l, o, "192.0.2.0/25", 22), "AS22");
	assert_string_equal(lab_where(&l, o, "192.0.2.0/25", 222), "AS22");
	assert_string_equal(lab_where(&l, o, "192.0.2.0/25", 2), "AS22");
	/* Through 2 on its way, and there it meets the longer one. */
	assert_string_equal(lab_where(&l, o, "192.0.2.0/25", 21), "AS22");
	assert_string_equal(lab_where(&l, o, "192.0.2.0/25", 1), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* What our own prefixes are asked for is not asked of the culprit. */
static void
test_words_are_not_shared(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {fra: {peers: {up: {asn: 11}}, scope: local}}\n"
		      "prefixes: {192.0.2.0/24: {communities: no-export}, "
		      "198.51.100.0/25: , \"2001:db8::/44\": }\n");
	for (int kind = 0; kind < 4; kind++) {
		o = lab_hijack(&l, 222, (enum conf_hijack_kind)kind);
		assert_string_equal(lab_where(&l, o, P, 11), "fra");
		lab_forget(o);
	}
	lab_end(&l);
}

static void
test_leak(void **state)
{
	struct scenario_outcome *o;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {fra: {peers: {up: {asn: 1, role: peer}}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	assert_string_equal(lab_where(&l, l.base, P, 122), "fra");
	assert_string_equal(lab_where(&l, l.base, P, 2), "unreached");
	/* 122 learns it from 12 and tells 21, a provider as well. */
	o = lab_hijack(&l, 122, CONF_HIJACK_LEAK);
	assert_string_equal(lab_where(&l, o, P, 21), "AS122");
	assert_string_equal(lab_where(&l, o, P, 2), "AS122");
	assert_string_equal(lab_where(&l, o, P, 1), "fra");
	lab_forget(o);
	lab_end(&l);
}

/* Sites fail, culprits do not; what ends at one is lost all the time. */
static void
test_failures_beside_a_culprit(void **state)
{
	struct sim_weights w = {0};
	struct scenario_outcome *o;
	struct sim_cascade c;
	struct scenario_ask a;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}, capacity: 9}\n"
		      "  ams: {peers: {up: {asn: 12}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	assert_int_equal(scenario_weights(l.s, &w, &l.messages), 0);
	o = lab_hijack(&l, 222, CONF_HIJACK_EXACT);
	scenario_ask_new(l.s, o->plan, &w, 1, &a);
	assert_int_equal(a.plan.n_sites, 2);
	assert_int_equal(sim_cascade(&a.plan, 1, NULL, NULL, &c), 0);
	/* Nothing, fra, ams. */
	assert_int_equal(c.n, 3);
	for (size_t i = 0; i < c.n; i++) {
		const struct sim_round *r = &c.v[i].rounds[0];

		assert_int_equal(c.v[i].n_first, i > 0);
		assert_true(i == 0 || c.v[i].failed[0] == i - 1);
		assert_true(r->dropped >= SIM_WEIGHT_ONE);
		assert_int_equal(r->load[0] + r->load[1] + r->unreached +
				     r->dropped,
				 w.total);
	}
	sim_cascade_free(&c);
	scenario_ask_free(&a);
	sim_weights_free(&w);
	lab_forget(o);
	lab_end(&l);
}

static void
test_refused(void **state)
{
	struct conf_hijack h = {.asn = 9};
	struct scenario_plan *plan;
	struct lab l;

	lab_begin(&l, one);
	assert_int_equal(
	    scenario_hijack(l.s, l.s->base, l.base, &h, &plan, &l.messages),
	    -22);
	assert_string_equal(text_str(&l.messages),
			    "hijack by AS 9 (exact): the AS is not in the "
			    "graph\n");
	lab_end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exact),
	    cmocka_unit_test(test_validation),
	    cmocka_unit_test(test_sub_prefix),
	    cmocka_unit_test(test_free_half),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_words_are_not_shared),
	    cmocka_unit_test(test_leak),
	    cmocka_unit_test(test_failures_beside_a_culprit),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
