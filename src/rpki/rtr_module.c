/* SPDX-License-Identifier: ISC */
/*
 * rtrlib as a session with one cache. Its manager would choose between
 * caches by itself, and may wait for itself when it is stopped while a
 * session fails: here each cache has a manager of its own that is never told
 * of states, and rpki.c chooses.
 */
#include <errno.h>
#include <pthread.h>
#include <rtrlib/rtrlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "rpki/rtr.h"
#include "rpki/transport.h"

/* Expiry is rpki.c's: the library takes nothing away by itself. */
#define EXPIRE_NEVER 172800

struct rtr {
	struct rtr_socket socket;
	struct rtr_socket *sockets[1];
	struct tr_socket tr;
	struct transport transport;
	struct rtr_mgr_config *manager;
	const struct rtr_events *events; /* borrowed */
	void *arg;
};

static struct rtr *
session_of(const struct rtr_socket *socket)
{
	return (struct rtr *)((char *)(uintptr_t)socket -
			      offsetof(struct rtr, socket));
}

static struct ip
ip_of(const struct lrtr_ip_addr *a)
{
	uint8_t octets[16];

	if (a->ver == LRTR_IPV4)
		return ip_from_v4(a->u.addr4.addr);
	for (size_t i = 0; i < 16; i++)
		octets[i] =
		    (uint8_t)(a->u.addr6.addr[i / 4] >> (24 - 8 * (i % 4)));
	return ip_from_bytes(AF_INET6, octets);
}

/* Nobody may be cancelled while the receiver's lock is held. */
static void
tell_vrp(struct pfx_table *table, const struct pfx_record record,
	 const bool added)
{
	struct rtr *s = session_of(record.socket);
	struct vrp v = {.prefix = {ip_of(&record.prefix), record.min_len},
			.max_length = record.max_len,
			.asn = record.asn};
	int old;

	if (atomic_load(&s->transport.stopping))
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	s->events->vrp(s->arg, &v, added);
	pthread_setcancelstate(old, &old);
}

static void
tell_synchronised(struct rtr *s)
{
	struct rtr_synchronised now = {
	    .session = (uint16_t)s->socket.session_id,
	    .serial = s->socket.serial_number,
	    .version = (uint8_t)s->socket.version,
	    .intervals = s->transport.intervals,
	};

	s->transport.why[0] = '\0';
	s->events->synchronised(s->arg, &now);
}

static void
tell_failed(struct rtr *s)
{
	const char *why = s->transport.why;

	s->events->failed(s->arg, why[0] ? why : "the cache does not answer");
	s->transport.why[0] = '\0';
}

static void
on_state(const struct rtr_socket *socket, const enum rtr_socket_state state,
	 void *config, void *group)
{
	struct rtr *s = session_of(socket);
	int old;

	if (atomic_load(&s->transport.stopping))
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	if (state == RTR_ESTABLISHED)
		tell_synchronised(s);
	else if (state == RTR_ERROR_TRANSPORT || state == RTR_ERROR_FATAL ||
		 state == RTR_ERROR_NO_DATA_AVAIL)
		tell_failed(s);
	pthread_setcancelstate(old, &old);
}

static void
ignore_status(const struct rtr_mgr_group *group, enum rtr_mgr_status status,
	      const struct rtr_socket *socket, void *arg)
{
}

/* The thread gets no signals: they are the loop's. */
static int
start_thread(struct rtr *s)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = rtr_mgr_start(s->manager);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static int
make_manager(struct rtr *s)
{
	struct rtr_mgr_group group = {
	    .sockets = s->sockets, .sockets_len = 1, .preference = 1};
	const struct rtr_intervals *limits = &s->transport.endpoint.limits;

	s->sockets[0] = &s->socket;
	s->socket.tr_socket = &s->tr;
	s->transport.socket = &s->socket;
	if (rtr_mgr_init(&s->manager, &group, 1, limits->refresh, EXPIRE_NEVER,
			 limits->retry, tell_vrp, NULL, ignore_status,
			 NULL) != RTR_SUCCESS)
		return -EINVAL;
	s->socket.connection_state_fp = on_state;
	rtr_set_interval_mode(&s->socket, RTR_INTERVAL_MODE_IGNORE_ANY);
	return 0;
}

static void
stop(struct rtr *s)
{
	transport_wake(&s->transport);
	if (s->manager) {
		rtr_mgr_stop(s->manager);
		rtr_mgr_free(s->manager);
	}
	transport_free(&s->transport);
	free(s);
}

static struct rtr *
start(const struct rtr_endpoint *endpoint, const struct rtr_events *events,
      void *arg)
{
	struct rtr *s = xcalloc(1, sizeof(*s));

	s->events = events;
	s->arg = arg;
	if (transport_init(&s->transport, endpoint, &s->tr) != 0) {
		free(s);
		return NULL;
	}
	if (make_manager(s) != 0 || start_thread(s) != RTR_SUCCESS) {
		stop(s);
		return NULL;
	}
	return s;
}

extern const struct rtr_module rpki_rtr_module;
__attribute__((visibility("default")))
const struct rtr_module rpki_rtr_module = {RTR_ABI, start, stop};
