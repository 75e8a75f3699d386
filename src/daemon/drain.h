/* SPDX-License-Identifier: ISC */
/*
 * Drains with their reason, author and expiry, kept in
 * STATE_DIRECTORY/drains.json so that a restart does not forget them. Wall
 * clock, because monotonic time does not survive a reboot.
 */
#ifndef BASIN_DAEMON_DRAIN_H
#define BASIN_DAEMON_DRAIN_H

#include <stddef.h>

#include "avail/avail.h"
#include "base/text.h"
#include "base/time.h"

#define DRAINS_FILE "drains.json" /* in the state directory */

struct drain {
	enum avail_target target;
	const char *name;   /* owned in the list, borrowed in arguments */
	const char *reason; /* owned in the list, borrowed in arguments */
	const char *who;    /* owned in the list, borrowed in arguments */
	struct wall since;
	struct wall expires; /* ns 0: never */
};

struct drains;

/*
 * Reads the file; a missing one is an empty list. A broken one is -EINVAL with
 * a message that names it: the daemon then refuses to start rather than
 * announce what somebody took out.
 */
int drains_open(const char *directory, struct drains **out, struct text *error)
    __attribute__((warn_unused_result));
void drains_free(struct drains *drains);

/* Adds or replaces and stores; nothing changes on error (-errno). */
int drains_put(struct drains *drains, const struct drain *drain)
    __attribute__((warn_unused_result));
/* -ENOENT when there is none. */
int drains_remove(struct drains *drains, enum avail_target target,
		  const char *name) __attribute__((warn_unused_result));
/* NULL when there is none. */
const struct drain *drains_find(const struct drains *drains,
				enum avail_target target, const char *name);
size_t drains_count(const struct drains *drains);
const struct drain *drains_at(const struct drains *drains, size_t i);
/* "node", "service" or "prefix". */
const char *drain_target_text(enum avail_target target);

#endif
