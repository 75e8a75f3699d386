/* SPDX-License-Identifier: ISC */
/*
 * Random changes of random small Internets: after each, the result is the one
 * of a whole run, the ASes said to be altered are those that are, and an undo
 * brings back what was. sim_whatif_test SEED runs one case.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "base/text.h"
#include "random_case.h"
#include "sim/sim.h"

#define CASES    3000
#define STEPS    12
#define TOGETHER 3 /* announcements changed at once, at most */
#define TAIL     8
#define EXPORTS  8

/* ---- chance ---- */

static uint32_t
below(uint64_t *state, uint32_t n)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 33) % n);
}

static bool
percent(uint64_t *state, uint32_t p)
{
	return below(state, 100) < p;
}

/* ---- a case ---- */

/* What announcements point to; each version has its own. */
struct memory {
	uint32_t tail[TAIL];
	struct sim_export exports[EXPORTS];
};

struct world {
	uint64_t seed, state;
	size_t step;
	struct sim_graph *g;
	struct sim_engine *e;
	struct sim_policy policy;
	struct sim_set rov;
	struct sim_whatif *w;
	struct sim_announcement v[RANDOM_ANNOUNCEMENTS]; /* as they should be */
	size_t n;
	struct memory memory[RANDOM_ANNOUNCEMENTS + STEPS * TOGETHER];
	size_t used;
	struct sim_result before, whole;
};

static int
by_neighbour(const void *a, const void *b)
{
	const struct sim_export *x = a, *y = b;

	return x->neighbour < y->neighbour ? -1 : x->neighbour > y->neighbour;
}

static void
start_announcement(struct world *t, const struct reference_announcement *a)
{
	struct memory *m = &t->memory[t->used++];
	struct sim_announcement *v = &t->v[t->n++];

	*v = random_case_announcement(t->g, a, m->exports);
	memcpy(m->tail, a->tail, sizeof(m->tail));
	v->tail = m->tail;
}

static void
start(struct world *t, uint64_t seed)
{
	struct random_case c;

	random_case(seed, &c);
	*t = (struct world){.seed = seed, .state = seed};
	random_case_open(&c, &t->g, &t->rov);
	for (size_t i = 0; i < c.n_announcements; i++)
		start_announcement(t, &c.announcements[i]);
	t->policy = (struct sim_policy){
	    .preference = percent(&t->state, 85)
			      ? SIM_PREFER_CUSTOMER_PEER_PROVIDER
			      : c.preference,
	    .rov = c.n_rov ? &t->rov : NULL,
	};
	t->e = sim_engine_new(t->g);
	t->before = sim_result_new(t->g);
	t->whole = sim_result_new(t->g);
	assert_int_equal(sim_whatif_new(t->e, &t->policy, t->v, t->n, &t->w),
			 0);
}

static void
end(struct world *t)
{
	sim_whatif_free(t->w);
	sim_engine_free(t->e);
	sim_result_free(&t->before);
	sim_result_free(&t->whole);
	sim_set_free(&t->rov);
	sim_graph_free(t->g);
}

/* ---- changes ---- */

static uint32_t
some_asn(struct world *t)
{
	uint32_t n = sim_graph_count(t->g);

	return percent(&t->state, 30)
		   ? 65000 + below(&t->state, 3)
		   : sim_graph_asn(t->g, below(&t->state, n));
}

static void
new_tail(struct world *t, struct memory *m, struct sim_announcement *a)
{
	a->n_tail = a->from != SIM_ORIGIN;
	a->n_tail += below(&t->state, TAIL - 1);
	for (size_t i = 0; i < a->n_tail; i++)
		m->tail[i] =
		    i && percent(&t->state, 50) ? m->tail[i - 1] : some_asn(t);
}

/* Of the same length, over one other AS. */
static void
over_another(struct world *t, struct memory *m, struct sim_announcement *a)
{
	if (a->n_tail)
		m->tail[below(&t->state, (uint32_t)a->n_tail)] = some_asn(t);
}

/* As if heard from a neighbour that is in the graph. */
static void
by_neighbour_as(struct world *t, struct memory *m, struct sim_announcement *a)
{
	struct sim_ids row = sim_graph_neighbours(
	    t->g, a->at, SIM_CUSTOMER + below(&t->state, SIM_PROVIDER));

	if (row.n && a->n_tail)
		m->tail[0] = sim_graph_asn(
		    t->g, row.v[below(&t->state, (uint32_t)row.n)]);
}

static void
longer(struct world *t, struct memory *m, struct sim_announcement *a)
{
	if (a->n_tail == 0 || a->n_tail == TAIL)
		return;
	for (size_t i = a->n_tail++; i > 0; i--)
		m->tail[i] = m->tail[i - 1];
}

static void
shorter(struct world *t, struct memory *m, struct sim_announcement *a)
{
	if (a->n_tail < 2)
		return;
	a->n_tail--;
	for (size_t i = 0; i < a->n_tail; i++)
		m->tail[i] = m->tail[i + 1];
}

static void
community(struct world *t, struct memory *m, struct sim_announcement *a)
{
	bool *const flags[] = {&a->nopeer, &a->no_export, &a->only};
	bool *flag = flags[below(&t->state, a->from == SIM_ORIGIN ? 1 : 3)];

	*flag = !*flag;
}

static void
new_exports(struct world *t, struct memory *m, struct sim_announcement *a)
{
	a->n_exports = 0;
	if (a->from == SIM_ORIGIN)
		return;
	for (int r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++) {
		struct sim_ids row = sim_graph_neighbours(t->g, a->at, r);

		for (size_t i = 0; i < row.n && a->n_exports < EXPORTS; i++)
			if (percent(&t->state, 40))
				m->exports[a->n_exports++] =
				    (struct sim_export){
					row.v[i], (uint8_t)below(&t->state, 4),
					percent(&t->state, 30)};
	}
	qsort(m->exports, a->n_exports, sizeof(m->exports[0]), by_neighbour);
}

static void
one_export(struct world *t, struct memory *m, struct sim_announcement *a)
{
	struct sim_export *e;

	if (a->n_exports == 0)
		return;
	e = &m->exports[below(&t->state, (uint32_t)a->n_exports)];
	e->deny = percent(&t->state, 30);
	e->prepend =
	    (uint8_t)(percent(&t->state, 5) ? 200 : below(&t->state, 4));
}

static void
flip_down(struct world *t, struct memory *m, struct sim_announcement *a)
{
	a->down = !a->down;
}

static void
flip_invalid(struct world *t, struct memory *m, struct sim_announcement *a)
{
	a->invalid = !a->invalid;
}

static void
new_from(struct world *t, struct memory *m, struct sim_announcement *a)
{
	a->from = below(&t->state, SIM_PROVIDER + 1);
	if (a->from == SIM_ORIGIN) {
		a->no_export = a->only = false;
		a->n_exports = 0;
	} else if (a->n_tail == 0) {
		new_tail(t, m, a);
	}
}

/* Announcement i in its next version, with memory of its own. */
static struct sim_announcement
another(struct world *t, size_t i)
{
	static void (*const ways[])(struct world *, struct memory *,
				    struct sim_announcement *) = {
	    flip_down, flip_down, longer,       longer,          shorter,
	    shorter,   community, new_exports,  one_export,      flip_invalid,
	    new_tail,  new_from,  over_another, by_neighbour_as,
	};
	struct sim_announcement a = t->v[i];
	struct memory *m = &t->memory[t->used++];

	memcpy(m->tail, a.tail, a.n_tail * sizeof(m->tail[0]));
	memcpy(m->exports, a.exports, a.n_exports * sizeof(m->exports[0]));
	a.tail = m->tail;
	a.exports = m->exports;
	do
		ways[below(&t->state, ARRAY_LEN(ways))](t, m, &a);
	while (percent(&t->state, 25));
	return a;
}

/* ---- checks ---- */

static void
same(const struct world *t, const char *what, const struct sim_result *seen,
     const struct sim_result *expected)
{
	for (uint32_t id = 0; id < seen->n; id++)
		if (seen->key[id] != expected->key[id] ||
		    seen->announcement[id] != expected->announcement[id])
			fail_msg("case %llu, step %zu, %s: AS %u has key %08x "
				 "of %u, expected %08x of %u",
				 (unsigned long long)t->seed, t->step, what,
				 sim_graph_asn(t->g, id), seen->key[id],
				 seen->announcement[id], expected->key[id],
				 expected->announcement[id]);
}

static void
counts(const struct world *t)
{
	const struct sim_result *r = sim_whatif_result(t->w);

	for (size_t i = 0; i <= t->n; i++) {
		size_t announcement = i < t->n ? i : SIM_UNREACHED;
		uint32_t n = 0;

		for (uint32_t id = 0; id < r->n; id++)
			n += r->announcement[id] == announcement;
		assert_int_equal(sim_whatif_count(t->w, announcement), n);
	}
}

static void
altered(const struct world *t)
{
	const struct sim_result *r = sim_whatif_result(t->w);
	const struct sim_result *was = sim_whatif_before(t->w);
	const struct sim_set *changed = sim_whatif_changed(t->w);

	for (uint32_t id = 0; id < r->n; id++) {
		bool differs =
		    r->key[id] != t->before.key[id] ||
		    r->announcement[id] != t->before.announcement[id];

		assert_int_equal(sim_set_has(changed, id), differs);
		if (!differs)
			continue;
		assert_int_equal(was->key[id], t->before.key[id]);
		assert_int_equal(was->announcement[id],
				 t->before.announcement[id]);
	}
}

static void
exact(struct world *t, const char *what)
{
	const struct sim_announcement *v = sim_whatif_announcements(t->w);

	assert_int_equal(sim_run(t->e, &t->policy, t->v, t->n, &t->whole), 0);
	same(t, what, sim_whatif_result(t->w), &t->whole);
	counts(t);
	for (size_t i = 0; i < t->n; i++) {
		assert_int_equal(v[i].down, t->v[i].down);
		assert_ptr_equal(v[i].tail, t->v[i].tail);
		assert_int_equal(v[i].n_tail, t->v[i].n_tail);
	}
}

static void
undone(struct world *t)
{
	const struct sim_set *changed = sim_whatif_changed(t->w);

	same(t, "undone", sim_whatif_result(t->w), &t->before);
	assert_int_equal(sim_set_next(changed, 0), SIM_NONE);
	assert_false(sim_whatif_undo(t->w));
	exact(t, "after undo");
}

/* ---- steps ---- */

/* Several announcements at once; `now` has them all. */
static void
change_some(struct world *t, struct sim_announcement *now)
{
	struct sim_change changes[TOGETHER];
	size_t n =
	    1 + (percent(&t->state, 30) ? below(&t->state, TOGETHER) : 0);
	size_t first = below(&t->state, (uint32_t)t->n);

	n = n > t->n ? t->n : n;
	for (size_t i = 0; i < n; i++) {
		size_t index = (first + i) % t->n;

		changes[i] = (struct sim_change){index, another(t, index)};
		now[index] = changes[i].now;
	}
	if (n == 1)
		assert_int_equal(sim_whatif_change(t->w, first, &now[first]),
				 0);
	else
		assert_int_equal(sim_whatif_change_all(t->w, changes, n), 0);
}

static void
change_site(struct world *t, struct sim_announcement *now)
{
	uint32_t site = below(&t->state, 4);
	bool down = percent(&t->state, 50);

	for (size_t i = 0; i < t->n; i++)
		if (now[i].site == site)
			now[i].down = down;
	sim_whatif_site(t->w, site, down);
}

static void
step(struct world *t)
{
	struct sim_announcement old[RANDOM_ANNOUNCEMENTS];

	memcpy(old, t->v, sizeof(old));
	sim_result_copy(&t->before, sim_whatif_result(t->w));
	if (percent(&t->state, 20))
		change_site(t, t->v);
	else
		change_some(t, t->v);
	exact(t, "changed");
	altered(t);
	if (!percent(&t->state, 30))
		return;
	sim_whatif_undo(t->w);
	memcpy(t->v, old, sizeof(old));
	undone(t);
}

static void
run_case(uint64_t seed)
{
	static struct world t;

	start(&t, seed);
	exact(&t, "at first");
	for (t.step = 0; t.step < STEPS; t.step++)
		step(&t);
	end(&t);
}

static void
test_random_changes(void **state)
{
	const char *one = *state;

	if (one) {
		run_case(strtoull(one, NULL, 10));
		return;
	}
	for (uint64_t seed = 0; seed < CASES; seed++)
		run_case(seed);
}

/* ---- many move ---- */

#define LEAVES 20000 /* more than WHOLE_FROM in whatif.c */

/* Two peers, and many customers of both. */
static void
start_wide(struct world *t)
{
	static const uint32_t tail[] = {65000, 65000};
	struct text lines = {0}, messages = {0};

	*t = (struct world){.n = 2};
	text_add(&lines, "1|2|0\n");
	for (uint32_t i = 0; i < LEAVES; i++)
		text_addf(&lines, "1|%u|-1\n2|%u|-1\n", 100 + i, 100 + i);
	assert_int_equal(
	    sim_graph_parse("wide", lines.s, lines.len, &t->g, &messages), 0);
	text_free(&lines);
	text_free(&messages);
	for (uint32_t i = 0; i < 2; i++)
		t->v[i] = (struct sim_announcement){
		    .at = sim_graph_find(t->g, 1 + i),
		    .from = SIM_CUSTOMER,
		    .site = i,
		    .tail = tail,
		    .n_tail = 1,
		};
	t->e = sim_engine_new(t->g);
	t->before = sim_result_new(t->g);
	t->whole = sim_result_new(t->g);
	assert_int_equal(sim_whatif_new(t->e, &t->policy, t->v, t->n, &t->w),
			 0);
}

/* Whole runs and single moves follow each other. */
static void
test_many_move(void **state)
{
	struct world t;

	(void)state;
	start_wide(&t);
	exact(&t, "at first");
	assert_int_equal(sim_whatif_count(t.w, 0), LEAVES + 1);
	for (t.step = 0; t.step < 20; t.step++) {
		struct sim_announcement *a = &t.v[t.step % 2], old = *a;

		sim_result_copy(&t.before, sim_whatif_result(t.w));
		if (t.step % 3 == 0)
			a->down = !a->down;
		else
			a->n_tail = 3 - a->n_tail;
		assert_int_equal(sim_whatif_change(t.w, t.step % 2, a), 0);
		exact(&t, "changed");
		altered(&t);
		if (t.step % 4)
			continue;
		sim_whatif_undo(t.w);
		*a = old;
		undone(&t);
	}
	end(&t);
}

/* ---- what is refused ---- */

static void
test_refusals(void **state)
{
	struct world t;
	struct sim_announcement a;
	struct sim_change both[2];

	(void)state;
	start(&t, 2);
	a = t.v[0];
	assert_int_equal(sim_whatif_change(t.w, t.n, &a), -EINVAL);
	a.at = (a.at + 1) % sim_graph_count(t.g);
	assert_int_equal(sim_whatif_change(t.w, 0, &a), -EINVAL);
	a = t.v[0];
	a.n_tail = SIM_PATH_MAX;
	assert_int_equal(sim_whatif_change(t.w, 0, &a), -EINVAL);
	a = t.v[0];
	a.down = true;
	both[0] = both[1] = (struct sim_change){0, a};
	assert_int_equal(sim_whatif_change_all(t.w, both, 2), -EINVAL);
	assert_false(sim_whatif_undo(t.w));
	exact(&t, "after refusals");
	a.at = SIM_NONE;
	sim_whatif_free(t.w);
	assert_int_equal(sim_whatif_new(t.e, &t.policy, &a, 1, &t.w), -EINVAL);
	assert_int_equal(sim_whatif_new(t.e, &t.policy, NULL, 0, &t.w), 0);
	end(&t);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_many_move),
	    cmocka_unit_test_prestate(test_random_changes,
				      argc > 1 ? argv[1] : NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
