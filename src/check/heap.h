/* SPDX-License-Identifier: ISC */
/* Checks ordered by when they must be looked at: a binary heap. */
#ifndef BASIN_CHECK_HEAP_H
#define BASIN_CHECK_HEAP_H

#include <stddef.h>

struct check;

struct heap {
	struct check **v; /* owned array of borrowed checks */
	size_t n, cap;
};

void heap_add(struct heap *h, struct check *check);
void heap_remove(struct heap *h, struct check *check);
/* After the check's wake time changed. */
void heap_moved(struct heap *h, struct check *check);
/* The earliest, or NULL. */
struct check *heap_first(const struct heap *h);
void heap_free(struct heap *h);

#endif
