/* SPDX-License-Identifier: ISC */
/* A file of this node, looked at by a thread: its file system may hang. */
#include "check/kind.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/file_judge.h"
#include "check/look.h"

struct job {
	struct look_job look; /* first */
	struct conf_file conf;
	struct file_age seen;
};

struct run {
	struct look_run look; /* first */
	struct file_age seen;
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

	file_judge(&job->conf, &job->seen, wall_now(), mono_now(),
		   &job->look.judgement);
}

static void
learned(struct check *check, const struct look_job *job)
{
	struct run *run = check_run(check);

	run->seen = ((const struct job *)job)->seen;
}

static void
start(struct check *check)
{
	const struct conf_file *conf = &check_conf(check)->file;
	const struct run *run = check_run(check);
	struct job *job = xcalloc(1, sizeof(*job));

	job->look.learned = learned;
	job->seen = run->seen;
	job->conf = *conf;
	job->conf.path = copy(conf->path);
	job->conf.content = copy(conf->content);
	job->conf.regex = copy(conf->regex);
	look_start(check, look, free_job, &job->look);
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
    .cancel = look_cancel,
    .destroy = look_destroy,
    .waits_for = waits_for,
};
