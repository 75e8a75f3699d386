/* SPDX-License-Identifier: ISC */
/*
 * Which of several paths to one prefix is best, pure (RFC 4271 section
 * 9.1.2.2). Interior costs are not known: only paths whose next hop is
 * reachable count, all of them alike.
 */
#ifndef BASIN_BGP_BEST_H
#define BASIN_BGP_BEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"

/* Where the order of two paths was decided; text: of the better one. */
#define BEST_STEPS(X)                                                          \
	X(CHOSEN, "it is the best path")                                       \
	X(EQUAL, "it is as good as the best path (ecmp)")                      \
	X(REACHABLE, "its next hop is not reachable")                          \
	X(INSTALL, "another one is to be installed in the kernel")             \
	X(LOCAL_PREF, "another one has a higher LOCAL_PREF")                   \
	X(PATH_LENGTH, "another one has a shorter AS_PATH")                    \
	X(ORIGIN, "another one has a lower ORIGIN")                            \
	X(MED, "another one of that AS has a lower MULTI_EXIT_DISC")           \
	X(EXTERNAL, "another one is learned from an external peer")            \
	X(ROUTER_ID, "another one is from a lower BGP Identifier")             \
	X(ADDRESS, "another one is from a lower peer address")

enum best_step {
#define X(n, text) BEST_##n,
	BEST_STEPS(X)
#undef X
};
const char *best_step_text(enum best_step step);

/* A neighbour, as far as it matters here. */
struct best_source {
	bool install;  /* its routes shall be in the kernel */
	bool external; /* eBGP */
	uint32_t router_id;
	struct ip address;
};

/* What is compared of a path. */
struct best_key {
	const struct best_source *source; /* borrowed */
	const bool *reachable;            /* borrowed; of the next hop */
	bool blackhole;                   /* needs no next hop */
	uint8_t origin;
	uint16_t path_length;
	uint32_t local_pref;
	bool has_neighbour;
	uint32_t neighbour; /* first AS of the path: MEDs are its */
	uint32_t med;
};

bool best_usable(const struct best_key *key);
/*
 * All steps before MULTI_EXIT_DISC: < 0 when `a` is better, > 0 when `b` is,
 * 0 when they are equal so far. *step: where it was decided.
 */
int best_compare_before(const struct best_key *a, const struct best_key *b,
			enum best_step *step);
/* `a` is removed because of `b` in step c). */
bool best_med_loses(const struct best_key *a, const struct best_key *b);
/* Steps d) to e): 0: both may be used at once. */
int best_compare_equal(const struct best_key *a, const struct best_key *b,
		       enum best_step *step);
/* Steps f) and g). */
int best_compare_last(const struct best_key *a, const struct best_key *b,
		      enum best_step *step);

#endif
