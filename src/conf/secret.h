/* SPDX-License-Identifier: ISC */
/* Secrets that stand in files of their own: read, never shown. */
#ifndef BASIN_CONF_SECRET_H
#define BASIN_CONF_SECRET_H

#include <sys/types.h>

#include "conf/type.h"

/*
 * Octets of the file without white space at its end, or -errno; -EINVAL when
 * it is no regular file. The caller zeroes `out` when he is done.
 */
ssize_t secret_read(const char *path, uint8_t *out, size_t size, unsigned *mode)
    __attribute__((warn_unused_result));
/* Into the tree: the octets go to its vault. */
struct conf_key secret_keep(struct load *l, const char *path,
			    const uint8_t *octets, size_t n);
/* In the place of a key on another machine, which is not known. */
struct conf_key secret_elsewhere(struct load *l, const char *path);
bool secret_equal(const struct conf_key *a, const struct conf_key *b);

/*
 * struct conf_key: one line of 1 to `high` octets in a file that only its
 * owner and group may read.
 */
extern const struct option_type secret_type;

#endif
