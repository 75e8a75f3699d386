/* SPDX-License-Identifier: ISC */
/*
 * What a kernel might say: rtnetlink messages one behind the other, each in
 * memory of its own size, so that a read behind its end is seen.
 */
#include <assert.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "sys/netlink_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check_ip(const struct ip *ip)
{
	assert(ip->family == AF_INET || ip->family == AF_INET6);
}

static void
read_one(const struct nlmsghdr *h)
{
	struct netlink_link link;
	struct sys_address a;
	struct sys_route r;
	uint8_t protocol;

	if (netlink_read_address(h, &a)) {
		check_ip(&a.ip);
		assert(a.len <= ip_octets(a.ip.family) * 8);
	}
	if (netlink_read_route(h, &r, &protocol)) {
		check_ip(&r.prefix.addr);
		assert(r.prefix.len <= ip_octets(r.prefix.addr.family) * 8);
		if (!ip_is_none(&r.gateway))
			check_ip(&r.gateway);
	}
	if (netlink_read_link(h, &link))
		assert(memchr(link.name, '\0', sizeof(link.name)));
}

static void
read_exact(const struct nlmsghdr *h)
{
	struct nlmsghdr *exact = malloc(h->nlmsg_len);

	assert(exact);
	memcpy(exact, h, h->nlmsg_len);
	read_one(exact);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	char *copy = malloc(n ? n : 1);
	const struct nlmsghdr *h = (void *)copy;
	int left = (int)n;

	assert(copy);
	if (n > 0)
		memcpy(copy, octets, n);
	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		/* libmnl lets lengths beyond 2 GiB pass; no kernel has them. */
		if (h->nlmsg_len > (size_t)left)
			break;
		read_exact(h);
	}
	free(copy);
	return 0;
}
