/* SPDX-License-Identifier: ISC */
#include "bgp/index.h"

#include <stdlib.h>

#include "base/text.h"

static size_t
slot_of(const struct index *x, const struct prefix *prefix)
{
	uint64_t h = hash_bytes(HASH_SEED, prefix, sizeof(*prefix));

	return (size_t)(h ^ h >> 32) & x->mask;
}

/* The slot that holds the prefix, or the free one where it belongs. */
static size_t
probe(const struct index *x, const struct prefix *prefix)
{
	size_t i = slot_of(x, prefix);

	while (
	    x->slots[i] &&
	    !prefix_equal(&x->conf->prefixes[x->slots[i] - 1].prefix, prefix))
		i = (i + 1) & x->mask;
	return i;
}

void
index_build(struct index *x, const struct conf *conf)
{
	size_t size = 8;

	while (size < conf->n_prefixes * 2)
		size *= 2;
	x->conf = conf;
	x->slots = xcalloc(size, sizeof(*x->slots));
	x->mask = size - 1;
	for (size_t id = 0; id < conf->n_prefixes; id++)
		x->slots[probe(x, &conf->prefixes[id].prefix)] =
		    (uint32_t)id + 1;
}

void
index_free(struct index *x)
{
	free(x->slots);
	*x = (struct index){0};
}

uint32_t
index_find(const struct index *x, const struct prefix *prefix)
{
	if (!x->slots)
		return INDEX_NONE;
	return x->slots[probe(x, prefix)] - 1;
}
