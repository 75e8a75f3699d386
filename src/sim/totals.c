/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sim/sim.h"

#define LENGTHS 256

/* A total while ASes are added to it. */
struct sum {
	struct sim_total *total;
	uint32_t *lengths; /* ASes by length */
	double weighted;   /* length times weight */
};
struct sums {
	struct sum all, *site, *announcement;
	uint32_t *lengths;
};

static struct sum
sum_of(struct sim_total *total, uint32_t **lengths)
{
	struct sum s = {.total = total, .lengths = *lengths};

	*lengths += LENGTHS;
	return s;
}

static struct sums
sums_new(struct sim_totals *t)
{
	size_t n = 1 + t->n_sites + t->n_announcements;
	uint32_t *lengths = xcalloc(n * LENGTHS, sizeof(*lengths));
	struct sums s = {.lengths = lengths};

	s.all = sum_of(&t->all, &lengths);
	s.site = xcalloc(n, sizeof(*s.site));
	s.announcement = s.site + t->n_sites;
	for (size_t i = 0; i < t->n_sites; i++)
		s.site[i] = sum_of(&t->site[i], &lengths);
	for (size_t i = 0; i < t->n_announcements; i++)
		s.announcement[i] = sum_of(&t->announcement[i], &lengths);
	return s;
}

static void
add_as(struct sim_total *t, uint64_t weight, bool tied)
{
	t->ases++;
	t->weight += weight;
	t->tied_ases += tied;
	t->tied += tied ? weight : 0;
}

static void
add_arrival(struct sum *s, uint64_t weight, bool tied, uint8_t length)
{
	add_as(s->total, weight, tied);
	s->lengths[length]++;
	s->weighted += (double)weight * length;
}

/* The lower one of the two in the middle. */
static uint8_t
median(const uint32_t *lengths, uint32_t n)
{
	uint32_t seen = 0;
	unsigned i = 0;

	while ((seen += lengths[i]) < (n + 1) / 2)
		i++;
	return (uint8_t)i;
}

static void
finish(struct sum *s)
{
	struct sim_total *t = s->total;
	uint64_t sum = 0;

	if (!t->ases)
		return;
	for (unsigned i = 0; i < LENGTHS; i++)
		sum += (uint64_t)s->lengths[i] * i;
	t->mean_length = (double)sum / t->ases;
	t->weighted_length =
	    t->weight ? s->weighted / (double)t->weight : t->mean_length;
	t->median_length = median(s->lengths, t->ases);
}

void
sim_totals(const struct sim_graph *g, const struct sim_weights *w,
	   const struct sim_announcement *announcements, size_t n,
	   size_t n_sites, const struct sim_result *r, const uint16_t *where,
	   const struct sim_set *ties, struct sim_totals *out)
{
	struct sums s;

	*out = (struct sim_totals){
	    .site = xcalloc(n_sites + 1, sizeof(*out->site)),
	    .n_sites = n_sites,
	    .announcement = xcalloc(n + 1, sizeof(*out->announcement)),
	    .n_announcements = n,
	};
	s = sums_new(out);
	for (uint32_t id = 0; id < sim_graph_count(g); id++) {
		uint16_t a = where ? where[id] : r->announcement[id];
		bool tied = ties && sim_set_has(ties, id);
		uint8_t length;

		if (a == SIM_UNREACHED) {
			add_as(&out->unreached, w->v[id], tied);
			continue;
		}
		length = sim_route(g, r, id).length;
		add_arrival(&s.announcement[a], w->v[id], tied, length);
		if (announcements[a].site >= n_sites) {
			add_as(&out->dropped, w->v[id], tied);
			continue;
		}
		add_arrival(&s.site[announcements[a].site], w->v[id], tied,
			    length);
		add_arrival(&s.all, w->v[id], tied, length);
	}
	finish(&s.all);
	for (size_t i = 0; i < n_sites + n; i++)
		finish(&s.site[i]);
	free(s.site);
	free(s.lengths);
}

void
sim_totals_free(struct sim_totals *t)
{
	free(t->site);
	free(t->announcement);
	*t = (struct sim_totals){0};
}
