/* SPDX-License-Identifier: ISC */
/* What the control socket, HTTP and `monitor` can ask. */
#ifndef BASIN_DAEMON_COMMANDS_H
#define BASIN_DAEMON_COMMANDS_H

#include "ctl/ctl.h"
#include "daemon/events.h"

extern const struct ctl_command basin_commands[]; /* ends with name NULL */
extern const struct ctl_page basin_pages[];       /* ends with path NULL */

/* One event as a line of `monitor` (a new reference). */
json_t *commands_event(const struct event *event);

#endif
