/* SPDX-License-Identifier: ISC */
/*
 * Processes named by pid files.
 *
 *   file names another process ──► that one is held (pidfd)
 *   held process ends ───────────► gone, until the file says something new
 *
 * The file only says which process is meant: while the process lives it may
 * be empty for a moment or removed. Invariant: the number in a file whose
 * process has ended means nothing until the file is written again, so a
 * reused number is never taken for the service.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/follow.h"
#include "sys/pidfd.h"
#include "sys/sight.h"
#include "sys/sys.h"

/* Which file it was, and as written when. */
struct edition {
	ino_t inode;
	struct timespec written;
	pid_t pid;
};

struct pid_file {
	struct pidwatch *watch;
	size_t index;
	const char *path; /* borrowed */
	struct pidfd *held;
	struct edition ended; /* its process has ended */
	struct sight sight;
};

struct pidwatch {
	uv_loop_t *loop;
	struct follow *follow;
	struct pid_file *v; /* owned */
	size_t n;
	sys_sighted *report;
	void *arg;
};

/* ---- the file ---- */

/* A process's number and nothing else in the first line. */
static pid_t
parse(char *text)
{
	char *end;
	long pid;

	text[strcspn(text, "\n")] = '\0';
	errno = 0;
	pid = strtol(text, &end, 10);
	end += strspn(end, " \t\r");
	if (end == text || *end || errno || pid < 1 || pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

/* 0, or -errno. Edition.pid is 0 when no process is named. */
static int
read_file(const char *path, struct edition *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[64] = {0};
	struct stat st;
	ssize_t n;

	*out = (struct edition){0};
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0 || fstat(fd, &st) != 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	close(fd);
	*out = (struct edition){st.st_ino, st.st_mtim, parse(text)};
	return 0;
}

static bool
same(const struct edition *a, const struct edition *b)
{
	return a->pid == b->pid && a->inode == b->inode &&
	       a->written.tv_sec == b->written.tv_sec &&
	       a->written.tv_nsec == b->written.tv_nsec;
}

/* ---- the process ---- */

static void look(struct pid_file *f, bool event, int error);

static void
on_ended(void *arg, struct pidfd *p)
{
	struct pid_file *f = arg;
	struct edition e;

	/* What the file says now may be a successor already. */
	if (read_file(f->path, &e) == 0 && e.pid == pidfd_pid(p))
		f->ended = e;
	pidfd_drop(p);
	f->held = NULL;
	look(f, true, f->sight.error);
}

/* 0, or -errno why the process cannot be held. -ESRCH: there is none. */
static int
hold(struct pid_file *f, const struct edition *e)
{
	struct pidfd *next;
	int error = 0;

	if (f->held && (e->pid == 0 || pidfd_pid(f->held) == e->pid))
		return 0;
	if (e->pid == 0 || same(e, &f->ended))
		return -ESRCH;
	next = pidfd_hold(f->watch->loop, e->pid, on_ended, f, &error);
	if (error == -ESRCH)
		f->ended = *e;
	if (f->held)
		pidfd_drop(f->held);
	f->held = next;
	return error;
}

static void
tell(struct pid_file *f, enum sys_presence presence, int error, bool event)
{
	struct pidwatch *w = f->watch;

	sight_tell(&f->sight, presence, error, event, w->report, w->arg,
		   f->index);
}

static bool
is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ELOOP ||
	       error == -ESRCH;
}

static void
look(struct pid_file *f, bool event, int error)
{
	struct edition e;
	int r = read_file(f->path, &e);

	if (r == 0)
		r = hold(f, &e);
	if (f->held)
		tell(f, SYS_PRESENT, error, event);
	else if (is_absent(r))
		tell(f, SYS_GONE, error, event);
	else
		tell(f, SYS_UNKNOWN, r, event);
}

static void
changed(void *arg, size_t index, bool told, int error)
{
	struct pidwatch *w = arg;

	look(&w->v[index], told, error);
}

/* ---- life ---- */

struct pidwatch *
pidwatch_new(uv_loop_t *loop, sys_sighted *report, void *arg)
{
	struct pidwatch *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->report = report;
	w->arg = arg;
	w->follow = follow_new(loop, changed, w);
	return w;
}

static void
release(struct pidwatch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].held)
			pidfd_drop(w->v[i].held);
	free(w->v);
	w->v = NULL;
	w->n = 0;
}

void
pidwatch_set(struct pidwatch *w, const char *const *paths, size_t n)
{
	struct follow_path *v = xcalloc(n, sizeof(*v));

	release(w);
	w->v = xcalloc(n, sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		w->v[i] =
		    (struct pid_file){.watch = w, .index = i, .path = paths[i]};
		v[i] = (struct follow_path){.path = paths[i], .content = true};
	}
	follow_set(w->follow, v, n);
	free(v);
}

void
pidwatch_close(struct pidwatch *w)
{
	release(w);
	follow_close(w->follow);
	free(w);
}
