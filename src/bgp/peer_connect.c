/* SPDX-License-Identifier: ISC */
/*
 * TCP connections of a peer: begun, failed, given up.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bgp/protect.h"
#include "bgp/session.h"
#include "bgp/speaker.h"
#include "sys/sys.h"

/* How long a connection may take to hand over its NOTIFICATION. */
#define LINGER dur_s(2)

void
peer_drop(struct session *s, bool notified)
{
	struct conn *c = s->conn;

	if (!c)
		return;
	s->conn = NULL;
	s->peer->octets_in += c->received;
	s->peer->octets_out += c->written;
	if (notified)
		conn_linger(c, LINGER);
	else
		conn_close(c);
}

int
peer_connect(struct session *s)
{
	struct bgp_peer *p = s->peer;
	struct sys_tcp_target t = protect_target(p->conf);
	int error = 0, fd;

	if (ip_is_none(&t.dest))
		return -EDESTADDRREQ;
	fd = sys_tcp_connect(&t);
	if (fd < 0)
		return fd;
	s->conn =
	    conn_new(&p->bgp->host, fd, true, &session_callbacks, s, &error);
	if (!s->conn)
		close(fd);
	return error;
}

/* "cannot connect to 192.0.2.1 port 179: WHY" */
void
peer_say_cannot_connect(struct bgp_peer *p, int error)
{
	char ip[IP_TEXT_MAX];

	if (ip_is_none(&p->conf->address))
		peer_why(p, "no neighbour is known on %s yet",
			 p->conf->interface);
	else
		peer_why(p, "cannot connect to %s port %u: %s",
			 ip_format(&p->conf->address, ip, sizeof(ip)),
			 p->conf->port,
			 error ? protect_error(p->conf, error) : "no answer");
	peer_remember_error(p, p->why, mono_now());
	peer_blame_error(p, NULL, error);
	peer_log(p, PEER_CAUSE_CONNECT, LOG_LEVEL_WARNING, "%s", p->why);
}

void
peer_cannot_connect(struct session *s, int error)
{
	peer_say_cannot_connect(s->peer, error);
	peer_event(s, &(struct fsm_event){.type = FSM_TCP_FAILS});
}

/*
 * The neighbour changes its key within the hold time, or the session ends:
 * what is signed with another key is not heard.
 */
void
peer_rekey(struct bgp_peer *p, const struct conf_peer *old)
{
	struct sys_tcp_key before = protect_key(old);
	struct sys_tcp_key after = protect_key(p->conf);
	struct prefix who = protect_who(p->conf);

	if (after.auth != SYS_TCP_MD5 || before.auth != SYS_TCP_MD5 ||
	    (before.n == after.n &&
	     memcmp(before.key, after.key, after.n) == 0))
		return;
	log_notice(p->bgp->settings.log, p->subject,
		   "the MD5 key is another one now");
	for (int i = 0; i < PEER_SLOTS; i++) {
		struct conn *c = p->sessions[i].conn;
		int error = c ? sys_tcp_key_set(c->fd, &who,
						protect_scope(p->conf), &after)
			      : 0;

		if (error)
			log_error(p->bgp->settings.log, p->subject,
				  "the connection does not take the new key: "
				  "%s",
				  protect_error(p->conf, error));
	}
}
