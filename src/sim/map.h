/* SPDX-License-Identifier: ISC */
/*
 * The graph as a file that is used where it lies: a head, then the arrays as
 * they are in memory. It belongs to machines of one byte order.
 *
 *   octets  what
 *   8       MAP_MAGIC
 *   4       MAP_ORDER, as the machine writes it
 *   4       MAP_VERSION: counted up with every change of the format
 *   4 x 3   ASes, provider-customer links, peer links
 *   4       zero
 *   8       octets of the file
 *   8       checksum of all arrays
 *   8 x 9   where each array begins, in octets from the beginning
 */
#ifndef BASIN_SIM_MAP_H
#define BASIN_SIM_MAP_H

#include "sim/graph.h"

#define MAP_MAGIC      "\211BASIN\r\n"
#define MAP_ORDER      UINT32_C(0x01020304)
#define MAP_VERSION    1
#define MAP_MAGIC_SIZE 8
/* X(name in messages): the arrays in order, as graph_layout() has them. */
#define MAP_SECTIONS(X)                                                        \
	X("AS numbers")                                                        \
	X("ranks")                                                             \
	X("ids by rank")                                                       \
	X("rows of customers")                                                 \
	X("rows of peers")                                                     \
	X("rows of providers")                                                 \
	X("customers")                                                         \
	X("peers")                                                             \
	X("providers")
#define X(name)           +1
#define MAP_SECTION_COUNT (0 MAP_SECTIONS(X))
enum { MAP_N_SECTIONS = MAP_SECTION_COUNT };
#undef X

struct map_head {
	char magic[MAP_MAGIC_SIZE];
	uint32_t order;
	uint32_t version;
	struct graph_counts counts;
	uint32_t zero;
	uint64_t octets;
	uint64_t sum;
	uint64_t section[MAP_N_SECTIONS];
};
_Static_assert(sizeof(struct map_head) == 120, "the format has 120 octets");

/* The head of a graph; `words` are its arrays. */
struct map_head map_head(const struct graph_counts *counts,
			 const uint32_t *words);
/* Mixes every word and its place; no protection against intent. */
uint64_t map_sum(const uint32_t *words, size_t n);

struct notes;
/*
 * The graph in `octets`, n of them, which are checked throughout. The graph
 * points into them and does not own them. NULL with errors in `notes`.
 */
struct sim_graph *map_open(struct notes *notes, const void *octets, size_t n);
/* The rules of graph.h, for arrays that anybody may have written. */
bool map_check(struct notes *notes, const struct sim_graph *g,
	       const struct graph_counts *counts);

#endif
