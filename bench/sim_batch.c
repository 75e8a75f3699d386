/* SPDX-License-Identifier: ISC */
/*
 * Times every AS as the culprit: sim_batch GRAPH [THREADS [SAMPLE]]. Outside
 * of what is timed a sample of the culprits is compared with sim_run(), one
 * by one.
 *
 * One line a row: name, seconds, culprits, those run in lanes, µs of a
 * processor for a culprit, median and worst share of ASes or weight caught,
 * culprits compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/sim.h"

#define SITES  50
#define SAMPLE 300
#define ORIGIN 4200000000 /* in no graph */

struct bench {
	const struct sim_graph *g;
	unsigned threads;
	uint32_t sample;
	struct sim_policy policy;
	struct sim_weights weights;
	struct sim_reach *reach;
};

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A generator that is the same everywhere. */
static uint32_t
next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1;
	return (uint32_t)(*state >> 33);
}

static void
check_one(const struct bench *b, const struct sim_hijacks *what,
	  struct sim_engine *e, const struct sim_result *base,
	  struct sim_result *r, uint32_t id)
{
	struct sim_hijack h = what->hijack;
	struct sim_hijacked hijacked = {0};
	struct sim_reach one;

	h.culprit = id;
	sim_hijack_new(b->g, &h, what->victim, what->n_victim, base, &hijacked);
	if (sim_run(e, what->policy, hijacked.v, hijacked.n, r))
		abort();
	one =
	    sim_hijack_reach(b->g, &h, &hijacked, base, r, what->weights, NULL);
	sim_hijacked_free(&hijacked);
	if (one.ases == b->reach[id].ases && one.weight == b->reach[id].weight)
		return;
	fprintf(stderr, "AS%u: many at once %u, alone %u\n",
		sim_graph_asn(b->g, id), b->reach[id].ases, one.ases);
	exit(1);
}

static void
check(const struct bench *b, const struct sim_hijacks *what)
{
	struct sim_engine *e = sim_engine_new(b->g);
	struct sim_result base = sim_result_new(b->g);
	struct sim_result r = sim_result_new(b->g);
	uint64_t state = 11;

	if (sim_run(e, what->policy, what->victim, what->n_victim, &base))
		abort();
	for (uint32_t i = 0; i < b->sample; i++) {
		uint32_t id = next_random(&state) % sim_graph_count(b->g);

		/* Every third one high up, where hijacks reach far. */
		check_one(b, what, e, &base, &r, i % 3 ? id : id % 5000);
	}
	sim_result_free(&r);
	sim_result_free(&base);
	sim_engine_free(e);
}

static void
row(const struct bench *b, const char *name,
    const struct sim_announcement *victim, size_t n, struct sim_hijack hijack,
    bool weighed)
{
	struct sim_hijacks what = {
	    .g = b->g,
	    .policy = &b->policy,
	    .victim = victim,
	    .n_victim = n,
	    .hijack = hijack,
	    .weights = weighed ? &b->weights : NULL,
	    .threads = b->threads,
	};
	uint32_t culprits = sim_graph_count(b->g);
	struct sim_hijacks_summary summary;
	struct sim_hijacks_done done;
	double start = now(CLOCK_MONOTONIC), s;
	double cpu = now(CLOCK_PROCESS_CPUTIME_ID);

	if (sim_hijacks(&what, b->reach, &done))
		abort();
	s = now(CLOCK_MONOTONIC) - start;
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	sim_hijacks_summarize(&what, b->reach, &summary);
	check(b, &what);
	printf("%s %.3f %u %zu %.2f %.4f %.4f %u\n", name, s, culprits,
	       done.in_lanes, cpu * 1e6 / culprits, summary.all.median,
	       summary.all.worst, b->sample);
	fflush(stdout);
}

/* Sites of one synthetic AS at random ASes that have customers. */
static void
many(const struct sim_graph *g, struct sim_announcement *a, uint32_t *tail)
{
	uint64_t state = 5;

	for (size_t i = 0; i < 4; i++)
		tail[i] = ORIGIN;
	for (size_t i = 0; i < SITES;) {
		uint32_t id = next_random(&state) % sim_graph_count(g);

		if (sim_graph_neighbours(g, id, SIM_CUSTOMER).n < 5)
			continue;
		a[i] = (struct sim_announcement){
		    .at = id,
		    .from = i % 4 ? SIM_CUSTOMER : SIM_PEER,
		    .site = (uint32_t)i,
		    .tail = tail,
		    .n_tail = 1 + next_random(&state) % 3,
		    .no_export = i % 7 == 0,
		};
		i++;
	}
}

static void
rows(struct bench *b, struct sim_set *validating)
{
	struct sim_announcement two[2] = {{0}}, fifty[SITES];
	struct sim_hijack h = {.site = 99, .origin = 25};
	uint32_t tail[4];

	two[0].at = sim_graph_find(b->g, 25);
	two[1].at = sim_graph_find(b->g, 27);
	many(b->g, fifty, tail);
	row(b, "exact", two, 2, h, false);
	row(b, "exact-addresses", two, 2, h, true);
	h.invalid = true;
	b->policy.rov = validating;
	row(b, "exact-rov", two, 2, h, false);
	h.kind = SIM_HIJACK_SUB_PREFIX;
	row(b, "sub-prefix-rov", two, 2, h, false);
	h.kind = SIM_HIJACK_FORGED_ORIGIN;
	row(b, "forged-origin", two, 2, h, false);
	h.kind = SIM_HIJACK_LEAK;
	row(b, "leak", two, 2, h, false);
	h.kind = SIM_HIJACK_EXACT;
	row(b, "exact-fifty-sites-rov", fifty, SITES, h, false);
}

int
main(int argc, char **argv)
{
	struct text messages = {0};
	struct sim_graph *g;
	struct sim_set validating;
	struct bench b = {.sample = SAMPLE};

	if (argc < 2 || sim_graph_load(argv[1], &g, &messages)) {
		fprintf(stderr, "usage: sim_batch GRAPH [THREADS [SAMPLE]]\n%s",
			text_str(&messages));
		return 1;
	}
	b.g = g;
	b.threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	if (argc > 3)
		b.sample = (uint32_t)strtoul(argv[3], NULL, 10);
	b.reach = xcalloc(sim_graph_count(g), sizeof(*b.reach));
	b.weights.n = sim_graph_count(g);
	b.weights.v = xcalloc(b.weights.n, sizeof(*b.weights.v));
	validating = sim_set_new(g);
	for (uint32_t id = 0; id < b.weights.n; id++) {
		b.weights.v[id] = (1 + id % 64) * 256 * UINT64_C(1000);
		b.weights.total += b.weights.v[id];
	}
	for (uint32_t i = 0; i < 1000; i++)
		sim_set_add(&validating, i * (b.weights.n / 1000));
	rows(&b, &validating);
	sim_set_free(&validating);
	free(b.weights.v);
	free(b.reach);
	sim_graph_free(g);
	text_free(&messages);
	return 0;
}
