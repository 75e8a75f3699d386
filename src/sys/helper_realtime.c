/* SPDX-License-Identifier: ISC */
/* Real-time priority for a thread of the main process: packets of BFD. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "sys/helper_server.h"

/* The lowest there is: before everything usual, behind what was set up so. */
#define PRIORITY 1

int
helper_realtime_give(struct helper_server *sv, const struct helper_request *q)
{
	const struct sched_param p = {.sched_priority = PRIORITY};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%u", (int)getppid(),
		 q->thread);
	if (access(path, F_OK) != 0)
		return -ESRCH; /* it is not the main process's */
	return sched_setscheduler((pid_t)q->thread,
				  SCHED_RR | SCHED_RESET_ON_FORK, &p) == 0
		   ? 0
		   : -errno;
}
