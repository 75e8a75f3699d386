/* SPDX-License-Identifier: ISC */
/*
 * Services with more load than they should have: looked at once a second and
 * told to avail, which never withdraws for it.
 */
#ifndef BASIN_DAEMON_OVERLOAD_H
#define BASIN_DAEMON_OVERLOAD_H

#include "daemon/basin.h"
#include "daemon/measure.h"

void overload_start(struct basin *b);
/* Looks at what b->conf names; after a reload too. */
void overload_configure(struct basin *b);
/* After the loop has ended. */
void overload_free(struct basin *b);
/* A result of a check of the service. */
void overload_sample(struct basin *b, size_t service,
		     const struct check_result *r);

/* As last judged; false when the service has no `overload`. */
bool overload_view(const struct basin *b, size_t service,
		   struct measure_value values[MEASURE_COUNT]);
/* What of it is high, for people; "" when nothing is. */
const char *overload_text(const struct basin *b, size_t service, char *buf,
			  size_t size);

#endif
