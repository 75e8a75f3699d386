/* SPDX-License-Identifier: ISC */
/*
 * What a changed announcement moves, with the preference customer > peer >
 * provider. The three passes of propagate.c, but only where something changes.
 *
 * An AS whose route has changed speaks: it tells the neighbours of the phase
 * what it offers now. A neighbour `to` that has decided in an earlier phase
 * does not listen. Else:
 *
 *   better than its route            it takes it
 *   from its next hop, as good       it takes it (announcement, validity)
 *   from its next hop, worse, gone   it pulls: asks all neighbours of the
 *                                    phase, as what it passed over may be best
 *   else                             nothing
 *
 * So what an AS has is never worse than what its neighbours offer, unless it
 * is marked for a pull. One that finds nothing has no route, and pulls again
 * in the next phase.
 *
 * Invariants: an AS speaks or pulls only after all those it may hear in this
 * phase have spoken (ids: customers first going up, providers first going
 * down). A mark for a pull stays until the AS pulls or has a route of an
 * earlier phase. `up` is true to `now` whenever it is read.
 */
#include "sim/whatif.h"

#include <string.h>

/* What of a key says from whom the route is. */
#define FROM (~(0xffu << KEY_LENGTH_SHIFT) & ~KEY_INVALID)

/*
 * When one of so many ASes has been spoken to on the way down, a sweep over
 * the rest is quicker than going on (measured).
 */
#define SWEEP_SHARE 3

/* What an AS in a phase says to all, as far as it is the same for all. */
struct speaker {
	uint32_t id;
	uint16_t announcement;
	enum phase phase;
	enum sim_relation what; /* the listeners are to it */
	uint32_t key;           /* that a listener has at best */
	uint32_t from;          /* of the listeners' keys */
	uint32_t floor;         /* better keys do not listen */
	bool rules;             /* the key is not the same for all */
};

void
whatif_set(struct sim_whatif *w, uint32_t id, uint32_t key,
	   uint16_t announcement)
{
	if (!bit_has(w->changed.v, id)) {
		bit_add(w->changed.v, id);
		w->was.key[id] = w->now.key[id];
		w->was.announcement[id] = w->now.announcement[id];
	}
	w->now.key[id] = key;
	w->now.announcement[id] = announcement;
}

void
whatif_mark_pull(struct sim_whatif *w, enum phase phase, uint32_t id)
{
	bit_add(w->e->moves->pull[phase], id);
	if (phase != ACROSS)
		bit_add(w->e->moves->speak, id);
}

void
whatif_take(struct sim_whatif *w, enum phase phase, uint32_t id, uint32_t key,
	    uint16_t announcement)
{
	whatif_set(w, id, key, announcement);
	if (phase == UP)
		bit_add(w->up, id);
	if (phase == UP ||
	    (phase == DOWN && graph_row(w->run.g, SIM_CUSTOMER, id).n))
		bit_add(w->e->moves->speak, id);
}

/* ---- speaking ---- */

static const enum sim_relation listeners[] = {
    [UP] = SIM_PROVIDER, [ACROSS] = SIM_PEER, [DOWN] = SIM_CUSTOMER};

static struct speaker
speaker(const struct sim_whatif *w, enum phase phase, uint32_t id)
{
	enum sim_relation learned = (enum sim_relation)(phase + SIM_CUSTOMER);
	const struct run *run = &w->run;
	uint32_t key = run->key[id];
	struct speaker s = {
	    .id = id,
	    .announcement = run->announcement[id],
	    .phase = phase,
	    .what = listeners[phase],
	    .key = KEY_NONE,
	    .from = run->base[learned] | key_neighbour(run->g, id),
	    .floor = run->base[learned],
	    .rules = run_special(run, id),
	};

	if (key == KEY_NONE || (phase != DOWN && !key_goes_up(key)))
		return s;
	if (phase == ACROSS && run->announcements[s.announcement].nopeer)
		return s;
	s.key = key_extend(run, key, id, learned, 0);
	s.rules |= run->rov && (key & KEY_INVALID);
	return s;
}

/* Beyond what tell() sees at once: `have` is no longer the best, perhaps. */
static void
tell_closely(struct sim_whatif *w, const struct speaker *s, uint32_t to,
	     uint32_t have, bool next_hop)
{
	bool special = run_special(&w->run, to);
	uint32_t key = s->key;

	if (bit_has(w->e->moves->pull[s->phase], to))
		return;
	if (key != KEY_NONE && (s->rules || special))
		key = run_offer(&w->run, s->id, to, s->what);
	if (!next_hop) {
		if (key < have)
			whatif_take(w, s->phase, to, key, s->announcement);
		return;
	}
	if (key == have && s->announcement == w->now.announcement[to])
		return;
	/* A special one may have heard it from an announcer so named. */
	if (special || key >> 1 > have >> 1)
		whatif_mark_pull(w, s->phase, to);
	else
		whatif_take(w, s->phase, to, key, s->announcement);
}

static inline void
tell(struct sim_whatif *w, const struct speaker *s, uint32_t to)
{
	uint32_t have = w->now.key[to];
	bool next_hop = ((have ^ s->from) & FROM) == 0;

	if (have < s->floor || (!next_hop && s->key >= have))
		return;
	tell_closely(w, s, to, have, next_hop);
}

static void
speak(struct sim_whatif *w, enum phase phase, uint32_t id)
{
	struct sim_ids row = graph_row(w->run.g, listeners[phase], id);
	struct speaker s;

	if (row.n == 0)
		return;
	s = speaker(w, phase, id);
	for (size_t i = 0; i < row.n; i++)
		tell(w, &s, row.v[i]);
}

/* ---- pulling ---- */

/* The rules one by one; for few candidates. */
void
whatif_pull_from(const struct sim_whatif *w, uint32_t id, uint32_t from,
		 enum sim_relation what, struct best *best)
{
	uint32_t key = run_offer(&w->run, from, id, what);
	uint16_t announcement = w->now.announcement[from];

	if (key == KEY_NONE || key >> 1 > best->key >> 1)
		return;
	if (key >> 1 == best->key >> 1 && announcement >= best->announcement)
		return;
	*best = (struct best){key, announcement};
}

/* The best of what announcers offer in this phase. */
struct best
whatif_heard(const struct sim_whatif *w, enum phase phase, uint32_t id)
{
	struct best none = {KEY_NONE, SIM_UNREACHED}, best;

	if (!w->any_heard[phase] || !run_special(&w->run, id))
		return none;
	best.key = run_best_seed(&w->run, id, &best.announcement);
	if (best.key == KEY_NONE || phase_of(key_relation(best.key)) != phase)
		return none;
	return best;
}

/*
 * Of customers or peers: few have a route that goes up. Rows ascend by AS
 * number, so of two as long the first one is better.
 */
static void
pull_up_routes(const struct sim_whatif *w, enum phase phase, uint32_t id,
	       struct best *best)
{
	enum sim_relation row_of = phase == UP ? SIM_CUSTOMER : SIM_PEER;
	struct sim_ids row = graph_row(w->run.g, row_of, id);
	/* As long as the route of an announcer may come before it. */
	unsigned below = key_length(best->key) + 1;

	for (size_t i = 0; i < row.n; i++) {
		uint32_t key = best->key, from = row.v[i];

		if (!bit_has(w->up, from) ||
		    key_length(w->now.key[from]) + 1 >= below)
			continue;
		whatif_pull_from(w, id, from, relation_back(row_of), best);
		if (best->key != key)
			below = key_length(best->key);
	}
}

/*
 * The provider whose route is the shortest, the first of them: rows ascend
 * by AS number. SIM_NONE when no one has a route.
 */
static uint32_t
shortest(const struct sim_whatif *w, uint32_t id, struct sim_ids providers)
{
	uint32_t from = SIM_NONE, length = SIM_PATH_MAX;

	for (size_t i = 0; i < providers.n; i++) {
		uint32_t p = providers.v[i], key = w->now.key[p];

		if (key_length(key) >= length)
			continue;
		if (run_special(&w->run, p)) {
			key = run_offer(&w->run, p, id, SIM_CUSTOMER);
			if (key == KEY_NONE || key_length(key) > length)
				continue;
			key -= 1u << KEY_LENGTH_SHIFT;
		}
		length = key_length(key);
		from = p;
	}
	return from;
}

static void
pull_down_routes(const struct sim_whatif *w, uint32_t id, struct best *best)
{
	struct sim_ids row = graph_row(w->run.g, SIM_PROVIDER, id);

	if (run_special(&w->run, id) ||
	    (w->run.rov && sim_set_has(w->run.rov, id))) {
		for (size_t i = 0; i < row.n; i++)
			whatif_pull_from(w, id, row.v[i], SIM_CUSTOMER, best);
		return;
	}
	uint32_t from = shortest(w, id, row);

	if (from == SIM_NONE)
		return;
	if (run_special(&w->run, from)) {
		whatif_pull_from(w, id, from, SIM_CUSTOMER, best);
		return;
	}
	best->key =
	    key_extend(&w->run, w->now.key[from], from, SIM_PROVIDER, 0);
	best->announcement = w->now.announcement[from];
}

void
whatif_pull(struct sim_whatif *w, enum phase phase, uint32_t id)
{
	struct best best;

	/* KEY_NONE reads as a provider's: never too early. */
	if (phase_of(key_relation(w->now.key[id])) < phase)
		return;
	best = whatif_heard(w, phase, id);
	if (phase == DOWN)
		pull_down_routes(w, id, &best);
	else
		pull_up_routes(w, phase, id, &best);
	if (best.key == KEY_NONE && phase < DOWN)
		bit_add(w->e->moves->pull[phase + 1], id);
	if (phase == UP)
		bit_put(w->up, id, best.key != KEY_NONE);
	if (best.key != w->now.key[id] ||
	    best.announcement != w->now.announcement[id])
		whatif_set(w, id, best.key, best.announcement);
}

/* ---- the phases ---- */

static void
up(struct sim_whatif *w)
{
	const struct moves *m = w->e->moves;

	for (size_t i = w->e->words; i-- > 0;) {
		uint64_t done = 0;

		/* Visiting one may set lower bits of the same word. */
		for (uint64_t left; (left = m->speak[i] & ~done) != 0;) {
			unsigned bit = 63 - (unsigned)__builtin_clzll(left);
			uint32_t id = (uint32_t)(i * 64 + bit);

			done |= UINT64_C(1) << bit;
			if (bit_has(m->pull[UP], id))
				whatif_pull(w, UP, id);
			speak(w, UP, id);
		}
	}
}

/* All that spoke upwards speak to peers; then those who miss something pull. */
static void
across(struct sim_whatif *w)
{
	const struct moves *m = w->e->moves;

	for (uint32_t id = bit_next(w, m->speak, 0); id != SIM_NONE;
	     id = bit_next(w, m->speak, id + 1))
		speak(w, ACROSS, id);
	whatif_pull_peers(w);
}

/* Returns how many neighbours it took. */
static size_t
down_at(struct sim_whatif *w, uint32_t id)
{
	size_t n = 0;

	if (bit_has(w->e->moves->pull[DOWN], id)) {
		whatif_pull(w, DOWN, id);
		n += graph_row(w->run.g, SIM_PROVIDER, id).n;
	}
	if (bit_has(w->changed.v, id)) {
		speak(w, DOWN, id);
		n += graph_row(w->run.g, SIM_CUSTOMER, id).n;
	}
	return n;
}

/* What those that speak already will take; more than `most` is enough. */
static size_t
to_do(const struct sim_whatif *w, size_t most)
{
	const uint64_t *set = w->e->moves->speak;
	size_t n = 0;

	for (uint32_t id = bit_next(w, set, 0); id != SIM_NONE && n <= most;
	     id = bit_next(w, set, id + 1))
		n += graph_row(w->run.g, SIM_CUSTOMER, id).n;
	return n;
}

static void
down(struct sim_whatif *w)
{
	const struct moves *m = w->e->moves;
	size_t most = w->now.n / SWEEP_SHARE, done;

	for (size_t i = 0; i < w->e->words; i++)
		m->speak[i] = w->changed.v[i] | m->pull[DOWN][i];
	done = to_do(w, most);
	if (done <= most)
		done = 0;
	/* Visiting one may set higher bits. */
	for (uint32_t id = bit_next(w, m->speak, 0); id != SIM_NONE;
	     id = bit_next(w, m->speak, id + 1)) {
		if (done > most) {
			whatif_sweep(w, id);
			return;
		}
		done += down_at(w, id);
	}
}

void
whatif_move(struct sim_whatif *w)
{
	struct moves *m = w->e->moves;
	size_t octets = w->e->words * sizeof(uint64_t);

	up(w);
	across(w);
	down(w);
	memset(m->speak, 0, octets);
	for (int phase = UP; phase < PHASES; phase++)
		memset(m->pull[phase], 0, octets);
}
