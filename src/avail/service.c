/* SPDX-License-Identifier: ISC */
/*
 * One service: what its checks decide, its addresses and its drain.
 *
 *   CHECKING ──► UP ◄──► DEGRADED        by the counts of its checks
 *       │        ▲ │         ▲ │
 *       └──► DOWN◄─┘         │ ▼
 *                ▲───────────┘           DRAINED covers them all
 *
 * While the checks can still go either way the last decision stands: at the
 * start there is none, so it is CHECKING; a check added by a reload takes
 * nothing down before it has spoken. What the kernel says goes before all
 * that: while the watched socket is gone the service is DOWN.
 *
 * Invariant: the counts of every prefix hold exactly the `stand`, `absent`
 * and `degraded` of this service, once per membership.
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
	if (s->gone) {
		*state = AVAIL_SERVICE_DOWN;
		*reason = AVAIL_REASON_WATCH_GONE;
	}
	if (s->drain.on) {
		*state = AVAIL_SERVICE_DRAINED;
		*reason = AVAIL_REASON_SERVICE_DRAINED;
	}
}

static enum stand
stand_of(const struct service *s)
{
	if (s->drain.on)
		return STAND_DRAINED;
	if (s->gone || s->base == STAND_DOWN)
		return STAND_DOWN;
	if (!s->present)
		return s->told ? STAND_MISSING : STAND_PENDING;
	return s->base;
}

static void
decide(struct avail *av, struct service *s, size_t cause)
{
	enum stand say = checks_say(s);
	enum avail_reason reason;
	int state;

	if (say != STAND_PENDING)
		s->base = say;
	state_of(s, say, &state, &reason);
	avail_change_set(av, &s->o, state, reason,
			 s->base == STAND_UP && !s->gone && !s->drain.on,
			 cause);
}

/* How it stands for prefixes: the three things they count. */
struct weight {
	enum stand stand;
	bool absent, degraded;
};

static struct weight
weigh(const struct service *s)
{
	enum stand stand = stand_of(s);

	return (struct weight){
	    .stand = stand,
	    .absent = !s->present && !s->drain.on,
	    .degraded = stand == STAND_UP && s->impaired > 0,
	};
}

static void
move_member(struct prefix_entry *p, const struct service *s,
	    const struct weight *w)
{
	p->counts[s->stand]--;
	p->counts[w->stand]++;
	p->absent += (unsigned)w->absent - (unsigned)s->absent;
	p->degraded += (unsigned)w->degraded - (unsigned)s->degraded;
}

void
avail_service_refresh(struct avail *av, struct service *s, size_t cause)
{
	struct weight w;

	decide(av, s, cause);
	w = weigh(s);
	if (w.stand == s->stand && w.absent == s->absent &&
	    w.degraded == s->degraded)
		return;
	for (size_t i = 0; i < s->n_members; i++) {
		struct prefix_entry *p = &av->prefixes[s->members[i]];

		move_member(p, s, &w);
		avail_decide_prefix(av, p, s->o.id);
	}
	s->stand = w.stand;
	s->absent = w.absent;
	s->degraded = w.degraded;
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
	s->stand = w.stand;
	s->absent = w.absent;
	s->degraded = w.degraded;
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
avail_view_service(const struct avail *av, size_t id,
		   struct avail_service_view *out)
{
	const struct service *s = &av->services[id];

	*out = (struct avail_service_view){
	    .state = s->o.state,
	    .reason = s->o.reason,
	    .since = s->o.since,
	    .cause = s->o.cause,
	    .checks_up = s->counts[STAND_UP],
	    .checks = s->n,
	    .addresses_present = s->present,
	    .watch_gone = s->gone,
	    .drained = s->drain.on,
	    .drain_limit = MONO_NEVER,
	    .drain_expires =
		s->drain.timer.place ? s->drain.timer.at : MONO_NEVER,
	    .transitions = s->o.transitions,
	};
}
