/* SPDX-License-Identifier: ISC */
/* Cascades against a plain re-computation, and what is always true of them. */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "plan_case.h"

typedef struct sim_announcement announced[CASE_PREFIXES][CASE_ANNOUNCEMENTS];

static void
run_without(const struct plan_case *c, const bool *failed,
	    struct plan_outcome *out)
{
	announced a;

	memcpy(a, c->announcements, sizeof(a));
	for (size_t p = 0; p < CASE_PREFIXES; p++)
		for (size_t i = 0; i < CASE_ANNOUNCEMENTS; i++)
			if (a[p][i].site < CASE_SITES && failed[a[p][i].site])
				a[p][i].down = true;
	plan_case_run(c, a, out);
}

static void
check_round(const struct sim_round *r, const struct plan_outcome *o)
{
	assert_memory_equal(r->load, o->load, sizeof(o->load));
	assert_int_equal(r->unreached, o->unreached);
	assert_int_equal(r->dropped, o->dropped);
}

/* Follows one failure round by round. */
static void
check_failure(const struct plan_case *c, const struct sim_failure *f)
{
	bool failed[CASE_SITES] = {0};
	size_t n = 0, round = 0;
	bool more;

	for (; n < f->n_first; n++)
		failed[f->failed[n]] = true;
	do {
		struct plan_outcome o;

		assert_true(round < f->n_rounds);
		run_without(c, failed, &o);
		check_round(&f->rounds[round++], &o);
		more = false;
		for (uint32_t s = 0; s < CASE_SITES; s++) {
			if (!c->capacity[s] || o.load[s] <= c->capacity[s])
				continue;
			if (!more)
				assert_int_equal(f->rounds[round].failed_at, n);
			assert_int_equal(f->failed[n++], s);
			failed[s] = more = true;
		}
	} while (more);
	assert_int_equal(round, f->n_rounds);
	assert_int_equal(n, f->n_failed);
	assert_int_equal(f->collapse, n == CASE_SITES);
}

static uint64_t
all_weight(const struct plan_case *c)
{
	uint64_t sum = 0;

	for (size_t p = 0; p < c->plan.n_prefixes; p++)
		sum += c->weights[p].total;
	return sum;
}

static void
check_conserved(const struct plan_case *c, const struct sim_failure *f)
{
	for (size_t r = 0; r < f->n_rounds; r++) {
		const struct sim_round *round = &f->rounds[r];
		uint64_t sum = round->unreached + round->dropped;

		for (size_t s = 0; s < CASE_SITES; s++)
			sum += round->load[s];
		assert_int_equal(sum, all_weight(c));
	}
}

static void
as_recomputed(void **state)
{
	size_t rounds = 0, collapses = 0;

	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct sim_cascade cascade;
		struct plan_case c;

		plan_case_new(&c, seed, 1 + seed % CASE_PREFIXES, seed % 2);
		assert_int_equal(sim_cascade(&c.plan, 2, NULL, NULL, &cascade),
				 0);
		assert_int_equal(cascade.n,
				 1 + CASE_SITES +
				     CASE_SITES * (CASE_SITES - 1) / 2);
		for (size_t i = 0; i < cascade.n; i++) {
			check_failure(&c, &cascade.v[i]);
			check_conserved(&c, &cascade.v[i]);
			rounds += cascade.v[i].n_rounds > 1;
			collapses += cascade.v[i].collapse;
		}
		sim_cascade_free(&cascade);
		plan_case_free(&c);
	}
	/* The cases are worth something. */
	assert_true(rounds > 100);
	assert_true(collapses > 20);
}

static void
threads_change_nothing(void **state)
{
	struct sim_cascade one, many;
	struct plan_case c;

	plan_case_new(&c, 7, 2, true);
	c.plan.threads = 1;
	assert_int_equal(sim_cascade(&c.plan, 2, NULL, NULL, &one), 0);
	c.plan.threads = 5;
	assert_int_equal(sim_cascade(&c.plan, 2, NULL, NULL, &many), 0);
	assert_int_equal(one.n, many.n);
	for (size_t i = 0; i < one.n; i++) {
		assert_int_equal(one.v[i].n_failed, many.v[i].n_failed);
		assert_memory_equal(one.v[i].failed, many.v[i].failed,
				    one.v[i].n_failed * sizeof(uint32_t));
	}
	sim_cascade_free(&one);
	sim_cascade_free(&many);
	plan_case_free(&c);
}

/* Without capacities nothing follows from a failure. */
static void
no_capacity_no_cascade(void **state)
{
	struct sim_cascade cascade;
	struct plan_case c;

	plan_case_new(&c, 3, 1, false);
	c.plan.capacity = NULL;
	assert_int_equal(sim_cascade(&c.plan, 1, NULL, NULL, &cascade), 0);
	assert_int_equal(cascade.n, 1 + CASE_SITES);
	for (size_t i = 0; i < cascade.n; i++) {
		assert_int_equal(cascade.v[i].n_rounds, 1);
		assert_int_equal(cascade.v[i].n_failed, cascade.v[i].n_first);
	}
	sim_cascade_free(&cascade);
	plan_case_free(&c);
}

/* A site that carries nothing: its failure changes nothing. */
static void
empty_site_fails_unseen(void **state)
{
	size_t seen = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		const struct sim_round *base, *after;
		struct sim_cascade cascade;
		struct plan_case c;

		plan_case_new(&c, seed, 1, false);
		/* Far away: nobody comes. */
		for (size_t i = 0; i < CASE_UPSTREAMS; i++)
			if (c.announcements[0][i].site == 2)
				c.announcements[0][i].n_tail =
				    CASE_PREPENDS + 1;
		c.plan.capacity = NULL;
		assert_int_equal(sim_cascade(&c.plan, 1, NULL, NULL, &cascade),
				 0);
		base = &cascade.v[0].rounds[0];
		after = &cascade.v[3].rounds[0];
		assert_int_equal(cascade.v[3].failed[0], 2);
		if (!base->load[2]) {
			assert_memory_equal(base->load, after->load,
					    CASE_SITES * sizeof(uint64_t));
			seen++;
		}
		sim_cascade_free(&cascade);
		plan_case_free(&c);
	}
	assert_true(seen > 3);
}

static void
what_is_down_is_left_out(void **state)
{
	struct sim_cascade cascade;
	struct plan_case c;

	plan_case_new(&c, 5, 1, false);
	for (size_t i = 0; i < CASE_UPSTREAMS; i++)
		c.announcements[0][i].down |= c.announcements[0][i].site != 4;
	c.plan.capacity = NULL;
	assert_int_equal(sim_cascade(&c.plan, 2, NULL, NULL, &cascade), 0);
	assert_int_equal(cascade.n, 2);
	assert_false(cascade.v[0].collapse);
	assert_int_equal(cascade.v[1].failed[0], 4);
	assert_true(cascade.v[1].collapse);
	sim_cascade_free(&cascade);
	plan_case_free(&c);
}

static bool
stop_at_once(void *ctx)
{
	return true;
}

static void
stopped_at_once(void **state)
{
	struct sim_cascade cascade;
	struct plan_case c;

	plan_case_new(&c, 5, 1, false);
	assert_int_equal(sim_cascade(&c.plan, 2, stop_at_once, NULL, &cascade),
			 0);
	assert_true(cascade.stopped);
	assert_int_equal(cascade.n, 0);
	sim_cascade_free(&cascade);
	plan_case_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_recomputed),
	    cmocka_unit_test(threads_change_nothing),
	    cmocka_unit_test(no_capacity_no_cascade),
	    cmocka_unit_test(empty_site_fails_unseen),
	    cmocka_unit_test(what_is_down_is_left_out),
	    cmocka_unit_test(stopped_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
