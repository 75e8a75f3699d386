/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan_case.h"

static const char links[] = "1|2|-1\n1|3|-1\n2|4|-1\n3|5|-1\n";

struct fixture {
	struct sim_graph *g;
	struct sim_weights w;
	struct text messages;
};

static void
begin(struct fixture *f)
{
	*f = (struct fixture){0};
	assert_int_equal(
	    sim_graph_parse("links", links, strlen(links), &f->g, &f->messages),
	    0);
	text_clear(&f->messages);
}

static void
end(struct fixture *f)
{
	sim_weights_free(&f->w);
	sim_graph_free(f->g);
	text_free(&f->messages);
}

static uint64_t
of(const struct fixture *f, uint32_t asn)
{
	return f->w.v[sim_graph_find(f->g, asn)];
}

static struct sim_origin
origin(const char *prefix, uint32_t asn, uint32_t line)
{
	struct sim_origin o = {.asn = asn, .line = line};

	assert_int_equal(prefix_parse(prefix, &o.prefix), 0);
	return o;
}

static struct sim_load
load_of(const char *prefix, double load, uint32_t line)
{
	struct sim_load l = {.load = load, .line = line};

	assert_int_equal(prefix_parse(prefix, &l.prefix), 0);
	return l;
}

static void
every_as_is_one(void **state)
{
	struct fixture f;

	begin(&f);
	f.w = sim_weights_ases(f.g);
	assert_int_equal(f.w.total, 5 * SIM_WEIGHT_ONE);
	assert_int_equal(of(&f, 3), SIM_WEIGHT_ONE);
	end(&f);
}

static void
most_specific_origin_counts(void **state)
{
	struct fixture f;
	struct sim_origin v[] = {
	    origin("10.0.0.0/8", 1, 1),   origin("10.1.0.0/16", 2, 2),
	    origin("10.1.1.0/24", 4, 3),  origin("10.2.0.0/16", 2, 4),
	    origin("10.1.1.0/24", 4, 5), /* again */
	    origin("192.0.2.0/24", 3, 6),
	};

	begin(&f);
	assert_int_equal(
	    sim_weights_addresses(f.g, "a", v, ARRAY_LEN(v), &f.w, &f.messages),
	    0);
	assert_int_equal(of(&f, 1), ((1u << 24) - 2 * 65536) * 1000ull);
	assert_int_equal(of(&f, 2), (2 * 65536 - 256) * 1000ull);
	assert_int_equal(of(&f, 4), 256000);
	assert_int_equal(of(&f, 3), 256000);
	assert_int_equal(of(&f, 5), 0);
	assert_int_equal(f.w.total, ((1u << 24) + 256) * 1000ull);
	assert_int_equal(f.w.unplaced, 0);
	assert_string_equal(text_str(&f.messages), "");
	end(&f);
}

static void
several_origins_share(void **state)
{
	struct fixture f;
	struct sim_origin v[] = {
	    origin("192.0.2.0/24", 5, 1),
	    origin("192.0.2.0/24", 2, 1),
	    origin("192.0.2.0/24", 64999, 1),
	};

	begin(&f);
	assert_int_equal(
	    sim_weights_addresses(f.g, "a", v, ARRAY_LEN(v), &f.w, &f.messages),
	    0);
	assert_int_equal(of(&f, 2), 85334);
	assert_int_equal(of(&f, 5), 85333);
	assert_int_equal(f.w.unplaced, 85333);
	assert_int_equal(f.w.n_unplaced, 1);
	assert_string_equal(text_str(&f.messages),
			    "a:1: 192.0.2.0/24 belongs to AS64999, which is "
			    "not in the graph: its weight of 85.333 counts "
			    "for no AS\n");
	end(&f);
}

static void
ipv6_counts_alone(void **state)
{
	struct fixture f;
	struct sim_origin v[] = {
	    origin("2001:db8::/32", 1, 1),
	    origin("2001:db8:1::/48", 2, 2),
	    origin("2001:db8:1:8000::/49", 3, 3),
	    origin("192.0.2.0/24", 4, 4),
	};

	begin(&f);
	assert_int_equal(
	    sim_weights_addresses(f.g, "a", v, 3, &f.w, &f.messages), 0);
	assert_int_equal(of(&f, 1), 65535000);
	assert_int_equal(of(&f, 2), 500);
	assert_int_equal(of(&f, 3), 500);
	sim_weights_free(&f.w);
	assert_int_equal(
	    sim_weights_addresses(f.g, "a", v, 4, &f.w, &f.messages), 0);
	assert_int_equal(f.w.total, 256000);
	assert_string_equal(text_str(&f.messages),
			    "a: 3 IPv6 prefixes do not count beside IPv4\n");
	end(&f);
}

static void
loads_are_placed(void **state)
{
	struct fixture f;
	struct sim_origin origins[] = {
	    origin("10.0.0.0/8", 1, 1),      origin("10.1.0.0/16", 2, 2),
	    origin("10.1.0.0/16", 3, 2),     origin("10.1.1.0/24", 4, 3),
	    origin("10.9.0.0/16", 64999, 4),
	};
	struct sim_load v[] = {
	    load_of("10.1.0.0/23", 5.001, 1), /* 2 and 3 */
	    load_of("10.1.1.0/25", 7, 2),     /* 4 */
	    load_of("10.2.0.0/16", 11, 3),    /* 1 */
	    load_of("10.9.1.0/24", 13, 4),    /* a stranger */
	    load_of("11.0.0.0/8", 17, 5),     /* nobody */
	    {.asn = 5, .load = 0.5, .line = 6},
	    {.asn = 64998, .load = 19, .line = 7},
	};

	begin(&f);
	assert_int_equal(sim_weights_load(f.g, "l", v, ARRAY_LEN(v), origins,
					  ARRAY_LEN(origins), &f.w,
					  &f.messages),
			 0);
	assert_int_equal(of(&f, 1), 11000);
	assert_int_equal(of(&f, 2), 2501);
	assert_int_equal(of(&f, 3), 2500);
	assert_int_equal(of(&f, 4), 7000);
	assert_int_equal(of(&f, 5), 500);
	assert_int_equal(f.w.unplaced, 49000);
	assert_int_equal(f.w.n_unplaced, 3);
	assert_int_equal(f.w.total + f.w.unplaced, 72501);
	assert_string_equal(
	    text_str(&f.messages),
	    "l:4: 10.9.1.0/24 belongs to AS64999, which is not in the graph: "
	    "its weight of 13 counts for no AS\n"
	    "l:5: no prefix of the address list covers 11.0.0.0/8: its load "
	    "of 17 counts for no AS\n"
	    "l:7: AS64998, which is not in the graph: its weight of 19 counts "
	    "for no AS\n");
	end(&f);
}

static void
many_strangers_are_counted(void **state)
{
	struct sim_load v[26] = {{.asn = 1, .load = 1, .line = 1}};
	struct fixture f;

	begin(&f);
	for (uint32_t i = 1; i < 26; i++)
		v[i] = (struct sim_load){
		    .asn = 64000 + i, .load = 2, .line = i + 1};
	assert_int_equal(sim_weights_load(f.g, "l", v, ARRAY_LEN(v), NULL, 0,
					  &f.w, &f.messages),
			 0);
	assert_int_equal(f.w.n_unplaced, 25);
	assert_int_equal(f.w.unplaced, 50000);
	assert_non_null(strstr(text_str(&f.messages), "l:11: AS64010"));
	assert_null(strstr(text_str(&f.messages), "l:12: "));
	assert_non_null(
	    strstr(text_str(&f.messages), "l: 15 more are not placed\n"));
	end(&f);
}

static void
senseless_loads_are_refused(void **state)
{
	struct fixture f;
	struct sim_load v[] = {
	    {.asn = 1, .load = -1, .line = 1},
	    {.asn = 2, .load = NAN, .line = 2},
	    {.asn = 3, .load = 1e30, .line = 3},
	};
	struct sim_load zero = {.asn = 1, .line = 1};

	begin(&f);
	assert_int_equal(sim_weights_load(f.g, "l", v, ARRAY_LEN(v), NULL, 0,
					  &f.w, &f.messages),
			 -EINVAL);
	assert_null(f.w.v);
	assert_non_null(strstr(text_str(&f.messages), "l:1: found a load"));
	assert_non_null(strstr(text_str(&f.messages), "l:2: found a load"));
	assert_non_null(strstr(text_str(&f.messages), "l:3: found a load"));
	text_clear(&f.messages);
	assert_int_equal(
	    sim_weights_load(f.g, "l", &zero, 1, NULL, 0, &f.w, &f.messages),
	    -EINVAL);
	assert_string_equal(text_str(&f.messages),
			    "l: found no load for any AS of the graph, "
			    "expected some\n");
	end(&f);
}

/* ---- totals ---- */

/* One site's or announcement's total, added up AS by AS. */
static void
check_total(const struct plan_case *c, const struct sim_result *r,
	    const struct sim_set *ties, const struct sim_total *t,
	    uint32_t site, uint32_t announcement)
{
	uint64_t weight = 0, tied = 0;
	uint32_t ases = 0;

	for (uint32_t id = 0; id < r->n; id++) {
		struct sim_route route = sim_route(c->g, r, id);
		uint64_t w = c->weights[0].v[id];

		if (route.announcement == SIM_UNREACHED ||
		    (site != SIM_NONE &&
		     c->announcements[0][route.announcement].site != site) ||
		    (announcement != SIM_NONE &&
		     route.announcement != announcement))
			continue;
		ases++;
		weight += w;
		tied += sim_set_has(ties, id) ? w : 0;
	}
	assert_int_equal(t->ases, ases);
	assert_int_equal(t->weight, weight);
	assert_int_equal(t->tied, tied);
}

static void
totals_add_up(void **state)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct sim_engine *engine;
		struct sim_result r;
		struct sim_totals t;
		struct sim_set ties;
		struct plan_case c;
		uint64_t sum;

		plan_case_new(&c, seed, 1, false);
		engine = sim_engine_new(c.g);
		r = sim_result_new(c.g);
		ties = sim_set_new(c.g);
		assert_int_equal(sim_run(engine, &c.policy, c.announcements[0],
					 CASE_ANNOUNCEMENTS, &r),
				 0);
		sim_ties(c.g, &c.policy, c.announcements[0], CASE_ANNOUNCEMENTS,
			 &r, &ties);
		sim_totals(&c.weights[0], c.announcements[0],
			   CASE_ANNOUNCEMENTS, CASE_SITES, r.announcement,
			   &ties, &t);
		sum = t.unreached.weight + t.dropped.weight;
		for (uint32_t s = 0; s < CASE_SITES; s++) {
			check_total(&c, &r, &ties, &t.site[s], s, SIM_NONE);
			sum += t.site[s].weight;
		}
		for (uint32_t i = 0; i < CASE_ANNOUNCEMENTS; i++)
			check_total(&c, &r, &ties, &t.announcement[i], SIM_NONE,
				    i);
		assert_int_equal(sum, c.weights[0].total);
		assert_int_equal(t.all.weight,
				 sum - t.unreached.weight - t.dropped.weight);
		assert_int_equal(t.all.ases + t.unreached.ases + t.dropped.ases,
				 r.n);
		sim_totals_free(&t);
		sim_set_free(&ties);
		sim_result_free(&r);
		sim_engine_free(engine);
		plan_case_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_as_is_one),
	    cmocka_unit_test(most_specific_origin_counts),
	    cmocka_unit_test(several_origins_share),
	    cmocka_unit_test(ipv6_counts_alone),
	    cmocka_unit_test(loads_are_placed),
	    cmocka_unit_test(many_strangers_are_counted),
	    cmocka_unit_test(senseless_loads_are_refused),
	    cmocka_unit_test(totals_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
