/* SPDX-License-Identifier: ISC */
#include "cli/prober.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define OPEN_MAX_REQUESTS 512 /* answers awaited at once */

struct open_request {
	int fd;
	size_t index; /* into requests */
};

struct prober {
	struct prober_settings s;
	struct prober_request *requests; /* owned */
	size_t n, room;
	struct open_request open[OPEN_MAX_REQUESTS];
	size_t n_open;
	struct mono next; /* request */
	struct mono end;  /* of the last look */
};

/* ---- settings ---- */

bool
prober_parse(const char *text, struct prober_settings *out)
{
	char *end;
	unsigned long port;

	if (strncmp(text, "tcp/", 4) != 0 && strncmp(text, "udp/", 4) != 0)
		return false;
	if (text[4] < '0' || text[4] > '9')
		return false;
	port = strtoul(text + 4, &end, 10);
	if (*end != '\0' || port < 1 || port > UINT16_MAX)
		return false;
	out->udp = text[0] == 'u';
	out->port = (uint16_t)port;
	return true;
}

/* The name servers of the root: every DNS server answers, if only REFUSED. */
static const char dns_query[] = "\xba\x51\0\0\0\1\0\0\0\0\0\0"
				"\0\0\2\0\1";

void
prober_payload(struct prober_settings *s)
{
	bool dns = s->port == 53;

	s->payload = dns ? dns_query : "basin\n";
	s->payload_len = dns ? sizeof(dns_query) - 1 : strlen("basin\n");
}

const char *
prober_result_text(enum prober_result r)
{
	static const char *const texts[] = {
#define X(n, t) [PROBER_##n] = t,
	    PROBER_RESULTS(X)
#undef X
	};

	return texts[r];
}

/* ---- one request ---- */

static enum prober_result
result_of(int error)
{
	if (error == 0)
		return PROBER_ANSWERED;
	return error == ECONNREFUSED || error == ECONNRESET
		   ? PROBER_REFUSED
		   : PROBER_UNREACHABLE;
}

static int
bind_source(const struct prober *p, int fd)
{
	struct sockaddr_storage ss;
	socklen_t n;

	if (ip_is_none(&p->s.source))
		return 0;
	n = ip_to_sockaddr(&p->s.source, 0, 0, &ss);
	return bind(fd, (struct sockaddr *)&ss, n) == 0 ? 0 : errno;
}

/* 0: an answer is awaited; else errno. */
static int
begin(const struct prober *p, int fd)
{
	struct sockaddr_storage ss;
	socklen_t n = ip_to_sockaddr(&p->s.target, p->s.port, 0, &ss);
	int error = bind_source(p, fd);

	if (error != 0)
		return error;
	if (connect(fd, (struct sockaddr *)&ss, n) != 0 && errno != EINPROGRESS)
		return errno;
	if (p->s.udp && send(fd, p->s.payload, p->s.payload_len, 0) < 0)
		return errno;
	return 0;
}

static void
finish(struct prober *p, size_t i, enum prober_result result)
{
	struct prober_request *r = &p->requests[p->open[i].index];

	r->result = result;
	r->latency = mono_sub(mono_now(), r->sent);
	close(p->open[i].fd);
	p->open[i] = p->open[--p->n_open];
}

static struct prober_request *
add_request(struct prober *p)
{
	if (p->n == p->room) {
		p->room = p->room ? p->room * 2 : 1024;
		p->requests =
		    xrealloc(p->requests, p->room, sizeof(*p->requests));
	}
	p->requests[p->n] = (struct prober_request){.sent = mono_now()};
	return &p->requests[p->n++];
}

static void
send_one(struct prober *p)
{
	int type = (p->s.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC |
		   SOCK_NONBLOCK;
	int fd = socket(p->s.target.family, type, 0);
	struct prober_request *r = add_request(p);
	int error = fd < 0 ? errno : begin(p, fd);

	if (error != 0) {
		r->result = result_of(error);
		if (fd >= 0)
			close(fd);
		return;
	}
	p->open[p->n_open++] = (struct open_request){fd, p->n - 1};
}

static void
take_answer(struct prober *p, size_t i, short events)
{
	char octet;
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(p->open[i].fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error == 0 && p->s.udp && recv(p->open[i].fd, &octet, 1, 0) < 0)
		error = errno;
	if (error != EAGAIN)
		finish(p, i, result_of(error));
}

/* ---- all of them ---- */

/* From the last to the first: finish() moves the last into the gap. */
static void
give_up_silent(struct prober *p)
{
	struct mono now = mono_now();

	for (size_t i = p->n_open; i-- > 0;) {
		struct mono sent = p->requests[p->open[i].index].sent;

		if (mono_reached(mono_add(sent, p->s.timeout), now))
			finish(p, i, PROBER_SILENT);
	}
}

static int
wait_for(struct mono until)
{
	int64_t ms = dur_to_ms(mono_sub(until, mono_now()));

	return ms < 0 ? 0 : (int)ms + 1;
}

static void
look(struct prober *p, struct mono until)
{
	struct pollfd fds[OPEN_MAX_REQUESTS];
	size_t n = p->n_open;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){
		    .fd = p->open[i].fd,
		    .events = p->s.udp ? POLLIN : POLLOUT,
		};
	if (n == 0 || poll(fds, n, 0) == 0) {
		int ms = wait_for(until);

		/* Nobody waits forever for one that stays silent. */
		poll(fds, n, ms < 100 ? ms : 100);
	}
	for (size_t i = n; i-- > 0;)
		if (fds[i].revents)
			take_answer(p, i, fds[i].revents);
	give_up_silent(p);
}

struct prober *
prober_new(const struct prober_settings *s)
{
	struct prober *p = xcalloc(1, sizeof(*p));

	p->s = *s;
	p->next = mono_now();
	return p;
}

void
prober_free(struct prober *p)
{
	while (p->n_open > 0)
		close(p->open[--p->n_open].fd);
	free(p->requests);
	free(p);
}

void
prober_run(struct prober *p, struct mono until)
{
	while (!mono_reached(until, mono_now())) {
		if (mono_reached(p->next, mono_now()) &&
		    p->n_open < OPEN_MAX_REQUESTS) {
			send_one(p);
			p->next = mono_add(p->next, p->s.interval);
		}
		look(p, mono_min(until, p->next));
	}
	p->end = mono_now();
}

void
prober_finish(struct prober *p)
{
	p->end = mono_now();
	while (p->n_open > 0)
		look(p, mono_add(mono_now(), p->s.timeout));
}

/* ---- the summary ---- */

static int
compare(const void *a, const void *b)
{
	const struct dur *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

static struct dur
median_latency(const struct prober_request *v, size_t n)
{
	struct dur *latencies = xcalloc(n, sizeof(*latencies)), median;
	size_t answered = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].result == PROBER_ANSWERED)
			latencies[answered++] = v[i].latency;
	qsort(latencies, answered, sizeof(*latencies), compare);
	median = answered ? latencies[answered / 2] : DUR_ZERO;
	free(latencies);
	return median;
}

static void
lengthen(struct prober_summary *out, struct mono since, struct mono now)
{
	struct dur gap = mono_sub(now, since);

	if (!mono_is_never(since) && gap.ns > out->longest.ns)
		out->longest = gap;
}

void
prober_sum(const struct prober_request *v, size_t n, struct mono end,
	   struct prober_summary *out)
{
	struct mono gap = MONO_NEVER; /* since when nothing was answered */

	*out = (struct prober_summary){.sent = n,
				       .first_lost = MONO_NEVER,
				       .last_lost = MONO_NEVER,
				       .latency = median_latency(v, n)};
	for (size_t i = 0; i < n; i++) {
		out->results[v[i].result]++;
		if (v[i].result == PROBER_ANSWERED) {
			lengthen(out, gap, v[i].sent);
			gap = MONO_NEVER;
			continue;
		}
		out->lost++;
		out->last_lost = v[i].sent;
		if (mono_is_never(out->first_lost))
			out->first_lost = v[i].sent;
		if (mono_is_never(gap))
			gap = v[i].sent;
	}
	lengthen(out, gap, end);
}

void
prober_summary(const struct prober *p, struct prober_summary *out)
{
	prober_sum(p->requests, p->n, p->end, out);
}
