/* SPDX-License-Identifier: ISC */
/*
 * Did an earlier life of this node end without saying goodbye? A file in the
 * state directory says so: there while basind runs, gone when it stopped in
 * order. It tells the speaker what its OPENs may claim (RFC 4724 section 4.1).
 */
#ifndef BASIN_DAEMON_RESTARTED_H
#define BASIN_DAEMON_RESTARTED_H

#include "daemon/basin.h"

/* At start, before the first session. */
void restarted_begin(struct basin *b);
/* In order: the next start is no restart. */
void restarted_end(struct basin *b);
/* After decisions: has every service been decided for the first time? */
void restarted_decided(struct basin *b);

#endif
