/* SPDX-License-Identifier: ISC */
/*
 * Listening sockets, as the kernel has them.
 *
 *   destroyed ──notification──► look (dump) ──► gone     (at once)
 *   created   ──────────────────look────────► present  (no notification)
 *
 * A notification only says where to look: another process may listen on the
 * same port, so the dump that follows it decides. Dumps repair what was lost:
 * every REPAIR_MS, and every ABSENT_MS while something is gone, because the
 * kernel does not tell of sockets that are opened, or when a dump failed.
 *
 * Invariant: a dump that failed or was cut changes nothing.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/sys.h"

#define SUBJECT "watch"
/* Looked at so often while all is there, and while something is gone. */
#define REPAIR_MS 2000
#define ABSENT_MS 100
#define READ_MAX  8192
#define DUMP_MAX  32768
/* Reads in one turn of the loop. */
#define BURST 64
/* The kernel's 200 KB hold some 800 notifications. */
#define RECEIVE_BUFFER (1 << 20)

struct watched {
	struct sockwatch_socket s;
	bool *heard; /* owned: for each address, in the running dump */
	bool any;    /* a socket on the port, for those without addresses */
	bool told, present;
	bool touched; /* a socket on the port was closed: look */
};

struct sockwatch {
	struct log *log; /* borrowed */
	sockwatch_report *report;
	void *arg;
	struct mnl_socket *events, *dumps; /* owned */
	uint32_t seq;
	struct watched *v; /* owned */
	size_t n;
	bool joined;
	bool failed; /* the last look, as logged */
	bool unsure; /* the last look was no good: look again soon */
	struct log_limit limit;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned handles; /* still to be closed */
	bool closing;
};

/* One dump asks for one of these. */
struct table {
	uint8_t family, protocol;
	uint16_t port; /* 0: all */
};

/* ---- matching ---- */

/* A socket as a dump has it. */
struct found {
	uint8_t protocol;
	uint16_t port;
	struct ip ip;
	bool v6_only;
};

/* Does a socket bound like this get what is sent to `ip`? */
static bool
serves(const struct found *f, const struct ip *ip)
{
	if (!ip_is_unspecified(&f->ip))
		return ip_equal(&f->ip, ip);
	return f->ip.family == ip->family ||
	       (f->ip.family == AF_INET6 && !f->v6_only);
}

static void
mark(struct sockwatch *w, const struct found *f)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched *e = &w->v[i];

		if (e->s.protocol != f->protocol || e->s.port != f->port)
			continue;
		e->any = true;
		for (size_t k = 0; k < e->s.n; k++)
			e->heard[k] |= serves(f, &e->s.addresses[k]);
	}
}

/* Listened to on every address, or anywhere when there are none. */
static bool
is_present(const struct watched *e)
{
	for (size_t k = 0; k < e->s.n; k++)
		if (!e->heard[k])
			return false;
	return e->any;
}

static void
forget(struct watched *e)
{
	e->any = false;
	if (e->s.n > 0)
		memset(e->heard, 0, e->s.n * sizeof(*e->heard));
}

/* ---- dumps ---- */

static int
on_attribute(const struct nlattr *a, void *arg)
{
	struct found *f = arg;

	if (mnl_attr_get_type(a) == INET_DIAG_SKV6ONLY &&
	    mnl_attr_validate(a, MNL_TYPE_U8) == 0)
		f->v6_only = mnl_attr_get_u8(a) != 0;
	return MNL_CB_OK;
}

/* ::ffff:192.0.2.1 is where an IPv6 socket serves one IPv4 address. */
static struct ip
bound_to(const struct inet_diag_msg *m)
{
	struct sockaddr_storage ss = {.ss_family = AF_INET6};
	struct ip ip;

	if (m->idiag_family != AF_INET6)
		return ip_from_bytes(AF_INET, (const uint8_t *)m->id.idiag_src);
	memcpy(&((struct sockaddr_in6 *)&ss)->sin6_addr, m->id.idiag_src, 16);
	ip_from_sockaddr(&ss, &ip);
	return ip;
}

struct dump {
	struct sockwatch *watch;
	uint8_t protocol;
	bool cut;
};

static int
on_socket(const struct nlmsghdr *h, void *arg)
{
	struct dump *dump = arg;
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct found f = {.protocol = dump->protocol};

	dump->cut |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->id.idiag_dport != 0)
		return MNL_CB_OK;
	f.port = ntohs(m->id.idiag_sport);
	f.ip = bound_to(m);
	mnl_attr_parse(h, sizeof(*m), on_attribute, &f);
	mark(dump->watch, &f);
	return MNL_CB_OK;
}

/* Answers are made while they are read: this never waits. */
static int
read_dump(struct sockwatch *w, struct dump *dump)
{
	unsigned portid = mnl_socket_get_portid(w->dumps);
	char buf[DUMP_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		ssize_t n = recv(mnl_socket_get_fd(w->dumps), buf, sizeof(buf),
				 MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		more =
		    mnl_cb_run(buf, (size_t)n, w->seq, portid, on_socket, dump);
		/* What is left of a dump that was given up. */
		if (more < 0 && errno == EPROTO)
			more = MNL_CB_OK;
		else if (more < 0)
			return -errno;
	}
	return dump->cut ? -EINTR : 0;
}

static int
dump_table(struct sockwatch *w, const struct table *t)
{
	struct dump dump = {w, t->protocol, false};
	char buf[128];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = ++w->seq;
	r->sdiag_family = t->family;
	r->sdiag_protocol = t->protocol;
	/* A UDP socket that is not connected is in the state CLOSE. */
	r->idiag_states =
	    t->protocol == IPPROTO_TCP ? 1U << TCP_LISTEN : 1U << TCP_CLOSE;
	r->id.idiag_sport = htons(t->port);
	if (mnl_socket_sendto(w->dumps, h, h->nlmsg_len) < 0)
		return -errno;
	return read_dump(w, &dump);
}

static int
dump_both(struct sockwatch *w, uint8_t protocol, uint16_t port)
{
	int r = dump_table(w, &(struct table){AF_INET, protocol, port});

	/* An IPv6 socket may serve IPv4 too; without IPv6 there is none. */
	if (r == 0)
		r = dump_table(w, &(struct table){AF_INET6, protocol, port});
	return r == -ENOENT || r == -EAFNOSUPPORT ? 0 : r;
}

/* ---- looking ---- */

static void
complain(struct sockwatch *w, int error)
{
	if (error == 0 || error == -EINTR) {
		w->failed = false;
		return;
	}
	if (!w->failed)
		log_error(w->log, SUBJECT,
			  "the kernel's list of sockets cannot be read: %s; "
			  "services are judged by their checks alone",
			  strerror(-error));
	w->failed = true;
}

static void
tell(struct sockwatch *w, size_t i)
{
	struct watched *e = &w->v[i];
	bool present = is_present(e);

	if (e->told && e->present == present)
		return;
	e->told = true;
	e->present = present;
	w->report(w->arg, i, present);
}

/* Selects what a look is about. Port 0: every one of the protocol. */
static bool
is_about(const struct watched *e, uint8_t protocol, uint16_t port)
{
	return e->s.protocol == protocol && (port == 0 || e->s.port == port);
}

static void
look(struct sockwatch *w, uint8_t protocol, uint16_t port)
{
	bool needed = false;
	int r;

	for (size_t i = 0; i < w->n; i++) {
		if (!is_about(&w->v[i], protocol, port))
			continue;
		forget(&w->v[i]);
		w->v[i].touched = false;
		needed = true;
	}
	if (!needed)
		return;
	r = dump_both(w, protocol, port);
	w->unsure |= r != 0;
	complain(w, r);
	for (size_t i = 0; r == 0 && i < w->n && !w->closing; i++)
		if (is_about(&w->v[i], protocol, port))
			tell(w, i);
}

static bool
all_present(const struct sockwatch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].present)
			return false;
	return true;
}

static void
on_timer(uv_timer_t *timer)
{
	sockwatch_look(timer->data);
}

static void
plan(struct sockwatch *w)
{
	bool calm = !w->unsure && all_present(w);
	uint64_t ms = calm ? REPAIR_MS : ABSENT_MS;

	if (w->n == 0 || w->closing)
		return;
	/* A flood of notifications must not put the look off for ever. */
	if (!uv_is_active((uv_handle_t *)&w->timer) ||
	    uv_timer_get_due_in(&w->timer) > ms)
		uv_timer_start(&w->timer, on_timer, ms, 0);
}

void
sockwatch_look(struct sockwatch *w)
{
	w->unsure = false;
	look(w, IPPROTO_TCP, 0);
	look(w, IPPROTO_UDP, 0);
	plan(w);
}

/* ---- notifications ---- */

static void
on_destroyed(struct sockwatch *w, const struct nlmsghdr *h, uint8_t protocol)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);

	/* Port 0: it was never bound. */
	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || m->id.idiag_sport == 0)
		return;
	for (size_t i = 0; i < w->n; i++)
		w->v[i].touched |=
		    is_about(&w->v[i], protocol, ntohs(m->id.idiag_sport));
}

/* Once a turn: anybody may open and close sockets on a port all day long. */
static void
look_at_touched(struct sockwatch *w)
{
	for (size_t i = 0; i < w->n && !w->closing; i++)
		if (w->v[i].touched)
			look(w, w->v[i].s.protocol, w->v[i].s.port);
}

/* The message does not name its protocol: the attribute does. */
static int
on_protocol(const struct nlattr *a, void *arg)
{
	uint8_t *protocol = arg;

	if (mnl_attr_get_type(a) == INET_DIAG_PROTOCOL &&
	    mnl_attr_validate(a, MNL_TYPE_U8) == 0)
		*protocol = mnl_attr_get_u8(a);
	return MNL_CB_OK;
}

static void
on_message(struct sockwatch *w, const struct nlmsghdr *h)
{
	uint8_t protocol = 0;

	mnl_attr_parse(h, sizeof(struct inet_diag_msg), on_protocol, &protocol);
	if (protocol != IPPROTO_UDP)
		on_destroyed(w, h, IPPROTO_TCP);
	if (protocol != IPPROTO_TCP)
		on_destroyed(w, h, IPPROTO_UDP);
}

static void
on_overrun(struct sockwatch *w)
{
	uint32_t suppressed;

	if (log_allowed(&w->limit, dur_s(10), mono_now(), &suppressed))
		log_notice(w->log, SUBJECT,
			   "notifications of the kernel were lost; all "
			   "listening sockets are read again (%u more times "
			   "before)",
			   suppressed);
	sockwatch_look(w);
}

/* False: nothing more to read now. */
static bool
read_some(struct sockwatch *w)
{
	char buf[READ_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n =
	    recv(mnl_socket_get_fd(w->events), buf, sizeof(buf), MSG_DONTWAIT);
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
	int left = (int)n;

	if (n < 0 && errno == ENOBUFS) {
		on_overrun(w);
		return true;
	}
	if (n <= 0)
		return false;
	for (; mnl_nlmsg_ok(h, left) && !w->closing;
	     h = mnl_nlmsg_next(h, &left))
		on_message(w, h);
	return true;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct sockwatch *w = poll->data;

	for (int i = 0; i < BURST && !w->closing; i++)
		if (!read_some(w))
			break;
	look_at_touched(w);
	plan(w);
	/* libuv stops polling on EPOLLERR, which is how an overrun shows. */
	if (status < 0 && !w->closing)
		uv_poll_start(&w->poll, UV_READABLE, on_poll);
}

/*
 * A busy server closes thousands of connections a second, of which the kernel
 * tells as well: those have a remote port, what is listened on has none.
 */
static void
attach_filter(int fd)
{
	const unsigned remote =
	    NLMSG_HDRLEN + offsetof(struct inet_diag_msg, id.idiag_dport);
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, remote),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_LEN(code), code};

	/* Without it everything works, only less quietly. */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* Only while something is watched: telling costs the kernel something. */
static int
join(struct sockwatch *w, bool on)
{
	static const int groups[] = {
	    SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY,
	    SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY};
	const int option =
	    on ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;

	for (size_t i = 0; i < ARRAY_LEN(groups) && w->joined != on; i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(w->events, option, &group,
					  sizeof(group)) < 0)
			return -errno;
	}
	w->joined = on;
	return 0;
}

/* ---- life ---- */

static struct mnl_socket *
open_one(void)
{
	struct mnl_socket *s =
	    mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0)
		return s;
	if (s)
		mnl_socket_close(s);
	return NULL;
}

static void
release(struct sockwatch *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].heard);
	free(w->v);
	w->v = NULL;
	w->n = 0;
}

static void
destroy(struct sockwatch *w)
{
	if (w->events)
		mnl_socket_close(w->events);
	if (w->dumps)
		mnl_socket_close(w->dumps);
	release(w);
	free(w);
}

static int
open_sockets(struct sockwatch *w, uv_loop_t *loop)
{
	int size = RECEIVE_BUFFER, fd;

	w->events = open_one();
	w->dumps = w->events ? open_one() : NULL;
	if (!w->dumps)
		return errno ? -errno : -EIO;
	fd = mnl_socket_get_fd(w->events);
	/* Without privilege the system's maximum applies: then look more. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) !=
	    0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	attach_filter(fd);
	return uv_poll_init(loop, &w->poll, fd);
}

int
sockwatch_new(uv_loop_t *loop, struct log *log, sockwatch_report *report,
	      void *arg, struct sockwatch **out)
{
	struct sockwatch *w = xcalloc(1, sizeof(*w));
	int r = open_sockets(w, loop);

	w->log = log;
	w->report = report;
	w->arg = arg;
	w->poll.data = w->timer.data = w;
	if (r != 0) {
		destroy(w);
		return r;
	}
	uv_poll_start(&w->poll, UV_READABLE, on_poll);
	uv_timer_init(loop, &w->timer);
	w->handles = 2;
	*out = w;
	return 0;
}

int
sockwatch_set(struct sockwatch *w, const struct sockwatch_socket *v, size_t n)
{
	int r;

	release(w);
	uv_timer_stop(&w->timer);
	w->v = xcalloc(n, sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		w->v[i].s = v[i];
		w->v[i].heard = xcalloc(v[i].n, sizeof(bool));
		w->v[i].present = true;
	}
	/* First the notifications, so that nothing is missed in between. */
	r = join(w, n > 0);
	sockwatch_look(w);
	return r;
}

static void
on_closed(uv_handle_t *handle)
{
	struct sockwatch *w = handle->data;

	if (--w->handles == 0)
		destroy(w);
}

void
sockwatch_close(struct sockwatch *w)
{
	w->closing = true;
	uv_close((uv_handle_t *)&w->poll, on_closed);
	uv_close((uv_handle_t *)&w->timer, on_closed);
}
