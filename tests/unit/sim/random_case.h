/* SPDX-License-Identifier: ISC */
/*
 * Small random Internets with announcements, by a number: the same number is
 * the same case on every machine.
 */
#ifndef BASIN_TESTS_UNIT_SIM_RANDOM_CASE_H
#define BASIN_TESTS_UNIT_SIM_RANDOM_CASE_H

#include "reference.h"

#define RANDOM_ASES          40
#define RANDOM_LINKS         (RANDOM_ASES * (RANDOM_ASES - 1) / 2)
#define RANDOM_ANNOUNCEMENTS 12

struct random_case {
	uint64_t seed;
	enum sim_preference preference;
	struct reference_link links[RANDOM_LINKS];
	size_t n_links;
	struct reference_announcement announcements[RANDOM_ANNOUNCEMENTS];
	size_t n_announcements;
	uint32_t rov[RANDOM_ASES];
	size_t n_rov;
};

void random_case(uint64_t seed, struct random_case *c);
/* The links as a relationship file. */
void random_case_graph(const struct random_case *c, struct text *out);
/* All of it, for a person: the graph, then what is announced. */
void random_case_text(const struct random_case *c, struct text *out);
/*
 * Takes away what is not needed for `fails` to be true; it is true at the
 * beginning and at the end.
 */
void random_case_shrink(struct random_case *c,
			bool (*fails)(const struct random_case *c));

/* ---- the same in the words of sim.h: random_sim.c ---- */

/* The graph, and who validates; both are the caller's. */
void random_case_open(const struct random_case *c, struct sim_graph **g,
		      struct sim_set *rov);
/* Borrows the tail of `a`; writes all of its exports into `exports`. */
struct sim_announcement
random_case_announcement(const struct sim_graph *g,
			 const struct reference_announcement *a,
			 struct sim_export *exports);

#endif
