/* SPDX-License-Identifier: ISC */
/* What a change moves, and what is left after a failure. */
#include "report/page.h"

#include <math.h>
#include <string.h>

#define BIGGEST 12
#define NAMED   4 /* sites; the others are counted */

/* ---- moves ---- */

static void
add_matrix(struct page *p, const json_t *matrix)
{
	const json_t *o;
	size_t i;

	page_add(p, "<details class=\"inner\"><summary>The same as a table"
		    "</summary><div class=\"scroll\"><table><thead><tr>"
		    "<th>from</th><th>to</th><th class=\"n\">ASes</th>");
	if (p->weighed) {
		page_add(p, "<th class=\"n\">");
		page_escape(&p->out, p->unit);
		page_add(p, "</th>");
	}
	page_add(p, "</tr></thead><tbody>\n");
	json_array_foreach (matrix, i, o) {
		page_add(p, "<tr><td>");
		page_escape(&p->out, page_string(o, "from"));
		page_add(p, "</td><td>");
		page_escape(&p->out, page_string(o, "to"));
		page_add(p, "</td><td class=\"n\">");
		page_number(p, page_real(o, "ases"), 0);
		if (p->weighed) {
			page_add(p, "</td><td class=\"n\">");
			page_number(p, page_real(o, "weight"), 0);
		}
		page_add(p, "</td></tr>\n");
	}
	page_add(p, "</tbody></table></div></details>\n");
}

static void
add_biggest(struct page *p, const json_t *biggest)
{
	const json_t *o;
	size_t i;

	if (json_array_size(biggest) == 0)
		return;
	page_add(p, "<details class=\"inner\"><summary>The largest ASes that "
		    "move</summary><div class=\"scroll\"><table><thead><tr>"
		    "<th>AS</th><th>from</th><th>to</th>");
	if (p->weighed) {
		page_add(p, "<th class=\"n\">");
		page_escape(&p->out, p->unit);
		page_add(p, "</th>");
	}
	page_add(p, "<th class=\"n\">ASes behind it</th></tr></thead>"
		    "<tbody>\n");
	json_array_foreach (biggest, i, o) {
		if (i == BIGGEST)
			break;
		page_addf(p, "<tr><th scope=\"row\">AS%.0f</th><td>",
			  page_real(o, "asn"));
		page_escape(&p->out, page_string(o, "from"));
		page_add(p, "</td><td>");
		page_escape(&p->out, page_string(o, "to"));
		if (p->weighed) {
			page_add(p, "</td><td class=\"n\">");
			page_number(p, page_real(o, "weight"), 0);
		}
		page_add(p, "</td><td class=\"n\">");
		page_number(p, page_real(o, "cone"), 0);
		page_add(p, "</td></tr>\n");
	}
	page_add(p, "</tbody></table></div></details>\n");
}

void
page_moves(struct page *p, const json_t *moves, const char *title)
{
	const json_t *matrix = json_object_get(moves, "matrix");

	page_add(p, "<div class=\"heads\" aria-hidden=\"true\">"
		    "<span>now</span><span>then</span></div>\n");
	page_flow(p, matrix, title);
	add_matrix(p, matrix);
	add_biggest(p, json_object_get(moves, "biggest"));
}

static void
add_names(struct page *p, const json_t *names)
{
	size_t n = json_array_size(names), i;
	const json_t *o;

	json_array_foreach (names, i, o) {
		if (i == NAMED && n > NAMED + 1) {
			page_addf(p, " and %zu more", n - NAMED);
			return;
		}
		page_add(p, i ? ", " : "");
		page_escape(&p->out, json_string_value(o));
	}
}

static void
add_overloaded(struct page *p, const json_t *names)
{
	if (json_array_size(names) == 0)
		return;
	page_add(p, " <span class=\"bad\">over capacity: ");
	add_names(p, names);
	page_add(p, "</span>");
}

static void
add_alternative(struct page *p, const json_t *o, bool open)
{
	const json_t *moves = json_object_get(o, "moves");
	const json_t *outcome = json_object_get(o, "outcome");

	page_addf(p, "<details%s><summary>", open ? " open" : "");
	page_escape(&p->out, page_string(o, "change"));
	page_add(p, " <span class=\"soft\">moves ");
	page_percent(p, page_real(moves, "share"));
	page_add(p, ", ");
	page_ases(p, page_real(moves, "ases"));
	page_add(p, "</span>");
	add_overloaded(p, json_object_get(outcome, "overloaded"));
	page_add(p, "</summary>\n");
	page_moves(p, moves, page_string(o, "change"));
	page_add(p, "</details>\n");
}

void
page_what_if(struct page *p)
{
	const json_t *list = json_object_get(p->report, "what_if"), *o;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_add(p, "<section><h2>What if</h2><p class=\"soft\">Bands are as "
		    "thick as what they carry. Strong ones go to another site "
		    "than now, pale ones stay.</p>\n");
	json_array_foreach (list, i, o)
		add_alternative(p, o, i == 0);
	page_add(p, "</section>\n");
}

/* ---- failures ---- */

static const json_t *
site_named(const json_t *sites, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach (sites, i, o)
		if (strcmp(page_string(o, "name"), name) == 0)
			return o;
	return NULL;
}

static bool
is_down(const json_t *failure, const char *name)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(failure, "down"), i, o)
		if (strcmp(json_string_value(o), name) == 0)
			return true;
	return false;
}

static void
add_heat(struct page *p, const json_t *failure, const char *name)
{
	const json_t *site =
	    site_named(json_object_get(failure, "sites"), name);
	bool use = page_given(site, "use");
	double v = page_real(site, use ? "use" : "share");

	if (!site || is_down(failure, name)) {
		page_add(p, "<td class=\"gone\">\xe2\x80\x93</td>");
		return;
	}
	page_addf(p, "<td class=\"heat%s\" style=\"--h:%.3f\">",
		  use && v > 1 ? " hot" : "", fmin(v, 1));
	page_percent(p, v);
	page_add(p, "</td>");
}

static void
add_cascade(struct page *p, const json_t *failure)
{
	const json_t *cascade = json_object_get(failure, "cascade");
	const json_t *lost = json_object_get(cascade, "lost");

	page_add(p, "<td class=\"spread\">");
	if (json_array_size(lost) > 0) {
		page_add(p, "<span class=\"bad\">then ");
		add_names(p, lost);
		page_add(p, json_is_true(json_object_get(cascade, "collapse"))
				? ": nothing is left</span>"
				: "</span>");
	}
	page_add(p, "</td>");
}

static void
add_failure(struct page *p, const json_t *failure, const json_t *sites)
{
	const json_t *down = json_object_get(failure, "down"), *o;
	size_t i;

	page_add(p, "<tr><th scope=\"row\">");
	add_names(p, down);
	page_add(p, json_array_size(down) > 0 ? "</th>" : "(nothing)</th>");
	json_array_foreach (sites, i, o)
		if (page_is_up(o))
			add_heat(p, failure, page_string(o, "name"));
	page_add(p, "<td class=\"n\">");
	page_percent(p,
		     page_real(json_object_get(failure, "unreached"), "share"));
	page_add(p, "</td>");
	add_cascade(p, failure);
	page_add(p, "</tr>\n");
}

static void
add_failure_table(struct page *p, const json_t *list)
{
	const json_t *base = json_object_get(p->report, "base");
	const json_t *sites = json_object_get(base, "sites"), *o;
	size_t i;

	page_add(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Load after failures\"><table id=\"failures\">"
		    "<thead><tr><th>down</th>");
	json_array_foreach (sites, i, o) {
		if (!page_is_up(o))
			continue;
		page_add(p, "<th class=\"n\">");
		page_escape(&p->out, page_string(o, "name"));
		page_add(p, "</th>");
	}
	page_add(p, "<th class=\"n\">unreached</th>"
		    "<th>overload spreads</th></tr></thead>"
		    "<tbody>\n");
	json_array_foreach (list, i, o)
		add_failure(p, o, sites);
	page_add(p, "</tbody></table></div>\n");
}

void
page_failures(struct page *p)
{
	const json_t *failures = json_object_get(p->report, "failures"), *o;
	const json_t *cases = json_object_get(failures, "cases");
	size_t i;

	if (json_array_size(cases) == 0)
		return;
	page_add(p, "<section><h2>After a failure</h2><p class=\"soft\">"
		    "Each line is a failure, each column the load of a site "
		    "then: of its capacity where it has one, of everything "
		    "else.</p>\n");
	add_failure_table(p, cases);
	json_array_foreach (cases, i, o) {
		const json_t *moves = json_object_get(o, "moves");

		if (!moves)
			continue;
		page_add(p, "<details><summary>");
		add_names(p, json_object_get(o, "down"));
		page_add(p, " down <span class=\"soft\">moves ");
		page_percent(p, page_real(moves, "share"));
		page_add(p, "</span>");
		add_overloaded(p, json_object_get(o, "overloaded"));
		page_add(p, "</summary>\n");
		page_moves(p, moves, "Where the clients of a failed site go");
		page_add(p, "</details>\n");
	}
	page_add(p, "</section>\n");
}
