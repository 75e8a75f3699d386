/* SPDX-License-Identifier: ISC */
#include "cli/render.h"

static void
number_cell(struct table *t, const json_t *o, const char *key)
{
	double value = json_number_value(json_object_get(o, key));

	table_cell(t, TABLE_PLAIN, "%.*f", value < 10 && value > 0 ? 1 : 0,
		   value);
}

static void
counter_cells(struct table *t, const json_t *o)
{
	char age[32];

	table_cell(t, TABLE_PLAIN, "%s", render_string(o, "address"));
	table_cell(t, TABLE_PLAIN, "%s", render_string(o, "service"));
	table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "packets"));
	table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "octets"));
	number_cell(t, o, "packets_per_second");
	number_cell(t, o, "octets_per_second");
	table_cell(t, TABLE_PLAIN, "%s",
		   render_age(o, "last_packet", age, sizeof(age)));
	if (json_is_true(json_object_get(o, "available")))
		table_cell(t, TABLE_PLAIN, "-");
	else
		table_cell(t, TABLE_WARN, "%s", render_string(o, "why"));
}

void
render_counters(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "ADDRESS",   "SERVICE",   ">PACKETS",    ">OCTETS", ">PACKETS/S",
	    ">OCTETS/S", "NOT QUIET", "NOT COUNTED", NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o)
		counter_cells(t, o);
	table_print(t, cli->out, cli->colour);
}
