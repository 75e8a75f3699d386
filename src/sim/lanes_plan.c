/* SPDX-License-Identifier: ISC */
/* What all batches have in common: the victim's announcements, as lanes need
 * them. */
#include <stdlib.h>
#include <string.h>

#include "sim/lanes.h"
#include "sim/route.h"

/* Announcements with one tag: nobody can tell one from another. */
struct groups {
	const struct sim_announcement *like[LANE_TAGS]; /* from 1 */
	unsigned n;                                     /* with LANE_CULPRIT */
};

/* Whether all ASes of the graph that stand in the tail of `a` stand in b's. */
static bool
tail_within(const struct sim_graph *g, const struct sim_announcement *a,
	    const struct sim_announcement *b)
{
	for (size_t i = 0; i < a->n_tail; i++) {
		if (i > 0 && a->tail[i] == a->tail[i - 1])
			continue;
		if (!tail_has(b, a->tail[i]) &&
		    sim_graph_find(g, a->tail[i]) != SIM_NONE)
			return false;
	}
	return true;
}

static bool
alike(const struct sim_graph *g, const struct sim_announcement *a,
      const struct sim_announcement *b)
{
	return a->invalid == b->invalid && a->nopeer == b->nopeer &&
	       tail_within(g, a, b) && tail_within(g, b, a);
}

/* The tag of an announcement; LANE_TAGS: there are too many. */
static unsigned
tag_of(const struct sim_graph *g, struct groups *groups,
       const struct sim_announcement *a)
{
	unsigned tag = 1;

	while (tag < groups->n && !alike(g, groups->like[tag], a))
		tag++;
	if (tag == groups->n && tag < LANE_TAGS)
		groups->like[groups->n++] = a;
	return tag;
}

static bool
find_groups(const struct sim_hijacks *what, struct groups *groups)
{
	*groups = (struct groups){.n = 1};
	if (what->hijack.kind == SIM_HIJACK_SUB_PREFIX)
		return true; /* alone with its prefix */
	for (size_t i = 0; i < what->n_victim; i++)
		if (!what->victim[i].down &&
		    tag_of(what->g, groups, &what->victim[i]) == LANE_TAGS)
			return false;
	return true;
}

/*
 * A leak has the tag of the culprit, whatever leaked: all must be treated
 * alike, and pass to peers.
 */
static bool
leaks_alike(const struct groups *groups)
{
	for (unsigned tag = 1; tag < groups->n; tag++)
		if (groups->like[tag]->nopeer ||
		    groups->like[tag]->invalid != groups->like[1]->invalid)
			return false;
	return true;
}

static void
choose_octets(struct lane_plan *p, const struct groups *groups)
{
	p->tag_bits = groups->n <= 2 ? 1 : 2;
	p->step = (uint8_t)(1u << p->tag_bits);
	p->tags = (uint8_t)(p->step - 1);
	/* Two steps from the end: what it extends to is not less. */
	p->none = (uint8_t)(UINT8_MAX - 2 * p->step);
	p->limit = p->tag_bits == 1 ? 60 : 28;
}

static void
rule_tags(struct lane_plan *p, const struct groups *groups)
{
	const struct sim_hijack *h = &p->what->hijack;
	bool invalid = h->invalid && h->kind != SIM_HIJACK_FORGED_ORIGIN;

	for (unsigned tag = 1; tag < groups->n; tag++) {
		if (groups->like[tag]->nopeer)
			p->nopeer |= (uint8_t)(1u << tag);
		if (groups->like[tag]->invalid)
			p->validate |= (uint8_t)(1u << tag);
	}
	if (h->kind == SIM_HIJACK_LEAK)
		invalid = groups->n > 1 && groups->like[1]->invalid;
	if (invalid)
		p->validate |= 1u << LANE_CULPRIT;
	if (!p->what->policy->rov)
		p->validate = 0;
}

static void
drop_at(struct lane_plan *p, uint32_t id, uint8_t how, unsigned tags)
{
	if (id == SIM_NONE || tags == 0)
		return;
	p->how[id] |= how;
	p->drops[id] |= (uint8_t)tags;
}

static void
find_drops(struct lane_plan *p, const struct groups *groups)
{
	const struct sim_hijack *h = &p->what->hijack;

	for (uint32_t id = 0; p->validate && id < p->g->n; id++)
		if (sim_set_has(p->what->policy->rov, id))
			drop_at(p, id, HOW_DROPS, p->validate);
	for (unsigned tag = 1; tag < groups->n; tag++)
		for (size_t i = 0; i < groups->like[tag]->n_tail; i++)
			drop_at(
			    p, sim_graph_find(p->g, groups->like[tag]->tail[i]),
			    HOW_TAIL, 1u << tag);
	if (h->kind == SIM_HIJACK_FORGED_ORIGIN)
		drop_at(p, sim_graph_find(p->g, h->origin), HOW_TAIL,
			1u << LANE_CULPRIT);
}

/*
 * An announcer that is itself a neighbour of the AS that hears it may offer
 * a route of another group, and the lower number of the announcement decides:
 * which lanes do not have.
 */
static bool
announcer_is_neighbour(const struct lane_plan *p, const struct lane_seed *seed)
{
	uint32_t id = sim_graph_find(p->g, seed->announcer);

	return id != SIM_NONE &&
	       sim_graph_relation(p->g, seed->at, id) != SIM_ORIGIN;
}

static int
by_place(const void *a, const void *b)
{
	const struct lane_seed *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->announcer != y->announcer)
		return x->announcer < y->announcer ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* False when the route does not fit. */
static bool
add_seed(struct lane_plan *p, struct groups *groups, size_t i)
{
	const struct sim_announcement *a = &p->what->victim[i];
	unsigned tag = tag_of(p->g, groups, a);
	struct lane_seed *seed = &p->seeds[p->n_seeds];

	if (a->n_tail + 1 >= p->limit)
		return false;
	if (a->from != SIM_ORIGIN && (p->drops[a->at] >> tag & 1))
		return true;
	*seed = (struct lane_seed){
	    .a = a,
	    .at = a->at,
	    .announcer = a->n_tail ? a->tail[0] : p->g->asn[a->at],
	    .number = (uint32_t)i,
	    .from = (uint8_t)a->from,
	    .octet = (uint8_t)((a->n_tail + 1) << p->tag_bits | tag),
	    .restricted = a->no_export || a->only || a->n_exports,
	};
	if (a->from == SIM_PROVIDER)
		seed->octet |= LANE_PROVIDER;
	p->n_seeds++;
	return groups->n <= 2 || !announcer_is_neighbour(p, seed);
}

static bool
find_seeds(struct lane_plan *p, struct groups *groups)
{
	size_t n = p->what->hijack.kind == SIM_HIJACK_SUB_PREFIX
		       ? 0
		       : p->what->n_victim;

	p->seeds = xcalloc(n + 1, sizeof(*p->seeds));
	for (size_t i = 0; i < n; i++)
		if (!p->what->victim[i].down && !add_seed(p, groups, i))
			return false;
	qsort(p->seeds, p->n_seeds, sizeof(*p->seeds), by_place);
	return true;
}

static void
find_hearers(struct lane_plan *p)
{
	p->hearers = xcalloc(p->n_seeds + 1, sizeof(*p->hearers));
	for (uint32_t i = 0; i < p->n_seeds; i++) {
		const struct lane_seed *seed = &p->seeds[i];

		if (i == 0 || seed->at != seed[-1].at) {
			p->hearers[p->n_hearers++] =
			    (struct lane_hearer){seed->at, i, 0};
			p->hearer[seed->at] = p->n_hearers;
			p->how[seed->at] |= HOW_HEARS;
		}
		p->hearers[p->n_hearers - 1].n++;
		for (size_t k = 0; k < seed->a->n_exports; k++)
			p->how[seed->a->exports[k].neighbour] |= HOW_TOLD;
	}
}

static void
find_slow(struct lane_plan *p)
{
	p->slow = xcalloc((size_t)p->g->n + 1, sizeof(*p->slow));
	for (uint32_t id = 0; id < p->g->n; id++)
		if (HOW_SLOW(p->how[id]))
			p->slow[p->n_slow++] = id;
}

/* ---- ASes that choose alike ---- */

struct stub {
	const struct lane_plan *p;
	struct sim_ids providers;
	uint32_t id;
	uint32_t next; /* of the base, when it counts */
};

static int
compare_choice(const struct stub *x, const struct stub *y)
{
	uint8_t a = x->p->how[x->id], b = y->p->how[y->id];

	if (a != b)
		return a < b ? -1 : 1;
	if (x->next != y->next)
		return x->next < y->next ? -1 : 1;
	if (x->providers.n != y->providers.n)
		return x->providers.n < y->providers.n ? -1 : 1;
	return memcmp(x->providers.v, y->providers.v,
		      x->providers.n * sizeof(*x->providers.v));
}

static int
by_choice(const void *a, const void *b)
{
	const struct stub *x = a, *y = b;
	int order = compare_choice(x, y);

	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

static void
add_to_crowd(struct lane_plan *p, const struct stub *stub, bool alike)
{
	struct lane_crowd *c = p->n_crowds ? &p->crowds[p->n_crowds - 1] : NULL;

	if (!c || !alike || c->n == UINT16_MAX) {
		c = &p->crowds[p->n_crowds++];
		c->id = stub->id;
	}
	c->n++;
	c->weight += lane_weight(p, stub->id);
	p->in_crowd[stub->id] = 1;
}

static bool
may_be_in_crowd(const struct lane_plan *p, uint32_t id)
{
	/* Nobody's packets go through such a one, but to what it hears. */
	return !HOW_SLOW(p->how[id]) && graph_row(p->g, SIM_PEER, id).n == 0 &&
	       (!p->next || p->next[id] != SIM_NONE);
}

static void
find_crowds(struct lane_plan *p)
{
	struct stub *stubs = xcalloc((size_t)p->g->n + 1, sizeof(*stubs));
	size_t n = 0;

	p->crowds = xcalloc((size_t)p->g->n + 1, sizeof(*p->crowds));
	p->in_crowd = xcalloc((size_t)p->g->n + 1, sizeof(*p->in_crowd));
	p->single = xcalloc((size_t)p->g->n + 1, sizeof(*p->single));
	for (uint32_t id = p->transit; id < p->g->n; id++) {
		if (may_be_in_crowd(p, id))
			stubs[n++] =
			    (struct stub){p, graph_row(p->g, SIM_PROVIDER, id),
					  id, p->next ? p->next[id] : SIM_NONE};
		else
			p->single[p->n_single++] = id;
	}
	qsort(stubs, n, sizeof(*stubs), by_choice);
	for (size_t i = 0; i < n; i++)
		add_to_crowd(p, &stubs[i],
			     i > 0 &&
				 !compare_choice(&stubs[i - 1], &stubs[i]));
	free(stubs);
}

/* 0: no route. */
static unsigned
base_length(const struct lane_plan *p, uint32_t id)
{
	struct sim_route r = sim_route(p->g, p->base, id);

	return r.announcement == SIM_UNREACHED ? 0 : r.length;
}

static void
find_next(struct lane_plan *p)
{
	p->next = xcalloc((size_t)p->g->n + 1, sizeof(*p->next));
	for (uint32_t id = 0; id < p->g->n; id++) {
		struct sim_route r = sim_route(p->g, p->base, id);

		p->next[id] =
		    r.announcement == SIM_UNREACHED ? SIM_NONE : r.next;
	}
}

/* By the length of the base's paths: the next AS is nearer. */
static void
find_order(struct lane_plan *p)
{
	uint32_t at[UINT8_MAX + 2] = {0};

	p->order = xcalloc((size_t)p->g->n + 1, sizeof(*p->order));
	for (uint32_t id = 0; id < p->g->n; id++)
		if (!p->in_crowd[id])
			at[base_length(p, id) + 1]++;
	for (size_t i = 1; i < ARRAY_LEN(at); i++)
		at[i] += at[i - 1];
	p->n_order = at[ARRAY_LEN(at) - 1];
	for (uint32_t id = 0; id < p->g->n; id++)
		if (!p->in_crowd[id])
			p->order[at[base_length(p, id)]++] = id;
}

/* Where all weigh the same it is enough to count. */
static void
find_weights(struct lane_plan *p)
{
	const struct sim_weights *w = p->what->weights;

	if (!w || w->n == 0)
		return;
	p->weight = w->v[0];
	for (uint32_t id = 0; id < w->n && !p->weights; id++)
		if (w->v[id] != p->weight)
			p->weights = w->v;
}

static bool
fill_plan(struct lane_plan *p)
{
	struct groups groups;

	if (p->what->policy->preference != SIM_PREFER_CUSTOMER_PEER_PROVIDER ||
	    !find_groups(p->what, &groups))
		return false;
	if (p->what->hijack.kind == SIM_HIJACK_LEAK && !leaks_alike(&groups))
		return false;
	p->how = xcalloc((size_t)p->g->n + 1, sizeof(*p->how));
	p->drops = xcalloc((size_t)p->g->n + 1, sizeof(*p->drops));
	p->hearer = xcalloc((size_t)p->g->n + 1, sizeof(*p->hearer));
	choose_octets(p, &groups);
	rule_tags(p, &groups);
	find_drops(p, &groups);
	if (!find_seeds(p, &groups))
		return false;
	find_hearers(p);
	find_slow(p);
	p->transit = graph_transit(p->g);
	find_weights(p);
	if (p->what->hijack.kind == SIM_HIJACK_SUB_PREFIX)
		find_next(p);
	find_crowds(p);
	if (p->what->hijack.kind == SIM_HIJACK_SUB_PREFIX)
		find_order(p);
	return true;
}

struct lane_plan *
lane_plan_new(const struct sim_hijacks *what, const struct sim_result *base)
{
	struct lane_plan *p = xcalloc(1, sizeof(*p));

	p->g = what->g;
	p->what = what;
	p->base = base;
	if (fill_plan(p))
		return p;
	lane_plan_free(p);
	return NULL;
}

void
lane_plan_free(struct lane_plan *p)
{
	if (!p)
		return;
	free(p->how);
	free(p->drops);
	free(p->seeds);
	free(p->hearers);
	free(p->hearer);
	free(p->slow);
	free(p->crowds);
	free(p->in_crowd);
	free(p->single);
	free(p->order);
	free(p->next);
	free(p);
}

enum lane_fit
lane_fit(const struct lane_plan *p, uint32_t culprit)
{
	struct sim_route r;

	if (p->what->hijack.kind != SIM_HIJACK_LEAK)
		return LANE_FITS;
	r = sim_route(p->g, p->base, culprit);
	if (r.announcement == SIM_UNREACHED || r.relation <= SIM_CUSTOMER)
		return LANE_HARMLESS;
	return r.length < p->limit ? LANE_FITS : LANE_NOT;
}
