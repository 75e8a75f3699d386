/* SPDX-License-Identifier: ISC */
/*
 * Hijacks and leaks, one or every AS as the culprit, and work over threads. A
 * part of sim.h, which includes it: include "sim/sim.h".
 *
 * A hijack is nothing but announcements. Whoever wants all that can be known
 * about one makes them with sim_hijack_new() and runs them; whoever wants to
 * know how far every AS would reach as the culprit asks sim_hijacks().
 */
#ifndef BASIN_SIM_HIJACK_H
#define BASIN_SIM_HIJACK_H

#include "sim/plan.h"

/* ---- one hijack: hijack.c ---- */

/*
 * EXACT: the culprit originates the prefix itself. SUB_PREFIX: it originates a
 * more specific one, which is a propagation of its own and wins wherever it
 * is heard. FORGED_ORIGIN: it claims to be next to the origin, as which it is
 * valid by RFC 6811, but the AS of that number does not take it. LEAK: it
 * offers its best route to its providers and peers, whatever communities say;
 * those on the path do not take it. Nothing leaks when these are offered it
 * anyway, or there is none.
 */
enum sim_hijack_kind {
	SIM_HIJACK_EXACT,
	SIM_HIJACK_SUB_PREFIX,
	SIM_HIJACK_FORGED_ORIGIN,
	SIM_HIJACK_LEAK,
};

struct sim_hijack {
	enum sim_hijack_kind kind;
	uint32_t culprit; /* id */
	uint32_t origin;  /* AS number that FORGED_ORIGIN claims */
	/* Not covered by a ROA: dropped by ASes with origin validation. Of a
	 * LEAK the announcement that leaks says it. */
	bool invalid;
	uint32_t site; /* of the culprit's announcements */
};

/* What to run to see a hijack. */
struct sim_hijacked {
	struct sim_announcement *v; /* owned; points into what it was made of */
	size_t n;
	/* The culprit's begin here. SUB_PREFIX: at 0, and they are run alone;
	 * else the victim's stand before it. */
	size_t first;
	uint32_t *tail; /* owned */
};
/*
 * `victim` announcements are those of the prefix, `base` the run of them
 * without the culprit; both are borrowed. `out` may have been used before.
 */
void sim_hijack_new(const struct sim_graph *g, const struct sim_hijack *h,
		    const struct sim_announcement *victim, size_t n,
		    const struct sim_result *base, struct sim_hijacked *out);
void sim_hijacked_free(struct sim_hijacked *h);

/* Whom a culprit catches; never itself. */
struct sim_reach {
	uint32_t ases;
	uint64_t weight; /* 0 without weights */
};
/*
 * The ASes whose packets end at the culprit, or pass it because of what it
 * leaked: `r` is the run of `hijacked`. SUB_PREFIX: of an AS that did not hear
 * the more specific prefix packets follow `base` until they meet one that did.
 * `caught`, when given, becomes the set of them. `weights` may be NULL.
 */
struct sim_reach
sim_hijack_reach(const struct sim_graph *g, const struct sim_hijack *h,
		 const struct sim_hijacked *hijacked,
		 const struct sim_result *base, const struct sim_result *r,
		 const struct sim_weights *weights, struct sim_set *caught);

/* ---- every AS as the culprit: hijacks.c ---- */

struct sim_hijacks {
	const struct sim_graph *g;
	const struct sim_policy *policy;
	const struct sim_announcement *victim; /* borrowed */
	size_t n_victim;
	struct sim_hijack hijack; /* but for the culprit */
	const uint32_t *culprits; /* ids, NULL: every AS. borrowed */
	size_t n_culprits;
	const struct sim_weights *weights; /* NULL: not weighed */
	unsigned threads;                  /* 0: as many as processors */
	sim_stop stop;                     /* NULL: never */
	/* After some culprits more, by the thread that called. NULL: not. */
	void (*progress)(void *ctx, size_t done, size_t all);
	void *ctx; /* of both */
};
/* How it was done. */
struct sim_hijacks_done {
	size_t in_lanes; /* culprits run many at once */
	size_t alone;    /* run one by one, with sim_run() */
	size_t missing;  /* not run: stopped */
	const char *how; /* static; the instructions that were used */
};
/*
 * reach[i] of culprits[i], the same as if each had been run by sim_run().
 * 0, or -EINVAL as sim_run() for the victim's announcements; -ECANCELED after
 * a stop: the reach of those not run is UINT32_MAX ASes.
 */
int sim_hijacks(const struct sim_hijacks *what, struct sim_reach *reach,
		struct sim_hijacks_done *done)
    __attribute__((warn_unused_result));

/* ---- what that says about the victim: hijacks_summary.c ---- */

/* Culprits by how many customers they have. X(name, from so many, text) */
#define SIM_SIZES(X)                                                           \
	X(STUB, 0, "no customers")                                             \
	X(SMALL, 1, "1 to 9 customers")                                        \
	X(MEDIUM, 10, "10 to 99 customers")                                    \
	X(LARGE, 100, "100 to 999 customers")                                  \
	X(HUGE, 1000, "1,000 customers and more")
enum sim_size {
#define X(n, from, t) SIM_SIZE_##n,
	SIM_SIZES(X)
#undef X
	    SIM_SIZE_COUNT
};
const char *sim_size_text(enum sim_size s);
enum sim_size sim_size(const struct sim_graph *g, uint32_t id);

/*
 * How far some culprits reach. Shares are of the weight when there are
 * weights, else of the ASes, from 0 to 1, of all but the culprit.
 */
struct sim_reaches {
	size_t culprits;
	double mean, median, p90, p99, worst; /* shares caught */
	size_t harmless;                      /* culprits who catch nobody */
	size_t half; /* culprits who catch at least half */
};
struct sim_worst {
	uint32_t culprit; /* id */
	struct sim_reach reach;
	double share;
};
#define SIM_WORST_MAX 20
struct sim_hijacks_summary {
	struct sim_reaches all;
	struct sim_reaches size[SIM_SIZE_COUNT];
	struct sim_worst worst[SIM_WORST_MAX]; /* worst first */
	size_t n_worst;
	/* Culprits by the share they catch: 0 to 5 %, to 10 %, ... 100 %. */
	uint32_t twentieths[20];
};
void sim_hijacks_summarize(const struct sim_hijacks *what,
			   const struct sim_reach *reach,
			   struct sim_hijacks_summary *out);

/* ---- work over threads: each.c ---- */

/* What a thread has for itself. */
struct sim_worker {
	unsigned number;           /* from 0 */
	const struct sim_graph *g; /* as given; NULL when there was none */
	struct sim_engine *engine; /* of `g`, or NULL */
	struct sim_result result;  /* to run into; of `g` */
};
/* Piece `i` of the work. Not 0 ends the work. */
typedef int sim_piece(void *ctx, struct sim_worker *worker, size_t i);
/* So many threads `threads` means: 0, as many as there are processors. */
unsigned sim_threads(unsigned threads);
/*
 * Calls `piece` for every i below n, from several threads at once, each i
 * once, low ones first. What piece i finds should be kept at i: then results
 * do not hang on the number of threads. Returns 0, or the value of the lowest
 * piece that did not return 0: then pieces after it may not have been called.
 * `g` NULL: workers have neither engine nor result.
 */
int sim_each(const struct sim_graph *g, unsigned threads, size_t n,
	     sim_piece *piece, void *ctx);

/* One prefix of a list. */
struct sim_scenario {
	const struct sim_announcement *v; /* borrowed */
	size_t n;
};
/*
 * Runs scenario i and calls `seen` with its result, borrowed for the call,
 * from several threads at once. 0, or -EINVAL as sim_run(), or what `seen`
 * returned, of the lowest such scenario.
 */
typedef int sim_seen(void *ctx, const struct sim_worker *worker, size_t i,
		     const struct sim_result *r);
int sim_each_run(const struct sim_graph *g, const struct sim_policy *policy,
		 unsigned threads, const struct sim_scenario *scenarios,
		 size_t n, sim_seen *seen, void *ctx)
    __attribute__((warn_unused_result));

#endif
