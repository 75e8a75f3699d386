/* SPDX-License-Identifier: ISC */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define BLOCK_SIZE 16384

struct arena_block {
	struct arena_block *next; /* owned */
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

static struct arena_block *
new_block(struct arena *a, size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct arena_block *b = xcalloc(1, sizeof(*b) + size);

	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t);
	size_t need = (size + align - 1) / align * align;
	struct arena_block *b = a->blocks;
	void *p;

	if (!b || b->size - b->used < need)
		b = new_block(a, need);
	p = b->data + b->used;
	b->used += need;
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_alloc(a, n), s, n);
}

void
arena_free(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
}
