/* SPDX-License-Identifier: ISC */
/* What operators do to a running node: drain and undrain. */
#include <errno.h>
#include <string.h>

#include "daemon/basin.h"
#include "daemon/model.h"

/* "node", "service dns", "prefix 192.0.2.0/24" */
static void
title(enum avail_target target, const char *name, struct text *out)
{
	text_add(out, drain_target_text(target));
	if (name[0])
		text_addf(out, " %s", name);
}

static void
cannot_store(struct basin *b, int error, const char *verb, struct text *out)
{
	text_addf(out,
		  "the %s could not be stored in %s (%s): nothing was changed, "
		  "because it would be forgotten at the next restart",
		  verb, b->conf->state_directory, strerror(-error));
}

int
basin_drain(struct basin *b, enum avail_target target, size_t id,
	    const char *reason, const char *who, struct dur duration,
	    struct text *error)
{
	struct mono now = mono_now();
	struct avail_drain_times times = {.limit = now};
	struct text subject = {0};
	char text[PREFIX_TEXT_MAX];
	const char *name = model_name(b->conf, target, id, text, sizeof(text));
	struct drain d = {.target = target,
			  .name = name,
			  .reason = reason,
			  .who = who,
			  .since = wall_now()};
	int result;

	if (duration.ns > 0)
		d.expires.ns = d.since.ns + duration.ns;
	result = drains_put(b->drains, &d);
	if (result != 0) {
		cannot_store(b, result, "drain", error);
		return result;
	}
	title(target, name, &subject);
	b->cause =
	    basin_event(b, EVENT_DRAIN, LOG_LEVEL_NOTICE, text_str(&subject),
			NULL, "drained", NULL, "by %s: %s", who, reason);
	text_free(&subject);
	times.expires = duration.ns > 0 ? mono_add(now, duration) : MONO_NEVER;
	avail_drain(b->avail, target, id, &times, now);
	basin_decide(b);
	return 0;
}

int
basin_undrain(struct basin *b, enum avail_target target, size_t id,
	      const char *who, struct text *error)
{
	char text[PREFIX_TEXT_MAX];
	const char *name = model_name(b->conf, target, id, text, sizeof(text));
	struct text subject = {0};
	int result = drains_remove(b->drains, target, name);

	title(target, name, &subject);
	if (result == -ENOENT) {
		text_addf(error, "%s is not drained", text_str(&subject));
	} else if (result != 0) {
		cannot_store(b, result, "undrain", error);
	} else {
		b->cause = basin_event(b, EVENT_DRAIN, LOG_LEVEL_NOTICE,
				       text_str(&subject), "drained",
				       "undrained", NULL, "by %s", who);
		avail_undrain(b->avail, target, id, mono_now());
		basin_decide(b);
	}
	text_free(&subject);
	return result;
}
