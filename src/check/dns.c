/* SPDX-License-Identifier: ISC */
/*
 * DNS over UDP or TCP.
 *
 *   UDP:  ASKED --answer--> done
 *           `--truncated--> CONNECTING
 *   TCP:  CONNECTING --> SENDING --> READING --> done
 *
 * A datagram that does not belong to the query is ignored (it may be forged);
 * over TCP it is the server's mistake. Each query has its own socket, so that
 * the kernel chooses a new port every time.
 */
#include "check/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/text.h"
#include "check/dns_message.h"
#include "check/io.h"
#include "check/sock.h"

/* Largest datagram looked at; larger ones than asked for are foreign. */
#define DATAGRAM_MAX 4096
/* Datagrams read in one turn of the loop: a flood must not hold it. */
#define DATAGRAMS_PER_TURN 16
/* Length field before each message over TCP (RFC 1035 section 4.2.2). */
#define LENGTH_OCTETS 2

enum step { ASKED, CONNECTING, SENDING, READING };

/* Lives while a run goes on. */
struct exchange {
	enum step step;
	uint16_t id;
	uint8_t query[LENGTH_OCTETS + DNS_QUERY_MAX];
	size_t query_len; /* without the length field */
	size_t sent;
	uint8_t length[LENGTH_OCTETS];
	uint8_t *answer; /* owned; NULL until the length is known */
	size_t wanted, got;
};

struct run {
	struct io_watch watch;
	struct exchange *x; /* owned; NULL while idle */
};

static void on_ready(struct io_watch *watch, unsigned ready);

static void
end(struct check *check)
{
	struct run *run = check_run(check);

	if (run->watch.fd >= 0 && run->x->step == CONNECTING)
		sock_abort_on_close(run->watch.fd);
	io_close(check_io(check), &run->watch);
	free(run->x->answer);
	free(run->x);
	run->x = NULL;
}

static void
failed(struct check *check, int error)
{
	struct run *run = check_run(check);
	const char *doing = run->x->step == ASKED        ? "UDP query to"
			    : run->x->step == CONNECTING ? "connect to"
							 : "TCP query to";

	end(check);
	sock_done(check, doing, check_conf(check)->dns.port, error);
}

static void
judged(struct check *check, const struct judgement *j)
{
	end(check);
	check_done(check, j->verdict, j->cause, "%s", j->detail);
}

static void
want(struct check *check, unsigned events)
{
	struct run *run = check_run(check);
	int rc = io_want(check_io(check), &run->watch, events);

	if (rc)
		failed(check, -rc);
}

/* Opens the socket; false when the run is over. */
static bool
open_socket(struct check *check, int type, bool *connected)
{
	struct run *run = check_run(check);
	struct exchange *x = run->x;
	int fd;

	/* sock_connect() may end the run: it must find nothing to leak. */
	run->x = NULL;
	fd = sock_connect(check, type, check_conf(check)->dns.port, connected);
	if (fd < 0) {
		free(x);
		return false;
	}
	run->x = x;
	run->watch = (struct io_watch){fd, 0, on_ready, check};
	return true;
}

/* ---- TCP ---- */

static void
judge_stream(struct check *check)
{
	struct exchange *x = ((struct run *)check_run(check))->x;
	struct judgement j;

	switch (dns_message_judge(&check_conf(check)->dns, x->id, x->answer,
				  x->wanted, &j)) {
	case DNS_FOREIGN:
		judge(&j, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		      "answer over TCP does not belong to the query");
		break;
	case DNS_TRUNCATED:
		judge(&j, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		      "answer over TCP says it is truncated");
		break;
	case DNS_JUDGED:
		break;
	}
	judged(check, &j);
}

/* Reads up to `wanted`; true when it is there. */
static bool
fill(struct check *check, uint8_t *to, size_t wanted)
{
	struct run *run = check_run(check);
	struct exchange *x = run->x;

	while (x->got < wanted) {
		ssize_t n =
		    recv(run->watch.fd, to + x->got, wanted - x->got, 0);

		if (n > 0) {
			x->got += (size_t)n;
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			want(check, IO_READ);
		else
			failed(check, n == 0 ? ECONNRESET : errno);
		return false;
	}
	return true;
}

static void
read_stream(struct check *check)
{
	struct exchange *x = ((struct run *)check_run(check))->x;

	if (!x->answer) {
		if (!fill(check, x->length, LENGTH_OCTETS))
			return;
		x->wanted = (size_t)x->length[0] << 8 | x->length[1];
		x->answer = xcalloc(1, x->wanted + 1);
		x->got = 0;
	}
	if (fill(check, x->answer, x->wanted))
		judge_stream(check);
}

static void
send_stream(struct check *check)
{
	struct run *run = check_run(check);
	struct exchange *x = run->x;
	size_t all = LENGTH_OCTETS + x->query_len;

	while (x->sent < all) {
		ssize_t n = send(run->watch.fd, x->query + x->sent,
				 all - x->sent, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			want(check, IO_WRITE);
			return;
		}
		if (n < 0) {
			failed(check, errno);
			return;
		}
		x->sent += (size_t)n;
	}
	x->step = READING;
	read_stream(check);
}

static void
start_stream(struct check *check)
{
	struct run *run = check_run(check);
	bool connected;

	if (!open_socket(check, SOCK_STREAM, &connected))
		return;
	run->x->step = connected ? SENDING : CONNECTING;
	if (connected)
		send_stream(check);
	else
		want(check, IO_WRITE);
}

/* ---- UDP ---- */

/* True when the run goes on waiting for another datagram. */
static bool
take_datagram(struct check *check, const uint8_t *octets, size_t n)
{
	struct run *run = check_run(check);
	struct judgement j;

	switch (dns_message_judge(&check_conf(check)->dns, run->x->id, octets,
				  n, &j)) {
	case DNS_FOREIGN:
		return true;
	case DNS_TRUNCATED:
		io_close(check_io(check), &run->watch);
		start_stream(check);
		return false;
	case DNS_JUDGED:
		break;
	}
	judged(check, &j);
	return false;
}

static void
read_datagrams(struct check *check)
{
	struct run *run = check_run(check);
	uint8_t octets[DATAGRAM_MAX];

	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		ssize_t n = recv(run->watch.fd, octets, sizeof(octets), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			failed(check, errno);
			return;
		}
		if (n < 0 || !take_datagram(check, octets, (size_t)n))
			return;
	}
}

static void
start_datagram(struct check *check)
{
	struct run *run = check_run(check);
	struct exchange *x = run->x;
	bool connected;
	ssize_t n;

	if (!open_socket(check, SOCK_DGRAM, &connected))
		return;
	x->step = ASKED;
	n = send(run->watch.fd, x->query + LENGTH_OCTETS, x->query_len, 0);
	if (n < 0)
		failed(check, errno);
	else
		want(check, IO_READ);
}

/* ---- the kind ---- */

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct exchange *x = ((struct run *)check_run(check))->x;
	int error;

	switch (x->step) {
	case ASKED:
		read_datagrams(check);
		return;
	case CONNECTING:
		error = sock_error(watch->fd);
		if (error) {
			failed(check, error);
			return;
		}
		x->step = SENDING;
		send_stream(check);
		return;
	case SENDING:
		send_stream(check);
		return;
	case READING:
		read_stream(check);
		return;
	}
}

static void
start(struct check *check)
{
	const struct conf_dns *conf = &check_conf(check)->dns;
	struct run *run = check_run(check);
	struct exchange *x = xcalloc(1, sizeof(*x));

	if (getrandom(&x->id, sizeof(x->id), GRND_NONBLOCK) < 0)
		x->id = (uint16_t)(mono_now().ns >> 8);
	x->query_len = dns_message_query(conf, x->id, x->query + LENGTH_OCTETS);
	if (!x->query_len) {
		free(x);
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
			   "no query can be made of %.80s %.20s", conf->name,
			   conf->type);
		return;
	}
	x->query[0] = (uint8_t)(x->query_len >> 8);
	x->query[1] = (uint8_t)x->query_len;
	run->x = x;
	if (conf->transport == CONF_DNS_TCP)
		start_stream(check);
	else
		start_datagram(check);
}

static const char *
waits_for(struct check *check, char *buf)
{
	static const char *const doing[] = {
	    [ASKED] = "UDP query to",
	    [CONNECTING] = "connect to",
	    [SENDING] = "TCP query to",
	    [READING] = "TCP query to",
	};
	const struct run *run = check_run(check);
	char endpoint[SOCK_TEXT_MAX];

	snprintf(buf, CHECK_DETAIL_MAX, "%s %s", doing[run->x->step],
		 sock_text(&check_conf(check)->target,
			   check_conf(check)->dns.port, endpoint));
	return buf;
}

const struct check_kind check_dns_kind = {
    .name = "dns",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
};
