/* SPDX-License-Identifier: ISC */
/* The two listening control sockets. */
#ifndef BASIN_CTL_LISTEN_H
#define BASIN_CTL_LISTEN_H

#include "ctl/internal.h"

/* gid (gid_t)-1: unchanged. 0 or -errno, logged. */
int listen_open(struct listener *listener, const char *path, mode_t mode,
		gid_t gid) __attribute__((warn_unused_result));
/* Takes the connection that was left for this turn; false when none was. */
bool listen_turn(struct listener *listener);
/* Closes, and removes the socket file. */
/* The same with a socket that listens already, taken over. */
int listen_adopt(struct listener *listener, const char *path, int fd)
    __attribute__((warn_unused_result));
/* Borrowed; -1 while closed. */
int listen_descriptor(const struct listener *listener);
void listen_close(struct listener *listener);

#endif
