/* SPDX-License-Identifier: ISC */
/* What a search found, and why. */
#include "report/page.h"

static void
add_solution(struct page *p, const json_t *o, size_t place)
{
	const json_t *why = json_object_get(o, "why"), *line;
	size_t i;

	page_addf(p, "<tr><th scope=\"row\">%zu</th><td>", place);
	page_words(p, json_object_get(o, "chosen"));
	if (json_array_size(json_object_get(o, "prepends")) > 0) {
		page_add(p, "<br><span class=\"soft\">prepends: ");
		page_words(p, json_object_get(o, "prepends"));
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
