/* SPDX-License-Identifier: ISC */
#include "journal/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"

struct named {
	UT_hash_handle hh;
	size_t id;
};

struct names {
	struct named *table, *v; /* v is owned */
};

struct names *
names_new(const void *first, size_t stride, size_t n)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->v = xcalloc(n ? n : 1, sizeof(*names->v));
	for (size_t i = 0; i < n; i++) {
		struct named *there;
		const char *name;

		memcpy(&name, (const char *)first + i * stride, sizeof(name));

		HASH_FIND_STR(names->table, name, there);
		if (there)
			continue;
		names->v[i].id = i;
		HASH_ADD_KEYPTR(hh, names->table, name, strlen(name),
				&names->v[i]);
	}
	return names;
}

size_t
names_find(const struct names *names, const char *name)
{
	struct named *there;

	HASH_FIND_STR(names->table, name, there);
	return there ? there->id : SIZE_MAX;
}

void
names_free(struct names *names)
{
	if (!names)
		return;
	HASH_CLEAR(hh, names->table);
	free(names->v);
	free(names);
}
