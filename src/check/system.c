/* SPDX-License-Identifier: ISC */
/* Disk, memory and load of this node, measured by a thread. */
#include "check/kind.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "check/look.h"
#include "check/system_judge.h"

struct job {
	struct look_job look; /* first */
	struct conf_system conf;
};

static void
free_job(void *arg)
{
	struct job *job = arg;

	free((char *)job->conf.path);
	free(job);
}

static void
look(void *arg)
{
	struct job *job = arg;
	struct system_facts facts;

	system_judge_measure(&job->conf, "", &facts);
	system_judge(&job->conf, &facts, &job->look.judgement);
}

static void
start(struct check *check)
{
	const struct conf_system *conf = &check_conf(check)->system;
	struct job *job = xcalloc(1, sizeof(*job));

	job->conf = *conf;
	job->conf.path = xstrdup(conf->path);
	look_start(check, look, free_job, &job->look);
}

static const char *
waits_for(struct check *check, char *buf)
{
	snprintf(buf, CHECK_DETAIL_MAX, "measuring the node");
	return buf;
}

const struct check_kind check_system_kind = {
    .name = "system",
    .run_size = sizeof(struct look_run),
    .start = start,
    .cancel = look_cancel,
    .destroy = look_destroy,
    .waits_for = waits_for,
};
