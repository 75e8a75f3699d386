/* SPDX-License-Identifier: ISC */
/*
 * A journal after a disk, or somebody, changed it: it is refused with its
 * line, or it can be replayed, compared and freed.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct text why = {0};
	struct journal_day *day;
	struct journal_replay *rp;
	int error =
	    journal_read_text("day", (const char *)octets, n, &day, &why);

	assert(error == 0 || error == -EINVAL);
	assert((error == 0) == (day != NULL));
	assert((error == 0) == (why.len == 0));
	assert(error == 0 || strncmp(why.s, "day:", 4) == 0);
	text_free(&why);
	if (error != 0)
		return 0;
	rp = journal_replay_new(NULL, (struct wall){0},
				(struct wall){INT64_MAX});
	journal_replay_day(rp, day);
	journal_day_free(day);
	journal_replay_end(rp);
	journal_replay_free(rp);
	return 0;
}
