/* SPDX-License-Identifier: ISC */
/*
 * Times random changes of announcements: sim_whatif GRAPH [CHANGES]. One
 * thread. Scenarios with 2, 10 and 50 sites, each with two transit providers,
 * a peer, and an upstream to come; in turn a site goes or comes, an upstream
 * goes or comes, prepends once more or less, has a community more or less.
 * After every change, outside of what is timed, the result is compared with a
 * whole run; after its undo with what was.
 *
 * One line a row: name, median, 90th and 99th percentile, worst in µs, median
 * and most of the ASes altered, octets of a scenario.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/sim.h"

#define CHANGES   10000
#define SITES     50
#define UPSTREAMS 4 /* of a site; the last is down at first */
#define PREPENDS  4
#define ORIGIN    4200000000 /* in no graph */

struct bench {
	const struct sim_graph *g;
	struct sim_engine *e;
	struct sim_policy policy;
	struct sim_whatif *w;
	uint64_t state;
	size_t n_sites, n;
	uint32_t tail[1 + PREPENDS];
	struct sim_export exports[SITES * UPSTREAMS]; /* one for each */
	struct sim_announcement v[SITES * UPSTREAMS];
	struct sim_result before, whole;
	double *us, *undo_us, *altered; /* by change */
	size_t done;
};

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A generator that is the same everywhere. */
static uint32_t
below(struct bench *b, uint32_t n)
{
	b->state = b->state * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)((b->state >> 33) % n);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---- scenarios ---- */

/* An AS with so many neighbours of a kind. */
static uint32_t
some_as(struct bench *b, enum sim_relation what, size_t least)
{
	for (;;) {
		uint32_t id = below(b, sim_graph_count(b->g));

		if (sim_graph_neighbours(b->g, id, what).n >= least)
			return id;
	}
}

static void
add_upstream(struct bench *b, size_t site, size_t k)
{
	bool peer = k == 2;
	uint32_t at =
	    peer ? some_as(b, SIM_PEER, 20) : some_as(b, SIM_CUSTOMER, 50);
	struct sim_ids row =
	    sim_graph_neighbours(b->g, at, peer ? SIM_PEER : SIM_CUSTOMER);
	struct sim_export *e = &b->exports[b->n];

	*e = (struct sim_export){
	    .neighbour = row.v[below(b, (uint32_t)row.n)],
	    .prepend = (uint8_t)below(b, 3),
	    .deny = below(b, 2),
	};
	b->v[b->n++] = (struct sim_announcement){
	    .at = at,
	    .from = peer ? SIM_PEER : SIM_CUSTOMER,
	    .site = (uint32_t)site,
	    .tail = b->tail,
	    .n_tail = 1,
	    .down = k == UPSTREAMS - 1,
	    .exports = e,
	};
}

/* ---- changes ---- */

static size_t
site_change(struct bench *b, struct sim_change *c)
{
	uint32_t site = below(b, (uint32_t)b->n_sites);
	bool up = false;
	size_t n = 0;

	for (size_t k = 0; k < UPSTREAMS; k++)
		up |= !b->v[site * UPSTREAMS + k].down;
	for (size_t k = 0; k < UPSTREAMS; k++) {
		size_t i = site * UPSTREAMS + k;

		if (b->v[i].down == up)
			continue;
		c[n] = (struct sim_change){i, b->v[i]};
		c[n++].now.down = up;
	}
	return n;
}

/* One of an upstream that is up, when a few tries find one. */
static size_t
draw_upstream(struct bench *b)
{
	size_t i = 0;

	for (int tries = 0; tries < 20; tries++) {
		i = below(b, (uint32_t)b->n);
		if (!b->v[i].down)
			break;
	}
	return i;
}

static void
flip_community(struct bench *b, struct sim_announcement *a)
{
	switch (below(b, 4)) {
	case 0:
		a->no_export = !a->no_export;
		break;
	case 1:
		a->nopeer = !a->nopeer;
		break;
	case 2:
		a->only = !a->only;
		break;
	default:
		a->n_exports = !a->n_exports;
		break;
	}
}

static void
prepend(struct bench *b, struct sim_announcement *a)
{
	if (a->n_tail == 1 || (a->n_tail < 1 + PREPENDS && below(b, 2)))
		a->n_tail++;
	else
		a->n_tail--;
}

static size_t
draw_change(struct bench *b, struct sim_change *c)
{
	uint32_t kind = below(b, 4);
	size_t i;

	if (kind == 0)
		return site_change(b, c);
	i = kind == 1 ? below(b, (uint32_t)b->n) : draw_upstream(b);
	c[0] = (struct sim_change){i, b->v[i]};
	if (kind == 1)
		c[0].now.down = !c[0].now.down;
	else if (kind == 2)
		prepend(b, &c[0].now);
	else
		flip_community(b, &c[0].now);
	return 1;
}

/* ---- timing and judging ---- */

static void
equal(const struct bench *b, const char *what, const struct sim_result *seen,
      const struct sim_result *expected)
{
	if (memcmp(seen->key, expected->key, seen->n * sizeof(*seen->key)) ==
		0 &&
	    memcmp(seen->announcement, expected->announcement,
		   seen->n * sizeof(*seen->announcement)) == 0)
		return;
	fprintf(stderr, "sim_whatif: change %zu of %zu sites: %s differs\n",
		b->done, b->n_sites, what);
	exit(1);
}

static double
altered(const struct bench *b)
{
	const struct sim_set *set = sim_whatif_changed(b->w);
	double n = 0;

	for (uint32_t id = sim_set_next(set, 0); id != SIM_NONE;
	     id = sim_set_next(set, id + 1))
		n++;
	return n;
}

static double
timed_change(struct bench *b, const struct sim_change *c, size_t n)
{
	double start = now_us();

	if (sim_whatif_change_all(b->w, c, n))
		abort();
	return now_us() - start;
}

static void
one_change(struct bench *b)
{
	struct sim_change c[UPSTREAMS];
	size_t n = draw_change(b, c);
	const struct sim_result *now;
	double start;

	sim_result_copy(&b->before, sim_whatif_result(b->w));
	b->us[b->done] = timed_change(b, c, n);
	b->altered[b->done] = altered(b);
	for (size_t i = 0; i < n; i++)
		b->v[c[i].index] = c[i].now;
	if (sim_run(b->e, &b->policy, b->v, b->n, &b->whole))
		abort();
	now = sim_whatif_result(b->w);
	equal(b, "the result", now, &b->whole);
	start = now_us();
	sim_whatif_undo(b->w);
	b->undo_us[b->done] = now_us() - start;
	equal(b, "what is undone", sim_whatif_result(b->w), &b->before);
	timed_change(b, c, n);
	equal(b, "the result again", sim_whatif_result(b->w), &b->whole);
	b->done++;
}

static void
row(const char *name, size_t sites, double *us, double *altered, size_t n,
    size_t octets)
{
	qsort(us, n, sizeof(*us), by_value);
	qsort(altered, n, sizeof(*altered), by_value);
	printf("%s-%zu %.1f %.1f %.1f %.1f %.0f %.0f %zu\n", name, sites,
	       us[n / 2], us[n * 9 / 10], us[n * 99 / 100], us[n - 1],
	       altered[n / 2], altered[n - 1], octets);
}

static void
scenario(struct bench *b, size_t sites, size_t changes)
{
	b->n_sites = sites;
	b->n = b->done = 0;
	b->state = sites;
	for (size_t site = 0; site < sites; site++)
		for (size_t k = 0; k < UPSTREAMS; k++)
			add_upstream(b, site, k);
	if (sim_whatif_new(b->e, &b->policy, b->v, b->n, &b->w))
		abort();
	while (b->done < changes)
		one_change(b);
	row("change", sites, b->us, b->altered, changes,
	    sim_whatif_octets(b->w));
	row("undo", sites, b->undo_us, b->altered, changes,
	    sim_whatif_octets(b->w));
	sim_whatif_free(b->w);
}

int
main(int argc, char **argv)
{
	struct text messages = {0};
	struct sim_graph *g;
	size_t changes = argc > 2 ? strtoul(argv[2], NULL, 10) : CHANGES;
	struct bench b = {0};

	if (argc < 2 || changes == 0 ||
	    sim_graph_load(argv[1], &g, &messages)) {
		fprintf(stderr, "usage: sim_whatif GRAPH [CHANGES]\n%s",
			text_str(&messages));
		return 1;
	}
	b.g = g;
	b.e = sim_engine_new(g);
	b.before = sim_result_new(g);
	b.whole = sim_result_new(g);
	b.us = xcalloc(changes, sizeof(*b.us));
	b.undo_us = xcalloc(changes, sizeof(*b.undo_us));
	b.altered = xcalloc(changes, sizeof(*b.altered));
	for (size_t i = 0; i < 1 + PREPENDS; i++)
		b.tail[i] = ORIGIN;
	scenario(&b, 2, changes);
	scenario(&b, 10, changes);
	scenario(&b, 50, changes);
	free(b.us);
	free(b.undo_us);
	free(b.altered);
	sim_result_free(&b.before);
	sim_result_free(&b.whole);
	sim_engine_free(b.e);
	sim_graph_free(g);
	text_free(&messages);
	return 0;
}
