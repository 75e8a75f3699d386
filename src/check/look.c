/* SPDX-License-Identifier: ISC */
/*
 *   start --thread--> LOOKING --done--> done
 *
 * A thread that outlives its run is kept until it is done: there is never
 * more than one per check.
 */
#include "check/look.h"

/* The thread stays: look_destroy() or the next run drops it. */
void
look_cancel(struct check *check)
{
	struct look_run *run = check_run(check);

	io_forget(check_io(check), &run->watch);
	run->watch.fd = -1;
}

void
look_destroy(struct check *check)
{
	struct look_run *run = check_run(check);

	aside_drop(run->aside);
	run->aside = NULL;
}

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct check *check = watch->arg;
	struct look_run *run = check_run(check);
	const struct look_job *job = aside_done(run->aside);
	struct judgement j;

	if (!job)
		return;
	j = job->judgement;
	if (job->learned)
		job->learned(check, job);
	look_cancel(check);
	look_destroy(check);
	check_done(check, j.verdict, j.cause, "%s", j.detail);
}

void
look_start(struct check *check, void (*work)(void *job),
	   void (*free_job)(void *job), struct look_job *job)
{
	struct look_run *run = check_run(check);

	if (run->aside && !aside_done(run->aside)) {
		free_job(job);
		check_done(check, CHECK_FAIL, CHECK_CAUSE_TIMEOUT,
			   "the run before still waits for it");
		return;
	}
	look_destroy(check);
	run->aside = aside_start(work, free_job, job);
	if (run->aside) {
		run->watch =
		    (struct io_watch){aside_fd(run->aside), 0, on_ready, check};
		if (io_want(check_io(check), &run->watch, IO_READ) == 0)
			return;
		look_cancel(check);
	} else {
		free_job(job);
	}
	check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
		   "no thread could be started to look");
}
