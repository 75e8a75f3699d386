/* SPDX-License-Identifier: ISC */
/*
 * Who moves where, as a picture: the sites before on the left, after on the
 * right, and between them bands as thick as what flows. The picture stretches
 * with the page; its text stands beside it and does not.
 */
#include "report/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIGH   300.0 /* CSS pixels of all bands together */
#define GAP    10.0  /* between two sites */
#define TAG    18.0  /* height of a line of text */
#define THIN   0.4   /* a band is seen, however thin */
#define CURVED 45.0  /* of a width of 100: where a curve bends */

struct end {
	const char *name; /* borrowed */
	double weight;
	double y, used; /* where it begins; what of it is taken by bands */
	double tag;     /* where its text begins */
};

struct flow {
	struct end *left, *right; /* owned; the same names in both */
	size_t n;
	double total, scale, high;
};

static size_t
end_of(struct flow *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->left[i].name, name) == 0)
			return i;
	f->left = xrealloc(f->left, f->n + 1, sizeof(*f->left));
	f->right = xrealloc(f->right, f->n + 1, sizeof(*f->right));
	f->left[f->n] = (struct end){.name = name};
	f->right[f->n] = f->left[f->n];
	return f->n++;
}

/* Sites in their order, then what is no site. */
static void
collect(struct flow *f, const struct page *p, const json_t *matrix)
{
	const json_t *base = json_object_get(p->report, "base"), *o;
	size_t i;

	json_array_foreach (json_object_get(base, "sites"), i, o)
		end_of(f, page_string(o, "name"));
	json_array_foreach (matrix, i, o) {
		double weight = page_real(o, "weight");
		size_t from = end_of(f, page_string(o, "from"));
		size_t to = end_of(f, page_string(o, "to"));

		f->left[from].weight += weight;
		f->right[to].weight += weight;
		f->total += weight;
	}
}

/* Texts never cover each other: pushed down, then up from the bottom. */
static void
place_tags(struct end *ends, size_t n, double high)
{
	double least = 0, most = high - TAG;

	for (size_t i = 0; i < n; i++) {
		if (ends[i].weight <= 0)
			continue;
		ends[i].tag = fmax(ends[i].tag, least);
		least = ends[i].tag + TAG;
	}
	for (size_t i = n; i-- > 0;) {
		if (ends[i].weight <= 0)
			continue;
		ends[i].tag = fmin(ends[i].tag, most);
		most = ends[i].tag - TAG;
	}
}

static void
place(struct flow *f, struct end *ends)
{
	double y = 0;

	for (size_t i = 0; i < f->n; i++) {
		double high = ends[i].weight * f->scale;

		if (ends[i].weight <= 0)
			continue;
		ends[i].y = y;
		ends[i].tag = y + high / 2 - TAG / 2;
		y += high + GAP;
	}
	place_tags(ends, f->n, f->high);
}

static size_t
seen(const struct end *ends, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ends[i].weight > 0;
	return count;
}

static void
measure(struct flow *f)
{
	size_t l = seen(f->left, f->n), r = seen(f->right, f->n);
	double most = (double)(l > r ? l : r);

	f->high = fmax(HIGH, most * (TAG + 6)) + GAP * (most - 1);
	f->scale = (f->high - GAP * (most - 1)) / f->total;
	place(f, f->left);
	place(f, f->right);
}

/* ---- drawing ---- */

static void
add_hint(struct page *p, const json_t *o)
{
	const char *from = page_string(o, "from"), *to = page_string(o, "to");

	page_escape(&p->out, from);
	page_add(p, strcmp(from, to) == 0 ? " stays: " : " to ");
	if (strcmp(from, to) != 0) {
		page_escape(&p->out, to);
		page_add(p, ": ");
	}
	page_weight(p, page_real(o, "weight"));
	if (p->weighed) {
		page_add(p, ", ");
		page_ases(p, page_real(o, "ases"));
	}
}

static void
add_band(struct page *p, struct flow *f, const json_t *o)
{
	struct end *from = &f->left[end_of(f, page_string(o, "from"))];
	struct end *to = &f->right[end_of(f, page_string(o, "to"))];
	double high = page_real(o, "weight") * f->scale;
	double a = from->y + from->used, b = to->y + to->used;
	double shown = fmax(high, THIN);
	bool moves = from->name != to->name;
	char buf[16];

	from->used += high;
	to->used += high;
	page_addf(p,
		  "<path class=\"%s%s\" d=\"M0 %.2fC%.0f %.2f %.0f %.2f 100 "
		  "%.2fV%.2fC%.0f %.2f %.0f %.2f 0 %.2fZ\"",
		  page_colour(p, from->name, buf), moves ? " moves" : "", a,
		  CURVED, a, 100 - CURVED, b, b, b + shown, 100 - CURVED,
		  b + shown, CURVED, a + shown, a + shown);
	page_addf(p, " data-weight=\"%.17g\"%s data-tip=\"",
		  page_real(o, "weight"), moves ? " tabindex=\"0\"" : "");
	add_hint(p, o);
	page_add(p, "\"/>\n");
}

static const json_t *
cell(const json_t *matrix, const char *from, const char *to)
{
	const json_t *o;
	size_t i;

	json_array_foreach (matrix, i, o)
		if (strcmp(page_string(o, "from"), from) == 0 &&
		    strcmp(page_string(o, "to"), to) == 0)
			return o;
	return NULL;
}

/* In the order of both sides, so that bands of an end do not cross. */
static void
add_bands(struct page *p, struct flow *f, const json_t *matrix)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < f->n; j++) {
			const json_t *o =
			    cell(matrix, f->left[i].name, f->right[j].name);

			if (o && page_real(o, "weight") > 0)
				add_band(p, f, o);
		}
}

static void
add_end(struct page *p, const struct flow *f, const struct end *end)
{
	char buf[16];

	page_addf(p,
		  "<div class=\"end %s\" style=\"top:%.1fpx;height:%.1fpx\">"
		  "</div><div class=\"tag%s\" style=\"top:%.1fpx\"><b>",
		  page_colour(p, end->name, buf), end->y,
		  fmax(end->weight * f->scale, 1),
		  *end->name == '(' ? " rest" : "", end->tag);
	page_escape(&p->out, end->name);
	page_add(p, "</b><span class=\"soft\">");
	page_percent(p, end->weight / f->total);
	page_add(p, "</span></div>\n");
}

static void
add_side(struct page *p, const struct flow *f, const struct end *ends,
	 const char *side)
{
	page_addf(p, "<div class=\"ends %s\" aria-hidden=\"true\">\n", side);
	for (size_t i = 0; i < f->n; i++)
		if (ends[i].weight > 0)
			add_end(p, f, &ends[i]);
	page_add(p, "</div>\n");
}

void
page_flow(struct page *p, const json_t *matrix, const char *title)
{
	struct flow f = {0};

	collect(&f, p, matrix);
	if (f.total > 0) {
		measure(&f);
		page_addf(p, "<div class=\"flow\" style=\"height:%.0fpx\">\n",
			  f.high);
		add_side(p, &f, f.left, "l");
		page_addf(p,
			  "<svg role=\"group\" width=\"100%%\" height=\"%.0f\" "
			  "viewBox=\"0 0 100 %.0f\" "
			  "preserveAspectRatio=\"none\" aria-label=\"",
			  f.high, f.high);
		page_escape(&p->out, title);
		page_add(p, "\">\n");
		add_bands(p, &f, matrix);
		page_add(p, "</svg>\n");
		add_side(p, &f, f.right, "r");
		page_add(p, "</div>\n");
	}
	free(f.left);
	free(f.right);
}
