/* SPDX-License-Identifier: ISC */
/*
 * The file. Version 1 had target, name, reason, who, since_ns and expires_ns;
 * version 2 adds to it and takes nothing away, so each basind reads both.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drains/list.h"
#include "sys/sys.h"

#define VERSION 2

/* ---- writing ---- */

/* A point in time as wall clock; 0 is never. */
static json_int_t
to_wall(struct mono t, const struct drains_clock *clock)
{
	int64_t ns;

	if (mono_is_never(t))
		return 0;
	ns = clock->wall.ns + mono_sub(t, clock->mono).ns;
	return ns > 0 ? ns : 1;
}

static json_t *
drain_to_json(const struct drain *d, const struct drains_clock *clock)
{
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I}", "target",
	    drain_target_text(d->target), "name", d->name, "reason", d->reason,
	    "who", d->who, "since_ns", (json_int_t)d->since.ns, "expires_ns",
	    to_wall(d->expires, clock), "for_ns", (json_int_t)d->duration.ns,
	    "phase", drain_phase_text(d->phase), "limit_ns",
	    to_wall(d->limit, clock), "quiet_ns", (json_int_t)d->quiet.ns);
}

static json_t *
attack_to_json(const struct drains_attack *a, const struct drains_clock *clock)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I}", "reason", a->reason,
			 "who", a->who, "since_ns", (json_int_t)a->since.ns,
			 "expires_ns", to_wall(a->expires, clock), "for_ns",
			 (json_int_t)a->duration.ns);
}

static json_t *
block_to_json(const struct drains_block *x, const struct drains_clock *clock)
{
	return json_pack(
	    "{s:b, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "flow", x->flow, "what",
	    x->what, "actions", x->actions, "reason", x->reason, "who", x->who,
	    "since_ns", (json_int_t)x->since.ns, "expires_ns",
	    to_wall(x->expires, clock), "for_ns", (json_int_t)x->duration.ns);
}

static json_t *
blocks_to_json(const struct drains *drains, const struct drains_clock *clock)
{
	json_t *list = json_array();

	for (size_t i = 0; i < drains->n_blocks; i++)
		json_array_append_new(list,
				      block_to_json(&drains->blocks[i], clock));
	return list;
}

char *
drains_text(const struct drains *drains, const struct drains_clock *clock)
{
	json_t *list = json_array(), *root;
	char *text;

	for (size_t i = 0; i < drains->n; i++)
		json_array_append_new(list,
				      drain_to_json(&drains->v[i], clock));
	root = json_pack("{s:i, s:o}", "version", VERSION, "drains", list);
	if (drains->n_blocks)
		json_object_set_new(root, "blocks",
				    blocks_to_json(drains, clock));
	if (drains->attacked)
		json_object_set_new(root, "attack",
				    attack_to_json(&drains->attack, clock));
	text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	return text;
}

int
drains_write(const char *path, const char *text)
{
	return sys_file_replace(path, text, strlen(text), 0640);
}

/* ---- reading ---- */

static bool
target_of(const char *text, enum avail_target *out)
{
	static const enum avail_target all[] = {AVAIL_NODE, AVAIL_SERVICE,
						AVAIL_PREFIX};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcmp(text, drain_target_text(all[i])) == 0) {
			*out = all[i];
			return true;
		}
	}
	return false;
}

static bool
is_phase(const char *text)
{
	for (int i = 0; i < DRAIN_PHASE_COUNT; i++)
		if (strcmp(text, drain_phase_text((enum drain_phase)i)) == 0)
			return true;
	return false;
}

/* What was asked for; version 1 had only its two ends. */
static struct dur
duration_of(int64_t since, int64_t expires, int64_t length)
{
	if (length > 0)
		return dur_ns(length);
	return dur_ns(expires > since ? expires - since : 0);
}

/* A clock that was set back meanwhile lengthens nothing. */
static struct mono
expiry_of(int64_t expires, struct dur duration,
	  const struct drains_clock *clock)
{
	int64_t left = expires - clock->wall.ns;

	if (expires == 0)
		return MONO_NEVER;
	if (left > duration.ns)
		left = duration.ns;
	return left > 0 ? mono_add(clock->mono, dur_ns(left)) : clock->mono;
}

/* A drain that stands there twice could be taken out only once. */
static int
read_drain(struct drains *drains, json_t *json,
	   const struct drains_clock *clock)
{
	const char *target, *phase = drain_phase_text(DRAIN_DRAINED);
	json_int_t since, expires, length = 0, quiet = 0;
	struct drain d = {.phase = DRAIN_DRAINED, .limit = clock->mono};

	if (json_unpack(json, "{s:s, s:s, s:s, s:s, s:I, s:I, s?I, s?s, s?I}",
			"target", &target, "name", &d.name, "reason", &d.reason,
			"who", &d.who, "since_ns", &since, "expires_ns",
			&expires, "for_ns", &length, "phase", &phase,
			"quiet_ns", &quiet) != 0)
		return -EINVAL;
	if (!target_of(target, &d.target) || !is_phase(phase) || since < 0 ||
	    expires < 0 || length < 0 || quiet < 0 ||
	    drains_find(drains, d.target, d.name))
		return -EINVAL;
	d.since.ns = since;
	d.quiet.ns = quiet;
	d.duration = expires ? duration_of(since, expires, length) : DUR_ZERO;
	d.expires = expiry_of(expires, d.duration, clock);
	drains_put(drains, &d);
	return 0;
}

static int
read_attack(struct drains *drains, json_t *json,
	    const struct drains_clock *clock)
{
	json_int_t since, expires, length;
	struct drains_attack a;

	if (json_unpack(json, "{s:s, s:s, s:I, s:I, s:I}", "reason", &a.reason,
			"who", &a.who, "since_ns", &since, "expires_ns",
			&expires, "for_ns", &length) != 0 ||
	    since < 0 || expires < 0 || length < 0)
		return -EINVAL;
	a.since.ns = since;
	a.duration = expires ? duration_of(since, expires, length) : DUR_ZERO;
	a.expires = expiry_of(expires, a.duration, clock);
	drains_set_attack(drains, &a);
	return 0;
}

/* A block always ends. */
static int
read_block(struct drains *drains, json_t *json,
	   const struct drains_clock *clock)
{
	json_int_t since, expires, length;
	struct drains_block x = {0};
	int flow;

	if (json_unpack(json, "{s:b, s:s, s:s, s:s, s:s, s:I, s:I, s:I}",
			"flow", &flow, "what", &x.what, "actions", &x.actions,
			"reason", &x.reason, "who", &x.who, "since_ns", &since,
			"expires_ns", &expires, "for_ns", &length) != 0 ||
	    since < 0 || expires <= 0 || length <= 0 ||
	    drains_find_block(drains, x.what))
		return -EINVAL;
	x.flow = flow != 0;
	x.since.ns = since;
	x.duration = dur_ns(length);
	x.expires = expiry_of(expires, x.duration, clock);
	if (mono_is_never(x.expires))
		return -EINVAL;
	drains_put_block(drains, &x);
	return 0;
}

static int
read_blocks(struct drains *drains, json_t *list,
	    const struct drains_clock *clock)
{
	json_t *entry;
	size_t i;

	if (list && !json_is_array(list))
		return -EINVAL;
	json_array_foreach (list, i, entry) {
		if (read_block(drains, entry, clock) != 0)
			return -EINVAL;
	}
	return 0;
}

static int
read_all(struct drains *drains, json_t *root, const struct drains_clock *clock)
{
	json_t *list = json_object_get(root, "drains"), *entry;
	json_t *attack = json_object_get(root, "attack");
	size_t i;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach (list, i, entry) {
		if (read_drain(drains, entry, clock) != 0)
			return -EINVAL;
	}
	if (read_blocks(drains, json_object_get(root, "blocks"), clock) != 0)
		return -EINVAL;
	return attack ? read_attack(drains, attack, clock) : 0;
}

int
file_load(struct drains *drains, const struct drains_clock *clock,
	  struct text *error)
{
	json_error_t where;
	json_t *root;
	int result;

	if (access(drains->path, R_OK) != 0) {
		if (errno == ENOENT)
			return 0;
		result = -errno;
		text_addf(error,
			  "%s: cannot be read: %s; it must belong to the "
			  "user basind runs as",
			  drains->path, strerror(errno));
		return result;
	}
	root = json_load_file(drains->path, 0, &where);
	result = root ? read_all(drains, root, clock) : -EINVAL;
	if (result != 0)
		text_addf(error,
			  "%s:%d: not a list of drains as basind writes it "
			  "(%s); mend it, or remove it to forget all drains",
			  drains->path, root ? 1 : where.line,
			  root ? "unknown content" : where.text);
	json_decref(root);
	return result;
}
