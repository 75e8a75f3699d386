/* SPDX-License-Identifier: ISC */
/*
 * Who answers at this address? A small responder for services that cannot say
 * it themselves (RFC 4786 section 4.9), over UDP, TCP, HTTP and DNS.
 *
 * One socket for each address and port, so that an answer leaves from the
 * address that was asked. Nothing is remembered of who asks.
 */
#ifndef BASIN_IDENTITY_IDENTITY_H
#define BASIN_IDENTITY_IDENTITY_H

#include <uv.h>

#include "base/log.h"
#include "conf/conf.h"

struct identity_settings {
	uv_loop_t *loop; /* borrowed, as all here */
	struct log *log;
	/* A bound socket, listening when tcp; -errno. */
	int (*open)(void *arg, const struct ip *ip, uint16_t port, bool tcp);
	void *arg;
};

struct identity;

struct identity *identity_new(const struct identity_settings *settings);
/* Opens and closes what changed; keeps the rest. */
void identity_configure(struct identity *id, const struct conf_identity *conf);
/* Tries again what could not be opened. True when everything is. */
bool identity_retry(struct identity *id);
/* Of what is not open, for people; "" when everything is. */
const char *identity_problem(const struct identity *id);
/* Closes everything; freed when the loop has closed the handles. */
void identity_close(struct identity *id);

#endif
