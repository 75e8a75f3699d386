/* SPDX-License-Identifier: ISC */
/*
 * Both sides decide the same for a prefix in the same order, at about the
 * same time: the recorded daemon's timers are late by what its loop was busy.
 */
#include <stdlib.h>
#include <string.h>

#include "journal/replay.h"

#define LATE_NS INT64_C(2000000000)

static void
describe(struct text *t, const char *side, const struct pending *p,
	 int64_t clocks)
{
	char at[32];

	text_addf(
	    t, "%s %s (%s), %s, at %s", side,
	    avail_prefix_state_text((enum avail_prefix_state)p->to),
	    avail_rung_text((enum avail_rung)p->rung),
	    avail_reason_text((enum avail_reason)p->reason),
	    wall_format((struct wall){p->at.ns + clocks}, at, sizeof(at)));
}

static void
differ(struct journal_replay *rp, const struct replay_line *line,
       const struct pending *then, const struct pending *now)
{
	struct text t = {0};

	rp->result.different++;
	if (rp->difference)
		return;
	text_addf(&t, "%s: ", line->l.name);
	if (then)
		describe(&t, "recorded", then, rp->clocks);
	else
		text_add(&t, "nothing recorded");
	text_add(&t, "; ");
	if (now)
		describe(&t, "replayed", now, rp->clocks);
	else
		text_add(&t, "nothing replayed");
	rp->difference = t.s;
}

static bool
same(const struct pending *a, const struct pending *b)
{
	int64_t apart = a->at.ns - b->at.ns;

	return a->to == b->to && a->reason == b->reason && a->rung == b->rung &&
	       apart <= LATE_NS && apart >= -LATE_NS;
}

static void
push(struct journal_replay *rp, struct replay_line *line, bool now_side,
     const struct pending *p)
{
	if (line->n_pending == PENDING_MAX) {
		differ(rp, line, now_side ? NULL : p, now_side ? p : NULL);
		return;
	}
	line->ahead_now = now_side;
	line->pending[line->n_pending++] = *p;
}

void
replay_compare(struct journal_replay *rp, struct replay_line *line,
	       bool now_side, const struct pending *p)
{
	struct pending other;

	if (!rp->compare || !rp->comparable)
		return;
	if (line->n_pending == 0 || line->ahead_now == now_side) {
		push(rp, line, now_side, p);
		return;
	}
	other = line->pending[0];
	memmove(line->pending, line->pending + 1,
		--line->n_pending * sizeof(other));
	if (same(p, &other))
		rp->result.same++;
	else
		differ(rp, line, now_side ? &other : p, now_side ? p : &other);
}

void
replay_compare_end(struct journal_replay *rp)
{
	struct replay_line *line, *tmp;

	HASH_ITER (hh, rp->table, line, tmp) {
		for (unsigned i = 0; i < line->n_pending; i++)
			if (rp->comparable &&
			    mono_before(line->pending[i].at, rp->now))
				differ(
				    rp, line,
				    line->ahead_now ? NULL : &line->pending[i],
				    line->ahead_now ? &line->pending[i] : NULL);
		line->n_pending = 0;
	}
}
