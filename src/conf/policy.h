/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about routes of peers; include that. */
#ifndef BASIN_CONF_POLICY_H
#define BASIN_CONF_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/time.h"

struct conf_prefixes {
	struct prefix *v;
	size_t n;
};

/* Of each kind on one route: the peer's, the prefix's and the rung's. */
#define CONF_COMMUNITIES_MAX 64
/* Path attributes an operator may set, on a peer or on a prefix. */
struct conf_communities {
	uint32_t *standard; /* host order, high 16 bits first */
	size_t n_standard;
	uint64_t *extended; /* the 8 octets as one number, RFC 4360 */
	size_t n_extended;
	struct {
		uint32_t v[3];
	} * large; /* RFC 8092 */
	size_t n_large;
};

/* "10.0.0.0/8 ge 16 le 24": the prefixes in it with such a length. */
struct conf_range {
	struct prefix prefix;
	uint8_t ge, le; /* prefix.len <= ge <= le */
};

struct conf_ranges {
	struct conf_range *v;
	size_t n;
};

struct conf_asns {
	uint32_t *v;
	size_t n;
};

/* Our role on a session, in the words of RFC 9234 section 4. */
#define CONF_ROLES(X)                                                          \
	X(NONE, "none")                                                        \
	X(PROVIDER, "provider")                                                \
	X(RS, "rs")                                                            \
	X(RS_CLIENT, "rs-client")                                              \
	X(CUSTOMER, "customer")                                                \
	X(PEER, "peer")

enum conf_role {
#define X(n, t) CONF_ROLE_##n,
	CONF_ROLES(X)
#undef X
};
const char *conf_role_text(enum conf_role role);

enum conf_import_rpki { CONF_RPKI_REJECT_INVALID, CONF_RPKI_IGNORE };

/* What is accepted: all of it must be true of a route. */
struct conf_import {
	bool enabled;                /* false: nothing (RFC 8212) */
	struct conf_ranges prefixes; /* none: any prefix */
	/* Longest accepted prefix of each family; -1: none at all. */
	int8_t longest4;
	int16_t longest6;
	struct conf_asns origins;            /* none: any */
	struct conf_asns paths_through;      /* one of them stands in AS_PATH */
	struct conf_communities communities; /* has one of them */
	struct conf_communities reject_communities; /* has none of them */
	enum conf_import_rpki rpki;                 /* default reject-invalid */
};

struct conf_max_prefix {
	uint32_t limit;     /* accepted routes; default 1000 (Cease 6/1) */
	uint8_t warn;       /* percent of it; 0: no warning; default 80 */
	struct dur restart; /* default 5 m; 0: until an operator acts */
};

/* RFC 7999: what a peer may have dropped here. */
struct conf_rtbh {
	struct conf_prefixes accept; /* within these; none: refused */
	uint32_t limit;              /* at once; default 100 */
};

enum conf_as_set { CONF_AS_SET_REJECT, CONF_AS_SET_ACCEPT };

struct conf_policy {
	enum conf_role role; /* eBGP only; default none */
	bool role_strict;    /* the peer must have one */
	bool first_as;       /* AS_PATH begins with the peer's; default on */
	enum conf_as_set as_set; /* default reject (RFC 9774) */
	struct conf_import import;
	struct conf_max_prefix max_prefix;
	struct conf_rtbh blackhole;
};

struct conf_peer;
/* Whether both accept the same routes. */
bool conf_peer_import_equal(const struct conf_peer *a,
			    const struct conf_peer *b);

#endif
