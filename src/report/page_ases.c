/* SPDX-License-Identifier: ISC */
/* Sites in detail, and the largest ASes as a table to search in. */
#include "report/page.h"

#include <string.h>

/* ---- a site ---- */

static void
add_upstream(struct page *p, const json_t *up, double all)
{
	double part = all > 0 ? page_real(up, "weight") / all : 0;

	page_add(p, "<li><span class=\"pair\"><span>");
	page_escape(&p->out, page_string(up, "name"));
	if (page_given(up, "asn"))
		page_addf(p, " <span class=\"soft\">AS%.0f</span>",
			  page_real(up, "asn"));
	page_add(p, "</span><span>");
	page_percent(p, part);
	page_addf(p,
		  "</span></span><svg class=\"bar thin\" aria-hidden=\"true\">"
		  "<rect class=\"k\" width=\"%.4f%%\" height=\"100%%\"/></svg>"
		  "</li>\n",
		  part * 100);
}

/* How many ASes are how far away. */
static void
add_lengths(struct page *p, const json_t *lengths)
{
	const json_t *o;
	double most = 0;
	size_t i;

	json_array_foreach (lengths, i, o)
		if (page_real(o, "ases") > most)
			most = page_real(o, "ases");
	if (most <= 0)
		return;
	page_add(p, "<div class=\"lengths\" aria-hidden=\"true\">");
	json_array_foreach (lengths, i, o) {
		page_addf(p, "<span style=\"height:%.1f%%\" data-tip=\"",
			  page_real(o, "ases") / most * 100);
		page_addf(p, "length %.0f: ", page_real(o, "length"));
		page_ases(p, page_real(o, "ases"));
		page_add(p, "\"></span>");
	}
	page_add(p, "</div><div class=\"axis\" aria-hidden=\"true\">");
	json_array_foreach (lengths, i, o)
		page_addf(p, "<span>%.0f</span>", page_real(o, "length"));
	page_add(p, "</div><p class=\"note\">ASes by the length of their "
		    "path</p>\n");
}

static void
add_site(struct page *p, const json_t *site)
{
	const json_t *list = json_object_get(site, "upstreams"), *o;
	char buf[16];
	size_t i;

	page_addf(p, "<div class=\"%s\"><h3><span class=\"dot\"></span>",
		  page_colour(p, page_string(site, "name"), buf));
	page_escape(&p->out, page_string(site, "name"));
	page_add(p, "</h3><ul class=\"list\">\n");
	json_array_foreach (list, i, o)
		add_upstream(p, o, page_real(site, "weight"));
	page_add(p, "</ul>\n");
	add_lengths(p, json_object_get(site, "lengths"));
	page_add(p, "</div>\n");
}

void
page_sites(struct page *p)
{
	const json_t *base = json_object_get(p->report, "base"), *o;
	size_t i;

	page_add(p,
		 "<section><h2>Sites and their upstreams</h2>"
		 "<p class=\"soft\">Which upstream brings which part of what "
		 "a site gets.</p><div class=\"cols\">\n");
	json_array_foreach (json_object_get(base, "sites"), i, o)
		if (page_real(o, "ases") > 0)
			add_site(p, o);
	page_add(p, "</div></section>\n");
}

/* ---- ASes ---- */

/* The path as one word a hop; also what is searched in. */
static void
add_path(struct page *p, const json_t *o)
{
	const json_t *hop;
	size_t i;

	json_array_foreach (json_object_get(o, "path"), i, hop)
		page_addf(p, "%s%" JSON_INTEGER_FORMAT, i ? " " : "",
			  json_integer_value(hop));
}

static void
add_as(struct page *p, const json_t *o)
{
	const char *site = page_string(o, "site");
	struct text lower = {0};
	char buf[16];

	for (const char *c = site; *c; c++)
		text_addf(&lower, "%c", *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	page_addf(p, "<tr data-text=\"as%.0f ", page_real(o, "asn"));
	page_escape(&p->out, text_str(&lower));
	page_add(p, " ");
	add_path(p, o);
	text_free(&lower);
	page_addf(p,
		  "%s\"><th scope=\"row\" data-v=\"%.0f\">AS%.0f</th>"
		  "<td class=\"%s\"><span class=\"dot\"></span>",
		  json_is_true(json_object_get(o, "tie")) ? " tie" : "",
		  page_real(o, "asn"), page_real(o, "asn"),
		  page_colour(p, site, buf));
	page_escape(&p->out, *site ? site : "unreached");
	if (p->weighed) {
		page_addf(p, "</td><td class=\"n\" data-v=\"%.9g\">",
			  page_real(o, "weight"));
		page_number(p, page_real(o, "weight"), 0);
	}
	page_addf(p, "</td><td class=\"n\" data-v=\"%.0f\">",
		  page_real(o, "cone"));
	page_number(p, page_real(o, "cone"), 0);
	page_addf(p, "</td><td class=\"n\">%.0f</td><td>",
		  page_real(o, "length"));
	page_escape(&p->out, page_string(o, "relation"));
	page_addf(p, "</td><td>%s</td><td class=\"path\">",
		  json_is_true(json_object_get(o, "tie")) ? "tie" : "");
	add_path(p, o);
	page_add(p, "</td></tr>\n");
}

static void
add_heading(struct page *p, const char *text, bool number)
{
	page_addf(p,
		  "<th scope=\"col\"%s><button type=\"button\">%s</button>"
		  "</th>",
		  number ? " class=\"n\"" : "", text);
}

static void
add_headings(struct page *p)
{
	struct text unit = {0};

	page_escape(&unit, p->unit);
	page_add(p, "<thead><tr>");
	add_heading(p, "AS", false);
	add_heading(p, "site", false);
	if (p->weighed)
		add_heading(p, text_str(&unit), true);
	add_heading(p, "ASes behind it", true);
	add_heading(p, "length", true);
	add_heading(p, "route from a", false);
	add_heading(p, "tie", false);
	page_add(p, "<th scope=\"col\">AS path</th></tr></thead>\n");
	text_free(&unit);
}

void
page_largest(struct page *p)
{
	const json_t *list = json_object_get(p->report, "largest"), *o;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	page_addf(p,
		  "<section><h2>The largest ASes</h2><p class=\"soft\">The "
		  "first %zu by %s, and their routes to ",
		  json_array_size(list),
		  p->weighed ? "weight" : "the number of ASes behind them");
	page_escape(&p->out, page_string(json_array_get(list, 0), "prefix"));
	page_add(p, ". All of them: <code>--csv</code>, or "
		    "<code>--json --ases</code>.</p>\n");
	page_add(p, "<div class=\"finder\" hidden><label for=\"find\">Search "
		    "AS numbers, sites, paths, or \xe2\x80\x9ctie\xe2\x80\x9d"
		    "</label><input type=\"search\" id=\"find\" "
		    "autocomplete=\"off\"><p class=\"note\" id=\"found\" "
		    "role=\"status\"></p></div>\n"
		    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"The largest ASes\">"
		    "<table id=\"largest\">");
	add_headings(p);
	page_add(p, "<tbody>\n");
	json_array_foreach (list, i, o)
		add_as(p, o);
	page_add(p, "</tbody></table></div><p><button type=\"button\" "
		    "id=\"more\" hidden>Show all</button></p></section>\n");
}
