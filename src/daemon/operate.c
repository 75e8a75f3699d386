/* SPDX-License-Identifier: ISC */
/*
 * What operators do to a running node: drain, offline, attack mode. Each order
 * is a job: stored by keep.c, then applied and told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keep.h"
#include "daemon/standing.h"
#include "model/model.h"

struct job {
	const char *verb;          /* for messages: "drain" */
	enum drain_phase was;      /* of what is undrained */
	struct basin_drain drain;  /* its strings are the next three */
	char *name, *reason, *who; /* owned; reason may be NULL */
	struct conf_drain standard;
	bool fresh; /* it stood not before */
	basin_ordered *done;
	void *arg;
};

static struct job *
job_new(struct basin *b, const char *verb, const char *name, const char *reason,
	const char *who)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->verb = verb;
	job->name = xstrdup(name);
	job->reason = reason ? xstrdup(reason) : NULL;
	job->who = xstrdup(who ? who : "");
	job->standard = b->conf->node.drain;
	return job;
}

static void
job_free(struct job *job)
{
	free(job->name);
	free(job->reason);
	free(job->who);
	free(job);
}

static void
queue(struct basin *b, struct job *job, keep_change *change, keep_done *done,
      basin_ordered *ordered, void *arg)
{
	job->done = ordered;
	job->arg = arg;
	keep_queue(b->keep, change, done, job);
}

/* Tells whoever asked, and ends the job. */
static void
finish(struct job *job, int error, struct text *message)
{
	job->done(job->arg, error, text_str(message));
	text_free(message);
	job_free(job);
}

/* The last resort where nothing can be stored is a daemon that stops. */
static bool
takes_out(const struct job *job)
{
	return job->drain.target == AVAIL_NODE &&
	       strcmp(job->verb, "drain") == 0;
}

static void
cannot_store(struct basin *b, const struct job *job, int error,
	     struct text *message)
{
	text_addf(message,
		  "%s could not be stored in %s (%s): nothing was changed, "
		  "because it would be forgotten at the next restart",
		  job->verb, b->conf->state_directory, strerror(-error));
	if (takes_out(job))
		text_add(message, "; stopping basind withdraws everything now");
}

/* True when it must still be brought into force here. */
static bool
in_force(struct basin *b, struct job *job, int error, struct text *message)
{
	if (error == 0)
		return b->phase != BASIN_STOPPING;
	if (message->len == 0)
		cannot_store(b, job, error, message);
	return false;
}

/* ---- drain ---- */

static struct mono
from_now(struct dur d, struct mono now)
{
	return d.ns > 0 ? mono_add(now, d) : MONO_NEVER;
}

static void
set_wait(struct job *job, struct drain *d, struct mono now)
{
	struct dur limit = job->fresh ? job->standard.limit : DUR_ZERO;

	if (job->fresh)
		d->quiet = job->standard.quiet;
	if (job->drain.quiet.given)
		d->quiet = job->drain.quiet.value;
	if (!job->fresh && !job->drain.limit.given)
		return;
	if (job->drain.limit.given)
		limit = job->drain.limit.value;
	d->limit = mono_add(now, limit);
	if (limit.ns <= 0)
		d->phase = DRAIN_DRAINED;
}

static int
change_drain(struct drains *next, void *arg)
{
	struct job *job = arg;
	const struct drain *old =
	    drains_find(next, job->drain.target, job->name);
	struct mono now = mono_now();
	struct drain d = {.target = job->drain.target,
			  .name = job->name,
			  .since = wall_now(),
			  .expires = MONO_NEVER};

	job->fresh = !old;
	if (old)
		d = *old;
	else if (!job->reason)
		return -EINVAL;
	if (job->reason) {
		d.reason = job->reason;
		d.who = job->who;
	}
	if (job->drain.duration.given) {
		d.duration = job->drain.duration.value;
		d.expires = from_now(d.duration, now);
	}
	set_wait(job, &d, now);
	drains_put(next, &d);
	return 0;
}

/* Some of it has passed while it was stored. */
static struct dur
to_second(struct dur d)
{
	int64_t second = dur_s(1).ns;

	return dur_ns((d.ns + second / 2) / second * second);
}

static void
tell_drain(struct basin *b, const struct job *job, const struct drain *d)
{
	struct text subject = {0}, wait = {0};
	char quiet[32], limit[32];

	if (!job->reason && !job->drain.limit.given &&
	    !job->drain.duration.given && !job->drain.quiet.given)
		return; /* somebody looks again */
	standing_title(d->target, d->name, &subject);
	if (d->phase == DRAIN_DRAINING)
		text_addf(&wait, "; waits for %s of quiet, for %s at most",
			  dur_format(d->quiet, quiet, sizeof(quiet)),
			  dur_format(to_second(mono_sub(d->limit, mono_now())),
				     limit, sizeof(limit)));
	b->cause =
	    basin_event(b, EVENT_DRAIN, LOG_LEVEL_NOTICE, text_str(&subject),
			NULL, drain_phase_text(d->phase), NULL, "by %s: %s%s",
			job->who, d->reason, text_str(&wait));
	text_free(&subject);
	text_free(&wait);
}

static void
drained(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0}, subject = {0};

	if (error == -EINVAL) {
		standing_title(job->drain.target, job->name, &subject);
		text_addf(&message,
			  "%s is not drained yet: the reason is missing, say "
			  "why, others will ask",
			  text_str(&subject));
		text_free(&subject);
	}
	if (in_force(b, job, error, &message)) {
		tell_drain(
		    b, job,
		    drains_find(b->drains, job->drain.target, job->name));
		standing_apply(b, job->drain.target, job->name);
		basin_decide(b);
	}
	finish(job, error, &message);
}

void
basin_drain(struct basin *b, const struct basin_drain *order,
	    basin_ordered *done, void *arg)
{
	char text[PREFIX_TEXT_MAX];
	struct job *job = job_new(
	    b, "drain",
	    model_name(b->conf, order->target, order->id, text, sizeof(text)),
	    order->reason, order->who);

	job->drain = *order;
	queue(b, job, change_drain, drained, done, arg);
}

/* ---- undrain ---- */

static int
change_undrain(struct drains *next, void *arg)
{
	struct job *job = arg;
	const struct drain *d = drains_find(next, job->drain.target, job->name);
	int error;

	job->was = d ? d->phase : DRAIN_DRAINED;
	error = drains_remove(next, job->drain.target, job->name);
	if (error == -ENOENT && job->drain.target == AVAIL_NODE &&
	    drains_node(next))
		return -EPERM;
	return error;
}

static void
undrained(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0}, subject = {0};

	standing_title(job->drain.target, job->name, &subject);
	if (error == -ENOENT)
		text_addf(&message, "%s is not drained", text_str(&subject));
	if (error == -EPERM)
		text_add(&message,
			 "the node is offline, which is more than drained: "
			 "basin online --reason TEXT ends it");
	if (in_force(b, job, error, &message)) {
		b->cause =
		    basin_event(b, EVENT_DRAIN, LOG_LEVEL_NOTICE,
				text_str(&subject), drain_phase_text(job->was),
				"undrained", NULL, "by %s", job->who);
		standing_apply(b, job->drain.target, job->name);
		basin_decide(b);
	}
	text_free(&subject);
	finish(job, error, &message);
}

void
basin_undrain(struct basin *b, enum avail_target target, const char *name,
	      const char *who, basin_ordered *done, void *arg)
{
	struct job *job = job_new(b, "undrain", name, NULL, who);

	job->drain.target = target;
	queue(b, job, change_undrain, undrained, done, arg);
}

/* ---- offline ---- */

static int
change_offline(struct drains *next, void *arg)
{
	struct job *job = arg;
	struct drain d = {.target = AVAIL_NODE,
			  .name = DRAINS_OFFLINE,
			  .reason = job->reason,
			  .who = job->who,
			  .since = wall_now(),
			  .expires = MONO_NEVER,
			  .phase = DRAIN_DRAINED,
			  .limit = mono_now()};

	drains_put(next, &d);
	return 0;
}

static int
change_online(struct drains *next, void *arg)
{
	return drains_remove(next, AVAIL_NODE, DRAINS_OFFLINE);
}

static void
move(struct basin *b, const struct job *job)
{
	b->cause = basin_event(b, EVENT_NODE, LOG_LEVEL_WARNING,
			       b->conf->node.name, NULL, job->verb, NULL,
			       "by %s: %s", job->who, job->reason);
	standing_apply(b, AVAIL_NODE, "");
	basin_decide(b);
}

/* Nobody who asks for that can wait until the disk is in order. */
static void
went_offline(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0};
	bool offline =
	    drains_find(b->drains, AVAIL_NODE, DRAINS_OFFLINE) != NULL;

	if (error != 0 && !offline)
		cannot_store(b, job, error, &message);
	else if (error != 0)
		text_addf(&message,
			  "the node is offline now, but that could not be "
			  "stored in %s (%s): it would come back with the next "
			  "restart of basind. Make the directory writable and "
			  "say it again",
			  b->conf->state_directory, strerror(-error));
	if (offline && b->phase != BASIN_STOPPING)
		move(b, job);
	finish(job, error, &message);
}

static void
went_online(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0};

	if (error == -ENOENT)
		text_add(&message, "the node is not offline");
	if (in_force(b, job, error, &message))
		move(b, job);
	finish(job, error, &message);
}

void
basin_offline(struct basin *b, const char *reason, const char *who,
	      basin_ordered *done, void *arg)
{
	struct job *job = job_new(b, "offline", DRAINS_OFFLINE, reason, who);

	job->done = done;
	job->arg = arg;
	keep_fact(b->keep, change_offline, went_offline, job);
}

void
basin_online(struct basin *b, const char *reason, const char *who,
	     basin_ordered *done, void *arg)
{
	queue(b, job_new(b, "online", DRAINS_OFFLINE, reason, who),
	      change_online, went_online, done, arg);
}

/* ---- attack mode ---- */

static int
change_attack(struct drains *next, void *arg)
{
	struct job *job = arg;
	struct drains_attack a = {
	    .reason = job->reason,
	    .who = job->who,
	    .since = wall_now(),
	    .duration = job->drain.duration.value,
	    .expires = from_now(job->drain.duration.value, mono_now())};

	drains_set_attack(next, &a);
	return 0;
}

static int
change_attack_off(struct drains *next, void *arg)
{
	if (!drains_attack(next))
		return -ENOENT;
	drains_set_attack(next, NULL);
	return 0;
}

static void
attacked(struct basin *b, void *arg, int error)
{
	struct job *job = arg;
	struct text message = {0};
	bool on = job->reason != NULL;

	if (error == -ENOENT)
		text_add(&message, "attack mode is off already");
	if (in_force(b, job, error, &message)) {
		b->cause = basin_event(b, EVENT_NODE, LOG_LEVEL_WARNING,
				       b->conf->node.name, on ? NULL : "attack",
				       on ? "attack" : "no attack", NULL,
				       "by %s%s%s", job->who, on ? ": " : "",
				       on ? job->reason : "");
		standing_apply_attack(b, mono_now());
		basin_decide(b);
	}
	finish(job, error, &message);
}

void
basin_attack_on(struct basin *b, const char *reason, const char *who,
		struct dur duration, basin_ordered *done, void *arg)
{
	struct job *job = job_new(b, "attack mode", "", reason, who);

	job->drain.duration.value = duration;
	queue(b, job, change_attack, attacked, done, arg);
}

void
basin_attack_off(struct basin *b, const char *who, basin_ordered *done,
		 void *arg)
{
	queue(b, job_new(b, "attack mode", "", NULL, who), change_attack_off,
	      attacked, done, arg);
}
