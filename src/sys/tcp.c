/* SPDX-License-Identifier: ISC */
#include "sys/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "sys/sys.h"

/* Connections waiting to be accepted; one a peer is the usual. */
#define BACKLOG 64

static int
set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
		return -errno;
	return 0;
}

static int
open_tcp(uint8_t family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			IPPROTO_TCP);

	return fd < 0 ? -errno : fd;
}

static int
bind_to(int fd, const struct ip *ip, uint16_t port, unsigned scope)
{
	struct sockaddr_storage ss;
	socklen_t n = ip_to_sockaddr(ip, port, scope, &ss);

	return bind(fd, (const struct sockaddr *)&ss, n) == 0 ? 0 : -errno;
}

static int
prepare_listener(int fd, const struct ip *ip, uint16_t port)
{
	int r = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (r == 0 && ip->family == AF_INET6)
		r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (r == 0)
		r = bind_to(fd, ip, port, 0);
	if (r == 0 && listen(fd, BACKLOG) != 0)
		r = -errno;
	return r;
}

int
tcp_listen(const struct ip *ip, uint16_t port)
{
	int fd = open_tcp(ip->family), r;

	if (fd < 0)
		return fd;
	r = prepare_listener(fd, ip, port);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int
set_ttl(int fd, uint8_t family, uint8_t ttl)
{
	if (ttl == 0)
		return 0;
	if (family == AF_INET)
		return set(fd, IPPROTO_IP, IP_TTL, ttl);
	return set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
}

static int
prepare_connection(int fd, const struct ip *source, const struct ip *dest,
		   uint16_t port, unsigned scope, uint8_t ttl)
{
	struct sockaddr_storage ss;
	socklen_t n = ip_to_sockaddr(dest, port, scope, &ss);
	int r = set_ttl(fd, dest->family, ttl);

	if (r == 0)
		r = set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (r == 0 && source && !ip_is_none(source))
		r = bind_to(fd, source, 0,
			    ip_is_link_local(source) ? scope : 0);
	if (r != 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&ss, n) != 0 &&
	    errno != EINPROGRESS)
		return -errno;
	return 0;
}

int
sys_tcp_connect(const struct ip *source, const struct ip *dest, uint16_t port,
		unsigned scope, uint8_t ttl)
{
	int fd, r;

	if (source && !ip_is_none(source) && source->family != dest->family)
		return -EAFNOSUPPORT;
	fd = open_tcp(dest->family);
	if (fd < 0)
		return fd;
	r = prepare_connection(fd, source, dest, port, scope, ttl);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}
