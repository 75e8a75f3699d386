/* SPDX-License-Identifier: ISC */
#include "cli/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/utf8.h"

#define GAP 2 /* columns between columns */

struct cell {
	char *s; /* owned */
	enum table_style style;
};

struct table {
	const char *const *headings; /* borrowed */
	size_t columns;
	struct cell *cells; /* owned, as its strings */
	size_t n, cap;
};

static const char *const codes[] = {
    [TABLE_PLAIN] = "",        [TABLE_GOOD] = "\033[32m",
    [TABLE_WARN] = "\033[33m", [TABLE_BAD] = "\033[31m",
    [TABLE_DIM] = "\033[2m",   [TABLE_BOLD] = "\033[1m",
};

/*
 * Nothing foreign moves the cursor, whoever sent it; but `keep`, a newline or
 * NUL, stays.
 */
static void
disarm(struct text *t, unsigned char keep)
{
	size_t i = 0;

	while (i < t->len) {
		unsigned char c = (unsigned char)t->s[i];
		size_t len = utf8_char((const uint8_t *)t->s + i, t->len - i);
		bool c1 =
		    len == 2 && c == 0xc2 && (unsigned char)t->s[i + 1] < 0xa0;

		if (len == 0 || (c < 0x20 && c != keep) || c == 0x7f || c1) {
			t->s[i] = '?';
			if (c1)
				t->s[i + 1] = '?';
		}
		i += len ? len : 1;
	}
}

/* Characters, which is columns for what a name or reason is written in. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

struct table *
table_new(const char *const *headings)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->headings = headings;
	while (headings[t->columns])
		t->columns++;
	return t;
}

void
table_cell(struct table *t, enum table_style style, const char *fmt, ...)
{
	struct text text = {0};
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&text, fmt, ap);
	va_end(ap);
	disarm(&text, '\0');
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->cells = xrealloc(t->cells, t->cap, sizeof(*t->cells));
	}
	t->cells[t->n++] = (struct cell){text.s ? text.s : xstrdup(""), style};
}

size_t
table_rows(const struct table *t)
{
	return t->n / t->columns;
}

static const char *
heading(const struct table *t, size_t column, bool *right)
{
	const char *s = t->headings[column];

	*right = s[0] == '>';
	return s + *right;
}

static size_t
column_width(const struct table *t, size_t column)
{
	bool right;
	size_t widest = width(heading(t, column, &right));

	for (size_t i = column; i < t->n; i += t->columns) {
		size_t w = width(t->cells[i].s);

		if (w > widest)
			widest = w;
	}
	return widest;
}

static void
print_cell(FILE *out, const char *s, size_t columns, bool right, bool last,
	   const char *code)
{
	int pad = (int)(columns - width(s));

	if (right)
		fprintf(out, "%*s", pad, "");
	fprintf(out, "%s%s%s", code, s, *code ? "\033[0m" : "");
	if (!right && !last)
		fprintf(out, "%*s", pad, "");
	if (!last)
		fprintf(out, "%*s", GAP, "");
}

static void
print_headings(const struct table *t, const size_t *widths, FILE *out,
	       bool colour)
{
	for (size_t c = 0; c < t->columns; c++) {
		bool right;
		const char *s = heading(t, c, &right);

		print_cell(out, s, widths[c], right, c + 1 == t->columns,
			   colour ? codes[TABLE_DIM] : "");
	}
	fputc('\n', out);
}

static void
print_row(const struct table *t, size_t row, const size_t *widths, FILE *out,
	  bool colour)
{
	const struct cell *cells = &t->cells[row * t->columns];

	for (size_t c = 0; c < t->columns; c++) {
		bool right;

		heading(t, c, &right);
		print_cell(out, cells[c].s, widths[c], right,
			   c + 1 == t->columns,
			   colour ? codes[cells[c].style] : "");
	}
	fputc('\n', out);
}

void
table_print(struct table *t, FILE *out, bool colour)
{
	size_t *widths = xcalloc(t->columns, sizeof(*widths));

	for (size_t c = 0; c < t->columns; c++)
		widths[c] = column_width(t, c);
	print_headings(t, widths, out, colour);
	for (size_t row = 0; row < table_rows(t); row++)
		print_row(t, row, widths, out, colour);
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].s);
	free(widths);
	free(t->cells);
	free(t);
}

void
table_say(FILE *out, bool colour, enum table_style style, const char *fmt, ...)
{
	struct text text = {0};
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&text, fmt, ap);
	va_end(ap);
	disarm(&text, '\0');
	fprintf(out, "%s%s%s", colour ? codes[style] : "", text_str(&text),
		colour && style != TABLE_PLAIN ? "\033[0m" : "");
	text_free(&text);
}

void
table_say_lines(FILE *out, const char *s)
{
	struct text text = {0};

	text_add(&text, s);
	disarm(&text, '\n');
	fputs(text_str(&text), out);
	text_free(&text);
}
