/* SPDX-License-Identifier: ISC */
/*
 * TCP under the library: what blocks can be woken, and what goes over it is
 * looked at. Every function is called by the thread of the session, but for
 * transport_wake().
 */
#ifndef BASIN_RPKI_TRANSPORT_H
#define BASIN_RPKI_TRANSPORT_H

#include <rtrlib/rtrlib.h>
#include <stdatomic.h>

#include "rpki/pdu.h"

struct transport {
	struct rtr_endpoint endpoint;
	struct rtr_socket *socket; /* borrowed; its intervals are set here */
	int fd;                    /* -1: none */
	int wake;                  /* an eventfd, readable when stopping */
	atomic_bool stopping;
	struct pdu_watch in, out;
	bool ended;    /* this connection had an End of Data */
	bool reported; /* it had an Error Report; `why` says it */
	struct rtr_intervals intervals; /* in force */
	char ident[IP_TEXT_MAX + 8];
	char why[2 * RTR_TEXT_MAX]; /* the last thing that went wrong */
};

/* 0 or -errno. `out` is what the library is to use. */
int transport_init(struct transport *t, const struct rtr_endpoint *endpoint,
		   struct tr_socket *out) __attribute__((warn_unused_result));
void transport_free(struct transport *t);
/* Everything that waits ends, now and later. */
void transport_wake(struct transport *t);

#endif
