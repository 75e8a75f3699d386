/* SPDX-License-Identifier: ISC */
/*
 * Propagation with any preference. A route that is passed on never gets a
 * better rank, and with the same rank a longer path; so ASes decide in the
 * order of (rank, length), as in Dijkstra's search: the best of all open
 * offers is final.
 */
#include "sim/engine.h"

#include <stdlib.h>

#define STEPS (4u << 8) /* of rank and length */

struct step {
	uint32_t *v; /* owned: ids, some decided earlier, some twice */
	size_t n, room;
};

struct general {
	struct step steps[STEPS];
	uint64_t *decided;
	size_t words;
};

static unsigned
step_of(uint32_t key)
{
	return key >> KEY_LENGTH_SHIFT;
}

static void
step_add(struct step *s, uint32_t id)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->v = xrealloc(s->v, s->room, sizeof(*s->v));
	}
	s->v[s->n++] = id;
}

static bool
is_decided(const struct general *general, uint32_t id)
{
	return general->decided[id / 64] >> id % 64 & 1;
}

static void
take(struct general *general, struct run *run, uint32_t id, uint32_t key,
     uint16_t announcement)
{
	run->key[id] = key;
	run->announcement[id] = announcement;
	step_add(&general->steps[step_of(key)], id);
}

static void
offer_all(struct general *general, struct run *run, uint32_t from,
	  enum sim_relation what)
{
	struct sim_ids row = graph_row(run->g, what, from);

	for (size_t i = 0; i < row.n; i++) {
		uint32_t to = row.v[i], key;

		if (is_decided(general, to))
			continue;
		key = run_offer(run, from, to, what);
		if (key != KEY_NONE &&
		    run_better(run, to, key, run->announcement[from]))
			take(general, run, to, key, run->announcement[from]);
	}
}

static void
decide(struct general *general, struct run *run, uint32_t id)
{
	if (is_decided(general, id))
		return;
	general->decided[id / 64] |= UINT64_C(1) << id % 64;
	for (int what = SIM_CUSTOMER; what <= SIM_PROVIDER; what++)
		offer_all(general, run, id, (enum sim_relation)what);
}

static struct general *
general_get(struct sim_engine *e)
{
	struct general *general = e->general;

	if (!general) {
		general = e->general = xcalloc(1, sizeof(*general));
		general->decided = xcalloc(e->words, sizeof(uint64_t));
		general->words = e->words;
	}
	for (size_t i = 0; i < STEPS; i++)
		general->steps[i].n = 0;
	for (size_t i = 0; i < general->words; i++)
		general->decided[i] = 0;
	return general;
}

void
general_propagate(struct sim_engine *e, struct run *run)
{
	struct general *general = general_get(e);

	for (size_t i = 0; i < run->n; i++) {
		uint32_t at = run->announcements[i].at;

		if (run_take_seed(run, i))
			step_add(&general->steps[step_of(run->key[at])], at);
	}
	/* Deciding adds to later steps only. */
	for (size_t s = 0; s < STEPS; s++)
		for (size_t i = 0; i < general->steps[s].n; i++)
			decide(general, run, general->steps[s].v[i]);
}

void
general_free(struct general *general)
{
	if (!general)
		return;
	for (size_t i = 0; i < STEPS; i++)
		free(general->steps[i].v);
	free(general->decided);
	free(general);
}
