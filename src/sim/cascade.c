/* SPDX-License-Identifier: ISC */
/*
 * Failures and what follows from them. What a set of failed sites comes to
 * does not hang on the way there, so sets are nodes and each leads to the next
 * one: itself and the sites that are then above their capacity. Failures are
 * ways through these nodes; ways that meet are run once.
 *
 * Nodes are made in waves: the first failures, then what follows from them,
 * and so on. A wave is run over threads and looked at afterwards in the order
 * of its nodes, so the number of threads changes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lab.h"
#include "sim/shrink.h"

#define NO_NODE SIZE_MAX

struct node {
	uint64_t *failed; /* by site, a bit each */
	uint64_t *load;   /* by site */
	uint64_t unreached;
	uint64_t dropped;
	size_t next; /* node after the next round; NO_NODE: stable */
	bool done;
};
struct cascade {
	const struct sim_plan *plan;
	struct lab lab;
	struct arena *memory; /* the caller's */
	size_t words;         /* of a set of sites */
	uint64_t *announcing; /* owned: sites that announce anything */
	struct node *nodes;   /* owned */
	size_t n, room;
	size_t *slots; /* owned: nodes by hash, NO_NODE: free */
	size_t n_slots;
	size_t wave; /* first node of the present one */
};

static bool
has(const uint64_t *set, size_t site)
{
	return set[site / 64] >> site % 64 & 1;
}

static void
add(uint64_t *set, size_t site)
{
	set[site / 64] |= UINT64_C(1) << site % 64;
}

/* ---- nodes ---- */

static size_t *
slot_of(const struct cascade *c, const uint64_t *failed)
{
	size_t size = c->words * sizeof(*failed);
	size_t at = hash_bytes(HASH_SEED, failed, size) % c->n_slots;

	while (c->slots[at] != NO_NODE &&
	       memcmp(c->nodes[c->slots[at]].failed, failed, size) != 0)
		at = (at + 1) % c->n_slots;
	return &c->slots[at];
}

static void
more_slots(struct cascade *c)
{
	c->n_slots = c->n_slots ? 2 * c->n_slots : 64;
	free(c->slots);
	c->slots = xcalloc(c->n_slots, sizeof(*c->slots));
	for (size_t i = 0; i < c->n_slots; i++)
		c->slots[i] = NO_NODE;
	for (size_t i = 0; i < c->n; i++)
		*slot_of(c, c->nodes[i].failed) = i;
}

/* The node of a set, made when there is none. */
static size_t
node_of(struct cascade *c, const uint64_t *failed)
{
	struct node *node;
	size_t *slot;

	if (2 * c->n >= c->n_slots)
		more_slots(c);
	slot = slot_of(c, failed);
	if (*slot != NO_NODE)
		return *slot;
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->nodes = xrealloc(c->nodes, c->room, sizeof(*c->nodes));
	}
	*slot = c->n;
	node = &c->nodes[c->n];
	*node = (struct node){.next = NO_NODE};
	node->failed = arena_alloc(c->memory, c->words * sizeof(*failed));
	node->load =
	    arena_alloc(c->memory, (c->plan->n_sites + 1) * sizeof(uint64_t));
	memcpy(node->failed, failed, c->words * sizeof(*failed));
	return c->n++;
}

/* ---- waves ---- */

static void
apply(void *ctx, struct trial *t, size_t i)
{
	struct cascade *c = ctx;
	const uint64_t *failed = c->nodes[c->wave + i].failed;

	for (size_t p = 0; p < c->plan->n_prefixes; p++) {
		const struct sim_plan_prefix *prefix = &c->plan->prefixes[p];

		for (size_t k = 0; k < prefix->n; k++) {
			const struct sim_announcement *a =
			    &prefix->announcements[k];
			bool fails =
			    a->site < c->plan->n_sites && has(failed, a->site);

			trial_set(t, p, k, !a->down && !fails,
				  TRIAL_OWN_PREPEND);
		}
	}
}

static void
seen(void *ctx, size_t i, const struct measure *m)
{
	struct cascade *c = ctx;
	struct node *node = &c->nodes[c->wave + i];

	memcpy(node->load, m->load, c->plan->n_sites * sizeof(*m->load));
	node->unreached = m->unreached;
	node->dropped = m->dropped;
	node->done = true;
}

/* The node that follows, when a site is above its capacity. */
static void
look_further(struct cascade *c, size_t i, uint64_t *set)
{
	const uint64_t *load = c->nodes[i].load;
	const uint64_t *capacity = c->plan->capacity;
	bool more = false;
	size_t next;

	memcpy(set, c->nodes[i].failed, c->words * sizeof(*set));
	for (size_t s = 0; s < c->plan->n_sites; s++)
		if (capacity[s] && load[s] > capacity[s]) {
			add(set, s);
			more = true;
		}
	if (!more)
		return;
	next = node_of(c, set);
	c->nodes[i].next = next;
}

static int
run_waves(struct cascade *c)
{
	uint64_t *set = xcalloc(c->words, sizeof(*set));
	int error = 0;

	while (!error && c->wave < c->n) {
		size_t end = c->n;

		error = lab_run(&c->lab, end - c->wave, apply, seen, c);
		for (size_t i = c->wave; i < end && c->plan->capacity; i++)
			if (c->nodes[i].done)
				look_further(c, i, set);
		c->wave = end;
	}
	free(set);
	return error;
}

/* ---- the first failures ---- */

static void
find_announcing(struct cascade *c)
{
	for (size_t p = 0; p < c->plan->n_prefixes; p++) {
		const struct sim_plan_prefix *prefix = &c->plan->prefixes[p];

		for (size_t k = 0; k < prefix->n; k++) {
			const struct sim_announcement *a =
			    &prefix->announcements[k];

			if (!a->down && a->site < c->plan->n_sites)
				add(c->announcing, a->site);
		}
	}
}

static void
add_first(struct cascade *c, uint64_t *set, struct sim_cascade *out,
	  const size_t *sites, size_t n)
{
	struct sim_failure *f = &out->v[out->n++];

	memset(set, 0, c->words * sizeof(*set));
	f->n_first = n;
	f->failed = arena_alloc(c->memory, 2 * sizeof(*f->failed));
	for (size_t i = 0; i < n; i++) {
		add(set, sites[i]);
		f->failed[f->n_failed++] = (uint32_t)sites[i];
	}
	f->n_rounds = node_of(c, set); /* for a while: where it begins */
}

static void
add_all_first(struct cascade *c, unsigned depth, const uint32_t *sites,
	      size_t n, struct sim_cascade *out)
{
	uint64_t *set = xcalloc(c->words, sizeof(*set));

	add_first(c, set, out, NULL, 0);
	for (size_t i = 0; i < n; i++)
		add_first(c, set, out, (size_t[]){sites[i]}, 1);
	for (size_t i = 0; depth > 1 && i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			add_first(c, set, out, (size_t[]){sites[i], sites[k]},
				  2);
	free(set);
}

/* ---- ways through the nodes ---- */

static bool
nobody_left(const struct cascade *c, const uint64_t *failed)
{
	bool any = false;

	for (size_t i = 0; i < c->words; i++) {
		if (c->announcing[i] & ~failed[i])
			return false;
		any |= c->announcing[i] != 0;
	}
	return any;
}

/* How many nodes stand on the way; 0 when it is not finished. */
static size_t
way_length(const struct cascade *c, size_t at, size_t *failed)
{
	size_t n = 0;

	for (; at != NO_NODE; at = c->nodes[at].next) {
		if (!c->nodes[at].done)
			return 0;
		*failed = 0;
		for (size_t i = 0; i < c->words; i++)
			*failed += (size_t)__builtin_popcountll(
			    c->nodes[at].failed[i]);
		n++;
	}
	return n;
}

/* The first failures, with room for all that follow. */
static void
widen(struct cascade *c, struct sim_failure *f, size_t n)
{
	const uint32_t *first = f->failed;

	f->failed = arena_alloc(c->memory, (n + 1) * sizeof(*f->failed));
	memcpy(f->failed, first, f->n_first * sizeof(*first));
}

static void
note_failed(const struct cascade *c, struct sim_failure *f, const uint64_t *was,
	    const uint64_t *is)
{
	for (size_t s = 0; s < c->plan->n_sites; s++)
		if (has(is, s) && !has(was, s))
			f->failed[f->n_failed++] = (uint32_t)s;
}

/* False when the way is not finished. */
static bool
tell(struct cascade *c, struct sim_failure *f)
{
	size_t at = f->n_rounds, failed, n = way_length(c, at, &failed);
	const struct node *was = NULL;

	f->n_rounds = 0;
	if (!n)
		return false;
	widen(c, f, failed);
	f->rounds = arena_alloc(c->memory, n * sizeof(*f->rounds));
	for (; at != NO_NODE; at = c->nodes[at].next) {
		const struct node *node = &c->nodes[at];
		struct sim_round *r = &f->rounds[f->n_rounds++];

		*r = (struct sim_round){node->load, node->unreached,
					node->dropped, was ? f->n_failed : 0};
		if (was)
			note_failed(c, f, was->failed, node->failed);
		was = node;
	}
	f->collapse = nobody_left(c, was->failed);
	return true;
}

static void
tell_all(struct cascade *c, struct sim_cascade *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++)
		if (tell(c, &out->v[i]))
			out->v[n++] = out->v[i];
	out->n = n;
}

/* ---- the whole ---- */

static int
start(struct cascade *c, unsigned depth, struct sim_cascade *out)
{
	size_t most = c->plan->n_sites, n = 0, count;
	uint32_t *sites = xcalloc(most + 1, sizeof(*sites));

	find_announcing(c);
	for (size_t s = 0; s < most; s++)
		if (has(c->announcing, s))
			sites[n++] = (uint32_t)s;
	count = 1 + n + (depth > 1 && n ? n * (n - 1) / 2 : 0);
	if (count <= SIM_FAILURES_MAX) {
		out->v = arena_alloc(c->memory, count * sizeof(*out->v));
		add_all_first(c, depth, sites, n, out);
	}
	free(sites);
	return count <= SIM_FAILURES_MAX ? 0 : -E2BIG;
}

static int
run_all(struct cascade *c, unsigned depth, struct sim_cascade *out)
{
	int error = start(c, depth, out);

	if (!error)
		error = run_waves(c);
	out->stopped = error == -ECANCELED;
	if (out->stopped)
		error = 0;
	tell_all(c, out);
	out->runs = lab_runs(&c->lab);
	return error;
}

int
sim_cascade(const struct sim_plan *plan, unsigned depth, sim_stop stop,
	    void *ctx, struct sim_cascade *out)
{
	struct shrunk small;
	struct cascade c = {
	    .plan = &small.plan,
	    .memory = &out->memory,
	    .words = plan->n_sites / 64 + 1,
	};
	int error;

	*out = (struct sim_cascade){0};
	(void)shrink_new(plan, &small);
	c.lab = lab_new(&small.plan, NULL, 0, stop, ctx);
	c.announcing = xcalloc(c.words, sizeof(*c.announcing));
	error = run_all(&c, depth, out);
	lab_free(&c.lab);
	shrink_free(&small);
	free(c.announcing);
	free(c.nodes);
	free(c.slots);
	if (error)
		sim_cascade_free(out);
	return error;
}

void
sim_cascade_free(struct sim_cascade *c)
{
	arena_free(&c->memory);
	*c = (struct sim_cascade){0};
}
