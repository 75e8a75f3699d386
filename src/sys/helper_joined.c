/* SPDX-License-Identifier: ISC */
/*
 * IPv6 anycast addresses on a link (RFC 4291 2.6): the kernel answers
 * Neighbor Solicitations for them with the Override flag clear (RFC 4861
 * 7.2.7), so nodes that share one do not fight for it. Each is held by a
 * socket; when the helper ends, the kernel closes it and leaves.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/helper_server.h"

#ifndef IPV6_JOIN_ANYCAST
#define IPV6_JOIN_ANYCAST 27
#endif

struct helper_joined {
	struct ip ip;
	char interface[IF_NAMESIZE];
	int fd; /* owned */
	struct helper_joined *next;
};

static struct helper_joined **
find(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_joined **at = &sv->anycasts;

	while (*at && (!ip_equal(&(*at)->ip, &q->ip) ||
		       strcmp((*at)->interface, q->interface) != 0))
		at = &(*at)->next;
	return at;
}

/* The socket that holds it, or -errno. */
static int
join(const struct helper_request *q)
{
	struct ipv6_mreq m = {.ipv6mr_interface = if_nametoindex(q->interface)};
	int fd, error;

	if (m.ipv6mr_interface == 0)
		return -ENODEV;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	memcpy(&m.ipv6mr_multiaddr, q->ip.bytes, 16);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_ANYCAST, &m, sizeof(m)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int
helper_joined_del(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_joined **at = find(sv, q), *a = *at;

	if (!a)
		return 0;
	*at = a->next;
	close(a->fd);
	free(a);
	return 0;
}

/* One that is held already is joined anew: its link may have gone since. */
int
helper_joined_add(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_joined *a;
	int fd, r;

	if (q->ip.family != AF_INET6)
		return -EAFNOSUPPORT;
	r = helper_joined_del(sv, q);
	fd = r == 0 ? join(q) : r;
	if (fd < 0)
		return fd;
	a = xcalloc(1, sizeof(*a));
	a->ip = q->ip;
	a->fd = fd;
	memcpy(a->interface, q->interface, sizeof(a->interface));
	a->next = sv->anycasts;
	sv->anycasts = a;
	return 0;
}
