/* SPDX-License-Identifier: ISC */
/*
 * TCP: connect, then optionally TLS, send and expect.
 *
 *   CONNECTING --> [HANDSHAKE] --> [SENDING] --> [EXPECTING] --> done
 *
 * A step that is not configured is passed over (next_step). A plain connect
 * needs no memory but struct run; the others share one struct talk, allocated
 * while it goes on.
 */
#include "check/kind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "check/io.h"
#include "check/sock.h"

/* The expected text must come within this many octets. */
#define ANSWER_MAX 4096
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 60

enum step { CONNECTING, HANDSHAKE, SENDING, EXPECTING };

struct talk {
	const struct tls_ops *ops; /* NULL without TLS */
	struct tls *tls;           /* owned; NULL before the handshake */
	size_t sent, received;
	char answer[ANSWER_MAX];
};

struct run {
	struct io_watch watch;
	enum step step;
	struct talk *talk;           /* owned; NULL in a plain connect */
	struct tls_context *context; /* owned; kept between runs */
};

static void advance(struct check *check);

/* Frees what the run holds and closes the connection. */
static void
end(struct check *check)
{
	struct run *run = check_run(check);

	/* Nothing was said: no need for either side to remember it. */
	if (run->watch.fd >= 0 && !run->talk)
		sock_abort_on_close(run->watch.fd);
	if (run->talk && run->talk->tls)
		run->talk->ops->close(run->talk->tls);
	free(run->talk);
	run->talk = NULL;
	io_close(check_io(check), &run->watch);
}

static void
failed(struct check *check, const char *doing, int error)
{
	end(check);
	sock_done(check, doing, check_conf(check)->tcp.port, error);
}

static void
tls_failed(struct check *check, const struct tls_failure *why)
{
	char endpoint[SOCK_TEXT_MAX];

	sock_text(&check_conf(check)->target, check_conf(check)->tcp.port,
		  endpoint);
	end(check);
	check_done(check, why->verdict, why->cause, "TLS with %s: %s", endpoint,
		   why->text);
}

/* Waits for the socket; false when even that failed and the run is over. */
static bool
want(struct check *check, unsigned events)
{
	struct run *run = check_run(check);
	int rc = io_want(check_io(check), &run->watch, events);

	if (rc)
		failed(check, "watch", -rc);
	return !rc;
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	advance(watch->arg);
}

/* ---- octets, with or without TLS ---- */

static enum tls_step
plain_result(ssize_t n, size_t *done, enum tls_step again, int *error)
{
	if (n > 0) {
		*done = (size_t)n;
		return TLS_OK;
	}
	if (n == 0)
		return TLS_CLOSED;
	if (errno == EAGAIN || errno == EINTR)
		return again;
	*error = errno;
	return TLS_FAILED;
}

/* False: waiting, or the run is over. */
static bool
settle(struct check *check, enum tls_step step, int error,
       const struct tls_failure *why)
{
	struct run *run = check_run(check);

	switch (step) {
	case TLS_OK:
	case TLS_CLOSED:
		return true;
	case TLS_READ:
		want(check, IO_READ);
		return false;
	case TLS_WRITE:
		want(check, IO_WRITE);
		return false;
	case TLS_FAILED:
		break;
	}
	if (run->talk->tls)
		tls_failed(check, why);
	else
		failed(check, "talk to", error);
	return false;
}

/* ---- expect ---- */

static void
passed(struct check *check)
{
	end(check);
	check_done(check, CHECK_PASS, CHECK_CAUSE_OK, "%s", "");
}

static void
not_expected(struct check *check, bool closed)
{
	const struct conf_tcp *tcp = &check_conf(check)->tcp;
	struct talk *talk = ((struct run *)check_run(check))->talk;
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];
	size_t received = talk->received;

	text_escape(tcp->expect, tcp->expect_len, wanted, sizeof(wanted));
	text_escape(talk->answer, received, seen, sizeof(seen));
	end(check);
	if (closed && !received)
		check_done(check, CHECK_FAIL, CHECK_CAUSE_CLOSED,
			   "expected \"%s\", the connection was closed without "
			   "an answer",
			   wanted);
	else
		check_done(check, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			   "expected \"%s\", %s \"%s\"", wanted,
			   closed ? "the whole answer is"
				  : "the first 4096 octets begin",
			   seen);
}

/* Reads some; true when there is something new to look at. */
static bool
receive(struct check *check, bool *closed)
{
	struct run *run = check_run(check);
	struct talk *talk = run->talk;
	char *to = talk->answer + talk->received;
	size_t room = sizeof(talk->answer) - talk->received, n = 0;
	struct tls_failure why;
	enum tls_step step;
	int error = 0;

	if (talk->tls)
		step = talk->ops->read(talk->tls, to, room, &n, &why);
	else
		step = plain_result(recv(run->watch.fd, to, room, 0), &n,
				    TLS_READ, &error);
	if (!settle(check, step, error, &why))
		return false;
	talk->received += n;
	*closed = step == TLS_CLOSED;
	return true;
}

static void
expect(struct check *check)
{
	const struct conf_tcp *tcp = &check_conf(check)->tcp;
	struct talk *talk = ((struct run *)check_run(check))->talk;
	bool closed = false;

	while (receive(check, &closed)) {
		if (memmem(talk->answer, talk->received, tcp->expect,
			   tcp->expect_len)) {
			passed(check);
			return;
		}
		if (closed || talk->received == sizeof(talk->answer)) {
			not_expected(check, closed);
			return;
		}
	}
}

/* ---- send ---- */

/* True when all is sent. */
static bool
send_all(struct check *check)
{
	const struct conf_tcp *tcp = &check_conf(check)->tcp;
	struct run *run = check_run(check);
	struct talk *talk = run->talk;

	while (talk->sent < tcp->send_len) {
		const char *from = tcp->send + talk->sent;
		size_t left = tcp->send_len - talk->sent, n = 0;
		struct tls_failure why;
		enum tls_step step;
		int error = 0;

		if (talk->tls)
			step =
			    talk->ops->write(talk->tls, from, left, &n, &why);
		else
			step = plain_result(
			    send(run->watch.fd, from, left, MSG_NOSIGNAL), &n,
			    TLS_WRITE, &error);
		if (step == TLS_CLOSED) {
			step = TLS_FAILED;
			error = EPIPE;
		}
		if (!settle(check, step, error, &why))
			return false;
		talk->sent += n;
	}
	return true;
}

/* ---- TLS ---- */

static bool
open_tls(struct check *check, struct tls_failure *why)
{
	const struct conf_check *conf = check_conf(check);
	struct run *run = check_run(check);
	struct talk *talk = run->talk;
	const char *missing = "";

	talk->ops = kind_tls(&missing);
	if (!talk->ops) {
		why->verdict = CHECK_UNKNOWN;
		why->cause = CHECK_CAUSE_LOCAL;
		snprintf(why->text, sizeof(why->text), "no TLS: %s", missing);
		return false;
	}
	if (!talk->ops->prepare(&run->context, &conf->tcp.tls, why))
		return false;
	talk->tls = talk->ops->open(run->context, &conf->tcp.tls, &conf->target,
				    run->watch.fd, why);
	return talk->tls != NULL;
}

/* True when it is done. */
static bool
handshake(struct check *check)
{
	struct talk *talk = ((struct run *)check_run(check))->talk;
	struct tls_failure why;
	enum tls_step step;

	if (!talk->tls && !open_tls(check, &why)) {
		tls_failed(check, &why);
		return false;
	}
	step =
	    talk->ops->handshake(talk->tls, &check_conf(check)->tcp.tls, &why);
	return settle(check, step, 0, &why);
}

/* ---- the steps ---- */

static bool
is_connected(struct check *check)
{
	struct run *run = check_run(check);
	int error = sock_error(run->watch.fd);

	if (error)
		failed(check, "connect to", error);
	return !error;
}

/* Goes on after a step; may end the run. */
static void
advance(struct check *check)
{
	const struct conf_tcp *tcp = &check_conf(check)->tcp;
	struct run *run = check_run(check);

	if (run->step == CONNECTING) {
		if (run->watch.events && !is_connected(check))
			return;
		run->step = HANDSHAKE;
		if (tcp->tls.enabled || tcp->send_len || tcp->expect_len)
			run->talk = xcalloc(1, sizeof(*run->talk));
	}
	if (run->step == HANDSHAKE) {
		if (tcp->tls.enabled && !handshake(check))
			return;
		run->step = SENDING;
	}
	if (run->step == SENDING) {
		if (tcp->send_len && !send_all(check))
			return;
		run->step = EXPECTING;
	}
	if (tcp->expect_len)
		expect(check);
	else
		passed(check);
}

static void
start(struct check *check)
{
	struct run *run = check_run(check);
	bool connected;
	int fd = sock_connect(check, SOCK_STREAM, check_conf(check)->tcp.port,
			      &connected);

	if (fd < 0)
		return;
	run->step = CONNECTING;
	run->watch = (struct io_watch){fd, 0, on_ready, check};
	if (connected)
		advance(check);
	else
		want(check, IO_WRITE);
}

static void
destroy(struct check *check)
{
	struct run *run = check_run(check);
	const char *why;

	/* There is a context: the module was found before. */
	if (run->context)
		kind_tls(&why)->forget(run->context);
}

/* What came before the time was over tells more than that it was. */
static void
add_received(const struct run *run, char *buf)
{
	char seen[SHOWN_MAX];
	size_t n = strlen(buf);

	if (run->step != EXPECTING || run->talk->received == 0)
		return;
	text_escape(run->talk->answer, run->talk->received, seen, sizeof(seen));
	snprintf(buf + n, CHECK_DETAIL_MAX - n, " after \"%s\"", seen);
}

static const char *
waits_for(struct check *check, char *buf)
{
	static const char *const doing[] = {
	    [CONNECTING] = "connect to",
	    [HANDSHAKE] = "TLS handshake with",
	    [SENDING] = "send to",
	    [EXPECTING] = "expected text from",
	};
	const struct run *run = check_run(check);
	char endpoint[SOCK_TEXT_MAX];

	snprintf(buf, CHECK_DETAIL_MAX, "%s %s", doing[run->step],
		 sock_text(&check_conf(check)->target,
			   check_conf(check)->tcp.port, endpoint));
	add_received(run, buf);
	return buf;
}

const struct check_kind check_tcp_kind = {
    .name = "tcp",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .destroy = destroy,
    .waits_for = waits_for,
};
