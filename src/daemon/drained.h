/* SPDX-License-Identifier: ISC */
#ifndef BASIN_DAEMON_DRAINED_H
#define BASIN_DAEMON_DRAINED_H

#include "daemon/basin.h"

/* Has a drain of the target come to its end: nothing is announced for it? */
bool drained_has(const struct basin *b, enum avail_target target, size_t id);

#endif
