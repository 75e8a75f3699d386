/* SPDX-License-Identifier: ISC */
#ifndef BASIN_SIM_INFLATE_BLOCKS_H
#define BASIN_SIM_INFLATE_BLOCKS_H

#include "base/text.h"

/*
 * Decompresses a bzip2 stream of several blocks on all processors and appends
 * it to *out. False: not done, and nothing is said: the stream is small, has
 * something unusual, is damaged or has more than `max` octets. One that reads
 * it from the beginning to the end can say which.
 */
bool inflate_blocks(const char *in, size_t n, size_t max, struct text *out);

#endif
