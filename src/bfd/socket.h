/* SPDX-License-Identifier: ISC */
/*
 * Sockets of BFD: packets go out from one socket a session, whose source port
 * stays (RFC 5881 section 4), and come in at one for each family and port.
 */
#ifndef BASIN_BFD_SOCKET_H
#define BASIN_BFD_SOCKET_H

#include <sys/types.h>

#include "bfd/table.h"

/* Of each family, single hop and multihop. */
#define SOCKET_RECEIVERS 4

/* For packets of family `family`; the descriptor or -errno. */
int socket_receiver(int family, bool multihop)
    __attribute__((warn_unused_result));
/* For one session; -errno: may work later. */
int socket_sender(const struct table_key *key)
    __attribute__((warn_unused_result));

/* What relates the kernel's receive times to ours. */
struct socket_clock {
	struct mono looked; /* the last time all sockets were empty */
	int64_t offset;     /* of the wall clock to the monotonic one */
};
/* At each turn; `now` is the time of it. */
void socket_clock_read(struct socket_clock *c, struct mono now);

/*
 * One packet: its octets, cut at `size`, or -1 when there is none. When the
 * kernel's time of receipt can be trusted m->at is that, else now.
 */
ssize_t socket_receive(int fd, const struct socket_clock *c, struct mono now,
		       uint8_t *octets, size_t size, struct table_meta *m);
bool socket_send(int fd, const struct table_key *key, const uint8_t *octets,
		 size_t n);

#endif
