/* SPDX-License-Identifier: ISC */
/*
 * One prefix: announce or not, and why.
 *
 *   STARTING ──gate──► ANNOUNCED ──too few services──► WITHDRAWN
 *      │                ▲ ▲   ▲ │ └─► FROZEN, BRAKED ──►  │   ▲
 *      └──gate──────────┼─┼───┼─┼──────────────────────►  │   │ again too
 *                       │ │   └─┼─it is over── HELD ◄─────┤   │ few
 *                       │ │     │              SUPPRESSED ◄┘ ──┘
 *                       │ └─────┼─undrained
 *                       │       ▼
 *   any ◄──► DRAINED ◄──┴── DRAINING    stopping > node > prefix > service
 *
 * The gate opens once, not before that of the node: when enough services are up
 * on their addresses, or when every address is there and too few are up. A
 * withdrawal for health forbids announcing for hold_down, and until damping
 * lets it; a failure meanwhile starts that again. A drain forbids nothing
 * afterwards. What keeps it announced though services failed is in attack.c,
 * its rung in ladder.c.
 *
 * Invariants: announced only in ANNOUNCED, FROZEN, BRAKED and DRAINING, and
 * the last three never begin on a prefix that is not announced; the timer
 * runs in HELD and SUPPRESSED for the later one of hold_until and reuse_at;
 * nothing is announced before either.
 */
#include "avail/state.h"

/* hold_until and reuse_at when their end was waited for and came. */
#define OVER INT64_MIN

/* What the services amount to. */
enum sum {
	SUM_ENOUGH,
	SUM_PENDING, /* enough, if those without a verdict come up */
	SUM_LEAVING, /* ... while those that are leaving have not left */
	SUM_DRAINED, /* ... and the drained ones were back */
	SUM_MISSING, /* ... and the addresses were back */
	SUM_TOO_FEW
};

static enum sum
sum_up(const struct prefix_entry *p)
{
	unsigned could = p->counts[STAND_UP];

	if (could >= p->need)
		return SUM_ENOUGH;
	could += p->counts[STAND_PENDING];
	if (could >= p->need)
		return SUM_PENDING;
	could += p->counts[STAND_LEAVING];
	if (could >= p->need)
		return SUM_LEAVING;
	could += p->counts[STAND_DRAINED];
	if (could >= p->need)
		return SUM_DRAINED;
	could += p->counts[STAND_MISSING];
	return could >= p->need ? SUM_MISSING : SUM_TOO_FEW;
}

bool
avail_decide_announces(enum avail_prefix_state state)
{
	return state == AVAIL_PREFIX_ANNOUNCED ||
	       state == AVAIL_PREFIX_FROZEN || state == AVAIL_PREFIX_BRAKED ||
	       state == AVAIL_PREFIX_DRAINING;
}

bool
avail_decide_waits(enum avail_prefix_state state)
{
	return state == AVAIL_PREFIX_HELD || state == AVAIL_PREFIX_SUPPRESSED;
}

/*
 * The gate needs a verdict that no drain has a part in. Services that are
 * enough have their addresses; what is missing elsewhere may still be coming,
 * and is no verdict against them.
 */
static bool
has_verdict(const struct prefix_entry *p, enum sum sum)
{
	return sum == SUM_ENOUGH || (p->absent == 0 && sum == SUM_TOO_FEW);
}

static void
try_gate(const struct avail *av, struct prefix_entry *p, enum sum sum)
{
	if (av->gate == 0 && has_verdict(p, sum))
		p->opened = true;
}

/* Its own verdict first: that is what an operator can see to. */
static enum avail_reason
closed_reason(const struct avail *av, const struct prefix_entry *p,
	      enum sum sum)
{
	if (!has_verdict(p, sum))
		return p->absent ? AVAIL_REASON_ADDRESS_MISSING
				 : AVAIL_REASON_SERVICES_PENDING;
	if (av->gate & AVAIL_GATE_ADDRESSES)
		return AVAIL_REASON_GATE_ADDRESSES;
	return av->gate & AVAIL_GATE_BFD ? AVAIL_REASON_GATE_BFD
					 : AVAIL_REASON_GATE_RPKI;
}

/* Remembers the decision of the services; true when they failed just now. */
static bool
judge(struct prefix_entry *p, enum sum sum)
{
	bool failed = p->enough == STAND_UP && sum > SUM_DRAINED;

	if (sum == SUM_ENOUGH)
		p->enough = STAND_UP;
	else if (sum != SUM_PENDING && sum != SUM_LEAVING)
		p->enough = STAND_DOWN;
	return failed;
}

/* When it may be announced again. */
static struct mono
held_until(const struct prefix_entry *p)
{
	return mono_before(p->hold_until, p->reuse_at) ? p->reuse_at
						       : p->hold_until;
}

/*
 * Once HELD it stays so until its timer says otherwise: failures of the same
 * instant come before that.
 */
static bool
is_held(const struct avail *av, const struct prefix_entry *p)
{
	struct mono until = held_until(p);

	return mono_before(av->now, until) ||
	       (avail_decide_waits(p->o.state) && until.ns != OVER);
}

struct verdict {
	enum avail_prefix_state state;
	enum avail_reason reason;
};

static enum avail_reason
drain_reason(const struct avail *av, const struct prefix_entry *p,
	     enum phase phase)
{
	if (av->drain.phase == phase)
		return AVAIL_REASON_NODE_DRAINED;
	return p->phase == phase ? AVAIL_REASON_PREFIX_DRAINED
				 : AVAIL_REASON_SERVICE_DRAINED;
}

/*
 * True when somebody takes it out, whatever its health. The time a drain has
 * left is for traffic that is served: for a prefix that is announced, by
 * services that did not fail.
 */
static bool
taken_out(const struct avail *av, const struct prefix_entry *p, enum sum sum,
	  struct verdict *v)
{
	bool own = av->drain.phase != PHASE_OFF || p->phase != PHASE_OFF;
	bool over = av->drain.phase == PHASE_DRAINED ||
		    p->phase == PHASE_DRAINED || sum == SUM_DRAINED;

	if (!av->stopping && !own && sum != SUM_DRAINED && sum != SUM_LEAVING)
		return false;
	v->state = AVAIL_PREFIX_DRAINED;
	if (av->stopping) {
		v->reason = AVAIL_REASON_STOPPING;
	} else if (over) {
		v->reason = drain_reason(av, p, PHASE_DRAINED);
	} else {
		v->reason = drain_reason(av, p, PHASE_LEAVING);
		if (avail_decide_announces(p->o.state) && p->enough == STAND_UP)
			v->state = AVAIL_PREFIX_DRAINING;
	}
	return true;
}

/* Too few services, but is that enough to withdraw it? */
static struct verdict
by_failure(const struct avail *av, const struct prefix_entry *p, enum sum sum)
{
	enum avail_prefix_state state = avail_attack_judge(av, p);

	if (state == AVAIL_PREFIX_FROZEN)
		return (struct verdict){state, AVAIL_REASON_ATTACK};
	if (state == AVAIL_PREFIX_BRAKED)
		return (struct verdict){state, p->brake == BRAKE_REFUSED
						   ? AVAIL_REASON_BRAKE_REFUSED
						   : AVAIL_REASON_BRAKE_ASKED};
	if (sum == SUM_PENDING)
		return (struct verdict){state, AVAIL_REASON_SERVICES_PENDING};
	return (struct verdict){state, sum == SUM_MISSING
					   ? AVAIL_REASON_ADDRESS_MISSING
					   : AVAIL_REASON_SERVICES_DOWN};
}

static struct verdict
by_health(const struct avail *av, const struct prefix_entry *p, enum sum sum)
{
	if (!p->opened)
		return (struct verdict){AVAIL_PREFIX_STARTING,
					closed_reason(av, p, sum)};
	if (p->enough != STAND_UP)
		return by_failure(av, p, sum);
	if (is_held(av, p))
		return mono_before(p->hold_until, p->reuse_at)
			   ? (struct verdict){AVAIL_PREFIX_SUPPRESSED,
					      AVAIL_REASON_DAMPED}
			   : (struct verdict){AVAIL_PREFIX_HELD,
					      AVAIL_REASON_HOLD_DOWN};
	return (struct verdict){AVAIL_PREFIX_ANNOUNCED,
				sum == SUM_PENDING
				    ? AVAIL_REASON_SERVICES_PENDING
				    : AVAIL_REASON_SERVICES_UP};
}

/* A withdrawal for health, or a failure while it waits: both start again. */
static void
punish(struct avail *av, struct prefix_entry *p, bool failed,
       enum avail_prefix_state next)
{
	bool waits = avail_decide_waits(p->o.state);
	bool withdrawn = avail_decide_announces(p->o.state) &&
			 next == AVAIL_PREFIX_WITHDRAWN;

	if (withdrawn || (failed && waits))
		avail_damp_flap(av, p);
	if (withdrawn ||
	    (failed && (waits || mono_before(av->now, p->hold_until))))
		p->hold_until = mono_add(av->now, p->s->hold_down);
}

void
avail_decide_prefix(struct avail *av, struct prefix_entry *p, size_t cause)
{
	bool waited = avail_decide_waits(p->o.state), failed;
	enum sum sum = sum_up(p);
	struct verdict v;

	try_gate(av, p, sum);
	failed = judge(p, sum);
	if (!taken_out(av, p, sum, &v))
		v = by_health(av, p, sum);
	punish(av, p, failed, v.state);
	if (avail_decide_waits(v.state))
		avail_timer_arm(&av->heap, &av->rests[p->o.id].hold,
				held_until(p));
	else if (waited)
		avail_timer_disarm(&av->heap, &av->rests[p->o.id].hold);
	if (v.state != AVAIL_PREFIX_BRAKED)
		p->brake = BRAKE_ASKED;
	avail_change_set(av, &p->o, v.state, v.reason,
			 avail_decide_announces(v.state), cause);
	avail_ladder_step(av, p, cause);
}

void
avail_decide_release(struct avail *av, struct prefix_entry *p)
{
	p->hold_until.ns = p->reuse_at.ns = OVER;
	avail_decide_prefix(av, p, SIZE_MAX);
}

void
avail_decide_all(struct avail *av)
{
	for (size_t i = 0; i < av->n_prefixes; i++)
		avail_decide_prefix(av, &av->prefixes[i], SIZE_MAX);
}

/* Counts its services anew. */
void
avail_decide_start(struct avail *av, struct prefix_entry *p)
{
	const size_t *services = av->rests[p->o.id].services;

	for (int stand = 0; stand < STAND_COUNT; stand++)
		p->counts[stand] = 0;
	p->absent = p->impaired = p->overloaded = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct service *s = &av->services[services[i]];

		p->counts[s->stand]++;
		p->absent += s->absent;
		p->impaired += s->weighs_impaired;
		p->overloaded += s->weighs_overloaded;
	}
	avail_decide_prefix(av, p, SIZE_MAX);
}

void
avail_gate(struct avail *av, unsigned waits, struct mono now)
{
	avail_clock_advance(av, now);
	if (av->gate == waits)
		return;
	av->gate = waits;
	avail_decide_all(av);
}

unsigned
avail_gate_waits(const struct avail *av)
{
	return av->gate;
}

void
avail_stop(struct avail *av, struct mono now)
{
	avail_clock_advance(av, now);
	av->stopping = true;
	avail_decide_all(av);
}

void
avail_view_prefix(const struct avail *av, size_t id,
		  struct avail_prefix_view *out)
{
	const struct prefix_entry *p = &av->prefixes[id];
	struct avail_drain_times drain = avail_drain_view(&av->rests[id].drain);
	struct mono until = held_until(p);

	*out = (struct avail_prefix_view){
	    .state = p->o.state,
	    .announce = p->o.rung != AVAIL_RUNG_WITHDRAWN,
	    .rung = p->o.rung,
	    .rung_reason = avail_ladder_reason(p),
	    .rung_until = avail_ladder_until(av, p),
	    .degraded = p->impaired > 0,
	    .reason = p->o.reason,
	    .since = p->o.since,
	    .until = mono_before(av->now, until) ? until : MONO_NEVER,
	    .cause = p->o.cause,
	    .services_up = p->counts[STAND_UP],
	    .services = p->n,
	    .penalty = avail_damp_penalty(av, p),
	    .drained = p->phase != PHASE_OFF,
	    .drain_limit = drain.limit,
	    .drain_expires = drain.expires,
	    .transitions = p->o.transitions,
	};
}
