/* SPDX-License-Identifier: ISC */
/*
 * Files and directories: there or not.
 *
 *   follow.c says "look" ──► statx ──► there | gone | cannot be seen
 *
 * A directory without anything in it counts as gone: that is what a mount
 * point looks like when its file system is not mounted. What is asked never
 * waits for a file server (AT_STATX_DONT_SYNC).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "sys/follow.h"
#include "sys/sight.h"
#include "sys/sys.h"

struct pathwatch {
	struct follow *follow;
	struct sight *sights; /* owned */
	struct pathwatch_path *v;
	size_t n;
	sys_sighted *report;
	void *arg;
};

/* 1: there, 0: gone, -errno: cannot be seen. */
static int
judge_error(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP ? 0
								     : -error;
}

static int
is_filled(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int found = 0;

	if (!d)
		return judge_error(errno);
	while (found == 0 && (e = readdir(d)))
		found =
		    strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return found;
}

static int
judge(const struct pathwatch_path *p)
{
	struct statx st;

	if (statx(AT_FDCWD, p->path, AT_STATX_DONT_SYNC, STATX_TYPE, &st) != 0)
		return judge_error(errno);
	if (!p->directory)
		return !S_ISDIR(st.stx_mode);
	return S_ISDIR(st.stx_mode) ? is_filled(p->path) : 0;
}

static void
changed(void *arg, size_t index, bool told, int error)
{
	struct pathwatch *w = arg;
	int r = judge(&w->v[index]);

	if (r < 0)
		sight_tell(&w->sights[index], SYS_UNKNOWN, r, told, w->report,
			   w->arg, index);
	else
		sight_tell(&w->sights[index], r ? SYS_PRESENT : SYS_GONE, error,
			   told, w->report, w->arg, index);
}

struct pathwatch *
pathwatch_new(uv_loop_t *loop, sys_sighted *report, void *arg)
{
	struct pathwatch *w = xcalloc(1, sizeof(*w));

	w->report = report;
	w->arg = arg;
	w->follow = follow_new(loop, changed, w);
	return w;
}

static void
release(struct pathwatch *w)
{
	free(w->sights);
	free(w->v);
	w->sights = NULL;
	w->v = NULL;
	w->n = 0;
}

void
pathwatch_set(struct pathwatch *w, const struct pathwatch_path *v, size_t n)
{
	struct follow_path *paths = xcalloc(n, sizeof(*paths));

	release(w);
	w->sights = xcalloc(n, sizeof(*w->sights));
	w->v = xcalloc(n, sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		w->v[i] = v[i];
		paths[i] = (struct follow_path){.path = v[i].path,
						.entries = v[i].directory};
	}
	follow_set(w->follow, paths, n);
	free(paths);
}

void
pathwatch_close(struct pathwatch *w)
{
	follow_close(w->follow);
	release(w);
	free(w);
}
