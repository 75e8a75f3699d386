/* SPDX-License-Identifier: ISC */
/*
 * The scheduler. One timer for all checks.
 *
 *            due                       done / deadline (after cancel)
 *   IDLE ----------> RUNNING --------------------------> IDLE + report
 *     \  late by more than a period: missed, stays IDLE
 *      `--- RUNNING and due again: skipped, stays RUNNING
 *
 * Invariants
 * - check->deadline is never exactly while the check is IDLE.
 * - due always lies on the check's own grid (planned + period, jittered), so
 *   neither slow answers nor a late loop make a check drift; it is in the
 *   future whenever the timer's callback ends its work on the check. Only a
 *   run that needs its whole timeout pushes the grid (waits_for_run()).
 * - No run fails for its time before `timeout` has passed since its start.
 * - A run that was going on when its check was kicked is followed by another
 *   at once: what it saw may be from before the event.
 * - A run starts only in look(), from the loop: kinds may end a run at once
 *   and the report may add, kick and remove checks without recursion.
 * - start_run() and checker_ended() touch nothing of the check after they
 *   handed control to the kind or to the report, which may have removed it.
 */
#include "check/checker.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "check/kind.h"

/* More new checks than this do not all start at once. */
#define SPREAD_BEYOND 100
/*
 * Many checks share a turn: turns of the timer are at least this far apart
 * (unless one was cut short), because waking up costs more than a check. Few
 * checks do not notice.
 */
#define TURN_GAP dur_ms(4)
/* Longest work in one callback: the loop's other work is not held up. */
#define TURN_MAX dur_ms(1)
/* Ids are indexes: more than this is a mistake of the caller. */
#define ID_MAX (1U << 24)
/* A deadline found this late was met by a loop that stood still. */
#define STALL dur_ms(20)

static void on_timer(uv_timer_t *timer);
static void on_more(uv_idle_t *more);

/* ---- planning ---- */

/* xorshift64*: jitter needs to be even, not unpredictable. */
static uint64_t
random_next(struct checker *c)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return c->random * UINT64_C(0x2545f4914f6cdd1d);
}

static struct dur
period_of(const struct check *check)
{
	const struct conf_check *conf = check->conf;

	if (check->changing && conf->fast_interval.ns > 0 &&
	    conf->fast_interval.ns < conf->interval.ns)
		return conf->fast_interval;
	return conf->interval;
}

/* The period, longer or shorter by up to `jitter` percent, evenly. */
static struct dur
jittered(struct checker *c, struct dur period, unsigned percent)
{
	int64_t width = period.ns / 100 * percent;
	uint64_t span = (uint64_t)width * 2 + 1;

	return dur_ns(period.ns - width + (int64_t)(random_next(c) % span));
}

/* Moves `due` on by a period; what the clock has passed is left out. */
static void
plan_next(struct check *check, struct mono now)
{
	struct dur period = period_of(check);
	struct dur step = jittered(check->checker, period, check->conf->jitter);
	int64_t behind;

	check->due = mono_add(check->due, step);
	behind = now.ns - check->due.ns;
	if (behind >= 0)
		check->due.ns += (behind / period.ns + 1) * period.ns;
}

/*
 * The run may take its timeout, no less. When that is no longer than the
 * period but the jitter made the next run due a little before, that one waits
 * for this one to end: a silent service would else be looked at only every
 * other time. (Not when a late start left too little: then it is skipped.)
 */
static bool
waits_for_run(const struct check *check)
{
	struct dur timeout = check->conf->timeout;

	return timeout.ns <= period_of(check).ns &&
	       mono_sub(check->deadline, check->due).ns <= timeout.ns / 2;
}

static void
arm(struct checker *c)
{
	struct check *first = heap_first(&c->heap);
	struct mono wake = first ? check_wake(first) : MONO_NEVER;
	int64_t ms, now_ms = (int64_t)uv_now(c->loop);

	if (mono_before(wake, c->no_turn_before))
		wake = c->no_turn_before;
	if (c->closing || !first || !mono_before(wake, c->armed))
		return;
	c->armed = wake;
	/* The loop's clock is in whole milliseconds: never be early. */
	ms = wake.ns / 1000000 + (wake.ns % 1000000 != 0);
	uv_timer_start(&c->timer, on_timer,
		       ms > now_ms ? (uint64_t)(ms - now_ms) : 0, 0);
}

static void
moved(struct check *check)
{
	heap_moved(&check->checker->heap, check);
	arm(check->checker);
}

/* ---- runs ---- */

/* Keeps the result for `show`; equal details share their memory over time. */
static void
remember(struct check *check, const struct check_result *r)
{
	check->reported = true;
	check->verdict = (uint8_t)r->verdict;
	check->cause = (uint8_t)r->cause;
	check->latency = r->latency;
	if (check->detail && strcmp(check->detail, r->detail) == 0)
		return;
	free(check->detail);
	check->detail = r->detail[0] ? xstrdup(r->detail) : NULL;
}

static void
set_idle(struct check *check)
{
	check->running = false;
	check->deadline = MONO_NEVER;
	check->checker->running--;
	heap_moved(&check->checker->heap, check);
}

/* In the next turn, and not when the gap between turns is over. */
static void
run_now(struct check *check)
{
	struct checker *c = check->checker;

	check->kicked = false;
	check->due = mono_now();
	heap_moved(&c->heap, check);
	uv_idle_start(&c->more, on_more);
}

void
checker_ended(struct check *check, const struct check_result *result)
{
	struct checker *c = check->checker;

	set_idle(check);
	if (check->kicked)
		run_now(check);
	remember(check, result);
	c->runs++;
	c->report(c->arg, check->id, result);
}

static void
start_run(struct check *check, struct mono now)
{
	struct checker *c = check->checker;

	lateness_note(&c->lateness, mono_sub(now, check->due));
	check->started = now;
	check->running = true;
	check->graced = false;
	c->running++;
	plan_next(check, now);
	check->deadline = mono_add(now, check->conf->timeout);
	heap_moved(&c->heap, check);
	check->kind->start(check);
}

static void
time_out(struct check *check)
{
	char subject[CHECK_DETAIL_MAX] = "the check", limit[32];
	const struct check_kind *kind = check->kind;
	bool local = kind->is_local && kind->is_local(check);

	if (kind->waits_for)
		kind->waits_for(check, subject);
	kind->cancel(check);
	check_done(check, local ? CHECK_UNKNOWN : CHECK_FAIL,
		   local ? CHECK_CAUSE_LOCAL : CHECK_CAUSE_TIMEOUT,
		   "%.150s: no answer within %s", subject,
		   dur_format(check->conf->timeout, limit, sizeof(limit)));
}

/*
 * The loop looks at timers before it looks at sockets. After a stall the
 * answer may lie in a socket since long: let the loop turn once before.
 */
static void
expire(struct check *check, struct mono now)
{
	if (mono_sub(now, check->deadline).ns > STALL.ns && !check->graced) {
		check->graced = true;
		check->deadline = mono_add(now, dur_ms(1));
		heap_moved(&check->checker->heap, check);
		return;
	}
	time_out(check);
}

/* The check's wake time has come. */
static void
attend(struct check *check, struct mono now)
{
	struct checker *c = check->checker;

	if (check->running && mono_reached(check->deadline, now)) {
		expire(check, now);
		return;
	}
	if (!check->running &&
	    mono_sub(now, check->due).ns <= period_of(check).ns) {
		start_run(check, now);
		return;
	}
	if (check->running && waits_for_run(check)) {
		check->due = check->deadline;
		heap_moved(&c->heap, check);
		return;
	}
	if (check->running)
		c->skipped++;
	else
		c->missed++;
	plan_next(check, now);
	heap_moved(&c->heap, check);
}

/*
 * First plan of the checks that came since the last turn: at once, or evenly
 * over their interval when they are many.
 */
static void
plan_fresh(struct checker *c)
{
	struct mono now = mono_now();
	int64_t nth = 0, n = (int64_t)c->fresh;

	for (size_t i = 0; c->fresh > 0 && i < c->table.cap; i++) {
		struct check *check = c->table.v[i];
		struct dur wait = DUR_ZERO;

		if (!check || !check->fresh)
			continue;
		check->fresh = false;
		c->fresh--;
		if (n > SPREAD_BEYOND)
			wait.ns = check->conf->interval.ns / n * nth++;
		check->due = mono_add(now, wait);
		heap_moved(&c->heap, check);
	}
}

/* Attends to what is due; false when the turn was over before that. */
static bool
look(struct checker *c)
{
	struct mono now = mono_now(), end = mono_add(now, TURN_MAX);

	plan_fresh(c);
	while (!c->closing) {
		struct check *check = heap_first(&c->heap);

		if (!check || !mono_reached(check_wake(check), now))
			break;
		if (mono_reached(end, now)) {
			c->no_turn_before = now;
			return false;
		}
		attend(check, now);
		now = mono_now();
	}
	c->no_turn_before = mono_add(now, TURN_GAP);
	return true;
}

/*
 * An idle handle and no timer: the loop does everything else that is ready,
 * and comes back without having slept.
 */
static void
on_more(uv_idle_t *more)
{
	struct checker *c = more->data;

	if (!look(c))
		return;
	uv_idle_stop(more);
	arm(c);
}

static void
on_timer(uv_timer_t *timer)
{
	struct checker *c = timer->data;

	c->armed = MONO_NEVER;
	if (look(c))
		arm(c);
	else
		uv_idle_start(&c->more, on_more);
}

/* ---- the interface ---- */

struct checker *
checker_new(uv_loop_t *loop, struct log *log,
	    const struct check_services *services, check_report *report,
	    void *arg)
{
	struct checker *c = xcalloc(1, sizeof(*c));
	int rc = io_set_new(loop, &c->io);

	if (rc) {
		log_error(log, "checks", "cannot watch sockets: %s",
			  strerror(-rc));
		free(c);
		return NULL;
	}
	/* TLS libraries write() to sockets the peer may have closed. */
	signal(SIGPIPE, SIG_IGN);
	c->loop = loop;
	c->log = log;
	c->services = services;
	c->report = report;
	c->arg = arg;
	c->armed = MONO_NEVER;
	if (getrandom(&c->random, sizeof(c->random), GRND_NONBLOCK) < 0 ||
	    !c->random)
		c->random = (uint64_t)mono_now().ns | 1;
	c->timer.data = c;
	uv_timer_init(loop, &c->timer);
	c->more.data = c;
	uv_idle_init(loop, &c->more);
	return c;
}

/* Finds the kind and makes what its checks share. */
static int
open_kind(struct checker *c, const struct conf_check *conf,
	  const struct check_kind **out)
{
	const char *why = "";
	const struct check_kind *kind = check_kind_find(conf->kind, &why);
	int rc = 0;

	if (!kind || !kind_prepare(conf, &why)) {
		log_error(c->log, conf->name, "cannot be checked: %s", why);
		return -ENOENT;
	}
	if (!c->kinds[conf->kind] && kind->open)
		rc = kind->open(c->io, c->loop, &c->shared[conf->kind]);
	if (rc) {
		log_error(c->log, conf->name,
			  "cannot be checked: cannot prepare %s checks: %s",
			  kind->name, strerror(-rc));
		return rc;
	}
	c->kinds[conf->kind] = kind;
	*out = kind;
	return 0;
}

int
checker_add(struct checker *c, size_t id, const struct conf_check *conf)
{
	const struct check_kind *kind;
	struct check *check;
	int rc;

	assert(!c->closing);
	if (id > ID_MAX || idtable_get(&c->table, id)) {
		log_error(c->log, conf->name, "check id %zu is taken", id);
		return -EEXIST;
	}
	rc = open_kind(c, conf, &kind);
	if (rc)
		return rc;
	check = xcalloc(1, sizeof(*check) + kind->run_size);
	check->conf = conf;
	check->kind = kind;
	check->checker = c;
	check->due = mono_now();
	check->deadline = MONO_NEVER;
	check->fresh = true;
	c->fresh++;
	check->id = (uint32_t)id;
	idtable_put(&c->table, id, check);
	heap_add(&c->heap, check);
	arm(c);
	return 0;
}

void
checker_renumber(struct checker *c, const struct checker_move *moves, size_t n)
{
	struct idtable table = {0};

	for (size_t i = 0; i < n; i++) {
		struct check *check = idtable_take(&c->table, moves[i].from);

		/* It could not be added: a module is missing. */
		if (!check)
			continue;
		assert(moves[i].to <= ID_MAX);
		check->conf = moves[i].conf;
		check->id = (uint32_t)moves[i].to;
		idtable_put(&table, moves[i].to, check);
	}
	assert(c->table.n == 0);
	idtable_free(&c->table);
	c->table = table;
}

struct check *
checker_find(const struct checker *c, size_t id)
{
	return c ? idtable_get(&c->table, id) : NULL;
}

bool
checker_has(const struct checker *c, size_t id)
{
	return idtable_get(&c->table, id) != NULL;
}

static void
destroy(struct check *check)
{
	struct checker *c = check->checker;

	if (check->running) {
		check->kind->cancel(check);
		set_idle(check);
	}
	if (check->kind->destroy)
		check->kind->destroy(check);
	if (check->fresh)
		c->fresh--;
	heap_remove(&c->heap, check);
	free(check->detail);
	free(check);
}

void
checker_remove(struct checker *c, size_t id)
{
	struct check *check = idtable_take(&c->table, id);

	if (check)
		destroy(check);
}

void
checker_hurry(struct check *check, struct mono at)
{
	if (!mono_before(at, check->due))
		return;
	check->due = at;
	moved(check);
}

void
checker_set_changing(struct checker *c, size_t id, bool changing)
{
	struct check *check = c ? idtable_get(&c->table, id) : NULL;

	if (!check || check->changing == changing)
		return;
	check->changing = changing;
	if (changing && check->started.ns != 0)
		checker_hurry(check,
			      mono_add(check->started, period_of(check)));
}

void
checker_kick(struct checker *c, size_t id)
{
	struct check *check = idtable_get(&c->table, id);

	if (check && check->running)
		check->kicked = true;
	else if (check && !mono_reached(check->due, mono_now()))
		run_now(check);
}

static void
on_part_closed(void *arg)
{
	struct checker *c = arg;

	if (--c->handles)
		return;
	if (c->closed)
		c->closed(c->closed_arg);
	free(c);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	on_part_closed(handle->data);
}

static void
destroy_all(struct idtable *t)
{
	for (size_t i = 0; i < t->cap; i++) {
		if (t->v[i])
			destroy(t->v[i]);
	}
	idtable_free(t);
}

void
checker_close(struct checker *c, void (*closed)(void *arg), void *arg)
{
	c->closing = true;
	c->closed = closed;
	c->closed_arg = arg;
	destroy_all(&c->table);
	for (size_t i = 0; i < CONF_CHECK_KINDS; i++) {
		if (c->kinds[i] && c->kinds[i]->close)
			c->kinds[i]->close(c->shared[i]);
	}
	heap_free(&c->heap);
	lateness_free(&c->lateness);
	c->handles = 3;
	uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	uv_close((uv_handle_t *)&c->more, on_handle_closed);
	io_set_close(c->io, on_part_closed, c);
}

void
checker_stats(struct checker *c, struct checker_stats *out)
{
	*out = (struct checker_stats){0};
	if (!c || c->closing)
		return;
	*out = (struct checker_stats){
	    .runs = c->runs,
	    .skipped = c->skipped,
	    .missed = c->missed,
	    .reports = c->reports,
	    .merged = c->merged,
	    .checks = c->table.n,
	    .running = c->running,
	    .lateness_max = lateness_take_max(&c->lateness),
	    .lateness_p99 = lateness_p99(&c->lateness),
	};
}
