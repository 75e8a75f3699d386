/* SPDX-License-Identifier: ISC */
/* What is expected of an object against what is seen of it. */
#include <string.h>

#include "scenario.h"

/* The common part of the three views. */
struct seen {
	int state, reason, changing, degraded, rung, why;
	int64_t penalty;
	struct mono since, until, better, leaves;
	uint64_t transitions;
	const char *cause;
};

static int
states_of(enum avail_object object)
{
	switch (object) {
	case AVAIL_IS_CHECK:
		return AVAIL_CHECK_STATE_COUNT;
	case AVAIL_IS_SERVICE:
		return AVAIL_SERVICE_STATE_COUNT;
	case AVAIL_IS_PREFIX:
		return AVAIL_PREFIX_STATE_COUNT;
	case AVAIL_IS_DRAIN:
	case AVAIL_IS_ATTACK:
		break;
	}
	return 2;
}

static const char *
state_name(enum avail_object object, int state)
{
	if (object == AVAIL_IS_ATTACK)
		return state ? "on" : "off";
	if (object == AVAIL_IS_DRAIN)
		return state ? "drained" : "serving";
	return avail_state_text(object, state);
}

int
expect_state(enum avail_object object, const char *name)
{
	for (int i = 0; i < states_of(object); i++)
		if (strcmp(state_name(object, i), name) == 0)
			return i;
	return -1;
}

static size_t
objects(const struct avail *av, enum avail_object object)
{
	if (object == AVAIL_IS_CHECK)
		return avail_checks(av);
	return object == AVAIL_IS_SERVICE ? avail_services(av)
					  : avail_prefixes(av);
}

static const char *
key_of(const struct avail *av, enum avail_object object, size_t id)
{
	if (object == AVAIL_IS_CHECK)
		return avail_check_key(av, id);
	return object == AVAIL_IS_SERVICE ? avail_service_key(av, id)
					  : avail_prefix_key(av, id);
}

size_t
expect_find(const struct avail *av, enum avail_object object, const char *key)
{
	for (size_t id = 0; id < objects(av, object); id++)
		if (strcmp(key_of(av, object, id), key) == 0)
			return id;
	return SIZE_MAX;
}

static void
see_check(const struct avail *av, size_t id, struct seen *seen)
{
	struct avail_check_view v;

	avail_view_check(av, id, &v);
	seen->state = v.state;
	seen->reason = v.reason;
	seen->since = v.since;
	seen->changing = v.changing;
	seen->transitions = v.transitions;
}

static void
see_service(const struct avail *av, size_t id, struct seen *seen)
{
	struct avail_service_view v;

	avail_view_service(av, id, &v);
	seen->state = v.state;
	seen->reason = v.reason;
	seen->since = v.since;
	seen->until = v.drain_expires;
	seen->leaves = v.drain_limit;
	seen->transitions = v.transitions;
	if (v.cause != SIZE_MAX)
		seen->cause = avail_check_key(av, v.cause);
}

static void
see_prefix(const struct avail *av, size_t id, struct seen *seen)
{
	struct avail_prefix_view v;

	avail_view_prefix(av, id, &v);
	seen->state = v.state;
	seen->reason = v.reason;
	seen->since = v.since;
	seen->until = v.drained ? v.drain_expires : v.until;
	seen->degraded = v.degraded;
	seen->rung = v.rung;
	seen->why = v.rung_reason;
	seen->better = v.rung_until;
	seen->penalty = v.penalty;
	seen->leaves = v.drain_limit;
	seen->transitions = v.transitions;
	if (v.cause != SIZE_MAX)
		seen->cause = avail_service_key(av, v.cause);
}

static bool
see(const struct avail *av, const struct sc_expect *e, struct seen *seen)
{
	size_t id;

	*seen = (struct seen){.reason = SC_ANY,
			      .changing = SC_ANY,
			      .degraded = SC_ANY,
			      .until = MONO_NEVER,
			      .better = MONO_NEVER,
			      .leaves = MONO_NEVER};
	if (e->object == AVAIL_IS_DRAIN) {
		struct avail_drain_times times;

		seen->state = avail_node_drained(av, &times);
		seen->until = times.expires;
		seen->leaves = times.limit;
		return true;
	}
	if (e->object == AVAIL_IS_ATTACK) {
		seen->state = avail_attacked(av, &seen->until);
		return true;
	}
	id = expect_find(av, e->object, e->key);
	if (id == SIZE_MAX)
		return false;
	if (e->object == AVAIL_IS_CHECK)
		see_check(av, id, seen);
	else if (e->object == AVAIL_IS_SERVICE)
		see_service(av, id, seen);
	else
		see_prefix(av, id, seen);
	return true;
}

static void
describe_time(const char *word, int64_t ns, struct text *out)
{
	if (ns != SC_ANY)
		text_addf(out, "%s %.9gs", word, (double)ns / 1e9);
}

static void
describe(const struct sc_expect *e, struct text *out)
{
	text_add(out, state_name(e->object, e->state));
	if (e->reason != SC_ANY)
		text_addf(out, " %s", avail_reason_text(e->reason));
	if (e->changing != SC_ANY)
		text_addf(out, " %s", e->changing ? "changing" : "settled");
	if (e->degraded != SC_ANY)
		text_addf(out, " %s", e->degraded ? "impairing" : "sound");
	if (e->rung != SC_ANY)
		text_addf(out, " rung %s", avail_rung_text(e->rung));
	if (e->why != SC_ANY)
		text_addf(out, " why %s", avail_reason_text(e->why));
	if (e->penalty != SC_ANY)
		text_addf(out, " penalty %lld", (long long)e->penalty);
	describe_time(" until", e->until, out);
	describe_time(" better", e->better, out);
	describe_time(" leaves", e->leaves, out);
	if (e->transitions != SC_ANY)
		text_addf(out, " transitions %lld", (long long)e->transitions);
	if (e->cause)
		text_addf(out, " cause %s", e->cause);
}

void
expect_describe(const struct sc_expect *e, struct text *out)
{
	static const char *const kinds[] = {"check", "service", "prefix",
					    "node", "attack"};

	text_addf(out, "%s%s%s ", kinds[e->object], e->key ? " " : "",
		  e->key ? e->key : "");
	describe(e, out);
}

static int64_t
answer_time(int64_t asked, struct mono seen, int64_t offset)
{
	if (asked == SC_ANY || mono_is_never(seen))
		return SC_ANY;
	return seen.ns - offset;
}

/* What was seen, with the properties that were asked for. */
static struct sc_expect
answer(const struct sc_expect *e, const struct seen *seen, int64_t offset)
{
	struct sc_expect a = *e;

	a.state = seen->state;
	a.reason = seen->reason;
	if (e->changing != SC_ANY)
		a.changing = seen->changing;
	if (e->degraded != SC_ANY)
		a.degraded = seen->degraded;
	if (e->rung != SC_ANY)
		a.rung = seen->rung;
	if (e->why != SC_ANY)
		a.why = seen->why;
	if (e->penalty != SC_ANY)
		a.penalty = seen->penalty;
	a.until = answer_time(e->until, seen->until, offset);
	a.better = answer_time(e->better, seen->better, offset);
	a.leaves = answer_time(e->leaves, seen->leaves, offset);
	if (e->transitions != SC_ANY)
		a.transitions = (int64_t)seen->transitions;
	if (e->cause)
		a.cause = seen->cause ? seen->cause : "(none)";
	return a;
}

bool
expect_met(const struct avail *av, const struct sc_expect *e, int64_t offset,
	   struct text *out)
{
	struct seen seen;
	struct sc_expect a;

	if (!see(av, e, &seen)) {
		text_add(out, "no such object");
		return false;
	}
	a = answer(e, &seen, offset);
	describe(&a, out);
	return a.state == e->state &&
	       (e->reason == SC_ANY || a.reason == e->reason) &&
	       a.changing == e->changing && a.degraded == e->degraded &&
	       a.rung == e->rung && a.why == e->why &&
	       a.penalty == e->penalty && a.until == e->until &&
	       a.better == e->better && a.leaves == e->leaves &&
	       a.transitions == e->transitions &&
	       (!e->cause || strcmp(a.cause, e->cause) == 0);
}
