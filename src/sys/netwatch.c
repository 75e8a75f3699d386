/* SPDX-License-Identifier: ISC */
/*
 * What the kernel says of addresses, our routes and links, without privilege.
 *
 *   IDLE ─► LINKS ─► ADDRESSES ─► ROUTES4 ─► ROUTES6 ─► IDLE
 *     │        a dump walks these; asked for during a dump it begins again
 *     │        when it is through
 *     └ overrun, or a dump that was cut by one ─► SETTLING ─► LINKS
 *
 * Invariants: dumps and notifications come through one socket, so the order
 * in which they are told is the order in which they were true; a dump that
 * was cut is told by another dump_begin, without a dump_end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"
#include "sys/netlink_read.h"
#include "sys/sys.h"

#define SUBJECT "kernel watch"

/* Of one read. */
#define READ_MAX 32768
/* Reads before the loop turns on: about 1 ms of work. */
#define BURST 8
/*
 * After an overrun: what overran is mostly still going on, and a dump into a
 * full socket would be cut again.
 */
#define SETTLE_MS 200
/* Room for notifications while the loop does something else. */
#define RECEIVE_BUFFER (4 << 20)

enum stage {
	STAGE_IDLE,
	STAGE_SETTLING,
	STAGE_LINKS,
	STAGE_ADDRESSES,
	STAGE_ROUTES4,
	STAGE_ROUTES6,
};

struct link_name {
	unsigned ifindex;
	char name[IF_NAMESIZE];
	UT_hash_handle hh;
};

struct netwatch {
	struct mnl_socket *socket; /* owned */
	uv_poll_t poll;
	uv_timer_t settle;
	unsigned handles; /* not closed yet */
	struct log *log;  /* borrowed */
	struct netwatch_callbacks cb;
	void *arg;
	enum stage stage;
	uint32_t seq; /* of the dump request under way */
	bool again;   /* a further dump is wanted after this one */
	bool broken;  /* this dump is not the whole truth */
	bool closing;
	struct link_name *links; /* owned; by index */
	struct log_limit limit;
};

/* ---- names of links ---- */

static void
link_set(struct netwatch *w, unsigned ifindex, const char name[IF_NAMESIZE])
{
	struct link_name *l;

	HASH_FIND_INT(w->links, &ifindex, l);
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		l->ifindex = ifindex;
		HASH_ADD_INT(w->links, ifindex, l);
	}
	memcpy(l->name, name, sizeof(l->name));
}

static void
link_drop(struct netwatch *w, unsigned ifindex)
{
	struct link_name *l;

	HASH_FIND_INT(w->links, &ifindex, l);
	if (!l)
		return;
	HASH_DEL(w->links, l);
	free(l);
}

static void
link_drop_all(struct netwatch *w)
{
	struct link_name *l, *next;

	HASH_ITER (hh, w->links, l, next) {
		HASH_DEL(w->links, l);
		free(l);
	}
}

static void
link_copy_name(struct netwatch *w, unsigned ifindex, char *name)
{
	struct link_name *l;

	HASH_FIND_INT(w->links, &ifindex, l);
	if (l)
		memcpy(name, l->name, IF_NAMESIZE);
	else if (!if_indextoname(ifindex, name))
		name[0] = '\0';
}

/* ---- what is told ---- */

static void
tell_link(struct netwatch *w, const struct nlmsghdr *h)
{
	struct netlink_link link;

	if (!netlink_read_link(h, &link))
		return;
	link_set(w, link.ifindex, link.name);
	if (w->cb.link)
		w->cb.link(w->arg, link.ifindex, link.name, link.up);
	if (h->nlmsg_type == RTM_DELLINK)
		link_drop(w, link.ifindex);
}

static void
tell_address(struct netwatch *w, const struct nlmsghdr *h)
{
	struct sys_address a;

	if (!w->cb.address || !netlink_read_address(h, &a))
		return;
	link_copy_name(w, a.ifindex, a.interface);
	w->cb.address(w->arg, &a, h->nlmsg_type == RTM_DELADDR);
}

static void
tell_route(struct netwatch *w, const struct nlmsghdr *h)
{
	struct sys_route r;
	uint8_t protocol;

	if (w->cb.route && netlink_read_route(h, &r, &protocol) &&
	    protocol == SYS_PROTOCOL)
		w->cb.route(w->arg, &r, h->nlmsg_type == RTM_DELROUTE);
}

/* ---- dumps ---- */

static int
ask_dump(struct netwatch *w, uint16_t type, uint8_t family)
{
	char buf[128];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *link;
	struct ifaddrmsg *address;
	struct rtmsg *route;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = ++w->seq;
	if (type == RTM_GETLINK) {
		link = mnl_nlmsg_put_extra_header(h, sizeof(*link));
		link->ifi_family = family;
	} else if (type == RTM_GETADDR) {
		address = mnl_nlmsg_put_extra_header(h, sizeof(*address));
		address->ifa_family = family;
	} else {
		route = mnl_nlmsg_put_extra_header(h, sizeof(*route));
		route->rtm_family = family;
		route->rtm_table = RT_TABLE_MAIN;
		route->rtm_protocol = SYS_PROTOCOL;
	}
	return mnl_socket_sendto(w->socket, h, h->nlmsg_len) < 0 ? -errno : 0;
}

static int
enter(struct netwatch *w, enum stage stage)
{
	w->stage = stage;
	switch (stage) {
	case STAGE_LINKS:
		return ask_dump(w, RTM_GETLINK, AF_UNSPEC);
	case STAGE_ADDRESSES:
		return ask_dump(w, RTM_GETADDR, AF_UNSPEC);
	case STAGE_ROUTES4:
		return ask_dump(w, RTM_GETROUTE, AF_INET);
	case STAGE_ROUTES6:
		return ask_dump(w, RTM_GETROUTE, AF_INET6);
	case STAGE_IDLE:
	case STAGE_SETTLING:
		break;
	}
	return 0;
}

static int
dump_start(struct netwatch *w)
{
	w->again = false;
	w->broken = false;
	if (w->cb.dump_begin)
		w->cb.dump_begin(w->arg);
	return enter(w, STAGE_LINKS);
}

static void
log_no_dump(struct netwatch *w, int error)
{
	if (error)
		log_error(w->log, SUBJECT, "no dump from the kernel: %s",
			  strerror(-error));
}

static void
on_settled(uv_timer_t *timer)
{
	struct netwatch *w = timer->data;

	log_no_dump(w, dump_start(w));
}

static void
settle(struct netwatch *w)
{
	w->stage = STAGE_SETTLING;
	uv_timer_start(&w->settle, on_settled, SETTLE_MS, 0);
}

/* A dump that was cut by an overrun proves nothing to be gone. */
static void
dump_next(struct netwatch *w)
{
	if (w->broken) {
		settle(w);
		return;
	}
	if (w->stage != STAGE_ROUTES6) {
		log_no_dump(w, enter(w, w->stage + 1));
		return;
	}
	w->stage = STAGE_IDLE;
	if (w->cb.dump_end)
		w->cb.dump_end(w->arg);
	if (w->again && !w->closing && w->stage == STAGE_IDLE)
		log_no_dump(w, dump_start(w));
}

int
netwatch_dump(struct netwatch *w)
{
	if (w->stage == STAGE_IDLE)
		return dump_start(w);
	w->again = w->stage != STAGE_SETTLING;
	return 0;
}

/* ---- reading ---- */

/* The end of a stage, with or without an error. */
static void
on_end(struct netwatch *w, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq == w->seq && w->stage > STAGE_SETTLING)
		dump_next(w);
}

static void
on_message(struct netwatch *w, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq == w->seq && (h->nlmsg_flags & NLM_F_DUMP_INTR))
		w->broken = true;
	switch (h->nlmsg_type) {
	case NLMSG_DONE:
	case NLMSG_ERROR:
		on_end(w, h);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		tell_link(w, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		tell_address(w, h);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		tell_route(w, h);
		break;
	}
}

static void
on_overrun(struct netwatch *w)
{
	uint32_t suppressed;

	if (log_allowed(&w->limit, dur_s(10), mono_now(), &suppressed))
		log_notice(w->log, SUBJECT,
			   "notifications of the kernel were lost; everything "
			   "is read again (%u more times before)",
			   suppressed);
	if (w->cb.overrun)
		w->cb.overrun(w->arg);
	if (w->stage == STAGE_IDLE)
		settle(w);
	else
		w->broken = true;
}

/* False: nothing more to read now. */
static bool
read_some(struct netwatch *w, char *buf)
{
	ssize_t n =
	    recv(mnl_socket_get_fd(w->socket), buf, READ_MAX, MSG_DONTWAIT);
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
	struct netwatch *w = poll->data;
	char buf[READ_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

	for (int i = 0; i < BURST && !w->closing; i++)
		if (!read_some(w, buf))
			break;
	/* libuv stops polling on EPOLLERR, which is how an overrun shows. */
	if (status < 0 && !w->closing)
		uv_poll_start(&w->poll, UV_READABLE, on_poll);
}

/*
 * With a full table in the kernel, other programs' routes would wake us all
 * day: the kernel drops messages about routes that do not carry our mark.
 * Netlink is in host order, but a filter loads in network order.
 */
static void
attach_filter(int fd)
{
	const unsigned type = offsetof(struct nlmsghdr, nlmsg_type);
	const unsigned mark =
	    NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol);
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, mark),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_PROTOCOL, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_LEN(code), code};

	/* Without it everything works, only less quietly. */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* ---- life ---- */

static int
open_socket(struct netwatch *w)
{
	const unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
				RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
				RTMGRP_IPV6_ROUTE;
	int on = 1, size = RECEIVE_BUFFER, fd;

	w->socket =
	    mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->socket)
		return -errno;
	fd = mnl_socket_get_fd(w->socket);
	/* Without privilege the system's maximum applies: then dump more. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) !=
	    0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	mnl_socket_setsockopt(w->socket, NETLINK_GET_STRICT_CHK, &on,
			      sizeof(on));
	attach_filter(fd);
	if (mnl_socket_bind(w->socket, groups, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

int
netwatch_new(uv_loop_t *loop, struct log *log,
	     const struct netwatch_callbacks *cb, void *arg,
	     struct netwatch **out)
{
	struct netwatch *w = xcalloc(1, sizeof(*w));
	int r = open_socket(w);

	w->log = log;
	w->cb = *cb;
	w->arg = arg;
	w->poll.data = w;
	if (r == 0)
		r = uv_poll_init(loop, &w->poll, mnl_socket_get_fd(w->socket));
	if (r == 0) {
		uv_poll_start(&w->poll, UV_READABLE, on_poll);
		uv_timer_init(loop, &w->settle);
		w->settle.data = w;
		w->handles = 2;
		*out = w;
		return 0;
	}
	if (w->socket)
		mnl_socket_close(w->socket);
	free(w);
	return r;
}

static void
on_closed(uv_handle_t *handle)
{
	struct netwatch *w = handle->data;

	if (--w->handles > 0)
		return;
	mnl_socket_close(w->socket);
	link_drop_all(w);
	free(w);
}

void
netwatch_close(struct netwatch *w)
{
	w->closing = true;
	uv_close((uv_handle_t *)&w->poll, on_closed);
	uv_close((uv_handle_t *)&w->settle, on_closed);
}
