/* SPDX-License-Identifier: ISC */
#include "daemon/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG      64
#define ENDPOINT_MAX 16

bool
listen_equal(const struct conf_http_server *a, const struct conf_http_server *b)
{
	if (a->enabled != b->enabled || a->n_listen != b->n_listen)
		return false;
	for (size_t i = 0; i < a->n_listen; i++)
		if (!ip_equal(&a->listen[i].ip, &b->listen[i].ip) ||
		    a->listen[i].port != b->listen[i].port)
			return false;
	return true;
}

static int
open_endpoint(const struct conf_endpoint *e)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(&e->ip, e->port, 0, &ss);
	int on = 1;
	int fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ss.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&ss, len) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

int
listen_http(struct basin *b)
{
	const struct conf_http_server *http = &b->conf->http;
	int fds[ENDPOINT_MAX];
	char text[IP_TEXT_MAX];
	size_t n = 0;

	if (!http->enabled)
		return 0;
	for (; n < http->n_listen && n < ENDPOINT_MAX; n++) {
		const struct conf_endpoint *e = &http->listen[n];

		fds[n] = open_endpoint(e);
		if (fds[n] >= 0)
			continue;
		log_error(&b->log, "http",
			  "cannot listen on %s port %u: %s; choose another "
			  "http.listen, or `http: off`",
			  ip_format(&e->ip, text, sizeof(text)), e->port,
			  strerror(-fds[n]));
		for (size_t i = 0; i < n; i++)
			close(fds[i]);
		return fds[n];
	}
	return ctl_http_start(b->ctl, fds, n);
}
