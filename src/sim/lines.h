/* SPDX-License-Identifier: ISC */
/*
 * Text files line by line, and the fields in them. Nothing is copied: a field
 * points into the text and has no NUL behind it.
 */
#ifndef BASIN_SIM_LINES_H
#define BASIN_SIM_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"

#define LINES_ESCAPED 48 /* what is quoted of a field in a message */

struct field {
	const char *s; /* borrowed */
	size_t n;
};

struct lines {
	const char *at, *end;
	uint32_t number; /* of the line last read, from 1 */
};

/* `text` may be NULL when n is 0; a byte order mark is passed over. */
struct lines lines_of(const char *text, size_t n);
/*
 * The next line without its end ("\n" or "\r\n"); empty lines and those that
 * begin with '#' are passed over. False at the end.
 */
bool lines_next(struct lines *l, struct field *line);

/*
 * Parts a line at `mark`; writes up to `room` fields and returns how many
 * there are.
 */
size_t field_split(struct field line, char mark, struct field *out,
		   size_t room);
/* The same where any number of blanks and tabs parts two fields. */
size_t field_words(struct field line, struct field *out, size_t room);
/* Parts a line of a CSV file: trimmed, and without quotes around a field. */
size_t field_csv(struct field line, struct field *out, size_t room);
/*
 * Is it the head of a CSV file, words where numbers will be? Column `value`
 * begins with a letter, and no column is the number of an AS.
 */
bool field_header(struct field line, size_t value);
/* Without blanks and tabs around it. */
struct field field_trim(struct field f);
bool field_is(struct field f, const char *word);
/* An AS number, 1 to 2^32 - 1. */
bool field_asn(struct field f, uint32_t *out);
/* The same, or with "AS" before it. */
bool field_as(struct field f, uint32_t *out);
/* "12", "1.5", "2e6": finite and not negative. */
bool field_decimal(struct field f, double *out);
/* 0, -EINVAL, or -EDOM with what was probably meant: see prefix_parse(). */
int field_prefix(struct field f, struct prefix *out);
/* For a message; buf has LINES_ESCAPED octets. Returns buf. */
const char *field_quote(struct field f, char *buf);

#endif
