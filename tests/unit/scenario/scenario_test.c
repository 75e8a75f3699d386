/* SPDX-License-Identifier: ISC */
/* From words to announcements, and where packets then go. */
#include <stdlib.h>
#include <string.h>

#include "../test.h"

#include "lab.h"

#define P "192.0.2.0/24"

static const char two[] = "asn: 65000\n"
			  "sites:\n"
			  "  fra: {peers: {up: {asn: 11, role: customer}}}\n"
			  "  ams: {peers: {up: {asn: 22, role: customer}}}\n"
			  "prefixes: {192.0.2.0/24: {}}\n";

static const struct sim_announcement *
announced(const struct lab *l, size_t prefix, size_t upstream)
{
	return &l->s->base->prefixes[prefix].announcements[upstream];
}

static void
test_two_sites(void **state)
{
	struct lab l;

	lab_begin(&l, two);
	assert_string_equal(lab_where(&l, l.base, P, 111), "fra");
	assert_string_equal(lab_where(&l, l.base, P, 1), "fra");
	assert_string_equal(lab_where(&l, l.base, P, 12), "fra");
	assert_string_equal(lab_where(&l, l.base, P, 222), "ams");
	assert_string_equal(lab_where(&l, l.base, P, 21), "ams");
	lab_end(&l);
}

static void
test_words_of_an_announcement(void **state)
{
	const struct sim_announcement *a;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  a: {origin_asn: 65010, peers: {\n"
		      "    c: {asn: 11, role: customer, prepend: 2},\n"
		      "    p: {asn: 12, role: peer, communities: no-peer},\n"
		      "    q: {asn: 21, role: provider, shutdown: true},\n"
		      "    r: {asn: 22, role: rs-client, communities: "
		      "no-export}}}\n"
		      "  b: {scope: local, peers: {up: {asn: 2}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	a = announced(&l, 0, 0);
	assert_int_equal(a->from, SIM_CUSTOMER);
	assert_int_equal(a->n_tail, 4);
	assert_int_equal(a->tail[0], 65000);
	assert_int_equal(a->tail[2], 65000);
	assert_int_equal(a->tail[3], 65010);
	assert_false(a->no_export || a->nopeer || a->down);
	a = announced(&l, 0, 1);
	assert_int_equal(a->from, SIM_PEER);
	assert_true(a->nopeer && !a->no_export);
	a = announced(&l, 0, 2);
	assert_int_equal(a->from, SIM_PROVIDER);
	assert_true(a->down);
	a = announced(&l, 0, 3);
	assert_int_equal(a->from, SIM_PEER);
	assert_true(a->no_export && !a->nopeer);
	a = announced(&l, 0, 4);
	assert_int_equal(a->from, SIM_CUSTOMER);
	assert_true(a->no_export && a->nopeer);
	assert_true(l.s->base->upstreams[4].assumed);
	assert_int_equal(a->n_tail, 1);
	lab_end(&l);
}

static void
test_exports(void **state)
{
	const struct sim_announcement *a;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {a: {peers: {\n"
		      "  x: {asn: 12, only: [122, 1], prepend_to: {1: 2}},\n"
		      "  y: {asn: 21, except: 12}}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	a = announced(&l, 0, 0);
	assert_true(a->only);
	assert_int_equal(a->n_exports, 2);
	assert_int_equal(a->exports[0].neighbour,
			 sim_graph_find(l.s->graph, 1));
	assert_int_equal(a->exports[0].prepend, 2);
	assert_int_equal(a->exports[1].prepend, 0);
	a = announced(&l, 0, 1);
	assert_false(a->only);
	assert_int_equal(a->n_exports, 1);
	assert_true(a->exports[0].deny);
	lab_end(&l);
}

/* An AS that is not linked is no error: it may be in reality. */
static void
test_not_linked(void **state)
{
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {a: {peers: {x: {asn: 12, except: 222}}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	assert_non_null(strstr(text_str(&l.messages),
			       "warning: sites.a.peers.x.except: AS 222 is no "
			       "neighbour of AS 12"));
	assert_int_equal(announced(&l, 0, 0)->n_exports, 0);
	lab_end(&l);
}

/* A /25 stays with who hears it; packets follow the longest there is. */
static void
test_longest_prefix(void **state)
{
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}}\n"
		      "  ams: {peers: {up: {asn: 22}}}\n"
		      "prefixes:\n"
		      "  192.0.2.0/25: {sites: ams}\n"
		      "  192.0.2.0/24: {sites: fra}\n"
		      "  198.51.100.0/22: {sites: fra}\n"
		      "  198.51.101.0/24: {sites: ams}\n");
	assert_true(l.s->base->prefixes[0].too_long);
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 22), "ams");
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 222), "ams");
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 2), "fra");
	assert_string_equal(lab_where(&l, l.base, P, 222), "fra");
	assert_string_equal(lab_where(&l, l.base, "198.51.101.0/24", 111),
			    "ams");
	assert_string_equal(lab_where(&l, l.base, "198.51.100.0/22", 222),
			    "fra");
	lab_end(&l);
}

static void
test_alike(void **state)
{
	const struct scenario_prefix *p;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}}\n"
		      "  ams: {peers: {up: {asn: 22}}}\n"
		      "prefixes: {192.0.2.0/24: , 198.51.100.0/24: , "
		      "\"2001:db8::/32\": , 203.0.113.0/24: {sites: fra}}\n");
	p = l.s->base->prefixes;
	assert_int_equal(p[0].like, p[1].like);
	assert_int_equal(p[0].like, p[3].like);
	assert_int_equal(p[2].like, 2);
	assert_ptr_equal(l.base->routes[0], l.base->routes[3]);
	assert_ptr_not_equal(l.base->routes[0], l.base->routes[2]);
	lab_end(&l);
}

/* To all, by one announcement or by one for each neighbour. */
static void
test_announces_all(void **state)
{
	char *all, *each;
	struct lab l;

	lab_begin(&l, "sites:\n"
		      "  lab: {asn: 12, announces: all}\n"
		      "  fra: {asn: 65000, peers: {up: {asn: 22}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	assert_int_equal(l.s->base->upstreams[0].link, SCENARIO_ALL);
	all = lab_map(&l, l.base, P);
	lab_end(&l);
	lab_begin(&l, "sites:\n"
		      "  lab: {asn: 12, peers: {a: {asn: 1}, b: {asn: 21}, "
		      "c: {asn: 122}}}\n"
		      "  fra: {asn: 65000, peers: {up: {asn: 22}}}\n"
		      "prefixes: {192.0.2.0/24: {}}\n");
	assert_int_equal(l.s->base->upstreams[0].link, SCENARIO_SELF);
	assert_int_equal(l.s->base->upstreams[1].relation, SIM_CUSTOMER);
	assert_int_equal(l.s->base->upstreams[2].relation, SIM_PEER);
	assert_int_equal(l.s->base->upstreams[3].relation, SIM_PROVIDER);
	each = lab_map(&l, l.base, P);
	lab_end(&l);
	assert_string_equal(all, each);
	free(all);
	free(each);
	/* Kept by who hears it: not by one announcement. */
	lab_begin(&l, "sites: {lab: {asn: 12, announces: all}}\n"
		      "prefixes: {192.0.2.0/25: {}}\n");
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 12), "lab");
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 122), "lab");
	assert_string_equal(lab_where(&l, l.base, "192.0.2.0/25", 11),
			    "unreached");
	lab_end(&l);
}

/* The site of a node file: peers, prefixes, and the family of a session. */
static void
test_node_file(void **state)
{
	struct lab l;
	struct text text = {0};
	struct scenario *s;

	(void)state;
	lab_begin(&l, two);
	lab_end(&l);
	assert_int_equal(scenario_load("world.yaml", &s, &text), 0);
	assert_string_equal(text_str(&text), "");
	assert_int_equal(s->base->n_sites, 5);
	assert_string_equal(s->base->upstreams[3].name, "transit-d");
	assert_int_equal(s->base->upstreams[3].asn, 64613);
	/* IPv4 first; transit-d6 is a session over IPv6. */
	assert_false(s->base->prefixes[0].announcements[3].down);
	assert_true(s->base->prefixes[0].announcements[4].down);
	assert_true(s->base->prefixes[1].announcements[3].down);
	assert_false(s->base->prefixes[1].announcements[4].down);
	scenario_free(s);
	text_free(&text);
}

static void
test_validity(void **state)
{
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}}\n"
		      "  ams: {asn: 65001, peers: {up: {asn: 22}}}\n"
		      "prefixes: {192.0.2.0/24: , 198.51.100.0/24: }\n"
		      "rov: [2]\n"
		      "roas: [{prefix: 192.0.2.0/24, asn: 65000}]\n");
	assert_false(announced(&l, 0, 0)->invalid);
	assert_true(announced(&l, 0, 1)->invalid);
	assert_false(announced(&l, 1, 1)->invalid);
	assert_string_equal(lab_where(&l, l.base, P, 21), "fra");
	assert_string_equal(lab_where(&l, l.base, "198.51.100.0/24", 21),
			    "ams");
	lab_end(&l);
}

static void
test_share(void **state)
{
	struct sim_weights w = {0};
	struct scenario_ask a;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}, capacity: 4}\n"
		      "  ams: {peers: {up: {asn: 22}}}\n"
		      "prefixes: {192.0.2.0/24: {share: 3}, "
		      "198.51.100.0/24: {}}\n");
	assert_int_equal(scenario_weights(l.s, &w, &l.messages), 0);
	assert_int_equal(w.total, 9 * SIM_WEIGHT_ONE);
	scenario_ask_new(l.s, l.s->base, &w, 1, &a);
	assert_int_equal(a.plan.n_prefixes, 2);
	assert_int_equal(a.plan.prefixes[0].weights->v[0], 750);
	assert_int_equal(a.plan.prefixes[1].weights->v[0], 250);
	assert_int_equal(a.plan.capacity[0], 4 * SIM_WEIGHT_ONE);
	assert_int_equal(a.plan.capacity[1], 0);
	scenario_ask_free(&a);
	sim_weights_free(&w);
	lab_end(&l);
}

/* Thirds of thousandths: what is rounded away is the first one's. */
static void
test_thirds(void **state)
{
	struct sim_weights w = {0};
	struct scenario_ask a;
	uint64_t sum = 0;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites: {fra: {peers: {up: {asn: 11}}}}\n"
		      "prefixes: {192.0.2.0/24: , 198.51.100.0/24: , "
		      "203.0.113.0/24: }\n");
	assert_int_equal(scenario_weights(l.s, &w, &l.messages), 0);
	scenario_ask_new(l.s, l.s->base, &w, 1, &a);
	for (size_t i = 0; i < 3; i++)
		sum += a.plan.prefixes[i].weights->total;
	assert_int_equal(sum, w.total);
	assert_int_equal(a.plan.prefixes[0].weights->v[4], 334);
	assert_ptr_equal(a.plan.prefixes[1].weights,
			 a.plan.prefixes[2].weights);
	scenario_ask_free(&a);
	sim_weights_free(&w);
	lab_end(&l);
}

static void
test_search(void **state)
{
	struct sim_weights w = {0};
	struct scenario_ask a;
	struct lab l;

	lab_begin(&l, "asn: 65000\n"
		      "sites:\n"
		      "  fra: {peers: {up: {asn: 11}}}\n"
		      "  ams: {peers: {up: {asn: 22}}}\n"
		      "  lon: {peers: {up: {asn: 21}}, state: candidate}\n"
		      "  nyc: {peers: {up: {asn: 12}}, state: down}\n"
		      "prefixes: {192.0.2.0/24: , 198.51.100.0/24: , "
		      "203.0.113.0/24: {sites: [fra, lon]}}\n"
		      "search: {require: fra, forbid: ams}\n");
	assert_int_equal(scenario_weights(l.s, &w, &l.messages), 0);
	assert_int_equal(scenario_ask_search(l.s, &w, 1, &a, &l.messages), 0);
	assert_int_equal(a.search.bounds[0], SIM_REQUIRED);
	assert_int_equal(a.search.bounds[1], SIM_FORBIDDEN);
	assert_int_equal(a.search.bounds[2], SIM_FREE);
	assert_int_equal(a.search.bounds[3], SIM_FORBIDDEN);
	assert_int_equal(a.search.choose, 1);
	/* Those that are alike are one; what is never announced is not there.
	 */
	assert_int_equal(a.plan.n_prefixes, 2);
	assert_int_equal(a.plan.prefixes[0].n, 3);
	assert_int_equal(a.plan.prefixes[1].n, 2);
	assert_int_equal(a.plan.prefixes[0].weights->v[0], 667);
	assert_int_equal(a.plan.prefixes[1].weights->v[0], 333);
	scenario_ask_free(&a);
	sim_weights_free(&w);
	lab_end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_sites),
	    cmocka_unit_test(test_words_of_an_announcement),
	    cmocka_unit_test(test_exports),
	    cmocka_unit_test(test_not_linked),
	    cmocka_unit_test(test_longest_prefix),
	    cmocka_unit_test(test_alike),
	    cmocka_unit_test(test_announces_all),
	    cmocka_unit_test(test_node_file),
	    cmocka_unit_test(test_validity),
	    cmocka_unit_test(test_share),
	    cmocka_unit_test(test_thirds),
	    cmocka_unit_test(test_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
