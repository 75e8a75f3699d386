/* SPDX-License-Identifier: ISC */
/* What a search found, and why. */
#include "cli/render_simulate.h"

#include <stdlib.h>

static void
say_solution(struct cli *cli, const json_t *o, size_t place,
	     const char *objective)
{
	const json_t *line;
	char *chosen = render_join(o, "chosen", ", ");
	char *prepends = render_join(o, "prepends", ", ");
	size_t i;

	table_say(cli->out, cli->colour, TABLE_PLAIN, "%zu. %s: %s %.4g", place,
		  chosen, objective, render_real(o, "objective"));
	if (json_array_size(json_object_get(o, "prepends")) > 0)
		table_say(cli->out, cli->colour, TABLE_PLAIN, ", prepends %s",
			  prepends);
	if (json_is_true(json_object_get(o, "over")))
		table_say(cli->out, cli->colour, TABLE_BAD, ", over capacity");
	fputc('\n', cli->out);
	json_array_foreach (json_object_get(o, "why"), i, line) {
		table_say(cli->out, cli->colour, TABLE_DIM, "     %s",
			  json_string_value(line));
		fputc('\n', cli->out);
	}
	free(chosen);
	free(prepends);
}

void
render_simulate_search(struct cli *cli, const json_t *report)
{
	const json_t *search = json_object_get(report, "search"), *o;
	size_t i;

	if (!json_is_object(search))
		return;
	render_simulate_title(cli, render_string(search, "summary"));
	json_array_foreach (json_object_get(search, "best"), i, o)
		say_solution(cli, o, i + 1, render_string(search, "objective"));
}
