/* SPDX-License-Identifier: ISC */
/* One process, held by pidfd: its number cannot come to mean another one. */
#ifndef BASIN_SYS_PIDFD_H
#define BASIN_SYS_PIDFD_H

#include <sys/types.h>
#include <uv.h>

struct pidfd;
typedef void pidfd_ended(void *arg, struct pidfd *p);
/*
 * NULL with *error -ESRCH when there is no such process, or it awaits burial;
 * -EMFILE, -ENOSYS and the like when it cannot be held.
 */
struct pidfd *pidfd_hold(uv_loop_t *loop, pid_t pid, pidfd_ended *ended,
			 void *arg, int *error);
/* Also in `ended`. The memory goes when the loop turns once more. */
void pidfd_drop(struct pidfd *p);
pid_t pidfd_pid(const struct pidfd *p);

#endif
