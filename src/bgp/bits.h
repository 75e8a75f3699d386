/* SPDX-License-Identifier: ISC */
/*
 * Sets of prefix numbers of one configuration: a bit each, so that "how many
 * wait" is asked of 100,000 prefixes without touching them.
 */
#ifndef BASIN_BGP_BITS_H
#define BASIN_BGP_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Octets of a set over `n` numbers; bits beyond them stay clear. */
static inline size_t
bits_octets(size_t n)
{
	return n / 8 + 1;
}

/* The empty set; free() it. */
static inline uint8_t *
bits_new(size_t n)
{
	return xcalloc(bits_octets(n), 1);
}

static inline bool
bits_has(const uint8_t *bits, size_t id)
{
	return bits[id / 8] >> (id % 8) & 1;
}

static inline void
bits_put(uint8_t *bits, size_t id, bool on)
{
	uint8_t bit = (uint8_t)(1 << (id % 8));

	if (on)
		bits[id / 8] |= bit;
	else
		bits[id / 8] &= (uint8_t)~bit;
}

#endif
