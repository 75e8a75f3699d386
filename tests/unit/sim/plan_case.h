/* SPDX-License-Identifier: ISC */
/*
 * A small random Internet with sites, upstreams, weights and capacities, and
 * the plain way to find what a plan comes to: one sim_run() for each prefix
 * and AS paths followed hop by hop.
 */
#ifndef BASIN_TESTS_UNIT_SIM_PLAN_CASE_H
#define BASIN_TESTS_UNIT_SIM_PLAN_CASE_H

#include "sim/sim.h"

#define CASE_SITES     6
#define CASE_UPSTREAMS 12
#define CASE_PREFIXES  3
#define CASE_PREPENDS  8
/* Announcements of a prefix: one for each upstream, and a fixed one. */
#define CASE_ANNOUNCEMENTS (CASE_UPSTREAMS + 1)

struct plan_case {
	struct sim_graph *g;
	struct sim_policy policy;
	struct sim_announcement announcements[CASE_PREFIXES]
					     [CASE_ANNOUNCEMENTS];
	uint32_t upstream[CASE_ANNOUNCEMENTS];
	struct sim_plan_prefix prefixes[CASE_PREFIXES];
	struct sim_weights weights[CASE_PREFIXES];
	uint32_t tail[CASE_PREPENDS + 1];
	uint64_t capacity[CASE_SITES];
	uint32_t upstream_site[CASE_UPSTREAMS];
	uint32_t *cost;
	struct sim_plan plan;
	uint64_t random;
};

/* `inside`: the second prefix is inside of the first. */
void plan_case_new(struct plan_case *c, uint64_t seed, size_t prefixes,
		   bool inside);
void plan_case_free(struct plan_case *c);
size_t plan_case_draw(struct plan_case *c, size_t below);

/* What a plan comes to, found plainly. */
struct plan_outcome {
	uint64_t load[CASE_SITES];
	uint64_t unreached, dropped;
	double hops; /* weight times ASes on the way */
	double cost;
	uint64_t served;
};
/* `announcements` by prefix, in place of the plan's. */
void plan_case_run(
    const struct plan_case *c,
    const struct sim_announcement (*announcements)[CASE_ANNOUNCEMENTS],
    struct plan_outcome *out);

#endif
