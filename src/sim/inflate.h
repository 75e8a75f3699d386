/* SPDX-License-Identifier: ISC */
/* Files, plain or compressed with bzip2 or gzip, which is seen by content. */
#ifndef BASIN_SIM_INFLATE_H
#define BASIN_SIM_INFLATE_H

#include "base/text.h"

struct notes;

/*
 * The content of `path`, decompressed, at most `max` octets; for free(). What
 * is wrong is an error in `notes`. 0 or -errno.
 */
int inflate_file(struct notes *notes, const char *path, size_t max,
		 struct text *out) __attribute__((warn_unused_result));
/*
 * The same for octets in memory. 1: they are not compressed, *out is as it
 * was.
 */
int inflate_octets(struct notes *notes, const char *in, size_t n, size_t max,
		   struct text *out) __attribute__((warn_unused_result));

#endif
