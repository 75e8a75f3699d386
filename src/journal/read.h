/* SPDX-License-Identifier: ISC */
/* What the files of the reader share. */
#ifndef BASIN_JOURNAL_READ_H
#define BASIN_JOURNAL_READ_H

#include "journal/line.h"

#define READ_NO_RUN SIZE_MAX

struct reader {
	struct line l;
	struct journal_day *day;           /* owned until done */
	const struct journal_setup *setup; /* borrowed from its entry */
	struct journal_setup *being_read;  /* borrowed from its entry */
	size_t *open;                      /* owned: entry of each check */
	struct mono now;                   /* of the last line with a time */
	bool based; /* start or resumed was seen: ids mean something */
};

struct journal_entry *read_entry(struct reader *r, enum journal_kind kind,
				 struct mono at);
/* The line `word ...` of an input or a decision; false when it is none. */
bool read_input(struct reader *r, struct line_word word, struct mono at);

#endif
