/* SPDX-License-Identifier: ISC */
/* What an AS could have chosen, looked up behind a run. */
#include <stdlib.h>
#include <string.h>

#include "sim/route.h"

struct found {
	struct sim_candidate *v; /* borrowed */
	size_t n, room;
	uint32_t *keys; /* owned, of v */
};

static struct run
run_of(const struct sim_graph *g, const struct sim_policy *policy,
       const struct sim_announcement *announcements, size_t n,
       const struct sim_result *r)
{
	uint64_t *special = xcalloc((g->n + 63) / 64, sizeof(*special));
	struct run run = {
	    .g = g,
	    .rov = policy->rov,
	    .announcements = announcements,
	    .n = n,
	    .key = r->key,
	    .announcement = r->announcement,
	    .special = special,
	};

	run_prefer(&run, policy->preference);
	run_mark_special(&run, special);
	return run;
}

/* Equal up to the AS number of the neighbour. */
static bool
ties(uint32_t a, uint32_t b)
{
	return a >> KEY_RELATION_SHIFT == b >> KEY_RELATION_SHIFT;
}

/* As runs have it, better_seed() included. */
static bool
worse(const struct run *run, uint32_t key, const struct sim_candidate *c,
      uint32_t than, uint32_t neighbour, uint16_t announcement)
{
	if (key >> 1 != than >> 1)
		return key >> 1 > than >> 1;
	if (c->neighbour == SIM_NONE && neighbour == SIM_NONE &&
	    run_announcer(run, c->announcement) !=
		run_announcer(run, announcement))
		return run_announcer(run, c->announcement) >
		       run_announcer(run, announcement);
	return c->announcement > announcement;
}

static void
add(struct found *f, const struct run *run, uint32_t id, uint32_t neighbour,
    uint32_t key, uint16_t announcement)
{
	size_t at = f->n < f->room ? f->n : f->room;

	f->n++;
	while (at > 0 && worse(run, f->keys[at - 1], &f->v[at - 1], key,
			       neighbour, announcement)) {
		if (at < f->room) {
			f->keys[at] = f->keys[at - 1];
			f->v[at] = f->v[at - 1];
		}
		at--;
	}
	if (at >= f->room)
		return;
	f->keys[at] = key;
	f->v[at] = (struct sim_candidate){
	    .neighbour = neighbour,
	    .announcement = announcement,
	    .relation = key_relation(key),
	    .length = (uint8_t)key_length(key),
	    .tie = ties(key, run->key[id]),
	};
}

/* Whether the route of `from` goes through `id`. */
static bool
passes(const struct run *run, uint32_t from, uint32_t id)
{
	const struct sim_result r = {run->g->n, run->key, run->announcement};

	while (from != SIM_NONE && from != id)
		from = sim_route(run->g, &r, from).next;
	return from == id;
}

static void
add_row(struct found *f, const struct run *run, uint32_t id,
	enum sim_relation relation)
{
	struct sim_ids row = graph_row(run->g, relation, id);

	for (size_t i = 0; i < row.n; i++) {
		uint32_t key =
		    run_offer(run, row.v[i], id, relation_back(relation));

		if (key != KEY_NONE && !passes(run, row.v[i], id))
			add(f, run, id, row.v[i], key,
			    run->announcement[row.v[i]]);
	}
}

size_t
sim_candidates(const struct sim_graph *g, const struct sim_policy *policy,
	       const struct sim_announcement *announcements, size_t n,
	       const struct sim_result *r, uint32_t id,
	       struct sim_candidate *out, size_t room)
{
	struct run run = run_of(g, policy, announcements, n, r);
	struct found f = {out, 0, room, xcalloc(room + 1, sizeof(*f.keys))};

	for (size_t i = 0; i < n; i++)
		if (announcements[i].at == id && run_seed(&run, i) != KEY_NONE)
			add(&f, &run, id, SIM_NONE, run_seed(&run, i),
			    (uint16_t)i);
	for (int what = SIM_CUSTOMER; what <= SIM_PROVIDER; what++)
		add_row(&f, &run, id, (enum sim_relation)what);
	if (f.n > 0 && room > 0)
		out[0].best = true;
	free(f.keys);
	free((void *)(uintptr_t)run.special);
	return f.n;
}

static bool
other_site(const struct run *run, uint32_t id, uint16_t announcement)
{
	return run->announcements[announcement].site !=
	       run->announcements[run->announcement[id]].site;
}

static bool
row_ties(const struct run *run, uint32_t id)
{
	enum sim_relation relation = key_relation(run->key[id]);
	struct sim_ids row;

	if (relation == SIM_ORIGIN)
		return false;
	row = graph_row(run->g, relation, id);
	for (size_t i = 0; i < row.n; i++) {
		uint32_t from = row.v[i];

		if (run->key[from] != KEY_NONE &&
		    other_site(run, id, run->announcement[from]) &&
		    ties(run_offer(run, from, id, relation_back(relation)),
			 run->key[id]))
			return true;
	}
	return false;
}

void
sim_ties(const struct sim_graph *g, const struct sim_policy *policy,
	 const struct sim_announcement *announcements, size_t n,
	 const struct sim_result *r, struct sim_set *out)
{
	struct run run = run_of(g, policy, announcements, n, r);

	memset(out->v, 0, (g->n + 63) / 64 * sizeof(*out->v));
	for (uint32_t id = 0; id < g->n; id++)
		if (r->key[id] != KEY_NONE && row_ties(&run, id))
			sim_set_add(out, id);
	for (size_t i = 0; i < n; i++) {
		uint32_t at = announcements[i].at;

		if (r->key[at] != KEY_NONE &&
		    other_site(&run, at, (uint16_t)i) &&
		    ties(run_seed(&run, i), r->key[at]))
			sim_set_add(out, at);
	}
	free((void *)(uintptr_t)run.special);
}
