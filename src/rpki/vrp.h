/* SPDX-License-Identifier: ISC */
/*
 * Validated ROA payloads (RFC 6811 section 2) of several sources, and the
 * question whether an origin is valid. Pure; no step takes long, however
 * many there are: the hash table grows by one bucket at a time.
 */
#ifndef BASIN_RPKI_VRP_H
#define BASIN_RPKI_VRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

/* Sources are numbered below this. */
#define VRP_SOURCES 32

struct vrp {
	struct prefix prefix;
	uint8_t max_length; /* prefix.len..32 or 128 */
	uint32_t asn;       /* 0: nobody (RFC 7607) */
};

enum vrp_state { VRP_NOT_FOUND, VRP_VALID, VRP_INVALID };

struct vrp_table;

struct vrp_table *vrp_table_new(void);
void vrp_table_free(struct vrp_table *t);

/* Again from the same source changes nothing. False: no such VRP. */
bool vrp_add(struct vrp_table *t, const struct vrp *v, unsigned source);
void vrp_remove(struct vrp_table *t, const struct vrp *v, unsigned source);
/* Bits of the sources that count; none at first. */
void vrp_use(struct vrp_table *t, uint32_t sources);
/*
 * Forgets what a source said, looking at `steps` entries at most. True when
 * it is done: its number may be used again.
 */
bool vrp_purge(struct vrp_table *t, unsigned source, size_t steps);
size_t vrp_count(const struct vrp_table *t, unsigned source);

/* RFC 6811 section 2; origin 0 is never Valid. */
enum vrp_state vrp_validate(const struct vrp_table *t,
			    const struct prefix *prefix, uint32_t origin);
/* Calls `each` for the VRPs in use that cover a prefix, the shortest first. */
typedef void vrp_fn(void *arg, const struct vrp *v);
void vrp_covering(const struct vrp_table *t, const struct prefix *prefix,
		  vrp_fn *each, void *arg);

#endif
