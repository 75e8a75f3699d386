/* SPDX-License-Identifier: ISC */
/* The way of one AS. */
#include "cli/render_simulate.h"

static void
say_way(struct cli *cli, const json_t *one)
{
	static const char *const headings[] = {
	    "ROUTE OF", "LEARNED FROM A", ">LENGTH", "SITE", "WHY", NULL};
	const json_t *list = json_object_get(one, "candidates"), *o;
	struct table *t;
	size_t i;

	table_say(cli->out, cli->colour, TABLE_PLAIN, "%s: %s",
		  render_string(one, "prefix"), render_string(one, "text"));
	fputc('\n', cli->out);
	json_array_foreach (json_object_get(one, "hops"), i, o) {
		table_say(cli->out, cli->colour, TABLE_PLAIN, "  AS%lld  %s",
			  render_integer(o, "asn"), render_string(o, "from"));
		fputc('\n', cli->out);
	}
	if (json_array_size(list) == 0)
		return;
	t = table_new(headings);
	json_array_foreach (list, i, o) {
		bool best = json_is_true(json_object_get(o, "best"));

		table_cell(t, best ? TABLE_GOOD : TABLE_PLAIN, "%s",
			   render_string(o, "neighbour"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "relation"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "length"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "site"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "why"));
	}
	table_print(t, cli->out, cli->colour);
}

void
render_simulate_explain(struct cli *cli, const json_t *report)
{
	const json_t *explain = json_object_get(report, "explain"), *o;
	struct text title = {0};
	size_t i;

	if (!json_is_object(explain))
		return;
	text_addf(&title, "the way of AS%lld", render_integer(explain, "asn"));
	render_simulate_title(cli, text_str(&title));
	text_free(&title);
	json_array_foreach (json_object_get(explain, "prefixes"), i, o)
		say_way(cli, o);
}
