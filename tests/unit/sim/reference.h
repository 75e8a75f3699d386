/* SPDX-License-Identifier: ISC */
/*
 * The simulator's judge: slow, and like the real thing. Each AS is an object
 * with an Adj-RIB-In of full AS paths per neighbour; it sends UPDATEs and
 * WITHDRAWs, which arrive in any order (a session's own in their order), until
 * nobody has anything to say any more. Written from docs/simulation.md; it
 * knows AS numbers only and nothing of the core but the words of sim/sim.h.
 */
#ifndef BASIN_TESTS_UNIT_SIM_REFERENCE_H
#define BASIN_TESTS_UNIT_SIM_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

/* What no AS takes any more, sent with the most of prepending. */
#define REFERENCE_PATH_MAX 300

struct reference_link {
	uint32_t a, b; /* AS numbers */
	bool peers;    /* else `a` is provider of `b` */
};

struct reference_export {
	uint32_t neighbour; /* AS number */
	unsigned prepend;
	bool deny;
};

/* As struct sim_announcement, but with AS numbers. */
struct reference_announcement {
	uint32_t at;
	enum sim_relation from;
	uint32_t site;
	uint32_t tail[8];
	size_t n_tail;
	bool down, invalid, no_export, nopeer, only;
	struct reference_export exports[8];
	size_t n_exports;
};

struct reference_route {
	bool there;
	size_t announcement;
	enum sim_relation relation; /* of who sent it */
	uint32_t neighbour;         /* who sent it; 0: the announcer itself */
	uint32_t path[REFERENCE_PATH_MAX]; /* the AS itself first */
	size_t length;
};

struct reference;

/* ROV: `rov` are the AS numbers that drop what is invalid. All is copied. */
struct reference *reference_new(const struct reference_link *links,
				size_t n_links, enum sim_preference preference,
				const uint32_t *rov, size_t n_rov);
void reference_free(struct reference *r);
/*
 * Announces and waits until all is quiet. `order` shuffles the delivery. False
 * when it does not become quiet. `announcements` are borrowed until the end.
 */
bool reference_run(struct reference *r,
		   const struct reference_announcement *announcements, size_t n,
		   uint64_t order);

size_t reference_count(const struct reference *r);
uint32_t reference_asn(const struct reference *r, size_t i);
/* The chosen route; valid until the next run. */
const struct reference_route *reference_best(const struct reference *r,
					     size_t i);
/* All that i could choose from, best first; returns how many. */
size_t reference_candidates(const struct reference *r, size_t i,
			    const struct reference_route **out, size_t room);
/* Equal up to the AS numbers. */
bool reference_tie(const struct reference *r, const struct reference_route *a,
		   const struct reference_route *b);

#endif
