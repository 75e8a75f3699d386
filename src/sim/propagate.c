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

static void
across_from(struct run *run, uint32_t id)
{
	struct sim_ids peers = graph_row(run->g, SIM_PEER, id);

	for (size_t i = 0; i < peers.n; i++)
		offer(run, id, peers.v[i], SIM_PEER);
}

static void
across(struct sim_engine *e, struct run *run)
{
	for (size_t w = 0; w < e->words; w++)
		for (uint64_t left = e->climbing[w]; left; left &= left - 1)
			across_from(
			    run, (uint32_t)(w * WORD_BITS +
					    (unsigned)__builtin_ctzll(left)));
}

/* A special AS tells its customers itself; `down` keeps quiet for it. */
static void
down_special(struct sim_engine *e, struct run *run, uint32_t id)
{
	struct sim_ids customers = graph_row(run->g, SIM_CUSTOMER, id);
	struct sim_ids providers = graph_row(run->g, SIM_PROVIDER, id);

	for (size_t i = 0; i < providers.n; i++)
		offer(run, providers.v[i], id, SIM_CUSTOMER);
	e->down[id] = KEY_NONE;
	for (size_t i = 0; i < customers.n; i++)
		offer(run, id, customers.v[i], SIM_CUSTOMER);
}

/* The best of the providers' offers and the key `best`. */
static inline uint32_t
pull(const uint32_t *down, struct sim_ids providers, uint32_t best,
     uint32_t drops, uint32_t *from)
{
	for (size_t i = 0; i < providers.n; i++) {
		uint32_t key = down[providers.v[i]];

		/* All ones, KEY_NONE, for what this AS drops. */
		key |= -(key & drops);
		if (key < best) {
			best = key;
			*from = providers.v[i];
		}
	}
	return best;
}

static inline void
down_plain(uint32_t *down, const struct run *run, uint32_t id, uint32_t drops)
{
	struct sim_ids providers = graph_row(run->g, SIM_PROVIDER, id);
	uint32_t from = SIM_NONE, key = run->key[id];

	if (key >= run->base[SIM_PROVIDER]) {
		key = pull(down, providers, key, drops, &from);
		if (from != SIM_NONE) {
			run->key[id] = key;
			run->announcement[id] = run->announcement[from];
		}
	}
	down[id] = key == KEY_NONE ? KEY_NONE
				   : key_extend(run, key, id, SIM_PROVIDER, 0);
}

static void
down(struct sim_engine *e, struct run *run)
{
	for (uint32_t id = 0; id < run->g->n; id++) {
		if (run_special(run, id))
			down_special(e, run, id);
		else
			down_plain(e->down, run, id,
				   run->rov && sim_set_has(run->rov, id)
				       ? KEY_INVALID
				       : 0);
	}
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
