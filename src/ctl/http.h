/* SPDX-License-Identifier: ISC */
/*
 * The HTTP server is a module of its own, loaded when a configuration enables
 * it: who does not want it does not pay for libmicrohttpd.
 */
#ifndef BASIN_CTL_HTTP_H
#define BASIN_CTL_HTTP_H

#include "ctl/ctl.h"

/* Changes with every change of the structures that cross the border. */
#define CTL_HTTP_ABI    2
#define CTL_HTTP_SYMBOL "ctl_http_module"

struct ctl_http; /* one listening descriptor */

struct ctl_http_module {
	unsigned abi;
	/* Takes over `fd`. NULL with -errno in *error. */
	struct ctl_http *(*start)(const struct ctl_settings *s, int fd,
				  int *error);
	/* Closes connections and descriptor; `stopped` on a later turn. */
	void (*stop)(struct ctl_http *http, void (*stopped)(void *arg),
		     void *arg);
};

#endif
