/* SPDX-License-Identifier: ISC */
/* Routers among the neighbours: the kernel's table and its notifications. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "sys/sys.h"

#define BUFFER 16384
/* Datagrams read in one turn of the loop. */
#define BURST 32

struct neighwatch {
	struct mnl_socket *socket; /* owned */
	neighwatch_heard *heard;
	void *arg;
	uv_poll_t poll;
};

static int
note_attribute(const struct nlattr *attribute, void *arg)
{
	struct ip *ip = arg;

	if (mnl_attr_get_type(attribute) == NDA_DST &&
	    mnl_attr_get_payload_len(attribute) == 16)
		*ip = ip_from_bytes(AF_INET6, mnl_attr_get_payload(attribute));
	return MNL_CB_OK;
}

static int
on_message(const struct nlmsghdr *header, void *arg)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(header);
	struct neighwatch *w = arg;
	struct ip ip = {0};

	if (header->nlmsg_type != RTM_NEWNEIGH ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*nd) ||
	    nd->ndm_family != AF_INET6 || !(nd->ndm_flags & NTF_ROUTER) ||
	    nd->ndm_state & NUD_FAILED)
		return MNL_CB_OK;
	mnl_attr_parse(header, sizeof(*nd), note_attribute, &ip);
	if (ip_is_link_local(&ip))
		w->heard(w->arg, (unsigned)nd->ndm_ifindex, &ip);
	return MNL_CB_OK;
}

static int
ask(struct neighwatch *w)
{
	char buf[BUFFER];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	struct ndmsg *nd;

	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nd = mnl_nlmsg_put_extra_header(header, sizeof(*nd));
	nd->ndm_family = AF_INET6;
	if (mnl_socket_sendto(w->socket, header, header->nlmsg_len) < 0)
		return -errno;
	return 0;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct neighwatch *w = poll->data;
	char buf[BUFFER];

	for (int i = 0; i < BURST; i++) {
		ssize_t n = mnl_socket_recvfrom(w->socket, buf, sizeof(buf));

		/* Lost some: all of them again. */
		if (n < 0 && errno == ENOBUFS && ask(w) == 0)
			continue;
		if (n <= 0)
			return;
		mnl_cb_run(buf, (size_t)n, 0, 0, on_message, w);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	struct neighwatch *w = handle->data;

	mnl_socket_close(w->socket);
	free(w);
}

void
neighwatch_close(struct neighwatch *w)
{
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_closed);
}

static int
begin(struct neighwatch *w, uv_loop_t *loop)
{
	if (mnl_socket_bind(w->socket, RTMGRP_NEIGH, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return uv_poll_init(loop, &w->poll, mnl_socket_get_fd(w->socket));
}

int
neighwatch_new(uv_loop_t *loop, neighwatch_heard *heard, void *arg,
	       struct neighwatch **out)
{
	struct neighwatch *w = xcalloc(1, sizeof(*w));
	int error;

	w->heard = heard;
	w->arg = arg;
	w->socket =
	    mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);
	error = w->socket ? begin(w, loop) : -errno;
	if (error) {
		if (w->socket)
			mnl_socket_close(w->socket);
		free(w);
		return error;
	}
	w->poll.data = w;
	uv_poll_start(&w->poll, UV_READABLE, on_readable);
	*out = w;
	return ask(w);
}
