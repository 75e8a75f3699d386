/* SPDX-License-Identifier: ISC */
/* What the files of drains/ share and nobody else sees. */
#ifndef BASIN_DRAINS_LIST_H
#define BASIN_DRAINS_LIST_H

#include "drains/drains.h"

struct drains {
	char *path;      /* owned */
	struct drain *v; /* owned */
	size_t n;
	struct drains_block *blocks; /* owned */
	size_t n_blocks;
	bool attacked;
	struct drains_attack attack;
};

void drains_free_blocks(struct drains *drains);

/* Fills an empty list from its file. 0, or -errno with a message. */
int file_load(struct drains *drains, const struct drains_clock *clock,
	      struct text *error) __attribute__((warn_unused_result));

#endif
