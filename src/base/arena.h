/* SPDX-License-Identifier: ISC */
/*
 * Memory that lives and dies together: one configuration generation is one
 * arena, freed at once.
 */
#ifndef BASIN_BASE_ARENA_H
#define BASIN_BASE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks; /* owned */
};

/* Zeroed, aligned for any type; aborts on exhaustion. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

#endif
