/* SPDX-License-Identifier: ISC */
/*
 * One check: rise, fall and what to think while it cannot be done.
 *
 *                 rise passes                 degraded
 *   CHECKING ───────────────────────► UP ◄───────────────► DEGRADED
 *      │        (initial_up: at once)  ▲ │        pass        │
 *      │ fall fails        rise passes │ │ fall fails         │
 *      └───────────────► DOWN ─────────┘ ◄────────────────────┘
 *                         ▲
 *                         │ unknown_limit (hold), at once (down)
 *   any of these ◄────► UNKNOWN     no result in time, or "could not be done"
 *                pass, fail, degraded
 *
 * UNKNOWN lies over the verdict that stood before and hides it; the service
 * goes on counting the old one until the limit. A service that was gone and is
 * there again begins with every check DOWN.
 *
 * Invariants: rises == 0 or falls == 0 unless results are unknown; the timer
 * is the lease while the state is known, the limit while it is UNKNOWN, and
 * not armed when it is down for being unknown.
 */
#include <limits.h>

#include "avail/state.h"

static bool
is_up(const struct check *c)
{
	return c->base == AVAIL_CHECK_UP || c->base == AVAIL_CHECK_DEGRADED;
}

enum stand
avail_rise_stand(const struct check *c)
{
	if (c->base == AVAIL_CHECK_CHECKING)
		return STAND_PENDING;
	return is_up(c) ? STAND_UP : STAND_DOWN;
}

static void
publish(struct avail *av, struct check *c)
{
	int state = c->base;
	enum avail_reason reason = c->base_reason;

	if (c->unknown != AVAIL_REASON_NONE) {
		state = AVAIL_CHECK_UNKNOWN;
		reason = c->unknown;
	}
	if (c->jumped)
		reason = AVAIL_REASON_CLOCK_JUMP;
	avail_change_set(av, &c->o, state, reason, is_up(c), SIZE_MAX);
	avail_service_count(av, c);
}

static void
set_base(struct check *c, enum avail_check_state state,
	 enum avail_reason reason)
{
	c->base = state;
	c->base_reason = reason;
}

/* A result is owed within stale_after from now. */
static void
renew_lease(struct avail *av, struct check *c)
{
	struct mono at = MONO_NEVER;

	if (c->s.stale_after.ns > 0)
		at = mono_add(av->now, c->s.stale_after);
	avail_timer_arm(&av->heap, &c->timer, at);
}

static void
go_down_unknown(struct avail *av, struct check *c, enum avail_reason reason)
{
	c->unknown = AVAIL_REASON_NONE;
	c->settled_unknown = true;
	c->risen = false;
	c->rises = 0;
	set_base(c, AVAIL_CHECK_DOWN, reason);
	avail_timer_disarm(&av->heap, &c->timer);
}

/* Nothing is known: hold the verdict for a while, or take it for a failure. */
static void
become_unknown(struct avail *av, struct check *c, enum avail_reason reason)
{
	if (c->settled_unknown)
		return;
	if (c->s.unknown_is_down) {
		go_down_unknown(av, c, reason);
		return;
	}
	if (c->unknown == AVAIL_REASON_NONE) {
		c->unknown_since = av->now;
		avail_timer_arm(&av->heap, &c->timer,
				mono_add(av->now, c->s.unknown_limit));
	}
	c->unknown = reason;
	if (c->s.unknown_limit.ns <= 0)
		go_down_unknown(av, c, AVAIL_REASON_UNKNOWN_LIMIT);
}

static void
pass(struct check *c, bool degraded)
{
	c->falls = 0;
	if (c->rises < c->s.rise)
		c->rises++;
	if (c->rises >= c->s.rise)
		c->risen = true;
	if (!is_up(c) && !c->risen)
		return;
	if (degraded)
		set_base(c, AVAIL_CHECK_DEGRADED, AVAIL_REASON_IMPAIRED);
	else
		set_base(c, AVAIL_CHECK_UP,
			 c->risen ? AVAIL_REASON_RISEN : AVAIL_REASON_INITIAL);
}

static void
fail(struct check *c)
{
	c->rises = 0;
	if (c->falls < c->s.fall)
		c->falls++;
	if (c->falls < c->s.fall)
		return;
	c->risen = false;
	set_base(c, AVAIL_CHECK_DOWN, AVAIL_REASON_FALLEN);
}

static void
note(struct check *c, enum avail_verdict verdict, struct mono now)
{
	if (verdict != c->last || c->last_at.ns == INT64_MAX)
		c->streak = 0;
	if (c->streak < UINT_MAX)
		c->streak++;
	c->last = verdict;
	c->last_at = now;
	c->samples[verdict]++;
	c->jumped = false;
}

static void
known(struct avail *av, struct check *c, enum avail_verdict verdict)
{
	c->unknown = AVAIL_REASON_NONE;
	c->settled_unknown = false;
	if (verdict == AVAIL_VERDICT_FAIL)
		fail(c);
	else
		pass(c, verdict == AVAIL_VERDICT_DEGRADED);
	renew_lease(av, c);
}

void
avail_sample(struct avail *av, size_t check, enum avail_verdict verdict,
	     struct mono now)
{
	struct check *c = &av->checks[check];

	now = avail_clock_advance(av, now);
	note(c, verdict, now);
	if (verdict == AVAIL_VERDICT_UNKNOWN)
		become_unknown(av, c, AVAIL_REASON_CHECK_UNKNOWN);
	else
		known(av, c, verdict);
	publish(av, c);
}

void
avail_repeat(struct avail *av, size_t check, uint64_t n, struct mono until)
{
	struct check *c = &av->checks[check];

	c->samples[c->last] += n;
	c->last_at = until;
	if (c->last != AVAIL_VERDICT_UNKNOWN && c->s.stale_after.ns > 0)
		avail_timer_arm(&av->heap, &c->timer,
				mono_add(until, c->s.stale_after));
}

void
avail_rise_again(struct avail *av, struct check *c)
{
	c->rises = c->falls = 0;
	c->risen = false;
	if (c->base != AVAIL_CHECK_DOWN)
		set_base(c, AVAIL_CHECK_DOWN, AVAIL_REASON_WATCH_GONE);
	publish(av, c);
}

/* The lease ran out, or the limit of being unknown. */
void
avail_rise_timer(struct avail *av, struct check *c)
{
	c->jumped = false;
	if (c->unknown != AVAIL_REASON_NONE)
		go_down_unknown(av, c, AVAIL_REASON_UNKNOWN_LIMIT);
	else
		become_unknown(av, c, AVAIL_REASON_CHECK_STALE);
	publish(av, c);
}

/* Starts the running lease or limit again; says so where it had run out. */
void
avail_rise_jump(struct avail *av, struct check *c)
{
	if (c->timer.place == 0)
		return;
	c->jumped |= mono_reached(c->timer.at, av->now);
	if (c->unknown == AVAIL_REASON_NONE) {
		renew_lease(av, c);
	} else {
		c->unknown_since = av->now;
		avail_timer_arm(&av->heap, &c->timer,
				mono_add(av->now, c->s.unknown_limit));
	}
	publish(av, c);
}

void
avail_rise_start(struct avail *av, struct check *c)
{
	c->last_at = MONO_NEVER;
	c->o.since = c->o.at = av->now;
	c->timer.kind = TIMER_CHECK;
	c->timer.owner = c;
	if (c->s.initial_up)
		set_base(c, AVAIL_CHECK_UP, AVAIL_REASON_INITIAL);
	c->stand = avail_rise_stand(c);
	avail_change_set(av, &c->o, c->base, c->base_reason, is_up(c),
			 SIZE_MAX);
	renew_lease(av, c);
}

static bool
same_dur(struct dur a, struct dur b)
{
	return a.ns == b.ns;
}

static bool
same_settings(const struct avail_check_settings *a,
	      const struct avail_check_settings *b)
{
	return a->rise == b->rise && a->fall == b->fall &&
	       a->initial_up == b->initial_up &&
	       a->unknown_is_down == b->unknown_is_down &&
	       same_dur(a->unknown_limit, b->unknown_limit) &&
	       same_dur(a->stale_after, b->stale_after);
}

static void
adopt_timer(struct avail *av, struct check *c, const struct check *old)
{
	if (c->unknown != AVAIL_REASON_NONE)
		avail_timer_arm(&av->heap, &c->timer,
				mono_add(c->unknown_since, c->s.unknown_limit));
	else if (c->settled_unknown)
		avail_timer_disarm(&av->heap, &c->timer);
	else if (same_dur(c->s.stale_after, old->s.stale_after))
		avail_timer_arm(&av->heap, &c->timer,
				old->timer.place ? old->timer.at : MONO_NEVER);
	else
		renew_lease(av, c);
}

void
avail_rise_adopt(struct avail *av, struct check *c, const struct check *old)
{
	struct check fresh = *c;

	*c = *old;
	c->o.id = fresh.o.id;
	c->o.key = fresh.o.key;
	c->o.queued = false;
	c->o.next = NULL;
	c->service = fresh.service;
	c->s = fresh.s;
	c->timer = fresh.timer;
	if (!same_settings(&c->s, &old->s))
		c->rises = c->falls = c->streak = 0;
	adopt_timer(av, c, old);
}

void
avail_view_check(const struct avail *av, size_t id,
		 struct avail_check_view *out)
{
	const struct check *c = &av->checks[id];

	*out = (struct avail_check_view){
	    .state = c->o.state,
	    .reason = c->o.reason,
	    .since = c->o.since,
	    .last = c->last,
	    .last_at = c->last_at,
	    .streak = c->streak,
	    .service = c->service,
	    .transitions = c->o.transitions,
	};
	out->changing = c->unknown != AVAIL_REASON_NONE ||
			c->base == AVAIL_CHECK_CHECKING ||
			(is_up(c) ? c->falls > 0 : c->rises > 0);
	for (size_t v = 0; v < AVAIL_VERDICT_COUNT; v++)
		out->samples[v] = c->samples[v];
}
