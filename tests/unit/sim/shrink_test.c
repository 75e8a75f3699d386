/* SPDX-License-Identifier: ISC */
/* On the smaller graph every plan comes to what it comes to on the whole. */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "random_case.h"
#include "sim/shrink.h"
#include "sim/trial.h"

#define SITES   3 /* announcements of others are dropped */
#define STUBS   80
#define STUB    100000 /* the first one's AS number */
#define EXPORTS 8

struct world {
	uint64_t random;
	struct sim_graph *g;
	struct sim_policy policy;
	struct sim_set rov;
	struct sim_announcement v[RANDOM_ANNOUNCEMENTS];
	struct sim_export exports[RANDOM_ANNOUNCEMENTS][EXPORTS];
	struct sim_weights weights[2];
	struct sim_plan_prefix prefixes[2];
	struct sim_plan plan;
};

static size_t
draw(struct world *w, size_t below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + 1;
	return (size_t)((w->random >> 33) % below);
}

/* The case's links, and stubs with one or two providers. */
static void
make_graph(struct world *w, const struct random_case *c)
{
	struct text file = {0}, messages = {0};

	random_case_graph(c, &file);
	for (unsigned i = 0; i < STUBS; i++) {
		const struct reference_link *l = &c->links[draw(w, c->n_links)];

		text_addf(&file, "%u|%u|-1\n", l->a, STUB + i);
		if (draw(w, 2) && l->b != l->a)
			text_addf(&file, "%u|%u|-1\n", l->b, STUB + i);
	}
	assert_int_equal(sim_graph_parse("case", text_str(&file), file.len,
					 &w->g, &messages),
			 0);
	text_free(&file);
	text_free(&messages);
}

static void
make_announcement(struct world *w, size_t i,
		  const struct reference_announcement *a)
{
	w->v[i] = random_case_announcement(w->g, a, w->exports[i]);
	w->v[i].site = (uint32_t)draw(w, SITES + 1);
	w->v[i].down = false;
	/* Sometimes a stub hears it. */
	if (!a->n_exports && !draw(w, 6))
		w->v[i].at =
		    sim_graph_find(w->g, STUB + (uint32_t)draw(w, STUBS));
}

static void
make_plan(struct world *w, const struct random_case *c)
{
	for (size_t p = 0; p < 2; p++) {
		w->weights[p] = sim_weights_ases(w->g);
		for (uint32_t id = 0; id < w->weights[p].n; id++)
			w->weights[p].v[id] = draw(w, 3) ? draw(w, 100000) : 0;
		w->prefixes[p] = (struct sim_plan_prefix){
		    .announcements = w->v + p,
		    .n = c->n_announcements - p,
		    .weights = &w->weights[p],
		    .covered_by = p ? 0 : SIM_NONE,
		};
	}
	w->plan = (struct sim_plan){
	    .g = w->g,
	    .policy = &w->policy,
	    .prefixes = w->prefixes,
	    .n_prefixes = 1 + draw(w, 2),
	    .n_sites = SITES,
	};
}

static void
start(struct world *w, const struct random_case *c)
{
	*w = (struct world){.random = c->seed};
	make_graph(w, c);
	w->rov = sim_set_new(w->g);
	for (uint32_t id = 0; id < sim_graph_count(w->g); id++)
		if (!draw(w, 4))
			sim_set_add(&w->rov, id);
	w->policy =
	    (struct sim_policy){c->preference, draw(w, 4) ? &w->rov : NULL};
	for (size_t i = 0; i < c->n_announcements; i++)
		make_announcement(w, i, &c->announcements[i]);
	make_plan(w, c);
}

static void
end(struct world *w)
{
	sim_weights_free(&w->weights[0]);
	sim_weights_free(&w->weights[1]);
	sim_set_free(&w->rov);
	sim_graph_free(w->g);
}

static void
check_equal(const struct measure *a, const struct measure *b)
{
	assert_memory_equal(a->load, b->load, SITES * sizeof(*a->load));
	assert_int_equal(a->unreached, b->unreached);
	assert_int_equal(a->dropped, b->dropped);
	assert_true(a->hops == b->hops);
}

/* Goes through some states of both. */
static void
compare(struct world *w, const struct sim_plan *small)
{
	struct trial *a = trial_new(&w->plan, NULL, 0);
	struct trial *b = trial_new(small, NULL, 0);
	const struct measure *x, *y;

	for (size_t step = 0; step < 8; step++) {
		int error = trial_measure(a, &x);

		assert_int_equal(error, trial_measure(b, &y));
		if (error)
			break;
		check_equal(x, y);
		for (size_t p = 0; p < w->plan.n_prefixes; p++) {
			size_t i = draw(w, w->prefixes[p].n);
			bool up = draw(w, 2);

			trial_set(a, p, i, up, TRIAL_OWN_PREPEND);
			trial_set(b, p, i, up, TRIAL_OWN_PREPEND);
		}
	}
	trial_free(a);
	trial_free(b);
}

static void
same_sums(void **state)
{
	size_t less = 0, cases = 0;

	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct random_case c;
		struct shrunk small;
		struct world w;

		random_case(seed, &c);
		if (c.n_announcements < 2 || !c.n_links)
			continue;
		start(&w, &c);
		assert_true(shrink_new(&w.plan, &small));
		compare(&w, &small.plan);
		cases++;
		less += sim_graph_count(small.g) * 4 < sim_graph_count(w.g) * 3;
		shrink_free(&small);
		end(&w);
	}
	assert_true(cases > 300);
	/* It was worth it in most. */
	assert_true(less * 2 > cases);
}

/* Each is where sim_graph_find() finds it, each link is seen from both. */
static void
sound_graph(void **state)
{
	struct random_case c;
	struct shrunk small;
	struct world w;
	uint32_t n;

	random_case(3, &c);
	start(&w, &c);
	assert_true(shrink_new(&w.plan, &small));
	n = sim_graph_count(small.g);
	for (uint32_t a = 0; a < n; a++) {
		assert_int_equal(
		    sim_graph_find(small.g, sim_graph_asn(small.g, a)), a);
		for (uint32_t b = 0; b < n; b++) {
			uint32_t x =
			    sim_graph_find(w.g, sim_graph_asn(small.g, a));
			uint32_t y =
			    sim_graph_find(w.g, sim_graph_asn(small.g, b));

			assert_int_equal(sim_graph_relation(small.g, a, b),
					 sim_graph_relation(w.g, x, y));
		}
	}
	shrink_free(&small);
	end(&w);
}

static void
no_such_as(void **state)
{
	struct random_case c;
	struct shrunk small;
	struct world w;

	random_case(3, &c);
	start(&w, &c);
	w.v[0].at = sim_graph_count(w.g);
	assert_false(shrink_new(&w.plan, &small));
	assert_ptr_equal(small.plan.g, w.g);
	shrink_free(&small);
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_sums),
	    cmocka_unit_test(sound_graph),
	    cmocka_unit_test(no_such_as),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
