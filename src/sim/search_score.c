/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

const char *
sim_objective_text(enum sim_objective o)
{
	static const char *const words[] = {
#define X(n, t) [SIM_MINIMISE_##n] = t,
	    SIM_OBJECTIVES(X)
#undef X
	};

	return words[o];
}

static double
mean(trial_wide sum, uint64_t weight)
{
	return weight ? (double)sum / (double)weight : INFINITY;
}

static bool
any_capacity(const struct sim_plan *plan)
{
	for (size_t i = 0; plan->capacity && i < plan->n_sites; i++)
		if (plan->capacity[i])
			return true;
	return false;
}

/* Without capacities: the largest share of all that arrives anywhere. */
static double
worst_load(const struct sim_plan *plan, const uint64_t *load, uint64_t served)
{
	bool limited = any_capacity(plan);
	double worst = 0;

	if (!served)
		return INFINITY;
	for (size_t i = 0; i < plan->n_sites; i++) {
		uint64_t of = limited ? plan->capacity[i] : served;

		if (of)
			worst = fmax(worst, (double)load[i] / (double)of);
	}
	return worst;
}

static uint64_t
sum_over(const struct space *s, const uint64_t *load)
{
	const uint64_t *most = s->search->max_load;
	uint64_t over = 0;

	for (size_t i = 0; most && i < s->plan->n_sites; i++)
		if (most[i] && load[i] > most[i])
			over += load[i] - most[i];
	return over;
}

struct score
search_score(const struct space *s, const uint8_t *choice,
	     const struct measure *m)
{
	uint64_t served = 0;
	struct score score = {
	    .lacking = search_lacking(s, choice),
	    .over = sum_over(s, m->load),
	    .unreached = m->unreached + m->dropped,
	};

	for (size_t i = 0; i < s->plan->n_sites; i++)
		served += m->load[i];
	for (size_t i = s->n_units; i < s->size; i++)
		score.prepends += choice[i];
	score.unserved = score.over + score.unreached / s->step * s->step;
	score.path = mean(m->hops, served);
	switch (s->search->objective) {
	case SIM_MINIMISE_WORST_LOAD:
		score.objective = worst_load(s->plan, m->load, served);
		break;
	case SIM_MINIMISE_PATH_LENGTH:
		score.objective = score.path;
		break;
	case SIM_MINIMISE_COST:
		score.objective = mean(m->cost, m->costed) / SIM_WEIGHT_ONE;
		break;
	}
	return score;
}

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
order_double(double a, double b)
{
	return (a > b) - (a < b);
}

int
search_compare(const struct space *s, const struct score *a, const uint8_t *x,
	       const struct score *b, const uint8_t *y)
{
	int steps[] = {
	    order(a->lacking, b->lacking),
	    order(a->unserved, b->unserved),
	    order_double(a->objective, b->objective),
	    order(a->unreached, b->unreached),
	    order_double(a->path, b->path),
	    order(a->prepends, b->prepends),
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i])
			return steps[i];
	/* Lower units: a 1 that stands earlier. Then lower prepends. */
	if (memcmp(x, y, s->n_units) != 0)
		return memcmp(y, x, s->n_units);
	return memcmp(x, y, s->size);
}

/* ---- the best few ---- */

struct podium
search_podium_new(const struct space *s, size_t most)
{
	struct podium p = {.space = s, .most = most};

	p.v = xcalloc(most + 1, sizeof(*p.v));
	for (size_t i = 0; i <= most; i++) {
		p.v[i].choice = xcalloc(s->size + 1, 1);
		p.v[i].load = xcalloc(s->plan->n_sites + 1, sizeof(uint64_t));
	}
	return p;
}

void
search_podium_free(struct podium *p)
{
	for (size_t i = 0; p->v && i <= p->most; i++) {
		free(p->v[i].choice);
		free(p->v[i].load);
	}
	free(p->v);
	*p = (struct podium){0};
}

static bool
same_kind(const struct space *s, const uint8_t *x, const uint8_t *y)
{
	return memcmp(x, y, search_choosing(s) ? s->n_units : s->size) == 0;
}

/* Where to write it; SIZE_MAX: one of its kind is as good. */
static size_t
place_for(const struct podium *p, const struct score *score,
	  const uint8_t *choice)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct entry *e = &p->v[i];

		if (!same_kind(p->space, e->choice, choice))
			continue;
		return search_compare(p->space, score, choice, &e->score,
				      e->choice) < 0
			   ? i
			   : SIZE_MAX;
	}
	return p->n < p->most ? p->n : p->most;
}

void
search_podium_offer(struct podium *p, const struct score *score,
		    const uint8_t *choice, const uint64_t *load)
{
	const struct space *s = p->space;
	size_t at = place_for(p, score, choice);

	if (score->lacking || at == SIZE_MAX)
		return;
	p->v[at].score = *score;
	memcpy(p->v[at].choice, choice, s->size);
	memcpy(p->v[at].load, load, s->plan->n_sites * sizeof(*load));
	if (at == p->n && p->n < p->most)
		p->n++;
	/* The place beyond the last is only there to be compared. */
	for (; at > 0; at--) {
		struct entry *e = &p->v[at - 1], here = e[1];

		if (search_compare(s, &here.score, here.choice, &e->score,
				   e->choice) >= 0)
			break;
		e[1] = *e;
		*e = here;
	}
}
