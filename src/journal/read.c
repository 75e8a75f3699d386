/* SPDX-License-Identifier: ISC */
/*
 * From lines to entries. Runs become one entry at their first result, with
 * their number and last result; one that a crash left open ends where the
 * recording does, with as many results as its interval makes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/read.h"

#define FILE_MAX (UINT64_C(1) << 30)

struct journal_entry *
read_entry(struct reader *r, enum journal_kind kind, struct mono at)
{
	struct journal_day *d = r->day;
	struct journal_entry *e;

	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 256;
		d->v = xrealloc(d->v, d->cap, sizeof(*d->v));
	}
	e = &d->v[d->n++];
	memset(e, 0, sizeof(*e));
	e->at = at;
	e->kind = (uint8_t)kind;
	e->cause = UINT32_MAX;
	return e;
}

/* ---- runs ---- */

/* Ends a run whose end was not written. */
static void
guess_end(struct reader *r, size_t check)
{
	struct journal_entry *e = &r->day->v[r->open[check]];
	int64_t interval = r->setup->checks[check].interval.ns;

	r->open[check] = READ_NO_RUN;
	if (interval > 0)
		e->count += (uint64_t)((r->now.ns - e->at.ns) / interval);
	e->last = mono_add(e->at, dur_ns((int64_t)(e->count - 1) * interval));
}

static void
guess_all(struct reader *r)
{
	for (size_t i = 0; r->setup && i < r->setup->n_checks; i++)
		if (r->open[i] != READ_NO_RUN)
			guess_end(r, i);
}

/* ---- the frame ---- */

static const char *
keep(struct reader *r, struct line_word w)
{
	char *copy = arena_alloc(&r->day->arena, w.n + 1);

	if (w.n > 0)
		memcpy(copy, w.s, w.n);
	return copy;
}

static void
read_clock(struct reader *r, struct mono at)
{
	struct line_word w = line_take(&r->l);
	char text[40] = "";
	struct wall wall = {0};

	if (w.n < sizeof(text) && w.n > 0)
		memcpy(text, w.s, w.n);
	if (wall_parse(text, &wall) != 0)
		line_expected(&r->l, "a time such as 2026-11-22T10:30:05.250Z",
			      w);
	read_entry(r, JOURNAL_CLOCK, at)->wall = wall;
}

static void
read_stalled(struct reader *r, struct mono at)
{
	struct mono since = line_time(&r->l, "since when");

	if (mono_before(at, since))
		line_fail(&r->l, "the stall begins behind its end");
	read_entry(r, JOURNAL_STALLED, at)->until = since;
}

/* Nothing that stood is known behind this. */
static void
begin_again(struct reader *r)
{
	guess_all(r);
	free(r->open);
	r->open = NULL;
	r->setup = NULL;
	r->based = true;
}

static void
read_start(struct reader *r, struct mono at)
{
	struct line_word name;

	line_take(&r->l); /* the version: for people */
	name = line_rest(&r->l, "the node's name");
	begin_again(r);
	read_entry(r, JOURNAL_START, at)->node = keep(r, name);
}

static void
read_configuration(struct reader *r, struct mono at)
{
	uint64_t generation = line_number(&r->l, "generation", UINT64_MAX);

	if (!r->based) {
		line_fail(&r->l, "expected start or resumed before this");
		return;
	}
	guess_all(r);
	r->setup = NULL;
	r->being_read = xcalloc(1, sizeof(*r->being_read));
	r->being_read->generation = generation;
	read_entry(r, JOURNAL_CONFIGURATION, at)->setup = r->being_read;
}

/* A line of the configuration that is being read. */
static void
read_setup(struct reader *r)
{
	struct line_word w = line_take(&r->l);

	if (line_setup(&r->l, w, r->being_read))
		return;
	if (!line_is(w, "end")) {
		line_expected(&r->l, "service, check, prefix or end", w);
		return;
	}
	r->setup = r->being_read;
	r->being_read = NULL;
	free(r->open);
	r->open = xcalloc(r->setup->n_checks + 1, sizeof(*r->open));
	for (size_t i = 0; i < r->setup->n_checks; i++)
		r->open[i] = READ_NO_RUN;
}

/* ---- one line ---- */

static bool
read_frame(struct reader *r, struct line_word w, struct mono at)
{
	if (line_is(w, "clock")) {
		read_clock(r, at);
	} else if (line_is(w, "start")) {
		read_start(r, at);
	} else if (line_is(w, "resumed")) {
		begin_again(r);
		read_entry(r, JOURNAL_RESUME, at);
	} else if (line_is(w, "configuration")) {
		read_configuration(r, at);
	} else if (line_is(w, "alive")) {
		read_entry(r, JOURNAL_ALIVE, at);
	} else if (line_is(w, "tick")) {
		read_entry(r, JOURNAL_TICK, at);
	} else if (line_is(w, "stop")) {
		read_entry(r, JOURNAL_STOP, at);
	} else if (line_is(w, "stalled")) {
		read_stalled(r, at);
	} else if (line_is(w, "lost")) {
		guess_all(r);
		read_entry(r, JOURNAL_LOST, at)->n =
		    line_number(&r->l, "lines", UINT64_MAX);
	} else {
		return false;
	}
	return true;
}

/*
 * The end of a run stands where it was written, with the time of its last
 * result; a decision with its own.
 */
static bool
may_be_late(const struct line *l, struct line_word w)
{
	return line_is(w, "start") || line_is(w, "decided") ||
	       memchr(l->s, '=', l->n) != NULL;
}

static void
read_timed(struct reader *r)
{
	struct mono at = line_time(&r->l, "a time");
	struct line_word w = line_take(&r->l);

	if (r->l.bad)
		return;
	if (mono_is_never(at)) {
		line_fail(&r->l, "expected a time, found never");
		return;
	}
	if (mono_before(at, r->now) && !may_be_late(&r->l, w)) {
		line_fail(&r->l, "time goes back");
		return;
	}
	if (!read_frame(r, w, at)) {
		if (!r->setup)
			line_fail(&r->l, "expected a configuration before "
					 "this");
		else if (!read_input(r, w, at))
			line_expected(&r->l, "a word of this version", w);
	}
	if (line_is(w, "start") || mono_before(r->now, at))
		r->now = at;
}

static void
read_header(struct reader *r)
{
	struct line_word w = line_take(&r->l);
	uint64_t version;

	if (!line_is(w, "basin-journal")) {
		line_expected(&r->l, "basin-journal", w);
		return;
	}
	version = line_number(&r->l, "version", UINT32_MAX);
	if (!r->l.bad && version != JOURNAL_VERSION)
		line_fail(&r->l,
			  "the journal has version %llu, this program reads "
			  "version %d",
			  (unsigned long long)version, JOURNAL_VERSION);
}

static void
read_line(struct reader *r, const char *s, size_t n)
{
	r->l.s = s;
	r->l.n = n;
	r->l.number++;
	if (memchr(s, '\0', n))
		line_fail(&r->l, "expected text, found a zero octet");
	else if (r->l.number == 1)
		read_header(r);
	else if (r->being_read)
		read_setup(r);
	else
		read_timed(r);
	line_end(&r->l);
}

/* A configuration that a crash cut off is none. */
static void
drop_half(struct reader *r)
{
	if (!r->being_read)
		return;
	journal_setup_free(r->being_read);
	r->day->n--;
}

int
journal_read_text(const char *path, const char *text, size_t n,
		  struct journal_day **out, struct text *why)
{
	struct reader r = {.l = {.path = path, .why = why}};
	const char *end;

	*out = NULL;
	r.day = xcalloc(1, sizeof(*r.day));
	while (!r.l.bad && n > 0 && (end = memchr(text, '\n', n)) != NULL) {
		read_line(&r, text, (size_t)(end - text));
		n -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	if (!r.l.bad && r.l.number == 0)
		line_fail(&r.l, "expected basin-journal, found nothing");
	if (!r.l.bad) {
		drop_half(&r);
		guess_all(&r);
		*out = r.day;
	} else {
		journal_day_free(r.day);
	}
	free(r.open);
	return r.l.bad ? -EINVAL : 0;
}

/* Not mapped: the daemon may cut the file meanwhile. */
static int
read_all(int fd, size_t size, char **out, size_t *n)
{
	*out = xrealloc(NULL, size + 1, 1);
	*n = 0;
	while (*n < size) {
		ssize_t got = read(fd, *out + *n, size - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return 0;
}

static int
read_fd(const char *path, int fd, struct journal_day **out, struct text *why)
{
	struct stat st;
	char *text;
	size_t n;
	int error;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FILE_MAX)
		return -EFBIG;
	error = read_all(fd, (size_t)st.st_size, &text, &n);
	if (error == 0)
		error = journal_read_text(path, text, n, out, why);
	free(text);
	return error;
}

int
journal_read(const char *path, struct journal_day **out, struct text *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error;

	*out = NULL;
	if (fd < 0) {
		error = -errno;
	} else {
		error = read_fd(path, fd, out, why);
		close(fd);
	}
	if (error == -EFBIG)
		text_addf(why, "%s: is no journal: not a file below 1 GiB\n",
			  path);
	else if (error != 0 && error != -EINVAL)
		text_addf(why, "%s: %s\n", path, strerror(-error));
	return error;
}

void
journal_day_free(struct journal_day *day)
{
	if (!day)
		return;
	for (size_t i = 0; i < day->n; i++)
		if (day->v[i].kind == JOURNAL_CONFIGURATION)
			journal_setup_free(day->v[i].setup);
	arena_free(&day->arena);
	free(day->v);
	free(day);
}
