/* SPDX-License-Identifier: ISC */
#include "daemon/standing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/drained.h"
#include "daemon/input.h"
#include "daemon/keep.h"
#include "daemon/leave.h"
#include "daemon/quiet.h"
#include "model/model.h"

void
standing_title(enum avail_target target, const char *name, struct text *out)
{
	text_add(out, drain_target_text(target));
	if (target != AVAIL_NODE)
		text_addf(out, " %s", name);
}

/* ---- into avail ---- */

/* The node has one drain in avail: offline hides the other. */
static const struct drain *
find(const struct basin *b, enum avail_target target, const char *name)
{
	return target == AVAIL_NODE ? drains_node(b->drains)
				    : drains_find(b->drains, target, name);
}

static void
put(struct basin *b, const struct drain *d, size_t id, struct mono now)
{
	struct avail_drain_times times = {d->limit, d->expires};

	if (d->phase == DRAIN_DRAINED)
		times.limit = now;
	input_drain(b, d->target, id, &times, now);
}

void
standing_apply(struct basin *b, enum avail_target target, const char *name)
{
	const struct drain *d = find(b, target, name);
	size_t id = model_find(b->conf, target, name);
	struct mono now = mono_now();

	if (id != SIZE_MAX && d)
		put(b, d, id, now);
	else if (id != SIZE_MAX)
		input_undrain(b, target, id, now);
	leave_configure(b);
	quiet_configure(b);
}

/* ---- out of the list ---- */

struct gone {
	struct basin *b; /* borrowed */
	enum avail_target target;
	char *name; /* owned */
};

static struct gone *
gone_new(struct basin *b, enum avail_target target, const char *name)
{
	struct gone *g = xcalloc(1, sizeof(*g));

	g->b = b;
	g->target = target;
	g->name = xstrdup(name);
	return g;
}

/* Somebody may have prolonged it while it ended: that stays. */
static int
remove_it(struct drains *next, void *arg)
{
	const struct gone *g = arg;
	const struct drain *d = drains_find(next, g->target, g->name);

	if (!d || !drains_is_over(d, mono_now()))
		return -ENOENT;
	return drains_remove(next, g->target, g->name);
}

/* It may be another one by now, which waits anew. */
static int
finish_it(struct drains *next, void *arg)
{
	const struct gone *g = arg;
	size_t id = model_find(g->b->conf, g->target, g->name);

	if (id != SIZE_MAX && !drained_has(g->b, g->target, id))
		return -ENOENT;
	return drains_finish(next, g->target, g->name, mono_now());
}

static void
stored(struct basin *b, void *arg, int error)
{
	struct gone *g = arg;

	if (error != 0 && error != -ENOENT && error != -ECANCELED)
		log_warning(&b->log, "drain",
			    "%s/" DRAINS_FILE " could not be written: %s; what "
			    "has ended here stands there until the next order "
			    "is stored",
			    b->conf->state_directory, strerror(-error));
	free(g->name);
	free(g);
}

static int
remove_attack(struct drains *next, void *arg)
{
	const struct drains_attack *a = drains_attack(next);

	if (!a || !mono_reached(a->expires, mono_now()))
		return -ENOENT;
	drains_set_attack(next, NULL);
	return 0;
}

/* ---- all ---- */

static void
apply_one(struct basin *b, const struct drain *d, struct mono now)
{
	size_t id = model_find(b->conf, d->target, d->name);

	if (id != SIZE_MAX) {
		put(b, d, id, now);
	} else if (mono_reached(d->expires, now)) {
		keep_fact(b->keep, remove_it, stored,
			  gone_new(b, d->target, d->name));
	} else {
		log_warning(&b->log, "drain",
			    "%s %s is drained but not configured; the drain "
			    "is kept until `basin undrain %s %s`",
			    drain_target_text(d->target), d->name,
			    drain_target_text(d->target), d->name);
	}
}

void
standing_apply_attack(struct basin *b, struct mono now)
{
	const struct drains_attack *a = drains_attack(b->drains);

	input_attack(b, a != NULL, a ? a->expires : MONO_NEVER, now);
}

void
standing_apply_all(struct basin *b, struct mono now)
{
	const struct drain *node = drains_node(b->drains);

	for (size_t i = 0; i < drains_count(b->drains); i++)
		if (drains_at(b->drains, i)->target != AVAIL_NODE)
			apply_one(b, drains_at(b->drains, i), now);
	if (node)
		put(b, node, 0, now);
	standing_apply_attack(b, now);
	leave_configure(b);
	quiet_configure(b);
}

/* ---- what avail says ---- */

static void
expired(struct basin *b, enum avail_target target, const char *name)
{
	const struct drain *d = find(b, target, name);
	enum drain_phase phase = d ? d->phase : DRAIN_DRAINED;
	struct text subject = {0};

	standing_title(target, name, &subject);
	b->cause = basin_event(
	    b, EVENT_DRAIN, LOG_LEVEL_NOTICE, text_str(&subject),
	    drain_phase_text(phase), "undrained", "expired",
	    "the drain of the %s has expired", drain_target_text(target));
	text_free(&subject);
	keep_fact(b->keep, remove_it, stored, gone_new(b, target, name));
}

static void
finished(struct basin *b, enum avail_target target, size_t id, const char *name)
{
	const struct drain *d = find(b, target, name);
	struct text subject = {0}, detail = {0};

	if (!d || d->phase == DRAIN_DRAINED)
		return; /* it never waited */
	standing_title(target, name, &subject);
	quiet_tell(b, target, name, &detail);
	b->cause =
	    basin_event(b, EVENT_DRAIN, LOG_LEVEL_NOTICE, text_str(&subject),
			"draining", "drained", NULL, "%s", text_str(&detail));
	text_free(&subject);
	text_free(&detail);
	keep_fact(b->keep, finish_it, stored, gone_new(b, target, d->name));
}

static void
drain_changed(struct basin *b, const struct avail_change *c)
{
	char text[PREFIX_TEXT_MAX];
	const char *name =
	    model_name(b->conf, c->target, c->id, text, sizeof(text));

	if (c->to == AVAIL_DRAIN_EXPIRED)
		expired(b, c->target, name);
	else
		finished(b, c->target, c->id, name);
	leave_configure(b);
	quiet_configure(b);
}

void
standing_changed(struct basin *b, const struct avail_change *c)
{
	if (c->object == AVAIL_IS_DRAIN) {
		drain_changed(b, c);
		return;
	}
	b->cause = basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE,
			       b->conf->node.name, "attack", "no attack",
			       "expired", "attack mode has expired");
	keep_fact(b->keep, remove_attack, stored, gone_new(b, AVAIL_NODE, ""));
}
