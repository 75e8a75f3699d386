/* SPDX-License-Identifier: ISC */
#include "report/page.h"

#include <string.h>

#include "report/report.h"

static const json_t *
largest_site(const struct page *p)
{
	const json_t *base = json_object_get(p->report, "base"), *o;
	const json_t *best = NULL;
	size_t i;

	json_array_foreach (json_object_get(base, "sites"), i, o)
		if (!best || page_real(o, "share") > page_real(best, "share"))
			best = o;
	return best;
}

/* What shares are of. */
static const char *
everything(const struct page *p)
{
	const json_t *weight = json_object_get(p->report, "weight");
	const char *by = page_string(weight, "by");

	if (strcmp(by, "load") == 0)
		return "the load";
	return strcmp(by, "addresses") == 0 ? "all addresses" : "all ASes";
}

/* The fullest. */
static const json_t *
worst_site(const struct page *p)
{
	const json_t *base = json_object_get(p->report, "base"), *o;
	const json_t *worst = NULL;
	size_t i;

	json_array_foreach (json_object_get(base, "sites"), i, o)
		if (!worst || page_real(o, "use") > page_real(worst, "use"))
			worst = o;
	return worst;
}

/* What a person wants to know first, as a sentence. */
static void
add_lead(struct page *p)
{
	const json_t *base = json_object_get(p->report, "base");
	const json_t *over = json_object_get(base, "overloaded");
	const json_t *site = largest_site(p);
	char buf[16];

	page_add(p, "<p class=\"lead\">");
	if (json_array_size(over) > 0) {
		site = worst_site(p);
		page_addf(p, "<b class=\"%s\">",
			  page_colour(p, page_string(site, "name"), buf));
		page_escape(&p->out, page_string(site, "name"));
		page_add(p, "</b> gets ");
		page_percent(p, page_real(site, "use"));
		page_add(p, " of what it can carry.");
	} else if (site && page_real(site, "share") > 0) {
		page_addf(p, "<b class=\"%s\">",
			  page_colour(p, page_string(site, "name"), buf));
		page_escape(&p->out, page_string(site, "name"));
		page_add(p, "</b> draws ");
		page_percent(p, page_real(site, "share"));
		page_addf(p, " of %s.", everything(p));
	} else {
		page_add(p, "No site is reached.");
	}
	page_add(p, "</p>\n");
}

static void
add_fact(struct page *p, const char *name, const char *value)
{
	page_addf(p, "<div><dt>%s</dt><dd>", name);
	page_escape(&p->out, value);
	page_add(p, "</dd></div>\n");
}

static void
add_facts(struct page *p)
{
	const json_t *graph = json_object_get(p->report, "graph");
	const json_t *weight = json_object_get(p->report, "weight");
	const json_t *list = json_object_get(p->report, "prefixes"), *o;
	struct text names = {0};
	size_t i;

	page_add(p, "<dl class=\"facts\"><div><dt>graph</dt><dd>");
	page_escape(&p->out, page_string(graph, "file"));
	page_add(p, ", ");
	page_ases(p, page_real(graph, "ases"));
	page_add(p, "</dd></div>\n");
	json_array_foreach (list, i, o)
		text_addf(&names, "%s%s", i ? ", " : "",
			  page_string(o, "prefix"));
	add_fact(p, json_array_size(list) == 1 ? "prefix" : "prefixes",
		 text_str(&names));
	add_fact(p, "shares of", page_string(weight, "what"));
	add_fact(p, "ASes prefer", page_string(p->report, "preference"));
	page_add(p, "</dl>\n");
	text_free(&names);
}

void
page_head(struct page *p)
{
	const char *name = page_string(p->report, "scenario");

	page_add(p, "<!doctype html>\n<html lang=\"en\"><head>"
		    "<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, "
		    "initial-scale=1\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" "
		    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
		    "script-src 'unsafe-inline'; img-src data:\">\n"
		    "<link rel=\"icon\" href=\"data:,\">\n<title>");
	page_escape(&p->out, name);
	page_add(p, " \xe2\x80\x93 basin simulate</title>\n<style>\n");
	page_add(p, page_style);
	page_add(p, "</style></head>\n<body>\n"
		    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" "
		    "aria-hidden=\"true\"><defs><pattern id=\"hatch\" "
		    "width=\"6\" height=\"6\" patternTransform=\"rotate(45)\" "
		    "patternUnits=\"userSpaceOnUse\"><rect width=\"3\" "
		    "height=\"6\" fill=\"var(--card)\" fill-opacity=\".65\"/>"
		    "</pattern></defs></svg>\n"
		    "<header><h1>");
	page_escape(&p->out, name);
	page_add(p, "</h1>\n");
	add_lead(p);
	add_facts(p);
	page_add(p, "</header>\n<main>\n");
}

/* Warnings, advice, and how far to trust it. */
void
page_notes(struct page *p)
{
	const json_t *list = json_object_get(p->report, "notes"), *o;
	size_t i;

	if (json_array_size(list) > 0) {
		page_add(p, "<section><h2>Worth knowing</h2>"
			    "<ul class=\"list\">\n");
		json_array_foreach (list, i, o) {
			page_add(p, "<li>");
			page_escape(&p->out, json_string_value(o));
			page_add(p, "</li>\n");
		}
		page_add(p, "</ul></section>\n");
	}
	page_add(p, "</main>\n<footer><p>");
	page_escape(&p->out, page_string(p->report, "limits"));
	page_addf(p, "</p><p>basin %s</p></footer>\n", BASIN_VERSION);
}

void
report_page(const json_t *document, struct text *out)
{
	static void (*const parts[])(struct page *) = {
	    page_head,     page_share,   page_vessels, page_what_if,
	    page_failures, page_hijack,  page_search,  page_explain,
	    page_sites,    page_largest, page_notes,
	};
	const json_t *weight = json_object_get(document, "weight");
	struct page p = {.report = document};

	p.unit = page_string(weight, "unit");
	p.weighed = strcmp(page_string(weight, "by"), "ases") != 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		parts[i](&p);
	page_add(&p, "<div id=\"tip\" hidden></div>\n<script>\n");
	page_add(&p, page_script);
	page_add(&p, "</script>\n</body></html>\n");
	text_add_n(out, text_str(&p.out), p.out.len);
	text_free(&p.out);
}
