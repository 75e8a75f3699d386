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

#define LINES_ESCAPED 48 /* what is quoted of a field in a message */

struct field {
	const char *s; /* borrowed */
	size_t n;
};

struct lines {
	const char *at, *end;
	uint32_t number; /* of the line last read, from 1 */
};

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
/* Without blanks and tabs around it. */
struct field field_trim(struct field f);
bool field_is(struct field f, const char *word);
/* Digits alone, at most `max`. */
bool field_number(struct field f, uint64_t max, uint64_t *out);
/* An AS number, 1 to 2^32 - 1. */
bool field_asn(struct field f, uint32_t *out);
/* For a message; buf has LINES_ESCAPED octets. Returns buf. */
const char *field_quote(struct field f, char *buf);

#endif
