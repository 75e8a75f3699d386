/* SPDX-License-Identifier: ISC */
/*
 * The three passes of propagate.c over 64 lanes. This file is compiled for
 * several kinds of processor (meson.build): LANE_VECTOR octets at once, into
 * the table LANE_TABLE. Nothing else may be exported, since the code runs
 * nowhere else.
 */
#include <string.h>

#include "sim/lanes.h"

typedef uint8_t vector __attribute__((vector_size(LANE_VECTOR), __may_alias__));

#define PARTS        (LANES / LANE_VECTOR)
#define EACH_PART    for (unsigned p = 0; p < PARTS; p++)
#define ROW(r)       ((vector *)(r)->v)
#define CONST_ROW(r) ((const vector *)(r)->v)

/* A row in registers. */
struct row {
	vector v[PARTS];
};

#define INLINE static inline __attribute__((always_inline))

INLINE void
load(struct row *to, const struct lane_row *from)
{
	EACH_PART
	to->v[p] = CONST_ROW(from)[p];
}

INLINE void
store(struct lane_row *to, const struct row *from)
{
	EACH_PART
	ROW(to)[p] = from->v[p];
}

INLINE void
fill(struct row *r, uint8_t octet)
{
	EACH_PART
	r->v[p] = (vector){} + octet;
}

/* The better of both; equal ones: the first. Ones in *taken: the second. */
INLINE void
take(struct row *best, const struct row *offer, uint8_t tags, struct row *taken)
{
	EACH_PART
	{
		vector m = (vector)((offer->v[p] | tags) < best->v[p]);

		best->v[p] = (offer->v[p] & m) | (best->v[p] & ~m);
		if (taken)
			taken->v[p] = m;
	}
}

/* Nothing is better than all ones: what is dropped becomes that. */
INLINE void
drop_tags(const struct lane_plan *plan, struct row *offer, unsigned tags)
{
	EACH_PART
	{
		vector tag = offer->v[p] & plan->tags;

		for (uint8_t t = 0; t < LANE_TAGS; t++)
			if (tags >> t & 1)
				offer->v[p] |= (vector)(tag == t);
	}
}

INLINE void
extend(const struct lane_plan *plan, struct row *r, uint8_t learned)
{
	EACH_PART
	r->v[p] = (r->v[p] | learned) + plan->step;
}

/* Where `r` has no route, `other`. */
INLINE void
fill_gaps(const struct lane_plan *plan, struct row *r, const struct row *other)
{
	EACH_PART
	{
		vector m = (vector)(r->v[p] == plan->none);

		r->v[p] = (other->v[p] & m) | (r->v[p] & ~m);
	}
}

/* ---- slow: an AS to which more than the common rules apply ---- */

/* Seeds of one relation lose the lanes in which another route was taken. */
static void
lose(struct lane_space *s, const struct lane_hearer *h, enum sim_relation from,
     const struct row *taken)
{
	for (uint32_t i = h->first; i < h->first + h->n; i++) {
		if (s->plan->seeds[i].from != from)
			continue;
		EACH_PART
		ROW(&s->own[i])[p] &= ~taken->v[p];
	}
}

static void
prepend(struct lane_space *s, struct lane_row *r, const struct lane_row *where,
	unsigned times)
{
	const struct lane_plan *plan = s->plan;

	for (unsigned i = 0; i < LANES; i++) {
		unsigned length;

		if (!where->v[i] || r->v[i] == plan->none)
			continue;
		length = (r->v[i] & (LANE_PROVIDER - 1u)) >> plan->tag_bits;
		if (length + times >= plan->limit) {
			s->too_long = true;
			return;
		}
		r->v[i] = (uint8_t)(r->v[i] + (times << plan->tag_bits));
	}
}

static void
withhold(const struct lane_plan *plan, struct lane_row *r,
	 const struct lane_row *where)
{
	for (unsigned i = 0; i < LANES; i++)
		if (where->v[i])
			r->v[i] = plan->none;
}

/*
 * What a hearer exports to `to`, or (SIM_NONE) to those that no announcement
 * names, of its routes `of`, learned from `most` or better.
 */
static void
hearer_exports(struct lane_space *s, const struct lane_hearer *h, uint32_t to,
	       const struct lane_row *of, enum sim_relation most,
	       struct lane_row *out)
{
	*out = *of;
	for (uint32_t i = h->first; i < h->first + h->n; i++) {
		const struct lane_seed *seed = &s->plan->seeds[i];
		int times;

		if (!seed->restricted || seed->from > most)
			continue;
		times = lane_restriction(seed->a, to);
		if (times < 0)
			withhold(s->plan, out, &s->own[i]);
		else if (times > 0)
			prepend(s, out, &s->own[i], (unsigned)times);
	}
}

/* A slow AS that chooses. */
struct chooser {
	struct lane_space *s;
	uint32_t id;
	enum sim_relation what;      /* the neighbours are to it */
	const struct lane_hearer *h; /* NULL: hears nothing itself */
	struct row path;             /* ones: the lane's leak went through it */
	struct row best;
};

static void
choose(struct chooser *c, const struct row *offer, uint32_t seed)
{
	struct row taken;

	take(&c->best, offer, c->s->plan->tags, &taken);
	if (!c->h)
		return;
	lose(c->s, c->h, c->what, &taken);
	if (seed != SIM_NONE)
		store(&c->s->own[seed], &taken);
}

/* The row of a neighbour that `id` hears; NULL: it has nothing to offer. */
static const struct lane_row *
offered(const struct chooser *c, uint32_t from, struct lane_row *memory)
{
	struct lane_space *s = c->s;
	bool down = c->what == SIM_PROVIDER;
	uint32_t h = s->plan->hearer[from];

	if (!down && !s->slot[from])
		return NULL;
	if (h && (s->how[c->id] & HOW_TOLD)) {
		hearer_exports(s, &s->plan->hearers[h - 1], c->id,
			       down ? &s->heard[h - 1].best
				    : &s->heard[h - 1].up,
			       down ? SIM_PROVIDER : SIM_CUSTOMER, memory);
		return memory;
	}
	if (!down)
		return &s->up[s->slot[from] - 1];
	return NULL;
}

static void
hear(struct chooser *c, uint32_t from)
{
	const struct lane_plan *plan = c->s->plan;
	struct lane_row memory;
	const struct lane_row *r = offered(c, from, &memory);
	struct row offer;

	if (r) {
		load(&offer, r);
		extend(plan, &offer,
		       c->what == SIM_PROVIDER ? LANE_PROVIDER : 0);
	} else if (c->what == SIM_PROVIDER) {
		load(&offer, &c->s->down[from]);
	} else {
		return;
	}
	drop_tags(plan, &offer,
		  plan->drops[c->id] |
		      (c->what == SIM_PEER ? plan->nopeer : 0u));
	EACH_PART
	offer.v[p] |=
	    c->path.v[p] & (vector)((offer.v[p] & plan->tags) == LANE_CULPRIT);
	choose(c, &offer, SIM_NONE);
}

static void
find_path(struct chooser *c)
{
	const struct lane_space *s = c->s;
	size_t low = 0, high = s->n_paths;
	struct lane_row path = {{0}};

	if (s->how[c->id] & HOW_PATH) {
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (s->paths[middle].id < c->id)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < s->n_paths && s->paths[low].id == c->id; low++)
			path.v[s->paths[low].lane] = 0xff;
	}
	load(&c->path, &path);
}

static bool
next_seed(const struct chooser *c, uint32_t *seed)
{
	const struct lane_plan *plan = c->s->plan;

	if (!c->h)
		return false;
	for (; *seed < c->h->first + c->h->n; ++*seed)
		if (plan->seeds[*seed].from == c->what)
			return true;
	return false;
}

/* All routes of one relation in the order of AS numbers. */
static void
gather(struct lane_space *s, uint32_t id, enum sim_relation what,
       struct sim_ids from, struct lane_row *best)
{
	const struct lane_plan *plan = s->plan;
	uint32_t h = plan->hearer[id];
	struct chooser c = {
	    .s = s,
	    .id = id,
	    .what = what,
	    .h = h ? &plan->hearers[h - 1] : NULL,
	};
	uint32_t seed = c.h ? c.h->first : 0;
	size_t i = 0;

	find_path(&c);
	load(&c.best, best);
	for (;;) {
		bool any = next_seed(&c, &seed);
		struct row offer;

		if (any && (i == from.n || plan->seeds[seed].announcer <=
					       plan->g->asn[from.v[i]])) {
			fill(&offer, plan->seeds[seed].octet);
			choose(&c, &offer, seed++);
		} else if (i < from.n) {
			hear(&c, from.v[i++]);
		} else {
			break;
		}
	}
	store(best, &c.best);
}

static void
forget_seeds(struct lane_space *s, const struct lane_hearer *h)
{
	memset(&s->own[h->first], 0, h->n * sizeof(*s->own));
}

/* What the AS announces itself is better than all it hears. */
static bool
originate(struct lane_space *s, uint32_t id, struct lane_row *best,
	  uint32_t *announcer)
{
	const struct lane_plan *plan = s->plan;
	uint32_t h = plan->hearer[id];
	const struct lane_seed *origin = NULL;

	for (uint32_t i = 0; h && i < plan->hearers[h - 1].n; i++) {
		const struct lane_seed *seed =
		    &plan->seeds[plan->hearers[h - 1].first + i];

		if (seed->from == SIM_ORIGIN &&
		    (!origin || seed->octet >> plan->tag_bits < origin->octet >>
				    plan->tag_bits))
			origin = seed;
	}
	if (!origin)
		return false;
	memset(best, origin->octet, sizeof(*best));
	forget_seeds(s, &plan->hearers[h - 1]);
	*announcer = origin->announcer;
	return true;
}

static void
seize(struct lane_space *s, uint32_t id, struct lane_row *best)
{
	const struct lane_plan *plan = s->plan;
	uint32_t announcer, h = plan->hearer[id];
	bool origin = originate(s, id, best, &announcer);

	if (!(s->how[id] & HOW_CULPRIT))
		return;
	for (unsigned i = 0; i < s->n; i++) {
		const struct lane_culprit *c = &s->culprit[i];
		unsigned ours = c->octet >> plan->tag_bits;
		unsigned theirs = best->v[i] >> plan->tag_bits;

		if (c->id != id ||
		    (origin && (theirs < ours ||
				(theirs == ours && announcer <= c->announcer))))
			continue;
		best->v[i] = c->octet;
		for (uint32_t k = 0; h && k < plan->hearers[h - 1].n; k++)
			s->own[plan->hearers[h - 1].first + k].v[i] = 0;
	}
}

static void
up_slow(struct lane_space *s, uint32_t id, struct sim_ids customers,
	struct lane_row *out)
{
	uint32_t h = s->plan->hearer[id];

	memset(out, s->plan->none, sizeof(*out));
	gather(s, id, SIM_CUSTOMER, customers, out);
	seize(s, id, out);
	if (!h)
		return;
	s->heard[h - 1].up = *out;
	hearer_exports(s, &s->plan->hearers[h - 1], SIM_NONE,
		       &s->heard[h - 1].up, SIM_CUSTOMER, out);
}

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
			up_slow(s, id, customers, &s->up[m]);
		else
			up_one(s, id, customers, &s->up[m]);
	}
}

/* ---- across ---- */

static bool
nobody(const struct lane_plan *plan, const struct lane_row *r)
{
	vector any = {};

	EACH_PART
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
			continue; /* listens itself, across_slow() */
		load(&best, at);
		take(&best, &offer[how], plan->tags, NULL);
		store(at, &best);
	}
}

static void
across_slow(struct lane_space *s, uint32_t id)
{
	gather(s, id, SIM_PEER, graph_row(s->plan->g, SIM_PEER, id),
	       &s->peer[id]);
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
			EACH_PART
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
		across_slow(s, plan->slow[i]);
	for (size_t i = 0; i < s->n_touched; i++)
		if (!HOW_SLOW(plan->how[s->touched[i]]))
			across_slow(s, s->touched[i]);
	end_leaks(s);
	prefer_customers(s);
}

/* ---- down ---- */

/* Who is caught, counted in octets until these might overflow. */
struct tally {
	struct row octets;
	unsigned added;
};

static void
settle(struct lane_space *s, struct tally *t)
{
	struct lane_row sum;

	store(&sum, &t->octets);
	for (unsigned i = 0; i < LANES; i++)
		s->ases[i] += sum.v[i];
	fill(&t->octets, 0);
	t->added = 0;
}

INLINE void
weigh(struct lane_space *s, const struct row *caught, uint64_t weight)
{
	struct lane_row ones;

	store(&ones, caught);
	for (unsigned i = 0; i < LANES; i++)
		s->weight[i] += weight & -(uint64_t)(ones.v[i] & 1);
}

INLINE void
count_ones(struct lane_space *s, struct tally *t, uint32_t id,
	   const struct row *caught, const uint64_t *weights)
{
	EACH_PART
	t->octets.v[p] -= caught->v[p];
	if (++t->added == UINT8_MAX)
		settle(s, t);
	if (weights && weights[id])
		weigh(s, caught, weights[id]);
}

/* How the results are kept: a constant in each copy of the loops. */
enum keep { KEEP_COUNT, KEEP_WEIGHT, KEEP_ALL };

INLINE void
keep(struct lane_space *s, struct tally *t, uint32_t id, const struct row *best,
     enum keep how)
{
	struct row caught;

	EACH_PART
	caught.v[p] = (vector)((best->v[p] & s->plan->tags) == LANE_CULPRIT);
	if (how == KEEP_ALL)
		store(&s->caught[id], &caught);
	else
		count_ones(s, t, id, &caught,
			   how == KEEP_WEIGHT ? s->plan->what->weights->v
					      : NULL);
}

/* The best of what providers offer and `best`. */
INLINE void
pull(const struct lane_space *s, uint32_t id, struct row *best)
{
	const struct lane_plan *plan = s->plan;
	struct sim_ids providers = graph_row(plan->g, SIM_PROVIDER, id);
	struct row offer;

	if (s->how[id] & HOW_DROPS) {
		for (size_t i = 0; i < providers.n; i++) {
			load(&offer, &s->down[providers.v[i]]);
			drop_tags(plan, &offer, plan->validate);
			take(best, &offer, plan->tags, NULL);
		}
		return;
	}
	for (size_t i = 0; i < providers.n; i++) {
		load(&offer, &s->down[providers.v[i]]);
		take(best, &offer, plan->tags, NULL);
	}
}

/* The culprit's own packets are not caught. */
static void
exempt(const struct lane_space *s, uint32_t id, struct lane_row *best)
{
	if (s->how[id] & HOW_CULPRIT)
		for (unsigned i = 0; i < s->n; i++)
			if (s->culprit[i].id == id)
				best->v[i] = s->plan->none;
}

/* *best is set to what counts. */
static void
down_slow(struct lane_space *s, uint32_t id, struct row *best,
	  struct row *exported)
{
	const struct lane_plan *plan = s->plan;
	uint32_t h = plan->hearer[id];
	struct lane_row row = s->peer[id], to_customers;

	gather(s, id, SIM_PROVIDER, graph_row(plan->g, SIM_PROVIDER, id), &row);
	to_customers = row;
	if (h) {
		s->heard[h - 1].best = row;
		hearer_exports(s, &plan->hearers[h - 1], SIM_NONE,
			       &s->heard[h - 1].best, SIM_PROVIDER,
			       &to_customers);
	}
	load(exported, &to_customers);
	if (plan->what->hijack.kind != SIM_HIJACK_SUB_PREFIX)
		exempt(s, id, &row);
	load(best, &row);
}

/* An AS with customers: what it has, and what it offers them. */
INLINE void
down_transit(struct lane_space *s, uint32_t id, struct row *best,
	     struct row *longest)
{
	const struct lane_plan *plan = s->plan;
	uint8_t far = (uint8_t)(plan->limit << plan->tag_bits);
	struct row exported;

	if (HOW_SLOW(s->how[id])) {
		down_slow(s, id, best, &exported);
	} else {
		load(best, &s->peer[id]);
		pull(s, id, best);
		exported = *best;
	}
	EACH_PART
	{
		vector route = exported.v[p];
		vector length = route & (LANE_PROVIDER - 1);

		longest->v[p] |=
		    (vector)(length >= far) & (vector)(route != plan->none);
	}
	extend(plan, &exported, LANE_PROVIDER);
	store(&s->down[id], &exported);
}

INLINE void
down_stub(struct lane_space *s, uint32_t id, struct row *best)
{
	const struct lane_plan *plan = s->plan;
	const struct graph_rows *peers = &plan->g->rows[SIM_PEER];
	struct row exported;

	if (HOW_SLOW(s->how[id])) {
		down_slow(s, id, best, &exported);
		return;
	}
	if (peers->at[id] != peers->at[id + 1])
		load(best, &s->peer[id]);
	else
		fill(best, plan->none);
	pull(s, id, best);
}

/* Nothing is left of this batch where the next one begins. */
INLINE void
clear(struct lane_space *s, uint32_t id, const struct row *none)
{
	const struct graph_rows *peers = &s->plan->g->rows[SIM_PEER];

	if (id < s->plan->transit || peers->at[id] != peers->at[id + 1] ||
	    HOW_SLOW(s->how[id]))
		store(&s->peer[id], none);
}

INLINE void
down_all(struct lane_space *s, enum keep how)
{
	struct row none, best, longest;
	struct tally t = {.added = 0};
	uint32_t id = 0;

	fill(&none, s->plan->none);
	fill(&longest, 0);
	fill(&t.octets, 0);
	for (; id < s->plan->transit; id++) {
		down_transit(s, id, &best, &longest);
		keep(s, &t, id, &best, how);
		clear(s, id, &none);
	}
	for (; id < s->plan->g->n; id++) {
		down_stub(s, id, &best);
		keep(s, &t, id, &best, how);
		clear(s, id, &none);
	}
	settle(s, &t);
	for (unsigned i = 0; i < LANES; i++)
		s->too_long |= ((uint8_t *)&longest)[i] != 0;
}

static void
down(struct lane_space *s)
{
	if (s->plan->what->hijack.kind == SIM_HIJACK_SUB_PREFIX)
		down_all(s, KEEP_ALL);
	else if (s->plan->what->weights)
		down_all(s, KEEP_WEIGHT);
	else
		down_all(s, KEEP_COUNT);
}

/* ---- forwarding by the longest prefix ---- */

static void
forward(struct lane_space *s)
{
	const struct lane_plan *plan = s->plan;
	const struct sim_weights *weights = plan->what->weights;
	struct tally t = {.added = 0};

	fill(&t.octets, 0);
	for (uint32_t i = 0; i < plan->g->n; i++) {
		uint32_t id = plan->order[i], next = plan->next[id];
		struct row caught, there;

		load(&caught, &s->caught[id]);
		if (next != SIM_NONE) {
			load(&there, &s->caught[next]);
			EACH_PART
			caught.v[p] |= there.v[p];
			store(&s->caught[id], &caught);
		}
		count_ones(s, &t, id, &caught, weights ? weights->v : NULL);
	}
	settle(s, &t);
}

const struct lane_passes LANE_TABLE = {
    .name = LANE_NAME,
    .up = up,
    .across = across,
    .down = down,
    .forward = forward,
};
