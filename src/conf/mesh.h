/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about other nodes; include that. */
#ifndef BASIN_CONF_MESH_H
#define BASIN_CONF_MESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/time.h"
#include "conf/transport.h"

struct conf_endpoint;

/* Where a value stands in the file; line and column count from 1. */
struct conf_place {
	unsigned line, column;
};

/* Of a prefix: which nodes must stay before failed checks withdraw it. */
struct conf_brake {
	bool enabled;
	unsigned min_sites;     /* other nodes that stay; 0: no rule */
	unsigned max_withdrawn; /* nodes of one cause; 0: no rule */
	struct dur window;      /* default 10 min */
};

/* Another node of the mesh. */
struct conf_mesh_node {
	struct conf_place place;
	const char *name;
	struct ip address;
	uint16_t port;       /* default 9178 */
	struct conf_key key; /* default mesh.key_file */
};

struct conf_mesh {
	bool enabled;
	struct conf_endpoint *listen; /* default node.management, port 9178 */
	size_t n_listen;
	struct conf_key key;
	struct conf_mesh_node *nodes; /* without this node */
	size_t n_nodes;
	struct dur interval;         /* default 1 s */
	const char *state_file;      /* NULL when absent */
	struct dur state_file_limit; /* older is unknown; default 30 s */
};

#endif
