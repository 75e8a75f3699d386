/* SPDX-License-Identifier: ISC */
/*
 * NTP: one request, the answer that belongs to it.
 *
 *   start --sent--> ASKED --answer--> done
 *
 * A datagram whose origin timestamp is not our nonce is ignored.
 */
#include "check/kind.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "check/io.h"
#include "check/ntp_message.h"
#include "check/sock.h"

/* Extension fields beyond this are cut off; they are not read. */
#define DATAGRAM_MAX 1024
/* Datagrams read in one turn of the loop: a flood must not hold it. */
#define DATAGRAMS_PER_TURN 16

struct run {
	struct io_watch watch;
	struct ntp_message message;
	struct mono sent;
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
	sock_done(check, "NTP request to", check_conf(check)->ntp.port, error);
}

/* True when it was the answer and the run is over. */
static bool
take_datagram(struct check *check, const uint8_t *octets, size_t n)
{
	struct run *run = check_run(check);
	struct dur taken = mono_sub(mono_now(), run->sent);
	struct judgement j;

	/* Our clock may be stepped meanwhile; the monotonic one is not. */
	run->message.received.ns = run->message.sent.ns + taken.ns;
	if (ntp_message_judge(&check_conf(check)->ntp, &run->message, octets, n,
			      &j) == NTP_FOREIGN)
		return false;
	end(check);
	check_done(check, j.verdict, j.cause, "%s", j.detail);
	return true;
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	uint8_t octets[DATAGRAM_MAX];

	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		ssize_t n = recv(watch->fd, octets, sizeof(octets), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			failed(check, errno);
		if (n < 0 || take_datagram(check, octets, (size_t)n))
			return;
	}
}

static void
ask(struct check *check)
{
	struct run *run = check_run(check);
	struct ntp_message *m = &run->message;
	uint8_t octets[NTP_MESSAGE_LEN];
	int rc;

	if (getrandom(&m->nonce, sizeof(m->nonce), GRND_NONBLOCK) < 0)
		m->nonce = (uint64_t)mono_now().ns;
	ntp_message_request(m, octets);
	m->sent = wall_now();
	run->sent = mono_now();
	if (send(run->watch.fd, octets, sizeof(octets), MSG_NOSIGNAL) < 0) {
		failed(check, errno);
		return;
	}
	rc = io_want(check_io(check), &run->watch, IO_READ);
	if (rc)
		failed(check, -rc);
}

static void
start(struct check *check)
{
	struct run *run = check_run(check);
	bool connected;
	int fd = sock_connect(check, SOCK_DGRAM, check_conf(check)->ntp.port,
			      &connected);

	if (fd < 0)
		return;
	run->watch = (struct io_watch){fd, 0, on_ready, check};
	ask(check);
}

static const char *
waits_for(struct check *check, char *buf)
{
	char endpoint[SOCK_TEXT_MAX];

	snprintf(buf, CHECK_DETAIL_MAX, "NTP request to %s",
		 sock_text(&check_conf(check)->target,
			   check_conf(check)->ntp.port, endpoint));
	return buf;
}

const struct check_kind check_ntp_kind = {
    .name = "ntp",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
};
