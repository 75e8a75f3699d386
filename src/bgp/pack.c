/* SPDX-License-Identifier: ISC */
#include "bgp/pack.h"

#include <string.h>

#define ARRAYS 4

/* An array in the struct, in ascending order of `at`; `used` octets count. */
struct array {
	size_t at, size, used;
};

static size_t
at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static void
find_arrays(const struct bgp_attributes *a, struct array out[static ARRAYS])
{
	const struct array arrays[ARRAYS] = {
	    {offsetof(struct bgp_attributes, as_path), sizeof(a->as_path),
	     at_most(a->n_as_path, BGP_AS_PATH_MAX) * sizeof(a->as_path[0])},
	    {offsetof(struct bgp_attributes, communities),
	     sizeof(a->communities),
	     a->n_communities * sizeof(a->communities[0])},
	    {offsetof(struct bgp_attributes, ext_communities),
	     sizeof(a->ext_communities),
	     a->n_ext_communities * sizeof(a->ext_communities[0])},
	    {offsetof(struct bgp_attributes, large_communities),
	     sizeof(a->large_communities),
	     a->n_large_communities * sizeof(a->large_communities[0])},
	};

	memcpy(out, arrays, sizeof(arrays));
}

/* The fields outside of the arrays first, so that their counts come first. */
static size_t
fixed_size(const struct array arrays[static ARRAYS])
{
	size_t n = sizeof(struct bgp_attributes);

	for (size_t i = 0; i < ARRAYS; i++)
		n -= arrays[i].size;
	return n;
}

size_t
pack_size(const struct bgp_attributes *a)
{
	struct array arrays[ARRAYS];
	size_t n;

	find_arrays(a, arrays);
	n = fixed_size(arrays);
	for (size_t i = 0; i < ARRAYS; i++)
		n += arrays[i].used;
	return n;
}

/* Calls of memcpy() for what lies between the arrays, in either direction. */
static uint8_t *
each_gap(const struct array arrays[static ARRAYS], uint8_t *whole,
	 uint8_t *packed, bool open)
{
	size_t from = 0;

	for (size_t i = 0; i <= ARRAYS; i++) {
		size_t to =
		    i < ARRAYS ? arrays[i].at : sizeof(struct bgp_attributes);

		if (open)
			memcpy(whole + from, packed, to - from);
		else
			memcpy(packed, whole + from, to - from);
		packed += to - from;
		from = i < ARRAYS ? to + arrays[i].size : to;
	}
	return packed;
}

void
pack_attributes(const struct bgp_attributes *a, uint8_t *out)
{
	struct bgp_attributes copy = *a;
	struct array arrays[ARRAYS];

	find_arrays(a, arrays);
	out = each_gap(arrays, (uint8_t *)&copy, out, false);
	for (size_t i = 0; i < ARRAYS; i++) {
		memcpy(out, (const uint8_t *)a + arrays[i].at, arrays[i].used);
		out += arrays[i].used;
	}
}

void
pack_open(const uint8_t *packed, struct bgp_attributes *out)
{
	struct array arrays[ARRAYS];
	uint8_t *whole = (uint8_t *)out;

	memset(out, 0, sizeof(*out));
	find_arrays(out, arrays); /* only where they are */
	packed = each_gap(arrays, whole, (uint8_t *)(uintptr_t)packed, true);
	find_arrays(out, arrays);
	for (size_t i = 0; i < ARRAYS; i++) {
		memcpy(whole + arrays[i].at, packed, arrays[i].used);
		packed += arrays[i].used;
	}
}
