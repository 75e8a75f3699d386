/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sim/sim.h"

static const uint32_t size_from[] = {
#define X(n, from, t) from,
    SIM_SIZES(X)
#undef X
};

const char *
sim_size_text(enum sim_size s)
{
	static const char *const words[] = {
#define X(n, from, t) t,
	    SIM_SIZES(X)
#undef X
	};

	return words[s];
}

enum sim_size
sim_size(const struct sim_graph *g, uint32_t id)
{
	size_t customers = sim_graph_neighbours(g, id, SIM_CUSTOMER).n;
	unsigned s = SIM_SIZE_COUNT - 1;

	while (size_from[s] > customers)
		s--;
	return (enum sim_size)s;
}

/* A culprit and the share it catches. */
struct share {
	double share;
	uint32_t id;
	size_t i; /* in reach */
	enum sim_size size;
};

static double
share_of(const struct sim_hijacks *what, uint32_t id,
	 const struct sim_reach *reach)
{
	uint32_t others = sim_graph_count(what->g) - 1;
	uint64_t weight;

	if (!what->weights)
		return others > 0 ? (double)reach->ases / others : 0;
	weight = what->weights->total - what->weights->v[id];
	return weight > 0 ? (double)reach->weight / (double)weight : 0;
}

/* Worst first; then by number, so that the order is one. */
static int
by_share(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->share != y->share)
		return x->share < y->share ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Of shares worst first, the one that a part `q` of them do not exceed. */
static double
quantile(const struct share *s, size_t n, double q)
{
	size_t below = (size_t)(q * (double)(n - 1) + 0.5);

	return s[n - 1 - below].share;
}

static struct sim_reaches
reaches_of(const struct share *s, size_t n)
{
	struct sim_reaches r = {.culprits = n};

	if (n == 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		r.mean += s[i].share;
		r.harmless += s[i].share <= 0;
		r.half += s[i].share >= 0.5;
	}
	r.mean /= (double)n;
	r.median = quantile(s, n, 0.5);
	r.p90 = quantile(s, n, 0.9);
	r.p99 = quantile(s, n, 0.99);
	r.worst = s[0].share;
	return r;
}

static void
sort_into_sizes(const struct share *s, size_t n,
		struct sim_hijacks_summary *out)
{
	struct share *of_size = xcalloc(n + 1, sizeof(*of_size));

	for (unsigned size = 0; size < SIM_SIZE_COUNT; size++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (s[i].size == size)
				of_size[k++] = s[i];
		out->size[size] = reaches_of(of_size, k);
	}
	free(of_size);
}

static size_t
shares_of(const struct sim_hijacks *what, const struct sim_reach *reach,
	  struct share *out)
{
	size_t n = what->culprits ? what->n_culprits : sim_graph_count(what->g);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t id = what->culprits ? what->culprits[i] : (uint32_t)i;

		if (reach[i].ases == SIM_NONE) /* stopped before */
			continue;
		out[k++] = (struct share){
		    .share = share_of(what, id, &reach[i]),
		    .id = id,
		    .i = i,
		    .size = sim_size(what->g, id),
		};
	}
	qsort(out, k, sizeof(*out), by_share);
	return k;
}

void
sim_hijacks_summarize(const struct sim_hijacks *what,
		      const struct sim_reach *reach,
		      struct sim_hijacks_summary *out)
{
	size_t room =
	    what->culprits ? what->n_culprits : sim_graph_count(what->g);
	struct share *s = xcalloc(room + 1, sizeof(*s));
	size_t n = shares_of(what, reach, s);

	*out = (struct sim_hijacks_summary){.all = reaches_of(s, n)};
	sort_into_sizes(s, n, out);
	for (size_t i = 0; i < n; i++) {
		unsigned twentieth = (unsigned)(s[i].share * 20);

		out->twentieths[twentieth < 20 ? twentieth : 19]++;
	}
	while (out->n_worst < n && out->n_worst < SIM_WORST_MAX) {
		const struct share *w = &s[out->n_worst];

		out->worst[out->n_worst++] =
		    (struct sim_worst){w->id, reach[w->i], w->share};
	}
	free(s);
}
