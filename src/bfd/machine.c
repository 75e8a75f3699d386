/* SPDX-License-Identifier: ISC */
/*
 * The state machine of RFC 5880 section 6.2; what a packet says stands at the
 * arrows:
 *
 *                     Down                    Init, Up
 *             ┌─────────────────► Init ─────────────────┐
 *             │                    │                    ▼
 *           Down ◄──── expired ────┘                    Up
 *           │ ▲ └───────────────── Init ───────────────►│
 *           │ └── Down, AdminDown, expired ─────────────┘
 *   disable ▼ │ enable
 *        AdminDown ◄── disable ── any
 *
 * Invariants:
 *  - enter() alone writes the state; leaving Up is counted once.
 *  - While not Up packets say and keep an interval of a second or more.
 *  - A longer interval of ours, or a shorter one of the neighbour's, counts
 *    only when the Poll Sequence that tells of it is answered (section 6.8.3).
 *  - Only what was accepted moves last_rx, so only that puts off the expiry.
 *  - A demand of the neighbour is answered: no periodic packets while both
 *    are Up, but polls and finals (section 6.6). We make no such demand.
 */
#include "bfd/machine.h"

#define SLOW_US 1000000 /* section 6.8.3: while not Up */

static const struct {
	const char *label, *text;
} reasons[] = {
#define X(n, l, t) [MACHINE_##n] = {l, t},
    MACHINE_REASONS(X)
#undef X
};

const char *
machine_reason_label(enum machine_reason r)
{
	return reasons[r].label;
}

const char *
machine_reason_text(enum machine_reason r)
{
	return reasons[r].text;
}

static uint32_t
max32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* xorshift64*: good enough for not marching in step. */
static uint32_t
draw(struct machine *m, uint32_t below)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (uint32_t)((m->random * UINT64_C(2685821657736338717)) >> 32) %
	       below;
}

/* ---- times ---- */

struct dur
machine_detection_time(const struct machine *m)
{
	if (m->remote_multiplier == 0)
		return DUR_ZERO;
	return dur_us((int64_t)m->remote_multiplier *
		      max32(m->rx_in_use, m->remote_desired_min_tx));
}

static bool
remote_demands(const struct machine *m)
{
	return m->remote_demand && m->state == BFD_STATE_UP &&
	       m->remote_state == BFD_STATE_UP;
}

/* Section 6.8.7: who must be silent. */
static bool
is_silent(const struct machine *m)
{
	if (m->settings.passive && m->remote_discriminator == 0)
		return true;
	return m->remote_min_rx == 0 || (remote_demands(m) && !m->polling);
}

static uint32_t
interval_us(const struct machine *m)
{
	return max32(m->tx_in_use, m->remote_min_rx);
}

struct dur
machine_interval(const struct machine *m)
{
	return is_silent(m) ? DUR_ZERO : dur_us(interval_us(m));
}

/* Section 6.8.7: reduced by up to 25 %, with a multiplier of 1 by 10 or more.
 */
static struct dur
jittered(struct machine *m)
{
	uint32_t least = m->settings.multiplier == 1 ? 100 : 0;
	int64_t us = interval_us(m);
	uint32_t off = least + draw(m, 251 - least); /* of a thousand */

	return dur_us(us - us * off / 1000);
}

static void
schedule(struct machine *m)
{
	m->next_tx =
	    is_silent(m) ? MONO_NEVER : mono_add(m->last_tx, jittered(m));
}

/* When it expires; MONO_NEVER while there is nothing to expire. */
static struct mono
expiry(const struct machine *m)
{
	struct mono at;

	if (!m->heard)
		return MONO_NEVER;
	at = mono_add(m->last_rx, machine_detection_time(m));
	return mono_before(at, m->not_before) ? m->not_before : at;
}

struct mono
machine_deadline(const struct machine *m)
{
	return mono_min(m->next_tx, expiry(m));
}

void
machine_forgive(struct machine *m, struct mono now)
{
	m->not_before = mono_add(
	    now, dur_us(max32(m->rx_in_use, m->remote_desired_min_tx)));
}

/* ---- what we say of times ---- */

static uint32_t
wanted_min_tx(const struct machine *m)
{
	uint32_t us = m->settings.desired_min_tx;

	return m->state == BFD_STATE_UP ? us : max32(us, SLOW_US);
}

/* Says the intervals that are wanted now; true when they are others. */
static bool
say_intervals(struct machine *m)
{
	uint32_t tx = wanted_min_tx(m), rx = m->settings.required_min_rx;
	bool up = m->state == BFD_STATE_UP;

	if (tx == m->desired_min_tx && rx == m->required_min_rx)
		return false;
	if (!up || tx < m->tx_in_use)
		m->tx_in_use = tx;
	if (!up || rx > m->rx_in_use)
		m->rx_in_use = rx;
	m->desired_min_tx = tx;
	m->required_min_rx = rx;
	m->polling = true;
	return true;
}

static void
poll_answered(struct machine *m)
{
	m->polling = false;
	m->tx_in_use = m->desired_min_tx;
	m->rx_in_use = m->required_min_rx;
}

/* ---- states ---- */

/* The one place that writes the state. */
static void
enter(struct machine *m, enum bfd_state state, enum machine_reason reason,
      struct mono now)
{
	m->ups += state == BFD_STATE_UP;
	if (m->state == BFD_STATE_UP) {
		m->downs++;
		m->down_reason = reason;
	}
	m->state = state;
	m->reason = reason;
	m->since = now;
	if (state == BFD_STATE_UP)
		m->diag = BFD_DIAG_NONE;
	say_intervals(m);
	schedule(m);
}

void
machine_init(struct machine *m, const struct machine_settings *s,
	     uint32_t discriminator, uint64_t seed, struct mono now)
{
	*m = (struct machine){
	    .settings = *s,
	    .state = BFD_STATE_DOWN,
	    .remote_state = BFD_STATE_DOWN,
	    .since = now,
	    .discriminator = discriminator,
	    .required_min_rx = s->required_min_rx,
	    .rx_in_use = s->required_min_rx,
	    .remote_min_rx = 1,
	    .last_rx = now,
	    .last_tx = now,
	    .random = seed | 1,
	};
	m->desired_min_tx = m->tx_in_use = wanted_min_tx(m);
	m->next_tx = is_silent(m) ? MONO_NEVER : now;
}

unsigned
machine_configure(struct machine *m, const struct machine_settings *s,
		  struct mono now)
{
	bool other = m->settings.multiplier != s->multiplier ||
		     m->settings.passive != s->passive;

	m->settings = *s;
	if (!say_intervals(m) && !other)
		return 0;
	schedule(m);
	return m->settings.passive && m->remote_discriminator == 0
		   ? 0
		   : MACHINE_SEND;
}

unsigned
machine_disable(struct machine *m, struct mono now)
{
	if (m->state == BFD_STATE_ADMIN_DOWN)
		return 0;
	m->diag = BFD_DIAG_ADMIN_DOWN;
	enter(m, BFD_STATE_ADMIN_DOWN, MACHINE_ADMIN, now);
	return m->settings.passive && m->remote_discriminator == 0
		   ? 0
		   : MACHINE_SEND;
}

unsigned
machine_enable(struct machine *m, struct mono now)
{
	if (m->state != BFD_STATE_ADMIN_DOWN)
		return 0;
	enter(m, BFD_STATE_DOWN, MACHINE_NEW, now);
	return is_silent(m) ? 0 : MACHINE_SEND;
}

/* ---- packets ---- */

static void
note(struct machine *m, const struct bfd_packet *p, struct mono at)
{
	m->heard = true;
	if (mono_before(m->last_rx, at))
		m->last_rx = at;
	m->remote_discriminator = p->my_discriminator;
	m->remote_state = (enum bfd_state)p->state;
	m->remote_diag = p->diag;
	m->remote_demand = p->demand;
	m->remote_independent = p->control_plane_independent;
	m->remote_min_rx = p->required_min_rx;
	m->remote_desired_min_tx = p->desired_min_tx;
	m->remote_multiplier = p->detect_mult;
	if (m->polling && p->final)
		poll_answered(m);
}

static void
go_down(struct machine *m, enum machine_reason reason, struct mono now)
{
	m->diag = BFD_DIAG_NEIGHBOR_DOWN;
	enter(m, BFD_STATE_DOWN, reason, now);
}

/* What the neighbour's state does to ours, section 6.8.6. */
static void
follow(struct machine *m, struct mono now)
{
	enum bfd_state theirs = m->remote_state;

	if (theirs == BFD_STATE_ADMIN_DOWN) {
		if (m->state != BFD_STATE_DOWN)
			go_down(m, MACHINE_REMOTE_ADMIN, now);
		return;
	}
	if (m->state == BFD_STATE_UP) {
		if (theirs == BFD_STATE_DOWN)
			go_down(m, MACHINE_NEIGHBOR, now);
		return;
	}
	if (theirs == BFD_STATE_INIT ||
	    (theirs == BFD_STATE_UP && m->state == BFD_STATE_INIT))
		enter(m, BFD_STATE_UP, MACHINE_HANDSHAKE, now);
	else if (theirs == BFD_STATE_DOWN && m->state == BFD_STATE_DOWN)
		enter(m, BFD_STATE_INIT, MACHINE_HEARD, now);
}

/* What of our packets the neighbour has not seen yet is sent at once. */
struct said {
	enum bfd_state state;
	uint32_t discriminator, desired_min_tx;
};

static struct said
said(const struct machine *m)
{
	return (struct said){m->state, m->remote_discriminator,
			     m->desired_min_tx};
}

unsigned
machine_receive(struct machine *m, const struct bfd_packet *p, struct mono at)
{
	struct said before = said(m), after;
	uint32_t interval = interval_us(m);
	bool silent = is_silent(m);
	unsigned actions = 0;

	note(m, p, at);
	if (m->state == BFD_STATE_ADMIN_DOWN)
		return 0;
	follow(m, at);
	after = said(m);
	if (after.state != before.state ||
	    after.discriminator != before.discriminator ||
	    after.desired_min_tx != before.desired_min_tx)
		actions |= MACHINE_SEND;
	if (interval_us(m) != interval || is_silent(m) != silent)
		schedule(m);
	if (p->poll)
		actions = MACHINE_SEND_FINAL; /* says all the rest too */
	return actions;
}

/* The neighbour is forgotten: section 6.8.1, bfd.RemoteDiscr. */
static void
forget(struct machine *m)
{
	m->heard = false;
	m->remote_discriminator = 0;
	m->remote_state = BFD_STATE_DOWN;
	m->remote_min_rx = 1;
	m->remote_demand = false;
	schedule(m);
}

static unsigned
expire(struct machine *m, struct mono now)
{
	bool was = m->state == BFD_STATE_INIT || m->state == BFD_STATE_UP;

	if (was) {
		m->diag = BFD_DIAG_TIME_EXPIRED;
		m->remote_state = BFD_STATE_DOWN;
	}
	forget(m);
	if (was)
		enter(m, BFD_STATE_DOWN, MACHINE_EXPIRED, now);
	return was && !is_silent(m) ? MACHINE_SEND : 0;
}

unsigned
machine_tick(struct machine *m, struct mono now)
{
	unsigned actions = 0;

	if (mono_reached(expiry(m), now))
		actions = expire(m, now);
	if (mono_reached(m->next_tx, now))
		actions |= MACHINE_SEND;
	return actions;
}

void
machine_packet(const struct machine *m, bool final, struct bfd_packet *out)
{
	*out = (struct bfd_packet){
	    .diag = m->diag,
	    .state = (uint8_t)m->state,
	    .poll = m->polling && !final,
	    .final = final,
	    .detect_mult = m->settings.multiplier,
	    .my_discriminator = m->discriminator,
	    .your_discriminator = m->remote_discriminator,
	    .desired_min_tx = m->desired_min_tx,
	    .required_min_rx = m->required_min_rx,
	};
}

void
machine_sent(struct machine *m, struct mono now)
{
	m->last_tx = now;
	schedule(m);
}
