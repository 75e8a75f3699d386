/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ribs_plan.h"
#include "sim/ribs_slice.h"

#define HEADER     "asn,prefix,as_path\n"
#define SLICE_ROWS 16384 /* less than a MiB of text */
#define SLICES     2     /* in memory, for each thread */

struct run {
	const struct sim_ribs *what;
	struct ribs_plan plan;
	unsigned threads;
	struct ribs_press **presses; /* owned; one a thread */
	/* The range: `n` places from `first` of plan.ids on. */
	uint32_t first, n;
	uint32_t slice_ases;       /* in one slice */
	struct ribs_slice *slices; /* owned */
	uint32_t n_slices;
	uint32_t first_slice;      /* in memory, of the range */
	struct ribs_slice written; /* counts of all */
};

static bool
stopped(const struct run *run)
{
	return run->what->stop && run->what->stop(run->what->arg);
}

/* ---- paths ---- */

static int
propagate(void *ctx, struct sim_worker *w, size_t group)
{
	struct run *run = ctx;
	struct ribs_plan *plan = &run->plan;
	int err;

	if (stopped(run))
		return -ECANCELED;
	err = sim_run(w->engine, run->what->policy, plan->announcements[group],
		      plan->n_announcements[group], &w->result);
	if (!err)
		ribs_hops_set(&plan->hops, (uint32_t)group, run->what->graph,
			      &w->result);
	return err;
}

/* As Python writes a tuple: "(1, 2)", "(1,)". */
static void
add_path(struct text *out, const uint32_t *path, size_t n)
{
	text_add_n(out, "(", 1);
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_add_n(out, ", ", 2);
		text_add_number(out, path[i], 1);
	}
	if (n == 1)
		text_add_n(out, ",", 1);
	text_add_n(out, ")", 1);
}

/* The paths of one group. */
static int
gather(void *ctx, struct sim_worker *w, size_t group)
{
	struct run *run = ctx;
	struct ribs_paths *paths = &run->plan.paths[group];
	uint32_t path[SIM_PATH_MAX + 1];

	(void)w;
	if (stopped(run))
		return -ECANCELED;
	text_clear(&paths->text);
	for (uint32_t i = 0; i < run->n; i++) {
		size_t n = ribs_hops_path(&run->plan.hops, (uint32_t)group,
					  run->what->graph,
					  run->plan.ids[run->first + i], path);

		if (n)
			add_path(&paths->text, path, n);
		paths->end[i] = (uint32_t)paths->text.len;
	}
	return 0;
}

/* ---- writing ---- */

static int
make_slice(void *ctx, struct sim_worker *w, size_t i)
{
	struct run *run = ctx;
	uint32_t first = (run->first_slice + (uint32_t)i) * run->slice_ases;
	uint32_t n = run->n - first;

	if (stopped(run))
		return -ECANCELED;
	ribs_slice(run->presses[w->number], &run->plan,
		   run->plan.ids + run->first, run->what->graph, first,
		   n < run->slice_ases ? n : run->slice_ases, &run->slices[i]);
	return 0;
}

static int
write_slice(struct run *run, const struct ribs_slice *slice)
{
	ribs_slice_count(&run->written, slice);
	if (slice->out.len == 0)
		return 0;
	return run->what->write(run->what->arg, slice->out.s, slice->out.len);
}

static void
tell_progress(const struct run *run)
{
	uint32_t done = run->first_slice * run->slice_ases;

	if (done > run->n)
		done = run->n;
	if (run->what->progress)
		run->what->progress(run->what->arg, run->first + done,
				    run->plan.n_ids);
}

static int
write_range(struct run *run)
{
	uint32_t all = (run->n + run->slice_ases - 1) / run->slice_ases;
	int err = 0;

	for (run->first_slice = 0; run->first_slice < all && !err;) {
		uint32_t n = all - run->first_slice;

		if (n > run->n_slices)
			n = run->n_slices;
		err = sim_each(NULL, run->threads, n, make_slice, run);
		for (uint32_t i = 0; i < n && !err; i++)
			err = write_slice(run, &run->slices[i]);
		run->first_slice += n;
		tell_progress(run);
	}
	return err;
}

static int
write_all(struct run *run)
{
	struct text text = {0};
	int err = 0;

	if (run->what->gzip)
		ribs_slice_head(&text);
	if (text.len)
		err = run->what->write(run->what->arg, text.s, text.len);
	for (run->first = 0; run->first < run->plan.n_ids && !err;
	     run->first += run->n) {
		run->n = run->plan.n_ids - run->first;
		if (run->n > run->plan.range)
			run->n = run->plan.range;
		err = sim_each(NULL, run->threads, run->plan.n_groups, gather,
			       run);
		if (!err)
			err = write_range(run);
	}
	/* Letters stand behind digits, also here. */
	ribs_slice_text(run->presses[0], HEADER, strlen(HEADER),
			&run->slices[0]);
	if (!err)
		err = write_slice(run, &run->slices[0]);
	text_clear(&text);
	ribs_slice_end(&run->written, &text);
	if (!err && run->what->gzip)
		err = run->what->write(run->what->arg, text.s, text.len);
	text_free(&text);
	return err;
}

/* ---- all of it ---- */

static void
begin(struct run *run)
{
	run->threads = sim_threads(run->what->threads);
	run->presses = xcalloc(run->threads, sizeof(struct ribs_press *));
	for (unsigned i = 0; i < run->threads; i++)
		run->presses[i] = ribs_press_new(run->what->gzip);
	run->n_slices = run->threads * SLICES;
	run->slices = xcalloc(run->n_slices, sizeof(*run->slices));
	run->slice_ases = SLICE_ROWS / run->plan.n_prefixes;
	if (run->slice_ases == 0)
		run->slice_ases = 1;
}

static void
end(struct run *run)
{
	for (unsigned i = 0; i < run->threads; i++)
		ribs_press_free(run->presses[i]);
	for (uint32_t i = 0; i < run->n_slices; i++)
		text_free(&run->slices[i].out);
	free(run->presses);
	free(run->slices);
}

int
sim_ribs(const struct sim_ribs *what, struct text *messages)
{
	struct run run = {.what = what};
	int err = ribs_plan(what, &run.plan, messages);

	if (!err) {
		begin(&run);
		err = sim_each(what->graph, run.threads, run.plan.n_groups,
			       propagate, &run);
		if (!err)
			err = write_all(&run);
		end(&run);
	}
	ribs_plan_free(&run.plan);
	return err;
}
