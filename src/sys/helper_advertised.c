/* SPDX-License-Identifier: ISC */
/*
 * Router advertisements (RFC 4861 section 4.2) with router lifetime 0: a BGP
 * speaker on an unnumbered link learns from them where its neighbour is.
 */
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/helper_server.h"
#include "wire/cursor.h"

#define HOP_LIMIT 255 /* section 6.1.2: others are not heard */
#define ETHERNET  6   /* octets of an address */

/* The source link-layer address option (section 4.6.1), where there is one. */
static void
put_link_address(struct wbuf *w, int fd, const char *interface)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFHWADDR, &request) != 0 ||
	    request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return;
	wbuf_u8(w, ND_OPT_SOURCE_LINKADDR);
	wbuf_u8(w, 1); /* times 8 octets */
	wbuf_bytes(w, request.ifr_hwaddr.sa_data, ETHERNET);
}

static size_t
build(int fd, const char *interface, void *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);

	wbuf_u8(&w, ND_ROUTER_ADVERT);
	wbuf_u8(&w, 0);
	wbuf_u16(&w, 0); /* the kernel fills the checksum in */
	wbuf_u8(&w, 0);  /* hop limit: unspecified */
	wbuf_u8(&w, 0);  /* flags */
	wbuf_u16(&w, 0); /* router lifetime */
	wbuf_u32(&w, 0); /* reachable time: unspecified */
	wbuf_u32(&w, 0); /* retransmission timer: unspecified */
	put_link_address(&w, fd, interface);
	return wbuf_len(&w);
}

static int
prepare(int fd, unsigned ifindex)
{
	int hops = HOP_LIMIT, index = (int)ifindex, none = 0;

	/* Else this node would take itself for its neighbour. */
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &none,
		       sizeof(none)) != 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
		       sizeof(hops)) != 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
		       sizeof(index)) != 0)
		return -errno;
	return 0;
}

static int
send_on(int fd, const char *interface, unsigned ifindex)
{
	struct sockaddr_in6 all = {.sin6_family = AF_INET6,
				   .sin6_scope_id = ifindex};
	uint8_t buf[64];
	size_t n = build(fd, interface, buf, sizeof(buf));
	int error = prepare(fd, ifindex);

	all.sin6_addr.s6_addr[0] = 0xff;
	all.sin6_addr.s6_addr[1] = 0x02;
	all.sin6_addr.s6_addr[15] = 0x01;
	if (error)
		return error;
	if (sendto(fd, buf, n, MSG_DONTWAIT, (struct sockaddr *)&all,
		   sizeof(all)) < 0)
		return -errno;
	return 0;
}

int
helper_advertised_send(struct helper_server *sv, const struct helper_request *q)
{
	unsigned ifindex = if_nametoindex(q->interface);
	int fd, error;

	if (ifindex == 0)
		return -ENODEV;
	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    IPPROTO_ICMPV6);
	if (fd < 0)
		return -errno;
	error = send_on(fd, q->interface, ifindex);
	close(fd);
	return error;
}
