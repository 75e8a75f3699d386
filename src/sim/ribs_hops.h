/* SPDX-License-Identifier: ISC */
/*
 * The next AS of every AS for every group of prefixes, which is all that is
 * needed to write paths later: three octets each. In memory, or in a temporary
 * file that is mapped when they are too many.
 */
#ifndef BASIN_SIM_RIBS_HOPS_H
#define BASIN_SIM_RIBS_HOPS_H

#include "sim/sim.h"

struct ribs_hops {
	uint8_t *v; /* owned */
	size_t octets;
	uint32_t n; /* ASes */
	bool mapped;
};

/*
 * Room for `groups` of them, in memory up to `memory` octets, beyond in a file
 * in `folder`. -errno with *messages when there is no room.
 */
int ribs_hops_new(const struct sim_graph *g, uint32_t groups, size_t memory,
		  const char *folder, struct ribs_hops *out,
		  struct text *messages) __attribute__((warn_unused_result));
void ribs_hops_free(struct ribs_hops *h);
/* Several threads may do that, each with its own group. */
void ribs_hops_set(struct ribs_hops *h, uint32_t group,
		   const struct sim_graph *g, const struct sim_result *r);
/* As sim_path(), for announcements from ORIGIN without a tail. */
size_t ribs_hops_path(const struct ribs_hops *h, uint32_t group,
		      const struct sim_graph *g, uint32_t id, uint32_t *path);

#endif
