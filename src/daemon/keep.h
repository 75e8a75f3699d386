/* SPDX-License-Identifier: ISC */
/*
 * Changes of what operators said (b->drains): each is stored first, by a
 * thread of the pool, because a slow disk must not stop the loop; then it is
 * in force and whoever asked is told. One after the other, in order.
 */
#ifndef BASIN_DAEMON_KEEP_H
#define BASIN_DAEMON_KEEP_H

#include "daemon/basin.h"

/*
 * Makes the change in `next`, a copy of what is in force by then. 0, or -errno:
 * nothing is stored.
 */
typedef int keep_change(struct drains *next, void *arg);
/*
 * Later on the loop: 0, stored and in force, or -errno: then it is in force
 * only as keep_fact() says.
 */
typedef void keep_done(struct basin *b, void *arg, int error);

struct keep *keep_new(struct basin *b);
/* With what waits: its done() is called with -ECANCELED. */
void keep_free(struct keep *keep);
/* Nothing is being stored, and nothing waits to be. */
bool keep_idle(const struct keep *keep);
void keep_queue(struct keep *keep, keep_change *change, keep_done *done,
		void *arg);
/*
 * For what has happened already, or must: in force also where it could not be
 * written, which done() is told as -errno. It is written with the next change.
 */
void keep_fact(struct keep *keep, keep_change *change, keep_done *done,
	       void *arg);
/*
 * Now and then: expiries stand in the file as wall clock. When that was set
 * they are written anew, so that a restart neither lengthens nor cuts them.
 */
void keep_clock(struct keep *keep, const struct drains_clock *now);

#endif
