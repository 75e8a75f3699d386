/* SPDX-License-Identifier: ISC */
/*
 * Times searches: sim_search GRAPH [THREADS]. Twenty sites with two upstreams
 * each. One line a row: name, scenarios run, passed over by a bound, seconds,
 * scenarios a second, best objective, whether it is proven. The last one: all
 * single and double failures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/sim.h"

#define SITES     20
#define UPSTREAMS 40
#define LIMIT     4.0 /* seconds */

struct bench {
	struct sim_graph *g;
	struct sim_policy policy;
	struct sim_weights weights;
	struct sim_announcement announcements[UPSTREAMS];
	uint32_t upstream[UPSTREAMS], site[UPSTREAMS];
	uint64_t capacity[SITES];
	struct sim_plan_prefix prefix;
	struct sim_plan plan;
	uint32_t tail;
	double end;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
late(void *ctx)
{
	const struct bench *b = ctx;

	return now() > b->end;
}

/* A generator that is the same everywhere. */
static uint32_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)(*state >> 33);
}

static uint32_t
some_transit(const struct sim_graph *g, uint64_t *state)
{
	uint32_t id;

	do
		id = next_random(state) % sim_graph_count(g);
	while (sim_graph_neighbours(g, id, SIM_CUSTOMER).n < 20);
	return id;
}

static void
make_plan(struct bench *b, unsigned threads)
{
	uint64_t state = 7;

	b->tail = 4200000000;
	b->weights = sim_weights_ases(b->g);
	for (uint32_t u = 0; u < UPSTREAMS; u++) {
		b->announcements[u] = (struct sim_announcement){
		    .at = some_transit(b->g, &state),
		    .from = SIM_CUSTOMER,
		    .site = u / 2,
		    .tail = &b->tail,
		    .n_tail = 1,
		};
		b->upstream[u] = u;
		b->site[u] = u / 2;
		b->capacity[u / 2] =
		    (20000 + next_random(&state) % 40000) * UINT64_C(1000);
	}
	b->prefix = (struct sim_plan_prefix){b->announcements, b->upstream,
					     UPSTREAMS, &b->weights, SIM_NONE};
	b->plan = (struct sim_plan){
	    .g = b->g,
	    .policy = &b->policy,
	    .prefixes = &b->prefix,
	    .n_prefixes = 1,
	    .capacity = b->capacity,
	    .n_sites = SITES,
	    .upstream_site = b->site,
	    .n_upstreams = UPSTREAMS,
	    .threads = threads,
	};
}

static void
row(struct bench *b, const char *name, struct sim_search s)
{
	struct text messages = {0};
	struct sim_found found;
	double start = now(), took;

	b->end = start + LIMIT;
	s.stop = late;
	s.ctx = b;
	if (sim_search(&b->plan, &s, &found, &messages)) {
		fputs(text_str(&messages), stderr);
		exit(1);
	}
	took = now() - start;
	printf("%s %llu %llu %.3f %.0f %.6f%s\n", name,
	       (unsigned long long)found.done.tried,
	       (unsigned long long)found.done.pruned, took,
	       (double)found.done.tried / took, found.v[0].objective,
	       found.proven ? " proven" : "");
	sim_found_free(&found);
	text_free(&messages);
}

static void
cascade_row(struct bench *b)
{
	double start = now(), took;
	struct sim_cascade c;

	if (sim_cascade(&b->plan, 2, NULL, NULL, &c))
		exit(1);
	took = now() - start;
	printf("failures %llu 0 %.3f %.0f - %zu-failures\n",
	       (unsigned long long)c.runs, took, (double)c.runs / took, c.n);
	sim_cascade_free(&c);
}

int
main(int argc, char **argv)
{
	struct text messages = {0};
	struct bench b = {0};

	if (argc < 2 || sim_graph_load(argv[1], &b.g, &messages)) {
		fputs(argc < 2 ? "sim_search GRAPH [THREADS]\n"
			       : text_str(&messages),
		      stderr);
		return 1;
	}
	make_plan(&b, argc > 2 ? (unsigned)atoi(argv[2]) : 0);
	row(&b, "three_of_twenty",
	    (struct sim_search){.choose = 3, .exact_up_to = 10000});
	row(&b, "and_prepends_all",
	    (struct sim_search){
		.choose = 3, .prepend_max = 3, .exact_up_to = 1ull << 40});
	row(&b, "and_prepends_walk",
	    (struct sim_search){
		.choose = 3, .prepend_max = 3, .exact_up_to = 1});
	row(&b, "path_length",
	    (struct sim_search){.objective = SIM_MINIMISE_PATH_LENGTH,
				.choose = 3,
				.prepend_max = 3,
				.exact_up_to = 1ull << 40});
	cascade_row(&b);
	sim_weights_free(&b.weights);
	sim_graph_free(b.g);
	text_free(&messages);
	return 0;
}
