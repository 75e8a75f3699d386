/* SPDX-License-Identifier: ISC */
/* What a new version of an announcement touches before anything moves. */
#include "sim/whatif.h"

static bool
same_exports(const struct sim_announcement *a, const struct sim_announcement *b)
{
	if (a->no_export != b->no_export || a->only != b->only ||
	    a->n_exports != b->n_exports)
		return false;
	for (size_t i = 0; i < a->n_exports; i++)
		if (a->exports[i].neighbour != b->exports[i].neighbour ||
		    a->exports[i].prepend != b->exports[i].prepend ||
		    a->exports[i].deny != b->exports[i].deny)
			return false;
	return true;
}

static bool
tail_within(const struct sim_announcement *a, const struct sim_announcement *b)
{
	for (size_t i = 0; i < a->n_tail; i++)
		if ((i == 0 || a->tail[i] != a->tail[i - 1]) &&
		    !tail_has(b, a->tail[i]))
			return false;
	return true;
}

/*
 * Who stands in the tail does not take the route, and the first of it is the
 * neighbour that `at` compares by. The rest, prepending too, shows in the keys
 * of those who have the route.
 */
bool
whatif_is_other(const struct sim_announcement *old,
		const struct sim_announcement *now)
{
	if (old->down || now->down)
		return false;
	if (old->n_tail && now->n_tail && old->tail[0] != now->tail[0])
		return true;
	return !tail_within(old, now) || !tail_within(now, old);
}

void
whatif_place(struct sim_whatif *w, size_t i, const struct sim_announcement *now)
{
	struct run one = w->run;

	w->announcements[i] = *now;
	one.announcements += i;
	one.n = 1;
	run_mark_special(&one, w->special);
	w->any_heard[phase_of(now->from)] = true;
}

/* Its own best route changes, or what it makes of that. */
static void
mark_heard(struct sim_whatif *w, size_t i, uint32_t at)
{
	uint32_t have = w->now.key[at], key = run_seed(&w->run, i);
	bool held = w->now.announcement[at] == i;

	if (held && key == have)
		return;
	/* What is as good as `have` may come before it or not. */
	if (key >> 1 == have >> 1 || (held && key >> 1 > have >> 1)) {
		if (have != KEY_NONE)
			whatif_mark_pull(w, phase_of(key_relation(have)), at);
	} else if (key < have) {
		whatif_take(w, phase_of(key_relation(key)), at, key,
			    (uint16_t)i);
	}
}

void
whatif_put(struct sim_whatif *w, size_t i, const struct sim_announcement *now)
{
	struct sim_announcement old = w->announcements[i];

	whatif_place(w, i, now);
	if (old.down && now->down)
		return;
	mark_heard(w, i, old.at);
	if (old.down || now->down)
		return;
	if (!same_exports(&old, now) && w->now.announcement[old.at] == i) {
		/* It speaks, though its route may be the same. */
		whatif_set(w, old.at, w->now.key[old.at], (uint16_t)i);
		bit_add(w->e->moves->speak, old.at);
	}
	if (old.nopeer == now->nopeer)
		return;
	for (uint32_t id = bit_next(w, w->up, 0); id != SIM_NONE;
	     id = bit_next(w, w->up, id + 1))
		if (w->now.announcement[id] == i)
			bit_add(w->e->moves->speak, id);
}
