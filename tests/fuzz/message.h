/* SPDX-License-Identifier: ISC */
/*
 * A message around a body, without an allocation for each input: it ends where
 * its array ends, so that ASan sees the first octet read behind it.
 */
#ifndef BASIN_TESTS_FUZZ_MESSAGE_H
#define BASIN_TESTS_FUZZ_MESSAGE_H

#include <string.h>

#include "wire/bgp.h"

#define FUZZ_BODY_MAX (BGP_MESSAGE_MAX - BGP_HEADER_LEN)

struct fuzz_message {
	uint8_t octets[BGP_MESSAGE_MAX];
};

/* Header and n octets of body, at most FUZZ_BODY_MAX. */
static inline const uint8_t *
fuzz_message(struct fuzz_message *m, const uint8_t *body, size_t n)
{
	uint8_t *at = m->octets + FUZZ_BODY_MAX - n;

	memset(at, 0xff, BGP_HEADER_LEN);
	if (n > 0)
		memcpy(at + BGP_HEADER_LEN, body, n);
	return at;
}

#endif
