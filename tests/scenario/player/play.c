/* SPDX-License-Identifier: ISC */
/*
 * Virtual time: steps in their order, and between them avail_tick() exactly
 * when the engine asks for it, as the daemon does.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "scenario.h"

/* What the daemon keeps in its state file. */
struct kept_drain {
	enum avail_target target;
	const char *key;
	struct avail_drain_times times;
};

struct player {
	const struct scenario *sc;
	const struct sc_config *config; /* in force */
	struct avail *av;               /* owned; NULL while halted */
	int64_t at, offset;             /* time line; the clock ahead of it */
	struct kept_drain *drains;      /* owned */
	size_t n_drains;
	bool attack; /* kept as the drains are */
	struct mono attack_expires;
	struct text journal;
	unsigned failures;
};

static struct mono
clock_of(const struct player *p)
{
	return (struct mono){p->at + p->offset};
}

static void
report(struct player *p, int line, const char *what, const char *seen)
{
	fprintf(stderr, "%s:%d: at %.3fs: expected %s, seen %s\n", p->sc->path,
		line, (double)p->at / 1e9, what, seen);
	p->failures++;
}

/* ---- drains, as the daemon keeps them ---- */

static void
forget_drain(struct player *p, enum avail_target target, const char *key)
{
	for (size_t i = 0; i < p->n_drains; i++) {
		if (p->drains[i].target != target ||
		    strcmp(p->drains[i].key, key) != 0)
			continue;
		p->drains[i] = p->drains[--p->n_drains];
		return;
	}
}

static void
keep_drain(struct player *p, const struct sc_step *step,
	   const struct avail_drain_times *times)
{
	forget_drain(p, step->target, step->key);
	p->drains = xrealloc(p->drains, p->n_drains + 1, sizeof(*p->drains));
	p->drains[p->n_drains++] = (struct kept_drain){
	    .target = step->target, .key = step->key, .times = *times};
}

static size_t
target_id(const struct player *p, enum avail_target target, const char *key)
{
	if (target == AVAIL_NODE)
		return 0;
	return expect_find(
	    p->av, target == AVAIL_SERVICE ? AVAIL_IS_SERVICE : AVAIL_IS_PREFIX,
	    key);
}

static void
apply_drains(struct player *p)
{
	for (size_t i = 0; i < p->n_drains; i++) {
		const struct kept_drain *d = &p->drains[i];
		size_t id = target_id(p, d->target, d->key);

		if (id != SIZE_MAX &&
		    !mono_reached(d->times.expires, clock_of(p)))
			avail_drain(p->av, d->target, id, &d->times,
				    clock_of(p));
	}
	if (p->attack && !mono_reached(p->attack_expires, clock_of(p)))
		avail_attack(p->av, true, p->attack_expires, clock_of(p));
}

/* ---- after every event ---- */

static void
drain_ended(struct player *p, const struct avail_change *c)
{
	if (c->to != AVAIL_DRAIN_EXPIRED)
		return;
	if (c->target == AVAIL_NODE)
		forget_drain(p, c->target, "");
	else if (c->target == AVAIL_SERVICE)
		forget_drain(p, c->target, avail_service_key(p->av, c->id));
	else
		forget_drain(p, c->target, avail_prefix_key(p->av, c->id));
}

static void
take_changes(struct player *p)
{
	char line[AVAIL_CHANGE_TEXT_MAX];
	struct avail_change c;

	while (p->av && avail_take(p->av, &c)) {
		text_addf(&p->journal, "%9.3fs  %s\n", (double)p->at / 1e9,
			  avail_change_text(p->av, &c, line, sizeof(line)));
		if (c.object == AVAIL_IS_DRAIN)
			drain_ended(p, &c);
		if (c.object == AVAIL_IS_ATTACK)
			p->attack = false;
	}
}

static void
check_expectation(struct player *p, const struct sc_expect *e, bool never,
		  int line)
{
	struct text seen = {0}, what = {0};
	bool met = p->av && expect_met(p->av, e, p->offset, &seen);

	if (!p->av)
		text_add(&seen, "that the daemon does not run");
	if (met == never) {
		text_add(&what, never ? "never " : "");
		expect_describe(e, &what);
		report(p, line, text_str(&what), text_str(&seen));
	}
	text_free(&seen);
	text_free(&what);
}

/* At its first instant a rule holds when all actions there are done. */
static bool
rule_applies(const struct sc_rule *rule, int64_t at, bool done)
{
	return (rule->from < at || (rule->from == at && done)) &&
	       at <= rule->to;
}

static void
settle(struct player *p, bool done)
{
	take_changes(p);
	for (size_t i = 0; p->av && i < p->sc->n_rules; i++) {
		const struct sc_rule *rule = &p->sc->rules[i];

		if (rule_applies(rule, p->at, done))
			check_expectation(p, &rule->expect, rule->never,
					  rule->line);
	}
}

/* Ticks whatever is due until the time line reaches `at`. */
static void
run_until(struct player *p, int64_t at)
{
	while (p->av) {
		struct mono due = avail_next_deadline(p->av);

		if (mono_is_never(due) || due.ns - p->offset > at)
			break;
		if (due.ns - p->offset > p->at)
			p->at = due.ns - p->offset;
		avail_tick(p->av, clock_of(p));
		settle(p, false);
	}
	p->at = at;
}

/* ---- steps ---- */

static void
start(struct player *p)
{
	assert(!p->av);
	p->av = config_build(p->config, clock_of(p));
	apply_drains(p);
	for (size_t i = 0; i < p->config->n_services; i++)
		if (!p->config->services[i].addresses_later)
			avail_addresses(p->av, i, true, clock_of(p));
}

static void
halt(struct player *p)
{
	avail_free(p->av);
	p->av = NULL;
}

/* New services get their addresses, as the daemon's out/ sees to it. */
static void
reload(struct player *p, const struct sc_config *config)
{
	struct avail *old = p->av;

	p->config = config;
	p->av = config_build(config, clock_of(p));
	avail_adopt(p->av, old, clock_of(p));
	for (size_t i = 0; i < config->n_services; i++)
		if (!config->services[i].addresses_later &&
		    expect_find(old, AVAIL_IS_SERVICE,
				config->services[i].name) == SIZE_MAX)
			avail_addresses(p->av, i, true, clock_of(p));
	avail_free(old);
}

static struct mono
expiry_of(const struct player *p, const struct sc_step *step)
{
	if (step->ns < 0)
		return MONO_NEVER;
	return mono_add(clock_of(p), dur_ns(step->ns));
}

static void
drain(struct player *p, const struct sc_step *step, size_t id)
{
	struct avail_drain_times times = {
	    .limit = mono_add(clock_of(p), dur_ns(step->limit)),
	    .expires = expiry_of(p, step)};

	keep_drain(p, step, &times);
	avail_drain(p->av, step->target, id, &times, clock_of(p));
}

static void
attack(struct player *p, const struct sc_step *step)
{
	p->attack = step->yes;
	p->attack_expires = expiry_of(p, step);
	avail_attack(p->av, p->attack, p->attack_expires, clock_of(p));
}

static void
undrain(struct player *p, const struct sc_step *step, size_t id)
{
	forget_drain(p, step->target, step->key);
	if (!avail_undrain(p->av, step->target, id, clock_of(p)))
		report(p, step->line, "a drain to end", "none");
}

/* The id a step talks about; SIZE_MAX, reported, when there is no such. */
static size_t
step_id(struct player *p, const struct sc_step *step)
{
	size_t id = 0;

	switch (step->action) {
	case SC_SAMPLE:
		id = expect_find(p->av, AVAIL_IS_CHECK, step->key);
		break;
	case SC_ADDRESSES:
	case SC_WATCH:
	case SC_LOAD:
	case SC_DRILL:
		id = expect_find(p->av, AVAIL_IS_SERVICE, step->key);
		break;
	case SC_BRAKE:
		id = expect_find(p->av, AVAIL_IS_PREFIX, step->key);
		break;
	case SC_DRAIN:
	case SC_UNDRAIN:
	case SC_QUIET:
		id = target_id(p, step->target, step->key);
		break;
	default:
		break;
	}
	if (id == SIZE_MAX)
		report(p, step->line, step->key, "no object of this name");
	return id;
}

static void
perform(struct player *p, const struct sc_step *step)
{
	size_t id = step_id(p, step);
	struct mono now = clock_of(p);

	if (id == SIZE_MAX)
		return;
	switch (step->action) {
	case SC_SAMPLE:
		avail_sample(p->av, id, step->verdict, now);
		break;
	case SC_ADDRESSES:
		avail_addresses(p->av, id, step->yes, now);
		break;
	case SC_WATCH:
		avail_watch(p->av, id, step->yes, now);
		break;
	case SC_DRAIN:
		drain(p, step, id);
		break;
	case SC_UNDRAIN:
		undrain(p, step, id);
		break;
	case SC_QUIET:
		avail_quiet(p->av, step->target, id, now);
		break;
	case SC_LOAD:
		avail_load(p->av, id, step->yes, now);
		break;
	case SC_ATTACK:
		attack(p, step);
		break;
	case SC_GATE:
		avail_gate(p->av, (unsigned)step->limit, now);
		break;
	case SC_BRAKE:
		avail_brake(p->av, id, step->yes, now);
		break;
	case SC_DRILL:
		avail_drill(p->av, id, step->yes, now);
		break;
	case SC_STOP:
		avail_stop(p->av, now);
		break;
	case SC_HALT:
		halt(p);
		break;
	case SC_RELOAD:
		reload(p, step->config);
		break;
	default:
		break;
	}
}

/* A halted daemon hears nothing; a jump happens to the clock all the same. */
static void
step_on(struct player *p, const struct sc_step *step)
{
	if (step->action == SC_JUMP)
		p->offset += step->ns;
	else if (step->action == SC_START && !p->av)
		start(p);
	else if (step->action == SC_EXPECT)
		check_expectation(p, &step->expect, false, step->line);
	else if (p->av)
		perform(p, step);
	settle(p, step->action >= SC_EXPECT);
}

unsigned
play_scenario(const struct scenario *sc, bool verbose)
{
	struct player p = {.sc = sc, .config = &sc->config};

	start(&p);
	settle(&p, false);
	for (size_t i = 0; i < sc->n_steps; i++) {
		run_until(&p, sc->steps[i].at);
		step_on(&p, &sc->steps[i]);
	}
	if (verbose || p.failures)
		fputs(text_str(&p.journal), stdout);
	halt(&p);
	free(p.drains);
	text_free(&p.journal);
	return p.failures;
}
