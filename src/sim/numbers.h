/* SPDX-License-Identifier: ISC */
/*
 * AS numbers to ranks, their places among all numbers: a hash table with open
 * addressing, as large as it will ever be from the beginning on.
 */
#ifndef BASIN_SIM_NUMBERS_H
#define BASIN_SIM_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

struct numbers {
	uint32_t *v; /* owned; once sorted, by rank */
	uint32_t n, max;
	struct numbers_slot *slots; /* owned */
	uint32_t shift;             /* 2^(64 - shift) slots */
	uint64_t factor;
};

struct numbers numbers_new(uint32_t max);
void numbers_free(struct numbers *n);
/* False when it would be one more than `max`. */
bool numbers_add(struct numbers *n, uint32_t asn);
/* After the last numbers_add(): makes ranks. */
void numbers_sort(struct numbers *n);
/* Of a number that was added. */
uint32_t numbers_rank(const struct numbers *n, uint32_t asn);

#endif
