/* SPDX-License-Identifier: ISC */
/* The rules for one prefix, written down once more. */
#include <math.h>

#include "model.h"

#define NEVER MODEL_NEVER

static int64_t
later(int64_t t, int64_t d)
{
	return t > NEVER - d ? NEVER : t + d;
}

/* ---- services, seen from above ---- */

static bool
is_dead(const struct model_service *s)
{
	return s->gone || s->drilled;
}

bool
model_service_available(const struct model_service *s)
{
	return !s->drain.on && !is_dead(s) && s->decided == 1 && s->present;
}

bool
model_service_leaving(const struct model_service *s)
{
	return s->drain.on && s->drain.leaving && !is_dead(s) &&
	       s->decided == 1 && s->present;
}

/* It may come up without anybody's doing: results or first addresses. */
static bool
may_come(const struct model_service *s)
{
	if (s->drain.on || is_dead(s) || s->decided == 0 ||
	    model_service_available(s))
		return false;
	return s->present || !s->told;
}

static bool
has_drained(const struct model_service *s)
{
	return s->drain.on && !model_service_leaving(s);
}

static bool
lost_address(const struct model_service *s)
{
	return !s->drain.on && !is_dead(s) && s->decided != 0 && !s->present &&
	       s->told;
}

/* Only its checks say that it is down. */
static bool
only_failed(const struct model_service *s)
{
	return !s->drain.on && !is_dead(s) && s->decided == 0 &&
	       (s->present || !s->told);
}

static bool
address_awaited(const struct model_service *s)
{
	return !s->present && !s->drain.on;
}

static bool
overloaded(const struct model_service *s)
{
	return model_service_available(s) && s->overloaded;
}

static unsigned
number(const struct model *m, const struct model_prefix *p,
       bool (*which)(const struct model_service *))
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += which(&m->services[p->services[i]]);
	return n;
}

unsigned
model_services_up(const struct model *m, size_t prefix)
{
	return number(m, &m->prefixes[prefix], model_service_available);
}

static bool
impaired(const struct model *m, const struct model_prefix *p)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t id = p->services[i];

		if (model_service_available(&m->services[id]) &&
		    model_checks_in(m, id, AVAIL_CHECK_DEGRADED) > 0)
			return true;
	}
	return false;
}

bool
model_degraded(const struct model *m, size_t prefix)
{
	return impaired(m, &m->prefixes[prefix]);
}

/* What the services of a prefix amount to; at most one of the first five. */
struct sum {
	bool yes, open, by_leaving, by_drain, by_health;
	bool by_address; /* by_health, and the address is part of it */
	bool forgiven;   /* enough if failed checks were forgiven */
	unsigned awaited;
};

static struct sum
sum_up(const struct model *m, const struct model_prefix *p)
{
	unsigned need =
	    p->s.require.count ? p->s.require.count : (unsigned)p->n;
	unsigned up = number(m, p, model_service_available);
	unsigned coming = number(m, p, may_come);
	unsigned leaving = number(m, p, model_service_leaving);
	unsigned drained = number(m, p, has_drained);
	unsigned lost = number(m, p, lost_address);
	unsigned failed = number(m, p, only_failed);
	struct sum sum = {.awaited = number(m, p, address_awaited)};

	sum.yes = up >= need;
	sum.open = !sum.yes && up + coming >= need;
	sum.by_leaving = !sum.yes && !sum.open && up + coming + leaving >= need;
	sum.by_drain = !sum.yes && !sum.open && !sum.by_leaving &&
		       up + coming + leaving + drained >= need;
	sum.by_health =
	    !sum.yes && !sum.open && !sum.by_leaving && !sum.by_drain;
	sum.by_address =
	    sum.by_health && up + coming + leaving + drained + lost >= need;
	sum.forgiven = up + coming + failed >= need;
	return sum;
}

/* ---- damping ---- */

double
model_prefix_penalty(const struct model_prefix *p, int64_t now)
{
	if (p->s.damping.suppress == 0)
		return 0;
	return p->penalty * exp2(-(double)(now - p->penalty_at) /
				 (double)p->s.damping.half_life.ns);
}

static double
most(const struct avail_damping *d)
{
	double x = d->reuse *
		   exp2((double)d->max_suppress.ns / (double)d->half_life.ns);

	return x < AVAIL_SUPPRESS_MAX * 10.0 ? x : AVAIL_SUPPRESS_MAX * 10.0;
}

static int64_t
fall_time(const struct model_prefix *p)
{
	const struct avail_damping *d = &p->s.damping;
	double wait = (double)d->half_life.ns * log2(p->penalty / d->reuse);
	int64_t ms = (int64_t)floor(wait / 1e6) + 1;

	if (wait < 0)
		return 0;
	return ms * 1000000 < d->max_suppress.ns ? ms * 1000000
						 : d->max_suppress.ns;
}

static void
flap(struct model_prefix *p, int64_t now)
{
	const struct avail_damping *d = &p->s.damping;
	bool suppressed =
	    p->reuse_at > now || p->shown.state == AVAIL_PREFIX_SUPPRESSED;

	if (d->suppress == 0)
		return;
	p->penalty = model_prefix_penalty(p, now) + AVAIL_FLAP_PENALTY;
	p->penalty_at = now;
	if (p->penalty > most(d))
		p->penalty = most(d);
	if (suppressed || p->penalty > d->suppress)
		p->reuse_at = later(now, fall_time(p));
}

/* ---- deciding ---- */

static bool
is_announced(int state)
{
	switch (state) {
	case AVAIL_PREFIX_ANNOUNCED:
	case AVAIL_PREFIX_FROZEN:
	case AVAIL_PREFIX_BRAKED:
	case AVAIL_PREFIX_DRAINING:
		return true;
	default:
		return false;
	}
}

bool
model_prefix_announced(const struct model_prefix *p)
{
	return is_announced(p->shown.state);
}

static bool
waits(const struct model_prefix *p)
{
	return p->shown.state == AVAIL_PREFIX_HELD ||
	       p->shown.state == AVAIL_PREFIX_SUPPRESSED;
}

static int64_t
wait_end(const struct model_prefix *p)
{
	return p->hold_until > p->reuse_at ? p->hold_until : p->reuse_at;
}

struct outcome {
	int state;
	enum avail_reason reason;
};

static struct outcome
drained(const struct model *m, const struct model_prefix *p,
	const struct sum *sum)
{
	bool node = m->node.on, own = p->drain.on;
	bool node_over = node && !m->node.leaving;
	bool own_over = own && !p->drain.leaving;
	bool over = node_over || own_over || sum->by_drain;
	struct outcome o = {AVAIL_PREFIX_DRAINED, AVAIL_REASON_SERVICE_DRAINED};

	if (m->stopping)
		o.reason = AVAIL_REASON_STOPPING;
	else if (over ? node_over : node)
		o.reason = AVAIL_REASON_NODE_DRAINED;
	else if (over ? own_over : own)
		o.reason = AVAIL_REASON_PREFIX_DRAINED;
	if (!m->stopping && !over && model_prefix_announced(p) &&
	    p->decided == 1)
		o.state = AVAIL_PREFIX_DRAINING;
	return o;
}

static struct outcome
failed(const struct model *m, const struct model_prefix *p,
       const struct sum *sum)
{
	bool kept = model_prefix_announced(p) && sum->forgiven;

	if (kept && m->attack)
		return (struct outcome){AVAIL_PREFIX_FROZEN,
					AVAIL_REASON_ATTACK};
	if (kept && p->s.brake && p->brake != MODEL_RELEASED)
		return (struct outcome){AVAIL_PREFIX_BRAKED,
					p->brake == MODEL_REFUSED
					    ? AVAIL_REASON_BRAKE_REFUSED
					    : AVAIL_REASON_BRAKE_ASKED};
	return (struct outcome){AVAIL_PREFIX_WITHDRAWN,
				sum->open ? AVAIL_REASON_SERVICES_PENDING
				: sum->by_address ? AVAIL_REASON_ADDRESS_MISSING
						  : AVAIL_REASON_SERVICES_DOWN};
}

static struct outcome
outcome(const struct model *m, const struct model_prefix *p,
	const struct sum *sum)
{
	if (m->stopping || m->node.on || p->drain.on || sum->by_drain ||
	    sum->by_leaving)
		return drained(m, p, sum);
	if (!p->opened)
		return (struct outcome){AVAIL_PREFIX_STARTING,
					sum->awaited
					    ? AVAIL_REASON_ADDRESS_MISSING
					    : AVAIL_REASON_SERVICES_PENDING};
	if (p->decided != 1)
		return failed(m, p, sum);
	if (wait_end(p) > m->now || (waits(p) && !p->released))
		return p->reuse_at > p->hold_until
			   ? (struct outcome){AVAIL_PREFIX_SUPPRESSED,
					      AVAIL_REASON_DAMPED}
			   : (struct outcome){AVAIL_PREFIX_HELD,
					      AVAIL_REASON_HOLD_DOWN};
	return (struct outcome){AVAIL_PREFIX_ANNOUNCED,
				sum->open ? AVAIL_REASON_SERVICES_PENDING
					  : AVAIL_REASON_SERVICES_UP};
}

static enum avail_rung
rung_that_holds(const struct model *m, const struct model_prefix *p)
{
	if (!model_prefix_announced(p))
		return AVAIL_RUNG_WITHDRAWN;
	if (p->shown.state == AVAIL_PREFIX_DRAINING)
		return AVAIL_RUNG_DRAINING;
	if (p->shown.state != AVAIL_PREFIX_ANNOUNCED || impaired(m, p) ||
	    number(m, p, overloaded) > 0)
		return AVAIL_RUNG_DEGRADED;
	return AVAIL_RUNG_HEALTHY;
}

static void
climb(const struct model *m, struct model_prefix *p)
{
	enum avail_rung holds = rung_that_holds(m, p);

	if (p->rung == AVAIL_RUNG_DEGRADED && holds == AVAIL_RUNG_HEALTHY &&
	    p->s.ladder_hold.ns > 0) {
		if (p->better_at == NEVER)
			p->better_at = later(m->now, p->s.ladder_hold.ns);
		return;
	}
	p->rung = holds;
	p->better_at = NEVER;
}

enum avail_reason
model_prefix_rung_reason(const struct model *m, const struct model_prefix *p)
{
	if (p->rung != AVAIL_RUNG_DEGRADED ||
	    p->shown.state != AVAIL_PREFIX_ANNOUNCED)
		return p->shown.reason;
	if (impaired(m, p))
		return AVAIL_REASON_IMPAIRED;
	return number(m, p, overloaded) > 0 ? AVAIL_REASON_OVERLOAD
					    : AVAIL_REASON_LADDER_HOLD;
}

void
model_prefix_decide(struct model *m, struct model_prefix *p)
{
	struct sum sum = sum_up(m, p);
	bool fell = p->decided == 1 && sum.by_health, withdrawn;
	struct outcome o;

	if (sum.yes || (sum.awaited == 0 && sum.by_health && !sum.by_address))
		p->opened = true;
	if (!sum.open && !sum.by_leaving)
		p->decided = sum.yes;
	o = outcome(m, p, &sum);
	withdrawn =
	    model_prefix_announced(p) && o.state == AVAIL_PREFIX_WITHDRAWN;
	if (withdrawn || (fell && waits(p)))
		flap(p, m->now);
	if (withdrawn || (fell && (waits(p) || p->hold_until > m->now)))
		p->hold_until = later(m->now, p->s.hold_down.ns);
	model_show(&p->shown, o.state, o.reason, is_announced(o.state), m->now);
	p->released &= waits(p);
	if (o.state != AVAIL_PREFIX_BRAKED)
		p->brake = MODEL_ASKED;
	climb(m, p);
}

/* ---- time ---- */

int64_t
model_prefix_due(const struct model_prefix *p)
{
	return waits(p) ? wait_end(p) : p->better_at;
}

void
model_prefix_fire(struct model *m, struct model_prefix *p)
{
	if (waits(p)) {
		p->released = true;
		p->hold_until = p->reuse_at = INT64_MIN;
		return;
	}
	p->rung = rung_that_holds(m, p);
	p->better_at = NEVER;
}

void
model_prefix_adopt(struct model_prefix *p, const struct model_prefix *old,
		   int64_t now)
{
	int64_t longest = later(now, p->s.ladder_hold.ns);

	p->shown = old->shown;
	p->decided = old->decided;
	p->opened = old->opened;
	p->hold_until = old->hold_until;
	p->released = false;
	p->drain = old->drain;
	p->brake = old->brake;
	p->rung = old->rung;
	p->better_at = old->better_at;
	if (p->better_at != NEVER && p->better_at > longest)
		p->better_at = longest;
	if (p->s.damping.suppress == 0 || old->s.damping.suppress == 0)
		return;
	p->penalty = old->penalty;
	p->penalty_at = old->penalty_at;
	if (p->penalty > most(&p->s.damping))
		p->penalty = most(&p->s.damping);
	if (old->reuse_at > now)
		p->reuse_at = later(p->penalty_at, fall_time(p));
}
