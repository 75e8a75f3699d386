/* SPDX-License-Identifier: ISC */
/* The brake of one prefix: may this node withdraw it? See promise.c. */
#ifndef BASIN_MESH_PROMISE_H
#define BASIN_MESH_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

#define PROMISE_NODES_MAX 64
/* Causes of own withdrawals that are remembered one by one. */
#define PROMISE_CAUSES 8

#define PROMISE_STATES(X)                                                      \
	X(IDLE, "idle", "nothing is to be withdrawn")                          \
	X(ASKING, "asking", "an attempt runs, promises are collected")         \
	X(WAITING, "waiting", "between two attempts")

enum promise_state {
#define X(n, t, h) PROMISE_##n,
	PROMISE_STATES(X)
#undef X
	    PROMISE_STATE_COUNT
};
const char *promise_state_text(enum promise_state s);

struct promise_settings {
	unsigned others;        /* configured nodes beside this one */
	unsigned min_sites;     /* of them must stay; 0: no such rule */
	unsigned max_withdrawn; /* with this one; 0: no such rule */
	struct dur window;      /* in which withdrawals count together */
};

/* What another node answers, or this one. */
struct promise_answer {
	bool announcing; /* announces, and asks before it withdraws */
	bool clean;      /* did not withdraw for this cause in the window */
	bool busy;       /* has an attempt of its own; then neither */
};

struct promise_node {
	uint64_t seen;       /* its highest attempt so far */
	struct mono yielded; /* when an attempt of ours gave way to it */
	bool answered;       /* in the running attempt */
	struct promise_answer answer;
};

/* An own withdrawal. */
struct promise_withdrawal {
	uint64_t cause;
	struct mono at;
};

struct promise {
	struct promise_settings settings;
	enum promise_state state; /* written by enter() only */
	bool announcing;
	bool announced_once;
	struct mono born; /* what was before is not known */
	uint64_t cause;   /* while not IDLE */
	uint64_t attempt; /* the running or last one */
	struct mono until;
	struct mono resend; /* while ASKING */
	uint64_t random;
	unsigned outside; /* sites known to announce by other means */
	struct promise_withdrawal past[PROMISE_CAUSES];
	size_t n_past;
	/* All causes count as withdrawn for until then: `past` was full. */
	struct mono forgotten;
	struct promise_node *nodes; /* owned; settings.others */
};

/* What is to be done now. */
enum promise_action {
	PROMISE_NOTHING,
	PROMISE_ASK,     /* ask every node that promise_lacks() */
	PROMISE_GRANTED, /* withdraw: the core counts it as done */
	PROMISE_REFUSED, /* an attempt has failed; the next one follows */
};

/* `seed`: any number; two nodes should not have the same. */
void promise_init(struct promise *p, const struct promise_settings *s,
		  uint64_t seed, struct mono now);
void promise_free(struct promise *p);
/*
 * Takes over what `old` knows of itself. A running attempt ends: its promises
 * are void, the next tick starts another.
 */
void promise_adopt(struct promise *p, const struct promise *old,
		   struct mono now);

/* Is the prefix announced by this node now, and is it to stay so? */
void promise_announcing(struct promise *p, bool announcing);
/* Sites that announce without having been asked (a state file). */
void promise_outside(struct promise *p, unsigned sites);
/* The prefix is to be withdrawn for `cause`; the next tick asks. */
void promise_want(struct promise *p, uint64_t cause, struct mono now);
/* No longer; an attempt is abandoned. */
void promise_settle(struct promise *p);

/*
 * Node `node` asks with its attempt number. True: *answer is to be sent.
 * `higher`: its rank is above ours.
 */
bool promise_asked(struct promise *p, size_t node, bool higher,
		   uint64_t attempt, uint64_t cause, struct mono now,
		   struct promise_answer *answer);
/* Node `node` answers our attempt. */
enum promise_action
promise_answered(struct promise *p, size_t node, uint64_t attempt,
		 const struct promise_answer *answer, struct mono now)
    __attribute__((warn_unused_result));
/* The node has started anew: what it said is void. */
void promise_forget(struct promise *p, size_t node);

/* `counter` gives attempts their numbers, for all prefixes of this process. */
enum promise_action promise_tick(struct promise *p, uint64_t *counter,
				 struct mono now)
    __attribute__((warn_unused_result));
struct mono promise_next(const struct promise *p);

/* Reading. */
/* When every own withdrawal lies a window back. */
struct mono promise_clean_at(const struct promise *p);
bool promise_lacks(const struct promise *p, size_t node);
unsigned promise_staying(const struct promise *p); /* with outside */
unsigned promise_clean(const struct promise *p);
unsigned promise_clean_needed(const struct promise *p);

#endif
