/* SPDX-License-Identifier: ISC */
/*
 * Every directory that a path leads through is watched for the one name that
 * comes next, so that parents may be replaced, renamed or mounted over:
 *
 *   /srv/zones/db:   "/" for srv, "/srv" for zones, "/srv/zones" for db
 *
 * and so is the path behind symbolic links. An event only says which paths to
 * arm and to look at again; the look decides. What inotify cannot tell (mounts,
 * links behind links) comes from the kernel's table of mounts and from a look
 * at everything every REPAIR_MS.
 *
 * Invariant: watches are in place before the caller looks, parents before
 * children, so a change in between is an event that still comes.
 */
#include "sys/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/text.h"

#define REPAIR_MS 2000
#define LATE_MS   100
/* Octets read in one turn of the loop. */
#define READ_MAX 16384

#define DIRECTORY                                                              \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |                 \
	 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD)
#define CONTENT (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MASK_ADD)

struct link {
	int wd;
	size_t path;
	char *name; /* owned; NULL: every event */
};

struct followed {
	char *path; /* owned */
	bool content, entries;
	bool dirty;
	int error;
};

struct follow {
	follow_changed *changed;
	void *arg;
	int fd, mounts; /* -errno: not available */
	struct followed *v;
	size_t n;
	struct link *links; /* owned */
	size_t n_links, room;
	uv_poll_t poll, mounts_poll;
	uv_timer_t timer;
	unsigned handles; /* still to be closed */
	bool closing;
};

/* ---- arming ---- */

static void
add_link(struct follow *f, int wd, size_t path, const char *name, size_t n)
{
	if (f->n_links == f->room) {
		f->room = f->room ? 2 * f->room : 16;
		f->links = xrealloc(f->links, f->room, sizeof(*f->links));
	}
	f->links[f->n_links] = (struct link){wd, path, NULL};
	if (name) {
		f->links[f->n_links].name = xcalloc(n + 1, 1);
		memcpy(f->links[f->n_links].name, name, n);
	}
	f->n_links++;
}

/* The room for watches is used up: nothing is wrong with the path. */
static bool
is_scarce(int error)
{
	return error == -ENOSPC || error == -ENOMEM;
}

/* 0, or -errno of inotify. */
static int
watch(struct follow *f, size_t path, const char *what, uint32_t mask,
      const char *name, size_t n)
{
	int wd;

	if (f->fd < 0)
		return f->fd;
	wd = inotify_add_watch(f->fd, what, mask);
	if (wd < 0)
		return -errno;
	add_link(f, wd, path, name, n);
	return 0;
}

/* Every directory above `path`; the error of the last one that is there. */
static int
arm_parents(struct follow *f, size_t index, const char *path)
{
	char above[PATH_MAX] = "/";
	const char *name = path;
	int r = 0;

	while (*name == '/')
		name++;
	while (*name) {
		size_t n = strcspn(name, "/");

		r = watch(f, index, above, DIRECTORY, name, n);
		/* Without read permission: what is below still tells. */
		if (r != 0 && r != -EACCES)
			break;
		name += n + strspn(name + n, "/");
		snprintf(above, sizeof(above), "%.*s", (int)(name - path),
			 path);
	}
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? 0 : r;
}

/* The same place by the name it has without symbolic links. */
static int
arm_behind(struct follow *f, size_t index, const char *path)
{
	char real[PATH_MAX], parent[PATH_MAX];
	const char *base = strrchr(path, '/');

	if (!realpath(path, real)) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(base - path) + 1,
			 path);
		if (!realpath(parent, real) ||
		    strlen(real) + strlen(base) >= sizeof(real))
			return 0;
		strcat(real, base);
	}
	return strcmp(real, path) == 0 ? 0 : arm_parents(f, index, real);
}

static int
arm_itself(struct follow *f, size_t index)
{
	const struct followed *e = &f->v[index];
	int r = 0;

	if (e->content)
		r = watch(f, index, e->path, CONTENT, NULL, 0);
	if (r == 0 && e->entries)
		r = watch(f, index, e->path, DIRECTORY, NULL, 0);
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? 0 : r;
}

static bool
is_used(const struct follow *f, int wd)
{
	for (size_t i = 0; i < f->n_links; i++)
		if (f->links[i].wd == wd)
			return true;
	return false;
}

/* Drops the links of `index` among the first `n`, unwatches what is unused. */
static void
disarm(struct follow *f, size_t index, size_t n)
{
	int *old = xcalloc(n, sizeof(*old));
	size_t n_old = 0, kept = 0;

	for (size_t i = 0; i < f->n_links; i++) {
		struct link *l = &f->links[i];

		if (i >= n || l->path != index) {
			f->links[kept++] = *l;
			continue;
		}
		old[n_old++] = l->wd;
		free(l->name);
	}
	f->n_links = kept;
	for (size_t i = 0; i < n_old; i++)
		if (!is_used(f, old[i]))
			inotify_rm_watch(f->fd, old[i]);
	free(old);
}

/* New watches before the old ones go: what both have stays. */
static void
arm(struct follow *f, size_t index)
{
	struct followed *e = &f->v[index];
	size_t before = f->n_links;
	int parents = arm_parents(f, index, e->path);
	int behind = arm_behind(f, index, e->path);
	int itself = arm_itself(f, index);

	disarm(f, index, before);
	e->error = parents != 0 ? parents : itself;
	if (is_scarce(behind))
		e->error = behind;
	e->dirty = false;
}

/* ---- looking ---- */

static void
look(struct follow *f, bool all, bool told)
{
	for (size_t i = 0; i < f->n && !f->closing; i++) {
		if (!all && !f->v[i].dirty)
			continue;
		arm(f, i);
		f->changed(f->arg, i, told, f->v[i].error);
	}
}

static void on_timer(uv_timer_t *timer);

static void
plan(struct follow *f)
{
	uint64_t ms = REPAIR_MS;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].error != 0)
			ms = LATE_MS;
	if (f->n == 0 || f->closing)
		return;
	/* Events of no concern must not put the look off for ever. */
	if (!uv_is_active((uv_handle_t *)&f->timer) ||
	    uv_timer_get_due_in(&f->timer) > ms)
		uv_timer_start(&f->timer, on_timer, ms, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct follow *f = timer->data;

	look(f, true, false);
	plan(f);
}

void
follow_look(struct follow *f)
{
	look(f, true, true);
	plan(f);
}

/* ---- what the kernel tells ---- */

static void
on_event(struct follow *f, const struct inotify_event *e)
{
	for (size_t i = 0; i < f->n_links; i++) {
		const struct link *l = &f->links[i];

		if (l->wd == e->wd &&
		    (!l->name || e->len == 0 || strcmp(l->name, e->name) == 0))
			f->v[l->path].dirty = true;
	}
	for (size_t i = 0; (e->mask & IN_Q_OVERFLOW) && i < f->n; i++)
		f->v[i].dirty = true;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct follow *f = poll->data;
	char buf[READ_MAX]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(f->fd, buf, sizeof(buf));
	const char *p = buf;

	while (n >= (ssize_t)sizeof(struct inotify_event)) {
		const struct inotify_event *e = (const void *)p;
		size_t size = sizeof(*e) + e->len;

		on_event(f, e);
		p += size;
		n -= (ssize_t)size;
	}
	look(f, false, true);
	plan(f);
}

/* proc(5): readable as "priority data" when something is mounted or not. */
static void
on_mounts(uv_poll_t *poll, int status, int events)
{
	follow_look(poll->data);
}

/* ---- life ---- */

static void
release(struct follow *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	for (size_t i = 0; i < f->n_links; i++)
		free(f->links[i].name);
	free(f->v);
	f->v = NULL;
	f->n = f->n_links = 0;
}

/* The descriptor when it is on the loop, else -errno. */
static int
attach(struct follow *f, uv_loop_t *loop, uv_poll_t *poll, int fd, int events,
       uv_poll_cb on_ready)
{
	int r = fd < 0 ? -errno : uv_poll_init(loop, poll, fd);

	poll->data = f;
	if (r != 0) {
		if (fd >= 0)
			close(fd);
		return r;
	}
	uv_poll_start(poll, events, on_ready);
	f->handles++;
	return fd;
}

struct follow *
follow_new(uv_loop_t *loop, follow_changed *changed, void *arg)
{
	struct follow *f = xcalloc(1, sizeof(*f));

	f->changed = changed;
	f->arg = arg;
	f->fd =
	    attach(f, loop, &f->poll, inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
		   UV_READABLE, on_poll);
	f->mounts = attach(f, loop, &f->mounts_poll,
			   open("/proc/self/mounts", O_RDONLY | O_CLOEXEC),
			   UV_PRIORITIZED, on_mounts);
	uv_timer_init(loop, &f->timer);
	f->timer.data = f;
	f->handles++;
	return f;
}

/* A new queue: nothing of the old watches can come any more. */
static void
forget_watches(struct follow *f)
{
	for (size_t i = 0; i < f->n_links; i++)
		inotify_rm_watch(f->fd, f->links[i].wd);
}

void
follow_set(struct follow *f, const struct follow_path *v, size_t n)
{
	forget_watches(f);
	release(f);
	uv_timer_stop(&f->timer);
	f->v = xcalloc(n, sizeof(*f->v));
	f->n = n;
	for (size_t i = 0; i < n; i++)
		f->v[i] = (struct followed){.path = xstrdup(v[i].path),
					    .content = v[i].content,
					    .entries = v[i].entries};
	look(f, true, true);
	plan(f);
}

void
follow_move(struct follow *f, size_t index, const char *path)
{
	struct followed *e = &f->v[index];

	if (strcmp(e->path, path) == 0)
		return;
	free(e->path);
	e->path = xstrdup(path);
	arm(f, index);
}

static void
on_closed(uv_handle_t *handle)
{
	struct follow *f = handle->data;

	if (--f->handles > 0)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (f->mounts >= 0)
		close(f->mounts);
	release(f);
	free(f->links);
	free(f);
}

void
follow_close(struct follow *f)
{
	f->closing = true;
	if (f->fd >= 0)
		uv_close((uv_handle_t *)&f->poll, on_closed);
	if (f->mounts >= 0)
		uv_close((uv_handle_t *)&f->mounts_poll, on_closed);
	uv_close((uv_handle_t *)&f->timer, on_closed);
}
