/* SPDX-License-Identifier: ISC */
/*
 * TCP connections of a peer: begun, failed, given up.
 */
#include <net/if.h>
#include <string.h>
#include <unistd.h>

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

static unsigned
scope_of(const struct conf_peer *conf)
{
	return conf->interface ? if_nametoindex(conf->interface) : 0;
}

int
peer_connect(struct session *s)
{
	struct bgp_peer *p = s->peer;
	const struct conf_peer *c = p->conf;
	int error = 0;
	int fd = sys_tcp_connect(&c->source, &c->address, c->port, scope_of(c),
				 policy_ttl(c, peer_is_ibgp(p)));

	if (fd < 0)
		return fd;
	s->conn =
	    conn_new(&p->bgp->host, fd, true, &session_callbacks, s, &error);
	if (!s->conn)
		close(fd);
	return error;
}

void
peer_cannot_connect(struct session *s, int error)
{
	struct bgp_peer *p = s->peer;
	char ip[IP_TEXT_MAX];

	peer_why(p, "cannot connect to %s port %u: %s",
		 ip_format(&p->conf->address, ip, sizeof(ip)), p->conf->port,
		 strerror(-error));
	peer_remember_error(p, p->why, mono_now());
	peer_log(p, PEER_CAUSE_CONNECT, LOG_LEVEL_WARNING, "%s", p->why);
	peer_event(s, &(struct fsm_event){.type = FSM_TCP_FAILS});
}

void
peer_no_answer(struct bgp_peer *p)
{
	char ip[IP_TEXT_MAX];

	peer_why(p, "cannot connect to %s port %u: no answer",
		 ip_format(&p->conf->address, ip, sizeof(ip)), p->conf->port);
	peer_remember_error(p, p->why, mono_now());
	peer_log(p, PEER_CAUSE_CONNECT, LOG_LEVEL_WARNING, "%s", p->why);
}
