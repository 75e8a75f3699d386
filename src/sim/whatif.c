/* SPDX-License-Identifier: ISC */
/*
 * What-if: announcements change, the result stays exact, the last change can
 * be undone.
 *
 * Invariants between calls: `now` is sim_run() of `announcements`; `changed`
 * has exactly the ASes whose route is another one than before the last change
 * that was not undone, and `was` their routes; `before` are the announcements
 * it replaced, empty when there is nothing to undo; count[] counts `now`.
 */
#include "sim/whatif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ASes that move, from which on a whole run is quicker (of 78,643). */
#define WHOLE_FROM 16000

static bool
in_phases(const struct sim_whatif *w)
{
	return w->policy.preference == SIM_PREFER_CUSTOMER_PEER_PROVIDER;
}

static void
need_moves(struct sim_engine *e)
{
	struct moves *m;

	if (e->moves)
		return;
	m = e->moves = xcalloc(1, sizeof(*m));
	m->speak = xcalloc(e->words, sizeof(uint64_t));
	for (int phase = UP; phase < PHASES; phase++)
		m->pull[phase] = xcalloc(e->words, sizeof(uint64_t));
}

void
moves_free(struct moves *m)
{
	if (!m)
		return;
	free(m->speak);
	for (int phase = UP; phase < PHASES; phase++)
		free(m->pull[phase]);
	free(m);
}

/* ---- what hangs on the result ---- */

static uint32_t *
count_of(struct sim_whatif *w, uint16_t announcement)
{
	return &w->count[announcement == SIM_UNREACHED ? w->run.n
						       : announcement];
}

/* Written without branches: nobody can guess what 80,000 ASes do. */
static void
compare(struct sim_whatif *w, uint32_t first, uint32_t n)
{
	uint64_t changed = 0, up = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = first + i, key = w->now.key[id];
		uint64_t differs =
		    (key != w->was.key[id]) |
		    (w->now.announcement[id] != w->was.announcement[id]);

		changed |= differs << i;
		up |= (uint64_t)key_goes_up(key) << i;
	}
	w->changed.v[first / 64] = changed;
	w->up[first / 64] = up;
}

/* Sets `changed` and `up` of two whole results. */
static void
compare_all(struct sim_whatif *w)
{
	uint32_t n = w->now.n;

	for (uint32_t id = 0; id < n; id += 64)
		compare(w, id, n - id < 64 ? n - id : 64);
}

/* Neighbours in a set often move alike: they are counted together. */
struct tally {
	uint16_t from, to;
	uint32_t n;
};

static void
tally_end(struct sim_whatif *w, struct tally *t)
{
	*count_of(w, t->from) -= t->n;
	*count_of(w, t->to) += t->n;
	t->n = 0;
}

static inline void
tally(struct sim_whatif *w, struct tally *t, uint16_t from, uint16_t to)
{
	if (from == to)
		return;
	if (from != t->from || to != t->to)
		tally_end(w, t);
	t->from = from;
	t->to = to;
	t->n++;
}

/* Takes out the ASes that got back what they had. */
static void
settle(struct sim_whatif *w)
{
	struct tally t = {SIM_UNREACHED, SIM_UNREACHED, 0};

	for (size_t i = 0; i < w->e->words; i++)
		for (uint64_t left = w->changed.v[i]; left; left &= left - 1) {
			uint32_t id = (uint32_t)(i * 64) +
				      (uint32_t)__builtin_ctzll(left);

			if (w->now.key[id] == w->was.key[id] &&
			    w->now.announcement[id] == w->was.announcement[id])
				bit_put(w->changed.v, id, false);
			tally(w, &t, w->was.announcement[id],
			      w->now.announcement[id]);
		}
	tally_end(w, &t);
}

static void
forget(struct sim_whatif *w)
{
	memset(w->changed.v, 0, w->e->words * sizeof(*w->changed.v));
	w->n_before = 0;
}

/* ---- from scratch ---- */

static void
use_result(struct sim_whatif *w)
{
	w->run.key = w->now.key;
	w->run.announcement = w->now.announcement;
}

/* The whole result of before becomes `was`. */
static void
run_all(struct sim_whatif *w)
{
	struct sim_result now = w->was;

	/* The rules were looked at before. */
	if (sim_run(w->e, &w->policy, w->announcements, w->run.n, &now))
		abort();
	w->was = w->now;
	w->now = now;
	use_result(w);
	compare_all(w);
}

/* ---- life ---- */

int
sim_whatif_new(struct sim_engine *e, const struct sim_policy *policy,
	       const struct sim_announcement *announcements, size_t n,
	       struct sim_whatif **out)
{
	struct sim_whatif *w = xcalloc(1, sizeof(*w));
	int err;

	need_moves(e);
	w->e = e;
	w->policy = *policy;
	w->now = sim_result_new(e->g);
	w->was = sim_result_new(e->g);
	w->changed = sim_set_new(e->g);
	w->up = xcalloc(e->words, sizeof(*w->up));
	w->special = xcalloc(e->words, sizeof(*w->special));
	w->announcements = xcalloc(n + 1, sizeof(*w->announcements));
	w->count = xcalloc(n + 1, sizeof(*w->count));
	w->seen = xcalloc(n / 64 + 1, sizeof(*w->seen));
	w->run = (struct run){
	    .g = e->g,
	    .rov = policy->rov,
	    .announcements = w->announcements,
	    .n = n,
	    .special = w->special,
	};
	err = sim_run(e, policy, announcements, n, &w->now);
	if (err) {
		sim_whatif_free(w);
		return err;
	}
	run_prefer(&w->run, policy->preference);
	for (size_t i = 0; i < n; i++)
		whatif_place(w, i, &announcements[i]);
	use_result(w);
	/* As if nobody had had a route before. */
	w->count[n] = w->now.n;
	compare_all(w);
	settle(w);
	forget(w);
	*out = w;
	return 0;
}

void
sim_whatif_free(struct sim_whatif *w)
{
	if (!w)
		return;
	sim_result_free(&w->now);
	sim_result_free(&w->was);
	sim_set_free(&w->changed);
	free(w->up);
	free(w->special);
	free(w->announcements);
	free(w->count);
	free(w->seen);
	free(w->before);
	free(w);
}

/* ---- changes ---- */

static bool
acceptable(const struct sim_whatif *w, const struct sim_change *c)
{
	struct run one = w->run;

	one.announcements = &c->now;
	one.n = 1;
	return c->index < w->run.n &&
	       c->now.at == w->announcements[c->index].at && !run_check(&one);
}

/* Whether a number stands there twice. */
static bool
twice(struct sim_whatif *w, const struct sim_change *changes, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		if (bit_has(w->seen, (uint32_t)changes[i].index))
			found = true;
		else
			bit_add(w->seen, (uint32_t)changes[i].index);
	for (size_t i = 0; i < n; i++)
		bit_put(w->seen, (uint32_t)changes[i].index, false);
	return found;
}

static void
remember(struct sim_whatif *w, const struct sim_change *changes, size_t n)
{
	if (n > w->room) {
		w->before = xrealloc(w->before, n, sizeof(*w->before));
		w->room = n;
	}
	for (size_t i = 0; i < n; i++)
		w->before[i] = (struct sim_change){
		    changes[i].index, w->announcements[changes[i].index]};
	w->n_before = n;
}

/* Those that are other routes than before are withdrawn first. */
static void
move_all(struct sim_whatif *w, const struct sim_change *changes, size_t n)
{
	size_t others = 0;

	for (size_t i = 0; i < n; i++) {
		struct sim_announcement now = changes[i].now;

		if (whatif_is_other(&w->before[i].now, &now)) {
			now = w->before[i].now;
			now.down = true;
			others++;
		}
		whatif_put(w, changes[i].index, &now);
	}
	whatif_move(w);
	if (!others)
		return;
	for (size_t i = 0; i < n; i++)
		if (whatif_is_other(&w->before[i].now, &changes[i].now))
			whatif_put(w, changes[i].index, &changes[i].now);
	whatif_move(w);
}

/* Whether a whole run is quicker than moving what is known to move. */
static bool
moves_much(const struct sim_whatif *w, const struct sim_change *changes,
	   size_t n)
{
	uint64_t moved = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sim_announcement *now = &changes[i].now;
		const struct sim_announcement *old = &w->before[i].now;

		if (now->down != old->down || now->n_tail != old->n_tail ||
		    now->invalid != old->invalid)
			moved += w->count[changes[i].index];
	}
	return moved > WHOLE_FROM;
}

int
sim_whatif_change_all(struct sim_whatif *w, const struct sim_change *changes,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!acceptable(w, &changes[i]))
			return -EINVAL;
	if (twice(w, changes, n))
		return -EINVAL;
	forget(w);
	remember(w, changes, n);
	if (in_phases(w) && !moves_much(w, changes, n)) {
		move_all(w, changes, n);
	} else {
		for (size_t i = 0; i < n; i++)
			whatif_place(w, changes[i].index, &changes[i].now);
		run_all(w);
	}
	settle(w);
	return 0;
}

int
sim_whatif_change(struct sim_whatif *w, size_t index,
		  const struct sim_announcement *now)
{
	struct sim_change one = {index, *now};

	return sim_whatif_change_all(w, &one, 1);
}

void
sim_whatif_site(struct sim_whatif *w, uint32_t site, bool down)
{
	struct sim_change *changes = xcalloc(w->run.n + 1, sizeof(*changes));
	size_t n = 0;

	for (size_t i = 0; i < w->run.n; i++) {
		struct sim_announcement now = w->announcements[i];

		if (now.site != site || now.down == down)
			continue;
		now.down = down;
		changes[n++] = (struct sim_change){i, now};
	}
	/* Nothing but `down` differs from what was accepted. */
	if (sim_whatif_change_all(w, changes, n))
		abort();
	free(changes);
}

/* ---- undo ---- */

static inline void
put_back(struct sim_whatif *w, uint32_t id, struct tally *t)
{
	bool up = key_goes_up(w->was.key[id]);

	tally(w, t, w->now.announcement[id], w->was.announcement[id]);
	if (up != key_goes_up(w->now.key[id]))
		bit_put(w->up, id, up);
	w->now.key[id] = w->was.key[id];
	w->now.announcement[id] = w->was.announcement[id];
}

bool
sim_whatif_undo(struct sim_whatif *w)
{
	struct tally t = {SIM_UNREACHED, SIM_UNREACHED, 0};
	bool any = w->n_before > 0;

	for (size_t i = 0; i < w->e->words; i++)
		for (uint64_t left = w->changed.v[i]; left; left &= left - 1)
			put_back(w,
				 (uint32_t)(i * 64) +
				     (uint32_t)__builtin_ctzll(left),
				 &t);
	tally_end(w, &t);
	for (size_t i = 0; i < w->n_before; i++)
		w->announcements[w->before[i].index] = w->before[i].now;
	forget(w);
	return any;
}

/* ---- what it is now ---- */

const struct sim_result *
sim_whatif_result(const struct sim_whatif *w)
{
	return &w->now;
}

const struct sim_announcement *
sim_whatif_announcements(const struct sim_whatif *w)
{
	return w->announcements;
}

const struct sim_set *
sim_whatif_changed(const struct sim_whatif *w)
{
	return &w->changed;
}

const struct sim_result *
sim_whatif_before(const struct sim_whatif *w)
{
	return &w->was;
}

uint32_t
sim_whatif_count(const struct sim_whatif *w, size_t announcement)
{
	return w
	    ->count[announcement == SIM_UNREACHED ? w->run.n : announcement];
}

size_t
sim_whatif_octets(const struct sim_whatif *w)
{
	return sizeof(*w) +
	       2 * w->now.n *
		   (sizeof(*w->now.key) + sizeof(*w->now.announcement)) +
	       3 * w->e->words * sizeof(uint64_t) +
	       (w->run.n + 1) *
		   (sizeof(*w->announcements) + sizeof(*w->count)) +
	       (w->run.n / 64 + 1) * sizeof(*w->seen) +
	       w->room * sizeof(*w->before);
}
