/* SPDX-License-Identifier: ISC */
/*
 * A file that gets its name only when all of it is on the disk: until then it
 * stands beside, and what had the name before stays as it was.
 */
#ifndef BASIN_BASE_OUTFILE_H
#define BASIN_BASE_OUTFILE_H

#include <stdio.h>

struct outfile {
	FILE *file;
	char *path;   /* owned; where links lead to */
	char *beside; /* owned; NULL: a device or a pipe, written in place */
};

/* 0 or -errno; then *out is for outfile_close(). */
int outfile_open(const char *path, struct outfile *out)
    __attribute__((warn_unused_result));
/*
 * With `error` 0 the file gets its name, else nothing is left of it. Returns
 * `error`, or -errno when it could not be completed.
 */
int outfile_close(struct outfile *f, int error)
    __attribute__((warn_unused_result));

#endif
