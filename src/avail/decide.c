/* SPDX-License-Identifier: ISC */
/*
 * One prefix: announce or not, and why.
 *
 *   STARTING ──gate──► ANNOUNCED ──too few services──► WITHDRAWN
 *      │                  ▲   ▲                          │   ▲
 *      └──gate────────────┼───┼──────────────────────►   │   │ again too few
 *                         │   └──hold-down over── HELD ◄─┘   │
 *                         │                        └─────────┘
 *   any ◄─────────────► DRAINED     stopping > node > prefix > service
 *
 * The gate opens once: when enough services are up on their addresses, or
 * when every address is there and too few are up. A withdrawal for health
 * forbids announcing for hold_down; a failure meanwhile starts that again. A
 * drain forbids nothing afterwards.
 *
 * Invariants: announced only in ANNOUNCED; the hold timer runs exactly in
 * HELD; nothing is announced before hold_until.
 */
#include "avail/state.h"

/* hold_until of a hold-down that ended while the prefix was HELD. */
#define OVER INT64_MIN

/* What the services amount to. */
enum sum {
	SUM_ENOUGH,
	SUM_PENDING, /* enough, if those without a verdict come up */
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
	could += p->counts[STAND_DRAINED];
	if (could >= p->need)
		return SUM_DRAINED;
	could += p->counts[STAND_MISSING];
	return could >= p->need ? SUM_MISSING : SUM_TOO_FEW;
}

/*
 * The gate needs a verdict that no drain has a part in. Services that are
 * enough have their addresses; what is missing elsewhere may still be coming,
 * and is no verdict against them.
 */
static void
try_gate(struct prefix_entry *p, enum sum sum)
{
	if (sum == SUM_ENOUGH || (p->absent == 0 && sum == SUM_TOO_FEW))
		p->opened = true;
}

/* Remembers the decision of the services; a failure starts the hold-down. */
static void
judge(struct avail *av, struct prefix_entry *p, enum sum sum)
{
	bool failed = p->enough == STAND_UP && sum > SUM_DRAINED;

	if (sum == SUM_ENOUGH)
		p->enough = STAND_UP;
	else if (sum != SUM_PENDING)
		p->enough = STAND_DOWN;
	if (failed && (p->o.state == AVAIL_PREFIX_ANNOUNCED ||
		       p->o.state == AVAIL_PREFIX_HELD ||
		       mono_before(av->now, p->hold_until)))
		p->hold_until = mono_add(av->now, p->hold_down);
}

/*
 * Once HELD it stays so until its timer says otherwise: failures of the same
 * instant come before that.
 */
static bool
is_held(const struct avail *av, const struct prefix_entry *p)
{
	return mono_before(av->now, p->hold_until) ||
	       (p->o.state == AVAIL_PREFIX_HELD && p->hold_until.ns != OVER);
}

struct verdict {
	enum avail_prefix_state state;
	enum avail_reason reason;
};

/* True when somebody took it out, whatever its health. */
static bool
taken_out(const struct avail *av, const struct prefix_entry *p, enum sum sum,
	  struct verdict *v)
{
	v->state = AVAIL_PREFIX_DRAINED;
	if (av->stopping)
		v->reason = AVAIL_REASON_STOPPING;
	else if (av->drain.on)
		v->reason = AVAIL_REASON_NODE_DRAINED;
	else if (p->drained)
		v->reason = AVAIL_REASON_PREFIX_DRAINED;
	else if (sum == SUM_DRAINED)
		v->reason = AVAIL_REASON_SERVICE_DRAINED;
	else
		return false;
	return true;
}

static struct verdict
by_health(const struct avail *av, const struct prefix_entry *p, enum sum sum)
{
	bool held = is_held(av, p);
	enum avail_reason down = sum == SUM_MISSING
				     ? AVAIL_REASON_ADDRESS_MISSING
				     : AVAIL_REASON_SERVICES_DOWN;
	bool pending = sum == SUM_PENDING;

	if (!p->opened)
		return (struct verdict){AVAIL_PREFIX_STARTING,
					p->absent
					    ? AVAIL_REASON_ADDRESS_MISSING
					    : AVAIL_REASON_SERVICES_PENDING};
	if (p->enough != STAND_UP)
		return (struct verdict){AVAIL_PREFIX_WITHDRAWN,
					pending ? AVAIL_REASON_SERVICES_PENDING
						: down};
	if (held)
		return (struct verdict){AVAIL_PREFIX_HELD,
					AVAIL_REASON_HOLD_DOWN};
	return (struct verdict){AVAIL_PREFIX_ANNOUNCED,
				pending ? AVAIL_REASON_SERVICES_PENDING
					: AVAIL_REASON_SERVICES_UP};
}

void
avail_decide_prefix(struct avail *av, struct prefix_entry *p, size_t cause)
{
	enum sum sum = sum_up(p);
	struct verdict v;

	try_gate(p, sum);
	judge(av, p, sum);
	if (!taken_out(av, p, sum, &v))
		v = by_health(av, p, sum);
	if (v.state == AVAIL_PREFIX_HELD)
		avail_timer_arm(&av->heap, &av->rests[p->o.id].hold,
				p->hold_until);
	else if (p->o.state == AVAIL_PREFIX_HELD)
		avail_timer_disarm(&av->heap, &av->rests[p->o.id].hold);
	avail_change_set(av, &p->o, v.state, v.reason,
			 v.state == AVAIL_PREFIX_ANNOUNCED, cause);
}

void
avail_decide_release(struct avail *av, struct prefix_entry *p)
{
	p->hold_until.ns = OVER;
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
	for (int stand = 0; stand < STAND_COUNT; stand++)
		p->counts[stand] = 0;
	p->absent = p->degraded = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct service *s = &av->services[p->services[i]];

		p->counts[s->stand]++;
		p->absent += s->absent;
		p->degraded += s->degraded;
	}
	avail_decide_prefix(av, p, SIZE_MAX);
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
	const struct timer *drain = &av->rests[id].drain.timer;

	*out = (struct avail_prefix_view){
	    .state = p->o.state,
	    .announce = p->o.state == AVAIL_PREFIX_ANNOUNCED,
	    .rung = p->o.state == AVAIL_PREFIX_ANNOUNCED ? AVAIL_RUNG_HEALTHY
							 : AVAIL_RUNG_WITHDRAWN,
	    .rung_reason = p->o.reason,
	    .rung_until = MONO_NEVER,
	    .degraded = p->degraded > 0,
	    .reason = p->o.reason,
	    .since = p->o.since,
	    .until = mono_before(av->now, p->hold_until) ? p->hold_until
							 : MONO_NEVER,
	    .cause = p->o.cause,
	    .services_up = p->counts[STAND_UP],
	    .services = p->n,
	    .drained = p->drained,
	    .drain_limit = MONO_NEVER,
	    .drain_expires = drain->place ? drain->at : MONO_NEVER,
	    .transitions = p->o.transitions,
	};
}
