/* SPDX-License-Identifier: ISC */
#ifndef BASIN_SIM_LOAD_MAP_H
#define BASIN_SIM_LOAD_MAP_H

#include "sim/graph.h"

struct notes;

/*
 * Maps the saved graph `path`. False: it is none, or none that can be opened,
 * and nothing was said. True: *out is it, or NULL with errors in `notes`.
 */
bool load_map(struct notes *notes, const char *path, struct sim_graph **out);

#endif
