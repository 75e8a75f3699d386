/* SPDX-License-Identifier: ISC */
/*
 * ASes to which more than the common rules apply: all rules of sim.h, in the
 * order of AS numbers. A few hundred of a batch.
 */
#include <string.h>

#include "sim/lanes_rows.h"
#include "sim/route.h"

/* Seeds of one relation lose the lanes in which another route was taken. */
static void
lose(struct lane_space *s, const struct lane_hearer *h, enum sim_relation from,
     const struct row *taken)
{
	for (uint32_t i = h->first; i < h->first + h->n; i++) {
		if (s->plan->seeds[i].from != from)
			continue;
		for (unsigned p = 0; p < PARTS; p++)
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
		times = run_restriction(seed->a, to);
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
	for (unsigned p = 0; p < PARTS; p++)
		offer.v[p] |=
		    c->path.v[p] &
		    (vector)((offer.v[p] & plan->tags) == LANE_CULPRIT);
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

void
lane_up_slow(struct lane_space *s, uint32_t id, struct sim_ids customers,
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

void
lane_across_slow(struct lane_space *s, uint32_t id)
{
	gather(s, id, SIM_PEER, graph_row(s->plan->g, SIM_PEER, id),
	       &s->peer[id]);
}

/* The culprit's own packets are not caught. */
static void
exempt(const struct lane_space *s, uint32_t id, struct lane_row *best)
{
	if (!(s->how[id] & HOW_CULPRIT))
		return;
	for (unsigned i = 0; i < s->n; i++)
		if (s->culprit[i].id == id)
			best->v[i] = s->plan->none;
}

void
lane_down_slow(struct lane_space *s, uint32_t id, struct lane_row *best,
	       struct lane_row *exported)
{
	const struct lane_plan *plan = s->plan;
	uint32_t h = plan->hearer[id];

	*best = s->peer[id];
	gather(s, id, SIM_PROVIDER, graph_row(plan->g, SIM_PROVIDER, id), best);
	*exported = *best;
	if (h) {
		s->heard[h - 1].best = *best;
		hearer_exports(s, &plan->hearers[h - 1], SIM_NONE,
			       &s->heard[h - 1].best, SIM_PROVIDER, exported);
	}
	if (plan->what->hijack.kind != SIM_HIJACK_SUB_PREFIX)
		exempt(s, id, best);
}
