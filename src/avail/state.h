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
	STAND_DOWN,    /* its checks say so, and nothing surer does */
	STAND_DEAD,    /* it is certain: the kernel, or a drill */
	STAND_LEAVING, /* drained, up as long as its traffic leaves */
	STAND_DRAINED, /* whatever its checks and addresses say */
	STAND_MISSING, /* not down, but an address is off its interface */
	STAND_COUNT
};

/* In this order when due at the same instant: failures come first. */
enum timer_kind {
	TIMER_CHECK,
	TIMER_LOAD,
	TIMER_ATTACK,
	TIMER_HOLD,
	TIMER_DRAIN
};

struct timer {
	struct mono at;
	size_t place; /* in the heap, from 1; 0: not armed */
	enum timer_kind kind;
	void *owner; /* borrowed: what it belongs to */
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
	uint8_t rung, told_rung;         /* of a prefix */
	bool queued : 1;                 /* in the list of its kind */
	bool up : 1; /* available, for the count of transitions */
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

enum phase { PHASE_OFF, PHASE_LEAVING, PHASE_DRAINED };

struct drain {
	enum phase phase;
	bool queued;                     /* in the list, for one of these */
	bool tell_drained, tell_expired; /* it did and this was not taken */
	enum avail_target target;
	size_t id;
	struct mono limit, expires;
	struct mono drained_at, expired_at;
	struct drain *next;
	struct timer timer; /* the earlier one of limit and expiry */
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
	bool gone;    /* by avail_watch() */
	bool drilled; /* by avail_drill() */
	bool high;    /* by avail_load() */
	bool overloaded;
	struct mono high_since; /* since then high, or not */
	struct timer load;      /* armed while high != overloaded */
	/* How it counts for its prefixes now. */
	enum stand stand;
	bool absent, weighs_impaired, weighs_overloaded;
	size_t *members; /* prefixes; owned by the arena */
	size_t n_members;
	struct avail_service_settings s;
	struct drain drain;
};

enum brake { BRAKE_ASKED, BRAKE_REFUSED, BRAKE_RELEASED };

struct prefix_entry {
	struct object o;
	unsigned need, n;             /* services */
	unsigned counts[STAND_COUNT]; /* of the services */
	unsigned absent;              /* without their addresses, not drained */
	unsigned impaired;            /* up and degraded */
	unsigned overloaded;          /* up and overloaded */
	uint8_t enough; /* enum stand: what the services decided last */
	uint8_t phase;  /* enum phase: of its own drain */
	uint8_t brake;  /* enum brake: ASKED unless BRAKED */
	bool opened;    /* the start gate */
	struct mono hold_until, reuse_at;
	const struct avail_prefix_settings *s; /* in the arena, shared */
};

/* The figure of merit, in 1 / 2^24, as of `at`. */
struct figure {
	uint64_t penalty;
	struct mono at;
};

/*
 * What a prefix seldom needs, in an array beside: a failure walks through
 * 100,000 prefixes, and their memory is what takes the time.
 */
struct prefix_rest {
	struct timer hold; /* HELD, SUPPRESSED, or a better rung awaited */
	struct drain drain;
	struct figure figure;
	size_t rung_cause;      /* service, or SIZE_MAX */
	const size_t *services; /* owned by the arena */
};

/* The last flap: prefixes on one service flap alike, all at once. */
struct damp_memo {
	const struct avail_prefix_settings *s; /* borrowed */
	struct figure before, after;
	struct dur wait; /* until it is below reuse */
};

struct attack {
	bool on;
	bool tell_expired; /* it did and this was not taken yet */
	struct mono expired_at;
	struct timer timer;
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
	size_t cap_checks, cap_services, cap_prefixes, n_rests, cap_rests;
	struct index by_key[AVAIL_IS_PREFIX + 1];
	struct heap heap;
	struct object_list changed[AVAIL_IS_PREFIX + 1];
	struct drain_list expired;
	struct drain drain; /* of the node */
	struct attack attack;
	unsigned gate; /* enum avail_gate bits that are waited for */
	struct damp_memo memo;
	struct mono now; /* never goes back */
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
void avail_change_set_rung(struct avail *av, struct object *o,
			   enum avail_rung rung);
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

/* load.c */
void avail_load_timer(struct avail *av, struct service *s);
void avail_load_jump(struct avail *av, struct service *s);
void avail_load_adopt(struct avail *av, struct service *s,
		      const struct service *old);

/* decide.c; `cause`: the service that changed, or SIZE_MAX. */
void avail_decide_prefix(struct avail *av, struct prefix_entry *p,
			 size_t cause);
void avail_decide_start(struct avail *av, struct prefix_entry *p);
/* The hold-down or the suppression is over. */
void avail_decide_release(struct avail *av, struct prefix_entry *p);
void avail_decide_all(struct avail *av);
bool avail_decide_announces(enum avail_prefix_state state);
/* Waits for the end of a hold-down or of a suppression. */
bool avail_decide_waits(enum avail_prefix_state state);

/* damp.c */
/* The services failed: adds to the figure, and suppresses beyond the limit. */
void avail_damp_flap(struct avail *av, struct prefix_entry *p);
/* The figure of merit now, as people see it. */
unsigned avail_damp_penalty(const struct avail *av,
			    const struct prefix_entry *p);
void avail_damp_adopt(struct avail *av, struct prefix_entry *p,
		      const struct avail *old, const struct prefix_entry *was);

/* ladder.c; a prefix has decided: which rung follows. */
void avail_ladder_step(struct avail *av, struct prefix_entry *p, size_t cause);
/* A better rung has lasted long enough. */
void avail_ladder_release(struct avail *av, struct prefix_entry *p);
void avail_ladder_adopt(struct avail *av, struct prefix_entry *p,
			const struct avail *old, size_t was);
enum avail_reason avail_ladder_reason(const struct prefix_entry *p);
struct mono avail_ladder_until(const struct avail *av,
			       const struct prefix_entry *p);

/* attack.c */
/* What a prefix is whose services failed: FROZEN, BRAKED or WITHDRAWN. */
enum avail_prefix_state avail_attack_judge(const struct avail *av,
					   const struct prefix_entry *p);
void avail_attack_expire(struct avail *av);
void avail_attack_adopt(struct avail *av, const struct avail *old);

/* drain.c; its timer has come. */
void avail_drain_due(struct avail *av, struct drain *d);
/* Its limit and expiry, MONO_NEVER where they do not run. */
struct avail_drain_times avail_drain_view(const struct drain *d);
void avail_drain_adopt(struct avail *av, struct drain *d,
		       const struct drain *old);

#endif
