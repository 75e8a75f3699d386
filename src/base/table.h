/* SPDX-License-Identifier: ISC */
/*
 * uthash with a hash function that every compiler takes without a warning
 * (its own falls through switch labels, which clang wants annotated), and
 * that ends the process on exhaustion like the rest of base/.
 */
#ifndef BASIN_BASE_TABLE_H
#define BASIN_BASE_TABLE_H

#include "base/text.h"

static inline unsigned
table_hash(const void *octets, size_t n)
{
	uint64_t h = hash_bytes(HASH_SEED, octets, n);

	/* The low bits choose the bucket: fold the better ones into them. */
	return (unsigned)(h ^ h >> 32);
}

#define HASH_FUNCTION(keyptr, keylen, hashv)                                   \
	((hashv) = table_hash(keyptr, keylen))

#include <uthash.h>

#endif
