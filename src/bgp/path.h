/* SPDX-License-Identifier: ISC */
/*
 * Attribute sets we announce: built from the peer's and the prefix's
 * configuration, the rung of the prefix and the session's addresses, kept once
 * each (interned) and counted, so that "same attributes" is "same pointer".
 */
#ifndef BASIN_BGP_PATH_H
#define BASIN_BGP_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/table.h"
#include "conf/conf.h"
#include "wire/bgp.h"

/* What the attributes depend on besides peer and prefix. */
struct path_session {
	const struct conf_peer *peer; /* borrowed */
	bool ibgp;
	struct ip local, remote; /* of the TCP connection */
	/* IPv4 routes may have an IPv6 next hop (RFC 8950). */
	bool extended_next_hop;
};

struct path_key {
	struct bgp_attributes attributes;
	uint8_t family; /* bgp_family bit */
};

struct path {
	struct path_key key;
	uint32_t refs;
	/* Of rib_out.c: entries to announce with this path. */
	uint32_t first, last;
	bool dirty;
	TAILQ_ENTRY(path) in_dirty;
	UT_hash_handle hh;
};

#define PATH_MEMOS 32

/* One a peer: most prefixes share a few paths, found by their inputs. */
struct path_table {
	struct path *all; /* uthash, by key */
	struct {
		const struct conf_prefix *like; /* borrowed */
		enum conf_rung rung;
		struct path *path; /* counted */
	} memos[PATH_MEMOS];
};

/*
 * NULL and *out, or why this prefix cannot be announced on this session
 * (static text). `rung` is one that the peer's ladder announces.
 */
const char *path_build(const struct path_session *s,
		       const struct conf_prefix *prefix, enum conf_rung rung,
		       struct bgp_attributes *out);

/*
 * The one path with these attributes, counted for the caller. NULL with *why
 * when it cannot be announced. What was built is remembered by its inputs;
 * the caller forgets (path_forget) when the configuration changes.
 */
/* RFC 9234 section 5: OTC on what goes to customers, peers, RS-clients. */
void path_otc(const struct path_session *s, struct bgp_attributes *a);

struct path *path_for(struct path_table *t, const struct path_session *s,
		      const struct conf_prefix *prefix, enum conf_rung rung,
		      const char **why);
/*
 * The same for attributes that somebody has given (struct bgp_origination) and
 * a family (one bgp_family bit): made complete for this session.
 */
struct path *path_given(struct path_table *t, const struct path_session *s,
			unsigned family, const struct bgp_attributes *given,
			const char **why);
/* NULL and *out, or why they cannot be announced on this session. */
const char *path_complete(const struct path_session *s, unsigned family,
			  const struct bgp_attributes *given,
			  struct bgp_attributes *out);
void path_forget(struct path_table *t);
struct path *path_ref(struct path *p);
void path_unref(struct path_table *t, struct path *p); /* NULL is fine */

/* For path_given.c: the next hops, and the path with these attributes. */
const char *path_next_hop(const struct path_session *s, uint8_t family,
			  struct bgp_attributes *a);
struct path *path_intern(struct path_table *t, unsigned family,
			 const struct bgp_attributes *attributes);

#endif
