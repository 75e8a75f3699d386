/* SPDX-License-Identifier: ISC */
/*
 * One line of a journal: words between single blanks, taken from the left.
 * The first error sticks and is written once; behind it every call gives 0.
 */
#ifndef BASIN_JOURNAL_LINE_H
#define BASIN_JOURNAL_LINE_H

#include "journal/journal.h"

struct line {
	const char *s; /* the rest; borrowed, not terminated */
	size_t n;
	const char *path; /* borrowed, for messages */
	unsigned long number;
	struct text *why; /* borrowed */
	bool bad;
};

struct line_word {
	const char *s;
	size_t n;
};

/* "PATH:LINE: expected WHAT, found ..." with what begins at `w`. */
void line_expected(struct line *l, const char *what, struct line_word w);
/* "PATH:LINE: " and the message. */
void line_fail(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct line_word line_take(struct line *l);
bool line_is(struct line_word w, const char *word);
/* Is there another word? */
bool line_more(const struct line *l);
/* Nothing may follow. */
void line_end(struct line *l);
/* A number below `limit`. */
uint64_t line_number(struct line *l, const char *what, uint64_t limit);
uint64_t line_number_of(struct line *l, const char *what, struct line_word w,
			uint64_t limit);
/* "123.456789", "never" */
struct mono line_time(struct line *l, const char *what);
struct dur line_dur(struct line *l, struct line_word w);
/* One of `n` words of `text`; its number. */
int line_choice(struct line *l, const char *what, const char *(*text)(int),
		int n);
/* The rest of the line: a name, unescaped as it is. */
struct line_word line_rest(struct line *l, const char *what);

/* The same the other way round. */
void line_add_time(struct text *t, struct mono at);
void line_add_dur(struct text *t, struct dur d);
/* A blank and a name: one word more, blanks allowed, no control octets. */
void line_add_name(struct text *t, const char *name);

/* setup.c: lines of a configuration. */
void line_add_setup(struct text *t, const struct journal_setup *setup);
/* The line `word ...` of a setup; false when it is none. */
bool line_setup(struct line *l, struct line_word word,
		struct journal_setup *setup);

#endif
