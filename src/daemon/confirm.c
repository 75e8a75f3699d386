/* SPDX-License-Identifier: ISC */
/*
 * A reload on probation:
 *
 *   IN FORCE ──reload --confirm──► WAITING ──confirm──► IN FORCE (the new one)
 *                                     └── the time is over ──► the old one
 *
 * Invariant: while it waits nothing else is reloaded, so that what comes back
 * is what was in force. The old configuration is kept in memory only: a
 * restart reads the file.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/reload.h"

struct confirm {
	struct basin *b;  /* borrowed */
	struct conf *old; /* owned */
	struct mono until;
	uv_timer_t timer;
};

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* The old configuration, now the caller's. */
static struct conf *
end(struct basin *b)
{
	struct confirm *c = b->confirm;
	struct conf *old = c->old;

	b->confirm = NULL;
	uv_close((uv_handle_t *)&c->timer, on_closed);
	return old;
}

static void
on_over(uv_timer_t *timer)
{
	struct confirm *c = timer->data;
	struct basin *b = c->b;
	struct conf *old = end(b);

	if (b->phase == BASIN_RUNNING)
		reload_revert(b, old);
	else
		conf_free(old);
}

void
confirm_begin(struct basin *b, struct conf *old, struct dur limit)
{
	struct confirm *c = xcalloc(1, sizeof(*c));

	c->b = b;
	c->old = old;
	c->until = mono_add(mono_now(), limit);
	b->confirm = c;
	uv_timer_init(&b->loop, &c->timer);
	c->timer.data = c;
	uv_timer_start(&c->timer, on_over, (uint64_t)dur_to_ms(limit), 0);
}

int
confirm_now(struct basin *b, const char *who)
{
	if (!b->confirm)
		return -ENOENT;
	conf_free(end(b));
	basin_event(b, EVENT_CONFIGURATION, LOG_LEVEL_NOTICE, b->options.config,
		    "on probation", "confirmed", NULL, "by %s", who);
	return 0;
}

bool
confirm_waits(const struct basin *b)
{
	return b->confirm != NULL;
}

struct mono
confirm_until(const struct basin *b)
{
	return b->confirm ? b->confirm->until : MONO_NEVER;
}

void
confirm_free(struct basin *b)
{
	if (b->confirm)
		conf_free(end(b));
}
