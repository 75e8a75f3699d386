/* SPDX-License-Identifier: ISC */
/* Lines with ids: results, facts, words of operators, decisions. */
#include <string.h>

#include "journal/read.h"

/* Two results of a check are further apart. */
#define RESULT_NS 1000

/* ---- results ---- */

static void
end_run(struct reader *r, size_t check, enum avail_verdict verdict,
	struct mono at, uint64_t count)
{
	struct journal_entry *e;

	if (r->open[check] == READ_NO_RUN) {
		line_fail(&r->l, "a run of check %zu ends that did not begin",
			  check);
		return;
	}
	e = &r->day->v[r->open[check]];
	if (e->a != verdict || mono_before(at, e->at) || count == 0 ||
	    count - 1 > (uint64_t)(at.ns - e->at.ns) / RESULT_NS) {
		line_fail(&r->l, "this is not the run that began");
		return;
	}
	e->count = count;
	e->last = at;
	r->open[check] = READ_NO_RUN;
}

static void
read_sample(struct reader *r, enum avail_verdict verdict, struct mono at)
{
	size_t check = line_number(&r->l, "check", r->setup->n_checks);
	struct line_word tail = line_take(&r->l), count;
	struct journal_entry *e;

	if (r->l.bad)
		return;
	if (tail.n > 0 && tail.s[0] == '=') {
		count = (struct line_word){tail.s + 1, tail.n - 1};
		end_run(r, check, verdict, at,
			line_number_of(&r->l, "results", count, UINT64_MAX));
		return;
	}
	if (tail.n > 0 && !line_is(tail, "+")) {
		line_expected(&r->l, "+ or =COUNT", tail);
		return;
	}
	if (r->open[check] != READ_NO_RUN) {
		line_fail(&r->l, "the run of check %zu has not ended", check);
		return;
	}
	e = read_entry(r, JOURNAL_SAMPLE, at);
	e->a = verdict;
	e->id = (uint32_t)check;
	e->count = 1;
	e->last = at;
	if (tail.n > 0)
		r->open[check] = r->day->n - 1;
}

/* ---- facts and words ---- */

static void
read_fact(struct reader *r, enum journal_fact fact, const char *yes,
	  const char *no, struct mono at)
{
	size_t id = line_number(&r->l, "service", r->setup->n_services);
	struct line_word w = line_take(&r->l);
	struct journal_entry *e;

	if (r->l.bad)
		return;
	if (!line_is(w, yes) && !line_is(w, no)) {
		line_expected(&r->l, yes, w);
		return;
	}
	e = read_entry(r, JOURNAL_FACT, at);
	e->a = fact;
	e->id = (uint32_t)id;
	e->on = line_is(w, yes);
}

static enum avail_target
read_target(struct reader *r, uint32_t *id)
{
	struct line_word w = line_take(&r->l);

	*id = 0;
	if (line_is(w, "service")) {
		*id = (uint32_t)line_number(&r->l, "service",
					    r->setup->n_services);
		return AVAIL_SERVICE;
	}
	if (line_is(w, "prefix")) {
		*id = (uint32_t)line_number(&r->l, "prefix",
					    r->setup->n_prefixes);
		return AVAIL_PREFIX;
	}
	if (!line_is(w, "node"))
		line_expected(&r->l, "node, service or prefix", w);
	return AVAIL_NODE;
}

static void
read_order(struct reader *r, enum journal_kind kind, struct mono at)
{
	uint32_t id;
	enum avail_target target = read_target(r, &id);
	struct avail_drain_times times = {0};
	struct journal_entry *e;

	if (kind == JOURNAL_DRAIN) {
		times.limit = line_time(&r->l, "the drain's limit");
		times.expires = line_time(&r->l, "the drain's end");
	}
	e = read_entry(r, kind, at);
	e->a = target;
	e->id = id;
	if (kind == JOURNAL_DRAIN)
		e->times = times;
}

static void
read_attack(struct reader *r, struct mono at)
{
	struct line_word w = line_take(&r->l);
	struct journal_entry *e;
	struct mono until = MONO_NEVER;

	if (line_is(w, "on"))
		until = line_time(&r->l, "the end of attack mode");
	else if (!line_is(w, "off"))
		line_expected(&r->l, "on or off", w);
	e = read_entry(r, JOURNAL_ATTACK, at);
	e->on = line_is(w, "on");
	e->until = until;
}

static void
read_gate(struct reader *r, struct mono at)
{
	size_t waits =
	    line_number(&r->l, "what is waited for", AVAIL_GATE_ALL + 1);

	read_entry(r, JOURNAL_GATE, at)->id = (uint32_t)waits;
}

static void
read_brake(struct reader *r, struct mono at)
{
	size_t id = line_number(&r->l, "prefix", r->setup->n_prefixes);
	struct line_word w = line_take(&r->l);
	struct journal_entry *e;

	if (!line_is(w, "released") && !line_is(w, "kept"))
		line_expected(&r->l, "released or kept", w);
	e = read_entry(r, JOURNAL_BRAKE, at);
	e->id = (uint32_t)id;
	e->on = line_is(w, "released");
}

static const char *
state_text(int v)
{
	return avail_prefix_state_text((enum avail_prefix_state)v);
}

static const char *
reason_text(int v)
{
	return avail_reason_text((enum avail_reason)v);
}

static const char *
rung_text(int v)
{
	return avail_rung_text((enum avail_rung)v);
}

static void
read_decision(struct reader *r, struct mono at)
{
	struct line *l = &r->l;
	struct journal_entry d = {.cause = UINT32_MAX}, *e;

	d.id = (uint32_t)line_number(l, "prefix", r->setup->n_prefixes);
	d.a = (uint8_t)line_choice(l, "a state of a prefix", state_text,
				   AVAIL_PREFIX_STATE_COUNT);
	d.b = (uint8_t)line_choice(l, "a state of a prefix", state_text,
				   AVAIL_PREFIX_STATE_COUNT);
	d.reason = (uint8_t)line_choice(l, "a reason", reason_text,
					AVAIL_REASON_COUNT);
	d.rung = (uint8_t)line_choice(l, "a rung", rung_text, AVAIL_RUNG_COUNT);
	if (line_more(l))
		d.cause =
		    (uint32_t)line_number(l, "service", r->setup->n_services);
	e = read_entry(r, JOURNAL_DECISION, at);
	d.at = at;
	d.kind = JOURNAL_DECISION;
	*e = d;
}

static bool
read_fact_word(struct reader *r, struct line_word w, struct mono at)
{
#define X(n, t, yes, no)                                                       \
	if (line_is(w, t)) {                                                   \
		read_fact(r, JOURNAL_FACT_##n, yes, no, at);                   \
		return true;                                                   \
	}
	JOURNAL_FACTS(X)
#undef X
	return false;
}

/* What needs ids. */
bool
read_input(struct reader *r, struct line_word w, struct mono at)
{
	static const enum journal_kind orders[] = {JOURNAL_DRAIN, JOURNAL_QUIET,
						   JOURNAL_UNDRAIN};
	static const char *const names[] = {"drain", "quiet", "undrain"};

	for (int v = 0; v < AVAIL_VERDICT_COUNT; v++)
		if (line_is(w, avail_verdict_text((enum avail_verdict)v))) {
			read_sample(r, (enum avail_verdict)v, at);
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		if (line_is(w, names[i])) {
			read_order(r, orders[i], at);
			return true;
		}
	if (line_is(w, "attack"))
		read_attack(r, at);
	else if (line_is(w, "gate"))
		read_gate(r, at);
	else if (line_is(w, "brake"))
		read_brake(r, at);
	else if (line_is(w, "decided"))
		read_decision(r, at);
	else
		return read_fact_word(r, w, at);
	return true;
}
