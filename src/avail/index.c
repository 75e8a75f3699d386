/* SPDX-License-Identifier: ISC */
/* Objects by key, so that a reload finds them again in O(1) each. */
#include <stdlib.h>
#include <string.h>

#include "avail/state.h"
#include "base/text.h"

static struct object *
object_at(const struct avail *av, enum avail_object kind, size_t id)
{
	switch (kind) {
	case AVAIL_IS_CHECK:
		return &av->checks[id].o;
	case AVAIL_IS_SERVICE:
		return &av->services[id].o;
	default:
		return &av->prefixes[id].o;
	}
}

/* The slot that holds `key`, or the free one where it belongs. */
static size_t
slot_of(const struct avail *av, enum avail_object kind, const char *key)
{
	const struct index *index = &av->by_key[kind];
	size_t slot = hash_bytes(HASH_SEED, key, strlen(key)) & index->mask;

	while (index->slots[slot] != 0) {
		size_t id = index->slots[slot] - 1;

		if (strcmp(object_at(av, kind, id)->key, key) == 0)
			break;
		slot = (slot + 1) & index->mask;
	}
	return slot;
}

/* The first of two objects with the same key is the one found. */
static void
build(struct avail *av, enum avail_object kind, size_t n)
{
	struct index *index = &av->by_key[kind];
	size_t size = 4;

	while (size < n * 2)
		size *= 2;
	index->slots = xcalloc(size, sizeof(*index->slots));
	index->mask = size - 1;
	for (size_t id = 0; id < n; id++) {
		size_t slot = slot_of(av, kind, object_at(av, kind, id)->key);

		if (index->slots[slot] == 0)
			index->slots[slot] = (uint32_t)id + 1;
	}
}

void
avail_index_build(struct avail *av)
{
	build(av, AVAIL_IS_CHECK, av->n_checks);
	build(av, AVAIL_IS_SERVICE, av->n_services);
	build(av, AVAIL_IS_PREFIX, av->n_prefixes);
}

void
avail_index_free(struct avail *av)
{
	for (int kind = 0; kind <= AVAIL_IS_PREFIX; kind++)
		free(av->by_key[kind].slots);
}

struct object *
avail_index_find(const struct avail *av, enum avail_object kind,
		 const char *key)
{
	size_t slot = slot_of(av, kind, key);
	size_t entry = av->by_key[kind].slots[slot];

	return entry ? object_at(av, kind, entry - 1) : NULL;
}
