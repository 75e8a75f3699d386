/* SPDX-License-Identifier: ISC */
/*
 * A line of serial-1 is PROVIDER|CUSTOMER|-1 or PEER|PEER|0; serial-2 has a
 * fourth column, where the link was seen. A file has one form throughout, so
 * that a cut line is not taken for a whole one. The files of before 2013 part
 * columns by blanks, have -1 the other way round, 1 for it and 2 for siblings:
 * no line of them is taken.
 */
#include "sim/load_text.h"
#include <string.h>

#include "sim/lines.h"
#include "sim/notes.h"

#define COLUMNS_MAX 4

struct form {
	size_t columns; /* 0: not known yet */
	uint32_t line;  /* that told it */
};

static bool
judge_columns(struct notes *notes, struct form *form, uint32_t line,
	      size_t columns, struct field whole)
{
	char quoted[LINES_ESCAPED];

	if (columns != 3 && columns != 4) {
		notes_error(notes, line,
			    "\"%s\" has %zu column%s, expected A|B|RELATION "
			    "(serial-1) or A|B|RELATION|SOURCE (serial-2)",
			    field_quote(whole, quoted), columns,
			    columns == 1 ? "" : "s");
		return false;
	}
	if (!form->columns)
		*form = (struct form){columns, line};
	if (form->columns == columns)
		return true;
	notes_error(
	    notes, line, "\"%s\" has %zu columns, expected %zu as in line %u",
	    field_quote(whole, quoted), columns, form->columns, form->line);
	return false;
}

static bool
judge_asn(struct notes *notes, uint32_t line, struct field f, uint32_t *out)
{
	char quoted[LINES_ESCAPED];

	if (field_asn(f, out))
		return true;
	notes_error(notes, line,
		    "found \"%s\", expected an AS number, 1 to 4294967295",
		    field_quote(f, quoted));
	return false;
}

static bool
judge_relation(struct notes *notes, uint32_t line, struct field f, bool *peers)
{
	char quoted[LINES_ESCAPED];
	const char *hint = "";

	*peers = field_is(f, "0");
	if (*peers || field_is(f, "-1"))
		return true;
	if (field_is(f, "1") || field_is(f, "2"))
		hint =
		    " (a file from before 2013? It has -1 the other way round)";
	notes_error(notes, line,
		    "found relation \"%s\"%s, expected -1 (A is a provider of "
		    "B) or 0 (peers)",
		    field_quote(f, quoted), hint);
	return false;
}

static bool
judge_source(struct notes *notes, uint32_t line, struct field f)
{
	if (f.n)
		return true;
	notes_error(notes, line,
		    "found nothing in column 4, expected the source of the "
		    "link, as \"bgp\"");
	return false;
}

/* Up to nine digits, which 32 bits have room for, and the mark behind them. */
static bool
quick_number(const char **at, const char *end, uint32_t *out)
{
	const char *p = *at;
	uint32_t v = 0;

	for (; p < end && p - *at < 9 && *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint32_t)(*p - '0');
	if (v == 0 || p == end || *p != '|')
		return false;
	*at = p + 1;
	*out = v;
	return true;
}

/* Lines as nearly all are; false: look closer, nothing is said yet. */
static bool
read_quickly(size_t columns, struct field whole, struct graph_link *out)
{
	const char *p = whole.s, *end = p + whole.n;

	if (!quick_number(&p, end, &out->a) ||
	    !quick_number(&p, end, &out->b) || p == end)
		return false;
	out->peers = *p == '0';
	if (!out->peers && (end - p < 2 || p[0] != '-' || p[1] != '1'))
		return false;
	p += out->peers ? 1 : 2;
	if (p == end)
		return columns == 3;
	return columns == 4 && *p++ == '|' && p < end &&
	       !memchr(p, '|', (size_t)(end - p));
}

static bool
read_link(struct notes *notes, struct form *form, uint32_t line,
	  struct field whole, struct graph_link *out)
{
	struct field f[COLUMNS_MAX];
	bool good;
	size_t n;

	out->line = line;
	if (read_quickly(form->columns, whole, out))
		return true;
	n = field_split(whole, '|', f, COLUMNS_MAX);
	if (!judge_columns(notes, form, line, n, whole))
		return false;
	good = judge_asn(notes, line, f[0], &out->a);
	good = judge_asn(notes, line, f[1], &out->b) && good;
	good = judge_relation(notes, line, f[2], &out->peers) && good;
	return (n == 3 || judge_source(notes, line, f[3])) && good;
}

static void
append(struct load_links *links, const struct graph_link *link)
{
	if (links->n == links->room) {
		links->room = links->room ? 2 * links->room : 64;
		links->v = xrealloc(links->v, links->room, sizeof(links->v[0]));
	}
	links->v[links->n++] = *link;
}

struct load_links
load_text_links(struct notes *notes, const char *text, size_t n)
{
	struct lines lines = lines_of(text, n);
	struct load_links links = {0};
	struct form form = {0};
	struct graph_link link;
	struct field line;

	while (lines_next(&lines, &line)) {
		if (!read_link(notes, &form, lines.number, line, &link))
			continue;
		append(&links, &link);
		if (links.n < GRAPH_LINKS_MAX)
			continue;
		notes_error(notes, lines.number,
			    "%u links and more, expected less",
			    GRAPH_LINKS_MAX);
		break;
	}
	return links;
}
