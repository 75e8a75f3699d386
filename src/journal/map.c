/* SPDX-License-Identifier: ISC */
/* Recorded objects and those of the new settings: the same by name. */
#include <stdlib.h>
#include <string.h>

#include "journal/replay.h"

/*
 * A lease is two intervals and a half each of slack (model_check()): with
 * results from further apart it must be longer.
 */
#define LEASE_INTERVALS 3

const char *
replay_name(struct journal_replay *rp, const char *name)
{
	struct note *note;

	HASH_FIND_STR(rp->names, name, note);
	if (note)
		return note->text;
	note = xcalloc(1, sizeof(*note));
	note->text = xstrdup(name);
	HASH_ADD_KEYPTR(hh, rp->names, note->text, strlen(name), note);
	return note->text;
}

void
replay_note(struct journal_replay *rp, const char *fmt, ...)
{
	struct text t = {0};
	struct note *note;
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&t, fmt, ap);
	va_end(ap);
	HASH_FIND_STR(rp->notes, t.s, note);
	if (note) {
		text_free(&t);
		return;
	}
	note = xcalloc(1, sizeof(*note));
	note->text = t.s;
	HASH_ADD_KEYPTR(hh, rp->notes, note->text, strlen(note->text), note);
}

struct replay_line *
replay_line_of(struct journal_replay *rp, const char *name)
{
	struct replay_line *line;

	HASH_FIND_STR(rp->table, name, line);
	if (line)
		return line;
	line = xcalloc(1, sizeof(*line));
	line->l.name = xstrdup(name);
	HASH_ADD_KEYPTR(hh, rp->table, line->l.name, strlen(name), line);
	return line;
}

void
replay_map_free(struct replay_map *map)
{
	free(map->checks);
	free(map->services);
	free(map->prefixes);
	free(map->lines);
	*map = (struct replay_map){0};
}

/* Ids of `to` for the `n` names at `from`, which have a stride each. */
static size_t *
map_names(const void *from, size_t stride, size_t n, const void *to, size_t m)
{
	struct names *names = names_new(to, stride, m);
	size_t *ids = xcalloc(n + 1, sizeof(*ids));

	for (size_t i = 0; i < n; i++) {
		const char *name;

		memcpy(&name, (const char *)from + i * stride, sizeof(name));
		ids[i] = names_find(names, name);
	}
	names_free(names);
	return ids;
}

static void
say_gone(struct journal_replay *rp, const struct journal_setup *s)
{
	const struct replay_map *map = &rp->map;

	for (size_t i = 0; i < s->n_services; i++)
		if (map->services[i] == SIZE_MAX)
			replay_note(rp,
				    "service %s was recorded but is not in "
				    "the new configuration",
				    s->services[i].name);
	for (size_t i = 0; i < s->n_checks; i++)
		if (map->checks[i] == SIZE_MAX &&
		    map->services[s->checks[i].service] != SIZE_MAX)
			replay_note(rp,
				    "check %s was recorded but is not in the "
				    "new configuration",
				    s->checks[i].name);
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (map->prefixes[i] == SIZE_MAX)
			replay_note(rp,
				    "prefix %s was recorded but is not in the "
				    "new configuration",
				    s->prefixes[i].name);
}

static void
mark_seen(struct journal_replay *rp, const struct journal_setup *s)
{
	for (size_t i = 0; i < s->n_services; i++)
		if (rp->map.services[i] != SIZE_MAX)
			rp->seen_services[rp->map.services[i]] = true;
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (rp->map.prefixes[i] != SIZE_MAX)
			rp->seen_prefixes[rp->map.prefixes[i]] = true;
}

void
replay_map_set(struct journal_replay *rp, const struct journal_setup *s)
{
	const struct journal_setup *to = rp->fixed ? rp->fixed : s;
	struct replay_map *map = &rp->map;

	replay_map_free(map);
	map->services = map_names(s->services, sizeof(*s->services),
				  s->n_services, to->services, to->n_services);
	map->checks = map_names(s->checks, sizeof(*s->checks), s->n_checks,
				to->checks, to->n_checks);
	map->prefixes = map_names(s->prefixes, sizeof(*s->prefixes),
				  s->n_prefixes, to->prefixes, to->n_prefixes);
	map->lines = xcalloc(s->n_prefixes + 1, sizeof(struct replay_line *));
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (map->prefixes[i] != SIZE_MAX)
			map->lines[i] = replay_line_of(rp, s->prefixes[i].name);
	if (!rp->fixed)
		return;
	say_gone(rp, s);
	mark_seen(rp, s);
}

/* ---- intervals ---- */

static void
fit_check(struct journal_replay *rp, struct journal_check *c,
	  const struct journal_check *recorded)
{
	char then[32], now[32];

	dur_format(recorded->interval, then, sizeof(then));
	dur_format(c->interval, now, sizeof(now));
	if (c->interval.ns < recorded->interval.ns) {
		c->s.stale_after.ns +=
		    c->s.stale_after.ns > 0
			? LEASE_INTERVALS *
			      (recorded->interval.ns - c->interval.ns)
			: 0;
		replay_note(rp,
			    "check %s ran every %s and would run every %s: "
			    "between recorded results nothing is known, each "
			    "counts once",
			    c->name, then, now);
	} else if (c->interval.ns > recorded->interval.ns) {
		replay_note(rp,
			    "check %s ran every %s and would run every %s: "
			    "results in between are left out",
			    c->name, then, now);
	}
}

static void
copy_objects(struct journal_setup *to, const struct journal_setup *from)
{
	to->n_services = from->n_services;
	to->n_checks = from->n_checks;
	to->n_prefixes = from->n_prefixes;
	to->services = xcalloc(from->n_services + 1, sizeof(*to->services));
	to->checks = xcalloc(from->n_checks + 1, sizeof(*to->checks));
	to->prefixes = xcalloc(from->n_prefixes + 1, sizeof(*to->prefixes));
	for (size_t i = 0; i < from->n_services; i++) {
		to->services[i] = from->services[i];
		to->services[i].name =
		    arena_strdup(&to->arena, from->services[i].name);
	}
	for (size_t i = 0; i < from->n_checks; i++) {
		to->checks[i] = from->checks[i];
		to->checks[i].name =
		    arena_strdup(&to->arena, from->checks[i].name);
	}
	for (size_t i = 0; i < from->n_prefixes; i++) {
		const struct journal_prefix *p = &from->prefixes[i];
		size_t size = p->n * sizeof(*p->services);

		to->prefixes[i] = *p;
		to->prefixes[i].name = arena_strdup(&to->arena, p->name);
		to->prefixes[i].services =
		    arena_alloc(&to->arena, size ? size : 1);
		if (size > 0)
			memcpy(to->prefixes[i].services, p->services, size);
	}
}

struct journal_setup *
replay_model_of(struct journal_replay *rp, const struct journal_setup *from)
{
	struct journal_setup *to = xcalloc(1, sizeof(*to));

	copy_objects(to, from);
	to->generation = from->generation;
	for (size_t i = 0; rp->fixed && i < rp->setup->n_checks; i++)
		if (rp->map.checks[i] != SIZE_MAX)
			fit_check(rp, &to->checks[rp->map.checks[i]],
				  &rp->setup->checks[i]);
	return to;
}

void
replay_map_missing(struct journal_replay *rp)
{
	if (!rp->fixed)
		return;
	for (size_t i = 0; i < rp->fixed->n_services; i++)
		if (!rp->seen_services[i])
			replay_note(rp,
				    "service %s is new: nothing is recorded "
				    "of it, it counts as not available",
				    rp->fixed->services[i].name);
	for (size_t i = 0; i < rp->fixed->n_prefixes; i++)
		if (!rp->seen_prefixes[i])
			replay_note(rp,
				    "prefix %s is new: there is nothing to "
				    "compare it with",
				    rp->fixed->prefixes[i].name);
}
