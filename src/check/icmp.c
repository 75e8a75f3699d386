/* SPDX-License-Identifier: ISC */
/*
 * ICMP echo: one request out, its reply back.
 *
 *   start --sent--> ASKED --reply--> done
 *                     `--ICMP unreachable--> done
 *
 * A ping socket (SOCK_DGRAM, see icmp(7)) needs no privilege but the sysctl
 * net.ipv4.ping_group_range, for both families. The kernel chooses the
 * identifier and hands over only replies that carry it; what has another
 * sequence or payload is ignored (it may be forged).
 */
#include "check/kind.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check/icmp_message.h"
#include "check/io.h"
#include "check/sock.h"

/* The largest payload and one octet more: a longer answer is not ours. */
#define MESSAGE_MAX (ICMP_MESSAGE_HEADER + 8952 + 1)
/* Messages read in one turn of the loop: a flood must not hold it. */
#define MESSAGES_PER_TURN 16

struct run {
	struct io_watch watch;
	struct icmp_message message;
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
	sock_done(check, "echo request to", 0, error);
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct run *run = check_run(check);
	uint8_t octets[MESSAGE_MAX];

	for (int i = 0; i < MESSAGES_PER_TURN; i++) {
		ssize_t n = recv(watch->fd, octets, sizeof(octets), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			failed(check, errno);
		if (n < 0)
			return;
		if (icmp_message_is_reply(&run->message, octets, (size_t)n)) {
			end(check);
			check_done(check, CHECK_PASS, CHECK_CAUSE_OK, "%s", "");
			return;
		}
	}
}

/* ---- start ---- */

static void
not_opened(struct check *check, int error)
{
	if (error == EACCES || error == EPERM)
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
			   "ping sockets are not permitted to this user: set "
			   "sysctl net.ipv4.ping_group_range=\"0 2147483647\"");
	else
		sock_done(check, "socket for", 0, error);
}

/* All ICMP errors, not only those that end a connection. */
static void
hear_errors(int fd, int family)
{
	int one = 1;

	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
}

/* The kernel keeps the identifier where other sockets have their port. */
static uint16_t
identifier(int fd)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	struct ip ip;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return 0;
	return ip_from_sockaddr(&ss, &ip);
}

static void
ask(struct check *check)
{
	struct run *run = check_run(check);
	struct icmp_message *m = &run->message;
	uint8_t octets[MESSAGE_MAX];
	size_t n;
	int rc;

	m->family = check_conf(check)->target.family;
	m->size = check_conf(check)->icmp.size;
	m->id = identifier(run->watch.fd);
	m->sequence++;
	if (getrandom(m->nonce, sizeof(m->nonce), GRND_NONBLOCK) < 0)
		memcpy(m->nonce, &(int64_t){mono_now().ns}, sizeof(int64_t));
	n = icmp_message_request(m, octets, sizeof(octets));
	if (send(run->watch.fd, octets, n, MSG_NOSIGNAL) < 0) {
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
	int family = check_conf(check)->target.family;
	struct run *run = check_run(check);
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	bool connected;

	if (fd < 0) {
		not_opened(check, errno);
		return;
	}
	hear_errors(fd, family);
	fd = sock_attach(check, fd, 0, &connected);
	if (fd < 0)
		return;
	run->watch = (struct io_watch){fd, 0, on_ready, check};
	ask(check);
}

static const char *
waits_for(struct check *check, char *buf)
{
	char target[SOCK_TEXT_MAX];

	snprintf(buf, CHECK_DETAIL_MAX, "echo request to %s",
		 sock_text(&check_conf(check)->target, 0, target));
	return buf;
}

const struct check_kind check_icmp_kind = {
    .name = "icmp",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
};
