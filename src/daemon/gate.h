/* SPDX-License-Identifier: ISC */
/*
 * The start gate of the node: what is waited for, once after a start, before
 * anything is announced. The part of avail/ that holds prefixes back is told
 * what is still missing.
 */
#ifndef BASIN_DAEMON_GATE_H
#define BASIN_DAEMON_GATE_H

#include "daemon/basin.h"

/* Closes it where the configuration says so; before the first decision. */
void gate_start(struct basin *b);
/* Something it may wait for has changed. */
void gate_look(struct basin *b);
/* What it waits for, for people: "BFD (transit-a)". False: it is open. */
bool gate_text(const struct basin *b, struct text *out);
/* When it opens all the same; MONO_NEVER: it is open. */
struct mono gate_limit(const struct basin *b);
void gate_free(struct basin *b);

#endif
