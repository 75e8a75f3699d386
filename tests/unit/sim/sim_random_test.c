/* SPDX-License-Identifier: ISC */
/*
 * Random small Internets: the fast simulator says what the slow one says, for
 * each AS, with every policy feature. sim_random_test SEED runs one case.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "base/text.h"
#include "random_case.h"
#include "sim/sim.h"

#define CASES       10000
#define CANDIDATES  (RANDOM_ASES + RANDOM_ANNOUNCEMENTS)
#define EXPORTS_MAX 8

/* ---- a case in the words of sim.h ---- */

struct prepared {
	struct sim_graph *graph;
	struct sim_policy policy;
	struct sim_set rov;
	struct sim_announcement v[RANDOM_ANNOUNCEMENTS];
	struct sim_export exports[RANDOM_ANNOUNCEMENTS][EXPORTS_MAX];
};

static void
prepare(struct prepared *p, const struct random_case *c)
{
	memset(p, 0, sizeof(*p));
	random_case_open(c, &p->graph, &p->rov);
	p->policy.preference = c->preference;
	p->policy.rov = c->n_rov ? &p->rov : NULL;
	for (size_t i = 0; i < c->n_announcements; i++)
		p->v[i] = random_case_announcement(
		    p->graph, &c->announcements[i], p->exports[i]);
}

static void
prepared_free(struct prepared *p)
{
	sim_set_free(&p->rov);
	sim_graph_free(p->graph);
}

/* ---- comparing ---- */

/* Both sides of one case. `out` hears of differences. */
struct both {
	const struct random_case *c;
	const struct prepared *p;
	const struct reference *r;
	const struct sim_result *result;
	struct text *out;
};

static void
say_reference(const struct reference_route *best, struct text *out)
{
	text_add(out, "  expected:");
	if (!best->there) {
		text_add(out, " no route\n");
		return;
	}
	text_addf(out, " announcement %zu, %s, length %zu, next %u, path",
		  best->announcement, sim_relation_text(best->relation),
		  best->length, best->neighbour);
	for (size_t i = 0; i < best->length; i++)
		text_addf(out, " %u", best->path[i]);
	text_add(out, "\n");
}

static void
say_core(const struct both *b, uint32_t id, struct text *out)
{
	struct sim_route route = sim_route(b->p->graph, b->result, id);
	uint32_t path[SIM_PATH_MAX + 1];
	size_t n;

	text_add(out, "  seen:    ");
	if (route.announcement == SIM_UNREACHED) {
		text_add(out, " no route\n");
		return;
	}
	text_addf(
	    out, " announcement %u, %s, length %u, next %u, path",
	    route.announcement, sim_relation_text(route.relation), route.length,
	    route.next == SIM_NONE ? 0
				   : sim_graph_asn(b->p->graph, route.next));
	n = sim_path(b->p->graph, b->result, b->p->v, id, path);
	for (size_t i = 0; i < n; i++)
		text_addf(out, " %u", path[i]);
	text_add(out, "\n");
}

/* The AS number of `id`, 0 of the announcer. */
static uint32_t
number(const struct both *b, uint32_t id)
{
	return id == SIM_NONE ? 0 : sim_graph_asn(b->p->graph, id);
}

static bool
path_equal(const struct both *b, uint32_t id,
	   const struct reference_route *best)
{
	uint32_t path[SIM_PATH_MAX + 1];
	size_t n = sim_path(b->p->graph, b->result, b->p->v, id, path);

	return n == best->length &&
	       memcmp(path, best->path, n * sizeof(path[0])) == 0;
}

static bool
route_equal(const struct both *b, uint32_t id,
	    const struct reference_route *best)
{
	struct sim_route route = sim_route(b->p->graph, b->result, id);

	if (!best->there)
		return route.announcement == SIM_UNREACHED &&
		       sim_path(b->p->graph, b->result, b->p->v, id,
				(uint32_t[SIM_PATH_MAX + 1]){0}) == 0;
	return route.announcement == best->announcement &&
	       route.relation == best->relation &&
	       route.length == best->length &&
	       number(b, route.next) == best->neighbour &&
	       path_equal(b, id, best);
}

static bool
candidate_equal(const struct both *b, const struct sim_candidate *seen,
		const struct reference_route *best,
		const struct reference_route *expected)
{
	return number(b, seen->neighbour) == expected->neighbour &&
	       seen->announcement == expected->announcement &&
	       seen->relation == expected->relation &&
	       seen->length == expected->length &&
	       seen->best == (expected == best) &&
	       seen->tie == reference_tie(b->r, best, expected);
}

static void
say_candidates(const struct both *b, const struct reference_route **expected,
	       size_t n_expected, const struct sim_candidate *seen,
	       size_t n_seen)
{
	for (size_t i = 0; i < n_expected; i++) {
		say_reference(expected[i], b->out);
		if (i && reference_tie(b->r, expected[0], expected[i]))
			text_add(b->out, "  (tie)\n");
	}
	for (size_t i = 0; i < n_seen && i < CANDIDATES; i++)
		text_addf(
		    b->out,
		    "  seen:     announcement %u, %s, length %u, "
		    "neighbour %u%s%s\n",
		    seen[i].announcement, sim_relation_text(seen[i].relation),
		    seen[i].length, number(b, seen[i].neighbour),
		    seen[i].best ? ", best" : "", seen[i].tie ? ", tie" : "");
}

/* With less room: the first of them, and how many there are. */
static bool
same_first(const struct both *b, uint32_t id, const struct sim_candidate *all,
	   size_t n)
{
	struct sim_candidate first[CANDIDATES];
	size_t room = n / 2;

	return sim_candidates(b->p->graph, &b->p->policy, b->p->v,
			      b->c->n_announcements, b->result, id, first,
			      room) == n &&
	       (!room || memcmp(first, all, room * sizeof(*all)) == 0);
}

static bool
check_candidates(const struct both *b, size_t i, uint32_t id)
{
	const struct reference_route *expected[CANDIDATES];
	struct sim_candidate seen[CANDIDATES];
	size_t n = reference_candidates(b->r, i, expected, CANDIDATES);
	size_t m = sim_candidates(b->p->graph, &b->p->policy, b->p->v,
				  b->c->n_announcements, b->result, id, seen,
				  CANDIDATES);
	bool equal = n == m;

	for (size_t k = 0; equal && k < n; k++)
		equal = candidate_equal(b, &seen[k], expected[0], expected[k]);
	if (equal && same_first(b, id, seen, n))
		return true;
	text_addf(b->out, "AS %u: candidates differ\n", reference_asn(b->r, i));
	say_candidates(b, expected, n, seen, m);
	return false;
}

static bool
check_tie(const struct both *b, size_t i, uint32_t id,
	  const struct sim_set *ties)
{
	const struct reference_route *c[CANDIDATES];
	size_t n = reference_candidates(b->r, i, c, CANDIDATES);
	const struct reference_announcement *v = b->c->announcements;
	bool tie = false;

	for (size_t k = 1; k < n; k++)
		tie |= reference_tie(b->r, c[0], c[k]) &&
		       v[c[k]->announcement].site != v[c[0]->announcement].site;
	if (tie == sim_set_has(ties, id))
		return true;
	text_addf(b->out, "AS %u: expected %s between sites, seen %s\n",
		  reference_asn(b->r, i), tie ? "a tie" : "none",
		  tie ? "none" : "one");
	return false;
}

static bool
check_ases(const struct both *b)
{
	struct sim_set ties = sim_set_new(b->p->graph);
	bool fine = true;

	sim_ties(b->p->graph, &b->p->policy, b->p->v, b->c->n_announcements,
		 b->result, &ties);
	for (size_t i = 0; i < reference_count(b->r); i++) {
		uint32_t asn = reference_asn(b->r, i);
		uint32_t id = sim_graph_find(b->p->graph, asn);
		const struct reference_route *best = reference_best(b->r, i);

		if (!route_equal(b, id, best)) {
			text_addf(b->out, "AS %u:\n", asn);
			say_reference(best, b->out);
			say_core(b, id, b->out);
			fine = false;
			continue;
		}
		fine &= check_candidates(b, i, id);
		fine &= check_tie(b, i, id, &ties);
	}
	sim_set_free(&ties);
	return fine;
}

/* Memory is used again: another run must not shine through. */
static void
leave_traces(struct sim_engine *engine, const struct prepared *p,
	     const struct random_case *c, struct sim_result *result)
{
	struct sim_policy other = {(c->preference + 1 + c->seed % 3) % 4, NULL};

	if (c->seed % 2)
		assert_int_equal(sim_run(engine, &other, p->v,
					 (c->n_announcements + 1) / 2, result),
				 0);
}

/* True when both agree. */
static bool
check_case(const struct random_case *c, struct text *out)
{
	struct prepared p;
	struct reference *r = reference_new(c->links, c->n_links, c->preference,
					    c->rov, c->n_rov);
	struct sim_engine *engine;
	struct sim_result result;
	bool fine;
	int e;

	prepare(&p, c);
	engine = sim_engine_new(p.graph);
	result = sim_result_new(p.graph);
	fine = reference_run(r, c->announcements, c->n_announcements, c->seed);
	if (!fine)
		text_add(out, "the reference does not come to rest\n");
	leave_traces(engine, &p, c, &result);
	e = sim_run(engine, &p.policy, p.v, c->n_announcements, &result);
	if (e != 0)
		text_addf(out, "sim_run() = %d\n", e);
	fine = fine && e == 0 &&
	       check_ases(&(struct both){c, &p, r, &result, out});
	sim_result_free(&result);
	sim_engine_free(engine);
	prepared_free(&p);
	reference_free(r);
	return fine;
}

static bool
differs(const struct random_case *c)
{
	struct text out = {0};
	bool fine = check_case(c, &out);

	text_free(&out);
	return !fine;
}

static void
run_case(uint64_t seed)
{
	struct random_case c;
	struct text out = {0};

	random_case(seed, &c);
	if (!differs(&c))
		return;
	random_case_shrink(&c, differs);
	random_case_text(&c, &out);
	check_case(&c, &out);
	fail_msg("the smallest form of a case that differs:\n%s",
		 text_str(&out));
}

static void
test_random_cases(void **state)
{
	const char *one = *state;

	if (one) {
		run_case(strtoull(one, NULL, 10));
		return;
	}
	for (uint64_t seed = 0; seed < CASES; seed++)
		run_case(seed);
}

/* ---- the judge itself ---- */

static struct reference *
judge(const struct random_case *c, uint64_t order)
{
	struct reference *r = reference_new(c->links, c->n_links, c->preference,
					    c->rov, c->n_rov);

	if (!reference_run(r, c->announcements, c->n_announcements, order)) {
		reference_free(r);
		return NULL;
	}
	return r;
}

static bool
same_routes(const struct reference *a, const struct reference *b)
{
	for (size_t i = 0; i < reference_count(a); i++) {
		const struct reference_route *x = reference_best(a, i);
		const struct reference_route *y = reference_best(b, i);

		if (!x->there && !y->there)
			continue;
		if (x->there != y->there || x->length != y->length ||
		    x->announcement != y->announcement ||
		    memcmp(x->path, y->path, x->length * sizeof(x->path[0])))
			return false;
	}
	return true;
}

static bool
order_matters(const struct random_case *c)
{
	bool matters = false;

	for (uint64_t order = 1; order < 5 && !matters; order++) {
		struct reference *a = judge(c, 0), *b = judge(c, order);

		matters = !a || !b || !same_routes(a, b);
		if (a)
			reference_free(a);
		if (b)
			reference_free(b);
	}
	return matters;
}

/* In which order messages arrive changes nothing. */
static void
test_order_is_nothing(void **state)
{
	struct text out = {0};
	struct random_case c;

	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++) {
		random_case(seed, &c);
		if (!order_matters(&c))
			continue;
		random_case_shrink(&c, order_matters);
		random_case_text(&c, &out);
		fail_msg("two outcomes:\n%s", text_str(&out));
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_is_nothing),
	    cmocka_unit_test_prestate(test_random_cases,
				      argc > 1 ? argv[1] : NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
