/* SPDX-License-Identifier: ISC */
/* Caches and their sessions: of rpki.c, and read by view.c. */
#ifndef BASIN_RPKI_CACHE_H
#define BASIN_RPKI_CACHE_H

#include "rpki/feed.h"
#include "rpki/rpki.h"

#define NO_SOURCE VRP_SOURCES

struct session {
	struct rpki *rpki; /* borrowed */
	struct rtr *rtr;   /* owned */
	struct feed feed;
	unsigned source;
	uv_work_t work; /* ends it */
};

struct cache {
	const struct conf_rpki_cache *conf; /* borrowed */
	struct session *session;            /* owned; NULL: none */
	unsigned held;                      /* source of its data */
	enum rpki_state state;
	struct mono since, started, synchronised, expires, error_at;
	struct rtr_synchronised last;
	uint64_t synchronisations, errors;
	char error[RPKI_TEXT_MAX];
};

struct rpki {
	struct rpki_settings settings;
	const struct conf_rpki *conf; /* borrowed; NULL: before configure */
	const struct rtr_module *module;
	struct vrp_table *table;
	struct cache *caches; /* owned */
	size_t n_caches;
	uint32_t sources; /* bits: taken */
	uint32_t purging; /* bits: to be purged */
	uint32_t in_use;  /* bits: count */
	uv_async_t async;
	uv_idle_t idle; /* runs while there is more to do */
	uv_timer_t timer;
	unsigned works, handles;
	bool freed;
};

void cache_view(const struct rpki *r, const struct cache *c,
		struct rpki_cache_view *out);

#endif
