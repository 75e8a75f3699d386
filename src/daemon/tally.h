/* SPDX-License-Identifier: ISC */
/*
 * The counter of one address over time. Pure. The kernel's counter may begin
 * again at 0 (it was reset, its table was made anew): the tally goes on. What
 * was not seen meanwhile is not known to be quiet.
 */
#ifndef BASIN_DAEMON_TALLY_H
#define BASIN_DAEMON_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct tally {
	uint64_t packets, octets; /* all that was seen */
	uint64_t raw_packets, raw_octets;
	double packets_per_second, octets_per_second; /* in the last interval */
	struct mono last_packet; /* last known not to be quiet */
	struct mono read;        /* MONO_NEVER before the first reading */
	bool readable;           /* the last reading succeeded */
};

struct tally tally_new(void);
/* A reading; at most `quiet_rate` packets a second are still quiet. */
void tally_read(struct tally *t, uint64_t packets, uint64_t octets,
		unsigned quiet_rate, struct mono now);
/* There was no reading: nothing is known of the time until the next. */
void tally_miss(struct tally *t);

#endif
