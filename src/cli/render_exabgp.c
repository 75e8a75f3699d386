/* SPDX-License-Identifier: ISC */
/* `basin show exabgp` for people. */
#include <string.h>

#include "cli/render.h"

void
render_exabgp(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "PROCESS", "STATE",     "SINCE",    ">ROUTES",
	    ">STARTS", ">COMMANDS", ">REFUSED", NULL};
	struct table *t = table_new(headings);
	char age[32];
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		const char *state = render_string(o, "state");

		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "process"));
		table_cell(
		    t, strcmp(state, "running") == 0 ? TABLE_GOOD : TABLE_BAD,
		    "%s", state);
		table_cell(t, TABLE_PLAIN, "%s",
			   render_age(o, "since", age, sizeof(age)));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "routes"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "starts"));
		table_cell(t, TABLE_PLAIN, "%lld",
			   render_integer(o, "commands"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "errors"));
	}
	table_print(t, cli->out, cli->colour);
	json_array_foreach (list, i, o) {
		const char *error = render_string(o, "error");
		const char *ended = render_string(o, "ended");

		if (error[0] != '-')
			fprintf(cli->out, "%s: refused: %s\n",
				render_string(o, "process"), error);
		if (ended[0] != '-')
			fprintf(cli->out, "%s: before: %s\n",
				render_string(o, "process"), ended);
	}
}
