/* SPDX-License-Identifier: ISC */
/* What a simulation found: failures, hijacks, searches, the way of one AS. */
#include <stdlib.h>
#include <string.h>

#include "cli/render_simulate.h"

#define NAMED 4 /* sites; --json has the others */

static void
say_title(struct cli *cli, const char *text)
{
	fputc('\n', cli->out);
	table_say(cli->out, cli->colour, TABLE_BOLD, "%s", text);
	fputc('\n', cli->out);
}

/* ---- failures ---- */

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
	say_title(cli, "after a failure: load of each site, of its capacity "
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

/* ---- hijacks ---- */

static void
say_culprits(struct cli *cli, const json_t *hijack)
{
	static const char *const headings[] = {"HIJACKER", ">ASES", ">SHARE",
					       NULL};
	struct table *t = table_new(headings);
	const json_t *o;
	char buf[32];
	size_t i;

	json_array_foreach (json_object_get(hijack, "worst"), i, o) {
		table_cell(t, TABLE_PLAIN, "AS%lld", render_integer(o, "asn"));
		table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, "ases"));
		table_cell(t, TABLE_PLAIN, "%s",
			   render_share(o, "share", buf, sizeof(buf)));
	}
	table_print(t, cli->out, cli->colour);
}

static void
say_taken(struct cli *cli, const json_t *report, const json_t *taken)
{
	const json_t *weight = json_object_get(report, "weight");
	long long ases = render_integer(taken, "ases");
	char buf[32];

	fprintf(cli->out, "%s is caught: %lld AS%s",
		render_share(taken, "share", buf, sizeof(buf)), ases,
		ases == 1 ? "" : "es");
	if (render_weighed(report))
		fprintf(cli->out, ", %s %s",
			render_weight(render_real(taken, "weight"), buf,
				      sizeof(buf)),
			render_string(weight, "unit"));
	fputs(", of all but the hijacker's own\n", cli->out);
}

static void
say_hijack(struct cli *cli, const json_t *report, const json_t *o)
{
	const json_t *taken = json_object_get(o, "taken");
	const char *kind = render_string(o, "kind");
	const char *noun = strcmp(kind, "leak") == 0 ? "" : " hijack";
	char *prefix = render_join(o, "prefixes", ", ");
	char a[32], b[32], c[32];
	struct text title = {0};

	if (taken)
		text_addf(&title, "%s%s of %s by AS%lld", kind, noun, prefix,
			  render_integer(o, "asn"));
	else
		text_addf(&title, "%s%s of %s by each of %lld ASes", kind, noun,
			  prefix, render_integer(o, "hijackers"));
	say_title(cli, text_str(&title));
	text_free(&title);
	free(prefix);
	if (taken) {
		say_taken(cli, report, taken);
		return;
	}
	fprintf(cli->out,
		"%s is caught on average, median %s, at most %s, of all but "
		"the hijacker's own\n",
		render_share(o, "mean_share", a, sizeof(a)),
		render_share(o, "median_share", b, sizeof(b)),
		render_share(o, "most_share", c, sizeof(c)));
	say_culprits(cli, o);
}

void
render_simulate_hijacks(struct cli *cli, const json_t *report)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(report, "hijack"), i, o)
		say_hijack(cli, report, o);
}

/* ---- searches ---- */

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
	say_title(cli, render_string(search, "summary"));
	json_array_foreach (json_object_get(search, "best"), i, o)
		say_solution(cli, o, i + 1, render_string(search, "objective"));
}

/* ---- one AS ---- */

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
	say_title(cli, text_str(&title));
	text_free(&title);
	json_array_foreach (json_object_get(explain, "prefixes"), i, o)
		say_way(cli, o);
}
