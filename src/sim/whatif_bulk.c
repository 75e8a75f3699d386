/* SPDX-License-Identifier: ISC */
/* Moving many ASes at once, where one by one would take longer. */
#include "sim/whatif.h"

#include <string.h>

/* A peer asked takes so many times longer than one told (measured). */
#define TELLING_SHARE 10

/*
 * ---- from peers ----
 *
 * Those that are marked could all ask their peers, or all that have a route
 * that goes up could tell theirs. The second is done while it is the shorter
 * way, the shortest routes first: who got one needs nothing more.
 */

/* The work of visiting those in `set` and all their peers. */
static size_t
visits(const struct sim_whatif *w, const uint64_t *set)
{
	size_t n = 0;

	for (uint32_t id = bit_next(w, set, 0); id != SIM_NONE;
	     id = bit_next(w, set, id + 1))
		n += 1 + graph_row(w->run.g, SIM_PEER, id).n;
	return n;
}

/* The next length above `length` of a route that goes up; 0: none. */
static unsigned
next_length(const struct sim_whatif *w, unsigned length)
{
	unsigned next = UINT8_MAX;

	for (uint32_t id = bit_next(w, w->up, 0); id != SIM_NONE;
	     id = bit_next(w, w->up, id + 1)) {
		unsigned l = key_length(w->now.key[id]);

		if (l > length && l < next)
			next = l;
	}
	return next == UINT8_MAX ? 0 : next;
}

/*
 * Takes the mark off those that need no peer. In this phase nobody speaks any
 * more: that set holds who has a route of a peer, perhaps not the best.
 */
static void
forget_routes(struct sim_whatif *w)
{
	uint64_t *marked = w->e->moves->pull[ACROSS];

	memset(w->e->moves->speak, 0, w->e->words * sizeof(uint64_t));
	for (uint32_t id = bit_next(w, marked, 0); id != SIM_NONE;
	     id = bit_next(w, marked, id + 1)) {
		struct best best;

		if (phase_of(key_relation(w->now.key[id])) < ACROSS) {
			bit_put(marked, id, false);
			continue;
		}
		best = whatif_heard(w, ACROSS, id);
		whatif_set(w, id, best.key, best.announcement);
		if (best.key != KEY_NONE)
			bit_add(w->e->moves->speak, id);
	}
}

/* `was` has the route of `to` already. */
static void
offer_closely(struct sim_whatif *w, uint32_t from, uint32_t to)
{
	struct best best = {w->now.key[to], w->now.announcement[to]};

	whatif_pull_from(w, to, from, SIM_PEER, &best);
	w->now.key[to] = best.key;
	w->now.announcement[to] = best.announcement;
	if (best.key != KEY_NONE)
		bit_add(w->e->moves->speak, to);
}

/* To those peers that are marked. */
static void
offer_marked(struct sim_whatif *w, uint32_t from)
{
	const uint64_t *marked = w->e->moves->pull[ACROSS];
	uint64_t *has = w->e->moves->speak;
	struct sim_ids row = graph_row(w->run.g, SIM_PEER, from);
	uint16_t announcement = w->now.announcement[from];
	uint32_t key = key_extend(&w->run, w->now.key[from], from, SIM_PEER, 0);
	bool close =
	    run_special(&w->run, from) || (w->run.rov && (key & KEY_INVALID));

	if (w->run.announcements[announcement].nopeer)
		return;
	for (size_t i = 0; i < row.n; i++) {
		uint32_t to = row.v[i];

		/* It may have to prepend more, which is not better. */
		if (!bit_has(marked, to) || key >> 1 > w->now.key[to] >> 1)
			continue;
		if (close || run_special(&w->run, to)) {
			offer_closely(w, from, to);
			continue;
		}
		w->now.key[to] = key;
		w->now.announcement[to] = announcement;
		bit_add(has, to);
	}
}

/* Routes of this length are offered; returns the work. */
static size_t
offer_length(struct sim_whatif *w, unsigned length)
{
	size_t n = 0;

	for (uint32_t id = bit_next(w, w->up, 0); id != SIM_NONE;
	     id = bit_next(w, w->up, id + 1))
		if (key_length(w->now.key[id]) == length) {
			offer_marked(w, id);
			n += 1 + graph_row(w->run.g, SIM_PEER, id).n;
		}
	return n;
}

/* Those with a route of this length have the best one; returns their work. */
static size_t
unmark_length(struct sim_whatif *w, unsigned length)
{
	const struct moves *m = w->e->moves;
	size_t n = 0;

	for (uint32_t id = bit_next(w, m->speak, 0); id != SIM_NONE;
	     id = bit_next(w, m->speak, id + 1)) {
		if (key_length(w->now.key[id]) > length)
			continue;
		bit_put(m->speak, id, false);
		bit_put(m->pull[ACROSS], id, false);
		n += 1 + graph_row(w->run.g, SIM_PEER, id).n;
	}
	return n;
}

/* Nobody has anything more to offer to those that are marked. */
static void
give_up(struct sim_whatif *w)
{
	const struct moves *m = w->e->moves;

	for (uint32_t id = bit_next(w, m->pull[ACROSS], 0); id != SIM_NONE;
	     id = bit_next(w, m->pull[ACROSS], id + 1))
		if (w->now.key[id] == KEY_NONE)
			bit_add(m->pull[DOWN], id);
}

void
whatif_pull_peers(struct sim_whatif *w)
{
	const uint64_t *marked = w->e->moves->pull[ACROSS];
	size_t asking = visits(w, marked), telling;

	if (asking == 0)
		return;
	telling = visits(w, w->up);
	if (asking > telling / TELLING_SHARE)
		forget_routes(w);
	for (unsigned length = 0; asking > telling / TELLING_SHARE;) {
		length = next_length(w, length);
		if (length == 0) {
			give_up(w);
			return;
		}
		telling -= offer_length(w, length);
		asking -= unmark_length(w, length + 1);
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

/* As whatif_set(), without a branch: which ones change cannot be guessed. */
static inline void
set_anyhow(struct sim_whatif *w, uint32_t id, uint64_t route)
{
	uint64_t kept = bit_has(w->changed.v, id);
	uint32_t key = w->now.key[id];
	uint16_t announcement = w->now.announcement[id];
	uint64_t altered = offer_of(key, announcement) !=
			   (route & offer_of(UINT32_MAX, UINT16_MAX));

	w->was.key[id] = kept ? w->was.key[id] : key;
	w->was.announcement[id] = kept ? w->was.announcement[id] : announcement;
	w->now.key[id] = (uint32_t)(route >> OFFER_SHIFT);
	w->now.announcement[id] = (uint16_t)route;
	w->changed.v[id / 64] |= altered << id % 64;
}

static inline void
sweep_at(struct sim_whatif *w, uint32_t id)
{
	struct sim_ids providers = graph_row(w->run.g, SIM_PROVIDER, id);

	if (w->now.key[id] < w->run.base[SIM_PROVIDER])
		return;
	set_anyhow(w, id,
		   best_offer(w->e->down, providers, run_drops(&w->run, id),
			      OFFER_NONE));
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
