/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drains/list.h"

static void
release(struct drains_block *block)
{
	free((char *)block->what);
	free((char *)block->actions);
	free((char *)block->reason);
	free((char *)block->who);
}

static size_t
position(const struct drains *drains, const char *what)
{
	size_t i = 0;

	while (i < drains->n_blocks &&
	       strcmp(drains->blocks[i].what, what) != 0)
		i++;
	return i;
}

void
drains_put_block(struct drains *drains, const struct drains_block *block)
{
	size_t i = position(drains, block->what);
	struct drains_block added = *block;

	added.what = xstrdup(block->what);
	added.actions = xstrdup(block->actions ? block->actions : "");
	added.reason = xstrdup(block->reason);
	added.who = xstrdup(block->who);
	if (i == drains->n_blocks)
		drains->blocks = xrealloc(drains->blocks, ++drains->n_blocks,
					  sizeof(*drains->blocks));
	else
		release(&drains->blocks[i]);
	drains->blocks[i] = added;
}

int
drains_remove_block(struct drains *drains, const char *what)
{
	size_t i = position(drains, what);

	if (i == drains->n_blocks)
		return -ENOENT;
	release(&drains->blocks[i]);
	drains->n_blocks--;
	memmove(&drains->blocks[i], &drains->blocks[i + 1],
		(drains->n_blocks - i) * sizeof(*drains->blocks));
	return 0;
}

const struct drains_block *
drains_find_block(const struct drains *drains, const char *what)
{
	size_t i = position(drains, what);

	return i < drains->n_blocks ? &drains->blocks[i] : NULL;
}

size_t
drains_blocks(const struct drains *drains)
{
	return drains->n_blocks;
}

const struct drains_block *
drains_block_at(const struct drains *drains, size_t i)
{
	return &drains->blocks[i];
}

void
drains_free_blocks(struct drains *drains)
{
	for (size_t i = 0; i < drains->n_blocks; i++)
		release(&drains->blocks[i]);
	free(drains->blocks);
}
