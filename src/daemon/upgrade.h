/* SPDX-License-Identifier: ISC */
/*
 * A hot upgrade: another basind, of the same or another version, takes over
 * sessions, sockets and state; neighbours and clients see nothing. The giving
 * side is upgrade.c with upgrade_core.c, the taking one upgrade_take.c.
 */
#ifndef BASIN_DAEMON_UPGRADE_H
#define BASIN_DAEMON_UPGRADE_H

#include "daemon/basin.h"

/* One is under way: orders that would not go over are refused. */
bool upgrade_busy(const struct basin *b);
void upgrade_free(struct basin *b);

/* ---- the taking side, steps of the start (start.c) ---- */

/*
 * Waits for the state, takes over and lets the sessions go on: b->bgp is
 * configured and b->avail stands afterwards. 0 or an exit code; then the other
 * process goes on.
 */
int upgrade_take(struct basin *b) __attribute__((warn_unused_result));
/* The other process is told why this one does not begin. */
void upgrade_refuse(struct basin *b, const char *why);
/*
 * After everything is configured that does not need what the other process
 * still has; `rest` is called when that is gone.
 */
void upgrade_finish(struct basin *b, void (*rest)(struct basin *b));
/* Each second: routes of programs that are announced no more go in the end. */
void upgrade_second(struct basin *b);
int upgrade_listen(struct basin *b, const struct ip *ip, uint16_t port);
int upgrade_open_control(struct basin *b) __attribute__((warn_unused_result));

#endif
