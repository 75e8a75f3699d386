/* SPDX-License-Identifier: ISC */
/*
 * What stands (b->drains) made to hold: drains and attack mode in avail, a
 * drained node's sessions closed, an offline node's addresses gone.
 */
#ifndef BASIN_DAEMON_STANDING_H
#define BASIN_DAEMON_STANDING_H

#include "daemon/basin.h"

/* All of it, with a new generation of avail. */
void standing_apply_all(struct basin *b, struct mono now);
/* What now stands, or not any more, for one target. */
void standing_apply(struct basin *b, enum avail_target target,
		    const char *name);
void standing_apply_attack(struct basin *b, struct mono now);
/* A change of AVAIL_IS_DRAIN or AVAIL_IS_ATTACK. */
void standing_changed(struct basin *b, const struct avail_change *c);
/* "node", "service dns", "prefix 192.0.2.0/24", "node" for offline too. */
void standing_title(enum avail_target target, const char *name,
		    struct text *out);

#endif
