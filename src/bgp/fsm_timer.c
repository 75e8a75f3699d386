/* SPDX-License-Identifier: ISC */
#include "bgp/fsm_timer.h"

#include <stddef.h>

#define BACKOFF_FIRST dur_s(1)

static uint64_t
next_random(struct fsm *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

/* Section 10: a random factor from 0.75 to 1.0. */
static struct dur
jittered(struct fsm *f, struct dur d)
{
	int64_t permille = 750 + (int64_t)(next_random(f) % 251);

	return dur_ns(d.ns / 1000 * permille);
}

void
fsm_timer_stop_all(struct fsm *f)
{
	f->connect_retry_at = MONO_NEVER;
	f->hold_at = MONO_NEVER;
	f->keepalive_at = MONO_NEVER;
	f->idle_hold_at = MONO_NEVER;
	f->send_hold_at = MONO_NEVER;
}

void
fsm_timer_hold(struct fsm *f, struct mono now)
{
	f->hold_at = f->hold.ns ? mono_add(now, f->hold) : MONO_NEVER;
}

/* RFC 4271 section 4.4: not more often than one per second. */
void
fsm_timer_keepalive(struct fsm *f, struct mono now)
{
	struct dur d = jittered(f, f->keepalive);

	if (d.ns < dur_s(1).ns)
		d = dur_s(1);
	f->keepalive_at = f->hold.ns ? mono_add(now, d) : MONO_NEVER;
}

void
fsm_timer_connect_retry(struct fsm *f, struct mono now)
{
	f->connect_retry_at =
	    f->passive ? MONO_NEVER
		       : mono_add(now, jittered(f, f->connect_retry));
}

/* Doubles with each failure in a row; `most` bounds it. */
struct dur
fsm_timer_backoff(struct fsm *f, struct dur most)
{
	struct dur d = f->idle_first.ns ? f->idle_first : BACKOFF_FIRST;

	if (f->idle_limit.ns)
		most = f->idle_limit;
	for (unsigned i = 1; i < f->failures && d.ns < most.ns; i++)
		d.ns *= 2;
	if (d.ns > most.ns)
		d = most;
	return jittered(f, d);
}

/*
 * Waiting costs nothing, so a machine that only waits begins again at once,
 * and after an error of the protocol within the retry time.
 */
struct dur
fsm_timer_idle_hold(struct fsm *f, struct dur most)
{
	if (!f->passive)
		return fsm_timer_backoff(f, most);
	if (most.ns <= f->connect_retry.ns)
		return DUR_ZERO;
	return fsm_timer_backoff(f, f->connect_retry);
}

struct mono
fsm_deadline(const struct fsm *f)
{
	struct mono t = mono_min(f->connect_retry_at, f->hold_at);

	t = mono_min(t, f->keepalive_at);
	t = mono_min(t, f->idle_hold_at);
	return mono_min(t, f->send_hold_at);
}

bool
fsm_due(const struct fsm *f, struct mono now, enum fsm_event_type *type)
{
	const struct {
		struct mono at;
		enum fsm_event_type type;
	} timers[] = {
	    {f->hold_at, FSM_HOLD_EXPIRES},
	    {f->send_hold_at, FSM_SEND_HOLD_EXPIRES},
	    {f->connect_retry_at, FSM_CONNECT_RETRY_EXPIRES},
	    {f->idle_hold_at, FSM_IDLE_HOLD_EXPIRES},
	    {f->keepalive_at, FSM_KEEPALIVE_EXPIRES},
	};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (!mono_reached(timers[i].at, now))
			continue;
		*type = timers[i].type;
		return true;
	}
	return false;
}

void
fsm_sent(struct fsm *f, struct mono now)
{
	if (f->state >= BGP_STATE_OPENCONFIRM)
		fsm_timer_keepalive(f, now);
}

/* RFC 9687: the greater of 8 minutes and twice the hold time. */
void
fsm_send_progress(struct fsm *f, bool pending, struct mono now)
{
	struct dur d = dur_s(480);

	if (2 * f->hold.ns > d.ns)
		d.ns = 2 * f->hold.ns;
	if (f->send_hold.ns)
		d = f->send_hold;
	f->send_hold_at = pending && f->hold.ns ? mono_add(now, d) : MONO_NEVER;
}

void
fsm_negotiate(struct dur hold, struct dur keepalive, uint16_t remote_hold,
	      struct dur *out_hold, struct dur *out_keepalive)
{
	struct dur remote = dur_s(remote_hold);

	*out_hold = remote.ns < hold.ns ? remote : hold;
	*out_keepalive = dur_ns(out_hold->ns / 3);
	if (keepalive.ns && keepalive.ns < out_keepalive->ns)
		*out_keepalive = keepalive;
	if (out_hold->ns == 0)
		*out_keepalive = DUR_ZERO;
	else if (out_keepalive->ns < dur_s(1).ns)
		*out_keepalive = dur_s(1);
}
