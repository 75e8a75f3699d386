/* SPDX-License-Identifier: ISC */
#ifndef BASIN_DAEMON_STOP_H
#define BASIN_DAEMON_STOP_H

#include "daemon/basin.h"

/* HUP reloads; TERM and INT stop, a second one exits at once. */
void stop_watch_signals(struct basin *b);

#endif
