/* SPDX-License-Identifier: ISC */
#ifndef BASIN_OUT_IMPORT_H
#define BASIN_OUT_IMPORT_H

#include "conf/conf.h"
#include "out/out.h"

struct import;

struct imports {
	struct import *table; /* owned; by prefix */
};

void import_change(struct out *out, const struct conf_peer *peer,
		   const struct bgp_route *route, bool gone);
/* Candidates of peers that went or no longer install are dropped. */
void import_configure(struct out *out, const struct conf *conf);
void import_free_all(struct out *out);

#endif
