/* SPDX-License-Identifier: ISC */
#include "sim/route.h"

#include <errno.h>

void
run_prefer(struct run *run, enum sim_preference preference)
{
	static const uint8_t ranks[][SIM_PROVIDER + 1] = {
	    [SIM_PREFER_CUSTOMER_PEER_PROVIDER] = {0, 1, 2, 3},
	    [SIM_PREFER_CUSTOMER_EQUAL_PEER] = {0, 1, 1, 3},
	    [SIM_PREFER_PEER_EQUAL_PROVIDER] = {0, 1, 2, 2},
	    [SIM_PREFER_LENGTH] = {0, 1, 1, 1},
	};

	for (uint32_t r = SIM_ORIGIN; r <= SIM_PROVIDER; r++)
		run->base[r] = (uint32_t)ranks[preference][r]
				   << KEY_RANK_SHIFT |
			       r << KEY_RELATION_SHIFT;
}

static bool
rules_kept(const struct sim_graph *g, const struct sim_announcement *a)
{
	if (a->at >= g->n || a->n_tail >= SIM_PATH_MAX)
		return false;
	if (a->from == SIM_ORIGIN && (a->no_export || a->only || a->n_exports))
		return false;
	return a->from == SIM_ORIGIN || a->n_tail > 0;
}

int
run_check(const struct run *run)
{
	if (run->n > SIM_ANNOUNCE_MAX)
		return -EINVAL;
	for (size_t i = 0; i < run->n; i++)
		if (!rules_kept(run->g, &run->announcements[i]))
			return -EINVAL;
	return 0;
}

static void
mark(uint64_t *special, uint32_t id)
{
	if (id != SIM_NONE)
		special[id / 64] |= UINT64_C(1) << id % 64;
}

void
run_mark_special(const struct run *run, uint64_t *special)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct sim_announcement *a = &run->announcements[i];

		mark(special, a->at);
		for (size_t k = 0; k < a->n_tail; k++)
			if (k == 0 || a->tail[k] != a->tail[k - 1])
				mark(special,
				     sim_graph_find(run->g, a->tail[k]));
	}
}

static bool
run_in_tail(const struct run *run, uint32_t id, uint16_t announcement)
{
	return tail_has(&run->announcements[announcement], run->g->asn[id]);
}

static bool
dropped(const struct run *run, uint32_t id, uint32_t key)
{
	return (key & KEY_INVALID) && run->rov && sim_set_has(run->rov, id);
}

/* The neighbour field of any AS number. */
static uint32_t
neighbour_of_asn(const struct sim_graph *g, uint32_t asn)
{
	uint32_t low = 0, high = g->n, found;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (g->asn[g->by_rank[middle]] < asn)
			low = middle + 1;
		else
			high = middle;
	}
	found = low < g->n && g->asn[g->by_rank[low]] == asn;
	return (2 * low + found) << KEY_NEIGHBOUR_SHIFT;
}

uint32_t
run_seed(const struct run *run, size_t i)
{
	const struct sim_announcement *a = &run->announcements[i];
	uint32_t asn = a->n_tail ? a->tail[0] : run->g->asn[a->at];
	uint32_t key;

	if (a->down)
		return KEY_NONE;
	key = run->base[a->from] |
	      (uint32_t)(1 + a->n_tail) << KEY_LENGTH_SHIFT |
	      neighbour_of_asn(run->g, asn) | (a->invalid ? KEY_INVALID : 0);
	if (a->from == SIM_ORIGIN)
		return key;
	if (dropped(run, a->at, key) || run_in_tail(run, a->at, (uint16_t)i))
		return KEY_NONE;
	return key;
}

uint32_t
run_announcer(const struct run *run, uint16_t i)
{
	const struct sim_announcement *a = &run->announcements[i];

	return a->n_tail ? a->tail[0] : run->g->asn[a->at];
}

/* Whether the seed (key, i) is better than the seed (best, *than). */
static bool
better_seed(const struct run *run, uint32_t key, uint16_t i, uint32_t best,
	    uint16_t than)
{
	if (key == KEY_NONE || key >> 1 != best >> 1)
		return key >> 1 < best >> 1;
	return run_announcer(run, i) < run_announcer(run, than);
}

bool
run_take_seed(struct run *run, size_t i)
{
	uint32_t at = run->announcements[i].at, key = run_seed(run, i);

	if (!better_seed(run, key, (uint16_t)i, run->key[at],
			 run->announcement[at]))
		return false;
	run->key[at] = key;
	run->announcement[at] = (uint16_t)i;
	return true;
}

uint32_t
run_best_seed(const struct run *run, uint32_t id, uint16_t *announcement)
{
	uint32_t best = KEY_NONE;

	*announcement = SIM_UNREACHED;
	for (size_t i = 0; i < run->n; i++) {
		uint32_t key;

		if (run->announcements[i].at != id)
			continue;
		key = run_seed(run, i);
		if (!better_seed(run, key, (uint16_t)i, best, *announcement))
			continue;
		best = key;
		*announcement = (uint16_t)i;
	}
	return best;
}

/* What `at` was told about this neighbour; NULL: nothing. */
static const struct sim_export *
told(const struct sim_announcement *a, uint32_t neighbour)
{
	size_t low = 0, high = a->n_exports;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->exports[middle].neighbour < neighbour)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < a->n_exports && a->exports[low].neighbour == neighbour)
		return &a->exports[low];
	return NULL;
}

int
run_restriction(const struct sim_announcement *a, uint32_t to)
{
	const struct sim_export *e = told(a, to);

	if (a->no_export || (a->only && !e) || (e && e->deny))
		return -1;
	return e ? e->prepend : 0;
}

/* Whether the best route of `id` is the announcement it hears itself. */
static bool
heard(const struct run *run, uint32_t id)
{
	const struct sim_announcement *a =
	    &run->announcements[run->announcement[id]];

	return a->at == id && a->from != SIM_ORIGIN;
}

uint32_t
run_offer(const struct run *run, uint32_t from, uint32_t to,
	  enum sim_relation what)
{
	const struct sim_announcement *a;
	uint32_t key = run->key[from];
	int prepend = 0;

	if (key == KEY_NONE || (what != SIM_CUSTOMER && !key_goes_up(key)))
		return KEY_NONE;
	a = &run->announcements[run->announcement[from]];
	if (what == SIM_PEER && a->nopeer)
		return KEY_NONE;
	if (run_special(run, from) && heard(run, from))
		prepend = run_restriction(a, to);
	if (prepend < 0 || dropped(run, to, key))
		return KEY_NONE;
	if (run_special(run, to) &&
	    run_in_tail(run, to, run->announcement[from]))
		return KEY_NONE;
	return key_extend(run, key, from, relation_back(what),
			  (unsigned)prepend);
}
