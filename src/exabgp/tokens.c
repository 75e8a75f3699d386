/* SPDX-License-Identifier: ISC */
#include "exabgp/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool
is_mark(char c)
{
	return c == '[' || c == ']' || c == '(' || c == ')' || c == '{' ||
	       c == '}' || c == ',' || c == ';';
}

static const char *
mark_text(char c)
{
	switch (c) {
	case '[':
		return "[";
	case ']':
		return "]";
	case '(':
		return "(";
	case ')':
		return ")";
	case '{':
		return "{";
	case '}':
		return "}";
	case ',':
		return ",";
	default:
		return ";";
	}
}

static void
add(struct tokens *t, const char *s, size_t column)
{
	if (t->n < EXABGP_TOKENS_MAX)
		t->v[t->n++] = (struct token){s, column};
	else
		tokens_fail(t, EINVAL, "found more than %d words",
			    EXABGP_TOKENS_MAX);
}

/* Old scripts write a line of a configuration file with \n in it. */
static void
blank_escapes(char *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (s[i] == '\\' && (s[i + 1] == 'n' || s[i + 1] == 't'))
			s[i] = s[i + 1] = ' ';
}

void
tokens_of(struct tokens *t, const char *line, size_t n,
	  struct exabgp_error *error)
{
	size_t i = 0;

	*t = (struct tokens){.error = error, .end = n + 1};
	*error = (struct exabgp_error){0};
	t->v = xcalloc(EXABGP_TOKENS_MAX, sizeof(*t->v));
	t->copy = xcalloc(n + 1, 1);
	memcpy(t->copy, line, n);
	blank_escapes(t->copy, n);
	while (i < n) {
		size_t begin = i;
		char mark;

		if (is_blank(t->copy[i])) {
			t->copy[i++] = '\0';
			continue;
		}
		while (i < n && !is_blank(t->copy[i]) && !is_mark(t->copy[i]))
			i++;
		mark = i < n && is_mark(t->copy[i]) ? t->copy[i] : '\0';
		if (i > begin)
			add(t, t->copy + begin, begin + 1);
		if (mark)
			add(t, mark_text(mark), i + 1);
		if (i < n)
			t->copy[i++] = '\0';
	}
}

void
tokens_free(struct tokens *t)
{
	free(t->v);
	free(t->copy);
}

const char *
tokens_peek(const struct tokens *t)
{
	return t->at < t->n && !t->failed ? t->v[t->at].s : NULL;
}

const char *
tokens_next(struct tokens *t)
{
	const char *s = tokens_peek(t);

	/* Behind the end too, so that an error is about the end. */
	if (t->at <= t->n)
		t->at++;
	return s;
}

bool
tokens_take(struct tokens *t, const char *word)
{
	const char *s = tokens_peek(t);

	if (!s || strcmp(s, word) != 0)
		return false;
	t->at++;
	return true;
}

bool
tokens_fail(struct tokens *t, int error, const char *fmt, ...)
{
	size_t last = t->at > 0 ? t->at - 1 : 0;
	va_list ap;

	if (t->failed)
		return false;
	t->failed = -error;
	t->error->column = last < t->n ? t->v[last].column : t->end;
	va_start(ap, fmt);
	vsnprintf(t->error->text, sizeof(t->error->text), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- values ---- */

static const char *
quoted(const char *s, char *buf, size_t size)
{
	return s ? text_escape(s, strlen(s), buf, size) : "nothing";
}

static bool
expected(struct tokens *t, const char *found, const char *what)
{
	char buf[64];

	return tokens_fail(t, EINVAL, "found %s, expected %s",
			   quoted(found, buf, sizeof(buf)), what);
}

bool
tokens_read_number(const char *s, uint64_t high, uint64_t *out)
{
	char *end;
	int base = strncmp(s, "0x", 2) == 0 ? 16 : 10;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, base);
	return *end == '\0' && errno == 0 && *out <= high;
}

/* RFC 5396: "65000" or "1.10". */
bool
tokens_read_asn(const char *s, uint32_t *out)
{
	const char *dot = strchr(s, '.');
	char high_text[8];
	uint64_t high = 0, low;

	if (dot) {
		if (dot - s >= (ptrdiff_t)sizeof(high_text))
			return false;
		snprintf(high_text, sizeof(high_text), "%.*s", (int)(dot - s),
			 s);
		if (!tokens_read_number(high_text, UINT16_MAX, &high))
			return false;
		s = dot + 1;
	}
	if (!tokens_read_number(s, dot ? UINT16_MAX : UINT32_MAX, &low))
		return false;
	*out = (uint32_t)(high << 16 | low);
	return true;
}

bool
tokens_number(struct tokens *t, uint64_t high, const char *what, uint64_t *out)
{
	const char *s = tokens_next(t);

	return s && tokens_read_number(s, high, out) ? true
						     : expected(t, s, what);
}

bool
tokens_asn(struct tokens *t, uint32_t *out)
{
	const char *s = tokens_next(t);

	return s && tokens_read_asn(s, out) ? true
					    : expected(t, s, "an AS number");
}

bool
tokens_ip(struct tokens *t, struct ip *out)
{
	const char *s = tokens_next(t);

	return s && ip_parse(s, out) == 0 ? true
					  : expected(t, s, "an IP address");
}

/* A bare address is one of its full length, as with ExaBGP. */
bool
tokens_prefix(struct tokens *t, struct prefix *out)
{
	const char *s = tokens_next(t);
	struct ip ip;
	int r;

	if (s && !strchr(s, '/') && ip_parse(s, &ip) == 0) {
		*out = prefix_of_ip(&ip);
		return true;
	}
	r = s ? prefix_parse(s, out) : -EINVAL;
	if (r == -EDOM)
		return expected(t, s, "a prefix without host bits");
	return r == 0 ? true : expected(t, s, "a prefix");
}
