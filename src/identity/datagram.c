/* SPDX-License-Identifier: ISC */
/* Datagrams: one in, at most one out, and never faster than the bucket. */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "identity/socket.h"

/* Answers a second from one socket: enough for probes, no weapon. */
#define RATE 1000

static void
give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct endpoint *e = handle->data;

	*buf = uv_buf_init(e->datagram, sizeof(e->datagram));
}

static size_t
answer(struct endpoint *e, const char *octets, size_t n,
       const struct sockaddr *from, char buf[static ANSWER_MAX])
{
	const struct sockaddr_in *sin = (const void *)from;
	const struct sockaddr_in6 *sin6 = (const void *)from;
	uint16_t port = ntohs(from->sa_family == AF_INET6 ? sin6->sin6_port
							  : sin->sin_port);

	if (port == 0)
		return 0;
	if (e->protocol == PROTOCOL_UDP)
		return answer_udp(e->id->name, n, port, e->port, buf);
	return e->id->dns->answer(e->id->name, (const uint8_t *)octets, n,
				  (uint8_t *)buf, ANSWER_MAX);
}

static void
on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
	    const struct sockaddr *from, unsigned flags)
{
	struct endpoint *e = udp->data;
	char reply[ANSWER_MAX];
	uv_buf_t out;

	if (n <= 0 || !from || (flags & UV_UDP_PARTIAL) ||
	    !bucket_take(&e->bucket, RATE, mono_now()))
		return;
	out = uv_buf_init(
	    reply, (unsigned)answer(e, buf->base, (size_t)n, from, reply));
	/* A full socket loses it, as the network might. */
	if (out.len > 0)
		uv_udp_try_send(udp, &out, 1, from);
}

int
datagram_open(struct endpoint *e, int fd)
{
	int r = uv_udp_init(e->id->settings.loop, &e->udp);

	if (r != 0) {
		close(fd);
		return r;
	}
	e->udp.data = e;
	e->id->handles++;
	e->open = true;
	r = uv_udp_open(&e->udp, fd);
	if (r != 0)
		close(fd);
	else
		r = uv_udp_recv_start(&e->udp, give_buffer, on_datagram);
	return r;
}
