/* SPDX-License-Identifier: ISC */
/* Checks by id; ids are small numbers. */
#ifndef BASIN_CHECK_IDTABLE_H
#define BASIN_CHECK_IDTABLE_H

#include <stddef.h>

struct check;

struct idtable {
	struct check **v; /* owned array; the checks are the user's */
	size_t cap;
	size_t n; /* not NULL */
};

/* NULL when there is none. */
static inline struct check *
idtable_get(const struct idtable *t, size_t id)
{
	return id < t->cap ? t->v[id] : NULL;
}

/* The place must be free. */
void idtable_put(struct idtable *t, size_t id, struct check *check);
/* Takes it out; NULL when there is none. */
struct check *idtable_take(struct idtable *t, size_t id);
void idtable_free(struct idtable *t);

#endif
