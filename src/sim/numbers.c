/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <sys/random.h>

#include "base/text.h"
#include "sim/numbers.h"

struct numbers_slot {
	uint32_t asn;
	uint32_t rank_plus_one; /* 0: empty */
};

/* Drawn, so that nobody can write a file whose numbers all collide. */
static uint64_t
draw_factor(void)
{
	uint64_t factor;

	if (getrandom(&factor, sizeof(factor), GRND_NONBLOCK) != sizeof(factor))
		factor = UINT64_C(0x9e3779b97f4a7c15);
	return factor | 1;
}

struct numbers
numbers_new(uint32_t max)
{
	struct numbers n = {.max = max, .shift = 63, .factor = draw_factor()};

	while (UINT64_C(1) << (64 - n.shift) < 2 * (uint64_t)max)
		n.shift--;
	n.slots = xcalloc((size_t)1 << (64 - n.shift), sizeof(n.slots[0]));
	n.v = xcalloc((size_t)max + 1, sizeof(n.v[0]));
	return n;
}

void
numbers_free(struct numbers *n)
{
	free(n->slots);
	free(n->v);
}

/* Its place, or the empty one where it belongs. */
static struct numbers_slot *
slot(const struct numbers *n, uint32_t asn)
{
	size_t mask = ((size_t)1 << (64 - n->shift)) - 1;
	size_t at = asn * n->factor >> n->shift;

	while (n->slots[at].rank_plus_one && n->slots[at].asn != asn)
		at = (at + 1) & mask;
	return &n->slots[at];
}

bool
numbers_add(struct numbers *n, uint32_t asn)
{
	struct numbers_slot *s = slot(n, asn);

	if (s->rank_plus_one)
		return true;
	if (n->n == n->max)
		return false;
	n->v[n->n++] = asn;
	*s = (struct numbers_slot){asn, n->n};
	return true;
}

static int
by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
numbers_sort(struct numbers *n)
{
	qsort(n->v, n->n, sizeof(n->v[0]), by_value);
	for (uint32_t rank = 0; rank < n->n; rank++)
		slot(n, n->v[rank])->rank_plus_one = rank + 1;
}

uint32_t
numbers_rank(const struct numbers *n, uint32_t asn)
{
	return slot(n, asn)->rank_plus_one - 1;
}
