/* SPDX-License-Identifier: ISC */
/* From the text to steps and rules. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "reader.h"

static struct sc_step *
add_step(struct reader *r, const struct sc_step *template, int64_t at)
{
	struct scenario *sc = r->sc;
	struct sc_step *step;

	sc->steps = xrealloc(sc->steps, sc->n_steps + 1, sizeof(*step));
	step = &sc->steps[sc->n_steps];
	*step = *template;
	step->at = at;
	step->order = sc->n_steps++;
	return step;
}

/* ---- expectations ---- */

static int
reason_named(const char *word)
{
	for (int i = 0; i < AVAIL_REASON_COUNT; i++)
		if (strcmp(word, avail_reason_text(i)) == 0)
			return i;
	return SC_ANY;
}

static int
expect_reason(struct reader *r, const char *word, struct sc_expect *e)
{
	e->reason = reason_named(word);
	if (e->reason == SC_ANY)
		return reader_complain(r, "\"%s\" is no reason and no property",
				       word);
	return 0;
}

static int
expect_rung(struct reader *r, struct sc_expect *e)
{
	const char *names[AVAIL_RUNG_COUNT];

	for (int i = 0; i < AVAIL_RUNG_COUNT; i++)
		names[i] = avail_rung_text(i);
	return reader_choice(r, "rung", names, AVAIL_RUNG_COUNT, &e->rung);
}

static int
expect_why(struct reader *r, struct sc_expect *e)
{
	const char *word = reader_word(r);

	e->why = word ? reason_named(word) : SC_ANY;
	if (e->why == SC_ANY)
		return reader_complain(r, "a reason expected behind why");
	return 0;
}

static int
expect_number(struct reader *r, const char *what, int64_t *out)
{
	unsigned count = 0;
	int err = reader_count(r, what, 0, &count);

	*out = count;
	return err;
}

/* Words with a value behind them; 1 when it is none of them. */
static int
expect_value(struct reader *r, const char *word, struct sc_expect *e)
{
	if (strcmp(word, "until") == 0)
		return reader_time(r, "time", false, &e->until);
	if (strcmp(word, "better") == 0)
		return reader_time(r, "time", false, &e->better);
	if (strcmp(word, "leaves") == 0)
		return reader_time(r, "time", false, &e->leaves);
	if (strcmp(word, "cause") == 0)
		return reader_name(r, "check or service", &e->cause);
	if (strcmp(word, "transitions") == 0)
		return expect_number(r, word, &e->transitions);
	if (strcmp(word, "penalty") == 0)
		return expect_number(r, word, &e->penalty);
	if (strcmp(word, "rung") == 0)
		return expect_rung(r, e);
	if (strcmp(word, "why") == 0)
		return expect_why(r, e);
	return 1;
}

static int
expect_detail(struct reader *r, const char *word, struct sc_expect *e)
{
	int err = expect_value(r, word, e);

	if (err != 1)
		return err;
	if (strcmp(word, "changing") == 0 || strcmp(word, "settled") == 0)
		e->changing = word[0] == 'c';
	else if (strcmp(word, "impairing") == 0 || strcmp(word, "sound") == 0)
		e->degraded = word[0] == 'i';
	else
		return expect_reason(r, word, e);
	return 0;
}

/* check|service|prefix KEY STATE ... | node drained ... | attack on ... */
static int
parse_expect(struct reader *r, struct sc_expect *e)
{
	static const char *const kinds[] = {"check", "service", "prefix",
					    "node", "attack"};
	const char *word;
	int kind = 0, err;

	*e = (struct sc_expect){.reason = SC_ANY,
				.changing = SC_ANY,
				.degraded = SC_ANY,
				.rung = SC_ANY,
				.why = SC_ANY,
				.penalty = SC_ANY,
				.transitions = SC_ANY,
				.until = SC_ANY,
				.better = SC_ANY,
				.leaves = SC_ANY};
	err = reader_choice(r, "object", kinds, ARRAY_LEN(kinds), &kind);
	e->object = (enum avail_object)kind;
	if (!err && e->object < AVAIL_IS_DRAIN)
		err = reader_name(r, "name", &e->key);
	if (err)
		return err;
	word = reader_word(r);
	e->state = word ? expect_state(e->object, word) : -1;
	if (e->state < 0)
		return reader_complain(r, "\"%s\" is no state of a %s",
				       word ? word : "", kinds[kind]);
	while (!err && (word = reader_word(r)) != NULL)
		err = expect_detail(r, word, e);
	r->sc->n_expected++;
	return err;
}

/* ---- actions ---- */

static int
action_sample(struct reader *r, struct sc_step *step)
{
	const char *names[AVAIL_VERDICT_COUNT];
	int verdict = 0, err = reader_name(r, "check", &step->key);

	for (int i = 0; i < AVAIL_VERDICT_COUNT; i++)
		names[i] = avail_verdict_text(i);
	if (!err)
		err = reader_choice(r, "verdict", names, AVAIL_VERDICT_COUNT,
				    &verdict);
	step->verdict = (enum avail_verdict)verdict;
	return err;
}

/* KEY and one of two words, of which the second one means yes. */
static int
key_and_word(struct reader *r, struct sc_step *step, const char *what,
	     const char *const *names)
{
	int yes = 0, err = reader_name(r, what, &step->key);

	if (!err)
		err = reader_choice(r, names[1], names, 2, &yes);
	step->yes = yes == 1;
	return err;
}

static int
action_addresses(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"missing", "present"};

	return key_and_word(r, step, "service", names);
}

static int
action_watch(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"gone", "present"};

	return key_and_word(r, step, "service", names);
}

static int
action_load(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"low", "high"};

	return key_and_word(r, step, "service", names);
}

static int
action_drill(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"off", "on"};

	return key_and_word(r, step, "service", names);
}

static int
action_brake(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"refuse", "grant"};

	return key_and_word(r, step, "prefix", names);
}

static int
expiry(struct reader *r, struct sc_step *step)
{
	step->ns = -1;
	if (reader_accept(r, "expires"))
		return reader_time(r, "expires", false, &step->ns);
	return 0;
}

static int
action_attack(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"off", "on"};
	int on = 0, err = reader_choice(r, "attack", names, 2, &on);

	step->yes = on == 1;
	step->key = "";
	return err ? err : expiry(r, step);
}

static int
action_gate(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {"open", "addresses", "bfd", "rpki"};
	int what = 0, err = reader_choice(r, "gate", names, 4, &what);

	step->limit = what ? 1 << (what - 1) : 0;
	step->key = "";
	return err;
}

static int
action_undrain(struct reader *r, struct sc_step *step)
{
	static const char *const names[] = {
	    [AVAIL_NODE] = "node",
	    [AVAIL_SERVICE] = "service",
	    [AVAIL_PREFIX] = "prefix",
	};
	int target = 0, err = reader_choice(r, "target", names, 3, &target);

	step->target = (enum avail_target)target;
	step->key = "";
	if (!err && step->target != AVAIL_NODE)
		err = reader_name(r, "name", &step->key);
	return err;
}

static int
action_drain(struct reader *r, struct sc_step *step)
{
	int err = action_undrain(r, step);

	if (!err && reader_accept(r, "limit"))
		err = reader_time(r, "limit", false, &step->limit);
	return err ? err : expiry(r, step);
}

static int
action_nothing(struct reader *r, struct sc_step *step)
{
	return 0;
}

static int
action_jump(struct reader *r, struct sc_step *step)
{
	return reader_time(r, "jump", true, &step->ns);
}

/* reload { ... } over the following lines. */
static int
action_reload(struct reader *r, struct sc_step *step)
{
	struct sc_config *config = arena_alloc(&r->sc->arena, sizeof(*config));
	int begun = r->line, err = 1;

	if (!reader_accept(r, "{") || reader_end(r))
		return reader_complain(r, "\"{\" expected behind reload");
	step->config = config;
	while (err == 1 && reader_line(r)) {
		if (reader_accept(r, "}"))
			return 0;
		err = config_statement(r, config);
	}
	if (err < 0)
		return err;
	r->line = err ? begun : r->line;
	return reader_complain(r, "service, check, prefix or \"}\" expected "
				  "in the reload");
}

static int
action_expect(struct reader *r, struct sc_step *step)
{
	return parse_expect(r, &step->expect);
}

static const struct {
	const char *name;
	enum sc_action action;
	int (*parse)(struct reader *r, struct sc_step *step);
} actions[] = {
    {"sample", SC_SAMPLE, action_sample},
    {"addresses", SC_ADDRESSES, action_addresses},
    {"watch", SC_WATCH, action_watch},
    {"drain", SC_DRAIN, action_drain},
    {"undrain", SC_UNDRAIN, action_undrain},
    {"quiet", SC_QUIET, action_undrain},
    {"load", SC_LOAD, action_load},
    {"attack", SC_ATTACK, action_attack},
    {"gate", SC_GATE, action_gate},
    {"brake", SC_BRAKE, action_brake},
    {"drill", SC_DRILL, action_drill},
    {"stop", SC_STOP, action_nothing},
    {"halt", SC_HALT, action_nothing},
    {"start", SC_START, action_nothing},
    {"reload", SC_RELOAD, action_reload},
    {"jump", SC_JUMP, action_jump},
    {"expect", SC_EXPECT, action_expect},
};

static int
parse_action(struct reader *r, struct sc_step *step)
{
	const char *names[ARRAY_LEN(actions)];
	int i = 0, err;

	for (size_t j = 0; j < ARRAY_LEN(actions); j++)
		names[j] = actions[j].name;
	step->line = r->line;
	err = reader_choice(r, "action", names, ARRAY_LEN(actions), &i);
	if (err)
		return err;
	step->action = actions[i].action;
	err = actions[i].parse(r, step);
	return err ? err : reader_end(r);
}

/* ---- statements ---- */

/* at T ACTION; "restart" is halt and start. */
static int
statement_at(struct reader *r)
{
	struct sc_step step = {.line = r->line};
	int64_t at = 0;
	int err = reader_time(r, "time", false, &at);

	if (err)
		return err;
	if (reader_accept(r, "restart")) {
		step.action = SC_HALT;
		add_step(r, &step, at);
		step.action = SC_START;
		add_step(r, &step, at);
		return reader_end(r);
	}
	err = parse_action(r, &step);
	if (!err)
		add_step(r, &step, at);
	return err;
}

static int
parse_range(struct reader *r, int64_t *from, int64_t *to)
{
	int err;

	*from = *to = 0;
	if (!reader_accept(r, "from"))
		return reader_complain(r, "\"from\" expected");
	err = reader_time(r, "time", false, from);
	if (!err && !reader_accept(r, "to"))
		return reader_complain(r, "\"to\" expected");
	if (!err)
		err = reader_time(r, "time", false, to);
	if (!err && *to < *from)
		return reader_complain(r, "the range ends before it begins");
	return err;
}

/* every D from T to T ACTION */
static int
statement_every(struct reader *r)
{
	struct sc_step step = {.line = r->line};
	int64_t period = 0, from = 0, to = 0;
	int err = reader_time(r, "period", false, &period);

	if (!err && period < 1000000)
		return reader_complain(r, "a period of at least 1ms expected");
	if (!err)
		err = parse_range(r, &from, &to);
	if (!err)
		err = parse_action(r, &step);
	for (int64_t at = from; !err && at <= to; at += period)
		add_step(r, &step, at);
	return err;
}

/* always|never from T to T EXPECTATION */
static int
statement_rule(struct reader *r, bool never)
{
	struct sc_step look = {.line = r->line, .action = SC_LOOK};
	struct sc_rule rule = {.line = r->line, .never = never};
	struct scenario *sc = r->sc;
	int err = parse_range(r, &rule.from, &rule.to);

	if (!err)
		err = parse_expect(r, &rule.expect);
	if (err)
		return err;
	sc->rules = xrealloc(sc->rules, sc->n_rules + 1, sizeof(rule));
	sc->rules[sc->n_rules++] = rule;
	add_step(r, &look, rule.from);
	add_step(r, &look, rule.to);
	return 0;
}

static int
statement(struct reader *r)
{
	int done = config_statement(r, &r->sc->config);

	if (done != 0)
		return done < 0 ? done : 0;
	if (reader_accept(r, "at"))
		return statement_at(r);
	if (reader_accept(r, "every"))
		return statement_every(r);
	if (reader_accept(r, "always"))
		return statement_rule(r, false);
	if (reader_accept(r, "never"))
		return statement_rule(r, true);
	return reader_complain(r,
			       "service, check, prefix, at, every, always or "
			       "never expected, found \"%s\"",
			       r->words[0]);
}

/* By time; expectations last; else as in the file. */
static int
compare_steps(const void *a, const void *b)
{
	const struct sc_step *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if ((x->action >= SC_EXPECT) != (y->action >= SC_EXPECT))
		return x->action >= SC_EXPECT ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

int
parse_scenario(const char *path, struct scenario *sc)
{
	struct reader r = {.sc = sc};
	int err = 0;

	*sc = (struct scenario){.path = path};
	r.f = fopen(path, "r");
	if (!r.f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -EINVAL;
	}
	while (!err && reader_line(&r))
		err = statement(&r);
	fclose(r.f);
	if (!err && sc->n_expected == 0)
		err = reader_complain(&r, "nothing is expected anywhere");
	if (!err)
		qsort(sc->steps, sc->n_steps, sizeof(*sc->steps),
		      compare_steps);
	return err;
}

void
parse_free(struct scenario *sc)
{
	for (size_t i = 0; i < sc->n_steps; i++)
		if (sc->steps[i].config)
			config_free(sc->steps[i].config);
	config_free(&sc->config);
	free(sc->steps);
	free(sc->rules);
	arena_free(&sc->arena);
}
