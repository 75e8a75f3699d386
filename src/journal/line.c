/* SPDX-License-Identifier: ISC */
#include "journal/line.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define US_NS      INT64_C(1000)
#define MS_NS      INT64_C(1000000)
#define S_NS       INT64_C(1000000000)
#define SECONDS_AT UINT64_C(1000000)    /* microseconds in one */
#define MAX_TIME   UINT64_C(1000000000) /* seconds of a clock: 31 years */
#define MAX_DUR    (INT64_C(36500) * 86400 * S_NS) /* as in dur_parse() */
#define FOUND_MAX  64 /* octets of a line in a message */

void
line_fail(struct line *l, const char *fmt, ...)
{
	va_list ap;

	if (l->bad)
		return;
	l->bad = true;
	text_addf(l->why, "%s:%lu: ", l->path, l->number);
	va_start(ap, fmt);
	text_vaddf(l->why, fmt, ap);
	va_end(ap);
	text_add(l->why, "\n");
}

void
line_expected(struct line *l, const char *what, struct line_word w)
{
	char found[FOUND_MAX];

	if (w.n == 0)
		line_fail(l, "expected %s, found the end of the line", what);
	else
		line_fail(l, "expected %s, found \"%s\"", what,
			  text_escape(w.s, w.n, found, sizeof(found)));
}

struct line_word
line_take(struct line *l)
{
	struct line_word w = {l->s, 0};

	if (l->bad)
		return w;
	while (w.n < l->n && l->s[w.n] != ' ')
		w.n++;
	l->s += w.n;
	l->n -= w.n;
	if (l->n > 0) {
		l->s++;
		l->n--;
	}
	return w;
}

bool
line_is(struct line_word w, const char *word)
{
	return w.n == strlen(word) && memcmp(w.s, word, w.n) == 0;
}

bool
line_more(const struct line *l)
{
	return !l->bad && l->n > 0;
}

void
line_end(struct line *l)
{
	if (line_more(l))
		line_expected(l, "the end of the line",
			      (struct line_word){l->s, l->n});
}

/* Digits only; false beyond 64 bits. */
static bool
digits(struct line_word w, uint64_t *out)
{
	uint64_t v = 0;

	if (w.n == 0 || w.n > 20)
		return false;
	for (size_t i = 0; i < w.n; i++) {
		if (!isdigit((unsigned char)w.s[i]) ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(w.s[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

uint64_t
line_number_of(struct line *l, const char *what, struct line_word w,
	       uint64_t limit)
{
	uint64_t v = 0;

	if (l->bad)
		return 0;
	if (!digits(w, &v)) {
		line_expected(l, what, w);
		return 0;
	}
	if (v >= limit) {
		line_fail(l, "%s is %llu, expected a number below %llu", what,
			  (unsigned long long)v, (unsigned long long)limit);
		return 0;
	}
	return v;
}

uint64_t
line_number(struct line *l, const char *what, uint64_t limit)
{
	return line_number_of(l, what, line_take(l), limit);
}

struct mono
line_time(struct line *l, const char *what)
{
	struct line_word w = line_take(l), whole = w, part;
	uint64_t seconds = 0, us = 0;

	if (l->bad || line_is(w, "never"))
		return MONO_NEVER;
	whole.n = w.n > 7 ? w.n - 7 : 0;
	part = (struct line_word){whole.s + whole.n + 1, 6};
	if (whole.n == 0 || w.s[whole.n] != '.' || !digits(whole, &seconds) ||
	    !digits(part, &us) || seconds >= MAX_TIME) {
		line_expected(l, what, w);
		return MONO_NEVER;
	}
	return (struct mono){(int64_t)(seconds * SECONDS_AT + us) * US_NS};
}

static const struct {
	const char *word;
	int64_t ns;
} units[] = {{"s", S_NS}, {"ms", MS_NS}, {"us", US_NS}, {"ns", 1}};

struct dur
line_dur(struct line *l, struct line_word w)
{
	struct line_word number = w, unit;
	uint64_t v;
	int64_t ns;

	while (number.n > 0 && isalpha((unsigned char)number.s[number.n - 1]))
		number.n--;
	unit = (struct line_word){w.s + number.n, w.n - number.n};
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (line_is(unit, units[i].word) && digits(number, &v) &&
		    v <= INT64_MAX &&
		    !__builtin_mul_overflow((int64_t)v, units[i].ns, &ns) &&
		    ns <= MAX_DUR)
			return dur_ns(ns);
	line_expected(l, "a duration such as 30s or 500ms", w);
	return DUR_ZERO;
}

int
line_choice(struct line *l, const char *what, const char *(*text)(int), int n)
{
	struct line_word w = line_take(l);

	for (int i = 0; i < n; i++)
		if (line_is(w, text(i)))
			return i;
	line_expected(l, what, w);
	return 0;
}

struct line_word
line_rest(struct line *l, const char *what)
{
	struct line_word w = {l->s, l->n};

	if (w.n == 0)
		line_expected(l, what, w);
	l->s += l->n;
	l->n = 0;
	return w;
}

/* ---- writing ---- */

void
line_add_time(struct text *t, struct mono at)
{
	uint64_t us = (uint64_t)at.ns / US_NS;

	if (mono_is_never(at)) {
		text_add(t, "never");
	} else if (at.ns < 0) {
		text_add(t, "0.000000");
	} else {
		text_add_number(t, us / SECONDS_AT, 1);
		text_add_n(t, ".", 1);
		text_add_number(t, us % SECONDS_AT, 6);
	}
}

void
line_add_dur(struct text *t, struct dur d)
{
	size_t i = 0;

	if (d.ns < 0)
		d.ns = 0;
	while (d.ns % units[i].ns != 0)
		i++;
	text_addf(t, "%lld%s", (long long)(d.ns / units[i].ns), units[i].word);
}

void
line_add_name(struct text *t, const char *name)
{
	size_t start = t->len + 1;

	text_addf(t, " %s", *name ? name : "-");
	for (size_t i = start; i < t->len; i++)
		if ((unsigned char)t->s[i] < ' ' || t->s[i] == 0x7f)
			t->s[i] = '?';
}
