/* SPDX-License-Identifier: ISC */
/*
 * Connections: a line, a page or some DNS answers, then the end.
 *
 *   (accepted) ──► READING ──► ANSWERING ──► ENDING ──► closed
 *                     │  ▲         │                        ▲
 *                     │  └─────────┘ DNS                    │
 *                     └── too late, too much ───────────────┘
 *
 * ENDING reads what is still sent: closing with octets unread would reset the
 * connection and take the answer with it.
 *
 * Invariant: at most one write is under way; while it is, nothing is read.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identity/socket.h"

#define CONNECTIONS_MAX 64
#define TIMEOUT_MS      5000
#define QUERIES_MAX     16 /* of one DNS connection */
#define REQUEST_MAX     4096
#define RATE            500 /* connections a second of one socket */

struct connection {
	struct identity *id; /* borrowed */
	enum protocol protocol;
	uv_tcp_t tcp;
	uv_timer_t timer;
	unsigned handles;
	bool closing, answering, ending;
	unsigned queries;
	size_t n; /* octets of the request so far */
	char request[REQUEST_MAX];
	char reply[ANSWER_MAX + 2];
	uv_write_t write;
	uv_shutdown_t shutdown;
};

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct identity *id = c->id;

	if (--c->handles == 0) {
		id->connections--;
		free(c);
	}
	identity_handle_closed(id);
}

static void
close_connection(struct connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	uv_close((uv_handle_t *)&c->tcp, on_closed);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void
on_timeout(uv_timer_t *timer)
{
	close_connection(timer->data);
}

/* ---- answering ---- */

static void answer(struct connection *c);

/* The other side closes when it has read all; the timer is patient enough. */
static void
end_connection(struct connection *c)
{
	c->ending = true;
	c->n = 0;
	if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, NULL) != 0)
		close_connection(c);
}

static void
on_written(uv_write_t *write, int status)
{
	struct connection *c = write->data;

	c->answering = false;
	if (c->closing)
		return;
	if (status != 0)
		close_connection(c);
	else if (c->protocol != PROTOCOL_DNS || ++c->queries >= QUERIES_MAX)
		end_connection(c);
	else
		answer(c);
}

static void
send_reply(struct connection *c, size_t n)
{
	uv_buf_t out = uv_buf_init(c->reply, (unsigned)n);

	c->answering = true;
	c->write.data = c;
	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &out, 1, on_written) !=
	    0)
		close_connection(c);
}

/* RFC 1035 section 4.2.2: two octets of length in front. */
static void
answer_dns(struct connection *c)
{
	const uint8_t *r = (const uint8_t *)c->request;
	size_t query, n;

	if (c->n < 2)
		return;
	query = (size_t)r[0] << 8 | r[1];
	if (query + 2 > sizeof(c->request)) {
		close_connection(c);
		return;
	}
	if (c->n < query + 2)
		return;
	n = c->id->dns->answer(c->id->name, r + 2, query,
			       (uint8_t *)c->reply + 2, ANSWER_MAX);
	c->n -= query + 2;
	memmove(c->request, c->request + query + 2, c->n);
	if (n == 0) {
		close_connection(c);
		return;
	}
	c->reply[0] = (char)(n >> 8);
	c->reply[1] = (char)(n & 0xff);
	send_reply(c, n + 2);
}

static void
answer(struct connection *c)
{
	size_t n = 0;

	if (c->answering || c->closing || c->ending)
		return;
	switch (c->protocol) {
	case PROTOCOL_TCP:
		n = answer_line(c->id->name, c->reply);
		break;
	case PROTOCOL_HTTP:
		n = answer_http(c->id->name, c->request, c->n, c->reply);
		break;
	case PROTOCOL_DNS:
		answer_dns(c);
		return;
	case PROTOCOL_UDP:
		return;
	}
	if (n > 0)
		send_reply(c, n);
}

/* ---- reading ---- */

static void
give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct connection *c = handle->data;

	*buf = uv_buf_init(c->request + c->n,
			   (unsigned)(sizeof(c->request) - c->n));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = stream->data;

	/* UV_ENOBUFS: more than any request has. */
	if (n < 0) {
		close_connection(c);
		return;
	}
	if (c->ending || c->protocol == PROTOCOL_TCP)
		return;
	c->n += (size_t)n;
	answer(c);
}

/* ---- accepting ---- */

static struct connection *
new_connection(struct endpoint *e)
{
	struct connection *c = xcalloc(1, sizeof(*c));

	c->id = e->id;
	c->protocol = e->protocol;
	c->handles = 2;
	uv_tcp_init(e->id->settings.loop, &c->tcp);
	uv_timer_init(e->id->settings.loop, &c->timer);
	c->tcp.data = c->timer.data = c;
	e->id->handles += 2;
	e->id->connections++;
	return c;
}

/* Taken in any case: one that waits in the queue would wake us for ever. */
static void
on_connection(uv_stream_t *server, int status)
{
	struct endpoint *e = server->data;
	struct connection *c;

	if (status != 0)
		return;
	c = new_connection(e);
	if (uv_accept(server, (uv_stream_t *)&c->tcp) != 0 ||
	    e->id->connections > CONNECTIONS_MAX ||
	    !bucket_take(&e->bucket, RATE, mono_now())) {
		close_connection(c);
		return;
	}
	uv_timer_start(&c->timer, on_timeout, TIMEOUT_MS, 0);
	if (uv_read_start((uv_stream_t *)&c->tcp, give_buffer, on_read) != 0)
		close_connection(c);
	else if (c->protocol == PROTOCOL_TCP)
		answer(c);
}

int
stream_open(struct endpoint *e, int fd)
{
	int r = uv_tcp_init(e->id->settings.loop, &e->stream);

	if (r != 0) {
		close(fd);
		return r;
	}
	e->stream.data = e;
	e->id->handles++;
	e->open = true;
	r = uv_tcp_open(&e->stream, fd);
	if (r != 0)
		close(fd);
	else
		r = uv_listen((uv_stream_t *)&e->stream, CONNECTIONS_MAX,
			      on_connection);
	return r;
}
