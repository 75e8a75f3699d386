/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/lines.h"

struct lines
lines_of(const char *text, size_t n)
{
	/* The mark that spreadsheets put before UTF-8. */
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return (struct lines){.at = text + 3, .end = text + n};
	return (struct lines){.at = text, .end = text ? text + n : text};
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

size_t
field_words(struct field line, struct field *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; n++) {
		size_t start;

		while (i < line.n && is_blank(line.s[i]))
			i++;
		start = i;
		while (i < line.n && !is_blank(line.s[i]))
			i++;
		if (i == start)
			break;
		if (n < room)
			out[n] = (struct field){line.s + start, i - start};
	}
	return n;
}

size_t
field_csv(struct field line, struct field *out, size_t room)
{
	size_t n = field_split(line, ',', out, room);

	for (size_t i = 0; i < n && i < room; i++) {
		struct field f = field_trim(out[i]);

		if (f.n > 1 && f.s[0] == '"' && f.s[f.n - 1] == '"')
			f = field_trim((struct field){f.s + 1, f.n - 2});
		out[i] = f;
	}
	return n;
}

bool
field_header(struct field line, size_t value)
{
	struct field f[4];
	size_t n = field_csv(line, f, ARRAY_LEN(f));
	uint32_t asn;

	if (n <= value || n > ARRAY_LEN(f) || f[value].n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (field_as(f[i], &asn))
			return false;
	return (f[value].s[0] | 0x20) >= 'a' && (f[value].s[0] | 0x20) <= 'z';
}

bool
field_is(struct field f, const char *word)
{
	return f.n == strlen(word) && memcmp(f.s, word, f.n) == 0;
}

/* Digits alone, at most `max`. */
static bool
number(struct field f, uint64_t max, uint64_t *out)
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

	if (!number(f, UINT32_MAX, &v) || v == 0)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool
field_as(struct field f, uint32_t *out)
{
	return asn_parse(f.s, f.n, out);
}

bool
field_decimal(struct field f, double *out)
{
	char buf[40], *end;
	double v;

	if (f.n == 0 || f.n >= sizeof(buf) || f.s[0] < '0' || f.s[0] > '9')
		return false;
	memcpy(buf, f.s, f.n);
	buf[f.n] = '\0';
	/* strtod() knows words and hexadecimal digits as well. */
	if (strspn(buf, "0123456789.eE+-") != f.n)
		return false;
	v = strtod(buf, &end);
	if (*end || !isfinite(v))
		return false;
	*out = v;
	return true;
}

int
field_prefix(struct field f, struct prefix *out)
{
	char buf[PREFIX_TEXT_MAX];

	if (f.n >= sizeof(buf) || memchr(f.s, '\0', f.n))
		return -EINVAL;
	memcpy(buf, f.s, f.n);
	buf[f.n] = '\0';
	return prefix_parse(buf, out);
}

const char *
field_quote(struct field f, char *buf)
{
	return text_escape(f.s, f.n, buf, LINES_ESCAPED);
}
