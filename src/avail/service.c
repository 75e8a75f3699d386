/* SPDX-License-Identifier: ISC */
/*
 * One service: what its checks decide, its addresses and its drain.
 *
 *   CHECKING ──► UP ◄──► DEGRADED        by the counts of its checks
 *       │        ▲ │         ▲ │
 *       └──► DOWN◄─┘         │ ▼
 *                ▲───────────┘           OVERLOADED while load.c says so:
 *                                        instead of UP and DEGRADED
 *   any ◄──► DRAINING ──► DRAINED        cover them all
 *
 * While the checks can still go either way the last decision stands: at the
 * start there is none, so it is CHECKING; a check added by a reload takes
 * nothing down before it has spoken. What the kernel says goes before all
 * that: while the watched socket is gone the service is DOWN; so it is while
 * it is drilled. DRAINING is a drain with time left on a service that is up;
 * any other one is DRAINED.
 *
 * Invariant: the counts of every prefix hold exactly the `stand`, `absent` and
 * what weighs of this service, once per membership.
 */
#include "avail/state.h"

/* What the counted checks say: UP, DOWN, or PENDING for "not yet". */
static enum stand
checks_say(const struct service *s)
{
	if (s->n == 0 || s->counts[STAND_UP] >= s->need)
		return STAND_UP;
	if (s->counts[STAND_UP] + s->counts[STAND_PENDING] < s->need)
		return STAND_DOWN;
	return STAND_PENDING;
}

static void
state_of(const struct service *s, enum stand say, int *state,
	 enum avail_reason *reason)
{
	if (s->base == STAND_PENDING) {
		*state = AVAIL_SERVICE_CHECKING;
		*reason = AVAIL_REASON_CHECKS_PENDING;
	} else if (s->base == STAND_DOWN) {
		*state = AVAIL_SERVICE_DOWN;
		*reason = AVAIL_REASON_CHECKS_DOWN;
	} else if (s->impaired > 0) {
		*state = AVAIL_SERVICE_DEGRADED;
		*reason = AVAIL_REASON_IMPAIRED;
	} else {
		*state = AVAIL_SERVICE_UP;
		*reason =
		    s->n == 0 ? AVAIL_REASON_NO_CHECKS : AVAIL_REASON_CHECKS_UP;
	}
	if (say == STAND_PENDING)
		*reason = AVAIL_REASON_CHECKS_PENDING;
	if (s->base == STAND_UP && s->overloaded) {
		*state = AVAIL_SERVICE_OVERLOADED;
		*reason = AVAIL_REASON_OVERLOAD;
	}
	if (s->drilled || s->gone) {
		*state = AVAIL_SERVICE_DOWN;
		*reason =
		    s->gone ? AVAIL_REASON_WATCH_GONE : AVAIL_REASON_DRILL;
	}
}

/* A missing address makes a failure certain. */
static enum stand
undrained_stand(const struct service *s)
{
	bool missing = s->told && !s->present;

	if (s->gone || s->drilled)
		return STAND_DEAD;
	if (s->base == STAND_DOWN)
		return missing ? STAND_DEAD : STAND_DOWN;
	if (!s->present)
		return missing ? STAND_MISSING : STAND_PENDING;
	return s->base;
}

static enum stand
stand_of(const struct service *s)
{
	enum stand stand = undrained_stand(s);

	if (s->drain.phase == PHASE_OFF)
		return stand;
	return s->drain.phase == PHASE_LEAVING && stand == STAND_UP
		   ? STAND_LEAVING
		   : STAND_DRAINED;
}

static void
decide(struct avail *av, struct service *s, size_t cause)
{
	enum stand say = checks_say(s);
	enum avail_reason reason;
	bool up;
	int state;

	if (say != STAND_PENDING)
		s->base = say;
	up = s->base == STAND_UP && !s->gone && !s->drilled;
	state_of(s, say, &state, &reason);
	if (s->drain.phase != PHASE_OFF) {
		up = stand_of(s) == STAND_LEAVING;
		state = up ? AVAIL_SERVICE_DRAINING : AVAIL_SERVICE_DRAINED;
		reason = AVAIL_REASON_SERVICE_DRAINED;
	}
	avail_change_set(av, &s->o, state, reason, up, cause);
}

/* How it stands for prefixes: what they count. */
struct weight {
	enum stand stand;
	bool absent, impaired, overloaded;
};

static struct weight
weigh(const struct service *s)
{
	enum stand stand = stand_of(s);

	return (struct weight){
	    .stand = stand,
	    .absent = !s->present && s->drain.phase == PHASE_OFF,
	    .impaired = stand == STAND_UP && s->impaired > 0,
	    .overloaded = stand == STAND_UP && s->overloaded,
	};
}

static bool
weighs(const struct service *s, const struct weight *w)
{
	return w->stand == s->stand && w->absent == s->absent &&
	       w->impaired == s->weighs_impaired &&
	       w->overloaded == s->weighs_overloaded;
}

static void
remember(struct service *s, const struct weight *w)
{
	s->stand = w->stand;
	s->absent = w->absent;
	s->weighs_impaired = w->impaired;
	s->weighs_overloaded = w->overloaded;
}

static void
move_member(struct prefix_entry *p, const struct service *s,
	    const struct weight *w)
{
	p->counts[s->stand]--;
	p->counts[w->stand]++;
	p->absent += (unsigned)w->absent - (unsigned)s->absent;
	p->impaired += (unsigned)w->impaired - (unsigned)s->weighs_impaired;
	p->overloaded +=
	    (unsigned)w->overloaded - (unsigned)s->weighs_overloaded;
}

void
avail_service_refresh(struct avail *av, struct service *s, size_t cause)
{
	struct weight w;

	decide(av, s, cause);
	w = weigh(s);
	if (weighs(s, &w))
		return;
	for (size_t i = 0; i < s->n_members; i++) {
		struct prefix_entry *p = &av->prefixes[s->members[i]];

		move_member(p, s, &w);
		avail_decide_prefix(av, p, s->o.id);
	}
	remember(s, &w);
}

void
avail_service_count(struct avail *av, struct check *c)
{
	struct service *s = &av->services[c->service];
	enum stand stand = avail_rise_stand(c);
	bool degraded = c->base == AVAIL_CHECK_DEGRADED;

	if (stand == c->stand && degraded == c->degraded)
		return;
	s->counts[c->stand]--;
	s->counts[stand]++;
	s->impaired += (unsigned)degraded - (unsigned)c->degraded;
	c->stand = stand;
	c->degraded = degraded;
	avail_service_refresh(av, s, c->o.id);
}

void
avail_service_start(struct avail *av, struct service *s)
{
	struct weight w;

	decide(av, s, SIZE_MAX);
	w = weigh(s);
	remember(s, &w);
}

void
avail_addresses(struct avail *av, size_t service, bool present, struct mono now)
{
	struct service *s = &av->services[service];

	avail_clock_advance(av, now);
	s->told = true;
	s->present = present;
	avail_service_refresh(av, s, SIZE_MAX);
}

void
avail_watch(struct avail *av, size_t service, bool present, struct mono now)
{
	struct service *s = &av->services[service];

	avail_clock_advance(av, now);
	if (s->gone == !present)
		return;
	/* Still gone while the checks begin again: nothing comes up between. */
	for (size_t i = 0; present && i < av->n_checks; i++)
		if (av->checks[i].service == service)
			avail_rise_again(av, &av->checks[i]);
	s->gone = !present;
	avail_service_refresh(av, s, SIZE_MAX);
}

void
avail_drill(struct avail *av, size_t service, bool on, struct mono now)
{
	struct service *s = &av->services[service];

	avail_clock_advance(av, now);
	s->drilled = on;
	avail_service_refresh(av, s, SIZE_MAX);
}

void
avail_view_service(const struct avail *av, size_t id,
		   struct avail_service_view *out)
{
	const struct service *s = &av->services[id];
	struct avail_drain_times drain = avail_drain_view(&s->drain);

	*out = (struct avail_service_view){
	    .state = s->o.state,
	    .reason = s->o.reason,
	    .since = s->o.since,
	    .cause = s->o.cause,
	    .checks_up = s->counts[STAND_UP],
	    .checks = s->n,
	    .addresses_present = s->present,
	    .watch_gone = s->gone,
	    .overloaded = s->overloaded,
	    .drilled = s->drilled,
	    .drained = s->drain.phase != PHASE_OFF,
	    .drain_limit = drain.limit,
	    .drain_expires = drain.expires,
	    .transitions = s->o.transitions,
	};
}
