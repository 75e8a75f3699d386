/* SPDX-License-Identifier: ISC */
/* What the services' `watch` names: from the kernel to avail and checks. */
#ifndef BASIN_DAEMON_WATCH_H
#define BASIN_DAEMON_WATCH_H

#include "daemon/basin.h"

/* Opens the kernel's side. Never fails: without it checks decide alone. */
void watch_start(struct basin *b);
/*
 * Watches what b->conf names; tells avail of every service. After the model
 * was built, before the old configuration is freed.
 */
void watch_configure(struct basin *b);
/* The loop must turn once more behind it. */
void watch_free(struct basin *b);

/* One watched object of a service, for `show`. */
struct watch_view {
	char name[16]; /* "udp/53" */
	bool present;
};
size_t watch_count(const struct basin *b);
/* The service it belongs to. */
size_t watch_view(const struct basin *b, size_t i, struct watch_view *out);
/* "udp/53 is gone": the first that is, "" when all are there. */
const char *watch_gone_text(const struct basin *b, size_t service, char *buf,
			    size_t size);

#endif
