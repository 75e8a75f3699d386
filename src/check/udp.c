/* SPDX-License-Identifier: ISC */
/*
 * UDP: one datagram out, one answer back.
 *
 *   start --sent--> ASKED --answer--> done
 *                     `--ICMP port unreachable--> done (refused)
 *
 * The socket is connected: the kernel drops what does not come from the
 * target and tells of ICMP errors. Each run has its own socket and so a new
 * port; an answer to the run before cannot be taken for one to this.
 */
#include "check/kind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "check/io.h"
#include "check/sock.h"

/* Octets of an answer that are looked at: the most a datagram carries. */
#define ANSWER_MAX 65536
/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 60

struct run {
	struct io_watch watch;
};

static void
end(struct check *check)
{
	struct run *run = check_run(check);

	io_close(check_io(check), &run->watch);
}

static void
failed(struct check *check, int error)
{
	end(check);
	sock_done(check, "UDP to", check_conf(check)->udp.port, error);
}

static void
judge_answer(struct check *check, const char *answer, size_t n)
{
	const struct conf_udp *udp = &check_conf(check)->udp;
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];

	end(check);
	if (!udp->expect || memmem(answer, n, udp->expect, udp->expect_len)) {
		check_done(check, CHECK_PASS, CHECK_CAUSE_OK,
			   "an answer of %zu octets", n);
		return;
	}
	text_escape(udp->expect, udp->expect_len, wanted, sizeof(wanted));
	text_escape(answer, n, seen, sizeof(seen));
	check_done(check, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		   "expected \"%s\", the answer is \"%s\"", wanted, seen);
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	char answer[ANSWER_MAX];
	ssize_t n = recv(watch->fd, answer, sizeof(answer), 0);

	if (n >= 0)
		judge_answer(check, answer, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		failed(check, errno);
}

static void
start(struct check *check)
{
	const struct conf_udp *udp = &check_conf(check)->udp;
	struct run *run = check_run(check);
	bool connected;
	int rc, fd = sock_connect(check, SOCK_DGRAM, udp->port, &connected);

	if (fd < 0)
		return;
	run->watch = (struct io_watch){fd, 0, on_ready, check};
	if (send(fd, udp->send, udp->send_len, MSG_NOSIGNAL) < 0) {
		failed(check, errno);
		return;
	}
	rc = io_want(check_io(check), &run->watch, IO_READ);
	if (rc)
		failed(check, -rc);
}

static const char *
waits_for(struct check *check, char *buf)
{
	char endpoint[SOCK_TEXT_MAX];

	snprintf(buf, CHECK_DETAIL_MAX, "UDP to %s",
		 sock_text(&check_conf(check)->target,
			   check_conf(check)->udp.port, endpoint));
	return buf;
}

const struct check_kind check_udp_kind = {
    .name = "udp",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
};
