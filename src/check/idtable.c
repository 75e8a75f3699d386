/* SPDX-License-Identifier: ISC */
#include "check/idtable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void
idtable_put(struct idtable *t, size_t id, struct check *check)
{
	size_t cap = t->cap;

	if (id >= cap) {
		t->cap = id + 1 > cap * 2 ? id + 1 : cap * 2;
		t->v = xrealloc(t->v, t->cap, sizeof(struct check *));
		memset(t->v + cap, 0, (t->cap - cap) * sizeof(struct check *));
	}
	assert(!t->v[id]);
	t->v[id] = check;
	t->n++;
}

struct check *
idtable_take(struct idtable *t, size_t id)
{
	struct check *check = idtable_get(t, id);

	if (check) {
		t->v[id] = NULL;
		t->n--;
	}
	return check;
}

void
idtable_free(struct idtable *t)
{
	free(t->v);
	*t = (struct idtable){0};
}
