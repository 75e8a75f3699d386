/* SPDX-License-Identifier: ISC */
/*
 * The order of ids: every provider before its customers, and those without
 * customers, five of six, at the end. So all providers of anybody stand close
 * together, which is what a sweep down the graph reads.
 */
#ifndef BASIN_SIM_GRAPH_ORDER_H
#define BASIN_SIM_GRAPH_ORDER_H

#include "sim/graph.h"

struct notes;
struct numbers;

/*
 * The id of every rank, owned by the caller; NULL with an error in `notes`
 * when providers form a loop. Links have ranks in them and are sorted.
 */
uint32_t *graph_order(struct notes *notes, const struct numbers *numbers,
		      const struct graph_link *links, size_t n);

#endif
