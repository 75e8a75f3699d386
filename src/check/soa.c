/* SPDX-License-Identifier: ISC */
/*
 * A zone's SOA record, asked for here and at its primary at the same time.
 *
 *   start --both asked--> ASKED --ours--> WAITING --primary's--> done
 *                           |  `--primary's (kept)                 ^
 *                           `--ours refused, no answer-------------'
 *
 * Ours decides whether the service lives; the primary's only how old it is:
 * without it the run is unknown, until the zone is too old. When the serial
 * last followed is known since the check began, not from before.
 */
#include "check/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check/dns_message.h"
#include "check/io.h"
#include "check/soa_message.h"
#include "check/sock.h"

/* Larger answers to a query without EDNS are foreign. */
#define DATAGRAM_MAX 512
/* Datagrams read in one turn of the loop: a flood must not hold it. */
#define DATAGRAMS_PER_TURN 16

/* One of the two questions. */
struct query {
	struct io_watch watch;
	uint16_t id;
	bool over;  /* nothing more is awaited */
	bool found; /* `soa` is what was found; else `why` not */
	struct soa soa;
	char why[SOA_WHY_MAX];
};

/* Lives while a run goes on. */
struct exchange {
	struct query ours, primary;
};

struct run {
	struct mono followed; /* last seen to follow; 0: the check is new */
	struct exchange *x;   /* owned; NULL while idle */
};

static void
end(struct check *check)
{
	struct run *run = check_run(check);

	io_close(check_io(check), &run->x->ours.watch);
	io_close(check_io(check), &run->x->primary.watch);
	free(run->x);
	run->x = NULL;
}

static const char *
primary_text(const struct check *check, char *buf)
{
	const struct conf_soa *conf = &check_conf(check)->soa;

	return sock_text(&conf->primary, conf->primary_port, buf);
}

static struct dur
age_of(struct check *check)
{
	const struct run *run = check_run(check);

	return mono_sub(mono_now(), run->followed);
}

/* ---- what came back ---- */

/* Both are there: the end. */
static void
conclude(struct check *check)
{
	const struct conf_soa *conf = &check_conf(check)->soa;
	struct run *run = check_run(check);
	const struct exchange *x = run->x;
	char endpoint[SOCK_TEXT_MAX], why[SOA_WHY_MAX + SOCK_TEXT_MAX + 16];
	struct judgement j;

	if (x->primary.found &&
	    soa_message_follows(conf, &x->ours.soa, &x->primary.soa))
		run->followed = mono_now();
	snprintf(why, sizeof(why), "primary %s: %s",
		 primary_text(check, endpoint), x->primary.why);
	soa_message_judge(conf, &x->ours.soa,
			  x->primary.found ? &x->primary.soa : NULL, why,
			  age_of(check), &j);
	end(check);
	check_done(check, j.verdict, j.cause, "%s", j.detail);
}

static void
ours_failed(struct check *check, int error)
{
	end(check);
	sock_done(check, "SOA query to", check_conf(check)->soa.port, error);
}

static void
ours_refused(struct check *check)
{
	struct run *run = check_run(check);
	char endpoint[SOCK_TEXT_MAX], why[SOA_WHY_MAX];

	snprintf(why, sizeof(why), "%s", run->x->ours.why);
	end(check);
	check_done(check, CHECK_FAIL, CHECK_CAUSE_ANSWER, "%s %s",
		   sock_text(&check_conf(check)->target,
			     check_conf(check)->soa.port, endpoint),
		   why);
}

static void
give_up_primary(struct check *check, int error)
{
	struct query *q = &((struct run *)check_run(check))->x->primary;

	q->over = true;
	sock_error_text(error, q->why, sizeof(q->why));
	io_close(check_io(check), &q->watch);
}

/* One datagram; false when there is none, or the query is over. */
static bool
read_one(struct check *check, struct query *q, int *error)
{
	uint8_t octets[DATAGRAM_MAX];
	ssize_t n = recv(q->watch.fd, octets, sizeof(octets), 0);

	if (n < 0) {
		*error = errno == EAGAIN || errno == EINTR ? 0 : errno;
		return false;
	}
	switch (soa_message_read(check_conf(check)->soa.zone, q->id, octets,
				 (size_t)n, &q->soa, q->why)) {
	case SOA_FOREIGN:
		return true;
	case SOA_REFUSED:
		break;
	case SOA_FOUND:
		q->found = true;
		break;
	}
	q->over = true;
	io_close(check_io(check), &q->watch);
	return false;
}

/* 0 or the errno of the socket. */
static int
read_answers(struct check *check, struct query *q)
{
	int error = 0;

	for (int i = 0; i < DATAGRAMS_PER_TURN; i++)
		if (!read_one(check, q, &error))
			break;
	return error;
}

static void
on_ours(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct exchange *x = ((struct run *)check_run(check))->x;
	int error = read_answers(check, &x->ours);

	if (error)
		ours_failed(check, error);
	else if (x->ours.over && !x->ours.found)
		ours_refused(check);
	else if (x->ours.over && x->primary.over)
		conclude(check);
}

static void
on_primary(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct exchange *x = ((struct run *)check_run(check))->x;
	int error = read_answers(check, &x->primary);

	if (error)
		give_up_primary(check, error);
	if (x->ours.over && x->primary.over)
		conclude(check);
}

/* ---- asking ---- */

/* 0 or errno. */
static int
ask(struct check *check, struct query *q, int fd, io_ready *ready)
{
	const struct conf_dns question = {
	    .name = check_conf(check)->soa.zone, .type = "SOA", .class = "IN"};
	uint8_t octets[DNS_QUERY_MAX];
	size_t n;

	q->watch = (struct io_watch){fd, 0, ready, check};
	if (getrandom(&q->id, sizeof(q->id), GRND_NONBLOCK) < 0)
		q->id = (uint16_t)(mono_now().ns >> 8);
	n = dns_message_query(&question, q->id, octets);
	if (!n)
		return EINVAL;
	if (send(fd, octets, n, MSG_NOSIGNAL) < 0)
		return errno;
	return -io_want(check_io(check), &q->watch, IO_READ);
}

/*
 * From the address the kernel chooses: the option `source` is about the
 * service, and an answer to an anycast address may go to another node.
 */
static void
ask_primary(struct check *check)
{
	const struct conf_soa *conf = &check_conf(check)->soa;
	struct query *q = &((struct run *)check_run(check))->x->primary;
	struct sockaddr_storage ss;
	socklen_t len =
	    ip_to_sockaddr(&conf->primary, conf->primary_port, 0, &ss);
	int fd = socket(conf->primary.family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? errno : 0;

	q->watch.fd = fd;
	if (!error && connect(fd, (struct sockaddr *)&ss, len) < 0)
		error = errno;
	if (!error)
		error = ask(check, q, fd, on_primary);
	if (error)
		give_up_primary(check, error);
}

static void
start(struct check *check)
{
	struct run *run = check_run(check);
	bool connected;
	int fd, error;

	if (run->followed.ns == 0)
		run->followed = mono_now();
	/* It may end the run: there must be nothing to leak. */
	fd = sock_connect(check, SOCK_DGRAM, check_conf(check)->soa.port,
			  &connected);
	if (fd < 0)
		return;
	run->x = xcalloc(1, sizeof(*run->x));
	run->x->primary.watch.fd = -1;
	error = ask(check, &run->x->ours, fd, on_ours);
	if (error)
		ours_failed(check, error);
	else
		ask_primary(check);
}

static bool
waits_for_primary(struct check *check)
{
	const struct run *run = check_run(check);

	return run->x->ours.over;
}

static const char *
waits_for(struct check *check, char *buf)
{
	char endpoint[SOCK_TEXT_MAX], shown[32];

	if (waits_for_primary(check))
		snprintf(buf, CHECK_DETAIL_MAX,
			 "SOA query to the primary %s (followed %s ago)",
			 primary_text(check, endpoint),
			 dur_format(age_of(check), shown, sizeof(shown)));
	else
		snprintf(buf, CHECK_DETAIL_MAX, "SOA query to %s",
			 sock_text(&check_conf(check)->target,
				   check_conf(check)->soa.port, endpoint));
	return buf;
}

/* A primary that does not answer says nothing of us, until we are too old. */
static bool
is_local(struct check *check)
{
	const struct run *run = check_run(check);

	return waits_for_primary(check) &&
	       age_of(check).ns <=
		   soa_message_limit(&check_conf(check)->soa, &run->x->ours.soa)
		       .ns;
}

const struct check_kind check_soa_kind = {
    .name = "soa",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = end,
    .waits_for = waits_for,
    .is_local = is_local,
};
