/* SPDX-License-Identifier: ISC */
/*
 * Who originates what: prefixes with their origins, in the order of prefixes,
 * each with the next shorter one that covers it.
 */
#ifndef BASIN_SIM_ORIGINS_H
#define BASIN_SIM_ORIGINS_H

#include "sim/sim.h"

#define ORIGINS_NONE SIZE_MAX

struct origins_group {
	struct prefix prefix;
	size_t first, n; /* of origins.asn: its origins, ascending */
	size_t cover;    /* group of the next shorter prefix, ORIGINS_NONE */
	uint32_t line;   /* the first that named it */
};
struct origins {
	struct origins_group *groups; /* owned; prefix_cmp() order */
	size_t n;
	uint32_t *asn; /* owned */
	bool v4;       /* has an IPv4 prefix */
};

struct origins origins_new(const struct sim_origin *v, size_t n);
void origins_free(struct origins *o);
/* The longest prefix that covers all of `p`, or NULL. */
const struct origins_group *origins_find(const struct origins *o,
					 const struct prefix *p);

#endif
