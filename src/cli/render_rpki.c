/* SPDX-License-Identifier: ISC */
/* `basin show rpki` for people. */
#include <string.h>

#include "cli/render.h"

static enum table_style
style_of(const char *state)
{
	if (strcmp(state, "synchronised") == 0 || strcmp(state, "valid") == 0)
		return TABLE_GOOD;
	if (strcmp(state, "failed") == 0 || strcmp(state, "invalid") == 0)
		return TABLE_BAD;
	return strcmp(state, "lost") == 0 ? TABLE_WARN : TABLE_PLAIN;
}

static void
render_caches(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "CACHE",   "STATE",        "USED",    ">VRPS",
	    ">SERIAL", "SYNCHRONISED", "ADDRESS", NULL};
	struct table *t = table_new(headings);
	char age[32];
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");

		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "cache"));
		table_cell(t, style_of(state), "%s", state);
		table_cell(t, TABLE_PLAIN, "%s",
			   json_is_true(json_object_get(o, "used")) ? "yes"
								    : "no");
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "vrps"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "serial"));
		table_cell(t, TABLE_PLAIN, "%s",
			   render_age(o, "synchronised", age, sizeof(age)));
		table_cell(t, TABLE_PLAIN, "%s port %lld",
			   render_string(o, "address"),
			   render_integer(o, "port"));
	}
	table_print(t, cli->out, cli->colour);
}

/* Only of those that are not well. */
static void
render_errors(struct cli *cli, const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");

		if (strcmp(state, "lost") != 0 && strcmp(state, "failed") != 0)
			continue;
		table_say(cli->out, cli->colour, TABLE_WARN, "%s: %s",
			  render_string(o, "cache"), render_string(o, "error"));
		fputc('\n', cli->out);
	}
}

static void
render_own(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {"PREFIX", "ORIGIN", "STATE",
					       "WHY", NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");
		bool refused = json_is_true(json_object_get(o, "refused"));

		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "prefix"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "origin"));
		table_cell(t, style_of(state), "%s%s", state,
			   refused ? ", withdrawn" : "");
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "detail"));
	}
	table_print(t, cli->out, cli->colour);
}

void
render_rpki(struct cli *cli, const json_t *rpki)
{
	const json_t *caches = json_object_get(rpki, "caches");
	const json_t *prefixes = json_object_get(rpki, "prefixes");

	if (!json_is_true(json_object_get(rpki, "configured"))) {
		fputs("no RPKI cache is configured\n", cli->out);
		return;
	}
	render_caches(cli, caches);
	render_errors(cli, caches);
	if (json_array_size(prefixes) == 0)
		return;
	fputc('\n', cli->out);
	render_own(cli, prefixes);
}
