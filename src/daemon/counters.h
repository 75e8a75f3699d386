/* SPDX-License-Identifier: ISC */
/*
 * Packets and octets that reach this node for its service addresses, as the
 * kernel counts them (nftables, in the helper). They tell when a drain is
 * quiet and what load a service has; they never judge its health.
 */
#ifndef BASIN_DAEMON_COUNTERS_H
#define BASIN_DAEMON_COUNTERS_H

#include "daemon/basin.h"

struct counters_view {
	uint64_t packets, octets; /* from other hosts, since basind started */
	double packets_per_second, octets_per_second;
	/*
	 * When the count last grew by more than node.drain.quiet_rate, or was
	 * last not known; MONO_NEVER before the first reading.
	 */
	struct mono last_packet;
	struct mono read; /* MONO_NEVER before the first reading */
	/* The last reading is recent. When false, nothing is known to be quiet:
	 * `why` says for people what is wrong. */
	bool available;
	char why[128];
};

void counters_start(struct basin *b);
/* Counts what b->conf names; after a reload too. */
void counters_configure(struct basin *b);
/* After the loop has ended. */
void counters_free(struct basin *b);

/* False when the address is not a service's. */
bool counters_view(const struct basin *b, const struct ip *ip,
		   struct counters_view *out);
/* Together: true when every address of the service can be read. */
bool counters_view_service(const struct basin *b, size_t service,
			   struct counters_view *out);

/* Who needs readings once a second, instead of once in ten. */
enum counters_user {
	COUNTERS_FOR_DRAIN,
	COUNTERS_FOR_DRILL,
	COUNTERS_FOR_LOAD,
	COUNTERS_USERS
};
void counters_fast_for(struct basin *b, enum counters_user user, bool on);
/* A drain does, or does no longer. Saying the same twice changes nothing. */
void counters_fast(struct basin *b, bool on);

/* After every reading, good or not, with all counts in place. */
bool counters_available(const struct basin *b);
/* What is wrong with all of them, "" when nothing is. */
const char *counters_why(const struct basin *b);

#endif
