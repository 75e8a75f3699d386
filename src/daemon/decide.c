/* SPDX-License-Identifier: ISC */
/*
 * The one way from samples to announcements: results and operators' words go
 * into avail, its changes come out to out, to the checker and to the events.
 */
#include "daemon/decide.h"

#include <errno.h>

#include "daemon/basin.h"
#include "daemon/brake.h"
#include "daemon/drill.h"
#include "daemon/gate.h"
#include "daemon/input.h"
#include "daemon/journal.h"
#include "daemon/model.h"
#include "daemon/on_link.h"
#include "daemon/overload.h"
#include "daemon/restarted.h"
#include "daemon/rung.h"
#include "daemon/standing.h"
#include "daemon/watch.h"

/* Changes handled before the loop turns: keeps a turn below 5 ms. */
#define CHANGES_PER_TURN 2000

static enum avail_verdict
verdict_of(enum check_verdict v)
{
	switch (v) {
	case CHECK_PASS:
		return AVAIL_VERDICT_PASS;
	case CHECK_DEGRADED:
		return AVAIL_VERDICT_DEGRADED;
	case CHECK_FAIL:
		return AVAIL_VERDICT_FAIL;
	case CHECK_UNKNOWN:
		break;
	}
	return AVAIL_VERDICT_UNKNOWN;
}

/* Good news is a notice, a beginning is information, the rest a warning. */
static enum log_level
level_of(bool good, bool beginning)
{
	if (good)
		return LOG_LEVEL_NOTICE;
	return beginning ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
}

/* fast_interval applies while a check is between two states. */
static void
tell_checker(struct basin *b, size_t id)
{
	struct avail_check_view v;

	avail_view_check(b->avail, id, &v);
	if (v.changing == b->checks[id].changing)
		return;
	b->checks[id].changing = v.changing;
	checker_set_changing(b->checker, id, v.changing);
}

/* ---- changes, one function per kind of object ---- */

static void
check_changed(struct basin *b, const struct avail_change *c)
{
	const char *name = avail_check_key(b->avail, c->id);
	enum log_level level =
	    level_of(c->to == AVAIL_CHECK_UP, c->to == AVAIL_CHECK_CHECKING);
	struct check_result r;

	tell_checker(b, c->id);
	if (!checker_last(b->checker, c->id, &r))
		r.detail[0] = '\0';
	b->cause = basin_event(b, EVENT_CHECK, level, name,
			       avail_check_state_text(c->from),
			       avail_check_state_text(c->to),
			       avail_reason_text(c->reason), "%s", r.detail);
}

static void
service_changed(struct basin *b, const struct avail_change *c)
{
	enum log_level level = level_of(c->to == AVAIL_SERVICE_UP,
					c->to == AVAIL_SERVICE_CHECKING);
	struct avail_service_view v;
	char gone[EVENT_DETAIL_MAX];

	avail_view_service(b->avail, c->id, &v);
	watch_gone_text(b, c->id, gone, sizeof(gone));
	if (gone[0] == '\0' && c->to == AVAIL_SERVICE_OVERLOADED)
		overload_text(b, c->id, gone, sizeof(gone));
	b->cause = basin_event(
	    b, EVENT_SERVICE, level, avail_service_key(b->avail, c->id),
	    avail_service_state_text(c->from), avail_service_state_text(c->to),
	    avail_reason_text(c->reason), "%s%s%u of %u checks up", gone,
	    gone[0] ? "; " : "", v.checks_up, v.checks);
	drill_service_changed(b, c->id);
}

static void
changed(struct basin *b, const struct avail_change *c)
{
	switch (c->object) {
	case AVAIL_IS_CHECK:
		check_changed(b, c);
		break;
	case AVAIL_IS_SERVICE:
		service_changed(b, c);
		break;
	case AVAIL_IS_PREFIX:
		journal_decided(b, c);
		drill_prefix_changed(b, c->id);
		rung_changed(b, c);
		brake_changed(b, c->id);
		break;
	case AVAIL_IS_DRAIN:
	case AVAIL_IS_ATTACK:
		standing_changed(b, c);
		break;
	}
}

/* ---- turning ---- */

/* An avail deadline has come. */
static void
on_due(uv_timer_t *timer)
{
	struct basin *b = timer->data;

	input_tick(b, mono_now());
	basin_decide(b);
}

static void
arm_timer(struct basin *b)
{
	struct mono next = avail_next_deadline(b->avail);
	struct dur wait;

	/* Nothing runs out while stopping: there are no results any more. */
	if (mono_is_never(next) || b->phase == BASIN_STOPPING) {
		uv_timer_stop(&b->decide_timer);
		return;
	}
	wait = mono_sub(next, mono_now());
	uv_timer_start(&b->decide_timer, on_due,
		       wait.ns > 0 ? (uint64_t)dur_to_ms(wait) + 1 : 0, 0);
}

static void
decide_more(uv_idle_t *idle)
{
	basin_decide(idle->data);
}

void
basin_decide(struct basin *b)
{
	struct avail_change c;

	for (unsigned n = 0; n < CHANGES_PER_TURN; n++) {
		if (!avail_take(b->avail, &c)) {
			uv_idle_stop(&b->decide_more);
			b->cause = 0;
			on_link_decide(b);
			restarted_decided(b);
			arm_timer(b);
			return;
		}
		changed(b, &c);
	}
	uv_idle_start(&b->decide_more, decide_more);
}

void
decide_report(void *arg, size_t id, const struct check_result *r)
{
	struct basin *b = arg;

	if (b->phase == BASIN_STOPPING)
		return;
	input_sample(b, id, verdict_of(r->verdict), mono_now());
	overload_sample(b, b->checks[id].service, r);
	tell_checker(b, id);
	basin_decide(b);
}

void
decide_addresses(void *arg, size_t service, bool present)
{
	struct basin *b = arg;

	input_addresses(b, service, present, mono_now());
	basin_decide(b);
	gate_look(b);
}

void
decide_start(struct basin *b)
{
	uv_timer_init(&b->loop, &b->decide_timer);
	uv_idle_init(&b->loop, &b->decide_more);
	b->decide_timer.data = b;
	b->decide_more.data = b;
}
