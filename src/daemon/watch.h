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

/* One watched thing of a service, for `show`. */
struct watch_view {
	enum conf_watch_kind kind;
	const char *name; /* "udp/53"; borrowed from the configuration */
	enum sys_presence presence;
	char problem[EVENT_DETAIL_MAX]; /* "": the kernel tells of it */
};
size_t watch_count(const struct basin *b);
/* The service it belongs to. */
size_t watch_view(const struct basin *b, size_t i, struct watch_view *out);
/* "nothing listens on udp/53": the first that is gone, "" when none is. */
const char *watch_gone_text(const struct basin *b, size_t service, char *buf,
			    size_t size);

/* Since the start, of all things of one kind. */
struct watch_counts {
	uint64_t events;  /* went or came */
	uint64_t repairs; /* of these, went without the kernel saying so */
};
const struct watch_counts *watch_counters(const struct basin *b,
					  enum conf_watch_kind kind);

#endif
