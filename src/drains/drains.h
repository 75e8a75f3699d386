/* SPDX-License-Identifier: ISC */
/*
 * What operators said and neither a restart nor an upgrade may forget: drains
 * with their reason, author and expiry, the node offline, attack mode. One
 * file, DRAINS_FILE in the state directory, always written as a whole.
 *
 * Within a run points in time are monotonic: a step of the wall clock neither
 * lengthens nor cuts a drain. In the file they are wall clock, because
 * monotonic time does not survive a reboot; what is read back lasts no longer
 * than it was asked for, whatever the clock says by then.
 */
#ifndef BASIN_DRAINS_DRAINS_H
#define BASIN_DRAINS_DRAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "avail/avail.h"
#include "base/text.h"
#include "base/time.h"

#define DRAINS_FILE "drains.json" /* in the state directory */
/*
 * Name of the drain of AVAIL_NODE that `basin offline` makes, beside the one
 * of `basin drain node`. A basind that does not know it takes it for a drain
 * of the node without an end, which is right.
 */
#define DRAINS_OFFLINE "offline"

#define DRAIN_PHASES(X)                                                        \
	X(DRAINING, "draining", "its traffic is leaving")                      \
	X(DRAINED, "drained", "it is withdrawn")

enum drain_phase {
#define X(n, t, h) DRAIN_##n,
	DRAIN_PHASES(X)
#undef X
	    DRAIN_PHASE_COUNT
};
const char *drain_phase_text(enum drain_phase phase);

/* Both clocks at one moment. */
struct drains_clock {
	struct mono mono;
	struct wall wall;
};
struct drains_clock drains_clock(void);

struct drain {
	enum avail_target target;
	const char *name;   /* owned in the list, borrowed in arguments */
	const char *reason; /* owned in the list, borrowed in arguments */
	const char *who;    /* owned in the list, borrowed in arguments */
	struct wall since;
	struct dur duration; /* as asked for; 0: until undrained */
	struct mono expires; /* MONO_NEVER: until undrained */
	enum drain_phase phase;
	struct mono limit; /* while DRAINING: not announced any more then */
	struct dur quiet;  /* or when it was quiet for so long */
};

struct drains_attack {
	const char *reason; /* owned in the list, borrowed in arguments */
	const char *who;    /* owned in the list, borrowed in arguments */
	struct wall since;
	struct dur duration; /* as asked for */
	struct mono expires;
};

/*
 * What is dropped upstream because an operator said so: a blackhole route
 * (RFC 7999) or a flow specification (RFC 8955).
 */
struct drains_block {
	bool flow;
	const char *what;    /* owned in the list; "192.0.2.7/32", or a flow */
	const char *actions; /* owned in the list; of a flow: "discard" */
	const char *reason;  /* owned in the list */
	const char *who;     /* owned in the list */
	struct wall since;
	struct dur duration; /* as asked for */
	struct mono expires;
};

struct drains;

/*
 * Reads the file; a missing one is an empty list. A broken one is -EINVAL with
 * a message that names it: the daemon then refuses to start rather than
 * announce what somebody took out. What was draining is drained.
 */
int drains_open(const char *directory, const struct drains_clock *clock,
		struct drains **out, struct text *error)
    __attribute__((warn_unused_result));
struct drains *drains_copy(const struct drains *drains)
    __attribute__((warn_unused_result));
void drains_free(struct drains *drains);

/* ---- the file ---- */

const char *drains_path(const struct drains *drains);
/* What is to stand in the file; the caller frees. NULL: no memory. */
char *drains_text(const struct drains *drains, const struct drains_clock *clock)
    __attribute__((warn_unused_result));
/* Puts it on the disk: waits for it, and may be called by any thread. */
int drains_write(const char *path, const char *text)
    __attribute__((warn_unused_result));
/* Both, at once. */
int drains_store(const struct drains *drains, const struct drains_clock *clock)
    __attribute__((warn_unused_result));

/* ---- the list, in memory ---- */

/* Adds or replaces. */
void drains_put(struct drains *drains, const struct drain *drain);
/* -ENOENT when there is none. */
int drains_remove(struct drains *drains, enum avail_target target,
		  const char *name) __attribute__((warn_unused_result));
/* Its traffic has left, or the limit was reached; -ENOENT when there is none.*/
int drains_finish(struct drains *drains, enum avail_target target,
		  const char *name, struct mono now)
    __attribute__((warn_unused_result));
/* NULL when there is none. */
const struct drain *drains_find(const struct drains *drains,
				enum avail_target target, const char *name);
/* Why the node does not announce: offline before drained; NULL: neither. */
const struct drain *drains_node(const struct drains *drains);
bool drains_is_offline(const struct drain *drain);
/* It has expired; that it did may not be stored yet. */
bool drains_is_over(const struct drain *drain, struct mono now);
size_t drains_count(const struct drains *drains);
const struct drain *drains_at(const struct drains *drains, size_t i);
/* "node", "service" or "prefix". */
const char *drain_target_text(enum avail_target target);
/* ---- blocks.c ---- */

/* Adds, or replaces the one of the same thing. */
void drains_put_block(struct drains *drains, const struct drains_block *block);
/* -ENOENT when there is none. */
int drains_remove_block(struct drains *drains, const char *what)
    __attribute__((warn_unused_result));
/* NULL when there is none. */
const struct drains_block *drains_find_block(const struct drains *drains,
					     const char *what);
size_t drains_blocks(const struct drains *drains);
const struct drains_block *drains_block_at(const struct drains *drains,
					   size_t i);

/* NULL when attack mode is off. */
const struct drains_attack *drains_attack(const struct drains *drains);
/* NULL: off. */
void drains_set_attack(struct drains *drains,
		       const struct drains_attack *attack);

#endif
