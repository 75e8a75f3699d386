/* SPDX-License-Identifier: ISC */
/*
 * Datagrams: sockets, tags, and the judgement whether a message is from a
 * node, for this process, and new. What fails any of it is counted and
 * changes nothing, and nothing is answered before the tag was true.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "mesh/internal.h"

#define COMPLAINT_PERIOD dur_s(60)

uint64_t
link_random(void)
{
	uint64_t v = 0;

	/* The kernel has its seed long before a daemon starts. */
	while (getrandom(&v, sizeof(v), 0) < 0 && errno == EINTR)
		;
	return v != 0 ? v : 1;
}

/* ---- sending ---- */

static struct mesh_socket *
socket_for(struct mesh *m, const struct ip *to)
{
	for (size_t i = 0; i < m->n_sockets; i++)
		if (m->sockets[i]->open &&
		    m->sockets[i]->at.ip.family == to->family)
			return m->sockets[i];
	return NULL;
}

static void
send_octets(struct mesh *m, const struct mesh_node *n, uint8_t *octets,
	    size_t len)
{
	struct mesh_socket *s = socket_for(m, &n->address);
	uv_buf_t buf = uv_buf_init((char *)octets, (unsigned)len);
	struct sockaddr_storage ss;

	ip_to_sockaddr(&n->address, n->port, 0, &ss);
	if (s && uv_udp_try_send(&s->udp, &buf, 1,
				 (const struct sockaddr *)&ss) >= 0)
		m->sent++;
	else
		m->lost++;
}

static void
send_message(struct mesh *m, struct mesh_node *n, struct message *head,
	     const struct message_body *body)
{
	uint8_t octets[MESSAGE_MAX];
	size_t len;

	if (!m->auth)
		return;
	head->boot = m->boot;
	head->sequence = ++m->sequence;
	memcpy(head->sender, m->name, sizeof(head->sender));
	memcpy(head->receiver, n->name, sizeof(head->receiver));
	len = message_encode(head, body, octets);
	m->auth->tag(n->key, n->key_len, octets, len, octets + len);
	send_octets(m, n, octets, len + MESSAGE_TAG);
}

void
link_send(struct mesh *m, struct mesh_node *n, const struct message_body *body)
{
	struct message head = {.for_boot = n->session.boot};

	send_message(m, n, &head, body);
}

void
link_hello(struct mesh *m, struct mesh_node *n)
{
	struct mono now = mono_now();
	struct message head = {
	    .for_boot = n->session.boot,
	    .nonce = session_nonce(&n->session, link_random(), now)};
	struct message_body body;

	message_body_begin(&body, MESSAGE_HELLO);
	send_message(m, n, &head, &body);
}

/*
 * To the process that asked, whether it is believed already or not. What is
 * not believed may be recorded and sent on and on: the few answers it gets
 * must not be taken from those to what is new and true.
 */
static void
send_echo(struct mesh *m, struct mesh_node *n, const struct message *to,
	  bool believed, struct mono now)
{
	struct message head = {.for_boot = to->boot, .echo = to->nonce};
	struct message_body body;

	if (!believed && !session_answers(&n->session, now))
		return;
	if (!believed)
		head.nonce = session_nonce(&n->session, link_random(), now);
	message_body_begin(&body, MESSAGE_HELLO);
	send_message(m, n, &head, &body);
}

/* ---- receiving ---- */

static void
discard(struct mesh *m, enum session_cause cause, const struct sockaddr *from,
	struct mono now)
{
	struct sockaddr_storage ss = {0};
	char text[IP_TEXT_MAX];
	uint32_t more;
	struct ip ip;

	m->discarded[cause]++;
	if (!log_allowed(&m->complaints[cause], COMPLAINT_PERIOD, now, &more))
		return;
	memcpy(&ss, from,
	       from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in));
	ip_from_sockaddr(&ss, &ip);
	/* A node that has started anew is not believed at once: usual. */
	log_line(m->settings.log,
		 cause == SESSION_UNPROVEN || cause == SESSION_EARLIER
		     ? LOG_LEVEL_DEBUG
		     : LOG_LEVEL_WARNING,
		 "mesh",
		 "a message from %s %s; %u more were left out of the "
		 "log",
		 ip_format(&ip, text, sizeof(text)), session_cause_text(cause),
		 more);
}

static int
by_name(const void *key, const void *item)
{
	return strcmp(key, ((const struct mesh_node *)item)->name);
}

/* In time that does not tell how much of it is right. */
static bool
tags_equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t differs = 0;

	for (size_t i = 0; i < MESSAGE_TAG; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

/* Items cost much more than a tag: only those of a node are looked at. */
static enum session_cause
authenticate(struct mesh *m, const uint8_t *octets, size_t n,
	     struct message *message, struct mesh_node **node)
{
	uint8_t tag[MESSAGE_TAG];
	int error = message_open(octets, n, message);

	if (error != 0)
		return error == -EPROTONOSUPPORT ? SESSION_VERSION
						 : SESSION_MALFORMED;
	if (strcmp(message->receiver, m->name) != 0)
		return SESSION_MISDIRECTED;
	*node = m->n_nodes == 0 ? NULL
				: bsearch(message->sender, m->nodes, m->n_nodes,
					  sizeof(*m->nodes), by_name);
	if (!*node)
		return SESSION_STRANGER;
	m->auth->tag((*node)->key, (*node)->key_len, octets, message->covered,
		     tag);
	if (!tags_equal(tag, message->tag))
		return SESSION_FORGED;
	return message_sound(message) ? SESSION_ACCEPTED : SESSION_MALFORMED;
}

static void
forget_node(struct mesh *m, size_t node)
{
	for (size_t i = 0; i < m->n_brakes; i++)
		promise_forget(&m->brakes[i].promise, node);
}

static void
take(struct mesh *m, const uint8_t *octets, size_t n,
     const struct sockaddr *from)
{
	struct mono now = mono_now();
	struct mesh_node *node = NULL;
	struct message message;
	bool anew = false;
	enum session_cause cause = authenticate(m, octets, n, &message, &node);

	m->received++;
	if (cause != SESSION_ACCEPTED) {
		discard(m, cause, from, now);
		return;
	}
	cause = session_receive(&node->session, &message, m->boot, now, &anew);
	if (message.nonce != 0 &&
	    (cause == SESSION_ACCEPTED || cause == SESSION_UNPROVEN ||
	     cause == SESSION_EARLIER))
		send_echo(m, node, &message, cause == SESSION_ACCEPTED, now);
	if (cause != SESSION_ACCEPTED) {
		discard(m, cause, from, now);
		return;
	}
	if (anew)
		forget_node(m, (size_t)(node - m->nodes));
	talk_received(m, (size_t)(node - m->nodes), &message);
}

static void
on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
	    const struct sockaddr *from, unsigned flags)
{
	struct mesh *m = udp->data;

	/* Nothing to read, or an error of an earlier send. */
	if (n < 0 || !from || !m)
		return;
	take(m, (const uint8_t *)buf->base, (size_t)n, from);
}

static void
give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct mesh *m = handle->data;

	*buf = uv_buf_init((char *)m->buffer, sizeof(m->buffer));
}

/* ---- sockets ---- */

static void
on_closed(uv_handle_t *handle)
{
	free((char *)handle - offsetof(struct mesh_socket, udp));
}

static void
close_socket(struct mesh_socket *s)
{
	uv_udp_recv_stop(&s->udp);
	uv_close((uv_handle_t *)&s->udp, on_closed);
}

static int
open_socket(struct mesh *m, struct mesh_socket *s)
{
	struct sockaddr_storage ss;
	int error;

	ip_to_sockaddr(&s->at.ip, s->at.port, 0, &ss);
	error = uv_udp_bind(&s->udp, (const struct sockaddr *)&ss,
			    s->at.ip.family == AF_INET6 ? UV_UDP_IPV6ONLY : 0);
	if (error == 0)
		error = uv_udp_recv_start(&s->udp, give_buffer, on_datagram);
	return error;
}

static void
complain(struct mesh *m, const struct conf_endpoint *at, int error)
{
	char ip[IP_TEXT_MAX], text[192];

	snprintf(text, sizeof(text),
		 "%s port %u cannot be listened on (%s): other nodes do not "
		 "hear this one",
		 ip_format(&at->ip, ip, sizeof(ip)), at->port,
		 uv_strerror(error));
	m->settings.callbacks->alarm(m->settings.arg, "mesh listen", text,
				     true);
}

/* A handle whose bind failed may be half open: it is not used again. */
static struct mesh_socket *
new_socket(struct mesh *m, const struct conf_endpoint *at)
{
	struct mesh_socket *s = xcalloc(1, sizeof(*s));
	int error;

	s->at = *at;
	s->udp.data = m;
	uv_udp_init(m->settings.loop, &s->udp);
	s->udp.data = m;
	error = open_socket(m, s);
	s->open = error == 0;
	if (!s->open)
		complain(m, at, error);
	return s;
}

void
link_retry(struct mesh *m)
{
	bool failed = false, tried = false;

	for (size_t i = 0; i < m->n_sockets; i++) {
		struct mesh_socket *old = m->sockets[i];

		if (old->open)
			continue;
		tried = true;
		m->sockets[i] = new_socket(m, &old->at);
		failed |= !m->sockets[i]->open;
		close_socket(old);
	}
	if (tried && !failed)
		m->settings.callbacks->alarm(m->settings.arg, "mesh listen",
					     "the nodes are listened to",
					     false);
}

void
link_close(struct mesh *m)
{
	for (size_t i = 0; i < m->n_sockets; i++)
		close_socket(m->sockets[i]);
	free(m->sockets);
	m->sockets = NULL;
	m->n_sockets = 0;
}

/* A socket that is wanted already, taken out of the old list. */
static struct mesh_socket *
keep(struct mesh *m, const struct conf_endpoint *at)
{
	for (size_t i = 0; i < m->n_sockets; i++) {
		struct mesh_socket *s = m->sockets[i];

		if (!ip_equal(&s->at.ip, &at->ip) || s->at.port != at->port)
			continue;
		m->sockets[i] = m->sockets[--m->n_sockets];
		return s;
	}
	return NULL;
}

void
link_configure(struct mesh *m, const struct conf_mesh *conf)
{
	size_t n = conf->enabled && m->n_nodes > 0 ? conf->n_listen : 0;
	struct mesh_socket **v = xcalloc(n + 1, sizeof(struct mesh_socket *));

	for (size_t i = 0; i < n; i++)
		v[i] = keep(m, &conf->listen[i]);
	link_close(m);
	m->settings.callbacks->alarm(m->settings.arg, "mesh listen",
				     "other addresses are configured", false);
	for (size_t i = 0; i < n; i++)
		if (!v[i])
			v[i] = new_socket(m, &conf->listen[i]);
	m->sockets = v;
	m->n_sockets = n;
}
