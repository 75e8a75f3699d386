/* SPDX-License-Identifier: ISC */
/*
 * Drills: a service fails on purpose, for a while, and what followed is
 * written down with its times.
 */
#ifndef BASIN_DAEMON_DRILL_H
#define BASIN_DAEMON_DRILL_H

#include "daemon/basin.h"

#define DRILL_MODES(X)                                                         \
	X(ADMIN, "admin", "it counts as down")                                 \
	X(DROP, "drop", "packets to its addresses are dropped")

enum drill_mode {
#define X(n, t, h) DRILL_##n,
	DRILL_MODES(X)
#undef X
	    DRILL_MODE_COUNT
};
const char *drill_mode_text(enum drill_mode m); /* "admin" */
/* False when there is none of that name. */
bool drill_mode_parse(const char *text, enum drill_mode *out);

#define DRILL_STATES(X)                                                        \
	X(NONE, "none")             /* there was no drill yet */               \
	X(STARTING, "starting")     /* the helper was asked */                 \
	X(RUNNING, "running")       /* it fails */                             \
	X(RECOVERING, "recovering") /* it fails no longer */                   \
	X(ENDED, "ended")           /* all is as it was */                     \
	X(FAILED, "failed")         /* packets could not be dropped */

enum drill_state {
#define X(n, t) DRILL_STATE_##n,
	DRILL_STATES(X)
#undef X
	    DRILL_STATE_COUNT
};
const char *drill_state_text(enum drill_state s);

/* What followed, in this order for each prefix and peer. */
#define DRILL_STEPS(X)                                                         \
	X(SERVICE, "service")   /* down, or up again */                        \
	X(DECISION, "decision") /* to withdraw, or to announce again */        \
	X(UPDATE, "update")     /* was written to a peer */

enum drill_step_kind {
#define X(n, t) DRILL_STEP_##n,
	DRILL_STEPS(X)
#undef X
};
const char *drill_step_text(enum drill_step_kind k);

struct drill_step {
	enum drill_step_kind kind;
	bool recovery;                /* since the end, not the beginning */
	struct dur after;             /* its beginning or its end */
	char prefix[PREFIX_TEXT_MAX]; /* "" for the service */
	char peer[EVENT_NAME_MAX];    /* of UPDATE */
};

#define DRILL_STEPS_MAX 512
#define DRILL_LIMIT_MAX dur_s(3600)

/* What the configuration lets expect, at most. */
struct drill_expected {
	bool noticed;         /* by enough checks to take the service down */
	struct dur detection; /* beginning -> the service is down */
	struct dur recovery;  /* end -> it is up */
	struct dur hold_down; /* up -> its prefixes are announced again */
	unsigned checks;      /* of the service */
	unsigned looking;     /* of them, at its addresses */
};
void drill_expect(const struct conf *conf, size_t service, enum drill_mode mode,
		  struct drill_expected *out);

struct drill {
	enum drill_state state;
	uint64_t id; /* counts from 1 */
	char service[EVENT_NAME_MAX];
	size_t index; /* of the service in b->conf; SIZE_MAX: removed */
	enum drill_mode mode;
	struct dur limit;
	char who[64];
	struct drill_expected expected;
	struct mono began, ended;
	struct wall began_wall;
	int error;                /* of FAILED */
	struct drill_step *steps; /* owned */
	size_t n_steps, n_left_out;
	size_t n_gone;  /* steps of the failure without their way back yet */
	uint64_t cause; /* event of its beginning */
	uv_timer_t timer;
};

/* A service fails on purpose, or is about to. */
static inline bool
drill_running(const struct basin *b)
{
	return b->drill->state == DRILL_STATE_STARTING ||
	       b->drill->state == DRILL_STATE_RUNNING;
}

void drill_start(struct basin *b);
/* After the model was built anew: services have other numbers. */
void drill_configure(struct basin *b);
/* After the loop has ended. */
void drill_free(struct basin *b);

struct drill_request {
	size_t service;
	enum drill_mode mode;
	struct dur limit; /* > 0, at most DRILL_LIMIT_MAX */
	const char *who;
	bool force;
};
/* 0, or -EPERM with the reason for people: would it be refused? */
int drill_allowed(const struct basin *b, const struct drill_request *q,
		  struct text *why) __attribute__((warn_unused_result));
int drill_begin(struct basin *b, const struct drill_request *q,
		struct text *why) __attribute__((warn_unused_result));
/* False when none runs. */
bool drill_end(struct basin *b, const char *why);

/* ---- what happens meanwhile ---- */

void drill_service_changed(struct basin *b, size_t service);
void drill_prefix_changed(struct basin *b, size_t prefix);
void drill_sent(struct basin *b, const char *peer, const struct prefix *prefix,
		bool announced);

#endif
