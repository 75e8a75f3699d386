/* SPDX-License-Identifier: ISC */
/*
 * Many culprits at once say what one by one says, on random Internets with
 * every feature. sim_batch_test SEED [LAST] runs some cases.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "base/text.h"
#include "random_case.h"
#include "sim/lanes.h"

#define CASES       3000
#define EXPORTS_MAX 8
#define CULPRITS    (2 * LANES + 11)
#define LONG        64

/* ---- a case in the words of sim.h ---- */

struct prepared {
	struct sim_graph *graph;
	struct sim_policy policy;
	struct sim_set rov;
	struct sim_announcement v[RANDOM_ANNOUNCEMENTS];
	struct sim_export exports[RANDOM_ANNOUNCEMENTS][EXPORTS_MAX];
	uint32_t prepended[LONG];
	struct sim_weights weights;
	struct sim_result base;
	uint32_t culprits[CULPRITS];
	struct sim_hijacks what;
};

static uint64_t
next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 33;
}

/* The usual case: all announcements of a prefix are alike but for exports. */
static void
make_alike(struct random_case *c, uint64_t *state)
{
	bool invalid = next(state) % 4 == 0, nopeer = next(state) % 4 == 0;
	bool two_origins = next(state) % 4 == 0;
	uint32_t asn = 65000;

	/* Maybe the origin is an AS of the graph, with neighbours there. */
	if (next(state) % 2)
		asn = c->links[next(state) % c->n_links].a;
	for (size_t i = 0; i < c->n_announcements; i++) {
		struct reference_announcement *a = &c->announcements[i];

		a->invalid = invalid;
		a->nopeer = nopeer;
		if (a->n_tail == 0)
			continue;
		a->n_tail = 1 + next(state) % (two_origins ? 2 : 3);
		for (size_t k = 0; k < a->n_tail; k++)
			a->tail[k] = two_origins && i % 2 ? 65000 : asn;
	}
}

/* Paths that are near the limit of lanes, or beyond. */
static void
make_long(struct prepared *p, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < LONG; i++)
		p->prepended[i] = 65000;
	for (size_t i = 0; i < n; i++) {
		if (p->v[i].n_tail == 0)
			continue;
		p->v[i].tail = p->prepended;
		p->v[i].n_tail = 10 + next(state) % 50;
	}
}

static void
draw_hijack(struct prepared *p, const struct random_case *c, uint64_t *state)
{
	struct sim_hijack *h = &p->what.hijack;

	h->kind = next(state) % (SIM_HIJACK_LEAK + 1);
	h->invalid = next(state) % 2;
	h->site = 9;
	h->origin = next(state) % 2
			? 65000
			: sim_graph_asn(p->graph,
					(uint32_t)(next(state) %
						   sim_graph_count(p->graph)));
	for (size_t i = 0; i < CULPRITS; i++)
		p->culprits[i] =
		    (uint32_t)(next(state) % sim_graph_count(p->graph));
	p->weights.n = sim_graph_count(p->graph);
	p->weights.v = xcalloc(p->weights.n, sizeof(*p->weights.v));
	for (uint32_t id = 0; id < p->weights.n; id++) {
		p->weights.v[id] = next(state) % 3 ? next(state) << 12 : 0;
		p->weights.total += p->weights.v[id];
	}
	p->what = (struct sim_hijacks){
	    .g = p->graph,
	    .policy = &p->policy,
	    .victim = p->v,
	    .n_victim = c->n_announcements,
	    .hijack = *h,
	    .culprits = p->culprits,
	    .n_culprits = 1 + next(state) % CULPRITS,
	    .weights = next(state) % 3 ? &p->weights : NULL,
	    .threads = 1 + next(state) % 3,
	};
}

static void
run_base(struct prepared *p)
{
	struct sim_engine *e = sim_engine_new(p->graph);

	p->base = sim_result_new(p->graph);
	assert_int_equal(
	    0, sim_run(e, &p->policy, p->v, p->what.n_victim, &p->base));
	sim_engine_free(e);
}

static void
prepare(struct prepared *p, const struct random_case *c, uint64_t *state)
{
	memset(p, 0, sizeof(*p));
	random_case_open(c, &p->graph, &p->rov);
	p->policy = (struct sim_policy){c->preference, &p->rov};
	for (size_t i = 0; i < c->n_announcements; i++)
		p->v[i] = random_case_announcement(
		    p->graph, &c->announcements[i], p->exports[i]);
	if (next(state) % 8 == 0)
		make_long(p, c->n_announcements, state);
	draw_hijack(p, c, state);
	run_base(p);
}

static void
release(struct prepared *p)
{
	sim_result_free(&p->base);
	sim_set_free(&p->rov);
	sim_graph_free(p->graph);
	free(p->weights.v);
}

/* ---- one by one ---- */

static void
one_by_one(const struct prepared *p, struct sim_reach *reach)
{
	const struct sim_hijacks *what = &p->what;
	struct sim_engine *e = sim_engine_new(p->graph);
	struct sim_result r = sim_result_new(p->graph);
	struct sim_hijacked hijacked = {0};

	for (size_t i = 0; i < what->n_culprits; i++) {
		struct sim_hijack h = what->hijack;

		h.culprit = what->culprits[i];
		sim_hijack_new(p->graph, &h, p->v, what->n_victim, &p->base,
			       &hijacked);
		assert_int_equal(
		    0, sim_run(e, &p->policy, hijacked.v, hijacked.n, &r));
		reach[i] = sim_hijack_reach(p->graph, &h, &hijacked, &p->base,
					    &r, what->weights, NULL);
	}
	sim_hijacked_free(&hijacked);
	sim_result_free(&r);
	sim_engine_free(e);
}

static void
describe(const struct prepared *p, const struct random_case *c,
	 struct text *out)
{
	const struct sim_hijack *h = &p->what.hijack;

	random_case_text(c, out);
	text_addf(out, "hijack: kind %d, origin %u%s\n", (int)h->kind,
		  h->origin, h->invalid ? ", invalid" : "");
}

static void
compare(const struct prepared *p, const struct random_case *c, const char *how,
	const struct sim_reach *reach, const struct sim_reach *expected,
	size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct text t = {0};

		if (reach[i].ases == expected[i].ases &&
		    reach[i].weight == expected[i].weight)
			continue;
		describe(p, c, &t);
		fail_msg("%s%s: AS%u catches %u (%llu), one by one %u (%llu)",
			 text_str(&t), how,
			 sim_graph_asn(p->graph, p->what.culprits[i]),
			 reach[i].ases, (unsigned long long)reach[i].weight,
			 expected[i].ases,
			 (unsigned long long)expected[i].weight);
	}
}

/* All kinds of processors that this one is, in batches that follow another. */
static size_t
compare_lanes(const struct prepared *p, const struct random_case *c,
	      const struct sim_reach *expected)
{
	struct lane_plan *plan = lane_plan_new(&p->what, &p->base);
	uint32_t ids[CULPRITS];
	struct sim_reach fit[CULPRITS], reach[LANES];
	size_t n = 0, done = 0;

	for (size_t i = 0; plan && i < p->what.n_culprits; i++) {
		if (lane_fit(plan, p->what.culprits[i]) != LANE_FITS)
			continue;
		fit[n] = expected[i];
		ids[n++] = p->what.culprits[i];
	}
	for (unsigned k = 0; plan && k < LANE_PASSES; k++) {
		const struct lane_passes *passes = lane_passes_number(k);
		struct lane_space *s = lane_space_new(plan);

		for (size_t i = 0; passes && i < n; i += LANES) {
			size_t left = n - i < LANES ? n - i : LANES;

			if (!lane_run(s, passes, ids + i, (unsigned)left,
				      reach))
				continue;
			compare(p, c, passes->name, reach, fit + i, left);
			done += left;
		}
		lane_space_free(s);
	}
	lane_plan_free(plan);
	return done;
}

static size_t
check_case(uint64_t seed)
{
	uint64_t state = seed;
	struct random_case *c = xcalloc(1, sizeof(*c));
	struct prepared *p = xcalloc(1, sizeof(*p));
	struct sim_reach expected[CULPRITS], reach[CULPRITS];
	struct sim_hijacks_done done;
	size_t n;

	random_case(seed, c);
	if (next(&state) % 8)
		c->preference = SIM_PREFER_CUSTOMER_PEER_PROVIDER;
	if (next(&state) % 3)
		make_alike(c, &state);
	prepare(p, c, &state);
	one_by_one(p, expected);
	n = compare_lanes(p, c, expected);
	assert_int_equal(0, sim_hijacks(&p->what, reach, &done));
	compare(p, c, "sim_hijacks", reach, expected, p->what.n_culprits);
	assert_int_equal(0, done.missing);
	release(p);
	free(p);
	free(c);
	return n;
}

static void
test_equal(void **state)
{
	size_t in_lanes = 0;

	for (uint64_t seed = 1; seed <= CASES; seed++)
		in_lanes += check_case(seed);
	/* Else this would compare nothing. */
	assert_true(in_lanes > 20 * CASES);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal),
	};

	if (argc > 1) {
		uint64_t seed = strtoull(argv[1], NULL, 10);
		uint64_t last = argc > 2 ? strtoull(argv[2], NULL, 10) : seed;

		for (; seed <= last; seed++)
			printf("%zu\n", check_case(seed));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
