/* SPDX-License-Identifier: ISC */
#include "drains/drains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drains/list.h"

const char *
drain_target_text(enum avail_target target)
{
	static const char *const texts[] = {
	    [AVAIL_NODE] = "node",
	    [AVAIL_SERVICE] = "service",
	    [AVAIL_PREFIX] = "prefix",
	};

	return texts[target];
}

const char *
drain_phase_text(enum drain_phase phase)
{
	static const char *const texts[] = {
#define X(n, t, h) t,
	    DRAIN_PHASES(X)
#undef X
	};

	return texts[phase];
}

struct drains_clock
drains_clock(void)
{
	return (struct drains_clock){mono_now(), wall_now()};
}

/* ---- entries ---- */

static void
release(struct drain *d)
{
	free((char *)d->name);
	free((char *)d->reason);
	free((char *)d->who);
}

static struct drain
copy(const struct drain *d)
{
	struct drain c = *d;

	c.name = xstrdup(d->name);
	c.reason = xstrdup(d->reason);
	c.who = xstrdup(d->who);
	return c;
}

static void
release_attack(struct drains *drains)
{
	if (!drains->attacked)
		return;
	free((char *)drains->attack.reason);
	free((char *)drains->attack.who);
	drains->attacked = false;
}

/* ---- the whole ---- */

int
drains_open(const char *directory, const struct drains_clock *clock,
	    struct drains **out, struct text *error)
{
	struct drains *drains = xcalloc(1, sizeof(*drains));
	struct text path = {0};
	int result;

	text_addf(&path, "%s/" DRAINS_FILE, directory);
	drains->path = path.s;
	result = file_load(drains, clock, error);
	if (result != 0) {
		drains_free(drains);
		drains = NULL;
	}
	*out = drains;
	return result;
}

struct drains *
drains_copy(const struct drains *drains)
{
	struct drains *c = xcalloc(1, sizeof(*c));

	c->path = xstrdup(drains->path);
	for (size_t i = 0; i < drains->n; i++)
		drains_put(c, &drains->v[i]);
	for (size_t i = 0; i < drains->n_blocks; i++)
		drains_put_block(c, &drains->blocks[i]);
	drains_set_attack(c, drains_attack(drains));
	return c;
}

void
drains_free(struct drains *drains)
{
	if (!drains)
		return;
	for (size_t i = 0; i < drains->n; i++)
		release(&drains->v[i]);
	release_attack(drains);
	drains_free_blocks(drains);
	free(drains->v);
	free(drains->path);
	free(drains);
}

const char *
drains_path(const struct drains *drains)
{
	return drains->path;
}

int
drains_store(const struct drains *drains, const struct drains_clock *clock)
{
	char *text = drains_text(drains, clock);
	int error = text ? drains_write(drains->path, text) : -ENOMEM;

	free(text);
	return error;
}

/* ---- the list ---- */

static size_t
position(const struct drains *drains, enum avail_target target,
	 const char *name)
{
	size_t i;

	for (i = 0; i < drains->n; i++)
		if (drains->v[i].target == target &&
		    strcmp(drains->v[i].name, name) == 0)
			break;
	return i;
}

void
drains_put(struct drains *drains, const struct drain *drain)
{
	size_t i = position(drains, drain->target, drain->name);
	struct drain added = copy(drain);

	if (i == drains->n) {
		drains->v =
		    xrealloc(drains->v, drains->n + 1, sizeof(*drains->v));
		drains->n++;
	} else {
		release(&drains->v[i]);
	}
	drains->v[i] = added;
}

int
drains_remove(struct drains *drains, enum avail_target target, const char *name)
{
	size_t i = position(drains, target, name);

	if (i == drains->n)
		return -ENOENT;
	release(&drains->v[i]);
	drains->n--;
	memmove(&drains->v[i], &drains->v[i + 1],
		(drains->n - i) * sizeof(*drains->v));
	return 0;
}

int
drains_finish(struct drains *drains, enum avail_target target, const char *name,
	      struct mono now)
{
	size_t i = position(drains, target, name);

	if (i == drains->n)
		return -ENOENT;
	drains->v[i].phase = DRAIN_DRAINED;
	drains->v[i].limit = now;
	return 0;
}

const struct drain *
drains_find(const struct drains *drains, enum avail_target target,
	    const char *name)
{
	size_t i = position(drains, target, name);

	return i < drains->n ? &drains->v[i] : NULL;
}

bool
drains_is_offline(const struct drain *drain)
{
	return drain->target == AVAIL_NODE &&
	       strcmp(drain->name, DRAINS_OFFLINE) == 0;
}

bool
drains_is_over(const struct drain *drain, struct mono now)
{
	return mono_reached(drain->expires, now);
}

const struct drain *
drains_node(const struct drains *drains)
{
	const struct drain *d = drains_find(drains, AVAIL_NODE, DRAINS_OFFLINE);

	return d ? d : drains_find(drains, AVAIL_NODE, "");
}

size_t
drains_count(const struct drains *drains)
{
	return drains->n;
}

const struct drain *
drains_at(const struct drains *drains, size_t i)
{
	return &drains->v[i];
}

/* ---- attack mode ---- */

const struct drains_attack *
drains_attack(const struct drains *drains)
{
	return drains->attacked ? &drains->attack : NULL;
}

void
drains_set_attack(struct drains *drains, const struct drains_attack *attack)
{
	struct drains_attack added;

	if (attack) {
		added = *attack;
		added.reason = xstrdup(attack->reason);
		added.who = xstrdup(attack->who);
	}
	release_attack(drains);
	if (!attack)
		return;
	drains->attack = added;
	drains->attacked = true;
}
