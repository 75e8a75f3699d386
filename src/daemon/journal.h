/* SPDX-License-Identifier: ISC */
/*
 * The persisted journal: lines are collected on the loop and written once a
 * second by a thread of libuv's pool. A disk that does not take them raises an
 * alarm; deciding goes on without.
 */
#ifndef BASIN_DAEMON_JOURNAL_H
#define BASIN_DAEMON_JOURNAL_H

#include "daemon/basin.h"

/* b->conf and b->avail are new as of `now`: at the start and at a reload. */
void journal_configure(struct basin *b, struct mono now);
/* A prefix changed. */
void journal_decided(struct basin *b, const struct avail_change *c);
/* Once a second. */
void journal_second(struct basin *b);
/* Before the loop's end: waits for the thread, a second at most. */
void journal_wait(struct basin *b);
/* Writes what is left; the loop has ended. */
void journal_free(struct basin *b);

#endif
