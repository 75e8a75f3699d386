/* SPDX-License-Identifier: ISC */
/* Searches against trying everything plainly, and their promises. */
#include "../test.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan_case.h"

typedef struct sim_announcement announced[CASE_PREFIXES][CASE_ANNOUNCEMENTS];

/* A choice: units and prepends. */
struct pick {
	bool chosen[CASE_UPSTREAMS];
	uint8_t prepend[CASE_UPSTREAMS];
};
struct value {
	uint64_t over, unreached;
	uint64_t step; /* of unreached, that makes a difference */
	double objective;
};
/* Trying everything. */
struct plain {
	struct plan_case *c;
	const struct sim_search *s;
	size_t n_units;
	struct pick pick;
	struct value best[1 << CASE_UPSTREAMS]; /* by set of units */
	bool seen[1 << CASE_UPSTREAMS];
	size_t tried;
};

static bool
near(double a, double b)
{
	return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static int
compare_values(const struct value *a, const struct value *b)
{
	uint64_t x = a->over + a->unreached / a->step * a->step;
	uint64_t y = b->over + b->unreached / b->step * b->step;

	if (x != y)
		return x < y ? -1 : 1;
	if (near(a->objective, b->objective))
		return 0;
	return a->objective < b->objective ? -1 : 1;
}

static bool
active(const struct plan_case *c, const struct sim_search *s,
       const struct pick *p, size_t upstream)
{
	return p->chosen[s->upstreams ? upstream : c->upstream_site[upstream]];
}

static struct value
value_of(struct plan_case *c, const struct sim_search *s, const struct pick *p,
	 struct plan_outcome *o)
{
	struct value v = {.step = 1};
	uint64_t all = 0;
	announced a;

	memcpy(a, c->announcements, sizeof(a));
	for (size_t i = 0; i < c->plan.n_prefixes; i++)
		for (size_t u = 0; u < CASE_UPSTREAMS; u++) {
			a[i][u].down = !active(c, s, p, u);
			if (s->prepend_max)
				a[i][u].n_tail = 1u + p->prepend[u];
		}
	plan_case_run(c, a, o);
	v.unreached = o->unreached + o->dropped;
	for (size_t i = 0; i < c->plan.n_prefixes; i++)
		all += c->weights[i].total;
	v.step = all / 1000 + 1;
	for (size_t i = 0; i < CASE_SITES; i++) {
		if (s->max_load && s->max_load[i] &&
		    o->load[i] > s->max_load[i])
			v.over += o->load[i] - s->max_load[i];
		if (s->objective == SIM_MINIMISE_WORST_LOAD && c->capacity[i])
			v.objective =
			    fmax(v.objective,
				 (double)o->load[i] / (double)c->capacity[i]);
	}
	if (s->objective == SIM_MINIMISE_PATH_LENGTH)
		v.objective = o->hops / (double)o->served;
	if (s->objective == SIM_MINIMISE_COST)
		v.objective = o->cost / (double)o->served / 1000;
	if (!o->served)
		v.objective = INFINITY;
	return v;
}

static size_t
set_of(const struct pick *p)
{
	size_t set = 0;

	for (size_t i = 0; i < CASE_UPSTREAMS; i++)
		set |= (size_t)p->chosen[i] << i;
	return set;
}

static void
try_prepends(struct plain *x, size_t upstream)
{
	struct plan_outcome o;
	struct value v;
	size_t set;

	if (upstream < CASE_UPSTREAMS) {
		unsigned most = active(x->c, x->s, &x->pick, upstream)
				    ? x->s->prepend_max
				    : 0;

		for (unsigned i = 0; i <= most; i++) {
			x->pick.prepend[upstream] = (uint8_t)i;
			try_prepends(x, upstream + 1);
		}
		return;
	}
	v = value_of(x->c, x->s, &x->pick, &o);
	set = set_of(&x->pick);
	if (!x->seen[set] || compare_values(&v, &x->best[set]) < 0)
		x->best[set] = v;
	x->seen[set] = true;
	x->tried++;
}

static bool
keeps_bounds(const struct plain *x)
{
	const struct sim_search *s = x->s;
	size_t n = 0;

	for (size_t i = 0; i < x->n_units; i++) {
		enum sim_bound b = s->bounds ? s->bounds[i] : SIM_FREE;

		n += x->pick.chosen[i];
		if (x->pick.chosen[i] ? b == SIM_FORBIDDEN : b == SIM_REQUIRED)
			return false;
	}
	for (size_t site = 0; s->upstreams && site < CASE_SITES; site++) {
		size_t has = 0;

		for (size_t u = 0; u < CASE_UPSTREAMS; u++)
			has +=
			    x->pick.chosen[u] && x->c->upstream_site[u] == site;
		if (has && has < s->min_upstreams)
			return false;
	}
	return n == s->choose;
}

static void
try_all(struct plain *x, size_t unit)
{
	if (unit < x->n_units) {
		x->pick.chosen[unit] = false;
		try_all(x, unit + 1);
		x->pick.chosen[unit] = true;
		try_all(x, unit + 1);
	} else if (keeps_bounds(x)) {
		try_prepends(x, 0);
	}
}

/* The best of the sets not taken yet; false: there is none. */
static bool
take_best(struct plain *x, struct value *out)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_LEN(x->best); i++)
		if (x->seen[i] &&
		    (at == SIZE_MAX ||
		     compare_values(&x->best[i], &x->best[at]) < 0))
			at = i;
	if (at == SIZE_MAX)
		return false;
	*out = x->best[at];
	x->seen[at] = false;
	return true;
}

static struct pick
pick_of(const struct sim_solution *s, size_t n_units)
{
	struct pick p = {0};

	memcpy(p.chosen, s->chosen, n_units * sizeof(bool));
	memcpy(p.prepend, s->prepend, CASE_UPSTREAMS);
	return p;
}

/* What the solution says of itself is so. */
static void
check_solution(struct plan_case *c, const struct sim_search *s,
	       const struct sim_solution *v)
{
	size_t n_units = s->upstreams ? CASE_UPSTREAMS : CASE_SITES;
	struct pick p = pick_of(v, n_units);
	struct plan_outcome o;
	struct value value = value_of(c, s, &p, &o);

	assert_int_equal(value.over, v->over);
	assert_int_equal(value.unreached, v->unreached);
	assert_true(near(value.objective, v->objective));
	assert_true(near(o.served ? o.hops / (double)o.served : INFINITY,
			 v->mean_path));
	assert_memory_equal(o.load, v->load, sizeof(o.load));
	for (size_t i = 0; i < v->n_why; i++) {
		const struct sim_contribution *w = &v->why[i];
		struct pick less = p;

		if (w->unit != SIM_NONE)
			less.chosen[w->unit] = false;
		else
			less.prepend[w->upstream] = 0;
		value = value_of(c, s, &less, &o);
		assert_int_equal(value.unreached, w->unreached);
		assert_int_equal(value.over, w->over);
		assert_true(near(value.objective, w->without));
	}
}

static void
check_search(struct plan_case *c, struct sim_search *s)
{
	struct plain *x = xcalloc(1, sizeof(*x));
	struct text messages = {0};
	struct sim_found found;
	struct value best = {0};

	x->c = c;
	x->s = s;
	x->n_units = s->upstreams ? CASE_UPSTREAMS : CASE_SITES;
	try_all(x, 0);
	assert_int_equal(sim_search(&c->plan, s, &found, &messages), 0);
	assert_true(found.proven);
	assert_true(found.done.exact);
	assert_int_equal(found.done.tried + found.done.pruned,
			 found.done.total);
	assert_true(found.done.total <= x->tried);
	for (size_t i = 0; i < found.n; i++) {
		assert_true(take_best(x, &best));
		assert_int_equal(best.over, found.v[i].over);
		assert_int_equal(best.unreached / best.step,
				 found.v[i].unreached / best.step);
		assert_true(near(best.objective, found.v[i].objective));
		check_solution(c, s, &found.v[i]);
		if (i + 1 < found.n)
			assert_true(
			    near(found.v[i].ahead, found.v[i + 1].objective -
						       found.v[i].objective));
	}
	if (found.v[0].unreached == 0 && !found.v[0].over &&
	    !isnan(found.bound))
		assert_true(found.v[0].objective >= found.bound * (1 - 1e-9));
	assert_int_equal(messages.len, 0);
	sim_found_free(&found);
	free(x);
}

static void
sites_and_prepends(void **state)
{
	for (uint64_t seed = 1; seed <= 45; seed++) {
		struct plan_case c;
		struct sim_search s = {
		    .objective = (enum sim_objective)(seed % 3),
		    .choose = 1 + seed % 2,
		    .prepend_max = (uint8_t)(seed / 3 % 3),
		    .best = 3,
		};
		enum sim_bound bounds[CASE_SITES] = {0};

		plan_case_new(&c, seed, 1 + seed % 2, seed % 4 == 1);
		s.cost = c.cost;
		if (seed % 5 == 0)
			bounds[2] = SIM_REQUIRED;
		if (seed % 7 == 0)
			bounds[4] = SIM_FORBIDDEN;
		s.bounds = bounds;
		check_search(&c, &s);
		plan_case_free(&c);
	}
}

static void
upstreams_with_bounds(void **state)
{
	for (uint64_t seed = 101; seed <= 130; seed++) {
		struct plan_case c;
		uint64_t most[CASE_SITES] = {0, 0, 400000, 0, 600000, 0};
		struct sim_search s = {
		    .objective = (enum sim_objective)(seed % 3),
		    .upstreams = true,
		    .choose = 2 + seed % 2,
		    .prepend_max = (uint8_t)(seed % 2),
		    .best = 4,
		    .min_upstreams = 1 + seed % 2,
		    .max_load = seed % 4 ? most : NULL,
		};

		plan_case_new(&c, seed, 1, false);
		/* One site has several, whatever the seed. */
		for (size_t u = CASE_SITES; u < CASE_SITES + 3; u++) {
			c.upstream_site[u] = 1;
			c.announcements[0][u].site = 1;
		}
		s.cost = c.cost;
		check_search(&c, &s);
		plan_case_free(&c);
	}
}

/* Walking finds the best of most small cases, and never says more. */
static void
walking(void **state)
{
	size_t found_best = 0, cases = 0;

	for (uint64_t seed = 201; seed <= 225; seed++) {
		struct plan_case c;
		struct text messages = {0};
		struct sim_found all, some;
		struct sim_search s = {
		    .objective = (enum sim_objective)(seed % 3),
		    .choose = 2,
		    .prepend_max = 2,
		};

		plan_case_new(&c, seed, 1, false);
		s.cost = c.cost;
		assert_int_equal(sim_search(&c.plan, &s, &all, &messages), 0);
		s.exact_up_to = 1;
		s.seed = seed;
		assert_int_equal(sim_search(&c.plan, &s, &some, &messages), 0);
		assert_true(all.proven);
		assert_false(some.done.exact);
		for (size_t i = 0; i < some.n; i++)
			check_solution(&c, &s, &some.v[i]);
		if (some.v[0].unreached == all.v[0].unreached) {
			assert_true(some.v[0].objective >= all.v[0].objective);
			found_best += some.v[0].objective == all.v[0].objective;
		}
		if (some.proven)
			assert_true(
			    near(some.v[0].objective, all.v[0].objective));
		cases++;
		sim_found_free(&all);
		sim_found_free(&some);
		plan_case_free(&c);
	}
	assert_true(found_best * 10 >= cases * 9);
}

static void
same_for_any_threads(void **state)
{
	for (int exact = 0; exact < 2; exact++) {
		struct sim_found one, many;
		struct text messages = {0};
		struct plan_case c;
		struct sim_search s = {
		    .choose = 3,
		    .prepend_max = 2,
		    .exact_up_to = exact ? 0 : 1,
		    .seed = 9,
		};

		plan_case_new(&c, 11, 2, true);
		c.plan.threads = 1;
		assert_int_equal(sim_search(&c.plan, &s, &one, &messages), 0);
		c.plan.threads = 4;
		assert_int_equal(sim_search(&c.plan, &s, &many, &messages), 0);
		assert_int_equal(one.n, many.n);
		assert_int_equal(one.done.tried, many.done.tried);
		for (size_t i = 0; i < one.n; i++) {
			assert_memory_equal(one.v[i].chosen, many.v[i].chosen,
					    CASE_SITES);
			assert_memory_equal(one.v[i].prepend, many.v[i].prepend,
					    CASE_UPSTREAMS);
			assert_true(one.v[i].objective == many.v[i].objective);
		}
		sim_found_free(&one);
		sim_found_free(&many);
		plan_case_free(&c);
	}
}

/* Nothing to choose: only prepends, and solutions differ by these. */
static void
prepends_alone(void **state)
{
	struct sim_found found;
	struct text messages = {0};
	struct plan_case c;
	enum sim_bound bounds[CASE_SITES] = {
	    SIM_FORBIDDEN, SIM_FREE,      SIM_FORBIDDEN,
	    SIM_REQUIRED,  SIM_FORBIDDEN, SIM_FORBIDDEN,
	};
	struct sim_search s = {.prepend_max = 3, .bounds = bounds};

	plan_case_new(&c, 12, 1, false);
	assert_int_equal(sim_search(&c.plan, &s, &found, &messages), 0);
	assert_true(found.proven);
	assert_true(found.n > 1);
	for (size_t i = 0; i < found.n; i++) {
		assert_false(found.v[i].chosen[0]);
		assert_true(found.v[i].chosen[1]);
		assert_true(found.v[i].chosen[3]);
		check_solution(&c, &s, &found.v[i]);
	}
	assert_memory_not_equal(found.v[0].prepend, found.v[1].prepend,
				CASE_UPSTREAMS);
	sim_found_free(&found);
	plan_case_free(&c);
}

/* ---- progress and stopping ---- */

struct watch {
	size_t asked, stop_after, told;
	struct sim_progress last;
};

static bool
stop_later(void *ctx)
{
	struct watch *w = ctx;

	return w->asked++ >= w->stop_after;
}

static void
watch(void *ctx, const struct sim_progress *p)
{
	struct watch *w = ctx;

	assert_true(p->tried > 0);
	w->last = *p;
	w->told++;
}

static void
stopped_with_the_best_so_far(void **state)
{
	for (int exact = 0; exact < 2; exact++) {
		struct watch w = {.stop_after = 20};
		struct sim_found found;
		struct text messages = {0};
		struct plan_case c;
		struct sim_search s = {
		    .choose = 3,
		    .prepend_max = 3,
		    .exact_up_to = exact ? UINT64_MAX - 1 : 1,
		    .stop = stop_later,
		    .progress = watch,
		    .ctx = &w,
		};

		plan_case_new(&c, 13, 1, false);
		c.plan.threads = 1;
		assert_int_equal(sim_search(&c.plan, &s, &found, &messages), 0);
		assert_true(found.stopped);
		assert_false(found.proven);
		assert_true(found.n > 0);
		assert_true(found.done.tried > 0);
		assert_true(found.done.tried <= 20);
		assert_true(found.v[0].n_why > 0);
		check_solution(&c, &s, &found.v[0]);
		assert_true(w.told > 0);
		assert_int_equal(w.last.tried, found.done.tried);
		sim_found_free(&found);
		plan_case_free(&c);
	}
}

static void
stopped_before_the_first(void **state)
{
	struct watch w = {0};
	struct sim_found found;
	struct text messages = {0};
	struct plan_case c;
	struct sim_search s = {.choose = 2, .stop = stop_later, .ctx = &w};

	plan_case_new(&c, 13, 1, false);
	c.plan.threads = 1;
	assert_int_equal(sim_search(&c.plan, &s, &found, &messages), 0);
	assert_true(found.stopped);
	assert_int_equal(found.n, 0);
	sim_found_free(&found);
	plan_case_free(&c);
}

/* ---- what cannot be ---- */

static void
check_refused(struct plan_case *c, const struct sim_search *s,
	      const char *message)
{
	struct sim_found found;
	struct text messages = {0};

	assert_int_equal(sim_search(&c->plan, s, &found, &messages), -EINVAL);
	assert_string_equal(text_str(&messages), message);
	assert_int_equal(found.n, 0);
	text_free(&messages);
}

static void
impossible_bounds(void **state)
{
	enum sim_bound bounds[CASE_UPSTREAMS] = {SIM_REQUIRED, SIM_REQUIRED,
						 SIM_REQUIRED, SIM_FORBIDDEN};
	struct plan_case c;

	plan_case_new(&c, 14, 1, false);
	check_refused(&c, &(struct sim_search){.choose = 2, .bounds = bounds},
		      "search: found 2 sites to choose, expected 3 (required) "
		      "to 5 (required or free, with enough upstreams)\n");
	check_refused(&c, &(struct sim_search){.choose = 7},
		      "search: found 7 sites to choose, expected 1 (required) "
		      "to 6 (required or free, with enough upstreams)\n");
	check_refused(&c,
		      &(struct sim_search){
			  .bounds =
			      (enum sim_bound[CASE_UPSTREAMS]){
				  SIM_FORBIDDEN, SIM_FORBIDDEN, SIM_FORBIDDEN,
				  SIM_FORBIDDEN, SIM_FORBIDDEN, SIM_FORBIDDEN}},
		      "search: found no sites to choose from, expected some "
		      "that are not forbidden, with enough upstreams\n");
	check_refused(&c, &(struct sim_search){.prepend_max = 33},
		      "search: prepend: found a maximum of 33, expected 0 to "
		      "32\n");
	check_refused(&c, &(struct sim_search){.objective = SIM_MINIMISE_COST},
		      "search: objective: cost needs a list of costs\n");
	for (size_t u = 0; u < CASE_UPSTREAMS; u++) {
		c.upstream_site[u] = u % CASE_SITES;
		c.announcements[0][u].site = u % CASE_SITES;
	}
	check_refused(&c,
		      &(struct sim_search){
			  .choose = 3, .upstreams = true, .min_upstreams = 2},
		      "search: found no choice of 3 upstreams with at least 2 "
		      "at each site that is used\n");
	plan_case_free(&c);
}

/* An AS without a cost to one of the sites counts nowhere. */
static void
unknown_costs(void **state)
{
	struct sim_found found;
	struct text messages = {0};
	struct plan_case c;
	struct sim_search s = {.objective = SIM_MINIMISE_COST, .choose = 1};
	uint32_t n;

	plan_case_new(&c, 15, 1, false);
	n = sim_graph_count(c.g);
	s.cost = c.cost;
	c.cost[3 * n + 5] = SIM_COST_UNKNOWN;
	assert_int_equal(sim_search(&c.plan, &s, &found, &messages), 0);
	assert_non_null(strstr(text_str(&messages), "search: cost: 1 of "));
	sim_found_free(&found);
	c.weights[0].total -= c.weights[0].v[5];
	c.weights[0].v[5] = 0;
	c.cost[3 * n + 5] = 0;
	assert_int_equal(sim_search(&c.plan, &s, &found, &messages), 0);
	check_solution(&c, &s, &found.v[0]);
	sim_found_free(&found);
	text_free(&messages);
	plan_case_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sites_and_prepends),
	    cmocka_unit_test(upstreams_with_bounds),
	    cmocka_unit_test(walking),
	    cmocka_unit_test(same_for_any_threads),
	    cmocka_unit_test(prepends_alone),
	    cmocka_unit_test(stopped_with_the_best_so_far),
	    cmocka_unit_test(stopped_before_the_first),
	    cmocka_unit_test(impossible_bounds),
	    cmocka_unit_test(unknown_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
