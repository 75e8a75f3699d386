/* SPDX-License-Identifier: ISC */
/*
 * Configuration -> availability model.
 */
#ifndef BASIN_DAEMON_MODEL_H
#define BASIN_DAEMON_MODEL_H

#include "daemon/basin.h"
#include "model/model.h"

/*
 * Builds avail and the table of checks for `conf`. Ids of services and
 * prefixes are the indexes of conf. Both results are the caller's.
 */
void model_build(const struct conf *conf, struct mono now, struct avail **avail,
		 struct basin_check **checks);

#endif
