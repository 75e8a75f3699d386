/* SPDX-License-Identifier: ISC */
/*
 * One connection on a control socket.
 *
 *              line complete            answer written
 *   READING ──────────────► READY ──► WRITING ──────────► READING or READY
 *      │                     │  │      ▲   │
 *      │ too long, half      │  └──────┤   │ not read within WRITE_LIMIT
 *      ▼             monitor ▼ WAITING ┘   ▼
 *   LEAVING (error is     STREAMING     CLOSING ──► freed
 *   written, then closed)
 *
 * WAITING: the command answers later (ctl_later), when something is stored.
 *
 * Invariants: nothing is read while a request waits or an answer is not yet
 * taken, so a client costs at most one request and one answer; every state
 * but STREAMING and WAITING has a time limit; STREAMING is closed when
 * OUTPUT_MAX octets wait for the client. state is written in enter() only.
 */
#include "ctl/session.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/time.h"
#include "ctl/later.h"
#include "ctl/request.h"

#define OUTPUT_MAX (4 << 20) /* octets of events a slow reader may owe */

/* Of all sessions together: one costs up to 2 ms, a turn at most 5. */
#define REQUESTS_A_TURN 2

/* Limits in milliseconds: no byte at all, half a request, unread answer. */
#define IDLE_LIMIT  60000
#define HALF_LIMIT  10000
#define WRITE_LIMIT 30000

enum session_state {
	READING,
	READY,
	WAITING,
	WRITING,
	STREAMING,
	LEAVING,
	CLOSING,
};

struct session {
	TAILQ_ENTRY(session) link;
	struct listener *listener; /* borrowed */
	struct ctl *ctl;           /* borrowed */
	uv_pipe_t pipe;
	uv_timer_t timer;
	unsigned handles; /* of the two above, still open */
	enum session_state state;
	bool half; /* the timer runs for an unfinished line */
	struct ctl_caller caller;
	struct request_input input;
	struct ctl_later *later; /* borrowed; while WAITING */
};

struct output {
	uv_write_t write;
	struct session *session; /* borrowed: outlives its writes */
	char *octets;            /* owned */
};

static void watch_half(struct session *s);
static void on_timeout(uv_timer_t *timer);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct session *s = handle->data;

	*buf = uv_buf_init(s->ctl->scratch, sizeof(s->ctl->scratch));
}

static void
enter(struct session *s, enum session_state state)
{
	static const unsigned limits[] = {
	    [READING] = IDLE_LIMIT,  [READY] = 0,     [WAITING] = 0,
	    [WRITING] = WRITE_LIMIT, [STREAMING] = 0, [CLOSING] = 0,
	    [LEAVING] = WRITE_LIMIT,
	};

	s->ctl->streams -= s->state == STREAMING;
	s->ctl->streams += state == STREAMING;
	s->state = state;
	s->half = false;
	uv_timer_stop(&s->timer);
	if (limits[state] > 0)
		uv_timer_start(&s->timer, on_timeout, limits[state], 0);
}

/* ---- the end ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct session *s = handle->data;
	struct ctl *ctl = s->ctl;

	if (--s->handles == 0) {
		s->listener->clients--;
		request_free(&s->input);
		free(s);
	}
	ctl_handle_closed(ctl);
}

static void
session_close(struct session *s)
{
	if (s->state == CLOSING)
		return;
	enter(s, CLOSING);
	if (s->later)
		s->later->session = NULL;
	s->later = NULL;
	TAILQ_REMOVE(&s->ctl->sessions, s, link);
	uv_close((uv_handle_t *)&s->pipe, on_closed);
	uv_close((uv_handle_t *)&s->timer, on_closed);
}

/* ---- writing ---- */

/* What to do next when everything is written and nothing is wrong. */
static void
next(struct session *s)
{
	if (request_peek(&s->input) != REQUEST_NONE) {
		enter(s, READY);
		ctl_wake(s->ctl);
		return;
	}
	enter(s, READING);
	watch_half(s);
	if (uv_read_start((uv_stream_t *)&s->pipe, on_alloc, on_read))
		session_close(s);
}

static void
on_written(uv_write_t *write, int status)
{
	struct output *out = (struct output *)write;
	struct session *s = out->session;

	free(out->octets);
	free(out);
	if (s->state == CLOSING)
		return;
	if (status < 0 || s->state == LEAVING)
		session_close(s);
	else if (s->state == WRITING)
		next(s);
}

/* Takes over `octets`. False when it could not even be queued. */
static bool
send_octets(struct session *s, char *octets, size_t n)
{
	struct output *out = xcalloc(1, sizeof(*out));
	uv_buf_t buf = uv_buf_init(octets, (unsigned)n);

	out->session = s;
	out->octets = octets;
	if (uv_write(&out->write, (uv_stream_t *)&s->pipe, &buf, 1,
		     on_written) == 0)
		return true;
	free(out->octets);
	free(out);
	return false;
}

/* Writes an answer (taken over) and goes to `state` meanwhile. */
static void
answer(struct session *s, struct text *text, enum session_state state)
{
	enter(s, state);
	if (!send_octets(s, text->s, text->len))
		session_close(s);
	*text = (struct text){0};
}

static void
leave(struct session *s, enum ctl_error error, const char *message)
{
	struct text text = {0};

	uv_read_stop((uv_stream_t *)&s->pipe);
	request_refuse(error, message, &text);
	answer(s, &text, LEAVING);
}

static void
send_event(struct session *s, const char *line, size_t n)
{
	char *copy;

	if (s->state != STREAMING)
		return;
	if (uv_stream_get_write_queue_size((uv_stream_t *)&s->pipe) + n >
	    OUTPUT_MAX) {
		log_warning(s->ctl->settings.log, "control",
			    "monitor of %s (pid %d) does not read its events: "
			    "closed",
			    s->caller.user, (int)s->caller.pid);
		session_close(s);
		return;
	}
	copy = xcalloc(1, n);
	memcpy(copy, line, n);
	if (!send_octets(s, copy, n))
		session_close(s);
}

/* ---- requests ---- */

static void
run_one(struct session *s)
{
	struct request_done done;
	const char *line;
	size_t n;

	if (request_peek(&s->input) == REQUEST_TOO_LONG) {
		leave(s, CTL_ERROR_BAD_REQUEST,
		      "a request has at most 65536 octets");
		return;
	}
	line = request_take(&s->input, &n);
	request_run(line, n, s->listener->commands, s->ctl->settings.root,
		    &s->caller, &done);
	if (done.later) {
		done.later->session = s;
		s->later = done.later;
		enter(s, WAITING);
		return;
	}
	answer(s, &done.answer, done.streams ? STREAMING : WRITING);
	/* A monitor is read only to see that the client goes. */
	if (done.streams && s->state == STREAMING &&
	    uv_read_start((uv_stream_t *)&s->pipe, on_alloc, on_read) != 0)
		session_close(s);
}

void
session_answer(struct session *s, struct text *text)
{
	s->later = NULL;
	answer(s, text, WRITING);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct session *s = timer->data;

	if (s->state == READING && s->half)
		leave(s, CTL_ERROR_BAD_REQUEST,
		      "the request was not finished within 10 s");
	else
		session_close(s);
}

/* A line begins or goes on: its end must come in time. */
static void
watch_half(struct session *s)
{
	if (s->half || request_partial(&s->input) == 0)
		return;
	s->half = true;
	uv_timer_start(&s->timer, on_timeout, HALF_LIMIT, 0);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct session *s = stream->data;

	if (s->state == CLOSING || n == 0)
		return;
	if (n < 0) { /* its end: nothing whole waits, or it is a monitor */
		session_close(s);
		return;
	}
	if (s->state != READING)
		return; /* a monitor has nothing to say */
	request_feed(&s->input, buf->base, (size_t)n);
	if (request_peek(&s->input) == REQUEST_NONE) {
		watch_half(s);
		return;
	}
	enter(s, READY);
	uv_read_stop(stream);
	ctl_wake(s->ctl);
}

/* ---- the beginning ---- */

/*
 * A user's name from the local file only: name services may need the network,
 * and the loop must not wait for it.
 */
static void
name_user(struct ctl_caller *caller)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *entry;

	snprintf(caller->user, sizeof(caller->user), "uid %u",
		 (unsigned)caller->uid);
	if (!f)
		return;
	while ((entry = fgetpwent(f)) != NULL) {
		if (entry->pw_uid != caller->uid)
			continue;
		text_escape(entry->pw_name, strlen(entry->pw_name),
			    caller->user, sizeof(caller->user));
		break;
	}
	fclose(f);
}

static int
identify(struct session *s)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	uv_os_fd_t fd;
	int error = uv_fileno((uv_handle_t *)&s->pipe, &fd);

	if (error)
		return error;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
		return -errno;
	s->caller.uid = who.uid;
	s->caller.pid = who.pid;
	s->caller.read_only = s->listener->read_only;
	name_user(&s->caller);
	return 0;
}

static struct session *
session_new(struct listener *listener)
{
	struct session *s = xcalloc(1, sizeof(*s));
	struct ctl *ctl = listener->ctl;

	s->listener = listener;
	s->ctl = ctl;
	uv_pipe_init(ctl->settings.loop, &s->pipe, 0);
	uv_timer_init(ctl->settings.loop, &s->timer);
	s->pipe.data = s;
	s->timer.data = s;
	s->handles = 2;
	ctl->handles += 2;
	listener->clients++;
	s->state = READING;
	TAILQ_INSERT_TAIL(&ctl->sessions, s, link);
	return s;
}

void
session_accept(struct listener *listener)
{
	struct session *s = session_new(listener);
	struct log *log = listener->ctl->settings.log;
	uint32_t left_out;

	if (uv_accept((uv_stream_t *)&listener->pipe,
		      (uv_stream_t *)&s->pipe) != 0 ||
	    identify(s) != 0) {
		session_close(s);
		return;
	}
	if (listener->clients <= CTL_CLIENTS_MAX) {
		next(s);
		return;
	}
	if (log_allowed(&listener->refused, dur_s(60), mono_now(), &left_out))
		log_warning(log, "control",
			    "%s has %d clients already: refused %s (pid %d)",
			    listener->path, CTL_CLIENTS_MAX, s->caller.user,
			    (int)s->caller.pid);
	leave(s, CTL_ERROR_REFUSED, "too many clients: 64 are connected");
}

/* ---- all of them ---- */

static struct session *
first_ready(struct ctl *ctl)
{
	struct session *s;

	TAILQ_FOREACH (s, &ctl->sessions, link)
		if (s->state == READY)
			return s;
	return NULL;
}

/*
 * Whoever is served goes to the tail: all get their turn. Looked for anew each
 * time, because a command's events may close any session.
 */
bool
session_turn(struct ctl *ctl)
{
	struct session *s;
	int n;

	for (n = 0; n < REQUESTS_A_TURN && (s = first_ready(ctl)); n++) {
		TAILQ_REMOVE(&ctl->sessions, s, link);
		TAILQ_INSERT_TAIL(&ctl->sessions, s, link);
		run_one(s);
	}
	return n > 0;
}

void
session_event(struct ctl *ctl, const char *line, size_t n)
{
	struct session *s, *after;

	for (s = TAILQ_FIRST(&ctl->sessions); s; s = after) {
		after = TAILQ_NEXT(s, link);
		send_event(s, line, n);
	}
}

void
session_close_all(struct ctl *ctl)
{
	struct session *s, *after;

	for (s = TAILQ_FIRST(&ctl->sessions); s; s = after) {
		after = TAILQ_NEXT(s, link);
		session_close(s);
	}
}
