/* SPDX-License-Identifier: ISC */
/* CAIDA's AS relationship files, as text. */
#ifndef BASIN_SIM_LOAD_TEXT_H
#define BASIN_SIM_LOAD_TEXT_H

#include "sim/graph.h"

struct notes;

struct load_links {
	struct graph_link *v; /* owned */
	size_t n, room;
};

/* The links of all good lines; an error in `notes` for each other one. */
struct load_links load_text_links(struct notes *notes, const char *text,
				  size_t n);

#endif
