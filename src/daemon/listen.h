/* SPDX-License-Identifier: ISC */
/* The HTTP server's listening sockets, opened while there is privilege. */
#ifndef BASIN_DAEMON_LISTEN_H
#define BASIN_DAEMON_LISTEN_H

#include <stdbool.h>

#include "daemon/basin.h"

/* Opens every endpoint of conf->http and starts the server. 0 or -errno. */
int listen_http(struct basin *b) __attribute__((warn_unused_result));
bool listen_equal(const struct conf_http_server *a,
		  const struct conf_http_server *b);

#endif
