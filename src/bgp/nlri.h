/* SPDX-License-Identifier: ISC */
/*
 * What a route is about, kept once and counted: a prefix or a flow
 * specification, with the octets by which it is found.
 */
#ifndef BASIN_BGP_NLRI_H
#define BASIN_BGP_NLRI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "bgp/bgp.h"

struct nlri {
	unsigned refs;
	struct bgp_nlri value; /* its flow is `flow` */
	struct bgp_flow *flow; /* owned; NULL: a prefix */
	size_t key_len;
	uint8_t key[];
};

/* Octets of the longest key. */
#define NLRI_KEY_MAX 512

/* Length of the key, equal for equal routes; 0: it cannot be sent. */
size_t nlri_key(const struct bgp_nlri *value, uint8_t key[static NLRI_KEY_MAX]);
/* NULL: it cannot be sent. */
struct nlri *nlri_new(const struct bgp_nlri *value);
struct nlri *nlri_ref(struct nlri *n);
void nlri_unref(struct nlri *n); /* NULL is fine */

/* For people. */
void nlri_format(const struct bgp_nlri *value, struct text *out);

struct bgp_nlri nlri_of_prefix(const struct prefix *prefix);

#endif
