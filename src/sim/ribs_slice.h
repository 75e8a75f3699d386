/* SPDX-License-Identifier: ISC */
/* Rows of some ASes as text, compressed where wanted. */
#ifndef BASIN_SIM_RIBS_SLICE_H
#define BASIN_SIM_RIBS_SLICE_H

#include "sim/ribs_plan.h"

/*
 * gzip in pieces that threads make side by side (RFC 1951, RFC 1952): each is
 * deflated alone and ends at an octet; together they are one member.
 */
struct ribs_slice {
	struct text out; /* owned */
	uint32_t crc;    /* of the rows before compression */
	uint32_t octets; /* so many, modulo 2^32 */
};

/* What is appended to a slice by one thread at a time. */
struct ribs_press;

struct ribs_press *ribs_press_new(bool gzip);
void ribs_press_free(struct ribs_press *p);
/* Fills `out` with the rows of n ASes from place `first` of a range on. */
void ribs_slice(struct ribs_press *press, const struct ribs_plan *plan,
		const uint32_t *ids, const struct sim_graph *g, uint32_t first,
		uint32_t n, struct ribs_slice *out);
/* The same for any text. */
void ribs_slice_text(struct ribs_press *press, const char *text, size_t n,
		     struct ribs_slice *out);
/* What stands before and behind the slices of a gzip file. */
void ribs_slice_head(struct text *out);
void ribs_slice_end(const struct ribs_slice *all, struct text *out);
/* Counts `next`, which is written behind `all`. */
void ribs_slice_count(struct ribs_slice *all, const struct ribs_slice *next);

#endif
