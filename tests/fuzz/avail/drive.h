/* SPDX-License-Identifier: ISC */
/*
 * Drives the engine and its model with the same configuration and events,
 * made from a source of octets, and compares every view after each of them.
 */
#ifndef BASIN_TESTS_AVAIL_DRIVE_H
#define BASIN_TESTS_AVAIL_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets given; behind their end a sequence made from `seed`, or the end. */
struct source {
	const uint8_t *octets; /* borrowed */
	size_t n;
	uint64_t seed;
};

/*
 * One random configuration, up to `events` events. Aborts with a message on
 * the first difference.
 */
void drive(struct source *source, unsigned events);

#endif
