/* SPDX-License-Identifier: ISC */
/* The sessions and addresses of a node that is out of service. */
#ifndef BASIN_DAEMON_LEAVE_H
#define BASIN_DAEMON_LEAVE_H

#include "daemon/basin.h"

struct leave *leave_new(struct basin *b);
void leave_free(struct leave *leave);
/* Looks again: the node may have drained, or be back. */
void leave_configure(struct basin *b);
/* Are the sessions closed because the node has drained? */
bool leave_closed(const struct basin *b);

#endif
