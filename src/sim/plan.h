/* SPDX-License-Identifier: ISC */
/*
 * What sites carry: weights of ASes, totals of a catchment, what happens when
 * sites fail (cascade.c), which sites and prepends to choose (search.c). A
 * part of sim.h, which includes it: include "sim/sim.h".
 *
 * Weights are whole thousandths in 64 bits: sums do not hang on the order of
 * adding, so that moving ASes from site to site, one thread or eight, and a
 * run from scratch give the same number, and no weight is ever lost.
 */
#ifndef BASIN_SIM_PLAN_H
#define BASIN_SIM_PLAN_H

#include "base/arena.h"
#include "sim/sim.h"

/* ---- weights: weights.c ---- */

#define SIM_WEIGHT_ONE 1000 /* an AS, an address, one unit of load */
/* No sum may reach beyond: loads of a file are refused above. */
#define SIM_WEIGHT_MAX (UINT64_C(1) << 62)

/* A prefix and an AS that originates it; several lines: several origins. */
struct sim_origin {
	struct prefix prefix;
	uint32_t asn;
	uint32_t line; /* of its file, for messages; 0: none */
};
/* A line of a load list: an AS or, when prefix is set, a prefix. */
struct sim_load {
	struct prefix prefix;
	uint32_t asn;
	double load; /* finite, not negative */
	uint32_t line;
};

struct sim_weights {
	uint32_t n;
	uint64_t *v;    /* owned; by id, thousandths */
	uint64_t total; /* of v */
	/* What belongs to no AS of the graph. With `total` all there was. */
	uint64_t unplaced;
	size_t n_unplaced; /* prefixes or lines of the load list */
	bool blocks;       /* of addresses: /48s of IPv6 are counted */
};
void sim_weights_free(struct sim_weights *w);
/* Every AS weighs SIM_WEIGHT_ONE. */
struct sim_weights sim_weights_ases(const struct sim_graph *g);
/*
 * Every AS weighs the addresses it originates: IPv4 addresses, or /48s when
 * there is no IPv4 prefix among `origins` (a mixture would compare what does
 * not compare). An address counts for the origin of the most specific prefix
 * that has it; several origins of one prefix share. 0 or -EINVAL, explained in
 * *messages; what is unplaced is told there as well. `path` is only named.
 */
int sim_weights_addresses(const struct sim_graph *g, const char *path,
			  const struct sim_origin *origins, size_t n,
			  struct sim_weights *out, struct text *messages)
    __attribute__((warn_unused_result));
/*
 * Every AS weighs its lines of a load list. The load of a prefix belongs to
 * the origin of the longest prefix in `origins` that covers it, in equal parts
 * when there are several. As above on errors and on what is unplaced.
 */
int sim_weights_load(const struct sim_graph *g, const char *path,
		     const struct sim_load *loads, size_t n,
		     const struct sim_origin *origins, size_t n_origins,
		     struct sim_weights *out, struct text *messages)
    __attribute__((warn_unused_result));

/* ---- totals of a catchment: totals.c ---- */

/*
 * Where packets of an AS end, beside the number of an announcement: without a
 * route (SIM_UNREACHED), or at an announcement whose site is SIM_NONE: they
 * are dropped (RFC 7999, or somebody who is no site of ours).
 */
struct sim_total {
	uint32_t ases;
	uint64_t weight;
	/* Those of them whose choice hangs on AS numbers (sim_ties()). */
	uint32_t tied_ases;
	uint64_t tied;
};
struct sim_totals {
	struct sim_total all; /* what arrives at a site */
	struct sim_total unreached;
	struct sim_total dropped;
	struct sim_total *site; /* owned */
	size_t n_sites;
	struct sim_total *announcement; /* owned; same order */
	size_t n_announcements;
};
/*
 * Sites are those below n_sites. `where` is the announcement by id, as a result
 * has it, or forwarding over several prefixes. `ties` may be NULL.
 */
void sim_totals(const struct sim_weights *w,
		const struct sim_announcement *announcements, size_t n,
		size_t n_sites, const uint16_t *where,
		const struct sim_set *ties, struct sim_totals *out);
void sim_totals_free(struct sim_totals *t);

/* ---- forwarding over several prefixes: forward.c ---- */

struct sim_hop {
	uint16_t prefix; /* number in the chain; SIM_UNREACHED: no route */
	uint16_t announcement; /* of that prefix */
	uint8_t ases;          /* on the way, with the AS itself; most 255 */
};
/*
 * Where packets to an address of the most specific prefix end, by id: `chain`
 * holds the results of the prefixes that have the address, longest first.
 * Each AS on the way forwards by the longest prefix it has.
 */
void sim_forward(const struct sim_graph *g, const struct sim_result *chain,
		 size_t n, struct sim_hop *out);

/* ---- a plan: sites, upstreams, prefixes; what cascades and searches vary */

struct sim_plan_prefix {
	/* borrowed; its site below n_sites, or SIM_NONE */
	const struct sim_announcement *announcements;
	/* By announcement: number of the upstream, below n_upstreams, or
	 * SIM_NONE for what no search changes; NULL: all of them.
	 * borrowed */
	const uint32_t *upstream;
	size_t n;
	/* Traffic to what no more specific prefix of the plan has; NULL: none.
	 * Loads of prefixes add up. borrowed */
	const struct sim_weights *weights;
	/* Number of the next shorter prefix that covers it; SIM_NONE. */
	uint32_t covered_by;
};
struct sim_plan {
	const struct sim_graph *g;
	const struct sim_policy *policy;
	const struct sim_plan_prefix *prefixes; /* borrowed */
	size_t n_prefixes;
	/* By site, thousandths as weights; 0: no limit. borrowed */
	const uint64_t *capacity;
	size_t n_sites;
	const uint32_t *upstream_site; /* by upstream. borrowed */
	size_t n_upstreams;
	unsigned threads; /* 0: as many as processors */
};
/*
 * Asked between two runs (at most a few milliseconds apart), by any thread:
 * true ends the work with what there is. NULL: never.
 */
typedef bool (*sim_stop)(void *ctx);

/* ---- failures: cascade.c ---- */

/*
 * What follows from a failure, round by round: every site above its capacity
 * fails, all of a round together, and its traffic moves on, until a round
 * finds none. Round 0 is the failure itself.
 */
struct sim_round {
	const uint64_t *load; /* by site, after this round's failures */
	uint64_t unreached;   /* weight without a route */
	uint64_t dropped;
	size_t failed_at; /* where its failures begin in sim_failure.failed */
};
struct sim_failure {
	size_t n_first;   /* 0, 1 or 2 sites, the first of `failed` */
	uint32_t *failed; /* sites as they fail, ascending in a round */
	size_t n_failed;
	struct sim_round *rounds; /* at least one */
	size_t n_rounds;
	bool collapse; /* no site that announced before is left */
};
struct sim_cascade {
	/* Nothing fails first; then each site, then each pair, ascending.
	 * Sites that announce nothing are left out. owned by memory */
	struct sim_failure *v;
	size_t n;
	struct arena memory; /* private: all that is pointed to */
	uint64_t runs;       /* propagations done, of one prefix each */
	bool stopped;        /* v holds only what was finished */
};
/*
 * `depth` 1: single failures; 2: pairs as well. 0; -EINVAL when an
 * announcement breaks a rule of sim_run(); -E2BIG above SIM_FAILURES_MAX.
 */
#define SIM_FAILURES_MAX 100000
int sim_cascade(const struct sim_plan *plan, unsigned depth, sim_stop stop,
		void *ctx, struct sim_cascade *out)
    __attribute__((warn_unused_result));
void sim_cascade_free(struct sim_cascade *c);

/* ---- search: search.c ---- */

#define SIM_OBJECTIVES(X)                                                      \
	X(WORST_LOAD, "worst_load")   /* highest load / capacity of a site */  \
	X(PATH_LENGTH, "path_length") /* mean ASes on the way to the site */   \
	X(COST, "cost")               /* mean cost from the AS to its site */
enum sim_objective {
#define X(n, t) SIM_MINIMISE_##n,
	SIM_OBJECTIVES(X)
#undef X
};
const char *sim_objective_text(enum sim_objective o);

enum sim_bound {
	SIM_FREE, /* chosen or not */
	SIM_REQUIRED,
	SIM_FORBIDDEN,
};
#define SIM_COST_UNKNOWN UINT32_MAX
#define SIM_PREPENDS_MAX 32

/* What a search has done so far. */
struct sim_progress {
	uint64_t tried;  /* combinations run */
	uint64_t pruned; /* shown to be worse by a bound, not run */
	uint64_t total;  /* combinations there are; UINT64_MAX: more */
	bool exact;      /* going through all of them */
	bool found;      /* `best` is set */
	double best;     /* objective of the best solution */
};
struct sim_search {
	enum sim_objective objective;
	/*
	 * The units to choose from: sites, or all upstreams of all sites. What
	 * is chosen is up, whatever `down` says; what is not chosen is down.
	 * Announcements without an upstream: those that are down stay so;
	 * others follow their site, or stay up when upstreams are chosen.
	 */
	bool upstreams;
	size_t choose; /* so many units are up, required ones counted; 0: all
			* that are not forbidden */
	const enum sim_bound *bounds; /* by unit; NULL: all free. borrowed */
	/* Choosing upstreams: so many at every site that has one chosen, and
	 * at every site in `needs_site` (NULL: none). */
	size_t min_upstreams;
	const bool *needs_site;   /* by site. borrowed */
	const uint64_t *max_load; /* by site, 0: any; NULL. borrowed */
	/* Prepends tried at each upstream that is up: 0 to this many, instead
	 * of those it has. 0: its own. */
	uint8_t prepend_max;
	/* COST: [site * n + id], in thousandths of the file's unit, or
	 * SIM_COST_UNKNOWN: then the AS does not count. borrowed */
	const uint32_t *cost;
	size_t best;          /* solutions wanted; 0: 5 */
	uint64_t exact_up_to; /* combinations; 0: 200,000 */
	unsigned restarts;    /* of the local search; 0: 8 */
	uint64_t seed;        /* of the restarts */
	sim_stop stop;        /* NULL: never */
	/* Called by the caller's thread, every few hundred runs. NULL: not. */
	void (*progress)(void *ctx, const struct sim_progress *p);
	void *ctx;
};

/* A member of a solution, or a prepend in it, and what it is good for. */
struct sim_contribution {
	uint32_t unit;      /* site or upstream; SIM_NONE: a prepend */
	uint32_t upstream;  /* of a prepend */
	double without;     /* the objective without it */
	uint64_t unreached; /* weight nobody serves without it */
	uint64_t over;      /* load above max_load without it */
};
struct sim_solution {
	bool *chosen;     /* owned; by unit */
	uint8_t *prepend; /* owned; by upstream; 0 where it is not up */
	double objective;
	uint64_t unreached; /* thousandths, dropped ones too */
	uint64_t over;      /* load above max_load; 0: all bounds are kept */
	uint64_t *load;     /* owned; by site */
	double mean_path;   /* ASes on the way, by weight */
	/* To the next solution; the last one: to the best that was tried and
	 * is not shown. NaN: there is none. */
	double ahead;
	struct sim_contribution *why; /* owned */
	size_t n_why;
};
/*
 * Solutions are compared by: weight that is not served as it should be
 * (unreached, in steps of a thousandth of all, + over: clients are not given up
 * for a better number, nor sites overloaded), then the objective, then the
 * rest of what is unreached, the mean path, fewer prepends, lower numbers. Two
 * of the list differ in what is chosen, or, when there is nothing to choose,
 * in prepends.
 */
struct sim_found {
	struct sim_solution *v; /* owned; best first */
	size_t n;
	struct sim_progress done;
	bool proven;  /* none is better: all tried, or a bound says so */
	bool stopped; /* before the end: the best so far */
	/* No solution that serves as much as possible is below; NaN: unknown.
	 */
	double bound;
};
/*
 * 0; -EINVAL when nothing can keep the bounds (explained in *messages) or as
 * sim_run().
 */
int sim_search(const struct sim_plan *plan, const struct sim_search *search,
	       struct sim_found *out, struct text *messages)
    __attribute__((warn_unused_result));
void sim_found_free(struct sim_found *f);

#endif
