/* SPDX-License-Identifier: ISC */
/* A batch from culprits to reaches; the passes are in lanes_passes.c. */
#include <stdlib.h>
#include <string.h>

#include "sim/lanes.h"

static struct lane_row *
rows(size_t n)
{
	/* A row is a cache line, and vectors want to be aligned. */
	struct lane_row *r = aligned_alloc(LANES, (n + 1) * sizeof(*r));

	if (!r)
		abort();
	return r;
}

struct lane_space *
lane_space_new(const struct lane_plan *p)
{
	struct lane_space *s = (void *)rows(sizeof(*s) / LANES + 1);
	size_t n = p->g->n, words = (n + 63) / 64;

	memset(s, 0, sizeof(*s));
	s->plan = p;
	s->how = xcalloc(n + 1, sizeof(*s->how));
	memcpy(s->how, p->how, n);
	s->by_id = xcalloc(words + 1, sizeof(*s->by_id));
	s->by_rank = xcalloc(words + 1, sizeof(*s->by_rank));
	s->slot = xcalloc(n + 1, sizeof(*s->slot));
	s->peer = rows(n);
	memset(s->peer, p->none, n * sizeof(*s->peer));
	s->down = rows(p->transit);
	s->heard = (struct lane_heard *)rows((size_t)p->n_hearers * 2);
	s->own = rows(p->n_seeds);
	if (p->what->hijack.kind == SIM_HIJACK_SUB_PREFIX)
		s->caught = rows(n);
	return s;
}

void
lane_space_free(struct lane_space *s)
{
	if (!s)
		return;
	free(s->paths);
	free(s->touched);
	free(s->how);
	free(s->by_id);
	free(s->by_rank);
	free(s->slot);
	free(s->member);
	free(s->at);
	free(s->customers);
	free(s->up);
	free(s->peer);
	free(s->down);
	free(s->heard);
	free(s->own);
	free(s->caught);
	free(s);
}

/* ---- who is not like most in this batch ---- */

static void
touch(struct lane_space *s, uint32_t id, uint8_t how)
{
	if (s->how[id] == s->plan->how[id]) {
		if (s->n_touched == s->room_touched) {
			s->room_touched = s->room_touched * 2 + LANES;
			s->touched = xrealloc(s->touched, s->room_touched,
					      sizeof(*s->touched));
		}
		s->touched[s->n_touched++] = id;
	}
	s->how[id] |= how;
}

static void
add_path(struct lane_space *s, uint32_t id, uint32_t lane)
{
	if (s->n_paths == s->room_paths) {
		s->room_paths = s->room_paths * 2 + LANES;
		s->paths = xrealloc(s->paths, s->room_paths, sizeof(*s->paths));
	}
	s->paths[s->n_paths++] = (struct lane_path){id, lane};
	touch(s, id, HOW_PATH);
}

static int
by_id(const void *a, const void *b)
{
	const struct lane_path *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->lane < y->lane ? -1 : x->lane > y->lane;
}

/* The leak of a lane; those on its path do not take it. */
static struct lane_culprit
leak(struct lane_space *s, uint32_t id, unsigned lane)
{
	const struct lane_plan *p = s->plan;
	uint32_t path[SIM_PATH_MAX + 1];
	size_t n = sim_path(p->g, p->base, p->what->victim, id, path);

	for (size_t i = 0; i < n; i++) {
		uint32_t on = sim_graph_find(p->g, path[i]);

		if (on != SIM_NONE && (i == 0 || path[i] != path[i - 1]))
			add_path(s, on, lane);
	}
	return (struct lane_culprit){
	    .id = id,
	    .announcer = p->g->asn[id],
	    .octet = (uint8_t)(n << p->tag_bits | LANE_CULPRIT),
	    .leaks = true,
	};
}

static struct lane_culprit
originator(const struct lane_plan *p, uint32_t id)
{
	const struct sim_hijack *h = &p->what->hijack;
	bool forged = h->kind == SIM_HIJACK_FORGED_ORIGIN;

	return (struct lane_culprit){
	    .id = id,
	    .announcer = forged ? h->origin : p->g->asn[id],
	    .octet =
		(uint8_t)((forged ? 2u : 1u) << p->tag_bits | LANE_CULPRIT),
	};
}

static void
add_culprit(struct lane_space *s, uint32_t id)
{
	s->culprit[s->n] = s->plan->what->hijack.kind == SIM_HIJACK_LEAK
			       ? leak(s, id, s->n)
			       : originator(s->plan, id);
	s->n++;
	touch(s, id, HOW_CULPRIT);
}

/* ---- who may have a customer route ---- */

static void
join(struct lane_space *s, uint32_t id)
{
	uint64_t bit = UINT64_C(1) << id % 64;
	uint32_t rank = s->plan->g->rank[id];

	if (s->by_id[id / 64] & bit)
		return;
	s->by_id[id / 64] |= bit;
	s->by_rank[rank / 64] |= UINT64_C(1) << rank % 64;
	if (s->n_members == s->room_members) {
		s->room_members = s->room_members * 2 + 1024;
		s->member =
		    xrealloc(s->member, s->room_members, sizeof(*s->member));
		s->at = xrealloc(s->at, (size_t)s->room_members + 2,
				 sizeof(*s->at));
		free(s->up);
		s->up = rows(s->room_members);
	}
	s->member[s->n_members++] = id;
}

static void
number_members(struct lane_space *s)
{
	uint32_t m = 0;

	for (uint32_t w = 0; w < (s->plan->g->n + 63) / 64; w++)
		for (uint64_t left = s->by_id[w]; left; left &= left - 1) {
			uint32_t id = w * 64 + (unsigned)__builtin_ctzll(left);

			s->member[m++] = id;
			s->slot[id] = m;
		}
}

static void
find_members(struct lane_space *s)
{
	const struct lane_plan *p = s->plan;

	for (uint32_t i = 0; i < p->n_seeds; i++)
		if (p->seeds[i].from <= SIM_CUSTOMER)
			join(s, p->seeds[i].at);
	for (unsigned i = 0; i < s->n; i++)
		join(s, s->culprit[i].id);
	for (uint32_t m = 0; m < s->n_members; m++) {
		struct sim_ids providers =
		    graph_row(p->g, SIM_PROVIDER, s->member[m]);

		for (size_t i = 0; i < providers.n; i++)
			join(s, providers.v[i]);
	}
	number_members(s);
}

/* at[m] becomes the end of m's customers, at[m + 1] of the next. */
static void
count_customers(struct lane_space *s)
{
	const struct sim_graph *g = s->plan->g;
	uint32_t sum = 0;

	memset(s->at, 0, ((size_t)s->n_members + 2) * sizeof(*s->at));
	for (uint32_t m = 0; m < s->n_members; m++) {
		struct sim_ids providers =
		    graph_row(g, SIM_PROVIDER, s->member[m]);

		for (size_t i = 0; i < providers.n; i++)
			s->at[s->slot[providers.v[i]] + 1]++;
	}
	for (uint32_t m = 0; m <= s->n_members + 1; m++) {
		sum += s->at[m];
		s->at[m] = sum;
	}
	if (sum > s->room_customers) {
		s->room_customers = 2 * (size_t)sum;
		free(s->customers);
		s->customers =
		    xcalloc(s->room_customers, sizeof(*s->customers));
	}
}

/* Those that may have a customer route, at each provider by AS number. */
static void
list_customers(struct lane_space *s)
{
	const struct sim_graph *g = s->plan->g;

	count_customers(s);
	for (uint32_t w = 0; w < (g->n + 63) / 64; w++)
		for (uint64_t left = s->by_rank[w]; left; left &= left - 1) {
			uint32_t id =
			    g->by_rank[w * 64 +
				       (unsigned)__builtin_ctzll(left)];
			struct sim_ids providers =
			    graph_row(g, SIM_PROVIDER, id);

			for (size_t i = 0; i < providers.n; i++)
				s->customers[s->at[s->slot[providers.v[i]]]++] =
				    id;
		}
}

/* ---- a batch ---- */

static void
begin(struct lane_space *s, const uint32_t *culprits, unsigned n)
{
	s->n = 0;
	s->n_paths = 0;
	s->n_members = 0;
	s->too_long = false;
	memset(s->ases, 0, sizeof(s->ases));
	memset(s->weight, 0, sizeof(s->weight));
	memset(s->own, 0, s->plan->n_seeds * sizeof(*s->own));
	for (unsigned i = 0; i < n; i++)
		add_culprit(s, culprits[i]);
	if (s->n_paths > 0)
		qsort(s->paths, s->n_paths, sizeof(*s->paths), by_id);
	find_members(s);
	list_customers(s);
}

static void
end(struct lane_space *s)
{
	size_t words = (s->plan->g->n + 63) / 64;

	for (uint32_t m = 0; m < s->n_members; m++)
		s->slot[s->member[m]] = 0;
	memset(s->by_id, 0, words * sizeof(*s->by_id));
	memset(s->by_rank, 0, words * sizeof(*s->by_rank));
	for (size_t i = 0; i < s->n_touched; i++)
		s->how[s->touched[i]] = s->plan->how[s->touched[i]];
	s->n_touched = 0;
}

static void
tell(const struct lane_space *s, struct sim_reach *reach)
{
	const struct lane_plan *p = s->plan;
	/* Of a more specific prefix it was counted with those it caught. */
	bool itself = p->what->hijack.kind == SIM_HIJACK_SUB_PREFIX;

	for (unsigned i = 0; i < s->n; i++) {
		uint32_t ases = s->ases[i] - itself;
		uint64_t weight = s->weight[i];

		if (itself)
			weight -= lane_weight(p, s->culprit[i].id);
		if (!p->weights)
			weight = ases * p->weight;
		reach[i] = (struct sim_reach){ases, weight};
	}
}

bool
lane_run(struct lane_space *s, const struct lane_passes *passes,
	 const uint32_t *culprits, unsigned n, struct sim_reach *reach)
{
	begin(s, culprits, n);
	passes->up(s);
	passes->across(s);
	passes->down(s);
	end(s);
	if (s->too_long)
		return false;
	tell(s, reach);
	return true;
}

const struct lane_passes *
lane_passes_number(unsigned i)
{
#ifdef LANES_X86
	if (i == 1 && __builtin_cpu_supports("avx2"))
		return &lane_passes_avx2;
	if (i == 2 && __builtin_cpu_supports("avx512bw"))
		return &lane_passes_avx512;
#endif
	return i == 0 ? &lane_passes_any : NULL;
}

const struct lane_passes *
lane_passes_here(void)
{
	const struct lane_passes *best = &lane_passes_any;

	for (unsigned i = 0; i < LANE_PASSES; i++)
		if (lane_passes_number(i))
			best = lane_passes_number(i);
	return best;
}
