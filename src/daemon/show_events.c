/* SPDX-License-Identifier: ISC */
/* show events: the journal's tail. */
#include <string.h>

#include "daemon/commands.h"
#include "daemon/show.h"

/* Events looked at; the journal holds no more. */
#define EVENTS_ALL     SIZE_MAX
#define EVENTS_DEFAULT 50

static const char *
level_text(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_NOTICE:
		return "notice";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "?";
}

json_t *
commands_event(const struct event *event)
{
	json_t *object = json_object();

	show_integer(object, "id", event->id);
	show_wall(object, "at", event->at);
	show_string(object, "kind", event_kind_text(event->kind));
	show_string(object, "level", level_text(event->level));
	show_string(object, "name", event->name);
	show_string(object, "from", event->from);
	show_string(object, "to", event->to);
	show_string(object, "reason", event->reason);
	show_string(object, "detail", event->detail);
	if (event->cause)
		show_integer(object, "cause", event->cause);
	return object;
}

struct selection {
	const char *kind, *name; /* NULL: all */
	uint64_t after;          /* ids above */
	size_t limit;
	json_t *list;
};

static void
on_event(void *arg, const struct event *event)
{
	struct selection *sel = arg;

	if (event->id <= sel->after)
		return;
	if (sel->kind && strcmp(sel->kind, event_kind_text(event->kind)) != 0)
		return;
	if (sel->name && strcmp(sel->name, event->name) != 0)
		return;
	json_array_append_new(sel->list, commands_event(event));
	if (json_array_size(sel->list) > sel->limit)
		json_array_remove(sel->list, 0);
}

/* A slip would look like "nothing happened". */
static bool
known_kind(const char *kind, struct ctl_reply *reply)
{
	for (int i = 0; i < EVENT_KIND_COUNT; i++)
		if (strcmp(kind, event_kind_text((enum event_kind)i)) == 0)
			return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, "\"kind\" is one of");
	for (int i = 0; i < EVENT_KIND_COUNT; i++)
		text_addf(&reply->message, " %s",
			  event_kind_text((enum event_kind)i));
	return false;
}

void
show_events_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	json_t *limit = json_object_get(arguments, "limit");
	json_t *after = json_object_get(arguments, "after");
	struct selection sel = {
	    .kind = show_argument(arguments, "kind"),
	    .name = show_argument(arguments, "name"),
	    .after = (uint64_t)json_integer_value(after),
	    .limit = EVENTS_DEFAULT,
	};

	if (sel.kind && !known_kind(sel.kind, reply))
		return;
	sel.list = json_array();
	if (json_integer_value(limit) > 0)
		sel.limit = (size_t)json_integer_value(limit);
	events_each(s.b->events, EVENTS_ALL, on_event, &sel);
	reply->result = json_pack("{s:o, s:I}", "events", sel.list, "last_id",
				  (json_int_t)events_last_id(s.b->events));
}
