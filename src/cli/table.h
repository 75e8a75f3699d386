/* SPDX-License-Identifier: ISC */
/* Aligned tables and colours for terminals. */
#ifndef BASIN_CLI_TABLE_H
#define BASIN_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_style {
	TABLE_PLAIN,
	TABLE_GOOD,
	TABLE_WARN,
	TABLE_BAD,
	TABLE_DIM,
	TABLE_BOLD,
};

struct table; /* cells, row by row */

/* Headings are borrowed and end with NULL; a leading '>' aligns right. */
struct table *table_new(const char *const *headings);
/* The next cell. Control octets are replaced: it may hold foreign text. */
void table_cell(struct table *t, enum table_style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
size_t table_rows(const struct table *t);
/* Prints and frees. */
void table_print(struct table *t, FILE *out, bool colour);

/* Text in a style; control octets are replaced. */
void table_say(FILE *out, bool colour, enum table_style style, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));
/* Plain text in which lines may end; other control octets are replaced. */
void table_say_lines(FILE *out, const char *s);

#endif
