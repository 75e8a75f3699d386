/* SPDX-License-Identifier: ISC */
#include "rpki/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

#define CONNECT_MS 10000
/* RFC 8210 section 12. */
#define CODE_NO_DATA 2

static struct transport *
of(const void *socket)
{
	return (struct transport *)(uintptr_t)socket;
}

static int
fail(struct transport *t, const char *what, int error)
{
	snprintf(t->why, sizeof(t->why), "%s: %s", what, strerror(error));
	return TR_ERROR;
}

/* Waits for the socket: 1, 0 when the time is over, TR_ERROR. */
static int
wait_for(struct transport *t, short events, int ms)
{
	struct pollfd v[2] = {{.fd = t->fd, .events = events},
			      {.fd = t->wake, .events = POLLIN}};
	int n = poll(v, 2, ms);

	if (n < 0)
		return errno == EINTR ? TR_INTR : fail(t, "poll", errno);
	if (v[1].revents || atomic_load(&t->stopping))
		return TR_ERROR;
	return n > 0;
}

/* ---- opening ---- */

static int
bind_source(struct transport *t)
{
	struct sockaddr_storage ss;
	socklen_t n;

	if (ip_is_none(&t->endpoint.source))
		return 0;
	n = ip_to_sockaddr(&t->endpoint.source, 0, 0, &ss);
	if (bind(t->fd, (struct sockaddr *)&ss, n) == 0)
		return 0;
	return fail(t, "the source address cannot be used", errno);
}

static int
connected(struct transport *t)
{
	socklen_t n = sizeof(int);
	int error = 0, r = wait_for(t, POLLOUT, CONNECT_MS);

	if (r == 0)
		return fail(t, "cannot be connected to", ETIMEDOUT);
	if (r < 0)
		return r;
	getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	return error ? fail(t, "cannot be connected to", error) : TR_SUCCESS;
}

static int
connect_to(struct transport *t)
{
	struct sockaddr_storage ss;
	socklen_t n =
	    ip_to_sockaddr(&t->endpoint.address, t->endpoint.port, 0, &ss);

	if (bind_source(t) != 0)
		return TR_ERROR;
	if (connect(t->fd, (struct sockaddr *)&ss, n) != 0 &&
	    errno != EINPROGRESS)
		return fail(t, "cannot be connected to", errno);
	return connected(t);
}

static void
close_it(void *socket)
{
	struct transport *t = of(socket);

	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static int
open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/*
 * A cache that was started anew may refuse the session of before by closing
 * the connection, and the library would ask the same for ever.
 */
static void
ask_for_all(struct transport *t)
{
	if (t->ended)
		return;
	t->socket->request_session_id = true;
	t->socket->serial_number = 0;
}

static int
open_it(void *socket)
{
	struct transport *t = of(socket);

	close_it(t);
	ask_for_all(t);
	t->ended = t->reported = false;
	pdu_begin(&t->in);
	pdu_begin(&t->out);
	if (atomic_load(&t->stopping))
		return TR_ERROR;
	t->fd = open_socket(t->endpoint.address.family);
	if (t->fd < 0)
		return fail(t, "no socket", errno);
	return connect_to(t);
}

/* ---- reading and writing ---- */

static uint32_t
least(uint32_t limit, uint32_t said, uint32_t low, uint32_t high)
{
	if (said < low || said > high)
		return limit;
	return said < limit ? said : limit;
}

/* RFC 8210 section 6; what is out of its bounds was not said. */
static void
take_intervals(struct transport *t)
{
	const struct rtr_intervals *limit = &t->endpoint.limits;
	const struct rtr_intervals *said = &t->in.intervals;

	t->intervals.refresh = least(limit->refresh, said->refresh, 1, 86400);
	t->intervals.retry = least(limit->retry, said->retry, 1, 7200);
	t->intervals.expire = least(limit->expire, said->expire, 600, 172800);
	t->socket->refresh_interval = t->intervals.refresh;
	t->socket->retry_interval = t->intervals.retry;
}

static void
say_report(struct transport *t, const struct pdu_watch *w, const char *who)
{
	t->reported = true;
	snprintf(t->why, sizeof(t->why), "%s: %s%s%s%s", who,
		 pdu_error_text(w->code), w->text[0] ? " (\"" : "", w->text,
		 w->text[0] ? "\")" : "");
}

/*
 * Without data the library would sleep where nothing can wake it; a new
 * connection after the retry interval asks the same.
 */
static bool
may_go_on(struct transport *t, const void *octets, size_t n)
{
	switch (pdu_look(&t->in, octets, n)) {
	case PDU_NOTHING:
		return true;
	case PDU_END:
		t->ended = true;
		take_intervals(t);
		return true;
	case PDU_REPORT:
		say_report(t, &t->in, "the cache reports");
		return t->in.code != CODE_NO_DATA;
	case PDU_ABSURD:
		snprintf(t->why, sizeof(t->why), "the cache sent a %s",
			 t->in.text);
		return false;
	case PDU_TOO_MANY:
		snprintf(t->why, sizeof(t->why),
			 "the cache sent more than %d VRPs", RTR_VRPS_MAX);
		return false;
	}
	return false;
}

static int
receive(const void *socket, void *pdu, const size_t len, const time_t timeout)
{
	struct transport *t = of(socket);
	int r = wait_for(t, POLLIN,
			 timeout > 86400 ? 86400000 : (int)timeout * 1000);
	ssize_t n;

	if (r == 0)
		return TR_WOULDBLOCK;
	if (r < 0)
		return r;
	n = recv(t->fd, pdu, len, MSG_DONTWAIT);
	if (n == 0 && t->reported)
		return TR_ERROR;
	if (n == 0)
		return fail(t, "the cache closed the session", ECONNRESET);
	if (n < 0)
		return errno == EAGAIN  ? TR_WOULDBLOCK
		       : errno == EINTR ? TR_INTR
					: fail(t, "the session broke", errno);
	return may_go_on(t, pdu, (size_t)n) ? (int)n : TR_ERROR;
}

/* In one piece or not at all: it is the last of the session. */
static int
send_report(struct transport *t, const void *pdu, size_t len)
{
	uint8_t report[PDU_REPORT_MAX];
	size_t n = pdu_clean_report(pdu, len, report);

	pdu_begin(&t->out);
	if (pdu_look(&t->out, report, n) == PDU_REPORT)
		say_report(t, &t->out, "what the cache sent is refused");
	if (send(t->fd, report, n, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)n)
		return TR_ERROR;
	return (int)len;
}

static int
send_it(const void *socket, const void *pdu, const size_t len,
	const time_t timeout)
{
	struct transport *t = of(socket);
	int r = wait_for(t, POLLOUT,
			 timeout > 86400 ? 86400000 : (int)timeout * 1000);
	ssize_t n;

	if (r <= 0)
		return r == 0 ? TR_WOULDBLOCK : r;
	if (pdu_is_report(pdu, len))
		return send_report(t, pdu, len);
	n = send(t->fd, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		return (int)n;
	return errno == EAGAIN ? TR_WOULDBLOCK
			       : fail(t, "the session broke", errno);
}

static const char *
ident(void *socket)
{
	return of(socket)->ident;
}

/* ---- life ---- */

static void
freed(struct tr_socket *socket)
{
	close_it(socket->socket);
}

int
transport_init(struct transport *t, const struct rtr_endpoint *endpoint,
	       struct tr_socket *out)
{
	char ip[IP_TEXT_MAX];

	*t = (struct transport){
	    .endpoint = *endpoint, .fd = -1, .intervals = endpoint->limits};
	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake < 0)
		return -errno;
	snprintf(t->ident, sizeof(t->ident), "%s:%u",
		 ip_format(&endpoint->address, ip, sizeof(ip)), endpoint->port);
	*out = (struct tr_socket){.socket = t,
				  .open_fp = open_it,
				  .close_fp = close_it,
				  .free_fp = freed,
				  .send_fp = send_it,
				  .recv_fp = receive,
				  .ident_fp = ident};
	return 0;
}

void
transport_free(struct transport *t)
{
	close_it(t);
	close(t->wake);
}

void
transport_wake(struct transport *t)
{
	uint64_t one = 1;

	atomic_store(&t->stopping, true);
	/* It cannot be full; and `stopping` is looked at besides. */
	if (write(t->wake, &one, sizeof(one)) < 0)
		return;
}
