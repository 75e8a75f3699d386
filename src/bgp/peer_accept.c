/* SPDX-License-Identifier: ISC */
/*
 * The peer connects to us: which of its connections are taken.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "bgp/peer_gr.h"
#include "bgp/protect.h"
#include "bgp/session.h"
#include "bgp/speaker.h"

static void
refuse(struct bgp_peer *p, int fd, const char *why)
{
	peer_log(p, PEER_CAUSE_ACCEPT, LOG_LEVEL_INFO,
		 "connection from the peer refused: %s", why);
	conn_reset_fd(fd);
}

/* RFC 4271 section 6.8: beside an established session a new one is closed. */
static void
refuse_with_cease(struct bgp_peer *p, int fd)
{
	uint8_t buf[BGP_HEADER_LEN + 2];
	size_t n = bgp_encode_notification(BGP_ERR_CEASE, BGP_CEASE_COLLISION,
					   NULL, 0, buf, sizeof(buf));

	peer_log(p, PEER_CAUSE_ACCEPT, LOG_LEVEL_INFO,
		 "second connection from the peer closed: the session is "
		 "established");
	(void)!send(fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void
peer_accept(struct bgp_peer *p, int fd)
{
	struct session *s = &p->sessions[PEER_ACCEPTED];
	bool replaced;
	int error;

	if (!p->enabled) {
		refuse(p, fd,
		       p->bgp->suspended ? "the node is out of service"
					 : "administratively down");
		return;
	}
	if (p->key_error) {
		refuse(p, fd, "its key could not be set");
		return;
	}
	replaced = p->up && peer_gr_replaces(p);
	if (p->up) {
		refuse_with_cease(p, fd);
		return;
	}
	/* An older connection that never got further is given up. */
	if (s->conn) {
		peer_event(s, &(struct fsm_event){.type = FSM_COLLISION_DUMP});
		peer_event(s, &(struct fsm_event){.type = FSM_PASSIVE_START});
	} else if (replaced && s->fsm.state == BGP_STATE_IDLE) {
		peer_event(s, &(struct fsm_event){.type = FSM_PASSIVE_START});
	}
	if (s->fsm.state != BGP_STATE_ACTIVE) {
		refuse(p, fd, "waiting after an error");
		return;
	}
	if (protect_accepted(p->conf, fd) != 0) {
		refuse(p, fd, "the kernel cannot check the TTL (GTSM)");
		return;
	}
	conn_set_ttl(fd, p->conf->address.family,
		     policy_ttl(p->conf, peer_is_ibgp(p)));
	s->conn =
	    conn_new(&p->bgp->host, fd, false, &session_callbacks, s, &error);
	if (s->conn)
		peer_event(s, &(struct fsm_event){.type = FSM_TCP_CONFIRMED});
	else
		close(fd);
}
