/* SPDX-License-Identifier: ISC */
/*
 * rtnetlink for the root helper: one request, its acknowledgement, done.
 * Everything added carries SYS_PROTOCOL; nothing without it is removed.
 */
#ifndef BASIN_SYS_NETLINK_H
#define BASIN_SYS_NETLINK_H

#include <stdint.h>

#include "sys/sys.h"

struct mnl_socket;

struct netlink {
	struct mnl_socket *socket; /* owned */
	uint32_t seq;
};

int netlink_open(struct netlink *nl) __attribute__((warn_unused_result));
void netlink_close(struct netlink *nl);

/* /32 or /128 on an interface. 0 or -errno as the kernel says. */
int netlink_address_add(struct netlink *nl, unsigned ifindex,
			const struct ip *ip)
    __attribute__((warn_unused_result));
int netlink_address_del(struct netlink *nl, unsigned ifindex,
			const struct ip *ip)
    __attribute__((warn_unused_result));
/* 0: there and ours; -EEXIST: there, not ours; -ENOENT: not there. */
int netlink_address_owner(struct netlink *nl, unsigned ifindex,
			  const struct ip *ip)
    __attribute__((warn_unused_result));

int netlink_route_add(struct netlink *nl, const struct sys_route *r)
    __attribute__((warn_unused_result));
/* In the place of the one with its prefix and metric, which is there. */
int netlink_route_replace(struct netlink *nl, const struct sys_route *r)
    __attribute__((warn_unused_result));
/* Only a route with SYS_PROTOCOL matches; -ESRCH when there is none. */
int netlink_route_del(struct netlink *nl, const struct sys_route *r);
/* Calls `each` for every route of the family that carries SYS_PROTOCOL. */
int netlink_route_each(struct netlink *nl, uint8_t family,
		       void (*each)(void *arg, const struct sys_route *r),
		       void *arg);
/* See sys_reach(). */
int netlink_reach(struct netlink *nl, const struct ip *hop, unsigned ifindex,
		  struct sys_hop *out) __attribute__((warn_unused_result));

#endif
