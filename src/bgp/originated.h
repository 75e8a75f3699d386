/* SPDX-License-Identifier: ISC */
/*
 * Routes beyond the configured prefixes, of all sources: who wants what
 * announced to which peer.
 */
#ifndef BASIN_BGP_ORIGINATED_H
#define BASIN_BGP_ORIGINATED_H

#include "base/table.h"
#include "base/time.h"
#include "bgp/nlri.h"

struct bgp_peer;

/* Attributes as given, kept once each. */
struct given {
	struct bgp_attributes attributes; /* the key */
	unsigned refs;
	UT_hash_handle hh;
};

/* What one source wants of some peers, or of all. */
struct variant {
	struct variant *next;
	struct originator *source; /* borrowed from the table */
	struct given *given;       /* counted; NULL: not announced to these */
	char **peers;              /* owned */
	size_t n_peers;            /* 0: all that no other variant names */
	struct mono since;
};

struct originated {
	struct nlri *nlri;        /* counted; its key is the key */
	struct variant *variants; /* owned; the first that names a peer counts*/
	UT_hash_handle hh;
};

struct originator {
	char *name;         /* owned */
	enum bgp_rank rank; /* of two, the lower counts, then the older */
	uint64_t age;       /* number of sources before it */
	size_t n;           /* of its NLRI */
	UT_hash_handle hh;
};

struct originated_table {
	struct originated *all;     /* uthash, by key of the NLRI */
	struct originator *sources; /* uthash, by name */
	struct given *given;        /* uthash */
	uint64_t n_sources;         /* ever */
};

void originated_free(struct originated_table *t);
/* The attributes this peer gets, as given; NULL: it does not get the route. */
const struct bgp_attributes *originated_for(const struct originated *o,
					    const char *peer);
bool originated_has(const struct originated_table *t,
		    const struct bgp_nlri *nlri, const char *peer);

#endif
