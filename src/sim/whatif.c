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
/* Counts in this many parts, by id: one need not wait for the other. */
#define COUNT_LANES 4

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

/* What differs between `now` and `was` in a word of a set of ASes. */
struct differences {
	uint64_t routes, announcements;
	uint64_t up, was_up; /* ASes whose route goes up */
};

/* Of those in `set`. Without branches: nobody can guess what ASes do. */
static struct differences
differences(const struct sim_whatif *w, size_t word, uint64_t set)
{
	struct differences d = {0};

	for (; set; set &= set - 1) {
		unsigned i = (unsigned)__builtin_ctzll(set);
		size_t id = word * 64 + i;
		uint32_t now = w->now.key[id], was = w->was.key[id];
		uint64_t moved =
		    w->now.announcement[id] != w->was.announcement[id];

		d.routes |= (moved | (now != was)) << i;
		d.announcements |= moved << i;
		d.up |= (uint64_t)key_goes_up(now) << i;
		d.was_up |= (uint64_t)key_goes_up(was) << i;
	}
	return d;
}

static size_t
count_slot(const struct sim_whatif *w, size_t announcement)
{
	return COUNT_LANES *
	       (announcement == SIM_UNREACHED ? w->run.n : announcement);
}

static void
count(struct sim_whatif *w, size_t word, uint64_t moved, const uint16_t *from,
      const uint16_t *to)
{
	for (; moved; moved &= moved - 1) {
		size_t id = word * 64 + (size_t)__builtin_ctzll(moved);
		size_t lane = id % COUNT_LANES;

		w->count[count_slot(w, from[id]) + lane]--;
		w->count[count_slot(w, to[id]) + lane]++;
	}
}

/* Takes out the ASes that got back what they had, and counts. */
static void
settle(struct sim_whatif *w)
{
	for (size_t i = 0; i < w->e->words; i++) {
		struct differences d = differences(w, i, w->changed.v[i]);

		w->changed.v[i] = d.routes;
		count(w, i, d.announcements, w->was.announcement,
		      w->now.announcement);
	}
}

/* Sets `changed` and `up` by two whole results, and counts. */
static void
compare(struct sim_whatif *w)
{
	for (size_t i = 0; i < w->e->words; i++) {
		uint32_t left = w->now.n - (uint32_t)i * 64;
		struct differences d = differences(
		    w, i, left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX);

		w->changed.v[i] = d.routes;
		w->up[i] = d.up;
		count(w, i, d.announcements, w->was.announcement,
		      w->now.announcement);
	}
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
	compare(w);
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
	w->count = xcalloc((n + 1) * COUNT_LANES, sizeof(*w->count));
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
	w->count[count_slot(w, n)] = w->now.n;
	compare(w);
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
			moved += sim_whatif_count(w, changes[i].index);
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
		settle(w);
	} else {
		for (size_t i = 0; i < n; i++)
			whatif_place(w, changes[i].index, &changes[i].now);
		run_all(w);
	}
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

static void
put_back(struct sim_whatif *w, size_t word)
{
	uint64_t changed = w->changed.v[word];
	struct differences d = differences(w, word, changed);

	w->up[word] = (w->up[word] & ~changed) | d.was_up;
	count(w, word, d.announcements, w->now.announcement,
	      w->was.announcement);
	for (; changed; changed &= changed - 1) {
		size_t id = word * 64 + (size_t)__builtin_ctzll(changed);

		w->now.key[id] = w->was.key[id];
		w->now.announcement[id] = w->was.announcement[id];
	}
}

bool
sim_whatif_undo(struct sim_whatif *w)
{
	bool any = w->n_before > 0;

	for (size_t i = 0; i < w->e->words; i++)
		if (w->changed.v[i])
			put_back(w, i);
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
	const uint32_t *v = w->count + count_slot(w, announcement);
	uint32_t n = 0;

	for (size_t lane = 0; lane < COUNT_LANES; lane++)
		n += v[lane];
	return n;
}

size_t
sim_whatif_octets(const struct sim_whatif *w)
{
	return sizeof(*w) +
	       2 * w->now.n *
		   (sizeof(*w->now.key) + sizeof(*w->now.announcement)) +
	       3 * w->e->words * sizeof(uint64_t) +
	       (w->run.n + 1) * (sizeof(*w->announcements) +
				 COUNT_LANES * sizeof(*w->count)) +
	       (w->run.n / 64 + 1) * sizeof(*w->seen) +
	       w->room * sizeof(*w->before);
}
