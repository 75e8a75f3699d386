/* SPDX-License-Identifier: ISC */
/*
 * Times whole propagations: sim_run GRAPH. One thread; the median of many.
 * One line a row: name, median, 90th and 99th percentile, worst, in µs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/sim.h"

#define RUNS  301
#define SITES 50

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
row(const char *name, struct sim_engine *e, const struct sim_policy *policy,
    const struct sim_announcement *a, size_t n, struct sim_result *r)
{
	double us[RUNS];
	uint32_t reached = 0;

	for (size_t i = 0; i < RUNS; i++) {
		double start = now_us();

		if (sim_run(e, policy, a, n, r))
			abort();
		us[i] = now_us() - start;
	}
	qsort(us, RUNS, sizeof(*us), by_value);
	for (uint32_t id = 0; id < r->n; id++)
		reached += r->announcement[id] != SIM_UNREACHED;
	printf("%s %.0f %.0f %.0f %.0f %u\n", name, us[RUNS / 2],
	       us[RUNS * 9 / 10], us[RUNS * 99 / 100], us[RUNS - 1], reached);
}

/* A generator that is the same everywhere. */
static uint32_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)(*state >> 33);
}

/* Sites of one synthetic AS at random ASes that have customers. */
static void
many(const struct sim_graph *g, struct sim_announcement *a, uint32_t *tail)
{
	uint64_t state = 5;

	for (size_t i = 0; i < 4; i++)
		tail[i] = 4200000000;
	for (size_t i = 0; i < SITES;) {
		uint32_t id = next_random(&state) % sim_graph_count(g);

		if (sim_graph_neighbours(g, id, SIM_CUSTOMER).n < 5)
			continue;
		a[i] = (struct sim_announcement){
		    .at = id,
		    .from = SIM_CUSTOMER,
		    .site = (uint32_t)i,
		    .tail = tail,
		    .n_tail = 1 + next_random(&state) % 3,
		    .invalid = i % 5 == 0,
		};
		i++;
	}
}

int
main(int argc, char **argv)
{
	struct text messages = {0};
	struct sim_graph *g;
	struct sim_announcement two[2] = {{0}}, fifty[SITES];
	uint32_t tail[4];
	struct sim_policy policy = {0}, rov = {0};
	struct sim_engine *e;
	struct sim_result r;
	struct sim_set set;

	if (argc != 2 || sim_graph_load(argv[1], &g, &messages)) {
		fprintf(stderr, "usage: sim_run GRAPH\n%s",
			text_str(&messages));
		return 1;
	}
	e = sim_engine_new(g);
	r = sim_result_new(g);
	set = sim_set_new(g);
	two[0].at = sim_graph_find(g, 25);
	two[1].at = sim_graph_find(g, 27);
	two[1].site = 1;
	row("two-sites", e, &policy, two, 2, &r);
	many(g, fifty, tail);
	for (uint32_t i = 0; i < 1000; i++)
		sim_set_add(&set, i * (sim_graph_count(g) / 1000));
	rov.rov = &set;
	row("fifty-sites-rov", e, &rov, fifty, SITES, &r);
	policy.preference = SIM_PREFER_LENGTH;
	row("two-sites-by-length", e, &policy, two, 2, &r);
	sim_set_free(&set);
	sim_result_free(&r);
	sim_engine_free(e);
	sim_graph_free(g);
	text_free(&messages);
	return 0;
}
