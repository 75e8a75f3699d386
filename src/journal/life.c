/* SPDX-License-Identifier: ISC */
/*
 * The recorded daemon's life in the replay: started, configured, ended.
 *
 *   (start | resumed behind a gap) ──► configured ──► running ──► ended
 *                                          ▲             │  stop, next start
 *                                          └─ reloaded ──┘  or gap
 *
 * Invariant: av, model and the arrays beside it exist exactly while running.
 */
#include <stdlib.h>

#include "journal/replay.h"

/* ---- the daemon's life ---- */

void
replay_life_free(struct journal_replay *rp)
{
	avail_free(rp->av);
	journal_setup_free(rp->model);
	free(rp->checks);
	free(rp->services);
	free(rp->lines);
	rp->av = NULL;
	rp->model = NULL;
	rp->checks = NULL;
	rp->services = NULL;
	rp->lines = NULL;
	rp->bad_service = SIZE_MAX;
	feed_clear(rp->feed);
}

static void
count_running(struct journal_replay *rp, struct wall until)
{
	struct wall from = replay_wall(rp, rp->up_since);

	if (from.ns < rp->range.from.ns)
		from = rp->range.from;
	if (until.ns > rp->range.to.ns)
		until = rp->range.to;
	if (until.ns <= from.ns)
		return;
	rp->result.running.ns += until.ns - from.ns;
	if (from.ns < rp->result.from.ns)
		rp->result.from = from;
	if (until.ns > rp->result.to.ns)
		rp->result.to = until;
}

/* The daemon ended, whether it said so or not: nothing is known any more. */
void
replay_life_end(struct journal_replay *rp)
{
	struct wall at = replay_wall(rp, rp->now);
	struct replay_line *line, *tmp;

	if (!rp->av)
		return;
	count_running(rp, at);
	HASH_ITER (hh, rp->table, line, tmp) {
		tally_end(&line->then, &line->l.then, at, &rp->range);
		tally_end(&line->now, &line->l.now, at, &rp->range);
	}
	replay_compare_end(rp);
	replay_life_free(rp);
}

void
replay_life_start(struct journal_replay *rp, const struct journal_entry *e)
{
	rp->result.starts++;
	rp->comparable = true;
	rp->clocked = false;
	rp->resumed = false;
	free(rp->node);
	rp->node = xstrdup(e->node);
}

void
replay_life_clock(struct journal_replay *rp, const struct journal_entry *e)
{
	if (rp->clocked && rp->av) {
		count_running(rp, replay_wall(rp, e->at));
		rp->up_since = e->at;
	}
	rp->clocks = e->wall.ns - e->at.ns;
	rp->clocked = true;
}

/* ---- the model ---- */

static bool
same_checks(const struct journal_setup *a, const struct journal_setup *b)
{
	for (size_t i = 0; i < a->n_checks; i++)
		if (a->checks[i].s.stale_after.ns !=
		    b->checks[i].s.stale_after.ns)
			return false;
	return true;
}

static void
prepare_checks(struct journal_replay *rp)
{
	const struct journal_setup *m = rp->model;

	for (size_t i = 0; i < m->n_checks; i++) {
		const struct avail_check_settings *s = &m->checks[i].s;
		unsigned most = s->rise > s->fall ? s->rise : s->fall;

		rp->checks[i].need = most;
		rp->checks[i].gap = DUR_ZERO;
	}
	for (size_t i = 0; rp->fixed && i < rp->setup->n_checks; i++) {
		size_t id = rp->map.checks[i];

		if (id != SIZE_MAX && m->checks[id].interval.ns >
					  rp->setup->checks[i].interval.ns)
			rp->checks[id].gap = m->checks[id].interval;
	}
}

static void
swap_model(struct journal_replay *rp, struct journal_setup *model,
	   struct mono at)
{
	struct avail *old = rp->av;
	struct avail *av = journal_setup_avail(model, at);

	if (old) {
		replay_advance(rp, at);
		avail_adopt(av, old, at);
	} else {
		rp->up_since = at;
	}
	rp->av = NULL;
	avail_free(old);
	replay_life_free(rp);
	rp->av = av;
	rp->model = model;
	rp->checks = xcalloc(model->n_checks + 1, sizeof(*rp->checks));
	rp->services = xcalloc(model->n_services + 1, sizeof(*rp->services));
	rp->lines =
	    xcalloc(model->n_prefixes + 1, sizeof(struct replay_line *));
	for (size_t i = 0; i < model->n_checks; i++)
		rp->checks[i].bad_since = rp->checks[i].fed = MONO_NEVER;
	for (size_t i = 0; i < model->n_services; i++)
		rp->services[i].gone_since = MONO_NEVER;
}

/* Lines exist for prefixes on both sides. */
static void
link_lines(struct journal_replay *rp, struct mono at)
{
	for (size_t i = 0; i < rp->setup->n_prefixes; i++) {
		struct replay_line *line = rp->map.lines[i];

		if (!line)
			continue;
		rp->lines[rp->map.prefixes[i]] = line;
		if (line->then.since.ns == 0)
			line->then.since = replay_wall(rp, at);
		if (line->now.since.ns == 0)
			line->now.since = replay_wall(rp, at);
	}
}

void
replay_life_configure(struct journal_replay *rp, const struct journal_entry *e)
{
	struct journal_setup *model;
	bool again = rp->resumed && rp->model &&
		     rp->model->generation == e->setup->generation;

	rp->resumed = false;
	rp->setup = e->setup;
	replay_map_set(rp, e->setup);
	model = replay_model_of(rp, rp->fixed ? rp->fixed : e->setup);
	model->generation = e->setup->generation;
	if (rp->model && (again || rp->fixed) &&
	    same_checks(rp->model, model)) {
		rp->model->generation = model->generation;
		journal_setup_free(model);
	} else {
		swap_model(rp, model, e->at);
	}
	prepare_checks(rp);
	link_lines(rp, e->at);
	replay_take(rp);
}
