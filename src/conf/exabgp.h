/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about ExaBGP's process API; include that. */
#ifndef BASIN_CONF_EXABGP_H
#define BASIN_CONF_EXABGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "conf/mesh.h"

#define CONF_EXABGP_MAX 16

enum conf_encoder { CONF_ENCODER_TEXT, CONF_ENCODER_JSON };
enum conf_on_exit { CONF_ON_EXIT_WITHDRAW, CONF_ON_EXIT_KEEP };

/* A program that says on its standard output what is to be announced. */
struct conf_exabgp {
	struct conf_place place;
	const char *name;
	const char *
	    *argv; /* no shell; argv[0] is an absolute path; NULL ends */
	size_t n_argv;
	const char *user; /* NULL: the daemon's unprivileged user */
	enum conf_encoder encoder;
	/* It speaks to these; NULL and 0: to all peers. */
	const char **peers;
	size_t n_peers;
	bool acknowledge;          /* default true */
	bool neighbor_changes;     /* default false */
	enum conf_on_exit on_exit; /* default withdraw */
	struct dur respawn;  /* first wait before a restart; default 1 s */
	uint32_t max_routes; /* default 10000 */
};

#endif
