/* SPDX-License-Identifier: ISC */
/* The way of one AS. */
#include "report/page.h"

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
