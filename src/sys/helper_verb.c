/* SPDX-License-Identifier: ISC */
/* The verbs as the main process calls them: one packet each. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/helper_client.h"
#include "sys/helper_wire.h"
#include "sys/serve.h"

/* ---- verbs ---- */

int
helper_ask(struct helper *h, struct helper_request *q, int slot)
{
	char buf[HELPER_REQUEST_MAX];
	int n, r;

	if (slot < 0)
		return slot;
	q->token = helper_slot_token(h, (uint32_t)slot);
	n = helper_wire_put_request(q, buf, sizeof(buf));
	r = n < 0 ? n : helper_submit(h, buf, (size_t)n);
	if (r == 0)
		return (int)q->token;
	helper_slot_release(h, (uint32_t)slot);
	return r;
}

int
helper_ask_verb(struct helper *h, struct helper_request *q, helper_done *done,
		void *arg)
{
	int slot = helper_slot_take(h, SLOT_VERB, arg), r;

	if (slot >= 0)
		h->slots[slot].done.verb = done;
	r = helper_ask(h, q, slot);
	return r > 0 ? 0 : r;
}

static int
ask_address(struct helper *h, enum helper_verb verb, const char *interface,
	    const struct ip *ip, helper_done *done, void *arg)
{
	struct helper_request q = {.verb = verb, .ip = *ip};

	if (strlen(interface) >= sizeof(q.interface))
		return -ENODEV;
	strcpy(q.interface, interface);
	return helper_ask_verb(h, &q, done, arg);
}

int
helper_address_add(struct helper *h, const char *interface, const struct ip *ip,
		   helper_done *done, void *arg)
{
	return ask_address(h, HELPER_ADDRESS_ADD, interface, ip, done, arg);
}

int
helper_address_del(struct helper *h, const char *interface, const struct ip *ip,
		   helper_done *done, void *arg)
{
	return ask_address(h, HELPER_ADDRESS_DEL, interface, ip, done, arg);
}

int
helper_anycast_join(struct helper *h, const char *interface,
		    const struct ip *ip, helper_done *done, void *arg)
{
	return ask_address(h, HELPER_ANYCAST_JOIN, interface, ip, done, arg);
}

int
helper_anycast_leave(struct helper *h, const char *interface,
		     const struct ip *ip, helper_done *done, void *arg)
{
	return ask_address(h, HELPER_ANYCAST_LEAVE, interface, ip, done, arg);
}

int
helper_advertise(struct helper *h, const char *interface, helper_done *done,
		 void *arg)
{
	const struct ip none = {0};

	return ask_address(h, HELPER_ADVERTISE, interface, &none, done, arg);
}

int
helper_route_add(struct helper *h, const struct sys_route *r, helper_done *done,
		 void *arg)
{
	struct helper_request q = {.verb = HELPER_ROUTE_ADD, .route = *r};

	return helper_ask_verb(h, &q, done, arg);
}

int
helper_route_del(struct helper *h, const struct sys_route *r, helper_done *done,
		 void *arg)
{
	struct helper_request q = {.verb = HELPER_ROUTE_DEL, .route = *r};

	return helper_ask_verb(h, &q, done, arg);
}

/* Octets of all words, or -E2BIG. */
static int
join_args(const char *const *argv, size_t argc, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < argc; i++) {
		size_t n = strlen(argv[i]) + 1;

		if (n > size - at)
			return -E2BIG;
		memcpy(buf + at, argv[i], n);
		at += n;
	}
	return (int)at;
}

int
helper_exec(struct helper *h, const char *const *argv, size_t argc,
	    const char *user, struct dur deadline, helper_exec_done *done,
	    void *arg)
{
	struct helper_request q = {.verb = HELPER_EXEC, .argc = (unsigned)argc};
	char args[HELPER_ARGS_MAX];
	int64_t ms = dur_to_ms(deadline);
	int n, slot;

	if (argc < 1 || argc > HELPER_ARGC_MAX)
		return -E2BIG;
	n = join_args(argv, argc, args, sizeof(args));
	if (n < 0)
		return n;
	if (user && strlen(user) >= sizeof(q.user))
		return -EINVAL;
	strcpy(q.user, user ? user : "");
	if (ms > HELPER_DEADLINE_MAX * 1000)
		ms = HELPER_DEADLINE_MAX * 1000;
	q.deadline_ms = ms < 1 ? 1 : (uint32_t)ms;
	q.args = args;
	q.args_len = (size_t)n;
	slot = helper_slot_take(h, SLOT_EXEC, arg);
	if (slot >= 0)
		h->slots[slot].done.exec = done;
	return helper_ask(h, &q, slot);
}

int
helper_realtime(struct helper *h, pid_t thread, helper_done *done, void *arg)
{
	struct helper_request q = {.verb = HELPER_REALTIME,
				   .thread = (uint32_t)thread};

	return helper_ask_verb(h, &q, done, arg);
}

void
helper_exec_kill(struct helper *h, int token)
{
	struct helper_request q = {.verb = HELPER_EXEC_KILL,
				   .token = (uint32_t)token};
	char buf[HELPER_REQUEST_MAX];
	int i = helper_slot_find(h, (uint32_t)token), n, r;

	if (i < 0 || h->slots[i].kind != SLOT_EXEC)
		return;
	helper_slot_release(h, (uint32_t)i);
	n = helper_wire_put_request(&q, buf, sizeof(buf));
	/* Fails only when the helper is gone, and its commands with it. */
	r = n < 0 ? n : helper_submit(h, buf, (size_t)n);
	(void)r;
}

/* To end a successor where there is none is to do nothing. */
int
helper_barrier(struct helper *h, helper_done *done, void *arg)
{
	struct helper_request q = {.verb = HELPER_UPGRADE_END};

	return helper_ask_verb(h, &q, done, arg);
}

/* ---- synchronous verbs ---- */

static int
take_descriptor(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/*
 * Waits for the one answer; the helper is never busy for long. The descriptor
 * that comes with it, 0 where none does, or -errno.
 */
static int
wait_answer(struct helper *h, bool descriptor)
{
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char buf[HELPER_ANSWER_MAX];
	struct iovec iov = {.iov_base = buf, .iov_len = sizeof(buf)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct helper_answer a;
	ssize_t n;

	do
		n = recvmsg(h->sync, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? -EPIPE : -errno;
	if (helper_wire_get_answer(buf, (size_t)n, &a) != 0)
		return -EBADMSG;
	if (a.error || !descriptor)
		return a.error;
	return take_descriptor(&m);
}

static int
ask_now(struct helper *h, const struct helper_request *q, bool descriptor)
{
	char buf[HELPER_REQUEST_MAX];
	int n = helper_wire_put_request(q, buf, sizeof(buf));

	if (n < 0)
		return n;
	if (h->sync < 0)
		return -EPIPE;
	if (send(h->sync, buf, (size_t)n, MSG_NOSIGNAL) < 0)
		return -errno;
	return wait_answer(h, descriptor);
}

static int
ask_descriptor(struct helper *h, const struct helper_request *q)
{
	return ask_now(h, q, true);
}

int
helper_listen(struct helper *h, const struct ip *ip, uint16_t port)
{
	struct helper_request q = {
	    .verb = HELPER_LISTEN, .token = 1, .ip = *ip, .port = port};

	return ask_descriptor(h, &q);
}

int
helper_serve(struct helper *h, const struct ip *ip, uint16_t port, bool tcp)
{
	struct helper_request q = {.verb = tcp ? HELPER_SERVE_TCP
					       : HELPER_SERVE_UDP,
				   .token = 1,
				   .ip = *ip,
				   .port = port};

	if (port >= 1024)
		return serve_open(ip, port, tcp);
	return ask_descriptor(h, &q);
}

/* The three descriptors that wait on the channel. */
static int
take_three(int channel, struct helper_process *out)
{
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	char octet;
	struct iovec iov = {.iov_base = &octet, .iov_len = 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	int fds[3];

	if (recvmsg(channel, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
		return -EBADMSG;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -EBADMSG;
	memcpy(fds, CMSG_DATA(c), sizeof(fds));
	*out = (struct helper_process){channel, fds[0], fds[1], fds[2]};
	return 0;
}

int
helper_run(struct helper *h, const char *const *argv, size_t argc,
	   const char *user, struct helper_process *out)
{
	struct helper_request q = {
	    .verb = HELPER_RUN, .token = 1, .argc = (unsigned)argc};
	char args[HELPER_ARGS_MAX];
	int n, channel;

	if (argc < 1 || argc > HELPER_ARGC_MAX)
		return -E2BIG;
	n = join_args(argv, argc, args, sizeof(args));
	if (n < 0)
		return n;
	if (user && strlen(user) >= sizeof(q.user))
		return -EINVAL;
	strcpy(q.user, user ? user : "");
	q.args = args;
	q.args_len = (size_t)n;
	channel = ask_descriptor(h, &q);
	if (channel < 0)
		return channel;
	n = take_three(channel, out);
	if (n != 0)
		close(channel);
	return n;
}

int
helper_upgrade(struct helper *h, const char *path)
{
	struct helper_request q = {.verb = HELPER_UPGRADE,
				   .token = 1,
				   .argc = 1,
				   .args = path,
				   .args_len = strlen(path) + 1};

	return ask_descriptor(h, &q);
}

int
helper_upgrade_hand(struct helper *h)
{
	const struct helper_request q = {.verb = HELPER_UPGRADE_HAND,
					 .token = 1};

	return ask_now(h, &q, false);
}

int
helper_upgrade_kill(struct helper *h)
{
	const struct helper_request q = {.verb = HELPER_UPGRADE_END,
					 .token = 1};

	return ask_now(h, &q, false);
}

int
helper_release(struct helper *h)
{
	const struct helper_request q = {.verb = HELPER_RELEASE, .token = 1};

	return ask_now(h, &q, false);
}
