/* SPDX-License-Identifier: ISC */
/* The load of each site after failures. */
#include "cli/render_simulate.h"

#include <stdlib.h>
#include <string.h>

#define NAMED 4 /* sites; --json has the others */

static const json_t *
site_named(const json_t *sites, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach (sites, i, o)
		if (strcmp(render_string(o, "name"), name) == 0)
			return o;
	return NULL;
}

/* The sites that announce something. The caller's. */
static json_t *
announcing(const json_t *report)
{
	const json_t *base = json_object_get(report, "base"), *o;
	json_t *list = json_array();
	size_t i;

	json_array_foreach (json_object_get(base, "sites"), i, o)
		if (strcmp(render_string(o, "state"), "up") == 0)
			json_array_append(list, (json_t *)o);
	return list;
}

/* The headings of a line a failure and a column a site. Owned. */
static const char **
failure_headings(const json_t *sites)
{
	size_t n = json_array_size(sites), i;
	const char **list = xcalloc(n + 4, sizeof(*list));
	const json_t *o;

	list[0] = "DOWN";
	json_array_foreach (sites, i, o) {
		struct text text = {0};

		text_addf(&text, ">%s", render_string(o, "name"));
		list[i + 1] = text.s;
	}
	list[n + 1] = ">UNREACHED";
	list[n + 2] = "THEN OVERLOADED";
	return list;
}

static void
add_lost(struct text *out, const json_t *lost)
{
	size_t n = json_array_size(lost), i;
	const json_t *o;

	if (n == 0)
		text_add(out, "-");
	json_array_foreach (lost, i, o) {
		if (i == NAMED && n > NAMED + 1) {
			text_addf(out, " and %zu more", n - NAMED);
			return;
		}
		text_addf(out, "%s%s", i ? ", " : "", json_string_value(o));
	}
}

static void
add_failure(struct table *t, const json_t *failure, const json_t *sites)
{
	const json_t *unreached = json_object_get(failure, "unreached"), *o;
	const json_t *cascade = json_object_get(failure, "cascade");
	char *down = render_join(failure, "down", ", ");
	const json_t *first = json_object_get(failure, "down");
	struct text lost = {0};
	char buf[32];
	size_t i;

	table_cell(t, TABLE_PLAIN, "%s",
		   json_array_size(first) > 0 ? down : "(nothing)");
	json_array_foreach (sites, i, o) {
		const json_t *site =
		    site_named(json_object_get(failure, "sites"),
			       render_string(o, "name"));
		bool use = json_is_number(json_object_get(site, "use"));

		table_cell(t,
			   use && render_real(site, "use") > 1 ? TABLE_BAD
							       : TABLE_PLAIN,
			   "%s",
			   render_share(site, use ? "use" : "share", buf,
					sizeof(buf)));
	}
	table_cell(t, TABLE_PLAIN, "%s",
		   render_share(unreached, "share", buf, sizeof(buf)));
	add_lost(&lost, json_object_get(cascade, "lost"));
	table_cell(t, TABLE_BAD, "%s%s", text_str(&lost),
		   json_is_true(json_object_get(cascade, "collapse"))
		       ? ": nothing is left"
		       : "");
	free(down);
	text_free(&lost);
}

void
render_simulate_failures(struct cli *cli, const json_t *report)
{
	const json_t *failures = json_object_get(report, "failures"), *o;
	const json_t *cases = json_object_get(failures, "cases");
	const char **headings;
	struct table *t;
	json_t *sites;
	size_t i;

	if (json_array_size(cases) == 0)
		return;
	sites = announcing(report);
	headings = failure_headings(sites);
	render_simulate_title(
	    cli, "after a failure: load of each site, of its capacity "
		 "where it has one");
	t = table_new(headings);
	json_array_foreach (cases, i, o)
		add_failure(t, o, sites);
	table_print(t, cli->out, cli->colour);
	for (i = 0; i < json_array_size(sites); i++)
		free((char *)headings[i + 1]);
	free(headings);
	json_decref(sites);
}
