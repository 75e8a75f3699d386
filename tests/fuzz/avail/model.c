/* SPDX-License-Identifier: ISC */
#include "model.h"

#include <string.h>

#define NEVER  MODEL_NEVER
#define SECOND MODEL_SECOND

static int64_t
later(int64_t t, int64_t d)
{
	return t > NEVER - d ? NEVER : t + d;
}

static bool
believed_up(const struct model_check *c)
{
	return c->believed == AVAIL_CHECK_UP ||
	       c->believed == AVAIL_CHECK_DEGRADED;
}

/* ---- what is shown ---- */

void
model_show(struct model_shown *s, int state, enum avail_reason reason, bool up,
	   int64_t now)
{
	if (s->state != state)
		s->since = now;
	s->transitions += s->up != up;
	s->state = state;
	s->reason = reason;
	s->up = up;
}

static void
show_check(struct model_check *c, int64_t now)
{
	bool blind = c->blind != AVAIL_REASON_NONE;
	enum avail_reason reason = blind ? c->blind : c->why;

	model_show(&c->shown, blind ? AVAIL_CHECK_UNKNOWN : (int)c->believed,
		   c->jumped ? AVAIL_REASON_CLOCK_JUMP : reason, believed_up(c),
		   now);
}

unsigned
model_checks_up(const struct model *m, size_t service)
{
	unsigned up = 0;

	for (size_t i = 0; i < m->n_checks; i++)
		up += m->checks[i].service == service &&
		      believed_up(&m->checks[i]);
	return up;
}

static unsigned
checks_of(const struct model *m, size_t service)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->n_checks; i++)
		n += m->checks[i].service == service;
	return n;
}

unsigned
model_checks_in(const struct model *m, size_t service,
		enum avail_check_state state)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->n_checks; i++)
		n += m->checks[i].service == service &&
		     m->checks[i].believed == state;
	return n;
}

static void
decide_service(struct model *m, size_t id)
{
	static const struct {
		int state;
		enum avail_reason reason;
	} plain[] = {
	    {AVAIL_SERVICE_CHECKING, AVAIL_REASON_CHECKS_PENDING},
	    {AVAIL_SERVICE_DOWN, AVAIL_REASON_CHECKS_DOWN},
	    {AVAIL_SERVICE_UP, AVAIL_REASON_CHECKS_UP},
	    {AVAIL_SERVICE_DEGRADED, AVAIL_REASON_IMPAIRED},
	};
	struct model_service *s = &m->services[id];
	unsigned n = checks_of(m, id), up = model_checks_up(m, id);
	unsigned best = n - model_checks_in(m, id, AVAIL_CHECK_DOWN);
	unsigned need = s->need ? s->need : n;
	bool open = false;
	enum avail_reason reason;
	int row;

	if (n == 0 || up >= need)
		s->decided = 1;
	else if (best < need)
		s->decided = 0;
	else
		open = true;
	row = s->decided + 1;
	if (row == 2 && model_checks_in(m, id, AVAIL_CHECK_DEGRADED) > 0)
		row = 3;
	reason = plain[row].reason;
	if (n == 0)
		reason = AVAIL_REASON_NO_CHECKS;
	if (open)
		reason = AVAIL_REASON_CHECKS_PENDING;
	if (s->drain.on)
		model_show(&s->shown,
			   model_service_leaving(s) ? AVAIL_SERVICE_DRAINING
						    : AVAIL_SERVICE_DRAINED,
			   AVAIL_REASON_SERVICE_DRAINED,
			   model_service_leaving(s), m->now);
	else if (s->gone || s->drilled)
		model_show(&s->shown, AVAIL_SERVICE_DOWN,
			   s->gone ? AVAIL_REASON_WATCH_GONE
				   : AVAIL_REASON_DRILL,
			   false, m->now);
	else if (s->overloaded && s->decided == 1)
		model_show(&s->shown, AVAIL_SERVICE_OVERLOADED,
			   AVAIL_REASON_OVERLOAD, true, m->now);
	else
		model_show(&s->shown, plain[row].state, reason, s->decided == 1,
			   m->now);
}

static void
decide(struct model *m)
{
	for (size_t i = 0; i < m->n_checks; i++)
		show_check(&m->checks[i], m->now);
	for (size_t i = 0; i < m->n_services; i++)
		decide_service(m, i);
	for (size_t i = 0; i < m->n_prefixes; i++)
		model_prefix_decide(m, &m->prefixes[i]);
}

/* ---- checks ---- */

static void
give_up(struct model_check *c, enum avail_reason why)
{
	c->blind = AVAIL_REASON_NONE;
	c->gave_up = true;
	c->risen = false;
	c->rises = 0;
	c->believed = AVAIL_CHECK_DOWN;
	c->why = why;
}

static void
go_blind(struct model_check *c, enum avail_reason why, int64_t now)
{
	if (c->gave_up)
		return;
	if (c->s.unknown_is_down) {
		give_up(c, why);
		return;
	}
	if (c->blind == AVAIL_REASON_NONE)
		c->blind_since = now;
	c->blind = why;
	if (c->s.unknown_limit.ns == 0)
		give_up(c, AVAIL_REASON_UNKNOWN_LIMIT);
}

static void
learn(struct model_check *c, enum avail_verdict v, int64_t now)
{
	bool up = believed_up(c);

	c->blind = AVAIL_REASON_NONE;
	c->gave_up = false;
	c->lease_from = now;
	if (v == AVAIL_VERDICT_FAIL) {
		c->rises = 0;
		c->falls++;
		if (c->falls < c->s.fall)
			return;
		c->believed = AVAIL_CHECK_DOWN;
		c->why = AVAIL_REASON_FALLEN;
		c->risen = false;
		return;
	}
	c->falls = 0;
	c->rises++;
	if (c->rises >= c->s.rise)
		c->risen = up = true;
	if (!up)
		return;
	c->believed =
	    v == AVAIL_VERDICT_DEGRADED ? AVAIL_CHECK_DEGRADED : AVAIL_CHECK_UP;
	c->why = v == AVAIL_VERDICT_DEGRADED ? AVAIL_REASON_IMPAIRED
		 : c->risen                  ? AVAIL_REASON_RISEN
					     : AVAIL_REASON_INITIAL;
}

bool
model_changing(const struct model_check *c)
{
	if (c->blind != AVAIL_REASON_NONE ||
	    c->believed == AVAIL_CHECK_CHECKING)
		return true;
	return believed_up(c) ? c->falls > 0 : c->rises > 0;
}

/* ---- time ---- */

/* A check's next deadline; NEVER when nothing is awaited. */
static int64_t
check_due(const struct model_check *c)
{
	if (c->blind != AVAIL_REASON_NONE)
		return later(c->blind_since, c->s.unknown_limit.ns);
	if (c->gave_up || c->s.stale_after.ns == 0)
		return NEVER;
	return later(c->lease_from, c->s.stale_after.ns);
}

static int64_t
drain_due(const struct model_drain *d)
{
	if (d->on && d->leaving && d->limit < d->expires)
		return d->limit;
	return d->on ? d->expires : NEVER;
}

static int64_t
load_due(const struct model_service *s)
{
	if (s->high == s->overloaded)
		return NEVER;
	return later(s->high_since,
		     s->high ? s->overload_after : s->overload_clear);
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
checks_due(const struct model *m)
{
	int64_t due = NEVER;

	for (size_t i = 0; i < m->n_checks; i++)
		due = smaller(due, check_due(&m->checks[i]));
	return due;
}

static int64_t
holds_due(const struct model *m)
{
	int64_t due = NEVER;

	for (size_t i = 0; i < m->n_prefixes; i++)
		due = smaller(due, model_prefix_due(&m->prefixes[i]));
	return due;
}

static int64_t
loads_due(const struct model *m)
{
	int64_t due = NEVER;

	for (size_t i = 0; i < m->n_services; i++)
		due = smaller(due, load_due(&m->services[i]));
	return due;
}

static int64_t
attack_due(const struct model *m)
{
	return m->attack ? m->attack_expires : NEVER;
}

static int64_t
drains_due(const struct model *m)
{
	int64_t due = drain_due(&m->node);

	for (size_t i = 0; i < m->n_services; i++)
		due = smaller(due, drain_due(&m->services[i].drain));
	for (size_t i = 0; i < m->n_prefixes; i++)
		due = smaller(due, drain_due(&m->prefixes[i].drain));
	return due;
}

int64_t
model_deadline(const struct model *m)
{
	int64_t due = smaller(checks_due(m), loads_due(m));

	due = smaller(due, attack_due(m));
	return smaller(due, smaller(holds_due(m), drains_due(m)));
}

/* The first check that is due at `due`: it is stale or was blind too long. */
static void
fire_check(struct model *m, int64_t due)
{
	for (size_t i = 0; i < m->n_checks; i++) {
		struct model_check *c = &m->checks[i];

		if (check_due(c) != due)
			continue;
		c->jumped = false;
		if (c->blind != AVAIL_REASON_NONE)
			give_up(c, AVAIL_REASON_UNKNOWN_LIMIT);
		else
			go_blind(c, AVAIL_REASON_CHECK_STALE, m->now);
		return;
	}
}

static bool
end_drain(struct model_drain *d, int64_t due, int64_t now)
{
	if (drain_due(d) != due)
		return false;
	d->leaving = false;
	if (d->expires <= now)
		d->on = false;
	return true;
}

static void
fire_drain(struct model *m, int64_t due)
{
	if (end_drain(&m->node, due, m->now))
		return;
	for (size_t i = 0; i < m->n_services; i++)
		if (end_drain(&m->services[i].drain, due, m->now))
			return;
	for (size_t i = 0; i < m->n_prefixes; i++)
		if (end_drain(&m->prefixes[i].drain, due, m->now))
			return;
}

static void
fire_hold(struct model *m, int64_t due)
{
	for (size_t i = 0; i < m->n_prefixes; i++) {
		if (model_prefix_due(&m->prefixes[i]) != due)
			continue;
		model_prefix_fire(m, &m->prefixes[i]);
		return;
	}
}

static void
fire_load(struct model *m, int64_t due)
{
	for (size_t i = 0; i < m->n_services; i++) {
		if (load_due(&m->services[i]) != due)
			continue;
		m->services[i].overloaded = m->services[i].high;
		return;
	}
}

/* What is due happens one after the other, failures first. */
static void
settle(struct model *m)
{
	int64_t due;

	while ((due = model_deadline(m)) <= m->now) {
		if (checks_due(m) == due)
			fire_check(m, due);
		else if (loads_due(m) == due)
			fire_load(m, due);
		else if (attack_due(m) == due)
			m->attack = false;
		else if (holds_due(m) == due)
			fire_hold(m, due);
		else
			fire_drain(m, due);
		decide(m);
	}
}

static bool
is_jump(const struct model *m, int64_t now)
{
	int64_t due = model_deadline(m);

	return due != NEVER && now - m->now > 5 * SECOND &&
	       now - due > 5 * SECOND;
}

static void
wait_again(struct model_check *c, int64_t now)
{
	int64_t due = check_due(c);

	if (due == NEVER)
		return;
	if (due <= now)
		c->jumped = true;
	if (c->blind != AVAIL_REASON_NONE)
		c->blind_since = now;
	else
		c->lease_from = now;
}

void
model_tick(struct model *m, int64_t now)
{
	bool jump = is_jump(m, now);

	if (now > m->now)
		m->now = now;
	for (size_t i = 0; jump && i < m->n_checks; i++)
		wait_again(&m->checks[i], now);
	for (size_t i = 0; jump && i < m->n_services; i++)
		m->services[i].high_since = now;
	decide(m);
	settle(m);
}

/* ---- events ---- */

void
model_sample(struct model *m, size_t check, enum avail_verdict v, int64_t now)
{
	struct model_check *c = &m->checks[check];
	struct avail_check_view *view = &c->view;

	model_tick(m, now);
	view->streak = mono_is_never(view->last_at) || view->last != v
			   ? 1
			   : view->streak + 1;
	view->last = v;
	view->last_at = (struct mono){m->now};
	view->samples[v]++;
	c->jumped = false;
	if (v == AVAIL_VERDICT_UNKNOWN)
		go_blind(c, AVAIL_REASON_CHECK_UNKNOWN, m->now);
	else
		learn(c, v, m->now);
	decide(m);
}

void
model_addresses(struct model *m, size_t service, bool present, int64_t now)
{
	model_tick(m, now);
	m->services[service].told = true;
	m->services[service].present = present;
	decide(m);
}

void
model_watch(struct model *m, size_t service, bool present, int64_t now)
{
	model_tick(m, now);
	for (size_t i = 0; i < m->n_checks; i++) {
		struct model_check *c = &m->checks[i];

		if (!m->services[service].gone || !present ||
		    c->service != service)
			continue;
		c->rises = c->falls = 0;
		c->risen = false;
		if (c->believed != AVAIL_CHECK_DOWN)
			c->why = AVAIL_REASON_WATCH_GONE;
		c->believed = AVAIL_CHECK_DOWN;
	}
	m->services[service].gone = !present;
	decide(m);
}

static struct model_drain *
drain_of(struct model *m, enum avail_target target, size_t id)
{
	if (target == AVAIL_SERVICE)
		return &m->services[id].drain;
	return target == AVAIL_PREFIX ? &m->prefixes[id].drain : &m->node;
}

void
model_load(struct model *m, size_t service, bool high, int64_t now)
{
	struct model_service *s = &m->services[service];

	model_tick(m, now);
	if (s->high == high)
		return;
	s->high = high;
	s->high_since = m->now;
	settle(m);
}

void
model_attack(struct model *m, bool on, int64_t expires, int64_t now)
{
	model_tick(m, now);
	m->attack = on;
	m->attack_expires = expires;
	decide(m);
	settle(m);
}

void
model_brake(struct model *m, size_t prefix, bool released, int64_t now)
{
	struct model_prefix *p = &m->prefixes[prefix];

	model_tick(m, now);
	if (p->shown.state == AVAIL_PREFIX_BRAKED)
		p->brake = released ? MODEL_RELEASED : MODEL_REFUSED;
	decide(m);
}

void
model_drill(struct model *m, size_t service, bool on, int64_t now)
{
	model_tick(m, now);
	m->services[service].drilled = on;
	decide(m);
}

void
model_drain(struct model *m, enum avail_target target, size_t id, int64_t limit,
	    int64_t expires, int64_t now)
{
	struct model_drain *d = drain_of(m, target, id);
	bool left;

	model_tick(m, now);
	left = d->on && !d->leaving;
	*d =
	    (struct model_drain){true, !left && limit > m->now, limit, expires};
	decide(m);
	settle(m);
}

void
model_quiet(struct model *m, enum avail_target target, size_t id, int64_t now)
{
	model_tick(m, now);
	drain_of(m, target, id)->leaving = false;
	decide(m);
}

bool
model_undrain(struct model *m, enum avail_target target, size_t id, int64_t now)
{
	struct model_drain *d = drain_of(m, target, id);
	bool was;

	model_tick(m, now);
	was = d->on;
	d->on = false;
	decide(m);
	return was;
}

void
model_stop(struct model *m, int64_t now)
{
	model_tick(m, now);
	m->stopping = true;
	decide(m);
}

/* ---- building ---- */

void
model_seal(struct model *m, int64_t now)
{
	m->now = now;
	for (size_t i = 0; i < m->n_checks; i++) {
		struct model_check *c = &m->checks[i];

		c->view.last_at = MONO_NEVER;
		c->lease_from = c->shown.since = now;
		if (!c->s.initial_up)
			continue;
		c->believed = AVAIL_CHECK_UP;
		c->why = AVAIL_REASON_INITIAL;
	}
	for (size_t i = 0; i < m->n_services; i++) {
		m->services[i].decided = -1;
		m->services[i].shown.since = now;
	}
	for (size_t i = 0; i < m->n_prefixes; i++) {
		m->prefixes[i].decided = -1;
		m->prefixes[i].shown.since = now;
		m->prefixes[i].hold_until = now;
		m->prefixes[i].reuse_at = INT64_MIN;
		m->prefixes[i].better_at = NEVER;
		m->prefixes[i].rung = AVAIL_RUNG_WITHDRAWN;
	}
	decide(m);
}

static bool
same(const struct avail_check_settings *a, const struct avail_check_settings *b)
{
	return a->rise == b->rise && a->fall == b->fall &&
	       a->initial_up == b->initial_up &&
	       a->unknown_is_down == b->unknown_is_down &&
	       a->unknown_limit.ns == b->unknown_limit.ns &&
	       a->stale_after.ns == b->stale_after.ns;
}

static void
adopt_check(struct model_check *c, const struct model_check *old, int64_t now,
	    bool jump)
{
	struct model_check fresh = *c;

	*c = *old;
	c->s = fresh.s;
	c->service = fresh.service;
	if (!same(&c->s, &old->s))
		c->rises = c->falls = c->view.streak = 0;
	if (c->s.stale_after.ns != old->s.stale_after.ns)
		c->lease_from = now;
	if (jump)
		wait_again(c, now);
}

static void
adopt_service(struct model_service *s, const struct model_service *old,
	      int64_t now, bool jump)
{
	struct model_service fresh = *s;

	*s = *old;
	s->need = fresh.need;
	s->overload_after = fresh.overload_after;
	s->overload_clear = fresh.overload_clear;
	if (jump)
		s->high_since = now;
}

void
model_adopt(struct model *m, const struct model *old, int64_t now)
{
	bool jump = is_jump(old, now);

	m->now = old->now > now ? old->now : now;
	m->node = old->node;
	m->attack = old->attack;
	m->attack_expires = old->attack_expires;
	m->stopping = old->stopping;
	for (size_t i = 0; i < m->n_services; i++)
		m->services[i].decided = -1;
	for (size_t i = 0; i < m->n_checks; i++)
		for (size_t j = 0; j < old->n_checks; j++)
			if (!strcmp(m->checks[i].key, old->checks[j].key))
				adopt_check(&m->checks[i], &old->checks[j],
					    m->now, jump);
	for (size_t i = 0; i < m->n_services; i++)
		for (size_t j = 0; j < old->n_services; j++)
			if (!strcmp(m->services[i].key, old->services[j].key))
				adopt_service(&m->services[i],
					      &old->services[j], m->now, jump);
	for (size_t i = 0; i < m->n_prefixes; i++)
		for (size_t j = 0; j < old->n_prefixes; j++)
			if (!strcmp(m->prefixes[i].key, old->prefixes[j].key))
				model_prefix_adopt(&m->prefixes[i],
						   &old->prefixes[j], m->now);
	decide(m);
	settle(m);
}
