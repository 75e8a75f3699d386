/* SPDX-License-Identifier: ISC */
/* `basin show mesh` for people. */
#include <stdlib.h>
#include <string.h>

#include "cli/render.h"

#define OLD_SECONDS 5

static void
rtt_cell(struct table *t, const json_t *node)
{
	const json_t *rtt = json_object_get(node, "rtt_seconds");

	if (json_is_number(rtt))
		table_cell(t, TABLE_PLAIN, "%.1f ms",
			   json_number_value(rtt) * 1e3);
	else
		table_cell(t, TABLE_PLAIN, "-");
}

static enum table_style
heard_style(const char *state)
{
	return strcmp(state, "heard") == 0 ? TABLE_GOOD : TABLE_BAD;
}

static void
render_nodes(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {"NODE", "STATE",   "LAST",
					       ">RTT", "ADDRESS", NULL};
	struct table *t = table_new(headings);
	char age[32];
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");

		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "node"));
		table_cell(t, heard_style(state), "%s", state);
		table_cell(t, TABLE_PLAIN, "%s",
			   render_age(o, "last", age, sizeof(age)));
		rtt_cell(t, o);
		table_cell(t, TABLE_PLAIN, "%s port %lld",
			   render_string(o, "address"),
			   render_integer(o, "port"));
	}
	table_print(t, cli->out, cli->colour);
}

/* What was said long ago may not be so any more. */
static void
add_age(struct text *out, const json_t *said)
{
	const json_t *age = json_object_get(said, "said_seconds");
	char buf[32];

	if (json_is_number(age) && json_number_value(age) >= OLD_SECONDS)
		text_addf(out, " %s ago",
			  render_age(said, "said", buf, sizeof(buf)));
}

/* "lon1 announced, par1 withdrawn (dns: fallen) 12 s ago" */
static void
add_said(struct text *out, const json_t *brake)
{
	json_t *o;
	size_t i;

	json_array_foreach (json_object_get(brake, "nodes"), i, o) {
		const char *why = render_string(o, "why");

		text_addf(out, "%s%s %s", i ? ", " : "",
			  render_string(o, "node"), render_string(o, "state"));
		if (why[0] != '-')
			text_addf(out, " (%s)", why);
		add_age(out, o);
	}
}

static void
limit_cell(struct table *t, const json_t *brake, const char *key)
{
	if (json_is_integer(json_object_get(brake, key)))
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(brake, key));
	else
		table_cell(t, TABLE_PLAIN, "-");
}

static void
render_brakes(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "PREFIX", "HERE", ">MIN_SITES", ">MAX_WITHDRAWN", "NODES", NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");
		struct text said = {0};

		add_said(&said, o);
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "prefix"));
		table_cell(t, render_style(state), "%s", state);
		limit_cell(t, o, "min_sites");
		limit_cell(t, o, "max_withdrawn");
		table_cell(t, TABLE_PLAIN, "%s",
			   said.len ? text_str(&said) : "-");
		text_free(&said);
	}
	table_print(t, cli->out, cli->colour);
}

static void
render_waits(struct cli *cli, const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *wait = render_string(o, "wait");

		if (wait[0] == '-')
			continue;
		table_say(cli->out, cli->colour, TABLE_WARN, "%s is held: %s",
			  render_string(o, "prefix"), wait);
		fputc('\n', cli->out);
	}
}

void
render_mesh(struct cli *cli, const json_t *mesh)
{
	const json_t *brakes = json_object_get(mesh, "brakes");
	const char *file = render_string(mesh, "state_file");

	render_nodes(cli, json_object_get(mesh, "nodes"));
	if (file[0] != '-')
		fprintf(cli->out, "state file: %s\n", file);
	if (json_array_size(brakes) == 0)
		return;
	fputc('\n', cli->out);
	render_brakes(cli, brakes);
	render_waits(cli, brakes);
}
