/* SPDX-License-Identifier: ISC */
/* rtnetlink messages -> the plain structs of sys.h. */
#ifndef BASIN_SYS_NETLINK_READ_H
#define BASIN_SYS_NETLINK_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/sys.h"

struct nlmsghdr;

struct netlink_link {
	unsigned ifindex;
	char name[16];
	bool up; /* administratively and the carrier */
};

/* False when the message is about nothing basin knows. */
bool netlink_read_address(const struct nlmsghdr *h, struct sys_address *out);
/* Main table only. */
bool netlink_read_route(const struct nlmsghdr *h, struct sys_route *out,
			uint8_t *protocol);
/* Of any table, and what a lookup answers; cloned ones too. */
bool netlink_read_way(const struct nlmsghdr *h, struct sys_route *out,
		      uint8_t *protocol);
bool netlink_read_link(const struct nlmsghdr *h, struct netlink_link *out);

#endif
