/* SPDX-License-Identifier: ISC */
#include "journal/tally.h"

#include <string.h>

enum tally_state
tally_state_of(enum avail_prefix_state state)
{
	switch (state) {
	case AVAIL_PREFIX_STARTING:
	case AVAIL_PREFIX_STATE_COUNT:
		break;
	case AVAIL_PREFIX_ANNOUNCED:
	case AVAIL_PREFIX_FROZEN:
	case AVAIL_PREFIX_BRAKED:
	case AVAIL_PREFIX_DRAINING:
		return TALLY_UP;
	case AVAIL_PREFIX_WITHDRAWN:
	case AVAIL_PREFIX_HELD:
	case AVAIL_PREFIX_SUPPRESSED:
		return TALLY_AWAY;
	case AVAIL_PREFIX_DRAINED:
		return TALLY_OPERATOR;
	}
	return TALLY_UNKNOWN;
}

static struct wall
clip(struct wall w, const struct tally_range *range)
{
	if (w.ns < range->from.ns)
		return range->from;
	return w.ns > range->to.ns ? range->to : w;
}

static void
open_outage(struct tally *t, struct journal_side *side, struct wall at,
	    const struct tally_range *range, const struct tally_cause *cause)
{
	struct journal_outage *o;

	if (at.ns < range->from.ns || at.ns > range->to.ns)
		return;
	if (side->n_outages == side->cap_outages) {
		side->cap_outages =
		    side->cap_outages ? side->cap_outages * 2 : 4;
		side->outages = xrealloc(side->outages, side->cap_outages,
					 sizeof(*side->outages));
	}
	o = &side->outages[side->n_outages++];
	*o = (struct journal_outage){.from = at,
				     .to = at,
				     .cause = cause->service,
				     .detection = cause->detection,
				     .detected = cause->detected};
	t->open = true;
	side->withdrawals++;
	if (!cause->detected)
		return;
	side->detected++;
	side->detection.ns += cause->detection.ns;
}

/* Accounts for the time since the last change. */
static void
account(struct tally *t, struct journal_side *side, struct wall at,
	const struct tally_range *range)
{
	int64_t ns = clip(at, range).ns - clip(t->since, range).ns;
	struct journal_outage *o;

	if (t->state != TALLY_AWAY || ns < 0)
		return;
	side->away.ns += ns;
	if (!t->open)
		return;
	o = &side->outages[side->n_outages - 1];
	o->to = clip(at, range);
	if (o->to.ns - o->from.ns > side->longest.ns)
		side->longest.ns = o->to.ns - o->from.ns;
}

void
tally_set(struct tally *t, struct journal_side *side, enum tally_state state,
	  struct wall at, const struct tally_range *range,
	  const struct tally_cause *cause)
{
	static const struct tally_cause none;

	account(t, side, at, range);
	if (t->state == TALLY_UP && state == TALLY_AWAY)
		open_outage(t, side, at, range, cause ? cause : &none);
	else if (state != TALLY_AWAY)
		t->open = false;
	t->state = state;
	t->since = at;
}

void
tally_end(struct tally *t, struct journal_side *side, struct wall at,
	  const struct tally_range *range)
{
	account(t, side, at, range);
	if (t->open)
		side->outages[side->n_outages - 1].lasts = true;
	*t = (struct tally){.since = at};
}

void
tally_match(struct journal_line *line)
{
	struct journal_side *a = &line->then, *b = &line->now;
	size_t i = 0, j = 0;

	while (i < a->n_outages && j < b->n_outages) {
		struct journal_outage *x = &a->outages[i];
		struct journal_outage *y = &b->outages[j];

		if (x->from.ns <= y->to.ns && y->from.ns <= x->to.ns)
			x->matched = y->matched = true;
		if (x->to.ns < y->to.ns)
			i++;
		else
			j++;
	}
}
