/* SPDX-License-Identifier: ISC */
/* Looks at a file and judges it. Blocks as long as the file system does. */
#ifndef BASIN_CHECK_FILE_JUDGE_H
#define BASIN_CHECK_FILE_JUDGE_H

#include "check/judgement.h"

/*
 * How old the file was at the last run. Its time is by the wall clock, which
 * may be set: once seen, a file ages by the monotonic clock.
 */
struct file_age {
	bool known;
	struct wall written; /* the file's own word */
	struct dur age;
	struct mono at;   /* of that run */
	struct dur ahead; /* wall clock, of the monotonic one, then */
};

/* The age now of what says that it was written then; kept in *seen. */
struct dur file_age(struct file_age *seen, struct wall written, struct wall now,
		    struct mono mono);

void file_judge(const struct conf_file *conf, struct file_age *seen,
		struct wall now, struct mono mono, struct judgement *out);

#endif
