/* SPDX-License-Identifier: ISC */
/*
 * Listening: accepts, finds the peer by its address, resets strangers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "bgp/dynamic.h"
#include "bgp/protect.h"
#include "bgp/speaker.h"
#include "bgp/unnumbered.h"

/* Connections taken in one turn of the loop. */
#define ACCEPT_BURST 16
/* Without descriptors a ready socket would spin the loop. */
#define ACCEPT_PAUSE dur_ms(1000)
#define LOG_PERIOD   dur_s(60)

struct listener {
	struct bgp *bgp; /* borrowed; the owner */
	struct conf_endpoint at;
	int fd;
	bool wanted; /* while configuring */
	struct protect_keys keys;
	uv_poll_t poll;
	uv_timer_t pause;
	unsigned handles;
	TAILQ_ENTRY(listener) link;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static void
on_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;
	struct bgp *bgp = l->bgp;

	if (--l->handles == 0) {
		protect_forget(&l->keys);
		free(l);
	}
	speaker_handle_closed(bgp);
}

static void
close_listener(struct listener *l)
{
	TAILQ_REMOVE(&l->bgp->listeners, l, link);
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->pause, on_closed);
	close(l->fd);
}

void
listen_close_all(struct bgp *bgp)
{
	while (!TAILQ_EMPTY(&bgp->listeners))
		close_listener(TAILQ_FIRST(&bgp->listeners));
}

/* ---- accepting ---- */

static unsigned
scope_of(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *sin6 = (const void *)ss;

	return ss->ss_family == AF_INET6 ? sin6->sin6_scope_id : 0;
}

static void
refuse_stranger(struct bgp *bgp, int fd, const struct ip *ip)
{
	char text[IP_TEXT_MAX];
	uint32_t suppressed;

	conn_reset_fd(fd);
	if (!log_allowed(&bgp->strangers, LOG_PERIOD, mono_now(), &suppressed))
		return;
	log_notice(bgp->settings.log, "bgp",
		   "connection from %s reset: no peer has this address "
		   "(%u more before)",
		   ip_format(ip, text, sizeof(text)), suppressed);
}

static void
dispatch(struct listener *l, int fd, const struct sockaddr_storage *ss)
{
	struct bgp_peer *p;
	struct ip ip;

	ip_from_sockaddr(ss, &ip);
	p = speaker_peer_by_address(l->bgp, &ip, scope_of(ss));
	if (!p)
		p = unnumbered_peer(l->bgp, &ip, scope_of(ss));
	if (!p)
		p = dynamic_peer(l->bgp, &ip);
	if (p)
		peer_accept(p, fd);
	else
		refuse_stranger(l->bgp, fd, &ip);
}

static void
on_pause_over(uv_timer_t *timer)
{
	struct listener *l = timer->data;

	uv_poll_start(&l->poll, UV_READABLE, on_ready);
}

static void
accept_failed(struct listener *l, int error)
{
	uint32_t suppressed;

	if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
	    error == ECONNABORTED)
		return;
	uv_poll_stop(&l->poll);
	uv_timer_start(&l->pause, on_pause_over,
		       (uint64_t)dur_to_ms(ACCEPT_PAUSE), 0);
	if (log_allowed(&l->bgp->accept_errors, LOG_PERIOD, mono_now(),
			&suppressed))
		log_warning(l->bgp->settings.log, "bgp",
			    "cannot accept connections: %s; trying again "
			    "every second",
			    strerror(error));
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct listener *l = poll->data;

	for (int i = 0; i < ACCEPT_BURST; i++) {
		struct sockaddr_storage ss = {0};
		socklen_t len = sizeof(ss);
		int fd = accept4(l->fd, (struct sockaddr *)&ss, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			accept_failed(l, errno);
			return;
		}
		dispatch(l, fd, &ss);
	}
}

/* ---- configuring ---- */

static struct listener *
find(struct bgp *bgp, const struct conf_endpoint *at)
{
	struct listener *l;

	TAILQ_FOREACH (l, &bgp->listeners, link)
		if (ip_equal(&l->at.ip, &at->ip) && l->at.port == at->port)
			return l;
	return NULL;
}

static int
open_listener(struct bgp *bgp, const struct conf_endpoint *at)
{
	struct listener *l;
	int error;
	int fd =
	    bgp->settings.listen(bgp->settings.listen_arg, &at->ip, at->port);

	if (fd < 0)
		return fd;
	/* Neighbours with GTSM drop a SYN-ACK that is sent with less. */
	conn_set_ttl(fd, at->ip.family, UINT8_MAX);
	l = xcalloc(1, sizeof(*l));
	error = uv_poll_init(bgp->settings.loop, &l->poll, fd);
	if (error) {
		close(fd);
		free(l);
		return error;
	}
	uv_timer_init(bgp->settings.loop, &l->pause);
	l->bgp = bgp;
	l->at = *at;
	l->fd = fd;
	l->wanted = true;
	l->poll.data = l->pause.data = l;
	l->handles = 2;
	bgp->handles += 2;
	TAILQ_INSERT_TAIL(&bgp->listeners, l, link);
	return uv_poll_start(&l->poll, UV_READABLE, on_ready);
}

static void
close_unwanted(struct bgp *bgp)
{
	struct listener *l = TAILQ_FIRST(&bgp->listeners), *next;

	for (; l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (!l->wanted)
			close_listener(l);
	}
}

static int
want_endpoint(struct bgp *bgp, const struct conf_endpoint *at)
{
	struct listener *l = find(bgp, at);
	char ip[IP_TEXT_MAX];
	int error;

	if (l) {
		l->wanted = true;
		return 0;
	}
	error = open_listener(bgp, at);
	if (error)
		log_error(bgp->settings.log, "bgp",
			  "cannot listen on %s port %u: %s",
			  ip_format(&at->ip, ip, sizeof(ip)), at->port,
			  strerror(-error));
	return error;
}

/* Old ones go first: a new one may need their port. */
int
listen_configure(struct bgp *bgp, const struct conf *conf)
{
	struct listener *l;
	int first = 0;

	TAILQ_FOREACH (l, &bgp->listeners, link)
		l->wanted = false;
	for (size_t i = 0; i < conf->bgp.n_listen; i++) {
		l = find(bgp, &conf->bgp.listen[i]);
		if (l)
			l->wanted = true;
	}
	close_unwanted(bgp);
	for (size_t i = 0; i < conf->bgp.n_listen; i++) {
		int error = want_endpoint(bgp, &conf->bgp.listen[i]);

		if (error && !first)
			first = error;
	}
	return first;
}

int
bgp_each_listener(const struct bgp *bgp,
		  int (*each)(void *arg, const struct conf_endpoint *at,
			      int fd),
		  void *arg)
{
	struct listener *l;
	int error = 0;

	TAILQ_FOREACH (l, &bgp->listeners, link)
		if (error == 0)
			error = each(arg, &l->at, l->fd);
	return error;
}

/* ---- keys ---- */

static void
key_told(void *arg, size_t i, int error)
{
	struct bgp_peer *p = ((struct bgp *)arg)->peers[i];

	if (error && p->key_error != error)
		log_error(p->bgp->settings.log, p->subject,
			  "the key cannot be set on a listening socket: %s",
			  protect_error(p->conf, error));
	if (error)
		p->key_error = error;
}

void
listen_protect(struct bgp *bgp)
{
	const struct conf_peer **v =
	    xcalloc(bgp->n_configured + 1, sizeof(struct conf_peer *));
	struct listener *l;

	for (size_t i = 0; i < bgp->n_configured; i++) {
		bgp->peers[i]->key_error = 0;
		v[i] = bgp->peers[i]->conf;
	}
	TAILQ_FOREACH (l, &bgp->listeners, link)
		protect_listener(&l->keys, l->fd, l->at.ip.family, v,
				 bgp->n_configured, key_told, bgp);
	free(v);
}
