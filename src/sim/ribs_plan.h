/* SPDX-License-Identifier: ISC */
/*
 * What ribs.c writes, in which order. Rows go by AS, then by prefix, both as
 * text, while routes are found prefix by prefix for all ASes. So all prefixes
 * are propagated first, and of each AS only the next one is kept; then the
 * paths of a range of ASes are gathered over all prefixes and written, and the
 * next range is begun.
 *
 * Prefixes that the same ASes announce have the same paths: they are a group,
 * and propagated once.
 */
#ifndef BASIN_SIM_RIBS_PLAN_H
#define BASIN_SIM_RIBS_PLAN_H

#include "sim/ribs_hops.h"

struct ribs_prefix {
	char text[PREFIX_TEXT_MAX];
	size_t octets;  /* of text */
	uint32_t first; /* of its seeds */
	uint32_t n;
	uint32_t group;
};

/* The paths of one group, for a range of ASes. */
struct ribs_paths {
	struct text text; /* owned: "(1, 2)" after "(1, 2)" */
	uint32_t *end;    /* owned; in text, by the place in the range */
};

struct ribs_plan {
	struct ribs_prefix *prefixes; /* owned; as sorted text */
	uint32_t n_prefixes;
	/* By group; owned. */
	struct sim_announcement **announcements; /* owned */
	size_t *n_announcements;
	struct ribs_paths *paths;
	uint32_t n_groups;
	struct ribs_hops hops; /* owned */
	uint32_t *ids;         /* owned; of all ASes, by AS number as text */
	uint32_t n_ids;
	uint32_t range; /* ASes in one */
};

/* 0, or -errno with *messages. For ribs_plan_free() in any case. */
int ribs_plan(const struct sim_ribs *what, struct ribs_plan *out,
	      struct text *messages) __attribute__((warn_unused_result));
void ribs_plan_free(struct ribs_plan *p);

#endif
