/* SPDX-License-Identifier: ISC */
/*
 * The recorded inputs go into avail in virtual time, with the new settings or
 * the recorded ones; what was decided then, and what is decided now, is
 * counted side by side.
 *
 * Time moves from entry to entry. With new settings what is due in between
 * happens when it is due, but for a stall of the recorded daemon: then at its
 * end. With the recorded ones it happens when it happened: each such moment
 * has its line.
 */
#include <stdlib.h>
#include <string.h>

#include "journal/replay.h"

/* The daemon says that it lives once a minute. */
#define GAP dur_s(150)

struct journal_replay *
journal_replay_new(const struct conf *conf, struct wall from, struct wall to)
{
	struct journal_replay *rp = xcalloc(1, sizeof(*rp));

	rp->compare = !conf;
	rp->range = (struct tally_range){from, to};
	rp->bad_service = SIZE_MAX;
	rp->feed = feed_new();
	rp->result.from.ns = INT64_MAX;
	if (!conf)
		return rp;
	rp->fixed = journal_setup_of(conf);
	rp->seen_services =
	    xcalloc(rp->fixed->n_services + 1, sizeof(*rp->seen_services));
	rp->seen_prefixes =
	    xcalloc(rp->fixed->n_prefixes + 1, sizeof(*rp->seen_prefixes));
	return rp;
}

struct wall
replay_wall(const struct journal_replay *rp, struct mono at)
{
	return (struct wall){at.ns + rp->clocks};
}

/* ---- what is decided now ---- */

/* Since when `service` looks bad, by results and facts. */
static struct mono
bad_since(struct journal_replay *rp, size_t service, struct mono at)
{
	struct mono since = rp->services[service].gone_since;

	/* Thousands of prefixes may go at once. */
	if (rp->bad_service == service && rp->bad_at.ns == at.ns)
		return rp->bad_since;
	for (size_t i = 0; i < rp->model->n_checks; i++)
		if (rp->model->checks[i].service == service)
			since = mono_min(since, rp->checks[i].bad_since);
	rp->bad_service = service;
	rp->bad_at = at;
	rp->bad_since = since;
	return since;
}

static struct tally_cause
cause_of(struct journal_replay *rp, size_t service, struct mono at)
{
	struct tally_cause cause = {0};
	struct mono since;

	if (service == SIZE_MAX)
		return cause;
	cause.service = replay_name(rp, rp->model->services[service].name);
	since = bad_since(rp, service, at);
	cause.detected = !mono_is_never(since) && !mono_before(at, since);
	if (cause.detected)
		cause.detection = mono_sub(at, since);
	return cause;
}

static void
prefix_changed(struct journal_replay *rp, const struct avail_change *c)
{
	struct replay_line *line = rp->lines[c->id];
	struct pending decision = {(uint8_t)c->to, (uint8_t)c->reason,
				   (uint8_t)c->rung_to, c->at};
	struct tally_cause cause;

	if (!line)
		return;
	if (c->to == AVAIL_PREFIX_BRAKED && rp->fixed && !line->braked)
		replay_note(rp,
			    "prefix %s would have asked for the brake: what "
			    "the other nodes would have said is not recorded, "
			    "it stays announced",
			    line->l.name);
	cause = cause_of(rp, c->cause, c->at);
	tally_set(&line->now, &line->l.now,
		  tally_state_of((enum avail_prefix_state)c->to),
		  replay_wall(rp, c->at), &rp->range, &cause);
	replay_compare(rp, line, true, &decision);
}

void
replay_take(struct journal_replay *rp)
{
	struct avail_change c;

	while (avail_take(rp->av, &c))
		if (c.object == AVAIL_IS_PREFIX)
			prefix_changed(rp, &c);
}

/* ---- time ---- */

static void
give_sample(struct journal_replay *rp, size_t check, enum avail_verdict v,
	    struct mono at)
{
	rp->checks[check].fed = at;
	avail_sample(rp->av, check, v, at);
	replay_take(rp);
}

static void
give_feed(struct journal_replay *rp)
{
	struct feed_run run = *feed_first(rp->feed);

	feed_next(rp->feed);
	give_sample(rp, run.check, run.verdict, run.next);
	if (run.left == 1 && run.rest > 0) {
		avail_repeat(rp->av, run.check, run.rest, run.last);
		rp->checks[run.check].fed = run.last;
	}
}

/* Everything up to `until`, and with it. */
void
replay_advance(struct journal_replay *rp, struct mono until)
{
	while (rp->av) {
		const struct feed_run *run = feed_first(rp->feed);
		struct mono due =
		    rp->compare ? MONO_NEVER : avail_next_deadline(rp->av);
		struct mono feed = run ? run->next : MONO_NEVER;

		if (!mono_reached(mono_min(due, feed), until))
			return;
		if (mono_reached(due, feed)) {
			avail_tick(rp->av, due);
			replay_take(rp);
		} else {
			give_feed(rp);
		}
	}
}

/* ---- results ---- */

static void
note_verdict(struct replay_check *c, enum avail_verdict v, struct mono at)
{
	bool good = v == AVAIL_VERDICT_PASS || v == AVAIL_VERDICT_DEGRADED;

	if (good)
		c->bad_since = MONO_NEVER;
	else if (mono_is_never(c->bad_since))
		c->bad_since = at;
}

/* With a longer interval most results would not have been asked for. */
static struct dur
gap_now(const struct journal_replay *rp, size_t check)
{
	const struct journal_check *c = &rp->model->checks[check];
	struct avail_check_view v;

	if (rp->checks[check].gap.ns == 0)
		return DUR_ZERO;
	avail_view_check(rp->av, check, &v);
	/* A tenth less: results come with their jitter. */
	return dur_ns((v.changing ? c->fast_interval : c->interval).ns / 10 *
		      9);
}

static void
single(struct journal_replay *rp, size_t check, const struct journal_entry *e)
{
	struct replay_check *c = &rp->checks[check];
	struct dur gap = gap_now(rp, check);

	if (gap.ns > 0 && !mono_is_never(c->fed) &&
	    mono_sub(e->at, c->fed).ns < gap.ns)
		return;
	give_sample(rp, check, (enum avail_verdict)e->a, e->at);
}

static void
several(struct journal_replay *rp, size_t check, const struct journal_entry *e)
{
	const struct replay_check *c = &rp->checks[check];
	int64_t span = mono_sub(e->last, e->at).ns;
	uint64_t count = e->count;
	struct feed_run run = {.next = e->at,
			       .last = e->last,
			       .check = check,
			       .verdict = (enum avail_verdict)e->a};

	if (c->gap.ns > 0 && (uint64_t)(span / c->gap.ns) + 1 < count)
		count = (uint64_t)(span / c->gap.ns) + 1;
	run.spacing = dur_ns(count > 1 ? span / (int64_t)(count - 1) : 0);
	run.left = count < c->need ? count : c->need;
	run.rest = count - run.left;
	feed_add(rp->feed, &run);
}

static void
on_sample(struct journal_replay *rp, const struct journal_entry *e)
{
	size_t check = rp->map.checks[e->id];

	rp->result.results += e->count;
	if (check == SIZE_MAX)
		return;
	note_verdict(&rp->checks[check], (enum avail_verdict)e->a, e->at);
	if (e->count > 1)
		several(rp, check, e);
	else
		single(rp, check, e);
	replay_advance(rp, e->at);
}

/* ---- facts and words ---- */

static void
note_fact(struct replay_service *s, const struct journal_entry *e)
{
	bool good = e->a == JOURNAL_FACT_DRILL ? !e->on : e->on;

	if (e->a == JOURNAL_FACT_LOAD)
		return;
	if (good)
		s->gone_since = MONO_NEVER;
	else if (mono_is_never(s->gone_since))
		s->gone_since = e->at;
}

static void
on_fact(struct journal_replay *rp, const struct journal_entry *e)
{
	size_t id = rp->map.services[e->id];

	if (id == SIZE_MAX)
		return;
	note_fact(&rp->services[id], e);
	switch ((enum journal_fact)e->a) {
	case JOURNAL_FACT_ADDRESSES:
		avail_addresses(rp->av, id, e->on, e->at);
		break;
	case JOURNAL_FACT_WATCH:
		avail_watch(rp->av, id, e->on, e->at);
		break;
	case JOURNAL_FACT_LOAD:
		avail_load(rp->av, id, e->on, e->at);
		break;
	case JOURNAL_FACT_DRILL:
		avail_drill(rp->av, id, e->on, e->at);
		break;
	case JOURNAL_FACT_COUNT:
		break;
	}
}

static void
on_order(struct journal_replay *rp, const struct journal_entry *e)
{
	enum avail_target target = (enum avail_target)e->a;
	size_t id = 0;

	if (target == AVAIL_SERVICE)
		id = rp->map.services[e->id];
	else if (target == AVAIL_PREFIX)
		id = rp->map.prefixes[e->id];
	if (id == SIZE_MAX)
		return;
	if (e->kind == JOURNAL_DRAIN)
		avail_drain(rp->av, target, id, &e->times, e->at);
	else if (e->kind == JOURNAL_QUIET)
		avail_quiet(rp->av, target, id, e->at);
	else
		avail_undrain(rp->av, target, id, e->at);
}

static void
on_brake(struct journal_replay *rp, const struct journal_entry *e)
{
	size_t id = rp->map.prefixes[e->id];

	if (id != SIZE_MAX)
		avail_brake(rp->av, id, e->on, e->at);
}

/* ---- what was decided then ---- */

static void
on_decision(struct journal_replay *rp, const struct journal_entry *e)
{
	struct replay_line *line = rp->map.lines[e->id];
	struct pending decision = {e->b, e->reason, e->rung, e->at};
	size_t service = SIZE_MAX;
	struct tally_cause cause;

	if (!line)
		return;
	line->braked = e->b == AVAIL_PREFIX_BRAKED;
	/* Who begins in the middle learns from it what stood before. */
	if (line->then.state == TALLY_UNKNOWN)
		line->then.state =
		    tally_state_of((enum avail_prefix_state)e->a);
	if (e->cause != UINT32_MAX)
		service = rp->map.services[e->cause];
	cause = cause_of(rp, service, e->at);
	tally_set(&line->then, &line->l.then,
		  tally_state_of((enum avail_prefix_state)e->b),
		  replay_wall(rp, e->at), &rp->range, &cause);
	replay_compare(rp, line, false, &decision);
}

/* What the recorded time has lost below its unit. */
#define ROUNDING dur_us(2)

static void
tick(struct journal_replay *rp, struct mono at)
{
	struct mono due;

	avail_tick(rp->av, at);
	due = avail_next_deadline(rp->av);
	if (rp->compare && mono_reached(due, mono_add(at, ROUNDING)))
		avail_tick(rp->av, due);
}

static void
on_tick(struct journal_replay *rp, const struct journal_entry *e)
{
	bool stalled = e->kind == JOURNAL_STALLED;
	int64_t until = stalled && !rp->compare ? e->until.ns : e->at.ns;

	if (!rp->av)
		return;
	replay_advance(rp, (struct mono){until - 1});
	if (stalled != rp->compare)
		tick(rp, e->at);
	replay_take(rp);
}

/* ---- entries ---- */

static void
on_input(struct journal_replay *rp, const struct journal_entry *e)
{
	switch ((enum journal_kind)e->kind) {
	case JOURNAL_SAMPLE:
		on_sample(rp, e);
		break;
	case JOURNAL_FACT:
		on_fact(rp, e);
		break;
	case JOURNAL_DRAIN:
	case JOURNAL_QUIET:
	case JOURNAL_UNDRAIN:
		on_order(rp, e);
		break;
	case JOURNAL_ATTACK:
		avail_attack(rp->av, e->on, e->until, e->at);
		break;
	case JOURNAL_GATE:
		avail_gate(rp->av, e->id, e->at);
		break;
	case JOURNAL_BRAKE:
		on_brake(rp, e);
		break;
	default:
		break;
	}
	replay_take(rp);
}

static void
on_frame(struct journal_replay *rp, const struct journal_entry *e)
{
	switch ((enum journal_kind)e->kind) {
	case JOURNAL_CLOCK:
		replay_life_clock(rp, e);
		break;
	case JOURNAL_START:
		replay_life_start(rp, e);
		break;
	case JOURNAL_RESUME:
		rp->resumed = true;
		break;
	case JOURNAL_CONFIGURATION:
		replay_life_configure(rp, e);
		break;
	case JOURNAL_LOST:
		rp->result.lost += e->n;
		break;
	case JOURNAL_DECISION:
		if (rp->av)
			on_decision(rp, e);
		break;
	default:
		if (rp->av)
			on_input(rp, e);
		break;
	}
}

/* Nothing was recorded for longer than the daemon would be silent. */
static bool
is_gap(const struct journal_replay *rp, const struct journal_entry *e)
{
	return mono_before(e->at, rp->now) ||
	       mono_before(mono_add(rp->now, GAP), e->at);
}

static void
on_entry(struct journal_replay *rp, const struct journal_entry *e)
{
	bool gap = e->kind == JOURNAL_RESUME && is_gap(rp, e);

	if (gap || e->kind == JOURNAL_START)
		replay_life_end(rp);
	if (gap || e->kind == JOURNAL_LOST)
		rp->comparable = false;
	if (e->kind == JOURNAL_STALLED || e->kind == JOURNAL_TICK)
		on_tick(rp, e);
	else if (e->kind != JOURNAL_DECISION)
		replay_advance(rp, (struct mono){e->at.ns - 1});
	on_frame(rp, e);
	if (e->kind != JOURNAL_DECISION)
		rp->now = e->at;
	if (e->kind == JOURNAL_STOP)
		replay_life_end(rp);
}

void
journal_replay_day(struct journal_replay *rp, const struct journal_day *day)
{
	for (size_t i = 0; i < day->n; i++)
		on_entry(rp, &day->v[i]);
	rp->setup = NULL;
}

/* ---- the result ---- */

const struct journal_result *
journal_replay_end(struct journal_replay *rp)
{
	struct journal_result *r = &rp->result;
	struct replay_line *line, *tmp;
	struct note *note, *next;

	if (rp->av)
		replay_advance(rp, rp->now);
	replay_life_end(rp);
	replay_map_missing(rp);
	if (r->from.ns > r->to.ns)
		r->from = r->to;
	free(rp->list);
	free(rp->texts);
	r->n_lines = r->n_notes = 0;
	rp->list = xcalloc(HASH_COUNT(rp->table) + 1, sizeof(*rp->list));
	rp->texts = xcalloc(HASH_COUNT(rp->notes) + 1, sizeof(*rp->texts));
	HASH_ITER (hh, rp->table, line, tmp) {
		tally_match(&line->l);
		rp->list[r->n_lines++] = &line->l;
	}
	HASH_ITER (hh, rp->notes, note, next)
		rp->texts[r->n_notes++] = note->text;
	r->lines = rp->list;
	r->notes = rp->texts;
	r->node = rp->node ? rp->node : "";
	r->difference = rp->difference ? rp->difference : "";
	return r;
}

static void
free_lines(struct journal_replay *rp)
{
	struct replay_line *line, *tmp;

	HASH_ITER (hh, rp->table, line, tmp) {
		HASH_DEL(rp->table, line);
		free((char *)(uintptr_t)line->l.name);
		free(line->l.then.outages);
		free(line->l.now.outages);
		free(line);
	}
}

static void
free_notes(struct note **table)
{
	struct note *note, *next;

	HASH_ITER (hh, *table, note, next) {
		HASH_DEL(*table, note);
		free(note->text);
		free(note);
	}
}

void
journal_replay_free(struct journal_replay *rp)
{
	if (!rp)
		return;
	replay_life_free(rp);
	free_lines(rp);
	free_notes(&rp->notes);
	free_notes(&rp->names);
	replay_map_free(&rp->map);
	journal_setup_free(rp->fixed);
	feed_free(rp->feed);
	free(rp->seen_services);
	free(rp->seen_prefixes);
	free(rp->list);
	free(rp->texts);
	free(rp->node);
	free(rp->difference);
	free(rp);
}
