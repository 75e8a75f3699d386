/* SPDX-License-Identifier: ISC */
/*
 * Which sites or upstreams to choose, and how often to prepend.
 *
 * With few enough choices all are gone through, set of units by set; a set
 * whose bound is worse than the last solution wanted is passed over as a
 * whole. With more, search_local.c walks. Either way what is run, in which
 * order and what comes out hangs on neither threads nor time, unless stopped.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"
#include "sim/shrink.h"

#define BEST_DEFAULT     5
#define EXACT_DEFAULT    200000
#define RESTARTS_DEFAULT 8
/* Going through more than so many, walk first: there is then something good to
 * show at any time, and sets can be passed over from the beginning. */
#define WALK_FROM 1000
/* Sets that hold fewer choices are run sooner than ways to all are summed. */
#define BOUND_FROM 4

/* ---- all of them ---- */

static bool
pass_over(struct quest *q, const struct cursor *c)
{
	const struct podium *p = &q->podium;
	uint64_t n = search_set_count(c);
	bool quick = q->search->objective == SIM_MINIMISE_WORST_LOAD;
	struct bound bound;

	if (p->n < p->most || (!quick && n < BOUND_FROM) || !q->bounds ||
	    !search_bound(q->bounds, c->choice, &bound) ||
	    !search_beaten(&bound, &p->v[p->n - 1].score))
		return false;
	q->progress.pruned += n;
	return true;
}

static bool
is_new_set(const struct cursor *c)
{
	const uint8_t *prepend = c->choice + c->space->n_units;

	for (size_t i = 0; i < c->n_digits; i++)
		if (prepend[c->digits[i]])
			return false;
	return true;
}

static int
go_through(struct quest *q)
{
	struct cursor c;
	bool more = search_first(&q->space, &c);
	int error = 0;

	while (more && !error) {
		if (is_new_set(&c) && pass_over(q, &c)) {
			more = search_next_set(&c);
			if (search_told_to_stop(&q->space))
				error = -ECANCELED;
			continue;
		}
		memcpy(search_batch_add(q), c.choice, q->space.size);
		more = search_next(&c);
		if (q->n < SEARCH_BATCH && more)
			continue;
		error = search_batch_try(q);
		q->n = 0;
	}
	if (q->n && !error)
		error = search_batch_try(q);
	q->n = 0;
	if (!error && c.stopped)
		error = -ECANCELED;
	search_cursor_free(&c);
	return error;
}

/* ---- costs ---- */

/* Whether all sites that may be used have a cost for the AS. */
static bool
all_known(const struct quest *q, const uint8_t *used, uint32_t n, uint32_t id)
{
	for (size_t s = 0; s < q->plan->n_sites; s++)
		if (used[s] && q->search->cost[s * n + id] == SIM_COST_UNKNOWN)
			return false;
	return true;
}

static void
find_used(const struct quest *q, uint8_t *used)
{
	const struct space *s = &q->space;

	for (size_t i = 0; i < s->n_units; i++) {
		uint32_t site = s->search->upstreams ? q->plan->upstream_site[i]
						     : (uint32_t)i;
		bool may = s->fixed[i];

		for (size_t k = 0; k < s->n_loose; k++)
			may |= s->loose[k] == i;
		if (may && site < q->plan->n_sites)
			used[site] = 1;
	}
}

/*
 * An AS counts only when its cost is known wherever it may go: else a search
 * would send it where nothing is known.
 */
static uint32_t *
usable_costs(const struct quest *q, uint32_t *left_out)
{
	uint32_t n = sim_graph_count(q->plan->g);
	size_t size = q->plan->n_sites * (size_t)n;
	uint32_t *cost = xcalloc(size + 1, sizeof(*cost));
	uint8_t *used = xcalloc(q->plan->n_sites + 1, 1);

	memcpy(cost, q->search->cost, size * sizeof(*cost));
	find_used(q, used);
	for (uint32_t id = 0; id < n; id++) {
		if (all_known(q, used, n, id))
			continue;
		*left_out += 1;
		for (size_t s = 0; s < q->plan->n_sites; s++)
			cost[s * n + id] = SIM_COST_UNKNOWN;
	}
	free(used);
	return cost;
}

static int
check_costs(const struct quest *q, uint32_t left_out, struct text *messages)
{
	uint32_t n = sim_graph_count(q->plan->g);

	if (left_out)
		text_addf(messages,
			  "search: cost: %" PRIu32 " of %" PRIu32
			  " ASes have no cost to some site that may be "
			  "chosen: they do not count\n",
			  left_out, n);
	return left_out < n ? 0 : -EINVAL;
}

/* ---- the result ---- */

static void
show(const struct quest *q, const struct entry *e, struct sim_solution *out)
{
	const struct space *s = &q->space;

	*out = (struct sim_solution){
	    .chosen = xcalloc(s->n_units + 1, sizeof(bool)),
	    .prepend = xcalloc(q->plan->n_upstreams + 1, 1),
	    .objective = e->score.objective,
	    .unreached = e->score.unreached,
	    .over = e->score.over,
	    .load = xcalloc(q->plan->n_sites + 1, sizeof(*out->load)),
	    .mean_path = e->score.path,
	    .ahead = NAN,
	};
	for (size_t i = 0; i < s->n_units; i++)
		out->chosen[i] = e->choice[i];
	memcpy(out->prepend, e->choice + s->n_units, q->plan->n_upstreams);
	memcpy(out->load, e->load, q->plan->n_sites * sizeof(*out->load));
}

/*
 * Told to stop, the best solution still gets its reasons: a few runs. Those
 * behind it do without.
 */
static int
show_all(struct quest *q, size_t most, bool stopped, struct sim_found *out)
{
	const struct podium *p = &q->podium;
	int error = 0;

	out->n = p->n < most ? p->n : most;
	out->v = xcalloc(out->n + 1, sizeof(*out->v));
	for (size_t i = 0; i < out->n; i++) {
		show(q, &p->v[i], &out->v[i]);
		if (i + 1 < p->n)
			out->v[i].ahead = p->v[i + 1].score.objective -
					  p->v[i].score.objective;
	}
	if (stopped)
		q->lab.stop = NULL;
	for (size_t i = 0; i < out->n && !error && !(stopped && i); i++)
		error = search_why(q, &p->v[i], &out->v[i]);
	return error;
}

static void
judge(struct quest *q, struct sim_found *out)
{
	struct bound all;
	bool known = q->bounds && search_bound_all(q->bounds, &all);

	out->bound = known ? all.objective : NAN;
	out->proven = q->podium.n && !out->stopped && q->progress.exact;
	if (known && q->podium.n)
		out->proven |= search_reached(&all, &q->podium.v[0].score);
	out->done = q->progress;
}

static int
explain(const struct quest *q, int error, struct text *messages)
{
	if (error == -EINVAL)
		text_addf(messages,
			  "search: an announcement is longer than %d ASes, or "
			  "heard where there is no AS\n",
			  SIM_PATH_MAX);
	else if (!error && !q->podium.n) {
		text_addf(messages,
			  "search: found no choice of %zu upstreams with at "
			  "least %zu at each site that is used\n",
			  q->space.choose, q->search->min_upstreams);
		error = -EINVAL;
	}
	return error;
}

/* ---- the whole ---- */

static int
search_exact(struct quest *q)
{
	int error = 0;

	if (q->progress.total > WALK_FROM)
		error = search_local(q, 0);
	if (error)
		return error;
	/* What is run twice counts once. */
	q->progress.tried = 0;
	return go_through(q);
}

static int
seek(struct quest *q)
{
	const struct sim_search *s = q->search;
	uint64_t most = s->exact_up_to ? s->exact_up_to : EXACT_DEFAULT;

	q->bounds = search_bounds_new(&q->space);
	q->progress.total = search_count(&q->space);
	q->progress.exact = q->progress.total <= most;
	if (q->progress.exact)
		return search_exact(q);
	return search_local(q, s->restarts ? s->restarts : RESTARTS_DEFAULT);
}

static int
find(struct quest *q, struct sim_found *out, struct text *messages)
{
	const struct sim_search *s = q->search;
	size_t most = s->best ? s->best : BEST_DEFAULT;
	int error;

	q->lab = lab_new(q->plan, s->cost, s->prepend_max, s->stop, s->ctx);
	q->podium = search_podium_new(&q->space, most + 1);
	search_batch_start(q);
	error = seek(q);
	out->stopped = error == -ECANCELED;
	error = explain(q, out->stopped && q->podium.n ? 0 : error, messages);
	if (error == -ECANCELED)
		error = 0;
	if (!error) {
		judge(q, out);
		error = show_all(q, most, out->stopped, out);
	}
	if (error == -ECANCELED) {
		out->stopped = true;
		error = 0;
	}
	search_bounds_free(q->bounds);
	search_batch_end(q);
	search_podium_free(&q->podium);
	lab_free(&q->lab);
	return error;
}

static int
search_plan(const struct sim_plan *plan, const struct sim_search *search,
	    struct sim_found *out, struct text *messages)
{
	struct sim_search own = *search;
	struct quest q = {.plan = plan, .search = &own};
	uint32_t *cost = NULL, left_out = 0;
	int error;

	error = search_space_new(plan, &own, &q.space, messages);
	if (error)
		return error;
	if (own.objective == SIM_MINIMISE_COST) {
		cost = usable_costs(&q, &left_out);
		error = check_costs(&q, left_out, messages);
	}
	own.cost = cost;
	if (!error)
		error = find(&q, out, messages);
	search_space_free(&q.space);
	free(cost);
	if (error)
		sim_found_free(out);
	return error;
}

int
sim_search(const struct sim_plan *plan, const struct sim_search *search,
	   struct sim_found *out, struct text *messages)
{
	struct shrunk small;
	int error;

	*out = (struct sim_found){.bound = NAN};
	/* Costs are each AS's own. */
	if (search->objective == SIM_MINIMISE_COST)
		return search_plan(plan, search, out, messages);
	(void)shrink_new(plan, &small);
	error = search_plan(&small.plan, search, out, messages);
	shrink_free(&small);
	return error;
}

void
sim_found_free(struct sim_found *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].chosen);
		free(f->v[i].prepend);
		free(f->v[i].load);
		free(f->v[i].why);
	}
	free(f->v);
	*f = (struct sim_found){0};
}
