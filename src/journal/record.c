/* SPDX-License-Identifier: ISC */
/*
 * From inputs to lines. Results of a check, by far the most of all, are runs
 * of equal verdicts:
 *
 *            other verdict, a gap, or the service was told of
 *        ┌──────────────────────────────────────────────────────┐
 *        ▼         `exact` results                              │
 *      HEAD ──────────────────────────► OPEN ("fail 3 +")       │
 *   one line each                        only counted           │
 *        │                                 │ "fail 3 =86000" ───┤
 *        └──────────────────────────────────────────────────────┘
 *
 * The head is as long as rise and fall can be, so that every decision falls
 * at the time of a recorded result. In an open run no two results are further
 * apart than two intervals: they are known well enough by number and ends.
 *
 * A new day closes every run; those that go on are open again at once.
 *
 * Invariants: an open run has at least one result; what is written is in the
 * order in which it happened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/line.h"
#include "journal/names.h"

#define EXACT_LEAST 16
/* More than this between two clocks' distances is said. */
#define CLOCK_SLACK_NS INT64_C(100000000)

/* So much later than due is no jitter of the loop. */
#define STALL dur_s(1)

struct run {
	enum avail_verdict verdict;
	uint64_t n; /* HEAD: results so far; 0: none yet */
	bool open;
	uint64_t counted; /* OPEN: since the line that opened it */
	struct mono last;
};

struct facts {
	bool told[JOURNAL_FACT_COUNT], on[JOURNAL_FACT_COUNT];
};

struct journal_record {
	struct text out;
	size_t limit;
	uint64_t lost;  /* lines since the last resume */
	bool due;       /* the input that follows brings what was due */
	int64_t clocks; /* wall - mono as last written */
	struct journal_setup *setup; /* owned; NULL: none yet */
	struct run *runs;            /* owned; of each check */
	struct facts *facts;         /* owned; of each service */
};

struct journal_record *
journal_record_new(size_t limit)
{
	struct journal_record *r = xcalloc(1, sizeof(*r));

	r->limit = limit;
	return r;
}

void
journal_record_free(struct journal_record *r)
{
	if (!r)
		return;
	text_free(&r->out);
	journal_setup_free(r->setup);
	free(r->runs);
	free(r->facts);
	free(r);
}

static void
add_word(struct journal_record *r, const char *word)
{
	text_add_n(&r->out, " ", 1);
	text_add(&r->out, word);
}

static void
add_number(struct journal_record *r, uint64_t v)
{
	text_add_n(&r->out, " ", 1);
	text_add_number(&r->out, v, 1);
}

/* False: there is no room, and the line is counted. */
static bool
begin(struct journal_record *r, struct mono at, const char *word)
{
	if (r->lost > 0 || r->out.len >= r->limit) {
		r->lost++;
		return false;
	}
	line_add_time(&r->out, at);
	add_word(r, word);
	return true;
}

static void
end(struct journal_record *r)
{
	text_add(&r->out, "\n");
}

/* ---- runs ---- */

static void
tick_line(struct journal_record *r, struct mono now)
{
	if (begin(r, now, "tick"))
		end(r);
}

static void
sample_line(struct journal_record *r, size_t check, const struct run *run,
	    const char *tail)
{
	if (!begin(r, run->last, avail_verdict_text(run->verdict)))
		return;
	text_addf(&r->out, " %zu%s", check, tail);
	end(r);
}

static void
end_run(struct journal_record *r, size_t check)
{
	struct run *run = &r->runs[check];
	char tail[32];

	if (run->open) {
		snprintf(tail, sizeof(tail), " =%llu",
			 (unsigned long long)run->counted);
		sample_line(r, check, run, tail);
	}
	run->open = false;
}

/* Its results are exact again: what comes next may depend on each. */
static void
end_runs_of(struct journal_record *r, size_t service)
{
	for (size_t i = 0; r->setup && i < r->setup->n_checks; i++)
		if (r->setup->checks[i].service == service) {
			end_run(r, i);
			r->runs[i].n = 0;
		}
}

void
journal_record_close(struct journal_record *r)
{
	for (size_t i = 0; r->setup && i < r->setup->n_checks; i++)
		end_run(r, i);
}

static uint64_t
exact(const struct journal_check *c)
{
	unsigned n = c->s.rise > c->s.fall ? c->s.rise : c->s.fall;

	return n > EXACT_LEAST ? n : EXACT_LEAST;
}

static bool
goes_on(const struct journal_check *c, const struct run *run,
	enum avail_verdict verdict, struct mono now)
{
	return run->n > 0 && run->verdict == verdict &&
	       mono_sub(now, run->last).ns <= 2 * c->interval.ns;
}

void
journal_record_sample(struct journal_record *r, size_t check,
		      enum avail_verdict verdict, struct mono now)
{
	const struct journal_check *c = &r->setup->checks[check];
	struct run *run = &r->runs[check];

	if (!goes_on(c, run, verdict, now)) {
		end_run(r, check);
		run->n = 0;
	}
	run->verdict = verdict;
	run->last = now;
	run->n++;
	if (run->open) {
		run->counted++;
		if (r->due) /* nobody else would say it */
			tick_line(r, now);
	} else if (run->n <= exact(c)) {
		sample_line(r, check, run, "");
	} else {
		run->open = true;
		run->counted = 1;
		sample_line(r, check, run, " +");
	}
}

/* ---- the frame ---- */

static void
clock_line(struct journal_record *r, struct mono now, struct wall wall)
{
	char text[32];

	r->clocks = wall.ns - now.ns;
	if (!begin(r, now, "clock "))
		return;
	text_add(&r->out, wall_format(wall, text, sizeof(text)));
	end(r);
}

void
journal_record_start(struct journal_record *r, const char *node,
		     const char *version, struct mono now, struct wall wall)
{
	if (begin(r, now, "start")) {
		text_addf(&r->out, " %s", version);
		line_add_name(&r->out, node);
		end(r);
	}
	clock_line(r, now, wall);
}

static void
configuration_lines(struct journal_record *r, struct mono now)
{
	if (!begin(r, now, "configuration"))
		return;
	text_addf(&r->out, " %llu", (unsigned long long)r->setup->generation);
	end(r);
	line_add_setup(&r->out, r->setup);
	text_add(&r->out, "end\n");
}

/* A service that stays is still known of. */
static void
keep_facts(struct facts *facts, const struct journal_setup *setup,
	   const struct facts *old_facts, const struct journal_setup *old)
{
	struct names *names =
	    names_new(old->services, sizeof(*old->services), old->n_services);

	for (size_t i = 0; i < setup->n_services; i++) {
		size_t id = names_find(names, setup->services[i].name);

		if (id != SIZE_MAX)
			facts[i] = old_facts[id];
	}
	names_free(names);
}

void
journal_record_configuration(struct journal_record *r,
			     struct journal_setup *setup, struct mono now)
{
	struct journal_setup *old = r->setup;
	struct facts *facts =
	    xcalloc(setup->n_services ? setup->n_services : 1, sizeof(*facts));

	journal_record_close(r);
	if (old)
		keep_facts(facts, setup, r->facts, old);
	free(r->facts);
	free(r->runs);
	r->facts = facts;
	r->runs =
	    xcalloc(setup->n_checks ? setup->n_checks : 1, sizeof(*r->runs));
	r->setup = setup;
	journal_setup_free(old);
	configuration_lines(r, now);
}

void
journal_record_alive(struct journal_record *r, struct mono now,
		     struct wall wall)
{
	int64_t moved = wall.ns - now.ns - r->clocks;

	if (moved > CLOCK_SLACK_NS || moved < -CLOCK_SLACK_NS)
		clock_line(r, now, wall);
	else if (begin(r, now, "alive"))
		end(r);
}

void
journal_record_stop(struct journal_record *r, struct mono now)
{
	journal_record_close(r);
	if (begin(r, now, "stop"))
		end(r);
}

void
journal_record_due(struct journal_record *r, struct mono due, bool alone,
		   struct mono now)
{
	r->due = mono_reached(due, now) && !alone;
	if (mono_reached(mono_add(due, STALL), now) &&
	    begin(r, now, "stalled ")) {
		line_add_time(&r->out, due);
		end(r);
	}
	if (mono_reached(due, now) && alone)
		tick_line(r, now);
}

/* ---- facts and words ---- */

static void
fact_line(struct journal_record *r, enum journal_fact fact, size_t service,
	  bool on, struct mono now)
{
	static const char *const words[][3] = {
#define X(n, t, yes, no) {t, yes, no},
	    JOURNAL_FACTS(X)
#undef X
	};

	if (!begin(r, now, words[fact][0]))
		return;
	text_addf(&r->out, " %zu %s", service, words[fact][on ? 1 : 2]);
	end(r);
}

void
journal_record_fact(struct journal_record *r, enum journal_fact fact,
		    size_t service, bool on, struct mono now)
{
	struct facts *f = &r->facts[service];

	if (f->told[fact] && f->on[fact] == on)
		return;
	if (fact == JOURNAL_FACT_WATCH || fact == JOURNAL_FACT_DRILL)
		end_runs_of(r, service);
	f->told[fact] = true;
	f->on[fact] = on;
	fact_line(r, fact, service, on, now);
}

static void
target_words(struct journal_record *r, enum avail_target target, size_t id)
{
	if (target == AVAIL_NODE)
		text_add(&r->out, " node");
	else
		text_addf(&r->out, " %s %zu",
			  target == AVAIL_SERVICE ? "service" : "prefix", id);
}

void
journal_record_drain(struct journal_record *r, enum avail_target target,
		     size_t id, const struct avail_drain_times *times,
		     struct mono now)
{
	if (!begin(r, now, "drain"))
		return;
	target_words(r, target, id);
	text_add(&r->out, " ");
	line_add_time(&r->out, times->limit);
	text_add(&r->out, " ");
	line_add_time(&r->out, times->expires);
	end(r);
}

void
journal_record_quiet(struct journal_record *r, enum avail_target target,
		     size_t id, struct mono now)
{
	if (!begin(r, now, "quiet"))
		return;
	target_words(r, target, id);
	end(r);
}

void
journal_record_undrain(struct journal_record *r, enum avail_target target,
		       size_t id, struct mono now)
{
	if (!begin(r, now, "undrain"))
		return;
	target_words(r, target, id);
	end(r);
}

void
journal_record_attack(struct journal_record *r, bool on, struct mono expires,
		      struct mono now)
{
	if (!begin(r, now, on ? "attack on " : "attack off"))
		return;
	if (on)
		line_add_time(&r->out, expires);
	end(r);
}

void
journal_record_gate(struct journal_record *r, unsigned waits, struct mono now)
{
	if (!begin(r, now, "gate"))
		return;
	text_addf(&r->out, " %u", waits);
	end(r);
}

void
journal_record_brake(struct journal_record *r, size_t prefix, bool released,
		     struct mono now)
{
	if (!begin(r, now, "brake"))
		return;
	text_addf(&r->out, " %zu %s", prefix, released ? "released" : "kept");
	end(r);
}

void
journal_record_decision(struct journal_record *r, const struct avail_change *c)
{
	if (!begin(r, c->at, "decided"))
		return;
	add_number(r, c->id);
	add_word(r, avail_prefix_state_text((enum avail_prefix_state)c->from));
	add_word(r, avail_prefix_state_text((enum avail_prefix_state)c->to));
	add_word(r, avail_reason_text(c->reason));
	add_word(r, avail_rung_text(c->rung_to));
	if (c->cause != SIZE_MAX)
		add_number(r, c->cause);
	end(r);
}

/* ---- a new beginning ---- */

static void
drains_of_services(struct journal_record *r, const struct avail *av,
		   struct mono now)
{
	for (size_t i = 0; i < avail_services(av); i++) {
		struct avail_service_view v;

		avail_view_service(av, i, &v);
		if (v.drained)
			journal_record_drain(
			    r, AVAIL_SERVICE, i,
			    &(struct avail_drain_times){v.drain_limit,
							v.drain_expires},
			    now);
	}
}

static void
drains_of_prefixes(struct journal_record *r, const struct avail *av,
		   struct mono now)
{
	for (size_t i = 0; i < avail_prefixes(av); i++) {
		struct avail_prefix_view v;

		avail_view_prefix(av, i, &v);
		if (v.drained)
			journal_record_drain(
			    r, AVAIL_PREFIX, i,
			    &(struct avail_drain_times){v.drain_limit,
							v.drain_expires},
			    now);
	}
}

static void
facts_again(struct journal_record *r, struct mono now)
{
	for (size_t i = 0; i < r->setup->n_services; i++)
		for (int f = 0; f < JOURNAL_FACT_COUNT; f++)
			if (r->facts[i].told[f])
				fact_line(r, (enum journal_fact)f, i,
					  r->facts[i].on[f], now);
}

void
journal_record_resume(struct journal_record *r, const struct avail *av,
		      struct mono now, struct wall wall)
{
	struct avail_drain_times node;
	uint64_t lost = r->lost;
	struct mono expires;

	r->lost = 0;
	for (size_t i = 0; lost > 0 && i < r->setup->n_checks; i++)
		r->runs[i] = (struct run){0};
	if (lost > 0 && begin(r, now, "lost")) {
		text_addf(&r->out, " %llu", (unsigned long long)lost);
		end(r);
	}
	if (begin(r, now, "resumed"))
		end(r);
	clock_line(r, now, wall);
	configuration_lines(r, now);
	facts_again(r, now);
	if (avail_node_drained(av, &node))
		journal_record_drain(r, AVAIL_NODE, 0, &node, now);
	drains_of_services(r, av, now);
	drains_of_prefixes(r, av, now);
	if (avail_attacked(av, &expires))
		journal_record_attack(r, true, expires, now);
	if (avail_gate_waits(av))
		journal_record_gate(r, avail_gate_waits(av), now);
}

/* By now everything has been told of at least once. */
static void
learn_facts(struct journal_record *r, const struct avail *av)
{
	for (size_t i = 0; i < r->setup->n_services; i++) {
		struct facts *f = &r->facts[i];
		struct avail_service_view v;

		avail_view_service(av, i, &v);
		memset(f->told, true, sizeof(f->told));
		f->on[JOURNAL_FACT_ADDRESSES] = v.addresses_present;
		f->on[JOURNAL_FACT_WATCH] = !v.watch_gone;
		f->on[JOURNAL_FACT_LOAD] = v.overloaded;
		f->on[JOURNAL_FACT_DRILL] = v.drilled;
	}
}

void
journal_record_join(struct journal_record *r, struct journal_setup *setup,
		    const struct avail *av, struct mono now, struct wall wall)
{
	r->setup = setup;
	r->facts = xcalloc(setup->n_services ? setup->n_services : 1,
			   sizeof(*r->facts));
	r->runs =
	    xcalloc(setup->n_checks ? setup->n_checks : 1, sizeof(*r->runs));
	learn_facts(r, av);
	r->lost = 1;
	journal_record_resume(r, av, now, wall);
}

/* ---- taking ---- */

void
journal_record_lose(struct journal_record *r)
{
	text_clear(&r->out);
	r->lost++;
}

size_t
journal_record_size(const struct journal_record *r)
{
	return r->out.len;
}

uint64_t
journal_record_lost(const struct journal_record *r)
{
	return r->lost;
}

struct text
journal_record_take(struct journal_record *r)
{
	struct text out = r->out;

	r->out = (struct text){0};
	return out;
}
