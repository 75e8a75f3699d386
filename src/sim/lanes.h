/* SPDX-License-Identifier: ISC */
/*
 * Many culprits at once: 64 lanes, each with a hijack of its own of the same
 * prefix. What sim_run() keeps in a key for an AS stands here in an octet for
 * an AS and a lane:
 *
 *   7          6 .. t   t-1 .. 0
 *   provider   length   tag
 *
 * provider: learned from a provider. Of customer and peer routes only the
 * first go further up or across, and those are kept apart (up, peer).
 * length: ASes of the path, with the AS itself.
 * tag: whose route it is, in t bits (1 or 2): LANE_CULPRIT, or a group of the
 * victim's announcements that are treated alike wherever they come.
 *
 * The neighbour of sim_run()'s key is missing: neighbours are heard in
 * ascending order of their AS number, and only a better (provider, length)
 * takes the place of what was heard before.
 *
 * Invariants. Octets stored are below lane_plan.none, or that. A plan is for
 * all threads and does not change; the rest belongs to one thread. Between two
 * batches lane_space.peer is `none` throughout, slot 0 and how as the plan's.
 *
 * ASes with a bit in `how` beyond HOW_DROPS are slow: for them every rule is
 * applied (lanes_slow.c), for all others those that concern everybody.
 */
#ifndef BASIN_SIM_LANES_H
#define BASIN_SIM_LANES_H

#include "sim/graph.h"

#define LANES         64
#define LANE_TAGS     4
#define LANE_CULPRIT  0 /* tag */
#define LANE_PROVIDER 0x80

struct lane_row {
	uint8_t v[LANES];
} __attribute__((aligned(LANES)));

/* Why an AS is not like most. */
enum {
	HOW_DROPS = 1,    /* drops what is invalid */
	HOW_HEARS = 2,    /* hears an announcement of the victim */
	HOW_TOLD = 4,     /* an announcement says what it gets */
	HOW_TAIL = 8,     /* stands in a tail */
	HOW_CULPRIT = 16, /* in this batch */
	HOW_PATH = 32,    /* on the path of a leak of this batch */
};
#define HOW_SLOW(how) ((how) > HOW_DROPS)

/* An announcement of the victim; by `at`, `from`, announcer, number. */
struct lane_seed {
	const struct sim_announcement *a;
	uint32_t at;
	uint32_t announcer; /* AS number */
	uint32_t number;    /* of the announcement */
	uint8_t from;
	uint8_t octet;
	bool restricted; /* `at` does not export it as usual */
};
/* An AS that hears some of them: seeds[first ..]. */
struct lane_hearer {
	uint32_t id;
	uint32_t first, n;
};

/*
 * ASes without customers and peers that have the same providers and drop the
 * same: they choose alike, one chooses for all.
 */
struct lane_crowd {
	uint32_t id; /* one of them */
	uint16_t n;
	uint64_t weight;
};

struct lane_plan {
	const struct sim_graph *g;
	const struct sim_hijacks *what;
	const struct sim_result *base;
	uint32_t transit; /* ids from here on have no customers */
	uint8_t tag_bits;
	uint8_t tags;     /* mask of the tag */
	uint8_t step;     /* one AS more */
	uint8_t none;     /* no route */
	uint8_t limit;    /* who has a path so long might not be heard */
	uint8_t nopeer;   /* tags, a bit each, that no peer is offered */
	uint8_t validate; /* tags that ASes with HOW_DROPS drop */
	uint8_t *how;     /* by id */
	uint8_t *drops;   /* by id: tags, a bit each */
	struct lane_seed *seeds;
	uint32_t n_seeds;
	struct lane_hearer *hearers;
	uint32_t n_hearers;
	uint32_t *hearer; /* by id: number + 1 */
	uint32_t *slow;   /* ids, ascending */
	uint32_t n_slow;
	/* All without customers: in crowds, or each for itself. */
	struct lane_crowd *crowds;
	uint32_t n_crowds;
	uint8_t *in_crowd; /* by id: 1 */
	uint32_t *single;  /* ids, ascending */
	uint32_t n_single;
	/* SUB_PREFIX: ids that are in no crowd in an order in which the next
	 * AS of the base comes before those it is next to. */
	uint32_t *order, n_order;
	uint32_t *next; /* by id: that AS; SIM_NONE */
	/* By id; NULL: all weigh `weight`. borrowed */
	const uint64_t *weights;
	uint64_t weight;
};

static inline uint64_t
lane_weight(const struct lane_plan *p, uint32_t id)
{
	return p->weights ? p->weights[id] : 0;
}

/*
 * NULL when lanes cannot express what is asked (other preferences, groups that
 * are too many, long paths): `what` and `base` are borrowed.
 */
struct lane_plan *lane_plan_new(const struct sim_hijacks *what,
				const struct sim_result *base);
void lane_plan_free(struct lane_plan *p);

enum lane_fit {
	LANE_FITS,
	LANE_HARMLESS, /* it leaks nothing */
	LANE_NOT,      /* its path is too long */
};
enum lane_fit lane_fit(const struct lane_plan *p, uint32_t culprit);

/* What a lane is about. */
struct lane_culprit {
	uint32_t id;
	uint32_t announcer; /* AS number behind the culprit, or its own */
	uint8_t octet;      /* its route */
	bool leaks; /* offers that to providers and peers, has another */
};
/* An AS on the path of a leak. */
struct lane_path {
	uint32_t id;
	uint32_t lane;
};
/* What a hearer has: before and after it decides between exports. */
struct lane_heard {
	struct lane_row up; /* customer route, as for everybody */
	struct lane_row best;
};

/* A batch, in the memory of a thread. */
struct lane_space {
	const struct lane_plan *plan;
	struct lane_culprit culprit[LANES];
	unsigned n;
	struct lane_path *paths; /* by id, lane */
	size_t n_paths, room_paths;
	uint32_t *touched; /* ids whose `how` differs from the plan's */
	size_t n_touched, room_touched;
	uint8_t *how; /* by id */

	/* Who may have a customer route: ids ascending, and all customers of
	 * them that may, by AS number. */
	uint64_t *by_id, *by_rank; /* sets */
	uint32_t *slot;            /* by id: place in member + 1 */
	uint32_t *member;
	uint32_t n_members, room_members;
	uint32_t *at, *customers; /* by member */
	size_t room_customers;

	struct lane_row *up;   /* by member: offered to providers and peers */
	struct lane_row *peer; /* by id: from peers, then what is better */
	struct lane_row *down; /* by id below transit: as a customer hears it */
	struct lane_heard *heard; /* by hearer */
	struct lane_row *own;     /* by seed: ones where it is the best */
	struct lane_row *caught;  /* by id: ones; SUB_PREFIX only */
	/* The result. */
	uint32_t ases[LANES];
	uint64_t weight[LANES];
	bool too_long; /* a path did not fit: nothing of this is right */
};
struct lane_passes;
struct lane_space *lane_space_new(const struct lane_plan *p);
void lane_space_free(struct lane_space *s);
/*
 * Runs up to LANES culprits that fit; reach[i] is of culprits[i]. False when
 * lanes cannot: reach is unset.
 */
bool lane_run(struct lane_space *s, const struct lane_passes *passes,
	      const uint32_t *culprits, unsigned n, struct sim_reach *reach)
    __attribute__((warn_unused_result));

/* An AS to which more rules apply, in each pass: lanes_slow.c. */
void lane_up_slow(struct lane_space *s, uint32_t id, struct sim_ids customers,
		  struct lane_row *out);
void lane_across_slow(struct lane_space *s, uint32_t id);
/* *best is none where the AS does not count: the culprit. */
void lane_down_slow(struct lane_space *s, uint32_t id, struct lane_row *best,
		    struct lane_row *exported);

/* What is compiled once for each kind of processor: lanes_passes.c. */
struct lane_passes {
	const char *name;
	void (*up)(struct lane_space *s);
	void (*across)(struct lane_space *s);
	void (*down)(struct lane_space *s);
};
extern const struct lane_passes lane_passes_any;
extern const struct lane_passes lane_passes_avx2;
extern const struct lane_passes lane_passes_avx512;
#define LANE_PASSES 3
/* From the plainest on; NULL: this processor has not got it. */
const struct lane_passes *lane_passes_number(unsigned i);
/* The best of those that this processor has. */
const struct lane_passes *lane_passes_here(void);

#endif
