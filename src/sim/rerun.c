/* SPDX-License-Identifier: ISC */
/*
 * Changing a what-if costs by the routes that move, a whole run always the
 * same: 0.8 ms against 50 ns a route on a graph of 80,000 ASes. How many
 * will move is not known before; an announcement that comes, goes or changes
 * is taken to move what it carried when it was last up.
 */
#include "sim/rerun.h"

#include <stdlib.h>
#include <string.h>

/* A whole run is quicker where more than one route of so many moves. */
#define FEW 10
/* Shares are counted on one AS of so many. */
#define SAMPLE 16

struct rerun
rerun_new(const struct sim_graph *g, const struct sim_policy *policy,
	  const struct sim_announcement *v, size_t n)
{
	struct rerun r = {
	    .g = g,
	    .policy = policy,
	    .v = xcalloc(n + 1, sizeof(*r.v)),
	    .n = n,
	    .engine = sim_engine_new(g),
	    .own = sim_result_new(g),
	    .last = xcalloc(n + 1, sizeof(*r.last)),
	    .share = xcalloc(n + 1, sizeof(*r.share)),
	    .changes = xcalloc(n + 1, sizeof(*r.changes)),
	};

	if (n)
		memcpy(r.v, v, n * sizeof(*v));
	return r;
}

void
rerun_free(struct rerun *r)
{
	sim_whatif_free(r->whatif);
	sim_engine_free(r->engine);
	sim_result_free(&r->own);
	free(r->v);
	free(r->last);
	free(r->share);
	free(r->changes);
	*r = (struct rerun){0};
}

static bool
differs(const struct sim_announcement *a, struct rerun_state from)
{
	return a->down != from.down || (!a->down && a->n_tail != from.n_tail);
}

static struct rerun_state
state_of(const struct sim_announcement *a)
{
	return (struct rerun_state){a->down, a->n_tail};
}

static uint32_t
guess_of(const struct rerun *r, size_t i, uint32_t fair)
{
	return r->share[i] ? r->share[i] : fair;
}

/* What an announcement that was never up may carry. */
static uint32_t
fair_share(const struct rerun *r)
{
	uint32_t up = 1;

	for (size_t i = 0; i < r->n; i++)
		up += !r->v[i].down;
	return sim_graph_count(r->g) / up;
}

static bool
few_move(const struct rerun *r, uint64_t moved)
{
	return moved * FEW < sim_graph_count(r->g);
}

static bool
near_last(const struct rerun *r)
{
	uint32_t fair = fair_share(r);
	uint64_t moved = 0;

	for (size_t i = 0; i < r->n; i++)
		if (differs(&r->v[i], r->last[i]))
			moved += guess_of(r, i, fair);
	return r->now && few_move(r, moved);
}

/* The same for the what-if; *n_changes takes it to what is wanted. */
static bool
near_whatif(struct rerun *r, size_t *n_changes)
{
	const struct sim_announcement *at = sim_whatif_announcements(r->whatif);
	uint32_t fair = fair_share(r);
	uint64_t moved = 0;

	*n_changes = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!differs(&r->v[i], state_of(&at[i])))
			continue;
		moved += guess_of(r, i, fair);
		r->changes[*n_changes] = (struct sim_change){i, r->v[i]};
		*n_changes += 1;
	}
	return few_move(r, moved);
}

static void
note_shares(struct rerun *r)
{
	uint32_t n = sim_graph_count(r->g);

	for (size_t i = 0; i < r->n; i++) {
		r->last[i] = state_of(&r->v[i]);
		if (!r->v[i].down)
			r->share[i] = 1;
	}
	for (uint32_t id = 0; id < n; id += SAMPLE) {
		uint16_t a = r->now->announcement[id];

		if (a != SIM_UNREACHED)
			r->share[a] += SAMPLE;
	}
}

static void
note_counts(struct rerun *r)
{
	for (size_t i = 0; i < r->n; i++) {
		r->last[i] = state_of(&r->v[i]);
		if (!r->v[i].down)
			r->share[i] = 1 + sim_whatif_count(r->whatif, i);
	}
}

static int
go_whole(struct rerun *r)
{
	int error = sim_run(r->engine, r->policy, r->v, r->n, &r->own);

	r->now = error ? NULL : &r->own;
	return error;
}

/* From here on by changes: they are few. */
static int
go_renewed(struct rerun *r)
{
	int error;

	sim_whatif_free(r->whatif);
	r->whatif = NULL;
	error = sim_whatif_new(r->engine, r->policy, r->v, r->n, &r->whatif);
	r->now = error ? NULL : sim_whatif_result(r->whatif);
	return error;
}

static int
go_on(struct rerun *r, size_t n_changes)
{
	bool there = r->now && r->now == sim_whatif_result(r->whatif);
	int error = sim_whatif_change_all(r->whatif, r->changes, n_changes);

	r->by_changes = there;
	r->now = error ? NULL : sim_whatif_result(r->whatif);
	return error;
}

int
rerun_go(struct rerun *r)
{
	size_t n_changes;
	int error;

	r->by_changes = false;
	if (r->whatif && near_whatif(r, &n_changes))
		error = go_on(r, n_changes);
	else if (near_last(r))
		error = go_renewed(r);
	else
		error = go_whole(r);
	if (error)
		return error;
	if (r->now == &r->own)
		note_shares(r);
	else
		note_counts(r);
	return 0;
}
