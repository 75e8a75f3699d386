/* SPDX-License-Identifier: ISC */
#include "drive.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define SECOND MODEL_SECOND

struct drive {
	struct source *source;
	struct avail *av; /* owned */
	struct model m;
	int64_t clock;
	/* The states and reasons as avail_take() told them. */
	int told[3][MODEL_MAX], told_reason[3][MODEL_MAX];
	int told_rung[MODEL_MAX]; /* of prefixes */
};

#define expect_equal(what, a, b)                                               \
	equal(what, __LINE__, (int64_t)(a), (int64_t)(b))

static void
equal(const char *what, int line, int64_t engine, int64_t model)
{
	if (engine == model)
		return;
	fprintf(stderr,
		"drive.c:%d: %s: engine %" PRId64 ", model %" PRId64 "\n", line,
		what, engine, model);
	abort();
}

/* A number below `bound`, which is at most 256. */
static unsigned
pick(struct drive *d, unsigned bound)
{
	struct source *s = d->source;

	if (s->n > 0) {
		s->n--;
		return *s->octets++ % bound;
	}
	if (s->seed == 0)
		return 0;
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return (unsigned)(s->seed >> 32) % bound;
}

static bool
exhausted(const struct drive *d)
{
	return d->source->n == 0 && d->source->seed == 0;
}

/* ---- configurations ---- */

/* Every object may be left out, so that reloads add and remove. */
static void
name(struct drive *d, char *key, const char *kind, size_t i)
{
	snprintf(key, MODEL_KEY_MAX, "%s%zu", kind, i + pick(d, 8) / 7 * 100);
}

static void
make_check(struct drive *d, struct model *m, size_t service)
{
	static const int64_t limits[] = {0, SECOND, 10 * SECOND, 60 * SECOND,
					 INT64_MAX};
	static const int64_t stale[] = {0, 2 * SECOND, 5 * SECOND, 20 * SECOND};
	struct model_check *c = &m->checks[m->n_checks];

	*c = (struct model_check){.service = service};
	name(d, c->key, "c", m->n_checks++);
	c->s = (struct avail_check_settings){
	    .rise = 1 + pick(d, 3),
	    .fall = 1 + pick(d, 3),
	    .initial_up = pick(d, 4) == 0,
	    .unknown_is_down = pick(d, 4) == 0,
	    .unknown_limit = {limits[pick(d, 5)]},
	    .stale_after = {stale[pick(d, 4)]},
	};
}

static void
make_prefix(struct drive *d, struct model *m)
{
	static const int64_t holds[] = {0, SECOND, 10 * SECOND, 30 * SECOND};
	static const struct avail_damping dampings[] = {
	    {0, 0, {0}, {0}},
	    {2000, 750, {10 * SECOND}, {40 * SECOND}},
	    {1500, 500, {4 * SECOND}, {9 * SECOND}},
	    {1000, 999, {60 * SECOND}, {60 * SECOND}}};
	struct model_prefix *p = &m->prefixes[m->n_prefixes];

	*p = (struct model_prefix){0};
	p->s.hold_down.ns = holds[pick(d, 4)];
	p->s.damping = dampings[pick(d, 4)];
	p->s.ladder_hold.ns = holds[pick(d, 4)];
	p->s.brake = pick(d, 4) == 0;
	name(d, p->key, "p", m->n_prefixes++);
	for (size_t i = 0; i < m->n_services; i++)
		if (pick(d, 2))
			p->services[p->n++] = i;
	p->s.require.count = pick(d, (unsigned)p->n + 2);
}

static void
make_config(struct drive *d, struct model *m)
{
	*m = (struct model){.n_services = 1 + pick(d, 4)};
	for (size_t i = 0; i < m->n_services; i++) {
		unsigned checks = pick(d, 4);

		name(d, m->services[i].key, "s", i);
		m->services[i].need = pick(d, checks + 2);
		m->services[i].overload_after = (int64_t)pick(d, 3) * SECOND;
		m->services[i].overload_clear = (int64_t)pick(d, 9) * SECOND;
		for (unsigned j = 0; j < checks; j++)
			make_check(d, m, i);
	}
	for (unsigned n = 1 + pick(d, 5); n > 0; n--)
		make_prefix(d, m);
}

static struct avail *
build(const struct model *m)
{
	struct avail *av = avail_new();

	for (size_t i = 0; i < m->n_services; i++) {
		const struct model_service *s = &m->services[i];

		avail_add_service(
		    av, s->key,
		    &(struct avail_service_settings){
			{s->need}, {s->overload_after}, {s->overload_clear}});
	}
	for (size_t i = 0; i < m->n_checks; i++)
		avail_add_check(av, m->checks[i].key, m->checks[i].service,
				&m->checks[i].s);
	for (size_t i = 0; i < m->n_prefixes; i++) {
		const struct model_prefix *p = &m->prefixes[i];

		avail_add_prefix(av, p->key, p->services, p->n, &p->s);
	}
	return av;
}

/* ---- comparing ---- */

static void
compare_check(const struct drive *d, size_t i)
{
	const struct model_check *c = &d->m.checks[i];
	struct avail_check_view v;

	avail_view_check(d->av, i, &v);
	expect_equal("check state", v.state, c->shown.state);
	expect_equal("check reason", v.reason, c->shown.reason);
	expect_equal("check since", v.since.ns, c->shown.since);
	expect_equal("check transitions", v.transitions, c->shown.transitions);
	expect_equal("check last", v.last, c->view.last);
	expect_equal("check last at", v.last_at.ns, c->view.last_at.ns);
	expect_equal("check streak", v.streak, c->view.streak);
	expect_equal("check changing", v.changing, model_changing(c));
	expect_equal("check service", v.service, c->service);
	for (int s = 0; s < AVAIL_VERDICT_COUNT; s++)
		expect_equal("samples", v.samples[s], c->view.samples[s]);
}

static void
compare_drain(const char *what, bool drained, struct mono limit,
	      struct mono expires, const struct model_drain *d)
{
	expect_equal(what, drained, d->on);
	expect_equal(what, expires.ns, d->on ? d->expires : INT64_MAX);
	expect_equal(what, limit.ns,
		     d->on && d->leaving ? d->limit : INT64_MAX);
}

static void
compare_service(const struct drive *d, size_t i)
{
	const struct model_service *s = &d->m.services[i];
	struct avail_service_view v;

	avail_view_service(d->av, i, &v);
	expect_equal("service state", v.state, s->shown.state);
	expect_equal("service reason", v.reason, s->shown.reason);
	expect_equal("service since", v.since.ns, s->shown.since);
	expect_equal("service transitions", v.transitions,
		     s->shown.transitions);
	expect_equal("checks up", v.checks_up, model_checks_up(&d->m, i));
	expect_equal("gone", v.watch_gone, s->gone);
	expect_equal("drilled", v.drilled, s->drilled);
	expect_equal("overloaded", v.overloaded, s->overloaded);
	expect_equal("addresses", v.addresses_present, s->present);
	compare_drain("service drain", v.drained, v.drain_limit,
		      v.drain_expires, &s->drain);
}

/*
 * Fixed point against floating point: a time of reuse may differ by a rounding
 * to milliseconds. The model takes the engine's over, to go on from there.
 */
static void
compare_damping(struct drive *d, struct model_prefix *p,
		const struct avail_prefix_view *v)
{
	double penalty = model_prefix_penalty(p, d->m.now);
	int64_t off = v->until.ns - p->reuse_at;

	expect_equal("penalty", fabs(v->penalty - penalty) < 1.001, true);
	if (p->reuse_at > p->hold_until && p->reuse_at > d->m.now &&
	    off >= -1000000 && off <= 1000000)
		p->reuse_at = v->until.ns;
}

static void
compare_rung(const struct drive *d, const struct model_prefix *p,
	     const struct avail_prefix_view *v)
{
	expect_equal("rung", v->rung, p->rung);
	expect_equal("rung reason", v->rung_reason,
		     model_prefix_rung_reason(&d->m, p));
	expect_equal("rung until", v->rung_until.ns, p->better_at);
	expect_equal("announce", v->announce, p->rung != AVAIL_RUNG_WITHDRAWN);
}

static void
compare_prefix(struct drive *d, size_t i)
{
	struct model_prefix *p = &d->m.prefixes[i];
	struct avail_prefix_view v;
	int64_t until;

	avail_view_prefix(d->av, i, &v);
	expect_equal("prefix state", v.state, p->shown.state);
	expect_equal("prefix reason", v.reason, p->shown.reason);
	expect_equal("prefix since", v.since.ns, p->shown.since);
	expect_equal("prefix transitions", v.transitions, p->shown.transitions);
	compare_rung(d, p, &v);
	compare_damping(d, p, &v);
	until = p->hold_until > p->reuse_at ? p->hold_until : p->reuse_at;
	expect_equal("until", v.until.ns, until > d->m.now ? until : INT64_MAX);
	expect_equal("services up", v.services_up, model_services_up(&d->m, i));
	expect_equal("degraded", v.degraded, model_degraded(&d->m, i));
	compare_drain("prefix drain", v.drained, v.drain_limit, v.drain_expires,
		      &p->drain);
}

static void
compare(struct drive *d)
{
	struct avail_drain_times times;
	bool drained = avail_node_drained(d->av, &times);
	struct mono expires;

	for (size_t i = 0; i < d->m.n_checks; i++)
		compare_check(d, i);
	for (size_t i = 0; i < d->m.n_services; i++)
		compare_service(d, i);
	for (size_t i = 0; i < d->m.n_prefixes; i++)
		compare_prefix(d, i);
	compare_drain("node drain", drained, times.limit, times.expires,
		      &d->m.node);
	expect_equal("attack", avail_attacked(d->av, &expires), d->m.attack);
	expect_equal("attack expires", expires.ns,
		     d->m.attack ? d->m.attack_expires : INT64_MAX);
	expect_equal("next deadline", avail_next_deadline(d->av).ns,
		     model_deadline(&d->m));
}

/* ---- what must hold whatever the model says ---- */

/* Nobody announces what the kernel says is dead, or what was taken out. */
static void
assert_alive(const struct drive *d, size_t i, const struct avail_prefix_view *v)
{
	const struct model_prefix *p = &d->m.prefixes[i];
	unsigned need =
	    p->s.require.count ? p->s.require.count : (unsigned)p->n;
	unsigned alive = 0;

	for (size_t j = 0; j < p->n; j++) {
		const struct model_service *s = &d->m.services[p->services[j]];

		alive += !s->gone && !s->drilled && (s->present || !s->told) &&
			 !(s->drain.on && !s->drain.leaving);
	}
	expect_equal("announced dead", v->announce && alive < need, false);
	expect_equal("announced drained",
		     v->announce &&
			 ((d->m.node.on && !d->m.node.leaving) ||
			  (p->drain.on && !p->drain.leaving) || d->m.stopping),
		     false);
}

/* The rung is not better than what any one of its causes allows. */
static void
assert_rung(const struct avail_prefix_view *v)
{
	enum avail_rung worst = AVAIL_RUNG_HEALTHY;

	if (v->degraded || v->state == AVAIL_PREFIX_FROZEN ||
	    v->state == AVAIL_PREFIX_BRAKED)
		worst = AVAIL_RUNG_DEGRADED;
	if (v->state == AVAIL_PREFIX_DRAINING)
		worst = AVAIL_RUNG_DRAINING;
	expect_equal("rung too good", v->rung < worst, false);
	expect_equal("announced early", v->announce && !mono_is_never(v->until),
		     false);
}

/* Results withdraw nothing that is frozen or braked. */
static void
assert_kept(const struct drive *d, enum avail_prefix_state before,
	    const struct avail_prefix_view *v)
{
	bool kept = (before == AVAIL_PREFIX_FROZEN && d->m.attack) ||
		    before == AVAIL_PREFIX_BRAKED;

	expect_equal("withdrawn by checks",
		     kept && v->state == AVAIL_PREFIX_WITHDRAWN, false);
}

/* ---- changes ---- */

static const struct model_shown *
shown(const struct drive *d, int kind, size_t id)
{
	if (kind == AVAIL_IS_CHECK)
		return &d->m.checks[id].shown;
	if (kind == AVAIL_IS_SERVICE)
		return &d->m.services[id].shown;
	return &d->m.prefixes[id].shown;
}

static void
compare_told(const struct drive *d)
{
	const size_t n[3] = {d->m.n_checks, d->m.n_services, d->m.n_prefixes};

	for (int kind = 0; kind < 3; kind++) {
		for (size_t i = 0; i < n[kind]; i++) {
			const struct model_shown *s = shown(d, kind, i);

			expect_equal("told", d->told[kind][i], s->state);
			expect_equal("told reason", d->told_reason[kind][i],
				     s->reason);
		}
	}
	for (size_t i = 0; i < d->m.n_prefixes; i++)
		expect_equal("told rung", d->told_rung[i],
			     d->m.prefixes[i].rung);
}

/* True when only the rung changed, which says why. */
static bool
note_rung(struct drive *d, const struct avail_change *c)
{
	const struct model_prefix *p = &d->m.prefixes[c->id];
	bool alone = c->to == d->told[c->object][c->id] &&
		     (int)p->shown.reason == d->told_reason[c->object][c->id];

	expect_equal("rung from", c->rung_from, d->told_rung[c->id]);
	d->told_rung[c->id] = (int)c->rung_to;
	if (!alone)
		return false;
	expect_equal("rung moved", c->rung_to != c->rung_from, true);
	expect_equal("rung's reason", c->reason,
		     model_prefix_rung_reason(&d->m, p));
	return true;
}

/* The change is one: never the same state for the same reason again. */
static void
note_change(struct drive *d, const struct avail_change *c)
{
	int *state = &d->told[c->object][c->id];
	int *reason = &d->told_reason[c->object][c->id];

	expect_equal("from", c->from, *state);
	if (c->object == AVAIL_IS_PREFIX && note_rung(d, c))
		return;
	expect_equal("no change", c->to == *state && (int)c->reason == *reason,
		     false);
	*state = c->to;
	*reason = (int)c->reason;
}

/* Takes all: nothing twice, nothing left out, causes before effects. */
static void
take(struct drive *d)
{
	bool seen[3][MODEL_MAX] = {{false}};
	struct avail_change c;
	char text[AVAIL_CHANGE_TEXT_MAX];
	int last = 0;

	while (avail_take(d->av, &c)) {
		avail_change_text(d->av, &c, text, sizeof(text));
		if (c.object >= AVAIL_IS_DRAIN)
			continue;
		expect_equal("order", (int)c.object >= last, true);
		expect_equal("once", seen[c.object][c.id], false);
		last = (int)c.object;
		seen[c.object][c.id] = true;
		note_change(d, &c);
	}
	compare_told(d);
}

/* ---- events ---- */

/* Mostly short steps, some beyond every deadline, a few backwards. */
static int64_t
advance(struct drive *d)
{
	switch (pick(d, 16)) {
	case 0:
		return d->clock;
	case 1:
		return d->clock -= (int64_t)pick(d, 4) * SECOND;
	case 2:
		return d->clock += (int64_t)pick(d, 120) * SECOND;
	case 3:
	case 4:
	case 5:
		if (!mono_is_never(avail_next_deadline(d->av)))
			d->clock = avail_next_deadline(d->av).ns;
		return d->clock;
	default:
		return d->clock += (int64_t)pick(d, 200) * SECOND / 100;
	}
}

static size_t
pick_target(struct drive *d, enum avail_target *target)
{
	*target = (enum avail_target)pick(d, 3);
	if (*target == AVAIL_SERVICE)
		return pick(d, (unsigned)d->m.n_services);
	return pick(d, (unsigned)d->m.n_prefixes);
}

static void
event_sample(struct drive *d, int64_t now)
{
	static const enum avail_verdict verdicts[] = {
	    AVAIL_VERDICT_PASS,    AVAIL_VERDICT_PASS,    AVAIL_VERDICT_PASS,
	    AVAIL_VERDICT_FAIL,    AVAIL_VERDICT_FAIL,    AVAIL_VERDICT_FAIL,
	    AVAIL_VERDICT_UNKNOWN, AVAIL_VERDICT_DEGRADED};
	enum avail_verdict v = verdicts[pick(d, 8)];
	size_t check;

	if (d->m.n_checks == 0)
		return;
	check = pick(d, (unsigned)d->m.n_checks);
	avail_sample(d->av, check, v, (struct mono){now});
	model_sample(&d->m, check, v, now);
}

static void
event_addresses(struct drive *d, int64_t now)
{
	size_t service = pick(d, (unsigned)d->m.n_services);
	bool present = pick(d, 4) > 0;

	avail_addresses(d->av, service, present, (struct mono){now});
	model_addresses(&d->m, service, present, now);
}

static void
event_watch(struct drive *d, int64_t now)
{
	size_t service = pick(d, (unsigned)d->m.n_services);
	bool present = pick(d, 4) > 0;

	avail_watch(d->av, service, present, (struct mono){now});
	model_watch(&d->m, service, present, now);
}

static void
event_drain(struct drive *d, int64_t now)
{
	enum avail_target target;
	size_t id = pick_target(d, &target);
	int64_t limit = now, expires = INT64_MAX;

	if (pick(d, 4) > 0)
		expires = now + (int64_t)pick(d, 20) * SECOND;
	if (pick(d, 2) > 0)
		limit = now + (int64_t)pick(d, 10) * SECOND;
	avail_drain(d->av, target, id,
		    &(struct avail_drain_times){{limit}, {expires}},
		    (struct mono){now});
	model_drain(&d->m, target, id, limit, expires, now);
}

static void
event_quiet(struct drive *d, int64_t now)
{
	enum avail_target target;
	size_t id = pick_target(d, &target);

	avail_quiet(d->av, target, id, (struct mono){now});
	model_quiet(&d->m, target, id, now);
}

static void
event_load(struct drive *d, int64_t now)
{
	size_t service = pick(d, (unsigned)d->m.n_services);
	bool high = pick(d, 2) == 0;

	avail_load(d->av, service, high, (struct mono){now});
	model_load(&d->m, service, high, now);
}

static void
event_drill(struct drive *d, int64_t now)
{
	size_t service = pick(d, (unsigned)d->m.n_services);
	bool on = pick(d, 4) == 0;

	avail_drill(d->av, service, on, (struct mono){now});
	model_drill(&d->m, service, on, now);
}

static void
event_attack(struct drive *d, int64_t now)
{
	bool on = pick(d, 2) == 0;
	int64_t expires = INT64_MAX;

	if (pick(d, 4) > 0)
		expires = now + (int64_t)pick(d, 60) * SECOND;
	avail_attack(d->av, on, (struct mono){expires}, (struct mono){now});
	model_attack(&d->m, on, expires, now);
}

static void
event_brake(struct drive *d, int64_t now)
{
	size_t prefix = pick(d, (unsigned)d->m.n_prefixes);
	bool released = pick(d, 2) == 0;

	avail_brake(d->av, prefix, released, (struct mono){now});
	model_brake(&d->m, prefix, released, now);
}

static void
event_undrain(struct drive *d, int64_t now)
{
	enum avail_target target;
	size_t id = pick_target(d, &target);

	expect_equal("undrain",
		     avail_undrain(d->av, target, id, (struct mono){now}),
		     model_undrain(&d->m, target, id, now));
}

/* What was told of each object goes over with its key. */
static void
carry_told(struct drive *d, const struct model *old)
{
	struct drive before = *d;

	memset(d->told, 0, sizeof(d->told));
	memset(d->told_reason, 0, sizeof(d->told_reason));
	for (size_t i = 0; i < MODEL_MAX; i++)
		d->told_rung[i] = AVAIL_RUNG_WITHDRAWN;
#define CARRY(kind, list, n)                                                   \
	for (size_t i = 0; i < d->m.n; i++)                                    \
		for (size_t j = 0; j < old->n; j++)                            \
			if (!strcmp(d->m.list[i].key, old->list[j].key)) {     \
				d->told[kind][i] = before.told[kind][j];       \
				d->told_reason[kind][i] =                      \
				    before.told_reason[kind][j];               \
			}
	CARRY(AVAIL_IS_CHECK, checks, n_checks)
	CARRY(AVAIL_IS_SERVICE, services, n_services)
	CARRY(AVAIL_IS_PREFIX, prefixes, n_prefixes)
#undef CARRY
	for (size_t i = 0; i < d->m.n_prefixes; i++)
		for (size_t j = 0; j < old->n_prefixes; j++)
			if (!strcmp(d->m.prefixes[i].key, old->prefixes[j].key))
				d->told_rung[i] = before.told_rung[j];
}

static void
event_reload(struct drive *d, int64_t now)
{
	struct avail *old = d->av;
	struct model before = d->m;

	make_config(d, &d->m);
	d->av = build(&d->m);
	avail_seal(d->av, (struct mono){now});
	model_seal(&d->m, now);
	avail_adopt(d->av, old, (struct mono){now});
	model_adopt(&d->m, &before, now);
	carry_told(d, &before);
	avail_free(old);
}

static void
event_tick(struct drive *d, int64_t now)
{
	avail_tick(d->av, (struct mono){now});
	model_tick(&d->m, now);
}

static void
event_stop(struct drive *d, int64_t now)
{
	if (pick(d, 8) > 0) {
		event_tick(d, now);
		return;
	}
	avail_stop(d->av, (struct mono){now});
	model_stop(&d->m, now);
}

/* How often of a hundred times each happens. */
static const struct {
	unsigned weight;
	void (*happen)(struct drive *d, int64_t now);
} events[] = {
    {54, event_sample}, {6, event_addresses}, {4, event_watch},
    {6, event_drain},   {5, event_undrain},   {2, event_quiet},
    {3, event_reload},  {4, event_load},      {3, event_drill},
    {3, event_attack},  {4, event_brake},     {5, event_tick},
    {1, event_stop},
};

static void
check_event(struct drive *d, int64_t now,
	    void (*happen)(struct drive *d, int64_t now))
{
	enum avail_prefix_state before[MODEL_MAX];
	struct avail_prefix_view v;

	avail_tick(d->av, (struct mono){now});
	model_tick(&d->m, now);
	for (size_t i = 0; i < d->m.n_prefixes; i++) {
		avail_view_prefix(d->av, i, &v);
		before[i] = v.state;
	}
	happen(d, now);
	for (size_t i = 0; i < d->m.n_prefixes; i++) {
		avail_view_prefix(d->av, i, &v);
		assert_alive(d, i, &v);
		assert_rung(&v);
		if (happen == event_sample || happen == event_load)
			assert_kept(d, before[i], &v);
	}
}

static void
event(struct drive *d)
{
	int64_t now = advance(d);
	unsigned which = pick(d, 100);
	size_t i = 0;

	while (which >= events[i].weight)
		which -= events[i++].weight;
	check_event(d, now, events[i].happen);
}

void
drive(struct source *source, unsigned n)
{
	struct drive d = {.source = source, .clock = 1000 * SECOND};

	make_config(&d, &d.m);
	d.av = build(&d.m);
	avail_seal(d.av, (struct mono){d.clock});
	model_seal(&d.m, d.clock);
	for (size_t i = 0; i < MODEL_MAX; i++)
		d.told_rung[i] = AVAIL_RUNG_WITHDRAWN;
	compare(&d);
	while (n-- > 0 && !exhausted(&d)) {
		event(&d);
		compare(&d);
		/* Not always: changes also add up over several events. */
		if (pick(&d, 4) > 0)
			take(&d);
	}
	avail_free(d.av);
}
