/* SPDX-License-Identifier: ISC */
/*
 *   RECORDING ──written──► RECORDING
 *       │ ▲ not written, or too much of it
 *       ▼ │
 *     LOSING    nothing is collected; tried again after a while, a day that
 *               is too large not before midnight
 *
 * Invariant: the thread has `chunk`, `name` and the results to itself while
 * `working`; the loop has them otherwise.
 */
#include "daemon/journal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"

#define ALARM "journal"
/* Collected while the disk takes nothing. */
#define BUFFER_MAX  ((size_t)16 << 20)
#define ALIVE       dur_s(60)
#define RETRY       dur_s(10)
#define PRUNE       dur_s(3600)
#define LAST_CHANCE 100 /* times 10 ms, for a thread at the end */

struct journal {
	struct conf_journal conf;
	char *directory;                 /* owned */
	struct mono alive, prune, retry; /* when due next */
	char name[JOURNAL_NAME_MAX];     /* of the day that is collected */
	uint64_t generation;             /* of the last configuration */
	bool full;                       /* this day is too large */

	uv_work_t work;
	bool working;
	atomic_bool done;  /* the thread is, whatever the loop knows */
	struct text chunk; /* owned; being written */
	char chunk_name[JOURNAL_NAME_MAX];
	bool chunk_prune;
	uint64_t total; /* octets of the file */
	int error;
};

/* ---- in the thread ---- */

static void
write_chunk(struct journal *j)
{
	j->error = journal_file_append(j->directory, j->chunk_name, &j->chunk,
				       &j->total);
	if (j->chunk_prune && j->error == 0)
		j->error = journal_file_prune(j->directory, wall_now(),
					      j->conf.keep, j->conf.size);
}

static void
in_thread(uv_work_t *work)
{
	struct journal *j = ((struct basin *)work->data)->journal;

	write_chunk(j);
	atomic_store(&j->done, true);
}

/* ---- on the loop ---- */

static void
say_error(struct basin *b, int error)
{
	char why[160];

	snprintf(why, sizeof(why),
		 "cannot be written in %.80s: %s; what happens is not recorded",
		 b->journal->directory, strerror(-error));
	basin_alarm(b, ALARM, why, true);
}

static void
settle(struct basin *b)
{
	struct journal *j = b->journal;

	text_free(&j->chunk);
	j->working = false;
	j->full = j->error == 0 && j->total > j->conf.size;
	if (b->phase == BASIN_STOPPING)
		return;
	if (j->error != 0)
		say_error(b, j->error);
	else
		basin_alarm(b, ALARM,
			    j->full ? "this day's file is larger than "
				      "journal.size: nothing more is recorded "
				      "before midnight (UTC)"
				    : "is written",
			    j->full);
	if ((j->error != 0 || j->full) && b->record)
		journal_record_lose(b->record);
	if (j->error != 0)
		j->retry = mono_add(mono_now(), RETRY);
}

static void
on_written(uv_work_t *work, int status)
{
	settle(work->data);
}

/* What was collected goes to the thread. */
static void
hand_over(struct basin *b, struct mono now)
{
	struct journal *j = b->journal;

	if (journal_record_size(b->record) == 0)
		return;
	j->chunk = journal_record_take(b->record);
	memcpy(j->chunk_name, j->name, sizeof(j->name));
	j->chunk_prune = mono_reached(j->prune, now);
	if (j->chunk_prune)
		j->prune = mono_add(now, PRUNE);
	j->work.data = b;
	atomic_store(&j->done, false);
	j->working =
	    uv_queue_work(&b->loop, &j->work, in_thread, on_written) == 0;
}

/* A new day has a file of its own, which one can read without the others. */
static void
turn_over(struct basin *b, struct mono now, struct wall wall)
{
	struct journal *j = b->journal;

	if (!journal_file_over(j->name, wall))
		return;
	journal_record_close(b->record);
	hand_over(b, now);
	journal_file_name(wall, j->name, sizeof(j->name));
	j->full = false;
	j->prune = now;
	journal_record_resume(b->record, b->avail, now, wall);
}

void
journal_second(struct basin *b)
{
	struct journal *j = b->journal;
	struct mono now = mono_now();
	struct wall wall = wall_now();

	if (!b->record || j->working)
		return;
	turn_over(b, now, wall);
	if (j->working)
		return;
	if (mono_reached(j->alive, now)) {
		j->alive = mono_add(now, ALIVE);
		journal_record_alive(b->record, now, wall);
	}
	if (journal_record_lost(b->record) > 0 && !j->full &&
	    mono_reached(j->retry, now))
		journal_record_resume(b->record, b->avail, now, wall);
	hand_over(b, now);
}

void
journal_decided(struct basin *b, const struct avail_change *c)
{
	if (b->record)
		journal_record_decision(b->record, c);
}

/* ---- life ---- */

static void
begin(struct basin *b, struct mono now)
{
	struct journal *j = b->journal;
	struct text path = {0};

	if (!j) {
		j = b->journal = xcalloc(1, sizeof(*j));
		text_addf(&path, "%s/" JOURNAL_DIRECTORY,
			  b->conf->state_directory);
		j->directory = path.s;
	}
	b->record = journal_record_new(BUFFER_MAX);
	j->alive = mono_add(now, ALIVE);
	j->prune = j->retry = now;
	j->full = false;
	journal_file_name(wall_now(), j->name, sizeof(j->name));
}

/* The setting says off: what was collected is dropped with the rest. */
static void
end(struct basin *b)
{
	if (!b->record)
		return;
	journal_record_free(b->record);
	b->record = NULL;
	basin_alarm(b, ALARM, "is switched off", false);
}

void
journal_configure(struct basin *b, struct mono now)
{
	const struct conf_journal *conf = &b->conf->journal;
	struct journal_setup *setup;
	struct journal *j;
	bool fresh;

	if (!conf->enabled) {
		end(b);
		return;
	}
	fresh = !b->record;
	if (fresh)
		begin(b, now);
	j = b->journal;
	j->conf = *conf;
	j->full = j->full && j->total > conf->size;
	setup = journal_setup_of(b->conf);
	setup->generation = ++j->generation;
	if (fresh && (b->phase == BASIN_RUNNING || b->upgraded.taken_over)) {
		journal_record_join(b->record, setup, b->avail, now,
				    wall_now());
		return;
	}
	if (fresh)
		journal_record_start(b->record, b->conf->node.name,
				     BASIN_VERSION, now, wall_now());
	journal_record_configuration(b->record, setup, now);
}

void
journal_wait(struct basin *b)
{
	struct journal *j = b->journal;

	if (!j || !j->working)
		return;
	for (int i = 0; !atomic_load(&j->done) && i < LAST_CHANCE; i++)
		usleep(10000);
	if (atomic_load(&j->done))
		return;
	log_error(&b->log, "journal",
		  "the disk of %s does not answer: leaving without what was "
		  "recorded last",
		  j->directory);
	_exit(b->exit_code);
}

void
journal_free(struct basin *b)
{
	struct journal *j = b->journal;

	if (!j)
		return;
	if (b->record && journal_record_size(b->record) > 0) {
		j->chunk = journal_record_take(b->record);
		memcpy(j->chunk_name, j->name, sizeof(j->name));
		j->chunk_prune = false;
		write_chunk(j);
		text_free(&j->chunk);
	}
	journal_record_free(b->record);
	free(j->directory);
	free(j);
	b->journal = NULL;
}
