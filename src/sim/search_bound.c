/* SPDX-License-Identifier: ISC */
/*
 * What no choice can be better than. Nobody is nearer to a site than the
 * shortest way that goes up, across one peering at most, and down again;
 * nobody reaches a site cheaper than the cheapest one chosen; the worst site
 * carries no less than all would if the load were shared as capacity is.
 *
 * Ways follow one prefix. With prefixes inside others packets change from one
 * to the other and may go down and up: then only what needs no ways is used.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

#define FAR UINT8_MAX
/* Sums in floating point are trusted so far. */
#define TRUST 1e-12
/* Distances take so many octets at most. */
#define DISTANCES_MAX ((size_t)64 << 20)

struct bounds {
	const struct space *space;
	uint32_t n;
	uint64_t *weight; /* owned; by id, of all prefixes */
	uint64_t total;   /* of it */
	uint8_t **near;   /* owned; by unit, then by id: ASes on the way */
	uint8_t *always;  /* owned; the same of what no choice changes */
	uint8_t *nearest; /* owned; by id: of the units looked at */
	uint32_t *hard;   /* owned: ASes some unit cannot be reached from */
	size_t n_hard;
	uint8_t *sites; /* owned; by site: used by the units looked at */
};

/* ---- distances ---- */

/* A breadth-first search; an AS stands in it rising and falling. */
struct ways {
	const struct sim_graph *g;
	uint8_t *rising, *falling; /* owned; by id */
	uint32_t *queue;           /* owned; 2 * id + falling */
	size_t head, tail;
};

static void
reach(struct ways *w, uint32_t id, bool falls, unsigned distance)
{
	uint8_t *d = falls ? w->falling : w->rising;

	if (d[id] != FAR || distance >= FAR)
		return;
	d[id] = (uint8_t)distance;
	w->queue[w->tail++] = 2 * id + falls;
}

static void
reach_all(struct ways *w, struct sim_ids ids, bool falls, unsigned distance)
{
	for (size_t i = 0; i < ids.n; i++)
		reach(w, ids.v[i], falls, distance);
}

static void
spread(struct ways *w)
{
	while (w->head < w->tail) {
		uint32_t at = w->queue[w->head++], id = at / 2;
		bool falls = at & 1;
		unsigned d = (falls ? w->falling : w->rising)[id] + 1u;

		reach_all(w, sim_graph_neighbours(w->g, id, SIM_CUSTOMER), true,
			  d);
		if (falls)
			continue;
		reach_all(w, sim_graph_neighbours(w->g, id, SIM_PEER), true, d);
		reach_all(w, sim_graph_neighbours(w->g, id, SIM_PROVIDER),
			  false, d);
	}
}

/* Whether the announcement is up whenever the unit is; SIM_NONE: always. */
static bool
belongs(const struct space *s, const struct sim_announcement *a, uint32_t u,
	uint32_t unit)
{
	if (a->site >= s->plan->n_sites || (u == SIM_NONE && a->down))
		return false;
	if (!s->search->upstreams)
		return a->site == unit;
	return u == unit;
}

/* Those that originate first: they are one AS nearer. */
static void
reach_sources(struct ways *w, const struct space *s, uint32_t unit, bool origin)
{
	for (size_t p = 0; p < s->plan->n_prefixes; p++) {
		const struct sim_plan_prefix *prefix = &s->plan->prefixes[p];

		for (size_t i = 0; i < prefix->n; i++) {
			const struct sim_announcement *a =
			    &prefix->announcements[i];
			uint32_t u =
			    prefix->upstream ? prefix->upstream[i] : SIM_NONE;

			if ((a->from == SIM_ORIGIN) == origin &&
			    belongs(s, a, u, unit))
				reach(w, a->at, a->from > SIM_CUSTOMER,
				      !origin);
		}
	}
}

static uint8_t *
distances(const struct space *s, uint32_t unit)
{
	uint32_t n = sim_graph_count(s->plan->g);
	struct ways w = {
	    .g = s->plan->g,
	    .rising = xcalloc(n + 1, 1),
	    .falling = xcalloc(n + 1, 1),
	    .queue = xcalloc(2 * (size_t)n + 1, sizeof(uint32_t)),
	};

	memset(w.rising, FAR, n);
	memset(w.falling, FAR, n);
	reach_sources(&w, s, unit, true);
	reach_sources(&w, s, unit, false);
	spread(&w);
	for (uint32_t i = 0; i < n; i++)
		if (w.falling[i] < w.rising[i])
			w.rising[i] = w.falling[i];
	free(w.falling);
	free(w.queue);
	return w.rising;
}

/* ---- making ---- */

static void
sum_weights(struct bounds *b)
{
	const struct sim_plan *plan = b->space->plan;

	for (size_t p = 0; p < plan->n_prefixes; p++) {
		const struct sim_weights *w = plan->prefixes[p].weights;

		for (uint32_t i = 0; w && i < b->n; i++) {
			b->weight[i] += w->v[i];
			b->total += w->v[i];
		}
	}
}

static bool
possible(const struct space *s, size_t unit)
{
	if (s->fixed[unit])
		return true;
	for (size_t i = 0; i < s->n_loose; i++)
		if (s->loose[i] == unit)
			return true;
	return false;
}

static void
find_hard(struct bounds *b)
{
	for (uint32_t id = 0; id < b->n; id++) {
		bool far = false;

		for (size_t u = 0; u < b->space->n_units; u++)
			far |= b->near[u] && b->near[u][id] == FAR;
		if (far && b->weight[id])
			b->hard[b->n_hard++] = id;
	}
}

static void
measure_ways(struct bounds *b)
{
	const struct space *s = b->space;

	for (size_t u = 0; u < s->n_units; u++) {
		if (search_told_to_stop(s))
			return;
		if (possible(s, u))
			b->near[u] = distances(s, (uint32_t)u);
	}
	/* Only with this one are the others used. */
	b->always = distances(s, SIM_NONE);
	find_hard(b);
}

static bool
ways_are_known(const struct bounds *b)
{
	const struct sim_plan *plan = b->space->plan;

	for (size_t p = 0; p < plan->n_prefixes; p++)
		if (plan->prefixes[p].covered_by != SIM_NONE)
			return false;
	return (b->space->n_units + 1) * b->n <= DISTANCES_MAX;
}

struct bounds *
search_bounds_new(const struct space *s)
{
	struct bounds *b = xcalloc(1, sizeof(*b));

	b->space = s;
	b->n = sim_graph_count(s->plan->g);
	b->weight = xcalloc(b->n + 1, sizeof(*b->weight));
	b->near = xcalloc(s->n_units + 1, sizeof(*b->near));
	b->nearest = xcalloc(b->n + 1, 1);
	b->hard = xcalloc(b->n + 1, sizeof(*b->hard));
	b->sites = xcalloc(s->plan->n_sites + 1, 1);
	sum_weights(b);
	if (ways_are_known(b))
		measure_ways(b);
	return b;
}

void
search_bounds_free(struct bounds *b)
{
	if (!b)
		return;
	for (size_t u = 0; u < b->space->n_units; u++)
		free(b->near[u]);
	free(b->near);
	free(b->always);
	free(b->nearest);
	free(b->weight);
	free(b->hard);
	free(b->sites);
	free(b);
}

/* ---- bounds of a choice ---- */

/* Choosing upstreams, those of announcements without one. */
static void
find_fixed_sites(struct bounds *b, const struct sim_plan_prefix *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct sim_announcement *a = &p->announcements[i];
		bool fixed = !p->upstream || p->upstream[i] == SIM_NONE;

		if (fixed && !a->down && a->site < b->space->plan->n_sites)
			b->sites[a->site] = 1;
	}
}

static void
find_sites(struct bounds *b, const uint8_t *choice)
{
	const struct space *s = b->space;
	const struct sim_plan *plan = s->plan;

	memset(b->sites, 0, plan->n_sites);
	if (!s->search->upstreams) {
		memcpy(b->sites, choice, plan->n_sites);
		return;
	}
	for (size_t u = 0; u < plan->n_upstreams; u++)
		if (choice[u] && plan->upstream_site[u] < plan->n_sites)
			b->sites[plan->upstream_site[u]] = 1;
	for (size_t p = 0; p < plan->n_prefixes; p++)
		find_fixed_sites(b, &plan->prefixes[p]);
}

static uint64_t
least_unreached(const struct bounds *b, const uint8_t *choice)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < b->n_hard; i++) {
		uint32_t id = b->hard[i];
		bool far = b->always[id] == FAR;

		for (size_t u = 0; far && u < b->space->n_units; u++)
			far = !choice[u] || b->near[u][id] == FAR;
		sum += far ? b->weight[id] : 0;
	}
	return sum;
}

static void
find_nearest(struct bounds *b, const uint8_t *choice)
{
	memcpy(b->nearest, b->always, b->n);
	for (size_t u = 0; u < b->space->n_units; u++) {
		const uint8_t *near = b->near[u];

		for (uint32_t i = 0; choice[u] && i < b->n; i++)
			if (near[i] < b->nearest[i])
				b->nearest[i] = near[i];
	}
}

/* The mean that is left when the worst of `spare` weight may be missing. */
static double
least_mean(double sum, uint64_t served, double worst, uint64_t spare)
{
	double left = sum - worst * (double)spare;

	if (!served)
		return INFINITY;
	return served > spare && left > 0 ? left / (double)(served - spare) : 0;
}

static double
least_path(struct bounds *b, const uint8_t *choice, uint64_t spare)
{
	trial_wide sum = 0;
	uint64_t served = 0;
	uint8_t worst = 0;

	find_nearest(b, choice);
	for (uint32_t i = 0; i < b->n; i++) {
		if (b->nearest[i] == FAR || !b->weight[i])
			continue;
		sum += (trial_wide)b->weight[i] * b->nearest[i];
		served += b->weight[i];
		if (b->nearest[i] > worst)
			worst = b->nearest[i];
	}
	return least_mean((double)sum, served, worst, spare);
}

static uint32_t
least_cost_of(const struct bounds *b, uint32_t id)
{
	const struct space *s = b->space;
	uint32_t least = SIM_COST_UNKNOWN;

	for (size_t site = 0; site < s->plan->n_sites; site++) {
		uint32_t cost = s->search->cost[site * b->n + id];

		if (b->sites[site] && cost < least)
			least = cost;
	}
	return least;
}

static double
least_cost(struct bounds *b, const uint8_t *choice, uint64_t spare)
{
	trial_wide sum = 0;
	uint64_t served = 0;
	uint32_t worst = 0;

	find_nearest(b, choice);
	for (uint32_t i = 0; i < b->n; i++) {
		uint32_t cost = b->weight[i] && b->nearest[i] != FAR
				    ? least_cost_of(b, i)
				    : SIM_COST_UNKNOWN;

		if (cost == SIM_COST_UNKNOWN)
			continue;
		sum += (trial_wide)b->weight[i] * cost;
		served += b->weight[i];
		if (cost > worst)
			worst = cost;
	}
	return least_mean((double)sum, served, worst, spare) / SIM_WEIGHT_ONE;
}

static int
descending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* Shared by the `most` largest of the sites looked at. */
static double
least_load(const struct bounds *b, uint64_t served, size_t most)
{
	const struct sim_plan *plan = b->space->plan;
	uint64_t *of = xcalloc(plan->n_sites + 1, sizeof(*of));
	double room = 0, limits = 0;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_sites; i++) {
		limits += plan->capacity ? (double)plan->capacity[i] : 0;
		if (b->sites[i])
			of[n++] = plan->capacity ? plan->capacity[i] : 0;
	}
	qsort(of, n, sizeof(*of), descending);
	for (size_t i = 0; i < n && i < most; i++)
		room += limits > 0 ? (double)of[i] : (double)served;
	/* A site without a limit carries any load. */
	if (limits > 0 && n && !of[n - 1])
		room = INFINITY;
	free(of);
	return room > 0 ? (double)served / room : 0;
}

/* What is left when every site is full; 0 where one is never full. */
static uint64_t
least_over(const struct bounds *b)
{
	const struct sim_plan *plan = b->space->plan;
	const uint64_t *most = b->space->search->max_load;
	uint64_t left = b->total;

	for (size_t i = 0; i < plan->n_sites; i++) {
		if (!b->sites[i])
			continue;
		if (!most || !most[i] || most[i] >= left)
			return 0;
		left -= most[i];
	}
	return left;
}

static uint64_t
min_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool
bound_of(struct bounds *b, const uint8_t *choice, size_t most_sites,
	 struct bound *out)
{
	enum sim_objective objective = b->space->search->objective;

	uint64_t step = b->space->step, over, unreached, spare;

	find_sites(b, choice);
	over = least_over(b);
	unreached = b->always ? least_unreached(b, choice) : 0;
	*out = (struct bound){.unserved = unreached / step * step};
	if (over >= out->unserved + step) {
		/* With some of it unreached, all that follows is unknown. */
		out->unserved = over - step + 1;
		return true;
	}
	/* So much more may be unreached without a difference. */
	spare = out->unserved + step - 1 - unreached;
	if (objective == SIM_MINIMISE_WORST_LOAD)
		out->objective = least_load(
		    b, b->total - min_of(b->total, unreached + spare),
		    most_sites);
	else if (!b->always)
		return false;
	else if (objective == SIM_MINIMISE_PATH_LENGTH)
		out->objective = least_path(b, choice, spare);
	else
		out->objective = least_cost(b, choice, spare);
	return true;
}

bool
search_bound(struct bounds *b, const uint8_t *choice, struct bound *out)
{
	return bound_of(b, choice, SIZE_MAX, out);
}

bool
search_bound_all(struct bounds *b, struct bound *out)
{
	const struct space *s = b->space;
	uint8_t *choice = xcalloc(s->size + 1, 1);
	bool known;

	memcpy(choice, s->fixed, s->n_units);
	for (size_t i = 0; i < s->n_loose; i++)
		choice[s->loose[i]] = 1;
	known = bound_of(b, choice, s->search->upstreams ? SIZE_MAX : s->choose,
			 out);
	free(choice);
	return known;
}

bool
search_beaten(const struct bound *b, const struct score *by)
{
	if (by->lacking || by->unserved > b->unserved)
		return false;
	return by->unserved < b->unserved ||
	       by->objective < b->objective * (1 - TRUST);
}

bool
search_reached(const struct bound *b, const struct score *by)
{
	if (by->lacking || by->unserved > b->unserved)
		return false;
	return by->unserved < b->unserved ||
	       by->objective <= b->objective * (1 + TRUST);
}
