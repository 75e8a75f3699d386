/* SPDX-License-Identifier: ISC */
/*
 * Sockets of the identity responder, in either process: the main one opens
 * unprivileged ports by itself, the helper those of a fixed small set.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/serve.h"

#define BACKLOG 64

static int
set(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0 ? 0 : -errno;
}

/* A service address may come later, and go and come again. */
static int
prepare(int fd, const struct ip *ip, uint16_t port, bool tcp)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(ip, port, 0, &ss);
	int r = 0;

	if (tcp)
		r = set(fd, SOL_SOCKET, SO_REUSEADDR);
	if (r == 0 && ip->family == AF_INET6)
		r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (r == 0 && ip->family == AF_INET6)
		r = set(fd, IPPROTO_IPV6, IPV6_FREEBIND);
	else if (r == 0)
		r = set(fd, IPPROTO_IP, IP_FREEBIND);
	if (r == 0 && bind(fd, (struct sockaddr *)&ss, len) != 0)
		r = -errno;
	if (r == 0 && tcp && listen(fd, BACKLOG) != 0)
		r = -errno;
	return r;
}

int
serve_open(const struct ip *ip, uint16_t port, bool tcp)
{
	int type =
	    (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(ip->family, type, 0), r;

	if (fd < 0)
		return -errno;
	r = prepare(fd, ip, port, tcp);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

bool
serve_is_privileged(uint16_t port)
{
	return port == 53 || port == 80;
}
