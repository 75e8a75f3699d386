/* SPDX-License-Identifier: ISC */
/*
 * The three passes of propagate.c over 64 lanes. This file is compiled for
 * several kinds of processor (meson.build): LANE_VECTOR octets at once, into
 * the table LANE_TABLE. Nothing else may be exported, since the code runs
 * nowhere else.
 */
#include <string.h>

#include "sim/lanes_rows.h"

/* ---- up ---- */

static void
up_one(const struct lane_space *s, uint32_t id, struct sim_ids customers,
       struct lane_row *out)
{
	const struct lane_plan *plan = s->plan;
	bool drops = s->how[id] & HOW_DROPS;
	struct row best, offer;

	fill(&best, plan->none);
	for (size_t i = 0; i < customers.n; i++) {
		load(&offer, &s->up[s->slot[customers.v[i]] - 1]);
		extend(plan, &offer, 0);
		if (drops)
			drop_tags(plan, &offer, plan->validate);
		take(&best, &offer, plan->tags, NULL);
	}
	store(out, &best);
}

static void
up(struct lane_space *s)
{
	for (uint32_t m = s->n_members; m-- > 0;) {
		uint32_t id = s->member[m];
		struct sim_ids customers = {
		    s->customers + s->at[m],
		    s->at[m + 1] - s->at[m],
		};

		if (HOW_SLOW(s->how[id]))
			lane_up_slow(s, id, customers, &s->up[m]);
		else
			up_one(s, id, customers, &s->up[m]);
	}
}

/* ---- across ---- */

static bool
nobody(const struct lane_plan *plan, const struct lane_row *r)
{
	vector any = {};

	for (unsigned p = 0; p < PARTS; p++)
		any |= (vector)(CONST_ROW(r)[p] < plan->none);
	for (unsigned i = 0; i < LANE_VECTOR; i++)
		if (any[i])
			return false;
	return true;
}

static void
across_from(struct lane_space *s, uint32_t id)
{
	const struct lane_plan *plan = s->plan;
	struct sim_ids peers = graph_row(plan->g, SIM_PEER, id);
	struct row offer[2]; /* to most, to those who validate */

	load(&offer[0], &s->up[s->slot[id] - 1]);
	extend(plan, &offer[0], 0);
	drop_tags(plan, &offer[0], plan->nopeer);
	offer[1] = offer[0];
	drop_tags(plan, &offer[1], plan->validate);
	for (size_t i = 0; i < peers.n; i++) {
		uint8_t how = s->how[peers.v[i]];
		struct lane_row *at = &s->peer[peers.v[i]];
		struct row best;

		if (HOW_SLOW(how))
			continue; /* listens itself, lane_across_slow() */
		load(&best, at);
		take(&best, &offer[how], plan->tags, NULL);
		store(at, &best);
	}
}

/* What leaked is not the route the culprit has. */
static void
end_leaks(struct lane_space *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct lane_culprit *c = &s->culprit[i];
		uint32_t h = s->plan->hearer[c->id];

		if (!c->leaks)
			continue;
		s->up[s->slot[c->id] - 1].v[i] = s->plan->none;
		if (h)
			s->heard[h - 1].up.v[i] = s->plan->none;
	}
}

/* Customer routes are better than those of peers. */
static void
prefer_customers(struct lane_space *s)
{
	const struct lane_plan *plan = s->plan;

	for (uint32_t m = 0; m < s->n_members; m++) {
		uint32_t id = s->member[m], h = plan->hearer[id];
		struct row best, peer;

		load(&best, h ? &s->heard[h - 1].up : &s->up[m]);
		load(&peer, &s->peer[id]);
		for (uint32_t i = 0; h && i < plan->hearers[h - 1].n; i++) {
			uint32_t seed = plan->hearers[h - 1].first + i;

			if (plan->seeds[seed].from != SIM_PEER)
				continue;
			for (unsigned p = 0; p < PARTS; p++)
				ROW(&s->own[seed])
			[p] &= (vector)(best.v[p] == plan->none);
		}
		fill_gaps(plan, &best, &peer);
		store(&s->peer[id], &best);
	}
}

static void
across(struct lane_space *s)
{
	const struct lane_plan *plan = s->plan;

	for (uint32_t w = 0; w < (plan->g->n + 63) / 64; w++)
		for (uint64_t left = s->by_rank[w]; left; left &= left - 1) {
			uint32_t id =
			    plan->g->by_rank[w * 64 +
					     (unsigned)__builtin_ctzll(left)];

			if (!nobody(plan, &s->up[s->slot[id] - 1]))
				across_from(s, id);
		}
	for (uint32_t i = 0; i < plan->n_slow; i++)
		lane_across_slow(s, plan->slow[i]);
	for (size_t i = 0; i < s->n_touched; i++)
		if (!HOW_SLOW(plan->how[s->touched[i]]))
			lane_across_slow(s, s->touched[i]);
	end_leaks(s);
	prefer_customers(s);
}

/* ---- down ---- */

/* Who is caught, counted in 16 bits until these might overflow. */
struct tally {
	uint16_t words[LANES];
	unsigned added;
};

static void
settle(struct lane_space *s, struct tally *t)
{
	for (unsigned i = 0; i < LANES; i++)
		s->ases[i] += t->words[i];
	*t = (struct tally){.added = 0};
}

/* `times` ASes that weigh `weight` together; ones where they are caught. */
INLINE void
count(struct lane_space *s, struct tally *t, const struct row *caught,
      uint16_t times, uint64_t weight)
{
	struct lane_row ones;

	store(&ones, caught);
	if ((t->added += times) > UINT16_MAX) {
		settle(s, t);
		t->added = times;
	}
	for (unsigned i = 0; i < LANES; i++)
		t->words[i] += (uint16_t)(int8_t)ones.v[i] & times;
	for (unsigned i = 0; weight && i < LANES; i++)
		s->weight[i] += (uint64_t)(int8_t)ones.v[i] & weight;
}

INLINE void
find_caught(const struct lane_plan *plan, const struct row *best,
	    struct row *caught)
{
	for (unsigned p = 0; p < PARTS; p++)
		caught->v[p] =
		    (vector)((best->v[p] & plan->tags) == LANE_CULPRIT);
}

/* The verdict on one AS. */
INLINE void
keep(struct lane_space *s, struct tally *t, uint32_t id, const struct row *best)
{
	struct row caught;

	find_caught(s->plan, best, &caught);
	if (s->caught)
		store(&s->caught[id], &caught);
	else
		count(s, t, &caught, 1, lane_weight(s->plan, id));
}

/* The best of what providers offer and `best`. */
INLINE void
pull(const struct lane_space *s, uint32_t id, bool drops, struct row *best)
{
	const struct lane_plan *plan = s->plan;
	struct sim_ids providers = graph_row(plan->g, SIM_PROVIDER, id);
	struct row offer;

	for (size_t i = 0; i < providers.n; i++) {
		load(&offer, &s->down[providers.v[i]]);
		if (drops)
			drop_tags(plan, &offer, plan->validate);
		take(best, &offer, plan->tags, NULL);
	}
}

static void
down_slow(struct lane_space *s, struct tally *t, uint32_t id,
	  struct row *exported)
{
	struct lane_row best, to_customers;
	struct row row;

	lane_down_slow(s, id, &best, &to_customers);
	load(&row, &best);
	keep(s, t, id, &row);
	load(exported, &to_customers);
}

/* What is left of this batch is nothing where the next one begins. */
INLINE void
clear(struct lane_space *s, uint32_t id)
{
	struct row none;

	fill(&none, s->plan->none);
	store(&s->peer[id], &none);
}

/* Its own choice, and the verdict; *exported is what customers may have. */
INLINE void
down_one(struct lane_space *s, struct tally *t, uint32_t id,
	 struct row *exported)
{
	uint8_t how = s->how[id];

	if (HOW_SLOW(how)) {
		down_slow(s, t, id, exported);
	} else {
		load(exported, &s->peer[id]);
		pull(s, id, how, exported);
		keep(s, t, id, exported);
	}
	clear(s, id);
}

static void
down_transit(struct lane_space *s, struct tally *t)
{
	const struct lane_plan *plan = s->plan;
	uint8_t far = (uint8_t)(plan->limit << plan->tag_bits);
	struct row longest, exported;

	fill(&longest, 0);
	for (uint32_t id = 0; id < plan->transit; id++) {
		down_one(s, t, id, &exported);
		for (unsigned p = 0; p < PARTS; p++) {
			vector route = exported.v[p];
			vector length = route & (LANE_PROVIDER - 1);

			longest.v[p] |= (vector)(length >= far) &
					(vector)(route != plan->none);
		}
		extend(plan, &exported, LANE_PROVIDER);
		store(&s->down[id], &exported);
	}
	for (unsigned i = 0; i < LANES; i++)
		s->too_long |= ((uint8_t *)&longest)[i] != 0;
}

/* Packets that follow the base, and meet a more specific route there. */
INLINE void
follow(const struct lane_space *s, uint32_t id, struct row *caught)
{
	struct row there;

	if (!s->caught || s->plan->next[id] == SIM_NONE)
		return;
	load(&there, &s->caught[s->plan->next[id]]);
	for (unsigned p = 0; p < PARTS; p++)
		caught->v[p] |= there.v[p];
}

/* A stub of many, as if nothing in this batch were about it. */
INLINE void
choose_plain(const struct lane_space *s, uint32_t id, struct row *caught)
{
	const struct lane_plan *plan = s->plan;

	fill(caught, plan->none);
	pull(s, id, plan->how[id] & HOW_DROPS, caught);
	find_caught(plan, caught, caught);
	follow(s, id, caught);
}

/* It was counted with its crowd, and is not like that in this batch. */
static void
except(struct lane_space *s, struct tally *t, uint32_t id)
{
	uint64_t weight = lane_weight(s->plan, id);
	struct row caught;
	struct lane_row row, ignored;

	choose_plain(s, id, &caught);
	store(&row, &caught);
	for (unsigned i = 0; i < LANES; i++) {
		s->ases[i] -= row.v[i] & 1;
		s->weight[i] -= (uint64_t)(int8_t)row.v[i] & weight;
	}
	lane_down_slow(s, id, &row, &ignored);
	load(&caught, &row);
	find_caught(s->plan, &caught, &caught);
	follow(s, id, &caught);
	count(s, t, &caught, 1, weight);
	clear(s, id);
}

static void
count_crowds(struct lane_space *s, struct tally *t)
{
	const struct lane_plan *plan = s->plan;

	for (uint32_t i = 0; i < plan->n_crowds; i++) {
		const struct lane_crowd *c = &plan->crowds[i];
		struct row caught;

		choose_plain(s, c->id, &caught);
		count(s, t, &caught, c->n, c->weight);
	}
	for (size_t i = 0; i < s->n_touched; i++)
		if (plan->in_crowd[s->touched[i]])
			except(s, t, s->touched[i]);
	settle(s, t);
}

/* SUB_PREFIX: what is caught is known; who follows whom into it is not. */
static void
count_followers(struct lane_space *s, struct tally *t)
{
	const struct lane_plan *plan = s->plan;

	for (uint32_t i = 0; i < plan->n_order; i++) {
		uint32_t id = plan->order[i];
		struct row caught;

		load(&caught, &s->caught[id]);
		follow(s, id, &caught);
		store(&s->caught[id], &caught);
		count(s, t, &caught, 1, lane_weight(plan, id));
	}
}

static void
down(struct lane_space *s)
{
	const struct lane_plan *plan = s->plan;
	struct tally t = {.added = 0};
	struct row exported;

	down_transit(s, &t);
	for (uint32_t i = 0; i < plan->n_single; i++)
		down_one(s, &t, plan->single[i], &exported);
	if (s->caught)
		count_followers(s, &t);
	count_crowds(s, &t);
}

const struct lane_passes LANE_TABLE = {
    .name = LANE_NAME,
    .up = up,
    .across = across,
    .down = down,
};
