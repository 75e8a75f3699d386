/* SPDX-License-Identifier: ISC */
/* The responder that names this node: its life in the daemon. */
#ifndef BASIN_DAEMON_IDENTIFY_H
#define BASIN_DAEMON_IDENTIFY_H

#include "daemon/basin.h"

/* At the start and at a reload: b->conf is new. */
void identify_configure(struct basin *b);
/* Once a second. */
void identify_second(struct basin *b);
/* Before the loop's end. */
void identify_free(struct basin *b);

#endif
