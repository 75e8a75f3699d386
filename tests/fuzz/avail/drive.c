/* SPDX-License-Identifier: ISC */
#include "drive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define SECOND INT64_C(1000000000)

struct drive {
	struct source *source;
	struct avail *av; /* owned */
	struct model m;
	int64_t clock;
	/* The states and reasons as avail_take() told them. */
	int told[3][MODEL_MAX], told_reason[3][MODEL_MAX];
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
	struct model_prefix *p = &m->prefixes[m->n_prefixes];

	*p = (struct model_prefix){.hold_down = holds[pick(d, 4)]};
	name(d, p->key, "p", m->n_prefixes++);
	for (size_t i = 0; i < m->n_services; i++)
		if (pick(d, 2))
			p->services[p->n++] = i;
	p->need = pick(d, (unsigned)p->n + 2);
}

static void
make_config(struct drive *d, struct model *m)
{
	*m = (struct model){.n_services = 1 + pick(d, 4)};
	for (size_t i = 0; i < m->n_services; i++) {
		unsigned checks = pick(d, 4);

		name(d, m->services[i].key, "s", i);
		m->services[i].need = pick(d, checks + 2);
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

	for (size_t i = 0; i < m->n_services; i++)
		avail_add_service(
		    av, m->services[i].key,
		    &(struct avail_service_settings){{m->services[i].need}});
	for (size_t i = 0; i < m->n_checks; i++)
		avail_add_check(av, m->checks[i].key, m->checks[i].service,
				&m->checks[i].s);
	for (size_t i = 0; i < m->n_prefixes; i++) {
		const struct model_prefix *p = &m->prefixes[i];
		struct avail_prefix_settings s = {.require = {p->need},
						  .hold_down = {p->hold_down}};

		avail_add_prefix(av, p->key, p->services, p->n, &s);
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
compare_drain(const char *what, bool drained, struct mono expires,
	      const struct model_drain *d)
{
	expect_equal(what, drained, d->on);
	expect_equal(what, expires.ns, d->on ? d->expires : INT64_MAX);
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
	expect_equal("addresses", v.addresses_present, s->present);
	compare_drain("service drain", v.drained, v.drain_expires, &s->drain);
}

static void
compare_prefix(const struct drive *d, size_t i)
{
	const struct model_prefix *p = &d->m.prefixes[i];
	struct avail_prefix_view v;

	avail_view_prefix(d->av, i, &v);
	expect_equal("prefix state", v.state, p->shown.state);
	expect_equal("prefix reason", v.reason, p->shown.reason);
	expect_equal("prefix since", v.since.ns, p->shown.since);
	expect_equal("prefix transitions", v.transitions, p->shown.transitions);
	expect_equal("announce", v.announce,
		     p->shown.state == AVAIL_PREFIX_ANNOUNCED);
	expect_equal("until", v.until.ns,
		     p->hold_until > d->m.now ? p->hold_until : INT64_MAX);
	expect_equal("services up", v.services_up, model_services_up(&d->m, i));
	expect_equal("degraded", v.degraded, model_degraded(&d->m, i));
	compare_drain("prefix drain", v.drained, v.drain_expires, &p->drain);
}

static void
compare(const struct drive *d)
{
	struct avail_drain_times times;
	bool drained = avail_node_drained(d->av, &times);

	for (size_t i = 0; i < d->m.n_checks; i++)
		compare_check(d, i);
	for (size_t i = 0; i < d->m.n_services; i++)
		compare_service(d, i);
	for (size_t i = 0; i < d->m.n_prefixes; i++)
		compare_prefix(d, i);
	compare_drain("node drain", drained, times.expires, &d->m.node);
	expect_equal("next deadline", avail_next_deadline(d->av).ns,
		     model_deadline(&d->m));
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
}

/* The change is one: never the same state for the same reason again. */
static void
note_change(struct drive *d, const struct avail_change *c)
{
	int *state = &d->told[c->object][c->id];
	int *reason = &d->told_reason[c->object][c->id];

	expect_equal("from", c->from, *state);
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
		if (c.object == AVAIL_IS_DRAIN)
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
	int64_t expires = INT64_MAX;

	if (pick(d, 4) > 0)
		expires = now + (int64_t)pick(d, 20) * SECOND;
	avail_drain(d->av, target, id,
		    &(struct avail_drain_times){{now}, {expires}},
		    (struct mono){now});
	model_drain(&d->m, target, id, expires, now);
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
event(struct drive *d)
{
	int64_t now = advance(d);
	unsigned which = pick(d, 64);

	if (which < 40) {
		event_sample(d, now);
	} else if (which < 45) {
		event_addresses(d, now);
	} else if (which < 48) {
		event_watch(d, now);
	} else if (which < 52) {
		event_drain(d, now);
	} else if (which < 56) {
		event_undrain(d, now);
	} else if (which < 58) {
		event_reload(d, now);
	} else if (which < 63 || pick(d, 8) > 0) {
		avail_tick(d->av, (struct mono){now});
		model_tick(&d->m, now);
	} else {
		avail_stop(d->av, (struct mono){now});
		model_stop(&d->m, now);
	}
}

void
drive(struct source *source, unsigned events)
{
	struct drive d = {.source = source, .clock = 1000 * SECOND};

	make_config(&d, &d.m);
	d.av = build(&d.m);
	avail_seal(d.av, (struct mono){d.clock});
	model_seal(&d.m, d.clock);
	compare(&d);
	while (events-- > 0 && !exhausted(&d)) {
		event(&d);
		compare(&d);
		/* Not always: changes also add up over several events. */
		if (pick(&d, 4) > 0)
			take(&d);
	}
	avail_free(d.av);
}
