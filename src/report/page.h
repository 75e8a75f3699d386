/* SPDX-License-Identifier: ISC */
/*
 * The page of HTML, made of the document that --json prints: what stands on
 * it is what stands there. One file, no request to anywhere; everything that
 * came from outside goes through page_escape().
 */
#ifndef BASIN_REPORT_PAGE_H
#define BASIN_REPORT_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

#define PAGE_COLOURS 10 /* --c0 to --c9 in page_style.c */

struct page {
	struct text out;
	const json_t *report; /* borrowed */
	const char *unit;     /* of weights; borrowed from the report */
	bool weighed;         /* weights are other than a count of ASes */
};

/* ---- page_text.c ---- */

/* Foreign text, as content or inside double quotes. */
void page_escape(struct text *out, const char *s);
void page_add(struct page *p, const char *html);
/* Foreign words, "a, b". */
void page_words(struct page *p, const json_t *list);
void page_addf(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* 78 643; 3.21 M; with `places` decimals below a thousand. */
void page_number(struct page *p, double v, int places);
/* 46.2 %, and what is not nothing never reads 0 */
void page_percent(struct page *p, double share);
/* "78 643 ASes", "1 AS" */
void page_ases(struct page *p, double n);
/* The weight with its unit; counts of ASes as page_ases(). */
void page_weight(struct page *p, double weight);

/* Members; 0, "" and false when there is none. */
double page_real(const json_t *o, const char *key);
const char *page_string(const json_t *o, const char *key);
bool page_given(const json_t *o, const char *key); /* there and not null */
/* Whether a site announces. */
bool page_is_up(const json_t *site);
/* The colour of a site: a class "c3", "c-bad" of a culprit, else "c-none". */
const char *page_colour(const struct page *p, const char *site, char buf[16]);

/* ---- the parts, in their order ---- */

extern const char page_style[];
extern const char page_script[];
void page_head(struct page *p);
void page_share(struct page *p);
void page_vessels(struct page *p);
void page_what_if(struct page *p);
void page_failures(struct page *p);
void page_hijack(struct page *p);
void page_search(struct page *p);
void page_explain(struct page *p);
void page_sites(struct page *p);
void page_largest(struct page *p);
void page_notes(struct page *p);

/* The picture of moves, and the same as tables: page_what_if.c. */
void page_moves(struct page *p, const json_t *moves, const char *title);
/* Two columns of sites and what flows between them: page_flow.c. */
void page_flow(struct page *p, const json_t *matrix, const char *title);

#endif
