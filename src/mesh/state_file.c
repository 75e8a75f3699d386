/* SPDX-License-Identifier: ISC */
/*
 * Broken or old is unknown, never "as before". The age counts on the
 * monotonic clock from when the file was seen to change, so that a step of the
 * wall clock makes nothing fresh; only the first look compares with it.
 */
#include "mesh/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OCTETS_MAX  (1024 * 1024)
#define ENTRIES_MAX 20000
#define VERSION     1

static int problem(struct state_file *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
clear(struct state_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].node);
	free(f->v);
	f->v = NULL;
	f->n = 0;
}

static int
problem(struct state_file *f, const char *fmt, ...)
{
	va_list ap;

	clear(f);
	va_start(ap, fmt);
	vsnprintf(f->problem, sizeof(f->problem), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

void
state_file_init(struct state_file *f, const char *path, struct dur limit)
{
	*f = (struct state_file){.limit = limit};
	if (path)
		f->path = xstrdup(path);
}

void
state_file_free(struct state_file *f)
{
	clear(f);
	free(f->path);
	f->path = NULL;
}

/* ---- parsing ---- */

static int
add_prefix(struct state_file *f, const char *node, const json_t *value)
{
	const char *text = json_string_value(value);
	struct prefix prefix;

	if (!text || prefix_parse(text, &prefix) != 0)
		return problem(f, "an entry of \"announces\" is no prefix such "
				  "as \"192.0.2.0/24\"");
	if (f->n == ENTRIES_MAX)
		return problem(f, "it has more than %d entries", ENTRIES_MAX);
	f->v = xrealloc(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct state_file_entry){xstrdup(node), prefix};
	return 0;
}

static int
add_node(struct state_file *f, const char *name, json_t *node)
{
	json_t *announces = json_object_get(node, "announces");
	json_t *value;
	size_t i;

	if (!json_is_array(announces))
		return problem(f, "a node has no list \"announces\"");
	json_array_foreach (announces, i, value) {
		int error = add_prefix(f, name, value);

		if (error != 0)
			return error;
	}
	return 0;
}

static int
add_nodes(struct state_file *f, json_t *root)
{
	json_t *nodes = json_object_get(root, "nodes"), *node;
	const char *name;

	if (json_integer_value(json_object_get(root, "version")) != VERSION)
		return problem(f, "expected \"version\": %d", VERSION);
	if (!json_is_object(nodes))
		return problem(f, "expected a map \"nodes\"");
	json_object_foreach (nodes, name, node) {
		int error = add_node(f, name, node);

		if (error != 0)
			return error;
	}
	return 0;
}

static int
by_prefix_and_node(const void *a, const void *b)
{
	const struct state_file_entry *x = a, *y = b;
	int order = prefix_cmp(&x->prefix, &y->prefix);

	return order != 0 ? order : strcmp(x->node, y->node);
}

/* A node that says a prefix twice is one site. */
static void
sort(struct state_file *f)
{
	size_t kept = 0;

	if (f->n > 0)
		qsort(f->v, f->n, sizeof(*f->v), by_prefix_and_node);
	for (size_t i = 0; i < f->n; i++) {
		if (kept > 0 &&
		    by_prefix_and_node(&f->v[kept - 1], &f->v[i]) == 0)
			free(f->v[i].node);
		else
			f->v[kept++] = f->v[i];
	}
	f->n = kept;
}

int
state_file_parse(struct state_file *f, const char *octets, size_t n)
{
	json_error_t where;
	json_t *root = json_loadb(octets, n, JSON_REJECT_DUPLICATES, &where);
	int error;

	clear(f);
	f->problem[0] = '\0';
	if (!root)
		return problem(f, "line %d is no JSON", where.line);
	error = add_nodes(f, root);
	json_decref(root);
	sort(f);
	return error;
}

/* ---- reading ---- */

static bool
same(const struct state_file *f, const struct stat *st)
{
	return f->seen && f->mtime.tv_sec == st->st_mtim.tv_sec &&
	       f->mtime.tv_nsec == st->st_mtim.tv_nsec &&
	       f->inode == st->st_ino && f->size == st->st_size;
}

static int
read_all(struct state_file *f, int fd, size_t size)
{
	char *octets = xcalloc(size + 1, 1);
	size_t n = 0;
	ssize_t got;
	int error;

	while (n < size && (got = read(fd, octets + n, size - n)) > 0)
		n += (size_t)got;
	error = state_file_parse(f, octets, n);
	free(octets);
	return error;
}

/* The first look: when was it written? Ages from the future are no ages. */
static struct mono
first_age(const struct stat *st, struct mono now, struct wall wall)
{
	int64_t age = wall.ns - (st->st_mtim.tv_sec * INT64_C(1000000000) +
				 st->st_mtim.tv_nsec);

	return (struct mono){now.ns - (age < 0 ? -age : age)};
}

static bool
take_file(struct state_file *f, int fd, struct mono now, struct wall wall)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > OCTETS_MAX) {
		problem(f, "it is no regular file of at most 1 MiB");
		return true;
	}
	if (same(f, &st))
		return false;
	f->written = f->seen ? now : first_age(&st, now, wall);
	f->seen = true;
	f->mtime = st.st_mtim;
	f->inode = st.st_ino;
	f->size = st.st_size;
	return read_all(f, fd, (size_t)st.st_size) == 0 || f->problem[0];
}

bool
state_file_look(struct state_file *f, struct mono now, struct wall wall)
{
	bool changed;
	int fd;

	if (!f->path)
		return false;
	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		f->seen = false;
		problem(f, "it cannot be read: %s", strerror(errno));
		return true;
	}
	changed = take_file(f, fd, now, wall);
	close(fd);
	if (mono_reached(mono_add(f->written, f->limit), now)) {
		/* Read again as soon as it is written again. */
		problem(f, "it was not written for too long");
		return true;
	}
	return changed;
}

unsigned
state_file_sites(const struct state_file *f, const struct prefix *prefix,
		 bool (*known)(const void *arg, const char *node),
		 const void *arg)
{
	size_t low = 0, high = f->n;
	unsigned n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_cmp(&f->v[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < f->n && prefix_equal(&f->v[low].prefix, prefix); low++)
		n += !known(arg, f->v[low].node);
	return n;
}
