/* SPDX-License-Identifier: ISC */
#include "daemon/drain.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"

struct drains {
	char *path;      /* owned */
	struct drain *v; /* owned */
	size_t n;
};

static const char *const target_texts[] = {
    [AVAIL_NODE] = "node",
    [AVAIL_SERVICE] = "service",
    [AVAIL_PREFIX] = "prefix",
};

const char *
drain_target_text(enum avail_target target)
{
	return target_texts[target];
}

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

/* ---- the file ---- */

static json_t *
to_json(const struct drains *drains)
{
	json_t *list = json_array();

	for (size_t i = 0; i < drains->n; i++) {
		const struct drain *d = &drains->v[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "target",
				    drain_target_text(d->target), "name",
				    d->name, "reason", d->reason, "who", d->who,
				    "since_ns", (json_int_t)d->since.ns,
				    "expires_ns", (json_int_t)d->expires.ns));
	}
	return json_pack("{s:i, s:o}", "version", 1, "drains", list);
}

static int
store(const struct drains *drains)
{
	json_t *json = to_json(drains);
	char *octets = json_dumps(json, JSON_INDENT(2));
	int error;

	json_decref(json);
	if (!octets)
		return -ENOMEM;
	error = sys_file_replace(drains->path, octets, strlen(octets), 0640);
	free(octets);
	return error;
}

static bool
target_of(const char *text, enum avail_target *out)
{
	for (size_t i = 0; i < ARRAY_LEN(target_texts); i++) {
		if (strcmp(text, target_texts[i]) == 0) {
			*out = (enum avail_target)i;
			return true;
		}
	}
	return false;
}

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

/* A drain that stands there twice could be taken out only once. */
static int
read_entry(struct drains *drains, json_t *json)
{
	const char *target, *name, *reason, *who;
	json_int_t since, expires;
	struct drain d = {0};

	if (json_unpack(json, "{s:s, s:s, s:s, s:s, s:I, s:I}", "target",
			&target, "name", &name, "reason", &reason, "who", &who,
			"since_ns", &since, "expires_ns", &expires) != 0)
		return -EINVAL;
	if (!target_of(target, &d.target) || since < 0 || expires < 0 ||
	    position(drains, d.target, name) < drains->n)
		return -EINVAL;
	d.name = xstrdup(name);
	d.reason = xstrdup(reason);
	d.who = xstrdup(who);
	d.since.ns = since;
	d.expires.ns = expires;
	drains->v = xrealloc(drains->v, drains->n + 1, sizeof(*drains->v));
	drains->v[drains->n++] = d;
	return 0;
}

static int
read_all(struct drains *drains, json_t *root)
{
	json_t *list = json_object_get(root, "drains"), *entry;
	size_t i;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach (list, i, entry) {
		if (read_entry(drains, entry) != 0)
			return -EINVAL;
	}
	return 0;
}

static int
load(struct drains *drains, struct text *error)
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
	result = root ? read_all(drains, root) : -EINVAL;
	if (result != 0)
		text_addf(error,
			  "%s:%d: not a list of drains as basind writes it "
			  "(%s); mend it, or remove it to forget all drains",
			  drains->path, root ? 1 : where.line,
			  root ? "unknown content" : where.text);
	json_decref(root);
	return result;
}

int
drains_open(const char *directory, struct drains **out, struct text *error)
{
	struct drains *drains = xcalloc(1, sizeof(*drains));
	struct text path = {0};
	int result;

	text_addf(&path, "%s/" DRAINS_FILE, directory);
	drains->path = path.s;
	result = load(drains, error);
	if (result != 0) {
		drains_free(drains);
		drains = NULL;
	}
	*out = drains;
	return result;
}

void
drains_free(struct drains *drains)
{
	if (!drains)
		return;
	for (size_t i = 0; i < drains->n; i++)
		release(&drains->v[i]);
	free(drains->v);
	free(drains->path);
	free(drains);
}

/* ---- the list ---- */

int
drains_put(struct drains *drains, const struct drain *drain)
{
	size_t i = position(drains, drain->target, drain->name);
	struct drain before = {0};
	bool added = i == drains->n;
	int error;

	if (added) {
		drains->v =
		    xrealloc(drains->v, drains->n + 1, sizeof(*drains->v));
		drains->n++;
	} else {
		before = drains->v[i];
	}
	drains->v[i] = copy(drain);
	error = store(drains);
	if (error == 0) {
		release(&before);
		return 0;
	}
	release(&drains->v[i]);
	if (added)
		drains->n--;
	else
		drains->v[i] = before;
	return error;
}

int
drains_remove(struct drains *drains, enum avail_target target, const char *name)
{
	size_t i = position(drains, target, name);
	struct drain gone;
	int error;

	if (i == drains->n)
		return -ENOENT;
	gone = drains->v[i];
	drains->n--;
	memmove(&drains->v[i], &drains->v[i + 1],
		(drains->n - i) * sizeof(*drains->v));
	error = store(drains);
	if (error == 0) {
		release(&gone);
		return 0;
	}
	memmove(&drains->v[i + 1], &drains->v[i],
		(drains->n - i) * sizeof(*drains->v));
	drains->v[i] = gone;
	drains->n++;
	return error;
}

const struct drain *
drains_find(const struct drains *drains, enum avail_target target,
	    const char *name)
{
	size_t i = position(drains, target, name);

	return i < drains->n ? &drains->v[i] : NULL;
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
