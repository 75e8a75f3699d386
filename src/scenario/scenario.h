/* SPDX-License-Identifier: ISC */
/*
 * A scenario: a conf_scenario put on its graph, changed by what-if words, run,
 * and judged. Files are read by scenario_load(), scenario_other(),
 * scenario_weights() and scenario_ask_search() only; all else is pure.
 *
 * The base and each alternative are plans of the same form: sites, upstreams
 * (a site's neighbours), and prefixes with one announcement for each upstream,
 * `down` where it is not announced. Site, upstream and announcement keep their
 * numbers in all plans; what an alternative adds stands behind. So two plans
 * can be compared number by number, and one becomes the other by changing
 * announcements one at a time.
 */
#ifndef BASIN_SCENARIO_SCENARIO_H
#define BASIN_SCENARIO_SCENARIO_H

#include "conf/conf.h"
#include "sim/sim.h"

/* ---- plans ---- */

struct scenario_site {
	const char *name;                      /* borrowed */
	const struct conf_scenario_site *conf; /* NULL: a culprit */
	uint32_t asn;
	uint32_t id; /* of asn; SIM_NONE: not in the graph */
	bool down;   /* nothing is announced: down, or a candidate */
	bool local;  /* NO_EXPORT and NOPEER on all of its announcements */
};

/* How an announcement comes to its `at`. */
enum scenario_link {
	SCENARIO_NEIGHBOUR, /* a neighbour of the site */
	SCENARIO_ALL,       /* an AS of the graph, to all its neighbours */
	SCENARIO_SELF,      /* an AS of the graph hears itself, tells nobody */
	SCENARIO_CULPRIT,   /* a hijacker's or leaker's */
};

struct scenario_upstream {
	enum scenario_link link;
	const char *name; /* "transit-a"; borrowed */
	uint32_t site;    /* number */
	uint32_t asn, at; /* the neighbour, and its id */
	/* What the site is to it, and whether nobody said so: then it is what
	 * the graph has, else a customer. */
	enum sim_relation relation;
	bool assumed;
	const struct conf_scenario_peer *conf; /* NULL: added, or no peer */
	uint32_t local_asn;                    /* as which the site speaks */
	bool down;
	unsigned prepend;
	bool no_export, nopeer, blackhole;
	bool only;
	struct sim_export *exports; /* by id; owned by the plan */
	size_t n_exports;
};

struct scenario_prefix {
	struct prefix prefix;
	char text[PREFIX_TEXT_MAX];
	const struct conf_scenario_prefix *conf; /* NULL: a culprit's own */
	uint32_t covered_by; /* number of the next shorter; SIM_NONE */
	/* Longer than what is passed on: whoever hears it keeps it. */
	bool too_long;
	bool *at; /* by site: is it announced there? owned by the plan */
	/* By upstream, n_upstreams of the plan; owned by the plan. */
	struct sim_announcement *announcements;
	/* One prefix with the same announcements, covered by the same ones:
	 * results are shared. Its own number when it is that one. */
	uint32_t like;
};

struct scenario_plan {
	struct arena arena; /* owns what follows and no more */
	const char *name;   /* "now", or the words that made it */
	struct scenario_site *sites;
	size_t n_sites; /* culprits' stand behind those of the file */
	struct scenario_upstream *upstreams;
	size_t n_upstreams;
	/* Most specific first, IPv4 first, also where another file has more;
	 * a culprit's own behind them. */
	struct scenario_prefix *prefixes;
	size_t n_prefixes;
	/* Owned: another file's, whose names and words these are; NULL. */
	struct scenario *other;
};

struct scenario {
	struct conf_scenario *conf; /* owned */
	struct sim_graph *graph;    /* owned, unless `guest` */
	bool guest;                 /* on another scenario's graph */
	struct sim_set rov;         /* owned; `policy` points here */
	struct sim_policy policy;
	struct scenario_plan *base; /* owned */
};

/*
 * Reads the scenario and its graph. As conf_scenario_load() on errors, for
 * both; warnings (an AS that is not linked, a relation that was assumed) are
 * in *messages on success.
 */
int scenario_load(const char *path, struct scenario **out,
		  struct text *messages) __attribute__((warn_unused_result));
/* The same for a scenario and a graph in memory, both taken over: tests. */
int scenario_new(struct conf_scenario *conf, struct sim_graph *graph,
		 struct scenario **out, struct text *messages)
    __attribute__((warn_unused_result));
void scenario_free(struct scenario *s);

/* ---- alternatives: change.c, other.c, culprit.c ---- */

/*
 * The base with changes, parted by semicolons:
 *   SITE down|up|drain|local-only|global    SITE add ASN [prepend N]
 *   SITE.PEER down|up   SITE.PEER prepend N|+N|-N
 *   SITE.PEER [no] community WORD           SITE.PEER [no] blackhole
 *   PREFIX at SITE down|up
 * 0, or -EINVAL: what was found and what there is stands in *messages, a line
 * for each change that is wrong, after "WHERE: ".
 */
int scenario_what_if(const struct scenario *s, const char *words,
		     const char *where, struct scenario_plan **out,
		     struct text *messages) __attribute__((warn_unused_result));
/*
 * What another file says, on the same graph: its sites, neighbours, prefixes
 * and ROAs. Who stands in the base alone is down. Validators, preference and
 * weights are the base's: where the file has others, *messages warns. As
 * scenario_load() on errors; another graph is one.
 */
int scenario_other(const struct scenario *s, const char *path,
		   struct scenario_plan **out, struct text *messages)
    __attribute__((warn_unused_result));
/*
 * A plan with a culprit's announcements; the culprit is the last site.
 * `outcome` is that of `plan` (a leak leaks what was learned). -EINVAL when it
 * is not in the graph or attacks nothing.
 */
struct scenario_outcome;
int scenario_hijack(const struct scenario *s, const struct scenario_plan *plan,
		    const struct scenario_outcome *outcome,
		    const struct conf_hijack *hijack,
		    struct scenario_plan **out, struct text *messages)
    __attribute__((warn_unused_result));
/* Would what such a culprit originates be invalid (RFC 6811)? Without ROAs
 * all of it is taken to be. Says nothing of a leak or a forged origin. */
bool scenario_hijack_invalid(const struct scenario *s,
			     const struct scenario_plan *plan, size_t prefix,
			     enum conf_hijack_kind kind, uint32_t asn);
void scenario_plan_free(struct scenario_plan *p);

/* ---- outcomes: run.c ---- */

#define SCENARIO_UNREACHED UINT32_MAX
#define SCENARIO_DROPPED   (UINT32_MAX - 1)

/* Where the packets to a prefix (and no more specific one) go. */
struct scenario_routes {
	struct sim_result result; /* owned; the prefix's own routes */
	struct sim_set ties;      /* owned; of the prefix's own routes */
	/*
	 * What forwarding may end at: the announcements of the prefix, then
	 * of those that cover it, the longest first. Their sites are those of
	 * the plan; SIM_NONE: dropped there.
	 */
	const struct sim_announcement *announcements;
	const uint32_t *upstream; /* by announcement: number in the plan */
	size_t n_announcements;
	/* By id: one of these, or SIM_UNREACHED; hop by hop, each AS by the
	 * longest prefix it has. */
	const uint16_t *where;
	struct arena arena; /* owns the last three, where they are not shared */
};

struct scenario_outcome {
	const struct scenario_plan *plan; /* borrowed */
	struct scenario_routes **routes;  /* by prefix; shared by like ones */
	size_t n_routes;
};

/* Runs all prefixes. 0, or -EINVAL as sim_run(). */
int scenario_run(const struct scenario *s, const struct scenario_plan *plan,
		 struct sim_engine *engine, struct scenario_outcome **out)
    __attribute__((warn_unused_result));
void scenario_outcome_free(struct scenario_outcome *o);

/* The site, SCENARIO_DROPPED or SCENARIO_UNREACHED. */
static inline uint32_t
scenario_destination(const struct scenario_routes *r, uint32_t id)
{
	uint16_t where = r->where[id];

	if (where == SIM_UNREACHED)
		return SCENARIO_UNREACHED;
	if (r->announcements[where].site == SIM_NONE)
		return SCENARIO_DROPPED;
	return r->announcements[where].site;
}

/* ---- what sim's totals, failures and search are asked with: ask.c ---- */

/* The weights that the scenario asks for. As scenario_load() on errors. */
int scenario_weights(const struct scenario *s, struct sim_weights *out,
		     struct text *messages) __attribute__((warn_unused_result));

/* A plan as plan.h has it; everything in `plan` is owned by `arena`. */
struct scenario_ask {
	struct arena arena;
	struct sim_plan plan;
	struct sim_weights *weights; /* by prefix: its share */
	/* Of the search alone. */
	struct sim_search search;
	uint32_t *cost;              /* owned */
	struct scenario_plan *owned; /* with candidates; NULL */
};
/*
 * Of one plan of the scenario, prefix by prefix; all are borrowed. A prefix has
 * its share of the weights. Culprits are no sites: what they catch is dropped.
 */
void scenario_ask_new(const struct scenario *s,
		      const struct scenario_plan *plan,
		      const struct sim_weights *weights, unsigned threads,
		      struct scenario_ask *out);
/*
 * The same for a search: candidates count as up, its bounds are set; prefixes
 * that are alike are one. Stop and progress are the caller's to set.
 */
int scenario_ask_search(const struct scenario *s,
			const struct sim_weights *weights, unsigned threads,
			struct scenario_ask *out, struct text *messages)
    __attribute__((warn_unused_result));
void scenario_ask_free(struct scenario_ask *a);

/* ---- advice: advice.c ---- */

enum scenario_severity {
	SCENARIO_NOTE,
	SCENARIO_WARNING,
};

#define SCENARIO_ADVICE(X)                                                     \
	X(TOO_LONG, "too-long")                                                \
	X(SHARED_COVER, "shared-cover")                                        \
	X(SUB_PREFIX, "sub-prefix-exposure")                                   \
	X(ROA, "roa")                                                          \
	X(ROA_MAX_LENGTH, "roa-max-length")                                    \
	X(MORE_SPECIFIC, "more-specific")                                      \
	X(FAMILIES, "families")                                                \
	X(SINGLE_SITE, "single-site")                                          \
	X(SINGLE_UPSTREAM, "single-upstream")                                  \
	X(LOCAL_ONLY, "local-only")                                            \
	X(ORIGINS, "origins")                                                  \
	X(ASSUMED, "assumed-relation")

enum scenario_advice_kind {
#define X(n, t) SCENARIO_ADVISE_##n,
	SCENARIO_ADVICE(X)
#undef X
};
const char *scenario_advice_text(enum scenario_advice_kind kind);

struct scenario_advice {
	enum scenario_advice_kind kind;
	enum scenario_severity severity;
	struct conf_place place; /* line 0: about the whole */
	const char *text;        /* owned */
};
struct scenario_advices {
	struct scenario_advice *v; /* owned; worst first */
	size_t n;
};
/* About a plan without culprits; `outcome` is its, for the numbers. */
int scenario_advise(const struct scenario *s,
		    const struct scenario_outcome *outcome,
		    struct sim_engine *engine, struct scenario_advices *out)
    __attribute__((warn_unused_result));
void scenario_advices_free(struct scenario_advices *a);

#endif
