/* SPDX-License-Identifier: ISC */
/* Who moves where. */
#include <stdlib.h>

#include "report/tell.h"

struct move {
	uint32_t id, from, to; /* sites as columns, see column() */
	uint64_t weight;
};

struct cell {
	uint64_t weight;
	uint32_t ases;
	uint32_t seen; /* the AS that was counted last */
};

struct moves {
	struct report *r;                 /* borrowed */
	const struct scenario_plan *plan; /* borrowed; has all the sites */
	size_t n;                         /* sites, dropped, unreached */
	struct cell *cells;               /* owned; [from * n + to] */
	struct move *v;                   /* owned */
	size_t n_moves, room;
	uint32_t ases, seen;
	uint64_t weight;
	uint32_t culprit; /* id; counts nowhere. SIM_NONE: there is none */
};

static size_t
column(const struct moves *m, uint32_t site)
{
	if (site == SCENARIO_UNREACHED)
		return m->n - 1;
	return site == SCENARIO_DROPPED ? m->n - 2 : site;
}

static const char *
name(const struct moves *m, size_t i)
{
	if (i == m->n - 1)
		return TELL_UNREACHED;
	return i == m->n - 2 ? TELL_DROPPED : m->plan->sites[i].name;
}

/* The same way of the same AS with another prefix: the last of the list are
 * its own. NULL: there is none. */
static struct move *
alike(const struct moves *m, uint32_t id, size_t from, size_t to)
{
	for (size_t i = m->n_moves; i-- > 0 && m->v[i].id == id;)
		if (m->v[i].from == from && m->v[i].to == to)
			return &m->v[i];
	return NULL;
}

static void
add_move(struct moves *m, uint32_t id, size_t from, size_t to, uint64_t weight)
{
	struct move *known = alike(m, id, from, to);

	m->weight += weight;
	if (known) {
		known->weight += weight;
		return;
	}
	if (m->n_moves == m->room) {
		m->room = m->room ? m->room * 2 : 1024;
		m->v = xrealloc(m->v, m->room, sizeof(*m->v));
	}
	m->v[m->n_moves++] =
	    (struct move){id, (uint32_t)from, (uint32_t)to, weight};
	m->ases += m->seen != id;
	m->seen = id;
}

static void
add_as(struct moves *m, uint32_t id, size_t from, size_t to, uint64_t weight)
{
	struct cell *c = &m->cells[from * m->n + to];

	c->weight += weight;
	c->ases += c->seen != id;
	c->seen = id;
	if (from != to)
		add_move(m, id, from, to, weight);
}

/* A prefix before and after. */
struct pair {
	const struct scenario_routes *now, *then;
	const struct sim_weights *weights;
};

/* Those of prefixes that both have; the caller's. */
static struct pair *
pairs(const struct report *r, const struct scenario_outcome *now,
      const struct scenario_outcome *then, size_t *n)
{
	struct pair *v = xcalloc(then->n_routes + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < then->n_routes; i++) {
		uint32_t p = tell_base_prefix(r, then->plan, i);

		if (p != SIM_NONE)
			v[(*n)++] =
			    (struct pair){now->routes[p], then->routes[i],
					  r->ask.plan.prefixes[p].weights};
	}
	return v;
}

/* By AS and then by prefix: so each is counted once in a cell. */
static void
collect(struct moves *m, const struct pair *v, size_t n_pairs)
{
	uint32_t n = sim_graph_count(m->r->s->graph);

	for (uint32_t id = 0; id < n; id++)
		for (size_t i = 0; i < n_pairs && id != m->culprit; i++)
			add_as(m, id,
			       column(m, scenario_destination(v[i].now, id)),
			       column(m, scenario_destination(v[i].then, id)),
			       v[i].weights->v[id]);
}

/* ---- as JSON ---- */

static int
biggest_first(const void *a, const void *b, void *ctx)
{
	const struct move *x = a, *y = b;
	const struct report *r = ctx;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (r->cone[x->id] != r->cone[y->id])
		return r->cone[x->id] > r->cone[y->id] ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static json_t *
matrix_json(const struct moves *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n * m->n; i++) {
		const struct cell *c = &m->cells[i];

		if (c->ases > 0)
			json_array_append_new(
			    list, json_pack("{s:s, s:s, s:I, s:o}", "from",
					    name(m, i / m->n), "to",
					    name(m, i % m->n), "ases",
					    (json_int_t)c->ases, "weight",
					    tell_weight(c->weight)));
	}
	return list;
}

static json_t *
biggest_json(const struct moves *m)
{
	const struct sim_graph *g = m->r->s->graph;
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_moves && i < TELL_MOVERS; i++) {
		const struct move *v = &m->v[i];

		json_array_append_new(
		    list, json_pack("{s:I, s:s, s:s, s:o, s:I}", "asn",
				    (json_int_t)sim_graph_asn(g, v->id), "from",
				    name(m, v->from), "to", name(m, v->to),
				    "weight", tell_weight(v->weight), "cone",
				    (json_int_t)m->r->cone[v->id]));
	}
	return list;
}

static double
total_of(const struct pair *v, size_t n, uint32_t culprit)
{
	double total = 0;

	for (size_t i = 0; i < n; i++) {
		total += (double)v[i].weights->total;
		if (culprit != SIM_NONE)
			total -= (double)v[i].weights->v[culprit];
	}
	return total;
}

static json_t *
moves_json(struct report *r, const struct scenario_plan *plan,
	   const struct pair *v, size_t n, uint32_t culprit)
{
	struct moves m = {
	    .r = r, .plan = plan, .seen = SIM_NONE, .culprit = culprit};
	double total = total_of(v, n, culprit);
	json_t *json;

	m.n = m.plan->n_sites + 2;
	m.cells = xcalloc(m.n * m.n, sizeof(*m.cells));
	for (size_t i = 0; i < m.n * m.n; i++)
		m.cells[i].seen = SIM_NONE;
	collect(&m, v, n);
	if (m.n_moves > 0)
		qsort_r(m.v, m.n_moves, sizeof(*m.v), biggest_first, r);
	json =
	    json_pack("{s:I, s:o, s:f, s:o, s:o}", "ases", (json_int_t)m.ases,
		      "weight", tell_weight(m.weight), "share",
		      total > 0 ? (double)m.weight / total : 0.0, "matrix",
		      matrix_json(&m), "biggest", biggest_json(&m));
	free(m.cells);
	free(m.v);
	return json;
}

json_t *
tell_moves(struct report *r, const struct scenario_outcome *now,
	   const struct scenario_outcome *then)
{
	size_t n;
	struct pair *v = pairs(r, now, then, &n);
	json_t *json = moves_json(r, then->plan, v, n, SIM_NONE);

	free(v);
	return json;
}

json_t *
tell_moves_of(struct report *r, const struct scenario_outcome *then,
	      size_t prefix, const struct sim_weights *weights)
{
	const struct scenario_plan *p = then->plan;
	uint32_t now = tell_base_prefix(r, p, prefix);
	struct pair pair = {.then = then->routes[prefix], .weights = weights};

	if (now == SIM_NONE)
		now = tell_base_prefix(r, p, p->prefixes[prefix].covered_by);
	pair.now = r->base->routes[now];
	return moves_json(r, p, &pair, 1, p->sites[p->n_sites - 1].id);
}
