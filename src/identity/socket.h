/* SPDX-License-Identifier: ISC */
/* What the files of identity/ share. */
#ifndef BASIN_IDENTITY_SOCKET_H
#define BASIN_IDENTITY_SOCKET_H

#include <sys/queue.h>

#include "identity/answer.h"
#include "identity/dns.h"
#include "identity/identity.h"

enum protocol { PROTOCOL_UDP, PROTOCOL_TCP, PROTOCOL_HTTP, PROTOCOL_DNS };

/* What is to be open, and is when `fd` was got. */
struct endpoint {
	struct identity *id; /* borrowed; the owner */
	enum protocol protocol;
	bool tcp;
	struct ip ip;
	uint16_t port;
	bool wanted; /* while configuring */
	bool open;
	int error; /* why it is not open, -errno */
	struct bucket bucket;
	union {
		uv_handle_t handle;
		uv_udp_t udp;
		uv_tcp_t stream;
	};
	char datagram[2048]; /* the one that is being read */
	TAILQ_ENTRY(endpoint) link;
};

TAILQ_HEAD(endpoint_list, endpoint);

struct identity {
	struct identity_settings settings;
	struct endpoint_list endpoints;
	char *name;                     /* owned */
	const struct identity_dns *dns; /* NULL: not loaded */
	unsigned connections;
	unsigned handles; /* not yet closed, of endpoints and connections */
	bool closing;
	char problem[160];
};

/* Take over `fd`; 0, or -errno with it closed. */
int datagram_open(struct endpoint *e, int fd);
int stream_open(struct endpoint *e, int fd);
/* A handle is closed; the last one frees a closing responder. */
void identity_handle_closed(struct identity *id);

#endif
