/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Longest word for which a suggestion is looked for. */
#define NEAREST_MAX 64

static void
reserve(struct text *t, size_t more)
{
	size_t need = t->len + more + 1;

	if (need <= t->cap)
		return;
	t->cap = need < 64 ? 64 : need * 2;
	t->s = xrealloc(t->s, t->cap, 1);
}

void
text_add_n(struct text *t, const char *s, size_t n)
{
	reserve(t, n);
	memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_add_n(t, s, strlen(s));
}

void
text_vaddf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(n >= 0);
	reserve(t, (size_t)n);
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
	t->len += (size_t)n;
}

void
text_add_number(struct text *t, uint64_t v, unsigned width)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (at > 0 && sizeof(digits) - at < width)
		digits[--at] = '0';
	text_add_n(t, digits + at, sizeof(digits) - at);
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(t, fmt, ap);
	va_end(ap);
}

const char *
text_str(const struct text *t)
{
	return t->s ? t->s : "";
}

void
text_clear(struct text *t)
{
	t->len = 0;
	if (t->s)
		t->s[0] = '\0';
}

void
text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){0};
}

/* Octets of `p` that may stay as they are: 0 when the first must not. */
static size_t
harmless(const uint8_t *p, size_t n)
{
	size_t len;

	if (p[0] >= 0x20 && p[0] < 0x7f)
		return p[0] == '"' || p[0] == '\\' ? 0 : 1;
	if (p[0] < 0x80)
		return 0;
	len = utf8_char(p, n);
	/* C1 controls, bidirectional and line-breaking format characters. */
	if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	if (len == 3 && p[0] == 0xe2 && (p[1] == 0x80 || p[1] == 0x81))
		return 0;
	return len;
}

const char *
text_escape(const void *octets, size_t n, char *buf, size_t size)
{
	const uint8_t *p = octets;
	size_t used = 0;

	assert(size >= 8);
	while (n > 0) {
		size_t step = harmless(p, n);
		size_t need = step ? step : 4;

		if (used + need + 4 > size) {
			memcpy(buf + used, "...", 4);
			return buf;
		}
		if (step)
			memcpy(buf + used, p, step);
		else
			snprintf(buf + used, 5, "\\x%02x", p[0]);
		used += need;
		p += step ? step : 1;
		n -= step ? step : 1;
	}
	buf[used] = '\0';
	return buf;
}

bool
text_is_utf8(const void *octets, size_t n)
{
	const uint8_t *p = octets;

	while (n > 0) {
		size_t len = utf8_char(p, n);

		if (len == 0)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Edit distance of two words of at most NEAREST_MAX letters; two neighbours
 * that changed places are one slip (optimal string alignment).
 */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][NEAREST_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return NEAREST_MAX;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		const size_t *before = rows[(i + 1) % 3];
		const size_t *above = rows[(i - 1) % 3];
		size_t *row = rows[i % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				      above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

const char *
text_nearest(const char *word, const char *const *names)
{
	size_t best = strlen(word) / 3 + 2;
	const char *found = NULL;

	for (; *names; names++) {
		size_t d = distance(word, *names);

		if (d < best && d < strlen(*names)) {
			best = d;
			found = *names;
		}
	}
	return found;
}

char *
xstrdup(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		abort();
	return copy;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		abort();
	return p;
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n ? n : 1, size ? size : 1);

	if (!q)
		abort();
	return q;
}

uint64_t
hash_bytes(uint64_t seed, const void *octets, size_t n)
{
	const uint8_t *p = octets;

	while (n-- > 0) {
		seed ^= *p++;
		seed *= UINT64_C(0x100000001b3);
	}
	return seed;
}
