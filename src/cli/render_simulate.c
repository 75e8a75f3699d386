/* SPDX-License-Identifier: ISC */
/* What a simulation found: sites, and what a change moves. */
#include "cli/render_simulate.h"

#include <stdlib.h>
#include <string.h>

#define MOVERS_MAX 10 /* for people; --json has more */

static void
cell_weight(struct table *t, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	char buf[32];

	table_cell(t, TABLE_PLAIN, "%s",
		   json_is_number(v)
		       ? render_weight(json_number_value(v), buf, sizeof(buf))
		       : "-");
}

static void
cell_share(struct table *t, enum table_style style, const json_t *o,
	   const char *key)
{
	char buf[32];

	table_cell(t, style, "%s", render_share(o, key, buf, sizeof(buf)));
}

static void
cell_count(struct table *t, const json_t *o, const char *key)
{
	table_cell(t, TABLE_PLAIN, "%lld", render_integer(o, key));
}

/* ---- sites ---- */

static void
add_lengths(struct table *t, const json_t *o)
{
	const json_t *mean = json_object_get(o, "mean_length");

	if (json_is_number(mean)) {
		table_cell(t, TABLE_PLAIN, "%.2f", json_number_value(mean));
		table_cell(t, TABLE_PLAIN, "%lld",
			   render_integer(o, "median_length"));
	} else {
		table_cell(t, TABLE_PLAIN, "-");
		table_cell(t, TABLE_PLAIN, "-");
	}
}

static void
add_site(struct table *t, const json_t *o, bool weighed, bool capacities)
{
	const char *state = render_string(o, "state");
	bool up = strcmp(state, "up") == 0;
	bool over = render_real(o, "use") > 1;

	table_cell(t, up ? TABLE_PLAIN : TABLE_DIM, "%s%s%s%s",
		   render_string(o, "name"), up ? "" : " (", up ? "" : state,
		   up ? "" : ")");
	cell_share(t, TABLE_PLAIN, o, "share");
	cell_count(t, o, "ases");
	if (weighed)
		cell_weight(t, o, "weight");
	if (capacities) {
		cell_weight(t, o, "capacity");
		cell_share(t, over ? TABLE_BAD : TABLE_PLAIN, o, "use");
	}
	add_lengths(t, o);
	cell_count(t, o, "ties");
}

static void
add_rest(struct table *t, const json_t *outcome, const char *key, bool weighed,
	 bool capacities)
{
	const json_t *o = json_object_get(outcome, key);

	if (render_integer(o, "ases") == 0 && render_real(o, "weight") <= 0)
		return;
	table_cell(t, TABLE_DIM, "(%s)", key);
	cell_share(t, TABLE_PLAIN, o, "share");
	cell_count(t, o, "ases");
	if (weighed)
		cell_weight(t, o, "weight");
	for (int i = capacities ? 0 : 2; i < 5; i++)
		table_cell(t, TABLE_PLAIN, "-");
}

static bool
any_capacity(const json_t *sites)
{
	const json_t *o;
	size_t i;

	json_array_foreach (sites, i, o)
		if (json_is_number(json_object_get(o, "capacity")))
			return true;
	return false;
}

static void
say_sites(struct cli *cli, const json_t *outcome, bool weighed)
{
	const json_t *sites = json_object_get(outcome, "sites"), *o;
	bool capacities = any_capacity(sites);
	const char *headings[10] = {"SITE", ">SHARE", ">ASES"};
	struct table *t;
	size_t n = 3, i;

	if (weighed)
		headings[n++] = ">WEIGHT";
	if (capacities) {
		headings[n++] = ">CAPACITY";
		headings[n++] = ">USE";
	}
	headings[n++] = ">PATH";
	headings[n++] = ">MEDIAN";
	headings[n++] = ">TIES";
	t = table_new(headings);
	json_array_foreach (sites, i, o)
		add_site(t, o, weighed, capacities);
	add_rest(t, outcome, "unreached", weighed, capacities);
	add_rest(t, outcome, "dropped", weighed, capacities);
	table_print(t, cli->out, cli->colour);
}

static void
say_upstreams(struct cli *cli, const json_t *outcome, bool weighed)
{
	static const char *const plain[] = {"SITE",   "UPSTREAM", ">AS",
					    ">SHARE", ">ASES",    NULL};
	static const char *const with[] = {"SITE",  "UPSTREAM", ">AS", ">SHARE",
					   ">ASES", ">WEIGHT",  NULL};
	const json_t *sites = json_object_get(outcome, "sites"), *site, *o;
	struct table *t = table_new(weighed ? with : plain);
	size_t i, k;

	json_array_foreach (sites, i, site)
		json_array_foreach (json_object_get(site, "upstreams"), k, o) {
			table_cell(t, TABLE_PLAIN, "%s",
				   render_string(site, "name"));
			table_cell(t, TABLE_PLAIN, "%s",
				   render_string(o, "name"));
			cell_count(t, o, "asn");
			cell_share(t, TABLE_PLAIN, o, "share");
			cell_count(t, o, "ases");
			if (weighed)
				cell_weight(t, o, "weight");
		}
	fputc('\n', cli->out);
	table_print(t, cli->out, cli->colour);
}

static void
say_overloaded(struct cli *cli, const json_t *outcome)
{
	char *names = render_join(outcome, "overloaded", ", ");

	if (json_array_size(json_object_get(outcome, "overloaded")) > 0) {
		table_say(cli->out, cli->colour, TABLE_BAD, "over capacity: %s",
			  names);
		fputc('\n', cli->out);
	}
	free(names);
}

void
render_simulate_outcome(struct cli *cli, const json_t *report,
			const json_t *outcome, bool upstreams)
{
	bool weighed = render_weighed(report);

	say_sites(cli, outcome, weighed);
	say_overloaded(cli, outcome);
	if (upstreams)
		say_upstreams(cli, outcome, weighed);
}

/* ---- who moves where ---- */

static void
say_movers(struct cli *cli, const json_t *moves, bool weighed)
{
	static const char *const plain[] = {"AS", "FROM", "TO", ">ASES BEHIND",
					    NULL};
	static const char *const with[] = {"AS",      "FROM",         "TO",
					   ">WEIGHT", ">ASES BEHIND", NULL};
	const json_t *biggest = json_object_get(moves, "biggest"), *o;
	struct table *t = table_new(weighed ? with : plain);
	size_t i;

	json_array_foreach (biggest, i, o) {
		if (i == MOVERS_MAX)
			break;
		table_cell(t, TABLE_PLAIN, "AS%lld", render_integer(o, "asn"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "from"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "to"));
		if (weighed)
			cell_weight(t, o, "weight");
		cell_count(t, o, "cone");
	}
	fputs("\nthe largest that move:\n", cli->out);
	table_print(t, cli->out, cli->colour);
}

void
render_simulate_moves(struct cli *cli, const json_t *report,
		      const json_t *moves)
{
	static const char *const plain[] = {"FROM", "TO", ">ASES", NULL};
	static const char *const with[] = {"FROM", "TO", ">ASES", ">WEIGHT",
					   NULL};
	bool weighed = render_weighed(report);
	const json_t *o;
	struct table *t;
	size_t i;

	if (render_integer(moves, "ases") == 0)
		return;
	t = table_new(weighed ? with : plain);
	json_array_foreach (json_object_get(moves, "matrix"), i, o) {
		if (strcmp(render_string(o, "from"), render_string(o, "to")) ==
		    0)
			continue;
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "from"));
		table_cell(t, TABLE_PLAIN, "%s", render_string(o, "to"));
		cell_count(t, o, "ases");
		if (weighed)
			cell_weight(t, o, "weight");
	}
	fputc('\n', cli->out);
	table_print(t, cli->out, cli->colour);
	say_movers(cli, moves, weighed);
}

static void
say_alternative(struct cli *cli, const json_t *report, const json_t *o)
{
	const json_t *moves = json_object_get(o, "moves");
	char share[32];

	fputc('\n', cli->out);
	table_say(cli->out, cli->colour, TABLE_BOLD, "what if %s",
		  render_string(o, "change"));
	fprintf(cli->out, ": %lld %s, %s\n", render_integer(moves, "ases"),
		render_integer(moves, "ases") == 1 ? "AS moves" : "ASes move",
		render_share(moves, "share", share, sizeof(share)));
	render_simulate_outcome(cli, report, json_object_get(o, "outcome"),
				false);
	render_simulate_moves(cli, report, moves);
}

/* ---- all of it ---- */

static void
say_head(struct cli *cli, const json_t *report)
{
	const json_t *graph = json_object_get(report, "graph");
	const json_t *weight = json_object_get(report, "weight");
	char total[32];

	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  "%s on %s: %lld ASes, %lld links to providers, %lld to peers",
		  render_string(report, "scenario"),
		  render_string(graph, "file"), render_integer(graph, "ases"),
		  render_integer(graph, "provider_links"),
		  render_integer(graph, "peer_links"));
	fputc('\n', cli->out);
	table_say(
	    cli->out, cli->colour, TABLE_PLAIN,
	    "ASes prefer %s; shares are of %s %s",
	    render_string(report, "preference"),
	    render_weight(render_real(weight, "total"), total, sizeof(total)),
	    render_string(weight, "what"));
	fputc('\n', cli->out);
}

static const char *
everything(const json_t *report)
{
	const json_t *weight = json_object_get(report, "weight");
	const char *by = render_string(weight, "by");

	if (strcmp(by, "load") == 0)
		return "the load";
	return strcmp(by, "ases") == 0 ? "all ASes" : "all addresses";
}

static const json_t *
largest_site(const json_t *sites)
{
	const json_t *best = NULL, *o;
	size_t i;

	json_array_foreach (sites, i, o)
		if (!best ||
		    render_real(o, "share") > render_real(best, "share"))
			best = o;
	return best;
}

/* What a person wants to know first: who draws most, what is too much, who is
 * left out. */
static void
say_summary(struct cli *cli, const json_t *report)
{
	const json_t *base = json_object_get(report, "base");
	const json_t *sites = json_object_get(base, "sites");
	const json_t *most = largest_site(sites);
	const json_t *rest = json_object_get(base, "unreached");
	bool over = json_array_size(json_object_get(base, "overloaded")) > 0;
	char *names = render_join(base, "overloaded", ", ");
	char share[32];

	if (most && render_real(most, "share") > 0)
		table_say(cli->out, cli->colour, TABLE_BOLD,
			  "%s draws most, %s of %s",
			  render_string(most, "name"),
			  render_share(most, "share", share, sizeof(share)),
			  everything(report));
	else
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "no site is reached");
	if (over)
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "; over capacity: %s", names);
	else if (any_capacity(sites))
		fputs("; no site is over its capacity", cli->out);
	if (render_integer(rest, "ases") > 0)
		fprintf(cli->out, "; unreached: %s, %lld AS%s",
			render_share(rest, "share", share, sizeof(share)),
			render_integer(rest, "ases"),
			render_integer(rest, "ases") == 1 ? "" : "es");
	fputc('\n', cli->out);
	free(names);
}

static void
say_prefixes(struct cli *cli, const json_t *report)
{
	const json_t *list = json_object_get(report, "alike"), *o;
	size_t i;

	if (json_array_size(list) < 2)
		return;
	json_array_foreach (list, i, o) {
		char *names = render_join(o, "prefixes", ", ");

		fputc('\n', cli->out);
		table_say(cli->out, cli->colour, TABLE_BOLD, "%s", names);
		fputc('\n', cli->out);
		free(names);
		say_sites(cli, o, render_weighed(report));
	}
}

/* In lines of 78 columns; those behind the first begin below its text. */
static void
say_note(struct cli *cli, const char *text)
{
	int column = 6;

	table_say(cli->out, cli->colour, TABLE_WARN, "note:");
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column + n > 78) {
			fputs("\n     ", cli->out);
			column = 6;
		}
		table_say(cli->out, false, TABLE_PLAIN, " %.*s", n, text);
		column += n + 1;
		text += n + strspn(text + n, " ");
	}
	fputc('\n', cli->out);
}

static void
say_notes(struct cli *cli, const json_t *report)
{
	const json_t *list = json_object_get(report, "notes"), *o;
	size_t i;

	if (json_array_size(list) > 0)
		fputc('\n', cli->out);
	json_array_foreach (list, i, o)
		say_note(cli, json_string_value(o));
}

void
render_simulate(struct cli *cli, const json_t *report)
{
	const json_t *o;
	size_t i;

	say_summary(cli, report);
	say_head(cli, report);
	fputc('\n', cli->out);
	render_simulate_outcome(cli, report, json_object_get(report, "base"),
				true);
	say_prefixes(cli, report);
	json_array_foreach (json_object_get(report, "what_if"), i, o)
		say_alternative(cli, report, o);
	render_simulate_failures(cli, report);
	render_simulate_hijacks(cli, report);
	render_simulate_search(cli, report);
	render_simulate_explain(cli, report);
	say_notes(cli, report);
}
