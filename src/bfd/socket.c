/* SPDX-License-Identifier: ISC */
#include "bfd/socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define PORT_FIRST 49152 /* RFC 5881 section 4 */
#define PORTS      16384
#define PORT_TRIES 64
#define CLASS      0xc0 /* CS6, network control */
/* A burst of many neighbours; a packet takes about 1 KiB of it. */
#define BUFFER (1 << 20)
/* Clocks that differ by more than that were stepped. */
#define STEP_NS 1000000

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0
		   ? 0
		   : -errno;
}

/* ---- receiving ---- */

/*
 * Packets that crossed a router are dropped where they cost least: nobody
 * beyond the link can fill the buffer (RFC 5881 section 5, RFC 5082).
 */
static int
only_from_link(int fd, int family)
{
	uint32_t at = (uint32_t)SKF_NET_OFF + (family == AF_INET ? 8 : 7);
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 255, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_LEN(code), code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) == 0
		   ? 0
		   : -errno;
}

static int
receive_options(int fd, int family)
{
	bool is4 = family == AF_INET;
	int r;

	set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER);
	r = set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (r == 0 && !is4)
		r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (r == 0)
		r = is4 ? set(fd, IPPROTO_IP, IP_RECVTTL, 1)
			: set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	if (r == 0)
		r = is4 ? set(fd, IPPROTO_IP, IP_PKTINFO, 1)
			: set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	return r;
}

static int
bind_to(int fd, const struct ip *ip, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(ip, port, 0, &ss);

	return bind(fd, (struct sockaddr *)&ss, len) == 0 ? 0 : -errno;
}

int
socket_receiver(int family, bool multihop)
{
	const struct ip any = {.family = (uint8_t)family};
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = receive_options(fd, family);
	if (r == 0 && !multihop)
		r = only_from_link(fd, family);
	if (r == 0)
		r = bind_to(fd, &any,
			    multihop ? BFD_PORT_MULTI : BFD_PORT_SINGLE);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int64_t
wall_offset(struct mono now)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec - now.ns;
}

void
socket_clock_read(struct socket_clock *c, struct mono now)
{
	c->offset = wall_offset(now);
}

/*
 * The kernel stamps with the wall clock. A stamp that says the packet came
 * before the sockets were last empty, or later than now, is of a clock that
 * was stepped: then the packet came now, as far as anybody knows.
 */
static struct mono
stamped(const struct socket_clock *c, const struct timespec *ts,
	struct mono now)
{
	struct mono at = {ts->tv_sec * INT64_C(1000000000) + ts->tv_nsec -
			  c->offset};

	if (mono_before(at, mono_add(c->looked, dur_ns(-STEP_NS))))
		return now;
	return mono_before(now, at) ? now : at;
}

static void
read_control(struct msghdr *h, const struct socket_clock *c, struct mono now,
	     struct table_meta *m)
{
	for (struct cmsghdr *x = CMSG_FIRSTHDR(h); x; x = CMSG_NXTHDR(h, x)) {
		const void *data = CMSG_DATA(x);
		struct in6_pktinfo v6;
		struct in_pktinfo v4;
		struct timespec ts;

		if (x->cmsg_level == SOL_SOCKET &&
		    x->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, data, sizeof(ts));
			m->at = stamped(c, &ts, now);
		} else if ((x->cmsg_level == IPPROTO_IP &&
			    x->cmsg_type == IP_TTL) ||
			   (x->cmsg_level == IPPROTO_IPV6 &&
			    x->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&m->ttl, data, sizeof(m->ttl));
		} else if (x->cmsg_level == IPPROTO_IP &&
			   x->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, data, sizeof(v4));
			m->ifindex = (unsigned)v4.ipi_ifindex;
			m->to = ip_from_bytes(AF_INET,
					      (const uint8_t *)&v4.ipi_addr);
		} else if (x->cmsg_level == IPPROTO_IPV6 &&
			   x->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, data, sizeof(v6));
			m->ifindex = v6.ipi6_ifindex;
			m->to = ip_from_bytes(AF_INET6, v6.ipi6_addr.s6_addr);
		}
	}
}

ssize_t
socket_receive(int fd, const struct socket_clock *c, struct mono now,
	       uint8_t *octets, size_t size, struct table_meta *m)
{
	union {
		struct cmsghdr align;
		char octets[256];
	} control;
	struct sockaddr_storage from;
	struct iovec iov = {octets, size};
	struct msghdr h = {.msg_name = &from,
			   .msg_namelen = sizeof(from),
			   .msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(fd, &h, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	m->ttl = -1;
	m->ifindex = 0;
	m->to = (struct ip){0};
	m->at = now;
	ip_from_sockaddr(&from, &m->from);
	read_control(&h, c, now, m);
	return n;
}

/* ---- sending ---- */

static int
send_options(int fd, int family)
{
	bool is4 = family == AF_INET;

	/* Nobody is to send to it; what comes is not kept. */
	set(fd, SOL_SOCKET, SO_RCVBUF, 1);
	set(fd, SOL_SOCKET, SO_PRIORITY, 6);
	if (is4)
		set(fd, IPPROTO_IP, IP_TOS, CLASS);
	else
		set(fd, IPPROTO_IPV6, IPV6_TCLASS, CLASS);
	return is4 ? set(fd, IPPROTO_IP, IP_TTL, 255)
		   : set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255);
}

static int
bind_source(int fd, const struct table_key *key)
{
	struct ip from = key->local;
	uint16_t random = 0;
	int r = -EADDRINUSE;

	if (ip_is_none(&from))
		from.family = key->remote.family;
	for (int i = 0; i < PORT_TRIES && r == -EADDRINUSE; i++) {
		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			random = (uint16_t)(random * 7 + i + 1);
		r = bind_to(fd, &from, (uint16_t)(PORT_FIRST + random % PORTS));
	}
	return r;
}

int
socket_sender(const struct table_key *key)
{
	int family = key->remote.family;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = send_options(fd, family);
	if (r == 0)
		r = bind_source(fd, key);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

bool
socket_send(int fd, const struct table_key *key, const uint8_t *octets,
	    size_t n)
{
	unsigned scope = ip_is_link_local(&key->remote) ? key->ifindex : 0;
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(
	    &key->remote, key->multihop ? BFD_PORT_MULTI : BFD_PORT_SINGLE,
	    scope, &ss);

	return fd >= 0 && sendto(fd, octets, n, MSG_DONTWAIT | MSG_NOSIGNAL,
				 (struct sockaddr *)&ss, len) == (ssize_t)n;
}
