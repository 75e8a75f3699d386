/* SPDX-License-Identifier: ISC */
/*
 * Attributes without the empty ends of their arrays: what is kept of a
 * received route is as long as its path and communities are.
 */
#ifndef BASIN_BGP_PACK_H
#define BASIN_BGP_PACK_H

#include "wire/bgp.h"

/* Octets that pack_attributes() writes. */
size_t pack_size(const struct bgp_attributes *a);
void pack_attributes(const struct bgp_attributes *a, uint8_t *out);
void pack_open(const uint8_t *packed, struct bgp_attributes *out);

#endif
