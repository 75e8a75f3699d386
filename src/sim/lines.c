/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/text.h"
#include "sim/lines.h"

struct lines
lines_of(const char *text, size_t n)
{
	return (struct lines){.at = text, .end = text + n};
}

static struct field
cut_line(struct lines *l)
{
	const char *start = l->at;
	const char *stop = memchr(start, '\n', (size_t)(l->end - start));

	l->number++;
	l->at = stop ? stop + 1 : l->end;
	stop = stop ? stop : l->end;
	if (stop > start && stop[-1] == '\r')
		stop--;
	return (struct field){start, (size_t)(stop - start)};
}

bool
lines_next(struct lines *l, struct field *line)
{
	while (l->at < l->end) {
		*line = cut_line(l);
		if (line->n > 0 && line->s[0] != '#')
			return true;
	}
	return false;
}

size_t
field_split(struct field line, char mark, struct field *out, size_t room)
{
	const char *start = line.s, *end = line.s + line.n;
	size_t n = 0;

	for (const char *p = start;; p++) {
		if (p < end && *p != mark)
			continue;
		if (n < room)
			out[n] = (struct field){start, (size_t)(p - start)};
		n++;
		if (p == end)
			return n;
		start = p + 1;
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct field
field_trim(struct field f)
{
	while (f.n && is_blank(f.s[f.n - 1]))
		f.n--;
	while (f.n && is_blank(f.s[0])) {
		f.s++;
		f.n--;
	}
	return f;
}

bool
field_is(struct field f, const char *word)
{
	return f.n == strlen(word) && memcmp(f.s, word, f.n) == 0;
}

bool
field_number(struct field f, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (f.n == 0)
		return false;
	for (size_t i = 0; i < f.n; i++) {
		unsigned digit = (unsigned char)f.s[i] - (unsigned)'0';

		if (digit > 9 || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return v <= max;
}

bool
field_asn(struct field f, uint32_t *out)
{
	uint64_t v;

	if (!field_number(f, UINT32_MAX, &v) || v == 0)
		return false;
	*out = (uint32_t)v;
	return true;
}

const char *
field_quote(struct field f, char *buf)
{
	return text_escape(f.s, f.n, buf, LINES_ESCAPED);
}
