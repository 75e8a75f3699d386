/* SPDX-License-Identifier: ISC */
/*
 * Processes by name: there while one of them lives.
 *
 *   last held one ends ──► look at new numbers ──► another | gone, scan all
 *   gone ──► every 100 ms: new numbers; every 2 s: all of /proc
 *
 * Each process of a name is held by pidfd, so its end is told at once and its
 * number cannot come to mean another. The kernel does not tell unprivileged
 * programs of new ones, but /proc/loadavg names the newest number: while that
 * stands still nothing has started, and else only the numbers since are
 * looked at. Those of the last seconds are looked at again, for a process has
 * its parent's name until it executes its own.
 *
 * Invariant: gone is told only when all numbers since the last full scan have
 * been looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/pidfd.h"
#include "sys/sight.h"
#include "sys/sys.h"

#define TURN_MS 100
/* Turns between full scans: while a name is gone, and while all are there. */
#define SCAN_GONE  20
#define SCAN_THERE 100
/* Turns that numbers are looked at again for. */
#define AGAIN 20
/* Entries of /proc in one turn of the loop. */
#define STEP 256
/* Numbers looked at one by one; beyond, reading the directory is cheaper. */
#define RANGE_MAX 2048
/* TASK_COMM_LEN without its end. */
#define COMM_MAX 15

struct held {
	struct named *name;
	struct pidfd *pidfd;
	struct held *next;
};

struct named {
	struct procwatch *watch;
	size_t index;
	const char *text; /* borrowed */
	struct held *held;
	int error;  /* of holding one */
	int failed; /* likewise, in the running scan */
	struct sight sight;
};

struct procwatch {
	uv_loop_t *loop;
	struct named *v; /* owned */
	size_t n;
	sys_sighted *report;
	void *arg;
	uv_timer_t timer;
	DIR *scan; /* one that is running */
	int error; /* of the last scan: nothing is known */
	unsigned turn;
	long looked;        /* numbers up to here were scanned */
	long begun;         /* newest when the running scan began */
	long mark, pending; /* newest numbers some turns ago */
};

/* ---- what a process is called ---- */

struct identity {
	char comm[COMM_MAX + 2];
	char exe[256], word[256]; /* base names, "" when not readable */
};

static ssize_t
read_small(long pid, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

static void
base_name(char *out, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t n = strnlen(base, size - 1);

	memcpy(out, base, n);
	out[n] = '\0';
}

/* Of others' processes only root may read it. */
static void
read_exe(long pid, struct identity *out)
{
	static const char deleted[] = " (deleted)";
	char path[64], target[4096];
	size_t end = sizeof(deleted) - 1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	if (n > (ssize_t)end && strcmp(target + n - end, deleted) == 0)
		target[n - (ssize_t)end] = '\0';
	base_name(out->exe, sizeof(out->exe), target);
}

static bool
identify(long pid, struct identity *out)
{
	if (read_small(pid, "comm", out->comm, sizeof(out->comm)) <= 0)
		return false;
	out->comm[strcspn(out->comm, "\n")] = '\0';
	read_exe(pid, out);
	out->word[0] = '\0';
	/* The kernel's name is cut: the first word tells the rest. */
	if (strlen(out->comm) == COMM_MAX) {
		char line[256];

		read_small(pid, "cmdline", line, sizeof(line));
		base_name(out->word, sizeof(out->word), line);
	}
	return true;
}

static bool
is_called(const struct identity *id, const char *name)
{
	if (strcmp(id->exe, name) == 0)
		return true;
	if (strlen(name) <= COMM_MAX)
		return strcmp(id->comm, name) == 0;
	return strncmp(id->comm, name, COMM_MAX) == 0 &&
	       strcmp(id->word, name) == 0;
}

/* ---- holding ---- */

static void tell(struct named *n, bool event);
static void look_at_new(struct procwatch *w);
static void scan_soon(struct procwatch *w);

static void
drop(struct held **at)
{
	struct held *h = *at;

	*at = h->next;
	pidfd_drop(h->pidfd);
	free(h);
}

static void
on_ended(void *arg, struct pidfd *p)
{
	struct held *h = arg, **at = &h->name->held;
	struct named *n = h->name;

	while (*at != h)
		at = &(*at)->next;
	drop(at);
	if (n->held)
		return;
	look_at_new(n->watch);
	tell(n, true);
	scan_soon(n->watch);
}

static bool
is_held(const struct named *n, long pid)
{
	for (const struct held *h = n->held; h; h = h->next)
		if (pidfd_pid(h->pidfd) == pid)
			return true;
	return false;
}

/* The name is read again once the number cannot change its meaning. */
static void
hold(struct named *n, long pid)
{
	struct held *h = xcalloc(1, sizeof(*h));
	struct identity id;
	int error;

	h->name = n;
	h->pidfd = pidfd_hold(n->watch->loop, (pid_t)pid, on_ended, h, &error);
	if (h->pidfd && identify(pid, &id) && is_called(&id, n->text)) {
		h->next = n->held;
		n->held = h;
		n->error = 0;
		return;
	}
	if (h->pidfd)
		pidfd_drop(h->pidfd);
	else if (error != -ESRCH)
		n->error = n->failed = error;
	free(h);
}

static void
consider(struct procwatch *w, long pid)
{
	struct identity id;

	if (!identify(pid, &id))
		return;
	for (size_t i = 0; i < w->n; i++)
		if (is_called(&id, w->v[i].text) && !is_held(&w->v[i], pid))
			hold(&w->v[i], pid);
}

/* One that has executed something else is not the service any more. */
static void
verify(struct named *n)
{
	struct held **at = &n->held;
	struct identity id;

	while (*at) {
		long pid = pidfd_pid((*at)->pidfd);

		if (identify(pid, &id) && !is_called(&id, n->text))
			drop(at);
		else
			at = &(*at)->next;
	}
}

/* ---- telling ---- */

/* proc(5): with hidepid there are no processes but one's own. */
static bool
are_hidden(void)
{
	char comm[COMM_MAX + 2];

	return read_small(1, "comm", comm, sizeof(comm)) <= 0;
}

static void
tell(struct named *n, bool event)
{
	struct procwatch *w = n->watch;
	enum sys_presence presence = n->held ? SYS_PRESENT : SYS_GONE;
	int error = 0;

	if (!n->held && n->error != 0) {
		presence = SYS_UNKNOWN;
		error = n->error;
	} else if (!n->held && w->error != 0 &&
		   n->sight.presence != SYS_PRESENT) {
		presence = SYS_UNKNOWN;
		error = w->error;
	} else if (!n->held && n->sight.presence != SYS_PRESENT &&
		   are_hidden()) {
		presence = SYS_UNKNOWN;
		error = -EACCES;
	}
	sight_tell(&n->sight, presence, error, event, w->report, w->arg,
		   n->index);
}

static void
tell_all(struct procwatch *w, bool event)
{
	for (size_t i = 0; i < w->n; i++)
		tell(&w->v[i], event);
}

/* ---- looking ---- */

/* The newest number there is, 0 when the kernel does not say. */
static long
newest(void)
{
	char text[128], *last;
	int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	last = strrchr(text, ' ');
	return last ? strtol(last, NULL, 10) : 0;
}

/* Only now it is known what is not there. */
static void
scan_end(struct procwatch *w)
{
	w->looked = w->begun;
	w->error = 0;
	for (size_t i = 0; i < w->n; i++)
		w->v[i].error = w->v[i].failed;
}

/* False when it is over. */
static bool
scan_step(struct procwatch *w)
{
	struct dirent *e = NULL;

	for (int i = 0; i < STEP && (e = readdir(w->scan)); i++)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			consider(w, strtol(e->d_name, NULL, 10));
	if (e)
		return true;
	closedir(w->scan);
	w->scan = NULL;
	scan_end(w);
	return false;
}

static void
scan_begin(struct procwatch *w)
{
	if (w->scan)
		closedir(w->scan);
	for (size_t i = 0; i < w->n; i++) {
		w->v[i].failed = 0;
		verify(&w->v[i]);
	}
	w->begun = newest();
	w->scan = opendir("/proc");
	if (!w->scan)
		w->error = -errno;
}

static void
scan_now(struct procwatch *w)
{
	scan_begin(w);
	while (w->scan && scan_step(w))
		;
}

/* All numbers given since the last scan. False: too many. */
static bool
look_since(struct procwatch *w, long last)
{
	long from = w->mark < w->looked ? w->mark : w->looked;

	if (last == 0 || from == 0 || last < from || last - from > RANGE_MAX)
		return false;
	for (long pid = from + 1; pid <= last; pid++)
		consider(w, pid);
	return true;
}

static void
look_at_new(struct procwatch *w)
{
	if (!look_since(w, newest()))
		scan_now(w);
}

static bool
all_present(const struct procwatch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].held)
			return false;
	return true;
}

/* Numbers between `mark` and now are looked at again. */
static void
move_mark(struct procwatch *w)
{
	if (w->turn % AGAIN != 0)
		return;
	w->mark = w->pending;
	w->pending = newest();
}

static void
look_for_gone(struct procwatch *w)
{
	long last = newest();

	if (last != w->mark && !look_since(w, last) && !w->scan)
		scan_begin(w);
}

static void
on_turn(uv_timer_t *timer)
{
	struct procwatch *w = timer->data;
	bool gone = !all_present(w);

	w->turn++;
	if (!w->scan && w->turn % (gone ? SCAN_GONE : SCAN_THERE) == 0)
		scan_begin(w);
	if (w->scan)
		scan_step(w);
	if (gone)
		look_for_gone(w);
	move_mark(w);
	tell_all(w, false);
}

/* In the next turn: one that had another name so far may be there. */
static void
scan_soon(struct procwatch *w)
{
	w->turn += SCAN_GONE - 1 - w->turn % SCAN_GONE;
	uv_timer_start(&w->timer, on_turn, 1, TURN_MS);
}

/* ---- life ---- */

struct procwatch *
procwatch_new(uv_loop_t *loop, sys_sighted *report, void *arg)
{
	struct procwatch *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->report = report;
	w->arg = arg;
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	return w;
}

static void
release(struct procwatch *w)
{
	for (size_t i = 0; i < w->n; i++)
		while (w->v[i].held)
			drop(&w->v[i].held);
	free(w->v);
	w->v = NULL;
	w->n = 0;
	if (w->scan)
		closedir(w->scan);
	w->scan = NULL;
}

void
procwatch_set(struct procwatch *w, const char *const *names, size_t n)
{
	release(w);
	uv_timer_stop(&w->timer);
	w->v = xcalloc(n, sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++)
		w->v[i] =
		    (struct named){.watch = w, .index = i, .text = names[i]};
	if (n == 0)
		return;
	w->mark = w->pending = newest();
	scan_now(w);
	tell_all(w, true);
	uv_timer_start(&w->timer, on_turn, TURN_MS, TURN_MS);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
procwatch_close(struct procwatch *w)
{
	release(w);
	uv_close((uv_handle_t *)&w->timer, on_closed);
}
