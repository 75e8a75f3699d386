/* SPDX-License-Identifier: ISC */
/*
 * Paths followed by inotify(7), whatever happens to them or to what they lead
 * through. Of src/sys/ only: what a change means is told by who asks.
 */
#ifndef BASIN_SYS_FOLLOW_H
#define BASIN_SYS_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct follow_path {
	const char *path; /* absolute; copied */
	bool content;     /* what is written into it matters too */
	bool entries;     /* it is a directory: what is in it matters too */
};

/*
 * Look at this path again. `told`: the kernel said so, else it is the turn of
 * the periodic look. `error` is not 0 when the kernel does not tell of this
 * path (ENOSPC, EMFILE, EACCES): then it is looked at every 100 ms.
 */
typedef void follow_changed(void *arg, size_t index, bool told, int error);

struct follow;
/* Never fails: without inotify everything is looked at every 100 ms. */
struct follow *follow_new(uv_loop_t *loop, follow_changed *changed, void *arg);
/* Follows exactly these; calls back for each before it returns. */
void follow_set(struct follow *f, const struct follow_path *v, size_t n);
/* Another path in its place; the caller looks by itself. */
void follow_move(struct follow *f, size_t index, const char *path);
/* As if all had changed, from the loop. */
void follow_look(struct follow *f);
/* The memory goes when the loop turns once more. */
void follow_close(struct follow *f);

#endif
