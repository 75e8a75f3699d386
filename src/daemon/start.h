/* SPDX-License-Identifier: ISC */
#ifndef BASIN_DAEMON_START_H
#define BASIN_DAEMON_START_H

#include "daemon/basin.h"

/*
 * Starts every part in the order of one list. 0, or an exit code (78:
 * configuration, 1: anything else); the failure has been logged.
 */
int start_all(struct basin *b) __attribute__((warn_unused_result));

#endif
