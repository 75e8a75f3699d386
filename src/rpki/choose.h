/* SPDX-License-Identifier: ISC */
/*
 * Which caches run, and whose data count (RFC 8210 section 10). Pure.
 */
#ifndef BASIN_RPKI_CHOOSE_H
#define BASIN_RPKI_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choose_cache {
	uint8_t preference; /* lower is better */
	bool synchronised;  /* now */
	bool failed;        /* an error since, or silent for too long */
	bool has_data;      /* of now or of before, not expired */
	/* The answer. */
	bool run, use;
};

/* Fills in the answers of all. */
void choose(struct choose_cache *v, size_t n);

#endif
