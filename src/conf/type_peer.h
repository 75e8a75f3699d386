/* SPDX-License-Identifier: ISC */
/*
 * Types of options that only peers have.
 */
#ifndef BASIN_CONF_TYPE_PEER_H
#define BASIN_CONF_TYPE_PEER_H

#include "conf/type.h"

/* The whole struct conf_peer is the field of these. */
extern const struct option_type type_peer_address;  /* and range, interface */
extern const struct option_type type_peer_asns;     /* asn, asns */
extern const struct option_type type_peer_next_hop; /* both families */

extern const struct option_type type_peer_gtsm;     /* uint8_t: hops */
extern const struct option_type type_peer_families; /* unsigned, bits */
extern const struct option_type type_peer_exports;  /* size_t *, size_t */

#endif
