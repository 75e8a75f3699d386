/* SPDX-License-Identifier: ISC */
/*
 * A file of this node, looked at by a thread: its file system may hang.
 *
 *   start --thread--> LOOKING --done--> done
 *
 * A thread that outlives its run is kept until it is done: there is never
 * more than one per check.
 */
#include "check/kind.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/aside.h"
#include "check/file_judge.h"
#include "check/io.h"

/* Everything copied: the configuration may go while the thread hangs. */
struct job {
	struct conf_file conf;
	struct judgement judgement;
};

struct run {
	struct io_watch watch; /* of the thread's descriptor, not owned */
	struct aside *aside;   /* owned */
};

static char *
copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void
free_job(void *arg)
{
	struct job *job = arg;

	free((char *)job->conf.path);
	free((char *)job->conf.content);
	free((char *)job->conf.regex);
	free(job);
}

static void
look(void *arg)
{
	struct job *job = arg;

	file_judge(&job->conf, wall_now(), &job->judgement);
}

/* The thread stays: destroy() or the next run drops it. */
static void
cancel(struct check *check)
{
	struct run *run = check_run(check);

	io_forget(check_io(check), &run->watch);
	run->watch.fd = -1;
}

static void
destroy(struct check *check)
{
	struct run *run = check_run(check);

	aside_drop(run->aside);
	run->aside = NULL;
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct job *job = aside_done(((struct run *)check_run(check))->aside);
	struct judgement j;

	if (!job)
		return;
	j = job->judgement;
	cancel(check);
	destroy(check);
	check_done(check, j.verdict, j.cause, "%s", j.detail);
}

static bool
start_thread(struct check *check)
{
	const struct conf_file *conf = &check_conf(check)->file;
	struct run *run = check_run(check);
	struct job *job = xcalloc(1, sizeof(*job));

	job->conf = *conf;
	job->conf.path = copy(conf->path);
	job->conf.content = copy(conf->content);
	job->conf.regex = copy(conf->regex);
	run->aside = aside_start(look, free_job, job);
	if (run->aside)
		return true;
	free_job(job);
	return false;
}

static void
start(struct check *check)
{
	struct run *run = check_run(check);

	if (run->aside && !aside_done(run->aside)) {
		check_done(check, CHECK_FAIL, CHECK_CAUSE_TIMEOUT,
			   "the run before is still at the file");
		return;
	}
	destroy(check);
	if (start_thread(check)) {
		run->watch =
		    (struct io_watch){aside_fd(run->aside), 0, on_ready, check};
		if (io_want(check_io(check), &run->watch, IO_READ) == 0)
			return;
		cancel(check);
	}
	check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
		   "no thread to look at the file");
}

static const char *
waits_for(struct check *check, char *buf)
{
	const char *path = check_conf(check)->file.path;

	return text_escape(path, strlen(path), buf, 120);
}

const struct check_kind check_file_kind = {
    .name = "file",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = cancel,
    .destroy = destroy,
    .waits_for = waits_for,
};
