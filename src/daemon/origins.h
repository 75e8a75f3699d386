/* SPDX-License-Identifier: ISC */
/*
 * Route origin validation in the daemon: the caches, what the ROAs say of
 * the prefixes that this node announces, and the answer for imports.
 */
#ifndef BASIN_DAEMON_ORIGINS_H
#define BASIN_DAEMON_ORIGINS_H

#include "daemon/basin.h"
#include "rpki/rpki.h"

void origins_start(struct basin *b);
/* After a configuration came into force; before the old one is freed. */
void origins_configure(struct basin *b);
/* The loop must turn once more behind it. */
void origins_free(struct basin *b);

/* For struct bgp_settings; `arg` is the basin. */
enum bgp_validity origins_validate(void *arg, const struct prefix *prefix,
				   uint32_t origin);
/* The rung that may be told: withdrawn where `own: refuse` says so. */
enum conf_rung origins_rung(const struct basin *b, size_t id,
			    enum conf_rung rung);

/* NULL before origins_start(): for reading. */
struct rpki *origins_rpki(const struct basin *b);

/* What the ROAs say of own prefix `id`. */
struct origins_view {
	enum bgp_validity state; /* the worst of all origins */
	uint32_t origin;         /* the one it is about */
	bool refused;            /* and so withdrawn */
};
void origins_view(const struct basin *b, size_t id, struct origins_view *out);
/* Why, and what would cure it, for people. */
void origins_text(const struct basin *b, size_t id, struct text *out);
/* Is no configured cache synchronised? For the start gate. */
bool origins_waiting(const struct basin *b);

#endif
