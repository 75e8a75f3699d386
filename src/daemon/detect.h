/* SPDX-License-Identifier: ISC */
/*
 * BFD sessions of peers and checks: what is wanted goes to bfd/, what it says
 * to the BGP sessions, the checks and the start gate.
 */
#ifndef BASIN_DAEMON_DETECT_H
#define BASIN_DAEMON_DETECT_H

#include "bfd/bfd.h"
#include "daemon/basin.h"

void detect_start(struct basin *b);
/* The sessions b->conf wants; before its checks run. */
void detect_configure(struct basin *b);
/* Tells every peer how its session is; behind bgp_configure(). */
void detect_tell_peers(struct basin *b);
/* AdminDown everywhere, for a detection time and no longer than `limit`. */
void detect_leave(struct basin *b, struct dur limit);
/* `done` when that is over, which may be at once. */
void detect_wait(struct basin *b, void (*done)(void *arg));
/* Ends the thread; the loop must turn before detect_free(). */
void detect_close(struct basin *b);
void detect_free(struct basin *b);
/* Before detect_configure(), of an upgrade: the sessions that come go on. */
struct bfd *detect_take(struct basin *b);
/* Behind it: what is known of them without having been told. */
void detect_taken(struct basin *b);
/* NULL when they can be handed over, else why not (static text). */
const char *detect_stays(const struct basin *b);
struct bfd *detect_bfd(const struct basin *b);

/* check_services.bfd */
void detect_check(void *arg, const struct conf_bfd_check *conf,
		  struct check_bfd *out);
/* The session of a peer; SIZE_MAX when it has none. */
size_t detect_of_peer(const struct basin *b, const char *peer);
/* Sessions of peers that were not up since the start; NULL *which: none. */
size_t detect_missing(const struct basin *b, const char **which);

#endif
