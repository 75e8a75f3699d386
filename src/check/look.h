/* SPDX-License-Identifier: ISC */
/*
 * The runs of kinds that look at this node: a thread looks and judges, because
 * what it looks at may hang.
 */
#ifndef BASIN_CHECK_LOOK_H
#define BASIN_CHECK_LOOK_H

#include "check/aside.h"
#include "check/io.h"
#include "check/judgement.h"

/* The memory of such a kind's check. */
struct look_run {
	struct io_watch watch; /* of the thread's descriptor, not owned */
	struct aside *aside;   /* owned */
};

/* What the thread works on: its job begins with this. */
struct look_job {
	struct judgement judgement;
	/* Called on the loop when the thread is done in time; may be NULL. */
	void (*learned)(struct check *check, const struct look_job *job);
};

/*
 * Begins a run. `job` is made by the kind with copies of everything it needs:
 * the configuration may go while the thread hangs. Freed by free_job().
 */
void look_start(struct check *check, void (*work)(void *job),
		void (*free_job)(void *job), struct look_job *job);
/* The same for every kind: its `cancel` and `destroy`. */
void look_cancel(struct check *check);
void look_destroy(struct check *check);

#endif
