/* SPDX-License-Identifier: ISC */
/*
 * Route propagation on the graph of autonomous systems: who announces what to
 * whom, and which way each AS then sends its packets. Everything here is pure
 * but for load.c and save.c, which read and write files.
 *
 * An AS is known by its id, 0 to n - 1, in the order "providers first": every
 * provider of an AS has a lower id than the AS. Arrays by id belong to one
 * graph and mean nothing with another.
 *
 * docs/simulation.md has the model and its limits.
 */
#ifndef BASIN_SIM_SIM_H
#define BASIN_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/text.h"

#define SIM_NONE UINT32_MAX /* no AS */

/* ---- the graph: graph.c, load.c, save.c ---- */

struct sim_graph;

/*
 * Reads CAIDA's serial-1 or serial-2 (plain, bzip2 or gzip) or the graph
 * format of sim_graph_save(); which one is seen by the content. *out is for
 * sim_graph_free(). On -EINVAL every error stands in *messages, one line each:
 * "FILE:LINE: what was found, what is accepted"; -errno when the file cannot
 * be read (explained in *messages). What is no error but worth telling (a
 * link given twice) is a line in *messages on success.
 */
int sim_graph_load(const char *path, struct sim_graph **out,
		   struct text *messages) __attribute__((warn_unused_result));
/* The same for text in memory, decompressed; `path` is only named. */
int sim_graph_parse(const char *path, const char *text, size_t n,
		    struct sim_graph **out, struct text *messages)
    __attribute__((warn_unused_result));
/* Writes the graph so that it can be mapped. As sim_graph_load() on errors. */
int sim_graph_save(const struct sim_graph *g, const char *path,
		   struct text *messages) __attribute__((warn_unused_result));
void sim_graph_free(struct sim_graph *g);

uint32_t sim_graph_count(const struct sim_graph *g);
uint32_t sim_graph_provider_links(const struct sim_graph *g);
uint32_t sim_graph_peer_links(const struct sim_graph *g);
size_t sim_graph_octets(const struct sim_graph *g);
/* The id of an AS number, SIM_NONE when it is not in the graph. */
uint32_t sim_graph_find(const struct sim_graph *g, uint32_t asn);
uint32_t sim_graph_asn(const struct sim_graph *g, uint32_t id);

/* What a neighbour is to an AS; also how a route was learned. */
#define SIM_RELATIONS(X)                                                       \
	X(ORIGIN, "origin")                                                    \
	X(CUSTOMER, "customer")                                                \
	X(PEER, "peer")                                                        \
	X(PROVIDER, "provider")
enum sim_relation {
#define X(n, t) SIM_##n,
	SIM_RELATIONS(X)
#undef X
};
const char *sim_relation_text(enum sim_relation r);

/* Ids in ascending order of their AS numbers; borrowed from the graph. */
struct sim_ids {
	const uint32_t *v;
	size_t n;
};
/* The neighbours of `id` that are `what` to it; not ORIGIN. */
struct sim_ids sim_graph_neighbours(const struct sim_graph *g, uint32_t id,
				    enum sim_relation what);
/* What `neighbour` is to `id`; ORIGIN when they are not linked. */
enum sim_relation sim_graph_relation(const struct sim_graph *g, uint32_t id,
				     uint32_t neighbour);

/* A set of ASes, a bit each by id. */
struct sim_set {
	uint64_t *v; /* owned; (n + 63) / 64 words */
	uint32_t n;
};
struct sim_set sim_set_new(const struct sim_graph *g);
void sim_set_free(struct sim_set *s);
static inline bool
sim_set_has(const struct sim_set *s, uint32_t id)
{
	return s->v && s->v[id / 64] >> id % 64 & 1;
}
static inline void
sim_set_add(struct sim_set *s, uint32_t id)
{
	s->v[id / 64] |= UINT64_C(1) << id % 64;
}
/* The first member that is not below `id`; SIM_NONE: no more. */
static inline uint32_t
sim_set_next(const struct sim_set *s, uint32_t id)
{
	for (uint32_t w = id / 64; id < s->n; id = ++w * 64) {
		uint64_t left = s->v[w] >> id % 64;

		if (left)
			return id + (uint32_t)__builtin_ctzll(left);
	}
	return SIM_NONE;
}

/* ---- what is announced ---- */

/* ASes of a path, prepending counted; nobody takes a longer one. */
#define SIM_PATH_MAX     250
#define SIM_ANNOUNCE_MAX 65000

/* What the AS that hears an announcement does towards one neighbour. */
struct sim_export {
	uint32_t neighbour; /* id */
	uint8_t prepend;    /* so many times more its own ASN */
	bool deny;          /* not to this one at all */
};

/*
 * One route that enters the graph at one AS: a site's announcement to one
 * upstream, or (from ORIGIN) what the AS itself originates. All that is
 * pointed to is borrowed while a run or a what-if uses it.
 */
struct sim_announcement {
	uint32_t at;            /* id of the AS that hears it */
	enum sim_relation from; /* what the announcer is to `at` */
	uint32_t site;          /* the caller's number, for totals */
	/* The AS path behind `at`: the announcer's ASN as often as prepended,
	 * the origin at the end. Empty with ORIGIN, but for a forged path. An
	 * AS that stands in it does not take the route. */
	const uint32_t *tail;
	size_t n_tail;
	bool down;      /* not announced at all */
	bool invalid;   /* RFC 6811: dropped by ASes with origin validation */
	bool no_export; /* RFC 1997: `at` keeps it; not with ORIGIN */
	bool nopeer;    /* RFC 3765: nobody passes it to a peer */
	bool only;      /* `at` exports to those in `exports` alone */
	/* By neighbour, ascending, each once; not with ORIGIN. */
	const struct sim_export *exports;
	size_t n_exports;
};

/*
 * The first step of choosing a route. A shorter path comes next, then the
 * better relation, then the lower AS number of the neighbour, then the lower
 * number of the announcement.
 */
#define SIM_PREFERENCES(X)                                                     \
	X(CUSTOMER_PEER_PROVIDER, "customer > peer > provider")                \
	X(CUSTOMER_EQUAL_PEER, "customer = peer > provider")                   \
	X(PEER_EQUAL_PROVIDER, "customer > peer = provider")                   \
	X(LENGTH, "customer = peer = provider")
enum sim_preference {
#define X(n, t) SIM_PREFER_##n,
	SIM_PREFERENCES(X)
#undef X
};
const char *sim_preference_text(enum sim_preference p);

/* What all ASes do, for all prefixes. */
struct sim_policy {
	enum sim_preference preference;
	const struct sim_set *rov; /* drop what is invalid; NULL: nobody */
};

/* ---- one prefix: propagate.c ---- */

#define SIM_UNREACHED UINT16_MAX

/* The best route of every AS. Owned; the same memory is used again. */
struct sim_result {
	uint32_t n;
	uint32_t *key;          /* private: preference, length, neighbour */
	uint16_t *announcement; /* the one it ends at, or SIM_UNREACHED */
};
struct sim_result sim_result_new(const struct sim_graph *g);
void sim_result_free(struct sim_result *r);
void sim_result_copy(struct sim_result *to, const struct sim_result *from);

struct sim_route {
	uint16_t announcement;      /* SIM_UNREACHED: no route, rest unset */
	enum sim_relation relation; /* of the neighbour it was learned from */
	uint8_t length;             /* ASes in the path, with the AS itself */
	uint32_t next; /* id; SIM_NONE: heard from the announcer, or origin */
};
struct sim_route sim_route(const struct sim_graph *g,
			   const struct sim_result *r, uint32_t id);
/*
 * The AS path of `id` as AS numbers, itself first; `path` has room for
 * SIM_PATH_MAX + 1. Returns the length, 0 without a route.
 */
size_t sim_path(const struct sim_graph *g, const struct sim_result *r,
		const struct sim_announcement *announcements, uint32_t id,
		uint32_t *path);

/* Memory for runs, for one thread at a time. */
struct sim_engine;
struct sim_engine *sim_engine_new(const struct sim_graph *g);
void sim_engine_free(struct sim_engine *e);
/*
 * Propagates one prefix. 0, or -EINVAL when an announcement breaks a rule
 * above (longer than SIM_PATH_MAX, an id that is none): then *out is empty.
 */
int sim_run(struct sim_engine *e, const struct sim_policy *policy,
	    const struct sim_announcement *announcements, size_t n,
	    struct sim_result *out) __attribute__((warn_unused_result));

/* ---- one knob changed: whatif.c ---- */

/*
 * A propagation that is kept exact while announcements change: after every
 * change the result is what sim_run() would give, octet for octet, but only
 * what moves is visited (with the preference customer > peer > provider; a
 * whole run with others). For one thread, that of its engine.
 *
 * The announcements are copied. Borrowed are the engine, the graph, policy->rov
 * and what announcements point to (tails, exports): unaltered as long as the
 * announcement stands, and one change longer, for sim_whatif_undo().
 */
struct sim_whatif;

/* An announcement that takes the place of number `index`. */
struct sim_change {
	size_t index;
	struct sim_announcement now; /* its `at` as before */
};

/*
 * Runs `n` announcements; those that are `down` are places for some to come.
 * -EINVAL as sim_run(). *out is for sim_whatif_free().
 */
int sim_whatif_new(struct sim_engine *e, const struct sim_policy *policy,
		   const struct sim_announcement *announcements, size_t n,
		   struct sim_whatif **out) __attribute__((warn_unused_result));
void sim_whatif_free(struct sim_whatif *w);

/*
 * Anything but `at` may change: down (withdrawn or added), a longer or
 * shorter tail, exports, communities. -EINVAL, and nothing is changed, when
 * the new one breaks a rule of sim_run(), is no such number or is elsewhere.
 */
int sim_whatif_change(struct sim_whatif *w, size_t index,
		      const struct sim_announcement *now)
    __attribute__((warn_unused_result));
/* Several at once, as when a site fails; each number once. */
int sim_whatif_change_all(struct sim_whatif *w,
			  const struct sim_change *changes, size_t n)
    __attribute__((warn_unused_result));
/* Withdraws or announces all announcements of a site, as they were. */
void sim_whatif_site(struct sim_whatif *w, uint32_t site, bool down);
/*
 * Back to before the last change (all of a change_all); false: there is none,
 * or it is undone already.
 */
bool sim_whatif_undo(struct sim_whatif *w);

const struct sim_result *sim_whatif_result(const struct sim_whatif *w);
const struct sim_announcement *
sim_whatif_announcements(const struct sim_whatif *w);
/* The ASes whose route the last change altered; none after an undo. */
const struct sim_set *sim_whatif_changed(const struct sim_whatif *w);
/* The routes before the last change: of the ASes it altered and no others. */
const struct sim_result *sim_whatif_before(const struct sim_whatif *w);
/* How many ASes have a route of an announcement; SIM_UNREACHED: have none. */
uint32_t sim_whatif_count(const struct sim_whatif *w, size_t announcement);
/* Memory besides the graph and the engine. */
size_t sim_whatif_octets(const struct sim_whatif *w);

/* ---- ties and alternatives: candidates.c ---- */

/* A route an AS could have chosen. */
struct sim_candidate {
	uint32_t neighbour; /* id; SIM_NONE: the announcer itself */
	uint16_t announcement;
	enum sim_relation relation;
	uint8_t length;
	bool best;
	bool tie; /* equal to the best but for the AS number */
};
/*
 * All routes that reach `id`, best first. Writes up to `room` and returns how
 * many there are.
 */
size_t sim_candidates(const struct sim_graph *g,
		      const struct sim_policy *policy,
		      const struct sim_announcement *announcements, size_t n,
		      const struct sim_result *r, uint32_t id,
		      struct sim_candidate *out, size_t room);
/*
 * The ASes whose choice between two sites hangs on AS numbers alone: a route
 * equal up to that step leads to another site. Catchments are least certain
 * there, and in what is behind them.
 */
void sim_ties(const struct sim_graph *g, const struct sim_policy *policy,
	      const struct sim_announcement *announcements, size_t n,
	      const struct sim_result *r, struct sim_set *out);

#include "sim/hijack.h" /* hijacks, one or all; work over threads */
#include "sim/plan.h"   /* weights, totals, cascades, searches */
#include "sim/read.h"   /* lists: validating ASes, loads, origins, costs */
#include "sim/ribs.h"   /* the plain interface: announcements in, paths out */

#endif
