/* SPDX-License-Identifier: ISC */
/* Lines as words, and words as values, with complaints that name the line. */
#ifndef BASIN_TESTS_SCENARIO_READER_H
#define BASIN_TESTS_SCENARIO_READER_H

#include <stdio.h>

#include "scenario.h"

#define READER_LINE_MAX 1024
#define READER_WORDS    48

struct reader {
	FILE *f;
	struct scenario *sc; /* borrowed */
	int line;
	char text[READER_LINE_MAX];
	char *words[READER_WORDS]; /* into text */
	size_t n, next;
};

/* The next line that has words; false at the end of the file. */
bool reader_line(struct reader *r);
/* Says "file:line: ..." and returns -EINVAL. */
int reader_complain(const struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The next word of the line, NULL behind the last. */
const char *reader_word(struct reader *r);
/* Takes the next word if it is this one. */
bool reader_accept(struct reader *r, const char *word);
/* The functions below complain themselves; `what` is what was expected. */
int reader_end(struct reader *r);
int reader_name(struct reader *r, const char *what, const char **out);
int reader_count(struct reader *r, const char *what, unsigned min,
		 unsigned *out);
/* A duration with its unit, in ns; a minus sign where `negative`. */
int reader_time(struct reader *r, const char *what, bool negative,
		int64_t *out);
/* One of the names; `n` is their number. */
int reader_choice(struct reader *r, const char *what, const char *const *names,
		  size_t n, int *out);

#endif
