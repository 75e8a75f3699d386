/* SPDX-License-Identifier: ISC */
/* Services whose addresses are joined on a link while they are up. */
#ifndef BASIN_DAEMON_ON_LINK_H
#define BASIN_DAEMON_ON_LINK_H

#include "daemon/basin.h"

/* After every decision. */
void on_link_decide(struct basin *b);

#endif
