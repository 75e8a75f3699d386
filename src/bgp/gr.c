/* SPDX-License-Identifier: ISC */
/*
 *             lost, and the terms allow it              up, F bit
 *     NONE ─────────────────────────────────► WAITING ────────────► RESYNCING
 *      ▲ ▲                                     │   ▲                 │ │
 *      │ └── Restart Time, stale timer,        │   └── lost again ───┘ │
 *      │     up without the F bit, discard ◄───┘                       │
 *      └──── End-of-RIB of all, stale timer, hard reset, discard ◄─────┘
 *
 * Invariants
 *  - phase is written by enter() alone.
 *  - NONE: no family is stale and no timer runs.
 *  - WAITING, RESYNCING: at least one family is stale and the stale timer
 *    runs. It began when the first of these routes became stale and is not
 *    begun anew by a peer that restarts again and again.
 *  - The Restart Time runs in WAITING only.
 */
#include "bgp/gr.h"

const char *
gr_phase_text(enum gr_phase phase)
{
	static const char *const texts[] = {
#define X(n, t) [GR_##n] = t,
	    GR_PHASES(X)
#undef X
	};

	return texts[phase];
}

/* The one place that writes the phase. */
static void
enter(struct gr *g, enum gr_phase phase)
{
	g->phase = phase;
	if (phase != GR_WAITING)
		g->restart_at = MONO_NEVER;
	if (phase != GR_NONE)
		return;
	g->stale = 0;
	g->stale_at = MONO_NEVER;
}

/* No route of these families is stale any more. */
static void
forget(struct gr *g, unsigned families, struct gr_actions *out)
{
	out->drop_stale |= g->stale & families;
	g->stale &= ~families;
	if (g->stale == 0)
		enter(g, GR_NONE);
}

static void
forget_all(struct gr *g, struct gr_actions *out)
{
	forget(g, g->stale, out);
}

/* Families whose routes outlive this loss. */
static unsigned
kept(const struct gr *g, enum gr_loss loss)
{
	if (loss == GR_LOSS_HARD)
		return 0;
	if (loss == GR_LOSS_NOTIFICATION && !g->terms.notification)
		return 0;
	return g->terms.families;
}

/* RFC 4724 section 4.2, RFC 8538 section 4.1. */
static void
lost(struct gr *g, const struct gr_event *ev, struct mono now,
     struct gr_actions *out)
{
	unsigned keep = ev->routes ? kept(g, ev->loss) : 0;

	out->drop_unlisted = true;
	out->keep = keep;
	/* Two restarts in a row: what was stale before goes. */
	if (!g->terms.notification)
		forget_all(g, out);
	else
		forget(g, ~keep, out);
	if (!keep) {
		forget_all(g, out);
		return;
	}
	if (g->phase == GR_NONE)
		g->stale_at = mono_add(now, g->stale_time);
	g->stale |= keep;
	g->restart_at = mono_add(now, g->terms.restart_time);
	enter(g, GR_WAITING);
}

static void
up(struct gr *g, const struct gr_event *ev, struct gr_actions *out)
{
	g->terms = ev->terms;
	forget(g, ~(ev->terms.families & ev->terms.forwarding), out);
	if (g->stale)
		enter(g, GR_RESYNCING);
}

struct gr_actions
gr_step(struct gr *g, const struct gr_event *ev, struct mono now)
{
	struct gr_actions out = {0};

	switch (ev->type) {
	case GR_EVENT_UP:
		up(g, ev, &out);
		break;
	case GR_EVENT_LOST:
		lost(g, ev, now, &out);
		break;
	case GR_EVENT_END_OF_RIB:
		if (g->phase == GR_RESYNCING)
			forget(g, ev->family, &out);
		break;
	case GR_EVENT_DISCARD:
		forget_all(g, &out);
		break;
	case GR_EVENT_TIMER:
		if (mono_reached(gr_deadline(g), now))
			forget_all(g, &out);
		break;
	}
	return out;
}

void
gr_init(struct gr *g, struct dur stale_time)
{
	*g = (struct gr){.stale_time = stale_time};
	enter(g, GR_NONE);
}

struct mono
gr_deadline(const struct gr *g)
{
	return mono_min(g->restart_at, g->stale_at);
}

/* ---- after a restart of our own ---- */

void
gr_self_start(struct gr_self *s, struct dur deferral, struct mono now)
{
	s->deferring = true;
	s->until = mono_add(now, deferral);
}

bool
gr_waits_for(const struct gr_witness *w)
{
	if (!w->offered)
		return false;
	if (!w->established)
		return true;
	return w->capable && !w->restarted && w->missing;
}

bool
gr_self_step(struct gr_self *s, bool waits, struct mono now)
{
	if (!s->deferring || (waits && !mono_reached(s->until, now)))
		return false;
	s->deferring = false;
	return true;
}

/*
 * Everything that we end on purpose ends hard: the neighbour must not go on
 * sending traffic here. Errors and expired timers restart gracefully.
 */
bool
gr_is_hard(uint8_t code, uint8_t subcode)
{
	return code == BGP_ERR_CEASE && subcode != BGP_CEASE_COLLISION &&
	       subcode != BGP_CEASE_REJECTED &&
	       subcode != BGP_CEASE_OUT_OF_RESOURCES;
}
