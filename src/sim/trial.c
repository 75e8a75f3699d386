/* SPDX-License-Identifier: ISC */
#include "sim/trial.h"

#include <stdlib.h>
#include <string.h>

#include "sim/rerun.h"
#include "sim/route.h"

/* A prefix of the plan as it is announced now. */
struct trial_prefix {
	struct rerun run;
	uint32_t **tails;  /* owned, by announcement: most prepended */
	size_t *own;       /* owned: how often tail[0] leads the plan's tail */
	uint16_t *dropped; /* owned, by announcement: 256 when it drops */
	bool stale;        /* changed since the run */
};
/*
 * Traffic to one prefix: what no longer prefix of the plan has. Sums go by
 * announcement and by lengths as BGP counts them, so that what an AS adds
 * hangs on nothing but its own route.
 */
struct flow {
	uint32_t *chain; /* owned: its prefix and those that cover it */
	size_t n;
	uint64_t *weight; /* owned: arrived, by announcement; chain of one */
	trial_wide lengths;
	struct measure m;
	bool known; /* the sums are of the run before the last one */
};
struct trial {
	const struct sim_plan *plan;
	const uint32_t *cost;
	unsigned prepend_max;
	struct trial_prefix *prefixes;
	struct flow *flows;
	struct sim_result *chain; /* owned: the results of a flow, borrowed */
	struct sim_hop *hops;     /* owned: where a flow with a chain goes */
	struct measure sum;
	uint64_t runs;
};

static struct measure
measure_new(size_t n_sites)
{
	return (struct measure){.load = xcalloc(n_sites + 1, sizeof(uint64_t))};
}

static void
measure_free(struct measure *m)
{
	free(m->load);
	*m = (struct measure){0};
}

static void
measure_clear(struct measure *m, size_t n_sites)
{
	uint64_t *load = m->load;

	memset(load, 0, n_sites * sizeof(*load));
	*m = (struct measure){.load = load};
}

/* ---- making ---- */

/*
 * The announcer's own number as often as can be prepended, then the rest: a
 * tail with fewer begins further behind.
 */
static void
stretch_tail(struct trial *t, struct trial_prefix *p, size_t i)
{
	const struct sim_announcement *a = &p->run.v[i];
	size_t own = 0, most = t->prepend_max + 1;
	uint32_t *tail;

	while (own < a->n_tail && a->tail[own] == a->tail[0])
		own++;
	p->own[i] = own;
	if (!own)
		return;
	tail = xcalloc(most + a->n_tail - own, sizeof(*tail));
	for (size_t k = 0; k < most; k++)
		tail[k] = a->tail[0];
	memcpy(tail + most, a->tail + own, (a->n_tail - own) * sizeof(*tail));
	p->tails[i] = tail;
}

static void
prefix_start(struct trial *t, struct trial_prefix *p,
	     const struct sim_plan_prefix *from)
{
	p->run = rerun_new(t->plan->g, t->plan->policy, from->announcements,
			   from->n);
	p->tails = xcalloc(from->n + 1, sizeof(*p->tails));
	p->own = xcalloc(from->n + 1, sizeof(*p->own));
	p->stale = true;
	p->dropped = xcalloc(from->n + 1, sizeof(*p->dropped));
	for (size_t i = 0; i < from->n; i++) {
		stretch_tail(t, p, i);
		if (from->announcements[i].site >= t->plan->n_sites)
			p->dropped[i] = 256;
	}
}

static void
flow_start(struct flow *f, const struct sim_plan *plan, uint32_t prefix)
{
	f->chain = xcalloc(plan->n_prefixes, sizeof(*f->chain));
	f->m = measure_new(plan->n_sites);
	f->weight = xcalloc(plan->prefixes[prefix].n + 1, sizeof(*f->weight));
	while (prefix != SIM_NONE && f->n < plan->n_prefixes) {
		f->chain[f->n++] = prefix;
		prefix = plan->prefixes[prefix].covered_by;
	}
}

struct trial *
trial_new(const struct sim_plan *plan, const uint32_t *cost,
	  unsigned prepend_max)
{
	struct trial *t = xcalloc(1, sizeof(*t));
	size_t n = plan->n_prefixes;

	t->plan = plan;
	t->cost = cost;
	t->prepend_max = prepend_max;
	t->prefixes = xcalloc(n + 1, sizeof(*t->prefixes));
	t->flows = xcalloc(n + 1, sizeof(*t->flows));
	t->chain = xcalloc(n + 1, sizeof(*t->chain));
	t->sum = measure_new(plan->n_sites);
	for (size_t i = 0; i < n; i++) {
		prefix_start(t, &t->prefixes[i], &plan->prefixes[i]);
		flow_start(&t->flows[i], plan, (uint32_t)i);
	}
	return t;
}

static void
prefix_end(struct trial_prefix *p)
{
	for (size_t i = 0; i < p->run.n; i++)
		free(p->tails[i]);
	free(p->tails);
	free(p->own);
	free(p->dropped);
	rerun_free(&p->run);
}

void
trial_free(struct trial *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->plan->n_prefixes; i++) {
		prefix_end(&t->prefixes[i]);
		free(t->flows[i].chain);
		free(t->flows[i].weight);
		measure_free(&t->flows[i].m);
	}
	measure_free(&t->sum);
	free(t->prefixes);
	free(t->flows);
	free(t->chain);
	free(t->hops);
	free(t);
}

/* ---- changing ---- */

void
trial_set(struct trial *t, size_t prefix, size_t i, bool up, int prepend)
{
	struct trial_prefix *p = &t->prefixes[prefix];
	const struct sim_announcement *own =
	    &t->plan->prefixes[prefix].announcements[i];
	struct sim_announcement *a = &p->run.v[i];
	const uint32_t *tail = own->tail;
	size_t n_tail = own->n_tail;

	if (prepend >= 0 && p->own[i]) {
		tail = p->tails[i] + (t->prepend_max - (unsigned)prepend);
		n_tail = own->n_tail - p->own[i] + 1 + (unsigned)prepend;
	}
	if (a->down == !up && (!up || a->n_tail == n_tail))
		return;
	a->down = !up;
	a->tail = tail;
	a->n_tail = n_tail;
	p->stale = true;
}

/* ---- running ---- */

static int
run_stale(struct trial *t)
{
	for (size_t i = 0; i < t->plan->n_prefixes; i++) {
		int error;

		if (!t->prefixes[i].stale)
			continue;
		error = rerun_go(&t->prefixes[i].run);
		t->runs++;
		if (error)
			return error;
	}
	return 0;
}

/* ---- measuring ---- */

static void
add_cost(const struct trial *t, struct measure *m, uint32_t id, uint32_t site,
	 uint64_t weight)
{
	uint32_t cost =
	    t->cost[(size_t)site * sim_graph_count(t->plan->g) + id];

	if (cost == SIM_COST_UNKNOWN)
		return;
	/* Taking off adds the two's complement. */
	m->costed += weight;
	m->cost += (trial_wide)(__int128)(int64_t)weight * cost;
}

static void
count_costs(const struct trial *t, struct flow *f, const struct sim_result *r,
	    const uint64_t *weight)
{
	const struct trial_prefix *p = &t->prefixes[f->chain[0]];

	for (uint32_t id = 0; id < r->n; id++) {
		uint16_t a = r->announcement[id];

		if (a != SIM_UNREACHED && !p->dropped[a])
			add_cost(t, &f->m, id, p->run.v[a].site, weight[id]);
	}
}

/* Adds an AS; with a weight below zero (two's complement), takes it off. */
static inline void
count_as(const struct trial *t, struct flow *f, const struct sim_result *r,
	 uint32_t id, uint64_t weight)
{
	const struct trial_prefix *p = &t->prefixes[f->chain[0]];
	uint16_t a = r->announcement[id];

	if (a == SIM_UNREACHED) {
		f->m.unreached += weight;
		return;
	}
	f->weight[a] += weight;
	if (p->dropped[a])
		return;
	f->lengths +=
	    (trial_wide)(__int128)(int64_t)weight * key_length(r->key[id]);
	if (t->cost)
		add_cost(t, &f->m, id, p->run.v[a].site, weight);
}

/* As count_as() for all, but lengths are multiplied once. */
static void
count_all(const struct trial *t, struct flow *f, const uint64_t *weight)
{
	const struct trial_prefix *p = &t->prefixes[f->chain[0]];
	const struct sim_result *r = p->run.now;
	/* By length; the upper half is of what is dropped. */
	uint64_t lengths[512] = {0}, unreached = 0;

	memset(f->weight, 0, p->run.n * sizeof(*f->weight));
	f->lengths = 0;
	for (uint32_t id = 0; id < r->n; id++) {
		uint16_t a = r->announcement[id];

		if (a == SIM_UNREACHED) {
			unreached += weight[id];
			continue;
		}
		f->weight[a] += weight[id];
		lengths[key_length(r->key[id]) + p->dropped[a]] += weight[id];
	}
	for (unsigned i = 0; i < 256; i++)
		f->lengths += (trial_wide)lengths[i] * i;
	f->m.unreached = unreached;
	if (t->cost)
		count_costs(t, f, r, weight);
}

static void
count_changed(const struct trial *t, struct flow *f, const uint64_t *weight)
{
	const struct sim_whatif *w = t->prefixes[f->chain[0]].run.whatif;
	const struct sim_result *before = sim_whatif_before(w);
	const struct sim_result *now = sim_whatif_result(w);
	const struct sim_set *changed = sim_whatif_changed(w);

	for (uint32_t i = 0; i < (changed->n + 63) / 64; i++)
		for (uint64_t bits = changed->v[i]; bits; bits &= bits - 1) {
			uint32_t id = i * 64 + (uint32_t)__builtin_ctzll(bits);

			count_as(t, f, before, id, -weight[id]);
			count_as(t, f, now, id, weight[id]);
		}
}

/* ASes of the announcer's side that a length counts. */
static unsigned
behind(const struct sim_announcement *a)
{
	return (unsigned)a->n_tail + (a->from == SIM_ORIGIN);
}

/* Sums by announcement become sums by site. */
static void
gather(const struct trial *t, struct flow *f)
{
	const struct trial_prefix *p = &t->prefixes[f->chain[0]];
	size_t n_sites = t->plan->n_sites;

	memset(f->m.load, 0, n_sites * sizeof(*f->m.load));
	f->m.dropped = 0;
	f->m.hops = f->lengths;
	for (size_t i = 0; i < p->run.n; i++) {
		const struct sim_announcement *a = &p->run.v[i];

		if (a->site >= n_sites) {
			f->m.dropped += f->weight[i];
			continue;
		}
		f->m.load[a->site] += f->weight[i];
		f->m.hops -= (trial_wide)f->weight[i] * behind(a);
	}
}

static void
measure_plain(struct trial *t, struct flow *f, const uint64_t *weight)
{
	if (f->known && t->prefixes[f->chain[0]].run.by_changes) {
		count_changed(t, f, weight);
	} else {
		measure_clear(&f->m, t->plan->n_sites);
		count_all(t, f, weight);
	}
	gather(t, f);
	f->known = true;
}

static void
count_hop(struct trial *t, struct flow *f, uint32_t id, uint64_t weight)
{
	const struct sim_hop *h = &t->hops[id];
	const struct sim_announcement *a;

	if (h->prefix == SIM_UNREACHED) {
		f->m.unreached += weight;
		return;
	}
	a = &t->prefixes[f->chain[h->prefix]].run.v[h->announcement];
	if (a->site >= t->plan->n_sites) {
		f->m.dropped += weight;
		return;
	}
	f->m.load[a->site] += weight;
	f->m.hops +=
	    (trial_wide)weight * (unsigned)(h->ases - (a->from == SIM_ORIGIN));
	if (t->cost)
		add_cost(t, &f->m, id, a->site, weight);
}

static void
measure_chain(struct trial *t, struct flow *f, const uint64_t *weight)
{
	uint32_t n = sim_graph_count(t->plan->g);

	if (!t->hops)
		t->hops = xcalloc(n + 1, sizeof(*t->hops));
	for (size_t i = 0; i < f->n; i++)
		t->chain[i] = *t->prefixes[f->chain[i]].run.now;
	sim_forward(t->plan->g, t->chain, f->n, t->hops);
	measure_clear(&f->m, t->plan->n_sites);
	for (uint32_t id = 0; id < n; id++)
		count_hop(t, f, id, weight[id]);
}

static bool
flow_stale(const struct trial *t, const struct flow *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (t->prefixes[f->chain[i]].stale)
			return true;
	return false;
}

static void
flow_measure(struct trial *t, struct flow *f)
{
	const struct sim_weights *w = t->plan->prefixes[f->chain[0]].weights;

	if (!w || !flow_stale(t, f))
		return;
	if (f->n == 1)
		measure_plain(t, f, w->v);
	else
		measure_chain(t, f, w->v);
}

static void
add_flow(struct measure *sum, const struct measure *m, size_t n_sites)
{
	for (size_t i = 0; i < n_sites; i++)
		sum->load[i] += m->load[i];
	sum->unreached += m->unreached;
	sum->dropped += m->dropped;
	sum->hops += m->hops;
	sum->cost += m->cost;
	sum->costed += m->costed;
}

int
trial_measure(struct trial *t, const struct measure **m)
{
	size_t n = t->plan->n_prefixes;
	int error = run_stale(t);

	if (error)
		return error;
	measure_clear(&t->sum, t->plan->n_sites);
	for (size_t i = 0; i < n; i++) {
		flow_measure(t, &t->flows[i]);
		add_flow(&t->sum, &t->flows[i].m, t->plan->n_sites);
	}
	for (size_t i = 0; i < n; i++)
		t->prefixes[i].stale = false;
	*m = &t->sum;
	return 0;
}

uint64_t
trial_runs(const struct trial *t)
{
	return t->runs;
}
