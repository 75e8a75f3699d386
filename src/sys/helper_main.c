/* SPDX-License-Identifier: ISC */
/*
 * The root helper process: one poll(2) loop over a table of verbs.
 *
 *   request ─► decode (checks every field) ─► verb ─► answer
 *   EOF ─► kill commands, remove routes and addresses ─► exit
 *
 * Invariants: a request is read only while its answer can be written, so the
 * helper never waits for the main process; a descriptor that was passed is
 * not kept; nothing is remembered of the main process but what it added.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/helper_server.h"
#include "sys/serve.h"
#include "sys/tcp.h"

#define SUBJECT "helper"

/* Requests answered before commands and deadlines are looked at again. */
#define BURST 64

/* ---- verbs ---- */

/* Only BGP's privileged port; others the main process opens by itself. */
static int
verb_listen(struct helper_server *sv, const struct helper_request *q)
{
	if (q->port < 1024 && q->port != 179)
		return -EACCES;
	return tcp_listen(&q->ip, q->port);
}

/*
 * A main process that is not itself any more gets DNS and HTTP of addresses
 * that it names one by one, where nobody else listens: no wildcard, no sharing.
 */
static int
verb_serve(struct helper_server *sv, const struct helper_request *q)
{
	if (!serve_is_privileged(q->port))
		return -EACCES;
	return serve_open(&q->ip, q->port, q->verb == HELPER_SERVE_TCP);
}

static int
verb_exec_kill(struct helper_server *sv, const struct helper_request *q)
{
	helper_exec_cancel(sv, q->token);
	return 0;
}

struct verb {
	const char *name;
	int (*run)(struct helper_server *sv, const struct helper_request *q);
	bool answers_later; /* when it went well */
	bool answers_never;
	bool passes_descriptor; /* the result is one */
};

static const struct verb verbs[HELPER_VERB_COUNT] = {
    [HELPER_LISTEN] = {"listen", verb_listen, .passes_descriptor = true},
    [HELPER_ADDRESS_ADD] = {"address add", helper_owned_address_add},
    [HELPER_ADDRESS_DEL] = {"address del", helper_owned_address_del},
    [HELPER_ANYCAST_JOIN] = {"anycast join", helper_joined_add},
    [HELPER_ANYCAST_LEAVE] = {"anycast leave", helper_joined_del},
    [HELPER_ADVERTISE] = {"advertise", helper_advertised_send},
    [HELPER_ROUTE_ADD] = {"route add", helper_owned_route_add},
    [HELPER_ROUTE_DEL] = {"route del", helper_owned_route_del},
    [HELPER_EXEC] = {"exec", helper_exec_start, .answers_later = true},
    [HELPER_EXEC_KILL] = {"exec kill", verb_exec_kill, .answers_never = true},
    [HELPER_COUNTERS_SET] = {"counters set", helper_counted_set},
    [HELPER_COUNTERS_READ] = {"counters read", helper_counted_read,
			      .answers_later = true},
    [HELPER_DROP] = {"drop", helper_counted_drop},
    [HELPER_REALTIME] = {"realtime", helper_realtime_give},
    [HELPER_SERVE_TCP] = {"serve tcp", verb_serve, .passes_descriptor = true},
    [HELPER_SERVE_UDP] = {"serve udp", verb_serve, .passes_descriptor = true},
    [HELPER_UPGRADE] = {"upgrade", helper_upgrade_start,
			.passes_descriptor = true},
    [HELPER_UPGRADE_HAND] = {"upgrade hand", helper_upgrade_handing},
    [HELPER_UPGRADE_END] = {"upgrade end", helper_upgrade_end},
    [HELPER_RUN] = {"run", helper_run_start, .passes_descriptor = true},
    [HELPER_RELEASE] = {"release", helper_upgrade_release},
};

/* ---- answers ---- */

static void
attach_descriptor(struct msghdr *m, void *control, size_t size, int fd)
{
	struct cmsghdr *c;

	m->msg_control = control;
	m->msg_controllen = size;
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

/* fd: passed along, -1: none. */
static void
answer(int to, uint32_t token, int error, int fd)
{
	struct helper_answer a = {.token = token, .error = error};
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char buf[HELPER_ANSWER_MAX];
	struct iovec iov = {.iov_base = buf};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	int n = helper_wire_put_answer(&a, buf, sizeof(buf));

	iov.iov_len = (size_t)n;
	if (fd >= 0)
		attach_descriptor(&m, &control, sizeof(control), fd);
	/* Fails only when the main process is gone: EOF is next. */
	while (sendmsg(to, &m, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

static void
run(struct helper_server *sv, int from, const struct helper_request *q)
{
	const struct verb *v = &verbs[q->verb];
	int r = v->run(sv, q);

	if (v->answers_never || (v->answers_later && r == 0))
		return;
	if (!v->passes_descriptor || r < 0) {
		answer(from, q->token, r, -1);
		return;
	}
	answer(from, q->token, 0, r);
	close(r);
}

/* ---- the loop ---- */

static void
log_refused(struct helper_server *sv, const struct helper_request *q, int error)
{
	uint32_t more;

	if (!log_allowed(&sv->refused, dur_s(1), mono_now(), &more))
		return;
	log_error(&sv->log, SUBJECT,
		  "refused a request of the main process (%s): %s (%u more "
		  "before)",
		  error == -EINVAL ? verbs[q->verb].name : "unknown",
		  error == -EINVAL ? "a value is never allowed" : "malformed",
		  more);
}

/* False at the end of the main process. */
static bool
serve_one(struct helper_server *sv, int from)
{
	char buf[HELPER_REQUEST_MAX + 1];
	struct helper_request q = {0};
	ssize_t n = recv(from, buf, sizeof(buf), MSG_DONTWAIT);
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	r = helper_wire_get_request(buf, (size_t)n, &q);
	if (r == 0) {
		run(sv, from, &q);
		return true;
	}
	log_refused(sv, &q, r);
	if (q.token)
		answer(from, q.token, r, -1);
	return true;
}

static bool
can(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, 0) == 1 && (p.revents & events) == events;
}

static bool
serve(struct helper_server *sv, int from)
{
	for (int i = 0; i < BURST && can(from, POLLIN | POLLOUT); i++)
		if (!serve_one(sv, from))
			return false;
	return true;
}

/* True while the other end of both pairs lives. */
static bool
serve_all(struct helper_server *sv, const struct pollfd *fds)
{
	bool alive = true;

	/* What was sent before the end is still carried out. */
	if (fds[0].revents & (POLLIN | POLLOUT))
		alive = serve(sv, sv->requests);
	if (alive && (fds[1].revents & POLLIN))
		alive = serve(sv, sv->sync);
	return alive && !((fds[0].revents | fds[1].revents) & POLLHUP);
}

/* True when a child ended since the last time. */
static bool
drain_signals(int fd)
{
	struct signalfd_siginfo si;
	bool any = false;

	while (read(fd, &si, sizeof(si)) == sizeof(si))
		any = true;
	return any;
}

static void
loop(struct helper_server *sv)
{
	struct pollfd *fds =
	    xcalloc(3 + HELPER_JOBS_MAX + HELPER_RUNS_MAX, sizeof(*fds));
	struct helper_turn turn = {.fds = fds + 3};
	bool alive = true;

	while (alive) {
		size_t n = 3, runs;

		fds[0] = (struct pollfd){.fd = sv->requests, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = sv->sync, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = sv->children, .events = POLLIN};
		n += helper_exec_poll(sv, fds + n);
		runs = n;
		n += helper_run_poll(sv, fds + n);
		/* A full pair: wait for room, not for another request. */
		if (!can(sv->requests, POLLOUT))
			fds[0].events = POLLOUT;
		while (poll(fds, n, helper_exec_wait(sv)) < 0)
			if (errno != EINTR)
				return;
		turn.child_ended = drain_signals(sv->children);
		turn.now = mono_now();
		helper_exec_turn(sv, &turn);
		helper_run_turn(sv, fds + runs, turn.child_ended);
		helper_owned_tidy(sv);
		alive = serve_all(sv, fds);
	}
	free(fds);
}

/* ---- becoming the helper ---- */

/* Standard input, output, error and the three that are kept. */
#define LOW_DESCRIPTORS 6

/* Keeps three descriptors of what the parent had; the rest is closed. */
static void
close_others(struct helper_server *sv)
{
	int moved[3] = {sv->requests, sv->sync, sv->log.fd};
	int low = 3;

	for (int i = 0; i < 3; i++) {
		if (moved[i] < 0 || moved[i] <= 2)
			continue;
		moved[i] = fcntl(moved[i], F_DUPFD, LOW_DESCRIPTORS);
	}
	for (int i = 0; i < 3; i++) {
		if (moved[i] <= 2)
			continue;
		dup3(moved[i], low, O_CLOEXEC);
		moved[i] = low++;
	}
	close_range((unsigned)low, ~0U, 0);
	sv->requests = moved[0];
	sv->sync = moved[1];
	sv->log.fd = moved[2];
}

static void
null_standard(struct helper_server *sv)
{
	sv->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sv->null < 0)
		return;
	dup2(sv->null, 0);
	dup2(sv->null, 1);
	if (sv->log.fd != 2)
		dup2(sv->null, 2);
}

/* The main process decides when to end; its end is seen as EOF. */
static int
set_signals(void)
{
	sigset_t set;

	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Two descriptors a command; the usual limit is 1024. */
static void
raise_limit(struct helper_server *sv)
{
	const rlim_t wanted = 2 * HELPER_JOBS_MAX + 64;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return;
	sv->descriptors = l;
	if (l.rlim_cur >= wanted)
		return;
	l.rlim_cur = l.rlim_max < wanted ? l.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &l);
}

/*
 * Inheritable too, and not in the bounding set: root gets these seven, and no
 * other, in the program of a hot upgrade. Check commands get none
 * (helper_child.c).
 */
static int
keep_capabilities(bool bounding)
{
	const capng_type_t kept =
	    CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE;

	capng_clear(CAPNG_SELECT_CAPS);
	capng_updatev(CAPNG_ADD, kept, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
		      CAP_NET_RAW, CAP_SETUID, CAP_SETGID, CAP_KILL,
		      CAP_SYS_NICE, -1);
	if (bounding)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			     CAP_SETPCAP);
	return capng_apply(CAPNG_SELECT_CAPS);
}

static void
drop_capabilities(struct helper_server *sv)
{
	bool bounding;

	if (geteuid() != 0)
		return;
	capng_get_caps_process();
	bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	if (keep_capabilities(bounding) == 0 && bounding)
		for (int c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
			prctl(PR_CAPBSET_DROP, c);
	if (keep_capabilities(false) != 0)
		log_warning(&sv->log, SUBJECT,
			    "capabilities could not be dropped; the helper "
			    "keeps more than it needs");
}

/*
 * A user namespace without a range of users cannot switch: setgroups(2) is
 * denied or only one user is mapped.
 */
static bool
users_can_switch(void)
{
	char text[64] = "";
	unsigned first, outside, count;
	int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (geteuid() != 0)
		return false;
	if (fd < 0)
		return true;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n <= 0 ||
	       sscanf(text, "%u %u %u", &first, &outside, &count) != 3 ||
	       count > 1;
}

void
helper_main(int requests, int sync, const struct helper_settings *s)
{
	struct helper_server sv = {
	    .requests = requests, .sync = sync, .log = s->log, .argv = s->argv};
	int r;

	prctl(PR_SET_NAME, "basind: helper");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	raise_limit(&sv);
	close_others(&sv);
	null_standard(&sv);
	sv.children = set_signals();
	strncpy(sv.user, s->user ? s->user : "", sizeof(sv.user) - 1);
	sv.user_fixed = !users_can_switch();
	r = netlink_open(&sv.netlink);
	if (r != 0)
		log_error(&sv.log, SUBJECT, "no netlink socket: %s",
			  strerror(-r));
	drop_capabilities(&sv);
	if (sv.user_fixed)
		log_warning(&sv.log, SUBJECT,
			    "users cannot be switched here (%s); check "
			    "commands run as the present user",
			    geteuid() ? "not started as root"
				      : "user namespace with one user");
	loop(&sv);
	helper_exec_undo(&sv);
	helper_run_undo(&sv);
	if (!sv.released && !helper_upgrade_outlived(&sv))
		helper_owned_undo(&sv);
	_exit(0);
}
