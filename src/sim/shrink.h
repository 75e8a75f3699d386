/* SPDX-License-Identifier: ISC */
/*
 * A plan on a smaller graph. ASes that nobody's routes hang on (no customers,
 * no peers, named by no announcement), with the same providers, choose alike:
 * one carries the weight of all, and where that is nothing there is none.
 * Whatever is announced, loads, what is unreached and the ways, all by weight,
 * are those of the whole graph; single ASes are not to be asked for.
 */
#ifndef BASIN_SIM_SHRINK_H
#define BASIN_SIM_SHRINK_H

#include "sim/sim.h"

struct shrunk {
	struct sim_plan plan; /* owns nothing but what is named below */
	struct sim_graph *g;
	struct sim_policy policy;
	struct sim_set rov;
	struct sim_plan_prefix *prefixes;
	/* By prefix. */
	struct sim_announcement **announcements;
	struct sim_export **exports; /* of all announcements of a prefix */
	struct sim_weights *weights;
};

/*
 * Borrows what `plan` points to. False when an announcement is about an AS
 * that is none: then *out is `plan` itself, for sim_run() to refuse.
 */
bool shrink_new(const struct sim_plan *plan, struct shrunk *out);
void shrink_free(struct shrunk *s);

#endif
