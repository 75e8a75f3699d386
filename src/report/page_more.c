/* SPDX-License-Identifier: ISC */
/* Hijacks, what a search found, and the way of one AS. */
#include "report/page.h"

#include <string.h>

static void
add_words(struct page *p, const json_t *list)
{
	const json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		page_add(p, i ? ", " : "");
		page_escape(&p->out, json_string_value(o));
	}
}

/* ---- hijacks ---- */

static void
add_reach(struct page *p, const json_t *hijack)
{
	const json_t *taken = json_object_get(hijack, "taken");
	const json_t *moves = json_object_get(hijack, "moves");

	page_addf(p,
		  "<svg class=\"bar\" aria-hidden=\"true\"><rect "
		  "fill=\"var(--alarm)\" width=\"%.4f%%\" height=\"100%%\"/>"
		  "</svg><p><b class=\"bad\">",
		  page_real(taken, "share") * 100);
	page_percent(p, page_real(taken, "share"));
	page_add(p, "</b> would be taken: ");
	page_ases(p, page_real(taken, "ases"));
	if (p->weighed) {
		page_add(p, ", ");
		page_weight(p, page_real(taken, "weight"));
	}
	page_add(p, ", of all but the hijacker\xe2\x80\x99s own.</p>\n");
	page_moves(p, moves, "Whom it takes");
}

static void
add_hijackers(struct page *p, const json_t *worst)
{
	const json_t *o;
	size_t i;

	page_add(p, "<details class=\"inner\" open><summary>Those who would "
		    "reach most</summary><div class=\"scroll\"><table>"
		    "<thead><tr><th>hijacker</th><th class=\"n\">ASes taken"
		    "</th><th class=\"n\">share</th></tr></thead><tbody>\n");
	json_array_foreach (worst, i, o) {
		page_addf(p,
			  "<tr><th scope=\"row\">AS%.0f</th>"
			  "<td class=\"n\">",
			  page_real(o, "asn"));
		page_number(p, page_real(o, "ases"), 0);
		page_add(p, "</td><td class=\"n\">");
		page_percent(p, page_real(o, "share"));
		page_add(p, "</td></tr>\n");
	}
	page_add(p, "</tbody></table></div></details>\n");
}

static void
add_hijack_of_all(struct page *p, const json_t *hijack)
{
	page_add(p, "<p>Each of ");
	page_ases(p, page_real(hijack, "hijackers"));
	page_add(p, " as hijacker: ");
	page_percent(p, page_real(hijack, "mean_share"));
	page_add(p, " taken on average, ");
	page_percent(p, page_real(hijack, "median_share"));
	page_add(p, " by the median, ");
	page_percent(p, page_real(hijack, "most_share"));
	page_add(p, " at most, of all but the hijacker\xe2\x80\x99s own.</p>"
		    "\n");
	add_hijackers(p, json_object_get(hijack, "worst"));
}

void
page_hijack(struct page *p)
{
	const json_t *list = json_object_get(p->report, "hijack"), *o;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_add(p, "<section><h2>If somebody announces it too</h2>\n");
	json_array_foreach (list, i, o) {
		page_add(p, "<h3>");
		if (page_given(o, "asn"))
			page_addf(p, "AS%.0f, ", page_real(o, "asn"));
		page_escape(&p->out, page_string(o, "kind"));
		page_add(p, strcmp(page_string(o, "kind"), "leak") == 0
				? " of "
				: " hijack of ");
		add_words(p, json_object_get(o, "prefixes"));
		page_add(p, "</h3>\n");
		if (page_given(o, "asn"))
			add_reach(p, o);
		else
			add_hijack_of_all(p, o);
	}
	page_add(p, "</section>\n");
}

/* ---- searches ---- */

static void
add_solution(struct page *p, const json_t *o, size_t place)
{
	const json_t *why = json_object_get(o, "why"), *line;
	size_t i;

	page_addf(p, "<tr><th scope=\"row\">%zu</th><td>", place);
	add_words(p, json_object_get(o, "chosen"));
	if (json_array_size(json_object_get(o, "prepends")) > 0) {
		page_add(p, "<br><span class=\"soft\">prepends: ");
		add_words(p, json_object_get(o, "prepends"));
		page_add(p, "</span>");
	}
	if (json_is_true(json_object_get(o, "over")))
		page_add(p, "<br><span class=\"bad\">over capacity</span>");
	page_addf(p, "</td><td class=\"n\">%.4g</td><td>",
		  page_real(o, "objective"));
	json_array_foreach (why, i, line) {
		page_add(p, i ? "<br>" : "");
		page_escape(&p->out, json_string_value(line));
	}
	page_add(p, "</td></tr>\n");
}

void
page_search(struct page *p)
{
	const json_t *search = json_object_get(p->report, "search"), *o;
	size_t i;

	if (!search || json_is_null(search))
		return;
	page_add(p, "<section><h2>Better choices</h2><p class=\"soft\">");
	page_escape(&p->out, page_string(search, "summary"));
	page_add(p, "</p><div class=\"scroll\"><table id=\"search\"><thead>"
		    "<tr><th></th><th>up</th><th class=\"n\">");
	page_escape(&p->out, page_string(search, "objective"));
	page_add(p, "</th><th>why</th></tr></thead><tbody>\n");
	json_array_foreach (json_object_get(search, "best"), i, o)
		add_solution(p, o, i + 1);
	page_add(p, "</tbody></table></div></section>\n");
}

/* ---- one AS ---- */

static void
add_hops(struct page *p, const json_t *path)
{
	const json_t *o;
	size_t i;

	page_add(p, "<ol class=\"hops\">\n");
	json_array_foreach (path, i, o) {
		page_addf(p, "<li>AS%.0f", page_real(o, "asn"));
		if (*page_string(o, "from")) {
			page_add(p, "<small>");
			page_escape(&p->out, page_string(o, "from"));
			page_add(p, "</small>");
		}
		page_add(p, "</li>\n");
	}
	page_add(p, "</ol>\n");
}

static void
add_candidate(struct page *p, const json_t *o)
{
	page_add(p, "<tr><th scope=\"row\">");
	page_escape(&p->out, page_string(o, "neighbour"));
	page_add(p, "</th><td>");
	page_escape(&p->out, page_string(o, "relation"));
	page_addf(p, "</td><td class=\"n\">%.0f</td><td>",
		  page_real(o, "length"));
	page_escape(&p->out, page_string(o, "site"));
	page_add(p, "</td><td>");
	page_escape(&p->out, page_string(o, "why"));
	page_add(p, "</td></tr>\n");
}

static void
add_explained(struct page *p, const json_t *one)
{
	const json_t *o;
	size_t i;

	page_add(p, "<h3>");
	page_escape(&p->out, page_string(one, "prefix"));
	if (*page_string(one, "site")) {
		page_add(p, " \xe2\x86\x92 ");
		page_escape(&p->out, page_string(one, "site"));
	}
	page_add(p, "</h3>\n");
	add_hops(p, json_object_get(one, "hops"));
	page_add(p, "<div class=\"scroll\"><table><thead><tr><th>from</th>"
		    "<th>relation</th><th class=\"n\">length</th>"
		    "<th>leads to</th><th>why</th></tr></thead><tbody>\n");
	json_array_foreach (json_object_get(one, "candidates"), i, o)
		add_candidate(p, o);
	page_add(p, "</tbody></table></div>\n");
}

void
page_explain(struct page *p)
{
	const json_t *explain = json_object_get(p->report, "explain"), *o;
	size_t i;

	if (!explain || json_is_null(explain))
		return;
	page_addf(p, "<section><h2>The way of AS%.0f</h2>\n",
		  page_real(explain, "asn"));
	json_array_foreach (json_object_get(explain, "prefixes"), i, o)
		add_explained(p, o);
	page_add(p, "</section>\n");
}
