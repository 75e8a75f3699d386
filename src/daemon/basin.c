/* SPDX-License-Identifier: ISC */
/* Names, events and alarms of the root. */
#include "daemon/basin.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const phase_texts[] = {
#define X(n, t) [BASIN_##n] = t,
    BASIN_PHASES(X)
#undef X
};

const char *
basin_phase_text(enum basin_phase phase)
{
	return phase_texts[phase];
}

uint64_t
basin_event(struct basin *b, enum event_kind kind, enum log_level level,
	    const char *name, const char *from, const char *to,
	    const char *reason, const char *fmt, ...)
{
	struct event e = {.kind = kind,
			  .level = level,
			  .from = from,
			  .to = to,
			  .reason = reason,
			  .cause = b->cause};
	va_list ap;

	if (!events_open(b->events)) {
		events_skip(b->events);
		return 0;
	}
	snprintf(e.name, sizeof(e.name), "%s", name);
	va_start(ap, fmt);
	vsnprintf(e.detail, sizeof(e.detail), fmt, ap);
	va_end(ap);
	return events_add(b->events, &e);
}

static struct basin_alarm *
find_alarm(struct basin *b, const char *subject)
{
	for (size_t i = 0; i < b->n_alarms; i++)
		if (strcmp(b->alarms[i].subject, subject) == 0)
			return &b->alarms[i];
	return NULL;
}

static void
raise_alarm(struct basin *b, const char *subject, const char *message)
{
	struct basin_alarm *a = find_alarm(b, subject);

	if (a && strcmp(a->message, message) == 0)
		return;
	if (!a && b->n_alarms < BASIN_ALARMS_MAX) {
		a = &b->alarms[b->n_alarms++];
		a->since = wall_now();
		snprintf(a->subject, sizeof(a->subject), "%s", subject);
	}
	if (a)
		snprintf(a->message, sizeof(a->message), "%s", message);
	basin_event(b, EVENT_ALARM, LOG_LEVEL_ERROR, subject, NULL, "raised",
		    NULL, "%s", message);
}

static void
clear_alarm(struct basin *b, const char *subject, const char *message)
{
	struct basin_alarm *a = find_alarm(b, subject);

	if (!a)
		return;
	*a = b->alarms[--b->n_alarms];
	basin_event(b, EVENT_ALARM, LOG_LEVEL_NOTICE, subject, "raised",
		    "cleared", NULL, "%s", message);
}

void
basin_alarm(struct basin *b, const char *subject, const char *message, bool on)
{
	if (on)
		raise_alarm(b, subject, message);
	else
		clear_alarm(b, subject, message);
}

void
basin_configure_log(struct basin *b, const struct conf *conf)
{
	if (!b->options.log_level_given)
		b->log.level =
		    (enum log_level)(LOG_LEVEL_ERROR + conf->log.level);
	if (b->options.log_format_given)
		return;
	b->log.format =
	    conf->log.format == CONF_LOG_AUTO
		? log_format_for(b->log.fd)
		: (enum log_format)(conf->log.format - CONF_LOG_TERMINAL);
}
