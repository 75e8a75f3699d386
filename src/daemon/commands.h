/* SPDX-License-Identifier: ISC */
/* What people and programs may ask the daemon: the tables for ctl/. */
#ifndef BASIN_DAEMON_COMMANDS_H
#define BASIN_DAEMON_COMMANDS_H

#include "ctl/ctl.h"
#include "daemon/events.h"

/* Their root is a struct basin. */
extern const struct ctl_command basin_commands[];
extern const struct ctl_page basin_pages[];

/* An event as `show events` and `monitor` tell it; a new reference. */
json_t *commands_event(const struct event *event);

#endif
