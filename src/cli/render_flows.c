/* SPDX-License-Identifier: ISC */
/* `basin show flows` for people. */
#include "base/text.h"
#include "cli/render.h"

static void
render_flow(struct cli *cli, const json_t *flow)
{
	bool judged = json_object_get(flow, "feasible") != NULL;
	bool feasible = json_is_true(json_object_get(flow, "feasible"));
	char age[32];

	table_say(cli->out, cli->colour, TABLE_PLAIN, "%s: %s",
		  render_string(flow, "peer"), render_string(flow, "flow"));
	fputc('\n', cli->out);
	table_say(cli->out, cli->colour,
		  judged && !feasible ? TABLE_WARN : TABLE_DIM,
		  "  %s, for %s%s%s%s", render_string(flow, "actions"),
		  render_age(flow, "since", age, sizeof(age)),
		  !judged    ? ", sent"
		  : feasible ? ", feasible"
			     : ", not feasible: ",
		  judged && !feasible ? render_string(flow, "why_not") : "",
		  judged ? "; not applied" : "");
	fputc('\n', cli->out);
}

void
render_flows(struct cli *cli, const json_t *list)
{
	json_t *flow;
	size_t i;

	if (json_array_size(list) == 0) {
		table_say(cli->out, cli->colour, TABLE_DIM,
			  "no flow specifications");
		fputc('\n', cli->out);
	}
	json_array_foreach (list, i, flow)
		render_flow(cli, flow);
}
