/* SPDX-License-Identifier: ISC */
/* Moving many ASes at once, where one by one would take longer. */
#include "sim/whatif.h"

/* ---- from peers ---- */

static size_t
peers_of(const struct sim_whatif *w, const uint64_t *set)
{
	size_t n = 0;

	for (uint32_t id = bit_next(w, set, 0); id != SIM_NONE;
	     id = bit_next(w, set, id + 1))
		n += graph_row(w->run.g, SIM_PEER, id).n;
	return n;
}

/* Takes the mark off those that need no peer. */
static void
forget_route(struct sim_whatif *w, uint32_t id)
{
	struct best best;

	if (phase_of(key_relation(w->now.key[id])) < ACROSS) {
		bit_put(w->e->moves->pull[ACROSS], id, false);
		return;
	}
	best = whatif_heard(w, ACROSS, id);
	whatif_set(w, id, best.key, best.announcement);
}

/* To those peers that are marked. */
static void
offer_marked(struct sim_whatif *w, uint32_t from)
{
	const uint64_t *marked = w->e->moves->pull[ACROSS];
	struct sim_ids row = graph_row(w->run.g, SIM_PEER, from);

	for (size_t i = 0; i < row.n; i++) {
		uint32_t to = row.v[i];
		struct best best = {w->now.key[to], w->now.announcement[to]};

		if (!bit_has(marked, to))
			continue;
		whatif_pull_from(w, to, from, SIM_PEER, &best);
		if (best.key != w->now.key[to])
			whatif_set(w, to, best.key, best.announcement);
	}
}

/* Everybody with something to offer speaks, instead of everybody asking. */
static void
offer_all(struct sim_whatif *w)
{
	const struct moves *m = w->e->moves;
	const uint64_t *marked = m->pull[ACROSS];

	for (uint32_t id = bit_next(w, marked, 0); id != SIM_NONE;
	     id = bit_next(w, marked, id + 1))
		forget_route(w, id);
	for (uint32_t id = bit_next(w, w->up, 0); id != SIM_NONE;
	     id = bit_next(w, w->up, id + 1))
		offer_marked(w, id);
	for (uint32_t id = bit_next(w, marked, 0); id != SIM_NONE;
	     id = bit_next(w, marked, id + 1))
		if (w->now.key[id] == KEY_NONE)
			bit_add(m->pull[DOWN], id);
}

void
whatif_pull_peers(struct sim_whatif *w)
{
	const uint64_t *marked = w->e->moves->pull[ACROSS];

	if (peers_of(w, marked) > peers_of(w, w->up)) {
		offer_all(w);
		return;
	}
	for (uint32_t id = bit_next(w, marked, 0); id != SIM_NONE;
	     id = bit_next(w, marked, id + 1))
		whatif_pull(w, ACROSS, id);
}

/* ---- from providers ---- */

/*
 * What `id` offers to all customers. Those it treats otherwise are marked, and
 * ask one by one.
 */
static uint64_t
offer_to_customers(struct sim_whatif *w, uint32_t id)
{
	const struct sim_announcement *a;
	uint64_t offer = offer_down(&w->run, id);

	if (offer == OFFER_NONE || !run_special(&w->run, id))
		return offer;
	a = &w->run.announcements[w->now.announcement[id]];
	if (a->at != id || a->from == SIM_ORIGIN)
		return offer;
	for (size_t i = 0; i < a->n_exports; i++)
		bit_add(w->e->moves->pull[DOWN], a->exports[i].neighbour);
	return a->no_export || a->only ? OFFER_NONE : offer;
}

static inline void
sweep_at(struct sim_whatif *w, uint32_t id)
{
	struct sim_ids providers = graph_row(w->run.g, SIM_PROVIDER, id);
	uint32_t key = w->now.key[id];
	uint64_t best;

	if (key < w->run.base[SIM_PROVIDER])
		return;
	best = best_offer(w->e->down, providers, run_drops(&w->run, id),
			  OFFER_NONE);
	if (best >> OFFER_SHIFT != key ||
	    (uint16_t)best != w->now.announcement[id])
		whatif_set(w, id, (uint32_t)(best >> OFFER_SHIFT),
			   (uint16_t)best);
}

void
whatif_sweep(struct sim_whatif *w, uint32_t id)
{
	const struct sim_engine *e = w->e;
	const uint64_t *marked = e->moves->pull[DOWN];

	for (uint32_t before = 0; before < id && before < e->transit; before++)
		e->down[before] = offer_to_customers(w, before);
	for (; id < w->now.n; id++) {
		if (run_special(&w->run, id) || bit_has(marked, id))
			whatif_pull(w, DOWN, id);
		else
			sweep_at(w, id);
		if (id < e->transit)
			e->down[id] = offer_to_customers(w, id);
	}
}
