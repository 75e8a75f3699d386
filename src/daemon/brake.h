/* SPDX-License-Identifier: ISC */
/*
 * Brakes: what avail holds back is asked of the mesh, and its answer goes
 * back to avail. The mesh is told what this node does in the same turn.
 */
#ifndef BASIN_DAEMON_BRAKE_H
#define BASIN_DAEMON_BRAKE_H

#include "daemon/basin.h"

void brake_start(struct basin *b);
/* After the model was built; before the old configuration is freed. */
void brake_configure(struct basin *b);
/* The loop must turn once more behind it. */
void brake_free(struct basin *b);

/* A prefix has changed in avail. */
void brake_changed(struct basin *b, size_t prefix);
/* Something was sent to a peer, or its session ended. */
void brake_sent(struct basin *b);

/* NULL before brake_start(): for reading. */
struct mesh *brake_mesh(const struct basin *b);

#endif
