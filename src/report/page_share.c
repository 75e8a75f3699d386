/* SPDX-License-Identifier: ISC */
/* Who gets which share, and what that is of its capacity. */
#include "report/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS          12    /* sites that are seen at once */
#define VESSEL_HIGH   110.0 /* CSS pixels up to the rim */
#define VESSEL_NARROW 44.0
#define VESSEL_WIDE   150.0
#define FULLEST       2.5 /* no more than that is drawn above the rim */

static const json_t *
base(const struct page *p)
{
	return json_object_get(p->report, "base");
}

/* One part of a bar, all in hundredths of its width. */
static void
add_part(struct page *p, const char *site, double from, double share,
	 const char *what)
{
	char buf[16];

	page_addf(p,
		  "<rect class=\"k %s\" x=\"%.4f%%\" width=\"%.4f%%\" y=\"0\" "
		  "height=\"100%%\" data-share=\"%.9g\" data-site=\"",
		  page_colour(p, site, buf), from * 100, share * 100, share);
	page_escape(&p->out, site);
	page_add(p, "\" data-tip=\"");
	page_escape(&p->out, what);
	page_add(p, ": ");
	page_percent(p, share);
	page_add(p, "\"/>");
}

/* Over the strip: names of the parts that are wide enough for one. */
static void
add_names(struct page *p)
{
	const json_t *o;
	char buf[16];
	size_t i;

	page_add(p, "<div class=\"over\" aria-hidden=\"true\">");
	json_array_foreach (json_object_get(base(p), "sites"), i, o) {
		double share = page_real(o, "share");

		page_addf(p, "<span class=\"%s\" style=\"width:%.4f%%\">",
			  page_colour(p, page_string(o, "name"), buf),
			  share * 100);
		if (share >= 0.07) {
			page_add(p, "<b>");
			page_escape(&p->out, page_string(o, "name"));
			page_add(p, "</b>");
			page_percent(p, share);
		}
		page_add(p, "</span>");
	}
	page_add(p, "</div>");
}

static void
add_strip(struct page *p)
{
	const json_t *o;
	double from = 0;
	size_t i;

	page_add(p, "<svg class=\"strip\" id=\"shares\" role=\"img\" "
		    "aria-label=\"Shares of the sites, the same as in the list "
		    "below\">");
	json_array_foreach (json_object_get(base(p), "sites"), i, o) {
		double share = page_real(o, "share");

		add_part(p, page_string(o, "name"), from, share,
			 page_string(o, "name"));
		from += share;
	}
	page_add(p, "</svg>\n");
	add_names(p);
}

/* What is certain, and behind it, hatched, what hangs on AS numbers. */
static void
add_bar(struct page *p, const json_t *site, double widest)
{
	double share = page_real(site, "share");
	double ties = page_real(site, "ties_share");
	char buf[16];

	page_addf(p,
		  "<svg class=\"bar\" aria-hidden=\"true\">"
		  "<rect class=\"k %s\" width=\"%.4f%%\" height=\"100%%\"/>"
		  "<rect x=\"%.4f%%\" width=\"%.4f%%\" height=\"100%%\" "
		  "fill=\"url(#hatch)\"/></svg>",
		  page_colour(p, page_string(site, "name"), buf),
		  share / widest * 100, (share - ties) / widest * 100,
		  ties / widest * 100);
}

static void
add_details(struct page *p, const json_t *site)
{
	page_add(p, "<span class=\"more\"><span>");
	page_ases(p, page_real(site, "ases"));
	page_add(p, "</span>");
	if (p->weighed) {
		page_add(p, "<span>");
		page_weight(p, page_real(site, "weight"));
		page_add(p, "</span>");
	}
	if (page_given(site, "mean_length")) {
		page_add(p, "<span>path ");
		page_number(p, page_real(site, "mean_length"), 2);
		page_addf(p, " ASes on average, median %.0f</span>",
			  page_real(site, "median_length"));
	}
	if (page_real(site, "ties") > 0) {
		page_add(p, "<span>uncertain: ");
		page_ases(p, page_real(site, "ties"));
		page_add(p, "</span>");
	}
	if (strcmp(page_string(site, "state"), "up") != 0) {
		page_add(p, "<span>");
		page_escape(&p->out, page_string(site, "state"));
		page_add(p, "</span>");
	}
	page_add(p, "</span>");
}

static void
add_row(struct page *p, const json_t *site, double widest)
{
	char buf[16];

	page_addf(p,
		  "<li class=\"%s\"><span class=\"name\">"
		  "<span class=\"dot\"></span>",
		  page_colour(p, page_string(site, "name"), buf));
	page_escape(&p->out, page_string(site, "name"));
	page_add(p, "</span>");
	add_bar(p, site, widest);
	page_add(p, "<span class=\"big\">");
	page_percent(p, page_real(site, "share"));
	page_add(p, "</span>");
	add_details(p, site);
	page_add(p, "</li>\n");
}

static int
largest_first(const void *a, const void *b)
{
	double x = page_real(*(const json_t *const *)a, "share");
	double y = page_real(*(const json_t *const *)b, "share");

	return x > y ? -1 : x < y;
}

/* In the order of the file; many of them: the largest, the others folded. */
static void
add_rows(struct page *p, double widest)
{
	const json_t *sites = json_object_get(base(p), "sites");
	size_t n = json_array_size(sites);
	const json_t **v = xcalloc(n + 1, sizeof(json_t *));

	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(sites, i);
	if (n > ROWS + 2)
		qsort(v, n, sizeof(json_t *), largest_first);
	for (size_t i = 0; i < n; i++) {
		if (i == ROWS && n > ROWS + 2)
			page_addf(p,
				  "</ul><details><summary>%zu more sites"
				  "</summary><ul class=\"rows\">\n",
				  n - ROWS);
		add_row(p, v[i], widest);
	}
	if (n > ROWS + 2)
		page_add(p, "</ul></details><ul class=\"rows\">\n");
	free(v);
}

static void
add_rest(struct page *p, const char *key, double widest)
{
	const json_t *rest = json_object_get(base(p), key);

	if (page_real(rest, "ases") == 0)
		return;
	page_add(p, "<li class=\"c-none\"><span class=\"name\">"
		    "<span class=\"dot\"></span>");
	page_add(p, key);
	page_addf(p,
		  "</span><svg class=\"bar\" aria-hidden=\"true\"><rect "
		  "class=\"k c-none\" width=\"%.4f%%\" height=\"100%%\"/></svg>"
		  "<span class=\"big\">",
		  fmin(1, page_real(rest, "share") / widest) * 100);
	page_percent(p, page_real(rest, "share"));
	page_add(p, "</span><span class=\"more\"><span>");
	page_ases(p, page_real(rest, "ases"));
	page_add(p, "</span></span></li>\n");
}

void
page_share(struct page *p)
{
	const json_t *o;
	double widest = 0;
	size_t i;

	json_array_foreach (json_object_get(base(p), "sites"), i, o)
		widest = fmax(widest, page_real(o, "share"));
	if (widest <= 0)
		widest = 1;
	page_add(p, "<section class=\"bare\" aria-label=\"Shares\">\n");
	add_strip(p);
	page_add(p, "<ul class=\"rows\">\n");
	add_rows(p, widest);
	add_rest(p, "unreached", widest);
	add_rest(p, "dropped", widest);
	page_add(p, "</ul>\n");
	if (page_real(json_object_get(base(p), "ties"), "ases") > 0)
		page_add(p, "<p class=\"note\">Hatched: ASes whose choice "
			    "between two sites hangs on AS numbers alone. The "
			    "real Internet may decide otherwise there.</p>\n");
	page_add(p, "</section>\n");
}

/* ---- load against capacity ---- */

static void
add_vessel(struct page *p, const json_t *site, double widest)
{
	double use = page_real(site, "use");
	double wide = VESSEL_NARROW + (VESSEL_WIDE - VESSEL_NARROW) *
					  page_real(site, "capacity") / widest;
	double top = VESSEL_HIGH * fmax(0, fmin(use, FULLEST) - 1) + 4;
	double level = VESSEL_HIGH * fmin(use, 1);
	double over = VESSEL_HIGH * fmax(0, fmin(use, FULLEST) - 1);
	char buf[16];

	page_addf(
	    p,
	    "<div class=\"vessel %s\"><svg width=\"%.0f\" height=\"%.0f\" "
	    "aria-hidden=\"true\"><rect class=\"k\" x=\"1\" y=\"%.1f\" "
	    "width=\"%.1f\" height=\"%.1f\"/>",
	    page_colour(p, page_string(site, "name"), buf), wide,
	    top + VESSEL_HIGH + 2, top + VESSEL_HIGH - level, wide - 2, level);
	if (over > 0)
		page_addf(p,
			  "<rect class=\"spill\" x=\"1\" y=\"%.1f\" "
			  "width=\"%.1f\" height=\"%.1f\"/>",
			  top - over, wide - 2, over);
	page_addf(p,
		  "<path class=\"wall\" d=\"M1 %.1fV%.1fH%.1fV%.1f\"/></svg>"
		  "<p><b>",
		  top, top + VESSEL_HIGH + 1, wide - 1, top);
	page_escape(&p->out, page_string(site, "name"));
	page_addf(p, "</b><span class=\"%s\">", use > 1 ? "bad" : "soft");
	page_percent(p, use);
	page_add(p, "</span><br><span class=\"soft\">of ");
	page_weight(p, page_real(site, "capacity"));
	page_add(p, "</span></p></div>\n");
}

void
page_vessels(struct page *p)
{
	const json_t *o;
	double widest = 0;
	size_t i;

	json_array_foreach (json_object_get(base(p), "sites"), i, o) {
		if (page_is_up(o))
			widest = fmax(widest, page_real(o, "capacity"));
	}
	if (widest <= 0)
		return;
	page_add(p, "<section><h2>Load against capacity</h2><p class=\"soft\">"
		    "Each vessel is as wide as the site's capacity and filled "
		    "with its load; what stands above the rim is too much."
		    "</p><div class=\"vessels\">\n");
	json_array_foreach (json_object_get(base(p), "sites"), i, o)
		if (page_given(o, "capacity") && page_is_up(o))
			add_vessel(p, o, widest);
	page_add(p, "</div></section>\n");
}
