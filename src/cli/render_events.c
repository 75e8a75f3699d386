/* SPDX-License-Identifier: ISC */
#include "cli/render.h"

/* One line: when, what, from -> to, why. */
void
render_event(struct cli *cli, const json_t *event)
{
	const char *from = render_string(event, "from");
	const char *to = render_string(event, "to");
	const char *reason = render_string(event, "reason");
	const char *detail = render_string(event, "detail");
	bool colour = cli->colour;

	table_say(cli->out, colour, TABLE_DIM, "%s",
		  render_string(event, "at"));
	table_say(cli->out, colour, TABLE_PLAIN, " %s %s",
		  render_string(event, "kind"), render_string(event, "name"));
	if (from[0] != '-' || to[0] != '-') {
		if (from[0] != '-')
			table_say(cli->out, colour, TABLE_PLAIN, ": %s -> ",
				  from);
		else
			table_say(cli->out, colour, TABLE_PLAIN, ": ");
		table_say(cli->out, colour, render_style(to), "%s", to);
	}
	if (reason[0] != '-')
		table_say(cli->out, colour, TABLE_PLAIN, " (%s)", reason);
	if (detail[0] != '-')
		table_say(cli->out, colour, TABLE_PLAIN, " %s", detail);
	fputc('\n', cli->out);
}

void
render_events(struct cli *cli, const json_t *list)
{
	json_t *event;
	size_t i;

	json_array_foreach (list, i, event)
		render_event(cli, event);
}
