/* SPDX-License-Identifier: ISC */
/* Parts of a reload that its plan says too, and reloads on probation. */
#ifndef BASIN_DAEMON_RELOAD_H
#define BASIN_DAEMON_RELOAD_H

#include "daemon/basin.h"

const char *reload_section_text(enum conf_section section);
/* "; OPTION takes effect at the next restart", for each of them. */
void reload_name_fixed(const struct conf *before, const struct conf *after,
		       struct text *out);

/*
 * As basin_reload(), and the old configuration comes back after `limit` unless
 * confirm_now() is called before. The file is not touched.
 */
int reload_on_probation(struct basin *b, bool allow_removal, struct dur limit,
			struct text *message)
    __attribute__((warn_unused_result));
/* `old` comes back, taken over. */
void reload_revert(struct basin *b, struct conf *old);

/* ---- confirm.c ---- */

/* Takes `old` over. */
void confirm_begin(struct basin *b, struct conf *old, struct dur limit);
/* 0, -ENOENT: nothing waits to be confirmed. */
int confirm_now(struct basin *b, const char *who)
    __attribute__((warn_unused_result));
bool confirm_waits(const struct basin *b);
/* MONO_NEVER when nothing waits. */
struct mono confirm_until(const struct basin *b);
/* The loop must turn once more behind it. */
void confirm_free(struct basin *b);

#endif
