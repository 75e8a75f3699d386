/* SPDX-License-Identifier: ISC */
/*
 * Arithmetic on rows, LANE_VECTOR octets at once; a file that wants wider
 * registers defines that before. Comparisons give ones or zeros.
 */
#ifndef BASIN_SIM_LANES_ROWS_H
#define BASIN_SIM_LANES_ROWS_H

#include "sim/lanes.h"

#ifndef LANE_VECTOR
#define LANE_VECTOR 16
#endif

typedef uint8_t vector __attribute__((vector_size(LANE_VECTOR), __may_alias__));

#define PARTS        (LANES / LANE_VECTOR)
#define ROW(r)       ((vector *)(r)->v)
#define CONST_ROW(r) ((const vector *)(r)->v)

/* A row in registers. */
struct row {
	vector v[PARTS];
};

#define INLINE static inline __attribute__((always_inline))

INLINE void
load(struct row *to, const struct lane_row *from)
{
	for (unsigned p = 0; p < PARTS; p++)
		to->v[p] = CONST_ROW(from)[p];
}

INLINE void
store(struct lane_row *to, const struct row *from)
{
	for (unsigned p = 0; p < PARTS; p++)
		ROW(to)[p] = from->v[p];
}

INLINE void
fill(struct row *r, uint8_t octet)
{
	for (unsigned p = 0; p < PARTS; p++)
		r->v[p] = (vector){} + octet;
}

/* The better of both; equal ones: the first. Ones in *taken: the second. */
INLINE void
take(struct row *best, const struct row *offer, uint8_t tags, struct row *taken)
{
	for (unsigned p = 0; p < PARTS; p++) {
		vector m = (vector)((offer->v[p] | tags) < best->v[p]);

		best->v[p] = (offer->v[p] & m) | (best->v[p] & ~m);
		if (taken)
			taken->v[p] = m;
	}
}

/* Nothing is better than all ones: what is dropped becomes that. */
INLINE void
drop_tags(const struct lane_plan *plan, struct row *offer, unsigned tags)
{
	for (unsigned p = 0; p < PARTS; p++) {
		vector tag = offer->v[p] & plan->tags;

		for (uint8_t t = 0; t < LANE_TAGS; t++)
			if (tags >> t & 1)
				offer->v[p] |= (vector)(tag == t);
	}
}

INLINE void
extend(const struct lane_plan *plan, struct row *r, uint8_t learned)
{
	for (unsigned p = 0; p < PARTS; p++)
		r->v[p] = (r->v[p] | learned) + plan->step;
}

/* Where `r` has no route, `other`. */
INLINE void
fill_gaps(const struct lane_plan *plan, struct row *r, const struct row *other)
{
	for (unsigned p = 0; p < PARTS; p++) {
		vector m = (vector)(r->v[p] == plan->none);

		r->v[p] = (other->v[p] & m) | (r->v[p] & ~m);
	}
}

#endif
