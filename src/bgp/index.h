/* SPDX-License-Identifier: ISC */
/*
 * Prefix -> number of the prefix in a configuration: open addressing over
 * 32-bit numbers, built once per configuration.
 */
#ifndef BASIN_BGP_INDEX_H
#define BASIN_BGP_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "conf/conf.h"

#define INDEX_NONE UINT32_MAX

struct index {
	const struct conf *conf; /* borrowed */
	uint32_t *slots;         /* owned; id + 1, 0: free */
	size_t mask;
};

void index_build(struct index *x, const struct conf *conf);
void index_free(struct index *x);
/* INDEX_NONE when the configuration does not have it. */
uint32_t index_find(const struct index *x, const struct prefix *prefix);

#endif
