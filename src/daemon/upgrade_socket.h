/* SPDX-License-Identifier: ISC */
/*
 * The records of listening sockets. They are read, and compared with what the
 * kernel says of their descriptors, before the commit of a hot upgrade: behind
 * it nobody could go on without them.
 */
#ifndef BASIN_DAEMON_UPGRADE_SOCKET_H
#define BASIN_DAEMON_UPGRADE_SOCKET_H

#include <sys/un.h>

#include "base/ip.h"
#include "ctl/ctl.h"
#include "daemon/upgrade_wire.h"

struct upgrade_socket {
	/* Of UPGRADE_PART_LISTENER. */
	struct ip ip;
	uint16_t port;
	/* Of UPGRADE_PART_CONTROL; no path: HTTP. */
	enum ctl_socket kind;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* The octets of a record, or 0: `size` has no room for them. */
size_t upgrade_socket_write(const struct upgrade_socket *s,
			    enum upgrade_part part, void *buf, size_t size);
/* 0, or -EBADMSG: malformed, or `fd` is no such socket. */
int upgrade_socket_read(const void *octets, size_t n, enum upgrade_part part,
			int fd, struct upgrade_socket *out)
    __attribute__((warn_unused_result));

#endif
