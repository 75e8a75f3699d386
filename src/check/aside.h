/* SPDX-License-Identifier: ISC */
/*
 * Work beside the loop: a thread of its own for what may block without a
 * bound, such as a file on a network that is gone.
 */
#ifndef BASIN_CHECK_ASIDE_H
#define BASIN_CHECK_ASIDE_H

#include <stdbool.h>

struct aside;

/*
 * Runs work(job) in a thread, which must not touch anything else. NULL when
 * there are no resources: then the job stays the caller's. Else it is freed
 * with free_job() after aside_drop(), once the thread is done too. The
 * descriptor becomes readable when the work is done.
 */
struct aside *aside_start(void (*work)(void *job), void (*free_job)(void *job),
			  void *job);
int aside_fd(const struct aside *a);
/* The job once it is done, NULL before. Borrowed until aside_drop(). */
void *aside_done(const struct aside *a);
void aside_drop(struct aside *a);

#endif
