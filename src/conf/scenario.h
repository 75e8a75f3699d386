/* SPDX-License-Identifier: ISC */
/*
 * The part of conf.h that is about scenarios (basin simulate); include that.
 * What it says of the AS graph (is this AS there?) only src/scenario checks.
 */
#ifndef BASIN_CONF_SCENARIO_H
#define BASIN_CONF_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"
#include "conf/mesh.h"
#include "conf/peer.h"
#include "conf/policy.h"

struct conf;

/* Towards this AS a neighbour prepends so often. */
struct conf_scenario_prepend {
	uint32_t asn;
	uint8_t times;
};

/* A neighbour of a site: words of a node's peer, and what it does on. */
struct conf_scenario_peer {
	/* Of a node's options asn, local_asn, role, prepend, communities,
	 * families (0: both) and shutdown mean something here, and address
	 * and description are read. First of all. */
	struct conf_peer peer;
	/* Exactly these are announced to it; none: all of the site. */
	struct conf_prefixes prefixes;
	/* It exports to these alone, or not to these; none: as all do. */
	struct conf_asns only, except;
	struct conf_scenario_prepend *prepend_to; /* ascending by asn */
	size_t n_prepend_to;
};

/* A prefix: words of a node's prefix, and who announces it. */
struct conf_scenario_prefix {
	/* Of a node's options scope, origin_asn (0: the site's) and
	 * communities mean something here. First of all. */
	struct conf_prefix prefix;
	size_t *sites; /* indexes; NULL and 0: as struct conf_scenario says */
	size_t n_sites;
	/* Of the weights, compared with those of the others; default 1 */
	uint32_t share;
	bool invalid; /* RFC 6811, whoever announces it */
};

#define CONF_SITE_STATES(X)                                                    \
	X(UP, "up")                                                            \
	X(DOWN, "down")                                                        \
	X(CANDIDATE, "candidate")

enum conf_site_state {
#define X(n, t) CONF_SITE_##n,
	CONF_SITE_STATES(X)
#undef X
};
const char *conf_site_state_text(enum conf_site_state state);

struct conf_scenario_site {
	struct conf_place place;
	const char *name;
	uint32_t asn;        /* never 0 */
	uint32_t origin_asn; /* RFC 6382; 0: asn */
	struct conf_scenario_peer *peers;
	size_t n_peers;
	const char *node_file; /* as opened; NULL when absent */
	/* Owned: peers' pointers go into it. NULL without node_file. */
	struct conf *node;
	const struct conf_prefix **by_prefix; /* node's, ascending */
	bool announces_all; /* an AS of the graph, to all of its neighbours */
	uint64_t capacity;  /* in units of the load; 0: none is given */
	enum conf_site_state state; /* default up */
	enum conf_scope scope;      /* default global */
	bool invalid;               /* RFC 6811, whatever it announces */
};

/* The words and the order are those of enum sim_preference. */
enum conf_preference {
	CONF_PREFER_CUSTOMER_PEER_PROVIDER,
	CONF_PREFER_CUSTOMER_EQUAL_PEER,
	CONF_PREFER_PEER_EQUAL_PROVIDER,
	CONF_PREFER_LENGTH,
};

#define CONF_WEIGHTS(X)                                                        \
	X(ASES, "ases")                                                        \
	X(ADDRESSES, "addresses")                                              \
	X(LOAD, "load")

enum conf_weights {
#define X(n, t) CONF_WEIGHTS_##n,
	CONF_WEIGHTS(X)
#undef X
};
const char *conf_weights_text(enum conf_weights weights);

#define CONF_HIJACKS(X)                                                        \
	X(EXACT, "exact")                                                      \
	X(SUB_PREFIX, "sub-prefix")                                            \
	X(FORGED_ORIGIN, "forged-origin")                                      \
	X(LEAK, "leak")

enum conf_hijack_kind {
#define X(n, t) CONF_HIJACK_##n,
	CONF_HIJACKS(X)
#undef X
};
const char *conf_hijack_text(enum conf_hijack_kind kind);

struct conf_hijack {
	struct conf_place place; /* line 0: none is asked for */
	uint32_t asn;            /* 0: none */
	enum conf_hijack_kind kind;
	struct prefix prefix; /* none: every prefix of the scenario */
};

#define CONF_OBJECTIVES(X)                                                     \
	X(WORST_LOAD, "worst_load")                                            \
	X(PATH_LENGTH, "path_length")                                          \
	X(COST, "cost")

enum conf_objective {
#define X(n, t) CONF_OBJECTIVE_##n,
	CONF_OBJECTIVES(X)
#undef X
};
const char *conf_objective_text(enum conf_objective objective);

struct conf_search {
	struct conf_place place; /* line 0: none is asked for */
	unsigned sites;          /* choose so many; 0: as many as are up */
	unsigned upstreams;      /* choose so many neighbours in all; 0: all */
	enum conf_objective objective;
	const char *cost;     /* CSV of a site's cost; NULL when absent */
	unsigned prepend_max; /* try so many per neighbour; 0: as they are */
	size_t *require;      /* indexes of sites that must be chosen */
	size_t n_require;
	size_t *forbid; /* and of those that must not */
	size_t n_forbid;
	unsigned best; /* so many are shown; default 5 */
	struct dur time;
};

/* A Validated ROA Payload (RFC 6811 section 2). */
struct conf_roa {
	struct conf_place place;
	struct prefix prefix;
	uint32_t asn;
	uint8_t max_length; /* default the prefix's */
};

/* One alternative, in the words of --what-if. */
struct conf_what_if {
	struct conf_place place;
	const char *text;
};

struct conf_scenario {
	struct arena arena; /* owns everything below, but the sites' nodes */
	const char *path;   /* the file as named by the user */
	const char *graph;  /* file */
	uint32_t asn;       /* 0: each site has its own */
	struct conf_scenario_site *sites;
	size_t n_sites;
	/*
	 * Of the file, and those of the sites' node files behind them, each
	 * once. Without `sites` a prefix is announced by the sites whose node
	 * file has it, and by every site without a node file.
	 */
	struct conf_scenario_prefix *prefixes;
	size_t n_prefixes;
	const char *rov_file; /* ASNs that drop invalid routes; NULL */
	struct conf_asns rov; /* the same as a list */
	bool rov_given;
	enum conf_preference preference;
	bool weights_set;
	enum conf_weights weights;
	const char *addresses; /* pfx2as; NULL when absent */
	const char *load;      /* CSV; NULL when absent */
	/* Longer ones are not passed on by neighbours. */
	uint8_t longest4, longest6;
	struct conf_roa *roas;
	size_t n_roas;
	struct conf_hijack hijack;
	struct conf_search search;
	struct conf_what_if *what_if;
	size_t n_what_if;
};

/* Does the site announce the prefix? Both are indexes. */
bool conf_scenario_announces(const struct conf_scenario *s, size_t site,
			     size_t prefix);
/* The prefix in the site's node file; NULL: none, or no such file. */
const struct conf_prefix *
conf_scenario_node_prefix(const struct conf_scenario_site *site,
			  const struct prefix *prefix);

/* As conf_load(), for a scenario. */
int conf_scenario_load(const char *path, struct conf_scenario **out,
		       struct text *messages)
    __attribute__((warn_unused_result));
int conf_scenario_load_text(const char *path, const char *text, size_t n,
			    struct conf_scenario **out, struct text *messages)
    __attribute__((warn_unused_result));
void conf_scenario_free(struct conf_scenario *s);

#endif
