/* SPDX-License-Identifier: ISC */
/*
 * What the files of avail/ share; nobody outside includes this.
 *
 * Every count is kept incrementally: a check knows how it counts for its
 * service, a service how it stands for its prefixes. A change of standing
 * walks the members once, nothing else is ever rescanned.
 */
#ifndef BASIN_AVAIL_STATE_H
#define BASIN_AVAIL_STATE_H

#include "avail/avail.h"
#include "base/arena.h"

/*
 * How a member counts for what stands on it. A check is only ever PENDING, UP
 * or DOWN for its service; a service is any of these for its prefixes.
 */
enum stand {
	STAND_PENDING, /* may still become either */
	STAND_UP,
	STAND_DOWN,
	STAND_DRAINED, /* whatever its checks and addresses say */
	STAND_MISSING, /* not down, but an address is off its interface */
	STAND_COUNT
};

/* In this order when due at the same instant: failures come first. */
enum timer_kind { TIMER_CHECK, TIMER_HOLD, TIMER_DRAIN };

struct timer {
	struct mono at;
	size_t place; /* in the heap, from 1; 0: not armed */
	enum timer_kind kind;
	void *owner; /* borrowed: its check, prefix or drain */
};

struct heap {
	struct timer **timers; /* owned; the pointers are borrowed */
	size_t n, cap;
};

/* What a check, a service and a prefix have in common. */
struct object {
	uint8_t kind; /* enum avail_object */
	uint8_t state, reason;
	uint8_t told_state, told_reason; /* when it was last taken */
	bool queued;                     /* in the list of its kind */
	bool up; /* available, for the count of transitions */
	size_t id;
	struct object *next; /* changed after this one */
	size_t cause;
	struct mono since; /* of the state */
	struct mono at;    /* of the last change of state or reason */
	uint64_t transitions;
	const char *key; /* owned by the arena */
};

struct object_list {
	struct object *first, *last;
};

struct drain {
	bool on;
	bool queued; /* it expired and this was not taken yet */
	enum avail_target target;
	size_t id;
	struct mono expired_at;
	struct drain *next;
	struct timer timer;
};

struct drain_list {
	struct drain *first, *last;
};

struct check {
	struct object o;
	size_t service;
	struct avail_check_settings s;
	/* The verdict that stands while the check itself cannot be done. */
	enum avail_check_state base;
	enum avail_reason base_reason;
	bool risen; /* since it came up; else `up` is the initial state */
	bool settled_unknown;      /* down for being unknown, until a result */
	bool jumped;               /* the clock jumped; a result is awaited */
	enum avail_reason unknown; /* NONE, or why it is unknown */
	struct mono unknown_since;
	unsigned rises, falls; /* in a row, not beyond the setting */
	enum stand stand;
	bool degraded;
	enum avail_verdict last;
	struct mono last_at;
	unsigned streak;
	uint64_t samples[AVAIL_VERDICT_COUNT];
	struct timer timer; /* the lease, or the limit while unknown */
};

struct service {
	struct object o;
	unsigned need, n;             /* checks */
	unsigned counts[STAND_COUNT]; /* of the checks */
	unsigned impaired;            /* checks up and degraded */
	enum stand base;              /* what the checks decided last */
	bool told;                    /* avail_addresses() was called */
	bool present;
	bool gone; /* by avail_watch() */
	/* How it counts for its prefixes now. */
	enum stand stand;
	bool absent, degraded;
	size_t *members; /* prefixes; owned by the arena */
	size_t n_members;
	struct avail_service_settings s;
	struct drain drain;
};

struct prefix_entry {
	struct object o;
	unsigned need, n;             /* services */
	unsigned counts[STAND_COUNT]; /* of the services */
	unsigned absent;              /* without their addresses, not drained */
	unsigned degraded;            /* up and degraded */
	uint8_t enough; /* enum stand: what the services decided last */
	bool opened;    /* the start gate */
	bool drained;   /* its own drain is on */
	struct mono hold_until;
	struct dur hold_down;
	const size_t *services; /* owned by the arena */
};

/*
 * What a prefix seldom needs, in an array beside: a failure walks through
 * 100,000 prefixes, and their memory is what takes the time.
 */
struct prefix_rest {
	struct timer hold; /* armed exactly while HELD */
	struct drain drain;
};

/* Key -> id, open addressing; built by avail_seal(). */
struct index {
	uint32_t *slots; /* owned; id + 1, 0: free */
	size_t mask;
};

struct avail {
	struct arena arena;
	struct check *checks; /* owned, as the arrays below */
	struct service *services;
	struct prefix_entry *prefixes;
	struct prefix_rest *rests; /* one for each prefix */
	size_t n_checks, n_services, n_prefixes;
	size_t cap_checks, cap_services, cap_prefixes;
	struct index by_key[AVAIL_IS_PREFIX + 1];
	struct heap heap;
	struct object_list changed[AVAIL_IS_PREFIX + 1];
	struct drain_list expired;
	struct drain drain; /* of the node */
	struct mono now;    /* never goes back */
	bool sealed, stopping;
};

/* index.c */
void avail_index_build(struct avail *av);
void avail_index_free(struct avail *av);
/* The object of this kind and key; NULL when there is none. */
struct object *avail_index_find(const struct avail *av, enum avail_object kind,
				const char *key);

/* timer.c */
void avail_timer_arm(struct heap *h, struct timer *t, struct mono at);
void avail_timer_disarm(struct heap *h, struct timer *t);
struct timer *avail_timer_first(const struct heap *h);

/* clock.c: moves time on; what was due until `now` happens. */
struct mono avail_clock_advance(struct avail *av, struct mono now);
void avail_clock_run(struct avail *av);
bool avail_clock_jumped(const struct avail *av, struct mono now);

/* change.c: the one place where a state is written. */
void avail_change_set(struct avail *av, struct object *o, int state,
		      enum avail_reason reason, bool up, size_t cause);
void avail_change_queue(struct avail *av, struct object *o);
void avail_change_queue_drain(struct avail *av, struct drain *d);
void avail_change_forget(struct avail *av);

/* rise.c */
void avail_rise_start(struct avail *av, struct check *c);
void avail_rise_timer(struct avail *av, struct check *c);
void avail_rise_jump(struct avail *av, struct check *c);
void avail_rise_adopt(struct avail *av, struct check *c,
		      const struct check *old);
enum stand avail_rise_stand(const struct check *c);
/* The service was gone: what the check believed of it is over. */
void avail_rise_again(struct avail *av, struct check *c);

/* service.c */
void avail_service_count(struct avail *av, struct check *c);
/* `cause`: the check that changed, or SIZE_MAX. */
void avail_service_refresh(struct avail *av, struct service *s, size_t cause);
/* Counts its checks and members anew, without telling the prefixes. */
void avail_service_start(struct avail *av, struct service *s);

/* decide.c; `cause`: the service that changed, or SIZE_MAX. */
void avail_decide_prefix(struct avail *av, struct prefix_entry *p,
			 size_t cause);
void avail_decide_start(struct avail *av, struct prefix_entry *p);
/* The hold-down is over. */
void avail_decide_release(struct avail *av, struct prefix_entry *p);
void avail_decide_all(struct avail *av);

/* drain.c */
void avail_drain_expire(struct avail *av, struct drain *d);
void avail_drain_adopt(struct avail *av, struct drain *d,
		       const struct drain *old);

#endif
