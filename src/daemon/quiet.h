/* SPDX-License-Identifier: ISC */
/*
 * Watches the packets to what drains: when they have stopped for long enough
 * avail is told, before the drain's limit does it.
 */
#ifndef BASIN_DAEMON_QUIET_H
#define BASIN_DAEMON_QUIET_H

#include "daemon/basin.h"
#include "daemon/quiet_judge.h"

struct quiet *quiet_new(struct basin *b);
/* After the loop has closed its timer. */
void quiet_free(struct quiet *quiet);
/* Drains, their states or the configuration may have changed. */
void quiet_configure(struct basin *b);
/* Why the wait of this drain ended, for people. */
void quiet_tell(struct basin *b, enum avail_target target, const char *name,
		struct text *out);

/* ---- reading ---- */

struct quiet_address {
	struct ip ip;
	struct quiet_sample sample;
	uint64_t packets; /* since the drain began */
};

struct quiet_view {
	enum quiet_verdict verdict;
	struct quiet_found found;
	struct dur for_now;            /* it has been quiet */
	const struct quiet_address *v; /* borrowed until the loop turns */
	size_t n;
	const char *why; /* of BLIND, for people; "" otherwise */
};
/* False when nothing is watched for it. */
bool quiet_view(const struct basin *b, enum avail_target target,
		const char *name, struct quiet_view *out);

#endif
