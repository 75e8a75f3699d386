/* SPDX-License-Identifier: ISC */
#include "sys/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
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

int
sys_tcp_guard(int fd, uint8_t family, uint8_t hops)
{
	int least = hops ? 256 - hops : 0;

	if (family == AF_INET)
		return set(fd, IPPROTO_IP, IP_MINTTL, least);
	return set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, least);
}

/* Without privilege since Linux 5.7, for a socket that is bound to none. */
static int
bind_to_interface(int fd, const char *interface)
{
	if (!interface)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface)) != 0)
		return -errno;
	return 0;
}

static int
protect(int fd, const struct sys_tcp_target *t)
{
	const struct prefix who = prefix_of_ip(&t->dest);
	int r = set_ttl(fd, t->dest.family, t->ttl);

	if (r == 0 && t->hops)
		r = sys_tcp_guard(fd, t->dest.family, t->hops);
	if (r == 0 && t->key.auth != SYS_TCP_PLAIN)
		r = sys_tcp_key_set(fd, &who, t->scope, &t->key);
	return r;
}

static int
prepare_connection(int fd, const struct sys_tcp_target *t)
{
	struct sockaddr_storage ss;
	socklen_t n = ip_to_sockaddr(&t->dest, t->port, t->scope, &ss);
	int r = bind_to_interface(fd, t->interface);

	if (r == 0)
		r = protect(fd, t);
	if (r == 0)
		r = set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (r == 0 && !ip_is_none(&t->source))
		r = bind_to(fd, &t->source, 0,
			    ip_is_link_local(&t->source) ? t->scope : 0);
	if (r != 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&ss, n) != 0 &&
	    errno != EINPROGRESS)
		return -errno;
	return 0;
}

int
sys_tcp_connect(const struct sys_tcp_target *t)
{
	int fd, r;

	if (!ip_is_none(&t->source) && t->source.family != t->dest.family)
		return -EAFNOSUPPORT;
	fd = open_tcp(t->dest.family);
	if (fd < 0)
		return fd;
	r = prepare_connection(fd, t);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}
