/* SPDX-License-Identifier: ISC */
/* Reports of applications to push checks. */
#ifndef BASIN_DAEMON_PUSH_H
#define BASIN_DAEMON_PUSH_H

#include "ctl/ctl.h"

void push_run(void *root, const struct ctl_caller *caller,
	      const json_t *arguments, struct ctl_reply *reply);

/* All there is on the push socket. */
extern const struct ctl_command push_commands[];

#endif
