/* SPDX-License-Identifier: ISC */
/* `basin show bfd` for people. */
#include <string.h>

#include "cli/render.h"

static void
time_cell(struct table *t, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	if (json_is_number(v))
		table_cell(t, TABLE_PLAIN, "%g ms", json_number_value(v) * 1e3);
	else
		table_cell(t, TABLE_PLAIN, "-");
}

static enum table_style
status_style(const char *status)
{
	if (strcmp(status, "up") == 0)
		return TABLE_GOOD;
	return strcmp(status, "admin_down") == 0 ? TABLE_WARN : TABLE_BAD;
}

static void
render_session(struct table *t, const json_t *o)
{
	const char *status = render_string(o, "status");
	const char *problem = render_string(o, "problem");
	const json_t *local = json_object_get(o, "local");
	const json_t *remote = json_object_get(o, "remote");
	bool up = strcmp(status, "up") == 0;
	char age[32];

	table_cell(t, TABLE_PLAIN, "%s", render_string(o, "session"));
	table_cell(t, status_style(status), "%s", status);
	table_cell(t, TABLE_PLAIN, "%s",
		   render_age(o, "since", age, sizeof(age)));
	time_cell(t, local, "interval_seconds");
	time_cell(t, o, "detection_seconds");
	table_cell(t, TABLE_PLAIN, "%s",
		   json_is_object(remote) ? render_string(remote, "state")
					  : "-");
	table_cell(t, TABLE_PLAIN, "%s%s", render_string(o, "address"),
		   json_is_true(json_object_get(o, "multihop")) ? " multihop"
								: "");
	if (up)
		table_cell(t, TABLE_PLAIN, "-");
	else
		table_cell(t, TABLE_PLAIN, "%s",
			   problem[0] != '-' ? problem
					     : render_string(o, "why"));
}

static void
render_thread(struct cli *cli, const json_t *thread)
{
	if (json_is_true(json_object_get(thread, "mute"))) {
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "no packets are sent: the loop of basind hangs");
		fputc('\n', cli->out);
	}
	if (json_is_true(json_object_get(thread, "running")) &&
	    !json_is_true(json_object_get(thread, "realtime"))) {
		table_say(cli->out, cli->colour, TABLE_WARN,
			  "real-time priority is not permitted: a busy "
			  "machine may not keep short intervals");
		fputc('\n', cli->out);
	}
}

void
render_bfd(struct cli *cli, const json_t *bfd)
{
	static const char *const headings[] = {
	    "SESSION", "STATUS",  "SINCE", ">INTERVAL", ">DETECTION",
	    "REMOTE",  "ADDRESS", "WHY",   NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (json_object_get(bfd, "sessions"), i, o)
		render_session(t, o);
	table_print(t, cli->out, cli->colour);
	render_thread(cli, json_object_get(bfd, "thread"));
}
