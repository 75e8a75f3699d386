/* SPDX-License-Identifier: ISC */
/* The smallest engine: one check, one service, one prefix; time in seconds. */
#ifndef BASIN_TESTS_UNIT_AVAIL_ONE_H
#define BASIN_TESTS_UNIT_AVAIL_ONE_H

#include "../test.h"

#include "avail/avail.h"

#define CHECK   0
#define SERVICE 0
#define PREFIX  0

static inline struct mono
at(int64_t seconds)
{
	return (struct mono){seconds * 1000000000};
}

/* Rise 2, fall 3, unknown held for a minute, never stale. */
static inline struct avail_check_settings
usual(void)
{
	return (struct avail_check_settings){
	    .rise = 2, .fall = 3, .unknown_limit = dur_s(60)};
}

/* Sealed at 0 s, addresses present. */
static inline struct avail *
one_with(struct avail_check_settings check, struct avail_prefix_settings prefix)
{
	struct avail *av = avail_new();
	size_t service =
	    avail_add_service(av, "dns", &(struct avail_service_settings){0});

	avail_add_check(av, "dns/tcp", service, &check);
	avail_add_prefix(av, "192.0.2.0/24", &service, 1, &prefix);
	avail_seal(av, at(0));
	avail_addresses(av, service, true, at(0));
	return av;
}

static inline struct avail *
one(struct avail_check_settings check, int64_t hold_down)
{
	struct avail_prefix_settings prefix = {.hold_down = dur_s(hold_down)};

	return one_with(check, prefix);
}

static inline struct avail_check_view
check_of(const struct avail *av)
{
	struct avail_check_view v;

	avail_view_check(av, CHECK, &v);
	return v;
}

static inline struct avail_service_view
service_of(const struct avail *av)
{
	struct avail_service_view v;

	avail_view_service(av, SERVICE, &v);
	return v;
}

static inline struct avail_prefix_view
prefix_of(const struct avail *av)
{
	struct avail_prefix_view v;

	avail_view_prefix(av, PREFIX, &v);
	return v;
}

static inline void
samples(struct avail *av, enum avail_verdict verdict, int n, int64_t seconds)
{
	while (n-- > 0)
		avail_sample(av, CHECK, verdict, at(seconds));
}

/* A drain that withdraws at once. */
static inline void
drain(struct avail *av, enum avail_target target, size_t id,
      struct mono expires, struct mono now)
{
	avail_drain(av, target, id, &(struct avail_drain_times){now, expires},
		    now);
}

static inline void
take_all(struct avail *av)
{
	struct avail_change c;

	while (avail_take(av, &c))
		continue;
}

#endif
