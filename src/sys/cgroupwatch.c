/* SPDX-License-Identifier: ISC */
/*
 * Units of systemd, by the cgroup each has while it runs.
 *
 *   cgroup.events says "populated 0", or the cgroup goes ──► gone
 *   it is there and says "populated 1" ────────────────────► there
 *   no cgroup v2, or none with slices in it ───────────────► cannot be seen
 *
 * The kernel tells of both by inotify. It sends the second notification of a
 * file within 10 ms late; only a unit that restarts so fast notices.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/cgroup.h"
#include "sys/follow.h"
#include "sys/sight.h"
#include "sys/sys.h"

struct cgroupwatch {
	struct follow *follow;
	char *mounts;         /* owned */
	const char **units;   /* owned; what it points to is borrowed */
	struct sight *sights; /* owned */
	size_t n;
	sys_sighted *report;
	void *arg;
};

/* 1: populated, 0: not, -errno. */
static int
is_populated(const char *events)
{
	int fd = open(events, O_RDONLY | O_CLOEXEC);
	char text[256] = {0};
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	/* It went between the two calls. */
	if (n < 0)
		return errno == ENODEV ? 0 : -errno;
	return strstr(text, "populated 1") != NULL;
}

/* The unit's cgroup.events, whether or not it is there. */
static int
locate(const struct cgroupwatch *w, size_t i, char *out, size_t size)
{
	char root[PATH_MAX], unit[PATH_MAX];
	int r = cgroup_root(w->mounts, root, sizeof(root));

	if (r == 0)
		r = cgroup_unit(root, w->units[i], unit, sizeof(unit));
	if (r != 0 && r != -ENOENT)
		return r;
	return snprintf(out, size, "%s/cgroup.events", unit) < (int)size
		   ? 0
		   : -ENAMETOOLONG;
}

static void
changed(void *arg, size_t index, bool told, int error)
{
	struct cgroupwatch *w = arg;
	char events[PATH_MAX];
	int r = locate(w, index, events, sizeof(events));

	if (r == 0) {
		follow_move(w->follow, index, events);
		r = is_populated(events);
	}
	if (r < 0)
		sight_tell(&w->sights[index], SYS_UNKNOWN, r, told, w->report,
			   w->arg, index);
	else
		sight_tell(&w->sights[index], r ? SYS_PRESENT : SYS_GONE, error,
			   told, w->report, w->arg, index);
}

struct cgroupwatch *
cgroupwatch_new(uv_loop_t *loop, const char *mounts, sys_sighted *report,
		void *arg)
{
	struct cgroupwatch *w = xcalloc(1, sizeof(*w));

	w->mounts = xstrdup(mounts ? mounts : "/proc/self/mounts");
	w->report = report;
	w->arg = arg;
	w->follow = follow_new(loop, changed, w);
	return w;
}

static void
release(struct cgroupwatch *w)
{
	free(w->units);
	free(w->sights);
	w->units = NULL;
	w->sights = NULL;
	w->n = 0;
}

void
cgroupwatch_set(struct cgroupwatch *w, const char *const *units, size_t n)
{
	struct follow_path *v = xcalloc(n, sizeof(*v));

	release(w);
	w->units = xcalloc(n, sizeof(*w->units));
	w->sights = xcalloc(n, sizeof(*w->sights));
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		w->units[i] = units[i];
		/* Until it is located: one that changes when mounts do. */
		v[i] = (struct follow_path){.path = "/sys/fs/cgroup",
					    .content = true};
	}
	follow_set(w->follow, v, n);
	free(v);
}

void
cgroupwatch_close(struct cgroupwatch *w)
{
	follow_close(w->follow);
	release(w);
	free(w->mounts);
	free(w);
}
