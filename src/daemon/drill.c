/* SPDX-License-Identifier: ISC */
/*
 *   NONE ─begin─► STARTING ─the helper has done it─► RUNNING
 *                  │ (admin: at once)                 │ limit, or told to
 *                  └─it has not─► FAILED              ▼
 *   ENDED ◄─service up, all announced again─── RECOVERING
 *
 * Invariants: avail has the service drilled exactly while a drill of mode
 * admin is RUNNING; the end does not depend on who began it: the timer is
 * here, and dropped packets have a limit in the kernel.
 */
#include "daemon/drill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/brake.h"
#include "daemon/counters.h"
#include "daemon/input.h"
#include "daemon/model.h"
#include "mesh/mesh.h"

/* ---- what followed ---- */

static bool
is_up(const struct basin *b, size_t service)
{
	struct avail_service_view v;

	avail_view_service(b->avail, service, &v);
	return v.state == AVAIL_SERVICE_UP ||
	       v.state == AVAIL_SERVICE_DEGRADED ||
	       v.state == AVAIL_SERVICE_OVERLOADED;
}

static bool
same_step(const struct drill_step *a, const struct drill_step *b)
{
	return a->kind == b->kind && a->recovery == b->recovery &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->peer, b->peer) == 0;
}

static bool
has_step(const struct drill *d, const struct drill_step *step)
{
	for (size_t i = 0; i < d->n_steps; i++)
		if (same_step(&d->steps[i], step))
			return true;
	return false;
}

/* Everything that went has come again. */
static bool
is_over(const struct basin *b)
{
	const struct drill *d = b->drill;

	return d->n_gone == 0 && (d->index == SIZE_MAX || is_up(b, d->index));
}

static void
look_whether_over(struct basin *b)
{
	struct drill *d = b->drill;

	if (d->state != DRILL_STATE_RECOVERING || !is_over(b))
		return;
	d->state = DRILL_STATE_ENDED;
	basin_event(b, EVENT_DRILL, LOG_LEVEL_NOTICE, d->service, "recovering",
		    "ended", NULL, "%s",
		    d->n_steps > 0 ? "all is as it was before the drill"
				   : "nothing of the node has noticed it");
}

/* There is always room left for the way back of what is kept. */
static void
keep(struct drill *d, const struct drill_step *step)
{
	struct drill_step failure = *step;
	bool returns;
	size_t room;

	failure.recovery = false;
	returns = step->recovery && has_step(d, &failure);
	room = returns ? 0 : step->recovery ? 1 : 2;
	if (d->n_steps + d->n_gone + room > DRILL_STEPS_MAX) {
		d->n_left_out++;
		return;
	}
	d->n_gone -= returns;
	d->n_gone += !step->recovery;
	d->steps[d->n_steps++] = *step;
}

/* The first time of each is what counts. */
static void
note(struct basin *b, enum drill_step_kind kind, const char *prefix,
     const char *peer, bool recovery)
{
	struct drill *d = b->drill;
	struct drill_step step = {.kind = kind, .recovery = recovery};
	struct mono now = mono_now();

	snprintf(step.prefix, sizeof(step.prefix), "%s", prefix);
	snprintf(step.peer, sizeof(step.peer), "%s", peer);
	step.after = mono_sub(now, recovery ? d->ended : d->began);
	if (!has_step(d, &step))
		keep(d, &step);
	look_whether_over(b);
}

/* What goes while it fails, and what comes behind its end. */
static bool
matters(const struct drill *d, bool up)
{
	return d && (up ? d->state == DRILL_STATE_RECOVERING
			: d->state == DRILL_STATE_RUNNING);
}

void
drill_service_changed(struct basin *b, size_t service)
{
	const struct drill *d = b->drill;
	bool up = is_up(b, service);

	if (d && d->index == service && matters(d, up))
		note(b, DRILL_STEP_SERVICE, "", "", up);
}

static bool
stands_on(const struct basin *b, const struct prefix *prefix)
{
	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		const struct conf_prefix *p = &b->conf->prefixes[i];

		if (!prefix_equal(&p->prefix, prefix))
			continue;
		for (size_t k = 0; k < p->n_services; k++)
			if (p->services[k] == b->drill->index)
				return true;
	}
	return false;
}

static void
note_prefix(struct basin *b, enum drill_step_kind kind,
	    const struct prefix *prefix, const char *peer, bool announced)
{
	char text[PREFIX_TEXT_MAX];

	if (matters(b->drill, announced) && stands_on(b, prefix))
		note(b, kind, prefix_format(prefix, text, sizeof(text)), peer,
		     announced);
}

void
drill_prefix_changed(struct basin *b, size_t prefix)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, prefix, &v);
	note_prefix(b, DRILL_STEP_DECISION, &b->conf->prefixes[prefix].prefix,
		    "", v.announce);
}

void
drill_sent(struct basin *b, const char *peer, const struct prefix *prefix,
	   bool announced)
{
	note_prefix(b, DRILL_STEP_UPDATE, prefix, peer, announced);
}

/* ---- the end ---- */

static void
restored(void *arg, int error)
{
	struct basin *b = arg;

	if (error != 0)
		log_warning(&b->log, "drill",
			    "packets may be dropped until the limit of the "
			    "drill: %s",
			    strerror(-error));
}

bool
drill_end(struct basin *b, const char *why)
{
	struct drill *d = b->drill;

	if (d->state == DRILL_STATE_STARTING)
		d->began = mono_now();
	else if (d->state != DRILL_STATE_RUNNING)
		return false;
	uv_timer_stop(&d->timer);
	d->state = DRILL_STATE_RECOVERING;
	d->ended = mono_now();
	counters_fast_for(b, COUNTERS_FOR_DRILL, false);
	b->cause = basin_event(b, EVENT_DRILL, LOG_LEVEL_NOTICE, d->service,
			       "running", "recovering", NULL, "%s", why);
	if (d->mode == DRILL_DROP &&
	    helper_drop(b->helper, NULL, 0, DUR_ZERO, restored, b) != 0)
		restored(b, -EPIPE);
	if (d->mode == DRILL_ADMIN && d->index != SIZE_MAX)
		input_drill(b, d->index, false, d->ended);
	basin_decide(b);
	look_whether_over(b);
	return true;
}

static void
expired(uv_timer_t *timer)
{
	drill_end(timer->data, "its time is over");
}

/* ---- the beginning ---- */

static int
refuse(struct text *why, const char *name, const char *reason)
{
	text_addf(why, "service \"%s\" is not drilled: %s", name, reason);
	return -EPERM;
}

static int
refuse_second(const struct basin *b, const char *name, struct text *why)
{
	char reason[EVENT_NAME_MAX + 128];

	snprintf(reason, sizeof(reason),
		 "another drill runs, of service \"%s\" by %s (basin drill "
		 "--end)",
		 b->drill->service, b->drill->who);
	return refuse(why, name, reason);
}

/* Other nodes that are heard and said last that they announce it. */
static unsigned
announced_elsewhere(const struct mesh *mesh, size_t brake)
{
	unsigned n = 0;

	for (size_t i = 0; i < mesh_nodes(mesh); i++) {
		struct mesh_node_view node;
		struct mesh_said said;

		mesh_node_view(mesh, i, &node);
		mesh_said(mesh, i, brake, &said);
		n += node.heard && strcmp(said.state, "announced") == 0;
	}
	return n;
}

/* Would the prefix go with the service? */
static bool
goes_with(const struct basin *b, size_t prefix, size_t service)
{
	const struct conf_prefix *p = &b->conf->prefixes[prefix];
	struct avail_prefix_view v;
	size_t need = p->n_services;

	if (p->require.mode == CONF_REQUIRE_ANY)
		need = 1;
	else if (p->require.mode == CONF_REQUIRE_COUNT)
		need = p->require.count;
	avail_view_prefix(b->avail, prefix, &v);
	for (size_t i = 0; i < p->n_services; i++)
		if (p->services[i] == service)
			return v.announce && v.services_up <= need;
	return false;
}

/* A drill is certain, so no brake would hold it: it is asked for here. */
static int
check_brakes(const struct basin *b, size_t service, struct text *why)
{
	const struct mesh *mesh = brake_mesh(b);
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < mesh_brakes(mesh); i++) {
		struct mesh_brake_view v;
		unsigned others;

		mesh_brake_view(mesh, i, &v);
		others = announced_elsewhere(mesh, i);
		if (!goes_with(b, v.prefix, service) || others >= v.min_sites)
			continue;
		prefix_format(&b->conf->prefixes[v.prefix].prefix, text,
			      sizeof(text));
		text_addf(why,
			  "service \"%s\" is not drilled: %u other nodes are "
			  "known to announce %s, min_sites is %u; --force "
			  "does it all the same",
			  b->conf->services[service].name, others, text,
			  v.min_sites);
		return -EPERM;
	}
	return 0;
}

int
drill_allowed(const struct basin *b, const struct drill_request *q,
	      struct text *why)
{
	const struct conf_service *s = &b->conf->services[q->service];
	struct avail_service_view v;

	avail_view_service(b->avail, q->service, &v);
	if (b->phase == BASIN_STOPPING)
		return refuse(why, s->name, "basind is stopping");
	if (drill_running(b))
		return refuse_second(b, s->name, why);
	if (avail_node_drained(b->avail, NULL))
		return refuse(why, s->name,
			      "the node is drained, nothing is announced");
	if (v.drained)
		return refuse(why, s->name, "it is drained");
	if (!is_up(b, q->service))
		return refuse(why, s->name,
			      "it is not up, so nothing could be learned");
	if (q->mode == DRILL_DROP && s->addresses.n == 0)
		return refuse(why, s->name,
			      "it has no address to drop packets to");
	if (!q->force && avail_attacked(b->avail, NULL))
		return refuse(why, s->name,
			      "attack mode is on; --force does it all the "
			      "same");
	if (!q->force)
		return check_brakes(b, q->service, why);
	return 0;
}

static void
began(struct basin *b)
{
	struct drill *d = b->drill;
	char limit[32];

	d->state = DRILL_STATE_RUNNING;
	d->began = mono_now();
	d->began_wall = wall_now();
	d->cause = b->cause = basin_event(
	    b, EVENT_DRILL, LOG_LEVEL_WARNING, d->service, NULL, "running",
	    NULL, "%s, mode %s, for %s", d->who, drill_mode_text(d->mode),
	    dur_format(d->limit, limit, sizeof(limit)));
	uv_timer_start(&d->timer, expired, (uint64_t)dur_to_ms(d->limit), 0);
}

static void
dropped(void *arg, int error)
{
	struct basin *b = arg;
	struct drill *d = b->drill;

	/* It may have been ended, or replaced, meanwhile. */
	if (d->state != DRILL_STATE_STARTING)
		return;
	if (error == 0) {
		began(b);
		b->cause = 0;
		return;
	}
	d->state = DRILL_STATE_FAILED;
	d->error = error;
	counters_fast_for(b, COUNTERS_FOR_DRILL, false);
	basin_event(b, EVENT_DRILL, LOG_LEVEL_WARNING, d->service, "starting",
		    "failed", NULL, "packets cannot be dropped: %s",
		    strerror(-error));
}

static void
take(struct basin *b, const struct drill_request *q)
{
	struct drill *d = b->drill;

	d->id++;
	d->n_steps = d->n_left_out = d->n_gone = 0;
	d->error = 0;
	d->index = q->service;
	d->mode = q->mode;
	d->limit = q->limit;
	snprintf(d->service, sizeof(d->service), "%s",
		 b->conf->services[q->service].name);
	snprintf(d->who, sizeof(d->who), "%s", q->who);
	drill_expect(b->conf, q->service, q->mode, &d->expected);
	d->state = DRILL_STATE_STARTING;
}

int
drill_begin(struct basin *b, const struct drill_request *q, struct text *why)
{
	const struct conf_ips *ips = &b->conf->services[q->service].addresses;
	int error = drill_allowed(b, q, why);

	if (error != 0)
		return error;
	take(b, q);
	counters_fast_for(b, COUNTERS_FOR_DRILL, true);
	if (q->mode == DRILL_ADMIN) {
		began(b);
		input_drill(b, q->service, true, b->drill->began);
		basin_decide(b);
		return 0;
	}
	error = helper_drop(b->helper, ips->v, ips->n, q->limit, dropped, b);
	if (error == 0)
		return 0;
	dropped(b, error);
	text_addf(why, "packets cannot be dropped: %s", strerror(-error));
	return error;
}

/* ---- life ---- */

void
drill_start(struct basin *b)
{
	b->drill = xcalloc(1, sizeof(*b->drill));
	b->drill->steps = xcalloc(DRILL_STEPS_MAX, sizeof(*b->drill->steps));
	b->drill->index = SIZE_MAX;
	uv_timer_init(&b->loop, &b->drill->timer);
	b->drill->timer.data = b;
}

void
drill_configure(struct basin *b)
{
	struct drill *d = b->drill;

	if (d->state == DRILL_STATE_NONE)
		return;
	d->index = model_find(b->conf, AVAIL_SERVICE, d->service);
	if (d->index == SIZE_MAX)
		drill_end(b, "the service is no longer configured");
}

void
drill_free(struct basin *b)
{
	if (!b->drill)
		return;
	free(b->drill->steps);
	free(b->drill);
	b->drill = NULL;
}
