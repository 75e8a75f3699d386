/* SPDX-License-Identifier: ISC */
#include "sim/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "sim/graph.h"

/* An AS that may be one with others. */
struct member {
	uint64_t hash; /* of what it chooses by */
	uint32_t id;
};
struct shrinking {
	const struct sim_plan *plan;
	const struct sim_graph *g;
	struct sim_set named;
	struct member *members; /* owned */
	size_t n_members;
	uint32_t *one; /* owned; by id: who stands for it; SIM_NONE: nobody */
	uint32_t *to;  /* owned; by id: the new id; SIM_NONE: none */
};

/* ---- who may be one ---- */

/* False when it names an AS that is none. */
static bool
name_announcement(struct shrinking *x, const struct sim_announcement *a)
{
	if (a->at >= x->g->n)
		return false;
	sim_set_add(&x->named, a->at);
	for (size_t i = 0; i < a->n_exports; i++) {
		if (a->exports[i].neighbour >= x->g->n)
			return false;
		sim_set_add(&x->named, a->exports[i].neighbour);
	}
	for (size_t i = 0; i < a->n_tail; i++) {
		uint32_t id = sim_graph_find(x->g, a->tail[i]);

		if (id != SIM_NONE)
			sim_set_add(&x->named, id);
	}
	return true;
}

static bool
name_all(struct shrinking *x)
{
	for (size_t p = 0; p < x->plan->n_prefixes; p++)
		for (size_t i = 0; i < x->plan->prefixes[p].n; i++)
			if (!name_announcement(
				x, &x->plan->prefixes[p].announcements[i]))
				return false;
	return true;
}

static bool
validates(const struct shrinking *x, uint32_t id)
{
	return x->plan->policy->rov && sim_set_has(x->plan->policy->rov, id);
}

static void
find_members(struct shrinking *x)
{
	for (uint32_t id = 0; id < x->g->n; id++) {
		struct sim_ids up = graph_row(x->g, SIM_PROVIDER, id);
		bool drops = validates(x, id);
		uint64_t hash;

		x->one[id] = id;
		if (graph_row(x->g, SIM_CUSTOMER, id).n ||
		    graph_row(x->g, SIM_PEER, id).n ||
		    sim_set_has(&x->named, id))
			continue;
		hash = hash_bytes(HASH_SEED, up.v, up.n * sizeof(*up.v));
		hash = hash_bytes(hash, &drops, sizeof(drops));
		x->members[x->n_members++] = (struct member){hash, id};
	}
}

static int
by_hash(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static bool
choose_alike(const struct shrinking *x, uint32_t a, uint32_t b)
{
	struct sim_ids p = graph_row(x->g, SIM_PROVIDER, a);
	struct sim_ids q = graph_row(x->g, SIM_PROVIDER, b);

	return p.n == q.n && validates(x, a) == validates(x, b) &&
	       memcmp(p.v, q.v, p.n * sizeof(*p.v)) == 0;
}

static bool
weighs(const struct shrinking *x, uint32_t id)
{
	for (size_t p = 0; p < x->plan->n_prefixes; p++) {
		const struct sim_weights *w = x->plan->prefixes[p].weights;

		if (w && w->v[id])
			return true;
	}
	return false;
}

/* Equal hashes of unequal ASes only cost a node more. */
static void
unite(struct shrinking *x)
{
	uint32_t one = SIM_NONE;

	qsort(x->members, x->n_members, sizeof(*x->members), by_hash);
	for (size_t i = 0; i < x->n_members; i++) {
		uint32_t id = x->members[i].id;

		if (!weighs(x, id)) {
			x->one[id] = SIM_NONE;
			continue;
		}
		if (one == SIM_NONE || !choose_alike(x, one, id))
			one = id;
		x->one[id] = one;
	}
}

/* ---- the smaller graph ---- */

static struct graph_counts
number(struct shrinking *x)
{
	struct graph_counts c = {0};

	for (uint32_t id = 0; id < x->g->n; id++)
		x->to[id] = x->one[id] == id ? c.ases++ : SIM_NONE;
	for (uint32_t id = 0; id < x->g->n; id++) {
		if (x->to[id] == SIM_NONE)
			continue;
		/* Who is gone was nobody's provider or peer. */
		c.provider_links +=
		    (uint32_t)graph_row(x->g, SIM_PROVIDER, id).n;
		c.peer_links += (uint32_t)graph_row(x->g, SIM_PEER, id).n;
	}
	c.peer_links /= 2;
	return c;
}

static void
copy_row(const struct shrinking *x, enum sim_relation what, uint32_t id,
	 struct graph_arrays *out, uint32_t *n)
{
	struct sim_ids row = graph_row(x->g, what, id);

	out->at[what][x->to[id]] = *n;
	for (size_t i = 0; i < row.n; i++)
		if (x->to[row.v[i]] != SIM_NONE)
			out->v[what][(*n)++] = x->to[row.v[i]];
}

static void
copy_ranks(const struct shrinking *x, struct graph_arrays *out)
{
	uint32_t n = 0;

	for (uint32_t rank = 0; rank < x->g->n; rank++) {
		uint32_t id = x->g->by_rank[rank];

		if (x->to[id] == SIM_NONE)
			continue;
		out->asn[x->to[id]] = x->g->asn[id];
		out->rank[x->to[id]] = n;
		out->by_rank[n++] = x->to[id];
	}
}

static struct sim_graph *
make_graph(struct shrinking *x)
{
	struct graph_counts c = number(x);
	struct sim_graph *g = xcalloc(1, sizeof(*g));
	struct graph_arrays out;

	g->octets = graph_words(&c) * sizeof(uint32_t);
	g->memory = xcalloc(graph_words(&c) + 1, sizeof(uint32_t));
	out = graph_layout(g, g->memory, &c);
	for (int what = SIM_CUSTOMER; what <= SIM_PROVIDER; what++) {
		uint32_t n = 0;

		for (uint32_t id = 0; id < x->g->n; id++)
			if (x->to[id] != SIM_NONE)
				copy_row(x, (enum sim_relation)what, id, &out,
					 &n);
		out.at[what][c.ases] = n;
	}
	copy_ranks(x, &out);
	return g;
}

/* ---- the plan on it ---- */

static struct sim_weights
fold(const struct shrinking *x, const struct sim_weights *w, uint32_t n)
{
	struct sim_weights out = {
	    .n = n, .v = xcalloc(n + 1, sizeof(uint64_t)), .total = w->total};

	for (uint32_t id = 0; id < x->g->n; id++)
		if (x->one[id] != SIM_NONE)
			out.v[x->to[x->one[id]]] += w->v[id];
	return out;
}

/* By new ids, which are in the order of the old ones. */
static struct sim_export *
copy_exports(const struct shrinking *x, struct sim_announcement *a,
	     struct sim_export *to)
{
	for (size_t i = 0; i < a->n_exports; i++) {
		to[i] = a->exports[i];
		to[i].neighbour = x->to[a->exports[i].neighbour];
	}
	a->exports = to;
	return to + a->n_exports;
}

static void
copy_prefix(const struct shrinking *x, struct shrunk *s, size_t p)
{
	const struct sim_plan_prefix *from = &x->plan->prefixes[p];
	struct sim_announcement *v = xcalloc(from->n + 1, sizeof(*v));
	struct sim_export *exports;
	size_t n_exports = 0;

	for (size_t i = 0; i < from->n; i++) {
		v[i] = from->announcements[i];
		v[i].at = x->to[v[i].at];
		n_exports += v[i].n_exports;
	}
	exports = xcalloc(n_exports + 1, sizeof(*exports));
	s->exports[p] = exports;
	for (size_t i = 0; i < from->n; i++)
		exports = copy_exports(x, &v[i], exports);
	s->announcements[p] = v;
	s->prefixes[p] = *from;
	s->prefixes[p].announcements = v;
	if (!from->weights)
		return;
	s->weights[p] = fold(x, from->weights, s->g->n);
	s->prefixes[p].weights = &s->weights[p];
}

static void
copy_policy(const struct shrinking *x, struct shrunk *s)
{
	s->policy = *x->plan->policy;
	s->plan.policy = &s->policy;
	if (!s->policy.rov)
		return;
	s->rov = sim_set_new(s->g);
	s->policy.rov = &s->rov;
	for (uint32_t id = 0; id < x->g->n; id++)
		if (x->to[id] != SIM_NONE && validates(x, id))
			sim_set_add(&s->rov, x->to[id]);
}

static void
copy_plan(struct shrinking *x, struct shrunk *s)
{
	size_t n = x->plan->n_prefixes;

	s->plan = *x->plan;
	s->g = make_graph(x);
	s->plan.g = s->g;
	s->prefixes = xcalloc(n + 1, sizeof(*s->prefixes));
	s->announcements = xcalloc(n + 1, sizeof(struct sim_announcement *));
	s->exports = xcalloc(n + 1, sizeof(struct sim_export *));
	s->weights = xcalloc(n + 1, sizeof(*s->weights));
	s->plan.prefixes = s->prefixes;
	copy_policy(x, s);
	for (size_t p = 0; p < n; p++)
		copy_prefix(x, s, p);
}

bool
shrink_new(const struct sim_plan *plan, struct shrunk *out)
{
	uint32_t n = sim_graph_count(plan->g);
	struct shrinking x = {
	    .plan = plan,
	    .g = plan->g,
	    .named = sim_set_new(plan->g),
	    .members = xcalloc(n + 1, sizeof(*x.members)),
	    .one = xcalloc(n + 1, sizeof(*x.one)),
	    .to = xcalloc(n + 1, sizeof(*x.to)),
	};
	bool sound = name_all(&x);

	*out = (struct shrunk){.plan = *plan};
	if (sound) {
		find_members(&x);
		unite(&x);
		copy_plan(&x, out);
	}
	sim_set_free(&x.named);
	free(x.members);
	free(x.one);
	free(x.to);
	return sound;
}

void
shrink_free(struct shrunk *s)
{
	for (size_t p = 0; s->g && p < s->plan.n_prefixes; p++) {
		free(s->announcements[p]);
		free(s->exports[p]);
		sim_weights_free(&s->weights[p]);
	}
	free(s->announcements);
	free(s->exports);
	free(s->weights);
	free(s->prefixes);
	sim_set_free(&s->rov);
	sim_graph_free(s->g);
	*s = (struct shrunk){0};
}
