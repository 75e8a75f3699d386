/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about basin block; include that. */
#ifndef BASIN_CONF_BLOCK_H
#define BASIN_CONF_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* conf.h defines what this is made of before it includes it. */

/* What an operator may have dropped upstream (RFC 7999, RFC 8955). */
struct conf_block {
	bool enabled;            /* the section is there */
	struct conf_names peers; /* who is told; at least one */
	/* Default BLACKHOLE and NO_EXPORT. */
	struct conf_communities communities;
	struct conf_ips next_hop;    /* one a family; none: next hop self */
	uint32_t limit;              /* blocks at a time; default 100 */
	uint32_t shortest;           /* IPv4 prefix length; default 32 */
	uint32_t shortest6;          /* default 128 */
	struct dur default_for, max; /* default 1 h, 24 h */
};

#endif
