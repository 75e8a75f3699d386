/* SPDX-License-Identifier: ISC */
/*
 * What is wrong with a file, all at once: the first errors and warnings with
 * their lines, and how many more there are.
 */
#ifndef BASIN_SIM_NOTES_H
#define BASIN_SIM_NOTES_H

#include "base/text.h"

#define NOTES_MAX 20 /* kept of each kind; the others are counted */

struct note {
	uint32_t line; /* 0: the file as a whole */
	char *text;    /* owned */
};

struct notes_list {
	struct note v[NOTES_MAX];
	uint32_t n; /* all, also those not kept */
};

struct notes {
	const char *path; /* borrowed */
	struct notes_list errors, warnings;
};

void notes_error(struct notes *notes, uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void notes_warning(struct notes *notes, uint32_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What `notes` has, by line; frees it. -EINVAL when there are errors. */
int notes_tell(struct notes *notes, struct text *messages);

#endif
