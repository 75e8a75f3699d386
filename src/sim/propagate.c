/* SPDX-License-Identifier: ISC */
/*
 * Propagation when customer routes are preferred to all peer routes, and those
 * to all provider routes (Gao and Rexford 2001). Then three passes suffice,
 * since no pass can change what an earlier one decided:
 *
 *   up      an AS with a customer route offers it to its providers. Ids
 *           descend, so all customers of an AS have spoken when it is visited.
 *   across  every AS with a customer route offers it to its peers.
 *   down    every AS offers its route to its customers. Ids ascend, so an AS
 *           pulls from providers that have decided.
 *
 * The first two visit a few hundred ASes and push, with all rules. The third
 * visits all of them and is written for speed: what an AS offers to any
 * customer is one number in `down`, and the best of them wins. Only ASes of
 * the set `special` need the rules there.
 */
#include "sim/engine.h"

#include <string.h>

#define WORD_BITS 64

static void
take(struct run *run, uint32_t id, uint32_t key, uint16_t announcement)
{
	run->key[id] = key;
	run->announcement[id] = announcement;
}

static bool
offer(struct run *run, uint32_t from, uint32_t to, enum sim_relation what)
{
	uint32_t key = run_offer(run, from, to, what);

	if (key == KEY_NONE ||
	    !run_better(run, to, key, run->announcement[from]))
		return false;
	take(run, to, key, run->announcement[from]);
	return true;
}

static void
set_bit(uint64_t *set, uint32_t id)
{
	set[id / WORD_BITS] |= UINT64_C(1) << id % WORD_BITS;
}

static void
seed(struct sim_engine *e, struct run *run)
{
	for (size_t i = 0; i < run->n; i++)
		run_take_seed(run, i);
	for (size_t i = 0; i < run->n; i++) {
		uint32_t at = run->announcements[i].at;

		if (key_goes_up(run->key[at]))
			set_bit(e->climbing, at);
	}
}

static void
up_from(struct sim_engine *e, struct run *run, uint32_t id)
{
	struct sim_ids providers = graph_row(run->g, SIM_PROVIDER, id);

	for (size_t i = 0; i < providers.n; i++)
		if (offer(run, id, providers.v[i], SIM_PROVIDER))
			set_bit(e->climbing, providers.v[i]);
}

static void
up(struct sim_engine *e, struct run *run)
{
	for (size_t w = e->words; w-- > 0;) {
		uint64_t done = 0;

		/* Visiting one may set lower bits of the same word. */
		for (uint64_t left; (left = e->climbing[w] & ~done) != 0;) {
			unsigned bit = 63 - (unsigned)__builtin_clzll(left);

			up_from(e, run, (uint32_t)(w * WORD_BITS + bit));
			done |= UINT64_C(1) << bit;
		}
	}
}

/* One offer to all peers, of which only few take it. */
static void
across_from(struct run *run, uint32_t id)
{
	struct sim_ids peers = graph_row(run->g, SIM_PEER, id);
	uint32_t key = key_extend(run, run->key[id], id, SIM_PEER, 0);
	bool plain = !run_special(run, id) && !run->rov;
	uint16_t announcement = run->announcement[id];

	if (run->announcements[announcement].nopeer)
		return;
	for (size_t i = 0; i < peers.n; i++) {
		uint32_t to = peers.v[i];

		/* It may have to prepend more, which is not better. */
		if (key >> 1 > run->key[to] >> 1)
			continue;
		if (!plain || run_special(run, to))
			offer(run, id, to, SIM_PEER);
		else if (run_better(run, to, key, announcement))
			take(run, to, key, announcement);
	}
}

static void
across(struct sim_engine *e, struct run *run)
{
	for (size_t w = 0; w < e->words; w++)
		for (uint64_t left = e->climbing[w]; left; left &= left - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(left);

			across_from(run, (uint32_t)(w * WORD_BITS + bit));
		}
}

/* A special AS tells its customers itself; `down` keeps quiet for it. */
static void
down_special(struct sim_engine *e, struct run *run, uint32_t id)
{
	struct sim_ids customers = graph_row(run->g, SIM_CUSTOMER, id);
	struct sim_ids providers = graph_row(run->g, SIM_PROVIDER, id);

	for (size_t i = 0; i < providers.n; i++)
		offer(run, providers.v[i], id, SIM_CUSTOMER);
	if (id < e->transit)
		e->down[id] = OFFER_NONE;
	for (size_t i = 0; i < customers.n; i++)
		offer(run, id, customers.v[i], SIM_CUSTOMER);
}

/* `drops` is KEY_INVALID for ASes that validate. */
static inline void
down_plain(const uint64_t *down, struct run *run, uint32_t id, uint64_t drops)
{
	struct sim_ids providers = graph_row(run->g, SIM_PROVIDER, id);
	uint64_t best = OFFER_NONE;

	if (run->key[id] < run->base[SIM_PROVIDER])
		return;
	if (run->key[id] != KEY_NONE)
		best = offer_of(run->key[id], run->announcement[id]);
	best = best_offer(down, providers, drops, best);
	run->key[id] = (uint32_t)(best >> OFFER_SHIFT);
	run->announcement[id] = (uint16_t)best;
}

static void
down(struct sim_engine *e, struct run *run)
{
	uint32_t id = 0;

	for (; id < e->transit; id++) {
		if (run_special(run, id)) {
			down_special(e, run, id);
			continue;
		}
		down_plain(e->down, run, id, run_drops(run, id));
		e->down[id] = offer_down(run, id);
	}
	for (; id < run->g->n; id++)
		if (run_special(run, id))
			down_special(e, run, id);
		else
			down_plain(e->down, run, id, run_drops(run, id));
}

void
propagate(struct sim_engine *e, struct run *run)
{
	memset(e->climbing, 0, e->words * sizeof(*e->climbing));
	seed(e, run);
	up(e, run);
	across(e, run);
	down(e, run);
}
