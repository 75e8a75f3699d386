/* SPDX-License-Identifier: ISC */
/* How far hijacks reach. */
#include "report/page.h"

#include <string.h>

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
		page_words(p, json_object_get(o, "prefixes"));
		page_add(p, "</h3>\n");
		if (page_given(o, "asn"))
			add_reach(p, o);
		else
			add_hijack_of_all(p, o);
	}
	page_add(p, "</section>\n");
}
