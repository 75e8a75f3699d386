/* SPDX-License-Identifier: ISC */
#ifndef BASIN_OUT_IMPORT_H
#define BASIN_OUT_IMPORT_H

#include "out/out.h"

/* What the Loc-RIB uses for a prefix, as a route of the kernel. */
void import_change(struct out *out, const struct prefix *prefix,
		   const struct bgp_best *v, size_t n);

#endif
