/* SPDX-License-Identifier: ISC */
#include "daemon/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* Kept in memory: enough for the question "what happened this night?". */
#define KEPT 4096
/* Per second, before a burst is summed up. */
#define EVENTS_PER_SECOND 2000
#define LINES_PER_SECOND  100

struct events {
	struct event *ring; /* owned, KEPT entries, allocated as they come */
	size_t allocated;
	uint64_t last_id;
	/* In this second: */
	unsigned recorded, lines;
	uint64_t unlogged, skipped;
	struct log *log; /* borrowed */
	events_listener *listener;
	void *arg;
};

static const char *const kind_texts[] = {
#define X(n, t) [EVENT_##n] = t,
    EVENT_KINDS(X)
#undef X
};

const char *
event_kind_text(enum event_kind kind)
{
	return kind_texts[kind];
}

struct events *
events_new(struct log *log, events_listener *listener, void *arg)
{
	struct events *events = xcalloc(1, sizeof(*events));

	events->log = log;
	events->listener = listener;
	events->arg = arg;
	return events;
}

void
events_free(struct events *events)
{
	if (!events)
		return;
	free(events->ring);
	free(events);
}

/* The slot of event `id`; grows the ring until it is whole. */
static struct event *
slot(struct events *events, uint64_t id)
{
	size_t i = (size_t)((id - 1) % KEPT);

	if (i >= events->allocated) {
		size_t n = events->allocated ? events->allocated * 2 : 64;

		n = n < KEPT ? n : KEPT;
		events->ring = xrealloc(events->ring, n, sizeof(*events->ring));
		events->allocated = n;
	}
	return &events->ring[i];
}

static void
write_line(struct events *events, const struct event *e)
{
	struct text subject = {0}, line = {0};

	text_addf(&subject, "%s %s", event_kind_text(e->kind), e->name);
	if (e->from && e->to && e->from != e->to)
		text_addf(&line, "%s -> %s", e->from, e->to);
	else if (e->to)
		text_add(&line, e->to);
	if (e->reason)
		text_addf(&line, "%s%s", line.len ? ": " : "", e->reason);
	if (e->detail[0])
		text_addf(&line, "%s%s", line.len ? ": " : "", e->detail);
	log_line(events->log, e->level, text_str(&subject), "%s",
		 text_str(&line));
	text_free(&subject);
	text_free(&line);
}

bool
events_open(const struct events *events)
{
	return events->recorded < EVENTS_PER_SECOND;
}

void
events_skip(struct events *events)
{
	events->skipped++;
}

uint64_t
events_add(struct events *events, struct event *event)
{
	events->recorded++;
	event->id = ++events->last_id;
	event->at = wall_now();
	*slot(events, event->id) = *event;
	if (events->lines < LINES_PER_SECOND) {
		events->lines++;
		write_line(events, event);
	} else {
		events->unlogged++;
	}
	if (events->listener)
		events->listener(events->arg, event);
	return event->id;
}

static void
sum_up(struct events *events)
{
	struct event e = {.kind = EVENT_NODE,
			  .level = LOG_LEVEL_NOTICE,
			  .name = "burst",
			  .to = "summed up"};

	snprintf(e.detail, sizeof(e.detail),
		 "%" PRIu64 " changes recorded but not logged, %" PRIu64
		 " more only counted",
		 events->unlogged, events->skipped);
	events->lines = 0;
	events_add(events, &e);
}

void
events_tick(struct events *events)
{
	if (events->unlogged + events->skipped > 0)
		sum_up(events);
	events->recorded = events->lines = 0;
	events->unlogged = events->skipped = 0;
}

void
events_each(const struct events *events, size_t limit,
	    void (*each)(void *arg, const struct event *event), void *arg)
{
	uint64_t kept = events->last_id < KEPT ? events->last_id : KEPT;
	uint64_t n = limit < kept ? limit : kept;

	for (uint64_t id = events->last_id - n + 1; n > 0; id++, n--)
		each(arg, &events->ring[(id - 1) % KEPT]);
}

uint64_t
events_last_id(const struct events *events)
{
	return events->last_id;
}
