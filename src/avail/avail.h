/* SPDX-License-Identifier: ISC */
/*
 * The heart: samples and operator's words in, "announce or not, and why" out.
 *
 * Pure: every function is (state, event, now). No clock, socket or log, and
 * no allocation after avail_seal(). The same object code runs in production,
 * in unit tests and in the scenario player (virtual time).
 *
 *   sample ─► check (rise/fall) ─► service (require, load, drill) ─► prefix
 *             (require, hold-down, damping, start gate, drain, attack mode,
 *             brake, rung) ─► change list
 *
 * Objects are numbered in the order they were added: check, service and
 * prefix ids are indexes, so callers keep arrays beside them.
 */
#ifndef BASIN_AVAIL_AVAIL_H
#define BASIN_AVAIL_AVAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/handover.h"
#include "base/ip.h"
#include "base/time.h"

/* What one run of a check found. */
#define AVAIL_VERDICTS(X)                                                      \
	X(PASS, "pass", "the service answered as configured")                  \
	X(DEGRADED, "degraded", "it answered, but said it is impaired")        \
	X(FAIL, "fail", "it did not answer as configured")                     \
	X(UNKNOWN, "unknown", "the check itself could not be done")

/* State of a check, a service or a prefix. */
#define AVAIL_CHECK_STATES(X)                                                  \
	X(CHECKING, "checking", "no verdict yet since the start")              \
	X(UP, "up", "passed `rise` times in a row")                            \
	X(DEGRADED, "degraded", "up, but the last samples said degraded")      \
	X(DOWN, "down", "failed `fall` times in a row")                        \
	X(UNKNOWN, "unknown", "the check could not be done")

#define AVAIL_SERVICE_STATES(X)                                                \
	X(CHECKING, "checking", "too few checks have a verdict yet")           \
	X(UP, "up", "enough checks are up")                                    \
	X(DEGRADED, "degraded", "enough are up, one of them degraded")         \
	X(OVERLOADED, "overloaded", "up, with more load than it should have")  \
	X(DOWN, "down", "too few checks are up")                               \
	X(DRAINING, "draining", "an operator takes it out, traffic leaves")    \
	X(DRAINED, "drained", "an operator took it out")

#define AVAIL_PREFIX_STATES(X)                                                 \
	X(STARTING, "starting", "the start gate is closed")                    \
	X(ANNOUNCED, "announced", "to be announced")                           \
	X(FROZEN, "frozen", "announced though checks fail: attack mode")       \
	X(BRAKED, "braked", "announced though checks fail: the brake holds")   \
	X(DRAINING, "draining", "announced until its traffic has left")        \
	X(WITHDRAWN, "withdrawn", "a required service is not available")       \
	X(HELD, "held", "services are back, hold-down is running")             \
	X(SUPPRESSED, "suppressed", "services are back, it flapped too often") \
	X(DRAINED, "drained", "an operator took it out")

/*
 * What upstreams are told of a prefix, best first. Each upstream's ladder says
 * which attributes a rung has.
 */
#define AVAIL_RUNGS(X)                                                         \
	X(HEALTHY, "healthy", "announced with the usual attributes")           \
	X(DEGRADED, "degraded", "announced, other nodes preferred")            \
	X(DRAINING, "draining", "announced while its traffic leaves")          \
	X(WITHDRAWN, "withdrawn", "not announced")

/* Why a state is what it is. One list for all three kinds of object. */
#define AVAIL_REASONS(X)                                                       \
	X(NONE, "none", "nothing happened yet")                                \
	X(INITIAL, "initial", "the configured initial state")                  \
	X(RISEN, "risen", "the check passed `rise` times in a row")            \
	X(FALLEN, "fallen", "the check failed `fall` times in a row")          \
	X(IMPAIRED, "impaired", "the check reports degraded")                  \
	X(CHECK_UNKNOWN, "check_unknown", "the check could not be done")       \
	X(CHECK_STALE, "check_stale", "no result arrived in time")             \
	X(UNKNOWN_LIMIT, "unknown_limit", "unknown for too long")              \
	X(CLOCK_JUMP, "clock_jump", "time jumped; results are awaited again")  \
	X(CHECKS_UP, "checks_up", "enough checks of the service are up")       \
	X(CHECKS_DOWN, "checks_down", "too few checks of the service are up")  \
	X(CHECKS_PENDING, "checks_pending", "checks have no verdict yet")      \
	X(NO_CHECKS, "no_checks", "the service has no checks: always up")      \
	X(SERVICES_UP, "services_up", "enough services are available")         \
	X(SERVICES_DOWN, "services_down", "too few services are available")    \
	X(SERVICES_PENDING, "services_pending",                                \
	  "services have no verdict yet")                                      \
	X(ADDRESS_MISSING, "address_missing",                                  \
	  "a service address is not on its interface")                         \
	X(GATE_ADDRESSES, "gate_addresses",                                    \
	  "the start gate waits for every service address")                    \
	X(GATE_BFD, "gate_bfd", "the start gate waits for BFD sessions")       \
	X(GATE_RPKI, "gate_rpki", "the start gate waits for RPKI data")        \
	X(WATCH_GONE, "watch_gone",                                            \
	  "the kernel says that the service is gone")                          \
	X(OVERLOAD, "overload", "its load is above the configured limit")      \
	X(DRILL, "drill", "a drill fails it on purpose")                       \
	X(HOLD_DOWN, "hold_down", "held back after the last withdrawal")       \
	X(DAMPED, "damped", "its flap penalty is not yet below reuse")         \
	X(ATTACK, "attack", "attack mode: failed checks withdraw nothing")     \
	X(BRAKE_ASKED, "brake_asked",                                          \
	  "other nodes are asked whether they stay")                           \
	X(BRAKE_REFUSED, "brake_refused", "too few other nodes stay")          \
	X(LADDER_HOLD, "ladder_hold", "better, but not for long enough")       \
	X(NODE_DRAINED, "node_drained", "the node is drained")                 \
	X(SERVICE_DRAINED, "service_drained", "a service is drained")          \
	X(PREFIX_DRAINED, "prefix_drained", "the prefix is drained")           \
	X(STOPPING, "stopping", "the daemon is shutting down")

/* Enumerations are AVAIL_<list>_<name>; names by avail_*_text(). */
enum avail_verdict {
#define X(n, t, h) AVAIL_VERDICT_##n,
	AVAIL_VERDICTS(X)
#undef X
	    AVAIL_VERDICT_COUNT
};
enum avail_check_state {
#define X(n, t, h) AVAIL_CHECK_##n,
	AVAIL_CHECK_STATES(X)
#undef X
	    AVAIL_CHECK_STATE_COUNT
};
enum avail_service_state {
#define X(n, t, h) AVAIL_SERVICE_##n,
	AVAIL_SERVICE_STATES(X)
#undef X
	    AVAIL_SERVICE_STATE_COUNT
};
enum avail_prefix_state {
#define X(n, t, h) AVAIL_PREFIX_##n,
	AVAIL_PREFIX_STATES(X)
#undef X
	    AVAIL_PREFIX_STATE_COUNT
};
enum avail_rung {
#define X(n, t, h) AVAIL_RUNG_##n,
	AVAIL_RUNGS(X)
#undef X
	    AVAIL_RUNG_COUNT
};
enum avail_reason {
#define X(n, t, h) AVAIL_REASON_##n,
	AVAIL_REASONS(X)
#undef X
	    AVAIL_REASON_COUNT
};

const char *avail_verdict_text(enum avail_verdict v);
const char *avail_check_state_text(enum avail_check_state s);
const char *avail_service_state_text(enum avail_service_state s);
const char *avail_prefix_state_text(enum avail_prefix_state s);
const char *avail_rung_text(enum avail_rung r);
const char *avail_reason_text(enum avail_reason r); /* "hold_down" */
const char *avail_reason_help(enum avail_reason r); /* for people */

/* ---- building ---- */

struct avail;

/* all: 0 means every member; else how many must be up (any is 1). */
struct avail_require {
	unsigned count; /* 0: all */
};

struct avail_check_settings {
	unsigned rise, fall; /* >= 1 */
	bool initial_up;
	bool unknown_is_down;     /* else hold the last state ... */
	struct dur unknown_limit; /* ... but no longer than this */
	/*
	 * A result must arrive this often, else the check is stale (a wedged
	 * checker cannot keep a route alive). 0: never stale.
	 */
	struct dur stale_after;
};

struct avail_service_settings {
	struct avail_require require; /* of its checks */
	/* Load must be high, and low again, for this long to count. */
	struct dur overload_after, overload_clear;
};

/*
 * Flap damping, RFC 2439 section 4.2: each withdrawal for failed services
 * adds AVAIL_FLAP_PENALTY to a figure of merit that halves every half_life.
 * Above `suppress` a prefix is not announced again before it is below `reuse`,
 * for max_suppress at most. Services that fail again while the prefix is HELD
 * or SUPPRESSED add too: it waits for peace. Operators' drains add nothing.
 */
#define AVAIL_FLAP_PENALTY 1000
/* Greatest `suppress`, and the figure never goes beyond ten times that. */
#define AVAIL_SUPPRESS_MAX 100000

struct avail_damping {
	/* suppress 0: no damping; else reuse >= 1 and half_life > 0. */
	unsigned suppress, reuse;
	struct dur half_life, max_suppress;
};

struct avail_prefix_settings {
	struct avail_require require; /* of its services */
	struct dur hold_down;
	struct avail_damping damping;
	/* A better rung must last this long before it is taken; worse: 0. */
	struct dur ladder_hold;
	/* Failed checks do not withdraw it before avail_brake() lets it go. */
	bool brake;
};

struct avail *avail_new(void);
void avail_free(struct avail *av);
/*
 * Keys are copied; they name the object across avail_adopt(). Return ids.
 * The services of a prefix are distinct.
 */
size_t avail_add_service(struct avail *av, const char *key,
			 const struct avail_service_settings *s);
size_t avail_add_check(struct avail *av, const char *key, size_t service,
		       const struct avail_check_settings *s);
size_t avail_add_prefix(struct avail *av, const char *key,
			const size_t *services, size_t n,
			const struct avail_prefix_settings *s);
/* Ends the building; nothing allocates behind this. */
void avail_seal(struct avail *av, struct mono now);
/*
 * Reload: takes over state, reasons, counters, drains and hold-downs from
 * `old` for every object whose key is in both. Call between seal and the
 * first event. A check whose settings changed keeps its state; its counters
 * start again.
 */
void avail_adopt(struct avail *av, const struct avail *old, struct mono now);

/*
 * The same from another process (a hot upgrade): its state as records, and
 * read into an avail with this configuration, sealed and otherwise unused,
 * which is then adopted and freed: nothing else may be done with it.
 */
int avail_handover_write(struct avail *av, handover_put *put, void *arg)
    __attribute__((warn_unused_result));
int avail_handover_read(struct avail *av, const void *octets, size_t n)
    __attribute__((warn_unused_result));

/* ---- events ---- */

/* One result of one check. */
void avail_sample(struct avail *av, size_t check, enum avail_verdict verdict,
		  struct mono now);
/*
 * For the replay of a recording: `n` more results like the check's last one
 * came regularly, the last at `until`. That one must have come `rise` and
 * `fall` times in a row already: then these change nothing but the lease.
 */
void avail_repeat(struct avail *av, size_t check, uint64_t n,
		  struct mono until);
/*
 * Are the service's addresses on their interfaces? (start gate, healing)
 * Before the first call the service is awaited, not failed: one that a reload
 * adds to an announced prefix withdraws nothing by being set up.
 */
void avail_addresses(struct avail *av, size_t service, bool present,
		     struct mono now);

/*
 * Does the kernel still have what the service is known by (its listening
 * socket)? Gone: it is down at once, whatever its checks say, which go on.
 * There again: its checks must pass `rise` times from then on. Services that
 * nobody tells of are there.
 */
void avail_watch(struct avail *av, size_t service, bool present,
		 struct mono now);

/*
 * Is more asked of the service than it is configured for? Never a reason to
 * withdraw: its prefixes step down to the rung "degraded". A reload takes the
 * last word over: tell false where nobody looks at the load any more.
 */
void avail_load(struct avail *av, size_t service, bool high, struct mono now);

/* What the start gate of the node waits for; bits. */
enum avail_gate {
	AVAIL_GATE_ADDRESSES = 1 << 0,
	AVAIL_GATE_BFD = 1 << 1,
	AVAIL_GATE_RPKI = 1 << 2,
	AVAIL_GATE_ALL = (1 << 3) - 1,
};

/*
 * While the node as a whole waits for something (enum avail_gate bits; 0, as
 * from the beginning: for nothing) no prefix opens its own gate. What has
 * opened stays so, whatever is waited for later.
 */
void avail_gate(struct avail *av, unsigned waits, struct mono now);
unsigned avail_gate_waits(const struct avail *av);

/*
 * Attack mode of the node, until `expires` (may be MONO_NEVER) or off: no
 * prefix is withdrawn because checks fail. What is certain (the kernel says
 * that the service or its address is gone) and what operators say still
 * withdraws.
 */
void avail_attack(struct avail *av, bool on, struct mono expires,
		  struct mono now);

/*
 * Answer to a prefix that became BRAKED: true lets it go, false (also later
 * again) keeps it. Ignored when it is not BRAKED. As in attack mode only
 * failed checks are braked.
 */
void avail_brake(struct avail *av, size_t prefix, bool released,
		 struct mono now);

/* A drill: the service counts as down whatever its checks say. */
void avail_drill(struct avail *av, size_t service, bool on, struct mono now);

enum avail_target { AVAIL_NODE, AVAIL_SERVICE, AVAIL_PREFIX };

struct avail_drain_times {
	/* Announced on the rung "draining" until then; past: not at all. */
	struct mono limit;
	struct mono expires; /* undrained by itself; may be MONO_NEVER */
};

/*
 * Operator's drain, until undrained or expired: what would be withdrawn is
 * DRAINING until avail_quiet() or the limit, then DRAINED. Where checks fail
 * meanwhile there is nothing to wait for: DRAINED at once, also in attack mode
 * and where the brake holds. `id` is ignored for AVAIL_NODE. Draining again
 * replaces the times; what is withdrawn already stays so. The operator's
 * reason and name are the caller's to keep.
 */
void avail_drain(struct avail *av, enum avail_target target, size_t id,
		 const struct avail_drain_times *times, struct mono now);
/* The traffic of a drained target has left: its limit is now. */
void avail_quiet(struct avail *av, enum avail_target target, size_t id,
		 struct mono now);
/* False when it was not drained. */
bool avail_undrain(struct avail *av, enum avail_target target, size_t id,
		   struct mono now);
/* Everything is withdrawn for good: the daemon stops. */
void avail_stop(struct avail *av, struct mono now);
/*
 * Timers: hold-down, expiry, staleness, clock jumps. Call when due. Every
 * event does the same first: what was due until `now` happens before it.
 * `now` going back counts as no time passed.
 */
void avail_tick(struct avail *av, struct mono now);
/* When avail_tick() is due next; MONO_NEVER when nothing runs. */
struct mono avail_next_deadline(const struct avail *av);

/* ---- changes ---- */

enum avail_object {
	AVAIL_IS_CHECK,
	AVAIL_IS_SERVICE,
	AVAIL_IS_PREFIX,
	AVAIL_IS_DRAIN,
	AVAIL_IS_ATTACK
};

/* `from` and `to` of AVAIL_IS_DRAIN. */
enum avail_drain_state {
	AVAIL_DRAIN_EXPIRED,
	AVAIL_DRAIN_DRAINED,
	AVAIL_DRAIN_DRAINING
};

/*
 * The list of objects whose state, reason or rung changed since they were last
 * taken, in causal order (checks before services before prefixes). At most one
 * entry per object is pending: a fast flap in between is not lost for the
 * journal because every event is taken out before the next goes in.
 *
 * Where the rung alone changed `from` equals `to`, `reason` is the rung's and
 * `cause` the service behind it; else `reason` is that of the state. Either
 * way rung_from and rung_to say what upstreams were told and are to be told.
 */
struct avail_change {
	enum avail_object object;
	size_t id;
	/*
	 * AVAIL_IS_DRAIN: the drain of this target has drained, by
	 * avail_quiet() or at its limit (DRAINING to DRAINED; not told of one
	 * whose limit was past from the beginning), or it has expired (DRAINED
	 * to EXPIRED). AVAIL_IS_ATTACK: attack mode has expired (1 to 0).
	 */
	enum avail_target target;
	int from, to; /* the object's own state enumeration */
	enum avail_rung rung_from, rung_to; /* AVAIL_IS_PREFIX */
	enum avail_reason reason;
	/* What caused it: check id for a service, service id for a prefix. */
	size_t cause; /* SIZE_MAX: nothing below it */
	struct mono at;
};
/* Takes the next change; false when there is none. */
bool avail_take(struct avail *av, struct avail_change *out);
/* Name of a change's `from` or `to`. */
const char *avail_state_text(enum avail_object object, int state);
/* Longest text of a change but for its keys. */
#define AVAIL_CHANGE_TEXT_MAX 512
/*
 * One line for people: "prefix 192.0.2.0/24: announced -> withdrawn,
 * services_down: too few services are available (service dns)", or where only
 * the rung changed "prefix 192.0.2.0/24: rung healthy -> degraded, ...". Cut
 * when buf is too small; keys are written as they are. Returns buf.
 */
const char *avail_change_text(const struct avail *av,
			      const struct avail_change *c, char *buf,
			      size_t size);

/* ---- reading ---- */

struct avail_check_view {
	enum avail_check_state state;
	enum avail_reason reason;
	struct mono since; /* of the state */
	enum avail_verdict last;
	struct mono last_at; /* MONO_NEVER before the first result */
	unsigned streak;     /* equal verdicts in a row */
	bool changing;       /* between two states: fast_interval applies */
	size_t service;
	uint64_t transitions; /* came to count as up, or ceased to */
	uint64_t samples[AVAIL_VERDICT_COUNT];
};

struct avail_service_view {
	enum avail_service_state state;
	enum avail_reason reason;
	struct mono since;
	size_t cause; /* check, or SIZE_MAX */
	unsigned checks_up, checks;
	bool addresses_present;
	bool watch_gone;
	bool overloaded;
	bool drilled;
	bool drained;
	struct mono drain_limit; /* MONO_NEVER unless DRAINING goes on */
	struct mono drain_expires;
	uint64_t transitions;
};

struct avail_prefix_view {
	enum avail_prefix_state state;
	bool announce; /* the decision: rung is not WITHDRAWN */
	enum avail_rung rung;
	enum avail_reason rung_reason;
	struct mono rung_until; /* a better rung is taken then, or MONO_NEVER */
	bool degraded;          /* a service behind it is degraded */
	enum avail_reason reason;
	struct mono since;
	/* End of a running hold-down or suppression, else MONO_NEVER. */
	struct mono until;
	size_t cause; /* service, or SIZE_MAX */
	unsigned services_up, services;
	unsigned penalty; /* figure of merit as of the last event or tick */
	bool drained;
	struct mono drain_limit; /* as of a service */
	struct mono drain_expires;
	uint64_t transitions;
};

size_t avail_checks(const struct avail *av);
size_t avail_services(const struct avail *av);
size_t avail_prefixes(const struct avail *av);
const char *avail_check_key(const struct avail *av, size_t id);
const char *avail_service_key(const struct avail *av, size_t id);
const char *avail_prefix_key(const struct avail *av, size_t id);
void avail_view_check(const struct avail *av, size_t id,
		      struct avail_check_view *out);
void avail_view_service(const struct avail *av, size_t id,
			struct avail_service_view *out);
void avail_view_prefix(const struct avail *av, size_t id,
		       struct avail_prefix_view *out);
/* Node drain; false when there is none. */
bool avail_node_drained(const struct avail *av,
			struct avail_drain_times *times);
/* Attack mode; false when it is off. */
bool avail_attacked(const struct avail *av, struct mono *expires);

#endif
