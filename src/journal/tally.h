/* SPDX-License-Identifier: ISC */
/*
 * What a prefix lived through, on one side: recorded or replayed.
 *
 *   UNKNOWN ──► UP ◄──────► AWAY     withdrawn, held, suppressed
 *      ▲         ▲            ▲
 *      │         └► OPERATOR ◄┘      drained: not counted
 *      └─ any: the daemon does not run
 *
 * Invariant: an outage is open exactly while the state is AWAY and was UP.
 */
#ifndef BASIN_JOURNAL_TALLY_H
#define BASIN_JOURNAL_TALLY_H

#include "journal/journal.h"

enum tally_state { TALLY_UNKNOWN, TALLY_UP, TALLY_AWAY, TALLY_OPERATOR };

struct tally {
	enum tally_state state;
	struct wall since;
	bool open; /* the last outage */
};

/* The part of time that counts. */
struct tally_range {
	struct wall from, to;
};

/* What is known of a withdrawal. */
struct tally_cause {
	const char *service; /* borrowed for the side's life; NULL */
	struct dur detection;
	bool detected;
};

enum tally_state tally_state_of(enum avail_prefix_state state);
void tally_set(struct tally *t, struct journal_side *side,
	       enum tally_state state, struct wall at,
	       const struct tally_range *range,
	       const struct tally_cause *cause);
/* The recording ends; an open outage lasts. */
void tally_end(struct tally *t, struct journal_side *side, struct wall at,
	       const struct tally_range *range);
/* Marks outages that overlap one of the other side. */
void tally_match(struct journal_line *line);

#endif
