/* SPDX-License-Identifier: ISC */
#include "report/page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define THIN "\xe2\x80\xaf" /* narrow no-break space */

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
page_escape(struct text *out, const char *s)
{
	for (; *s; s++) {
		const char *e = entity(*s);

		if (e)
			text_add(out, e);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			text_add(out, " ");
		else
			text_add_n(out, s, 1);
	}
}

void
page_add(struct page *p, const char *html)
{
	text_add(&p->out, html);
}

void
page_addf(struct page *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&p->out, fmt, ap);
	va_end(ap);
}

/* Whole numbers in groups of three digits. */
static void
add_grouped(struct page *p, double v)
{
	char digits[64];
	int n = snprintf(digits, sizeof(digits), "%.0f", fabs(v));

	if (v < 0)
		page_add(p, "\xe2\x88\x92"); /* minus */
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0 && n > 4)
			page_add(p, THIN);
		text_add_n(&p->out, &digits[i], 1);
	}
}

void
page_number(struct page *p, double v, int places)
{
	double size = fabs(v);

	if (size >= 1e9)
		page_addf(p, "%.2f" THIN "bn", v / 1e9);
	else if (size >= 1e6)
		page_addf(p, "%.2f" THIN "M", v / 1e6);
	else if (size >= 1000 || places == 0)
		add_grouped(p, v);
	else
		page_addf(p, "%.*f", places, v);
}

void
page_percent(struct page *p, double share)
{
	double percent = share * 100;

	if (percent > 0 && percent < 0.05)
		page_add(p, "&lt;" THIN "0.1" THIN "%");
	else
		page_addf(p, "%.1f" THIN "%%", percent);
}

void
page_ases(struct page *p, double n)
{
	page_number(p, n, 0);
	page_add(p, n == 1 ? " AS" : " ASes");
}

void
page_weight(struct page *p, double weight)
{
	if (!p->weighed) {
		page_ases(p, weight);
		return;
	}
	page_number(p, weight, weight == floor(weight) ? 0 : 1);
	page_add(p, " ");
	page_escape(&p->out, p->unit);
}

double
page_real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

const char *
page_string(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

bool
page_given(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v && !json_is_null(v);
}

const char *
page_colour(const struct page *p, const char *site, char buf[16])
{
	const json_t *base = json_object_get(p->report, "base"), *o;
	size_t i;

	json_array_foreach (json_object_get(base, "sites"), i, o)
		if (strcmp(page_string(o, "name"), site) == 0) {
			snprintf(buf, 16, "c%zu", i % PAGE_COLOURS);
			return buf;
		}
	return *site == '(' ? "c-none" : "c-bad";
}

void
page_words(struct page *p, const json_t *list)
{
	const json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		page_add(p, i ? ", " : "");
		page_escape(&p->out, json_string_value(o));
	}
}

bool
page_is_up(const json_t *site)
{
	return strcmp(page_string(site, "state"), "up") == 0;
}
