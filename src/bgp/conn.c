/* SPDX-License-Identifier: ISC */
#include "bgp/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/text.h"

static void on_poll(uv_poll_t *handle, int status, int events);

/*
 * The kernel holds at most this much that it could not send yet, so that a
 * withdrawal never stands behind megabytes of older news at a slow peer.
 */
#define UNSENT_MAX (128 * 1024)

/* ---- life ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;
	struct conn_host *host = c->host;

	if (--c->handles)
		return;
	free(c->rx);
	free(c->tx);
	free(c);
	host->n--;
	host->gone(host->arg);
}

void
conn_close(struct conn *c)
{
	if (c->fd < 0)
		return;
	TAILQ_REMOVE(&c->host->all, c, in_all);
	uv_close((uv_handle_t *)&c->poll, on_closed);
	uv_close((uv_handle_t *)&c->timer, on_closed);
	close(c->fd);
	c->fd = -1;
}

static void
learn_addresses(struct conn *c)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(c->fd, (struct sockaddr *)&ss, &len) == 0)
		ip_from_sockaddr(&ss, &c->local);
	len = sizeof(ss);
	if (getpeername(c->fd, (struct sockaddr *)&ss, &len) == 0)
		c->remote_port = ip_from_sockaddr(&ss, &c->remote);
}

static void
watch(struct conn *c, int events)
{
	if (events == c->events || c->fd < 0)
		return;
	c->events = events;
	if (events)
		uv_poll_start(&c->poll, events, on_poll);
	else
		uv_poll_stop(&c->poll);
}

static void
watch_as_needed(struct conn *c)
{
	int events = UV_READABLE;

	if (c->connecting)
		events = UV_WRITABLE;
	else if (conn_pending(c))
		events |= UV_WRITABLE;
	watch(c, events);
}

struct conn *
conn_new(struct conn_host *host, int fd, bool connecting,
	 const struct conn_callbacks *cb, void *arg, int *error)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	int one = 1, unsent = UNSENT_MAX;

	*error = uv_poll_init(host->loop, &c->poll, fd);
	if (*error) {
		free(c);
		return NULL;
	}
	uv_timer_init(host->loop, &c->timer);
	c->poll.data = c->timer.data = c;
	c->handles = 2;
	c->host = host;
	c->cb = cb;
	c->arg = arg;
	c->fd = fd;
	c->connecting = connecting;
	c->most = BGP_MESSAGE_MAX;
	host->n++;
	TAILQ_INSERT_TAIL(&host->all, c, in_all);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
			 sizeof(unsent));
	if (!connecting)
		learn_addresses(c);
	watch_as_needed(c);
	return c;
}

void
conn_set_ttl(int fd, uint8_t family, uint8_t ttl)
{
	int value = ttl;

	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_TTL, &value, sizeof(value));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value,
				 sizeof(value));
}

void
conn_reset_fd(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* ---- sending ---- */

/* What the kernel takes of the octets; -errno when it is broken. */
static ssize_t
write_some(struct conn *c, const uint8_t *octets, size_t n)
{
	ssize_t sent;

	do
		sent = send(c->fd, octets, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	c->written += (uint64_t)sent;
	return sent;
}

static void
keep(struct conn *c, const uint8_t *octets, size_t n)
{
	if (c->tx_at) {
		memmove(c->tx, c->tx + c->tx_at, conn_pending(c));
		c->tx_n -= c->tx_at;
		c->tx_at = 0;
	}
	if (c->tx_n + n > c->tx_size) {
		c->tx_size = c->tx_n + n;
		c->tx = xrealloc(c->tx, c->tx_size, 1);
	}
	memcpy(c->tx + c->tx_n, octets, n);
	c->tx_n += n;
}

/* All is written: the memory goes too, an idle session needs none. */
static void
forget_tx(struct conn *c)
{
	free(c->tx);
	c->tx = NULL;
	c->tx_at = c->tx_n = c->tx_size = 0;
}

void
conn_send(struct conn *c, const uint8_t *octets, size_t n)
{
	ssize_t sent = 0;

	if (c->fd < 0 || n == 0)
		return;
	c->queued += n;
	if (conn_pending(c) == 0)
		sent = write_some(c, octets, n);
	if (sent < 0)
		sent = 0; /* the poll reports it */
	if ((size_t)sent < n)
		keep(c, octets + sent, n - (size_t)sent);
	watch_as_needed(c);
}

/* 0 or -errno. */
static int
write_pending(struct conn *c)
{
	ssize_t sent = write_some(c, c->tx + c->tx_at, conn_pending(c));

	if (sent < 0)
		return (int)sent;
	c->tx_at += (size_t)sent;
	if (conn_pending(c) == 0)
		forget_tx(c);
	watch_as_needed(c);
	return 0;
}

/* ---- receiving ---- */

/* Frames one message of the buffer; 0 when there is none (or no more c). */
static size_t
deliver_one(struct conn *c, const uint8_t *octets, size_t n)
{
	struct bgp_verdict verdict = {0};
	uint8_t type = 0;
	int len = bgp_frame(octets, n, c->most, &type, &verdict);

	if (len < 0) {
		c->cb->bad_header(c->arg, &verdict);
		return 0;
	}
	if (len > 0)
		c->cb->message(c->arg, type, octets, (size_t)len);
	return (size_t)len;
}

static void
keep_rest(struct conn *c, const uint8_t *octets, size_t n)
{
	if (n && (!c->rx || n > c->rx_size)) {
		c->rx_size =
		    n > BGP_MESSAGE_MAX ? BGP_EXTENDED_MAX : BGP_MESSAGE_MAX;
		c->rx = xrealloc(c->rx, 1, c->rx_size);
	}
	if (n)
		memcpy(c->rx, octets, n);
	c->rx_n = n;
	if (n)
		return;
	free(c->rx);
	c->rx = NULL;
}

/*
 * All whole messages of `n` octets. Stops when a callback closed the
 * connection or let it linger. The rest is less than one message.
 */
static void
deliver(struct conn *c, const uint8_t *octets, size_t n)
{
	size_t at = 0, len;

	do {
		len = deliver_one(c, octets + at, n - at);
		at += len;
		if (c->fd < 0 || c->lingering)
			return;
	} while (len > 0);
	keep_rest(c, octets + at, n - at);
}

/* Octets read behind `have`; 0 at the end of the stream; -errno. */
static ssize_t
receive(struct conn *c, uint8_t *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(c->fd, buf, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

void
conn_read(struct conn *c)
{
	size_t have = c->rx_n;
	ssize_t n;

	if (c->fd < 0 || c->connecting || c->lingering)
		return;
	n = receive(c, c->host->rx + have, CONN_SLICE);
	if (n == -EAGAIN || n == -EWOULDBLOCK)
		return;
	if (n <= 0) {
		c->cb->failed(c->arg, (int)n);
		return;
	}
	if (have)
		memcpy(c->host->rx, c->rx, have);
	c->received += (uint64_t)n;
	deliver(c, c->host->rx, have + (size_t)n);
}

/* ---- lingering ---- */

static void
on_linger_timeout(uv_timer_t *timer)
{
	conn_close(timer->data);
}

static void
linger_step(struct conn *c)
{
	if (conn_pending(c) && write_pending(c) < 0) {
		conn_close(c);
		return;
	}
	if (conn_pending(c) || c->shut)
		return;
	c->shut = true;
	if (shutdown(c->fd, SHUT_WR) < 0)
		conn_close(c);
}

/* Unread octets would turn our close into a reset: read them away. */
static void
linger_read(struct conn *c)
{
	ssize_t n = receive(c, c->host->rx, CONN_SLICE);

	if (n == 0 || (n < 0 && n != -EAGAIN && n != -EWOULDBLOCK))
		conn_close(c);
}

void
conn_linger(struct conn *c, struct dur limit)
{
	if (c->fd < 0)
		return;
	if (c->connecting) {
		conn_close(c);
		return;
	}
	c->lingering = true;
	uv_timer_start(&c->timer, on_linger_timeout, (uint64_t)dur_to_ms(limit),
		       0);
	linger_step(c);
}

/* ---- events ---- */

static int
connect_result(struct conn *c)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

static void
finish_connect(struct conn *c)
{
	int error = connect_result(c);

	if (error) {
		c->cb->failed(c->arg, error);
		return;
	}
	c->connecting = false;
	learn_addresses(c);
	watch_as_needed(c);
	c->cb->connected(c->arg);
}

static void
on_linger_events(struct conn *c, int status, int events)
{
	if (status < 0) {
		conn_close(c);
		return;
	}
	if (events & UV_WRITABLE)
		linger_step(c);
	if (c->fd >= 0 && events & UV_READABLE)
		linger_read(c);
}

static void
on_writable(struct conn *c)
{
	int error = conn_pending(c) ? write_pending(c) : 0;

	if (error)
		c->cb->failed(c->arg, error);
	else
		c->cb->progress(c->arg);
}

/* Reset by the peer: what it said before (a NOTIFICATION) counts first. */
static void
on_broken(struct conn *c, int status)
{
	int error = connect_result(c);

	conn_read(c);
	if (c->fd >= 0 && !c->lingering)
		c->cb->failed(c->arg, error ? error : status);
}

static void
on_poll(uv_poll_t *handle, int status, int events)
{
	struct conn *c = handle->data;

	if (c->lingering) {
		on_linger_events(c, status, events);
		return;
	}
	if (c->connecting) {
		finish_connect(c);
		return;
	}
	if (status < 0) {
		on_broken(c, status);
		return;
	}
	if (events & UV_READABLE)
		conn_read(c);
	if (c->fd >= 0 && !c->lingering && events & UV_WRITABLE)
		on_writable(c);
}
