/* SPDX-License-Identifier: ISC */
/*
 * Loc-RIB: of each prefix that any peer has given us, all accepted paths and
 * which of them are used. Pure: it knows no session and no kernel.
 *
 *   add/update/remove ─► paths of the prefix, best first ─► changed()
 *
 * Invariants: a prefix is in the table while it has a path; the first path
 * has the step CHOSEN unless none is usable; EQUAL ones follow it directly, at
 * most `width` - 1 of them; a path that is not usable has neither. changed()
 * is called when the used paths, their order or what is in one of them
 * changes, after the lists are right.
 */
#ifndef BASIN_BGP_LOC_RIB_H
#define BASIN_BGP_LOC_RIB_H

#include <stddef.h>

#include "bgp/best.h"

#define LOC_RIB_WIDTH 8 /* most paths that are used at once */

/* Part of whatever keeps the path; zeroed before it is added. */
struct loc_path {
	struct loc_path *next;       /* of the same prefix */
	const struct prefix *prefix; /* borrowed */
	const struct best_key *key;  /* borrowed */
	void *owner;                 /* borrowed; not looked at */
	uint8_t step;                /* enum best_step: used, or why not */
};

static inline bool
loc_path_used(const struct loc_path *p)
{
	return p->step == BEST_CHOSEN || p->step == BEST_EQUAL;
}

struct loc_rib {
	struct loc_path **heads; /* owned; open addressing */
	size_t n, size;          /* size: a power of two, or 0 */
	unsigned width;          /* 1..LOC_RIB_WIDTH */
	/* `first`: the list; used ones first, NULL: no path is left. */
	void (*changed)(void *arg, const struct prefix *prefix,
			const struct loc_path *first);
	void *arg;
};

void loc_rib_free(struct loc_rib *rib);
void loc_rib_add(struct loc_rib *rib, struct loc_path *path);
void loc_rib_remove(struct loc_rib *rib, struct loc_path *path);
/* The path has other attributes now (and perhaps another key). */
void loc_rib_update(struct loc_rib *rib, struct loc_path *path);
/*
 * Sources, next hops or the width changed. `all`: what is in the paths too,
 * so each used set is told of again.
 */
void loc_rib_rerun(struct loc_rib *rib, bool all);
/* The paths of a prefix, used ones first; NULL: none. */
const struct loc_path *loc_rib_find(const struct loc_rib *rib,
				    const struct prefix *prefix);
typedef void loc_rib_fn(void *arg, const struct loc_path *first);
void loc_rib_each(const struct loc_rib *rib, loc_rib_fn *each, void *arg);

#endif
