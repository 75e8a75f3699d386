/* SPDX-License-Identifier: ISC */
/*
 * What a program writes and is written, while it runs.
 *
 * Its lines are taken whatever it does with the answers: those wait in memory,
 * and what does not fit is dropped and counted. So it can never wait for us
 * while we wait for it.
 *
 * Invariant: a child is freed when its four handles are closed and not before;
 * p->child is set exactly while the program runs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/process.h"

#define LINES_PER_TURN 100
#define READ_SIZE      65536
#define WRITE_SIZE     65536
#define REST_MAX       65536 /* octets in a pipe (pipe(7)) */
/* Answers that wait; "done" after "done" is only counted. */
#define ANSWERS_MAX (1U << 20)
#define LOGGED_MAX  50 /* lines of its standard error, in 10 seconds */
/* Lines in a row that are no commands, in a minute: it echoes its answers. */
#define WRONG_MAX 1000

struct child {
	struct process *process; /* NULL: it is only closed */
	uv_poll_t channel;
	uv_pipe_t input, output, errors;
	uv_idle_t idle; /* more lines wait */
	uv_write_t write;
	int fd; /* of the channel, owned */
	unsigned handles;
	char *rx; /* owned; EXABGP_LINE_MAX + READ_SIZE */
	size_t n_rx;
	bool skipping;    /* a line that was too long */
	bool reading;     /* the output */
	struct text q;    /* answers */
	uint64_t dones;   /* ... and so many "done" behind them */
	struct text sent; /* is being written */
	bool writing;
	struct mono log_from, wrong_from;
	unsigned logged, wrong; /* since then; wrong: in a row */
	char errors_rx[1024];
	size_t n_errors;
};

/* ---- closing ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;

	if (--c->handles > 0)
		return;
	close(c->fd);
	text_free(&c->q);
	text_free(&c->sent);
	free(c->rx);
	free(c);
}

void
process_close(struct process *p)
{
	struct child *c = p->child;

	if (!c)
		return;
	p->child = NULL;
	c->process = NULL;
	uv_close((uv_handle_t *)&c->channel, on_closed);
	uv_close((uv_handle_t *)&c->input, on_closed);
	uv_close((uv_handle_t *)&c->output, on_closed);
	uv_close((uv_handle_t *)&c->errors, on_closed);
	uv_close((uv_handle_t *)&c->idle, on_closed);
	/* The helper ends the program. */
	shutdown(c->fd, SHUT_RDWR);
}

/* ---- answers ---- */

static void write_on(struct child *c);

static void
on_written(uv_write_t *write, int status)
{
	struct child *c = write->data;

	c->writing = false;
	text_clear(&c->sent);
	if (c->process && status == 0)
		write_on(c);
}

static void
write_on(struct child *c)
{
	uv_buf_t buf;

	if (c->writing)
		return;
	if (c->q.len > 0) {
		struct text empty = c->sent;

		c->sent = c->q;
		c->q = empty;
	}
	while (c->q.len == 0 && c->dones > 0 && c->sent.len < WRITE_SIZE) {
		text_add(&c->sent, "done\n");
		c->dones--;
	}
	if (c->sent.len == 0)
		return;
	buf = uv_buf_init(c->sent.s, (unsigned)c->sent.len);
	c->write.data = c;
	c->writing = uv_write(&c->write, (uv_stream_t *)&c->input, &buf, 1,
			      on_written) == 0;
	if (!c->writing)
		text_clear(&c->sent);
}

static bool
fits(const struct child *c, size_t n)
{
	return c->q.len + n <= ANSWERS_MAX;
}

/* Those that were only counted stand before what comes now. */
static void
tell(struct child *c, const char *lines, size_t n)
{
	if (n == 0)
		return;
	if (c->dones > 0 && !fits(c, c->dones * 5 + n)) {
		c->process->unanswered++;
		return;
	}
	for (; c->dones > 0; c->dones--)
		text_add(&c->q, "done\n");
	if (fits(c, n))
		text_add_n(&c->q, lines, n);
	else
		c->process->unanswered++;
}

static void
answer(struct child *c, enum process_answer a)
{
	if (a == PROCESS_DONE)
		c->dones++;
	else if (a == PROCESS_ERROR)
		tell(c, "error\n", 6);
}

/* ---- commands ---- */

static void
refused(struct process *p, const char *line, size_t n, const char *why)
{
	char buf[120], error[sizeof(p->error)];
	uint32_t more;

	p->errors++;
	snprintf(error, sizeof(error), "%s: %s",
		 text_escape(line, n < 80 ? n : 80, buf, sizeof(buf)), why);
	memcpy(p->error, error, sizeof(p->error));
	if (!log_allowed(&p->refused, dur_s(1), mono_now(), &more))
		return;
	if (more)
		log_warning(&p->b->log, p->source, "%s (%u more before)",
			    p->error, more);
	else
		log_warning(&p->b->log, p->source, "%s", p->error);
}

static void
count_line(struct child *c, bool wrong)
{
	struct mono now = mono_now();

	if (!wrong || mono_reached(mono_add(c->wrong_from, dur_s(60)), now)) {
		c->wrong = 0;
		c->wrong_from = now;
	}
	c->wrong += wrong;
}

/* It would keep us busy for ever; its back-off bounds that. */
static void
end_when_wrong(struct child *c)
{
	struct process *p = c->process;

	if (!p || c->wrong < WRONG_MAX || p->b->phase == BASIN_STOPPING)
		return;
	process_close(p);
	process_gone(p, "basind ended it: 1000 lines in a row were no "
			"commands");
}

static void
take_line(struct child *c, const char *line, size_t n)
{
	struct process *p = c->process;
	struct exabgp_command command;
	struct exabgp_error error;
	struct text out = {0};
	enum process_answer a = PROCESS_ERROR;
	bool before = p->acknowledge;
	char why[240];
	int result = exabgp_parse(line, n, &command, &error);

	count_line(c, result == -EINVAL);
	if (result != 0) {
		snprintf(why, sizeof(why), "column %zu: %s", error.column,
			 error.text);
		refused(p, line, n, why);
	} else {
		a = process_do(p, &command, &out);
		p->commands +=
		    a != PROCESS_ERROR && command.kind != EXABGP_NOTHING;
		exabgp_command_free(&command);
		snprintf(why, sizeof(why), "%s", p->error);
		if (a == PROCESS_ERROR)
			refused(p, line, n, why);
	}
	tell(c, text_str(&out), out.len);
	text_free(&out);
	/* "disable-ack" itself is answered. */
	if (before || p->acknowledge)
		answer(c, a);
}

/* Drops n octets, and the end of line behind them. */
static void
drop_front(struct child *c, size_t n)
{
	memmove(c->rx, c->rx + n, c->n_rx - n);
	c->n_rx -= n;
}

static void
too_long(struct child *c)
{
	if (!c->skipping) {
		count_line(c, true);
		refused(c->process, c->rx, 40, "the line is too long");
		answer(c, c->process->acknowledge ? PROCESS_ERROR
						  : PROCESS_SILENT);
	}
	c->skipping = true;
	c->n_rx = 0;
}

static void on_idle(uv_idle_t *idle);
static void start_reading(struct child *c);

/* As many lines as one turn takes; then the next turn, or more octets. */
static void
take_lines(struct child *c)
{
	size_t at = 0;
	unsigned n = 0;
	char *end = NULL;

	while (c->process && n < LINES_PER_TURN && c->wrong < WRONG_MAX &&
	       (end = memchr(c->rx + at, '\n', c->n_rx - at))) {
		size_t len = (size_t)(end - (c->rx + at));

		if (!c->skipping)
			take_line(c, c->rx + at, len);
		c->skipping = false;
		at += len + 1;
		n++;
	}
	end_when_wrong(c);
	if (!c->process)
		return;
	drop_front(c, at);
	write_on(c);
	if (end) {
		uv_read_stop((uv_stream_t *)&c->output);
		c->reading = false;
		uv_idle_start(&c->idle, on_idle);
		return;
	}
	uv_idle_stop(&c->idle);
	if (c->n_rx > EXABGP_LINE_MAX)
		too_long(c);
	start_reading(c);
}

static void
on_idle(uv_idle_t *idle)
{
	take_lines(idle->data);
}

/* ---- reading ---- */

static void
give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct child *c = handle->data;
	size_t room = EXABGP_LINE_MAX + READ_SIZE - c->n_rx;

	*buf = uv_buf_init(c->rx + c->n_rx, (unsigned)room);
}

static void
on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct child *c = stream->data;

	if (n > 0)
		c->n_rx += (size_t)n;
	if (n < 0)
		uv_read_stop(stream);
	if (c->process && n > 0 && c->process->b->phase != BASIN_STOPPING)
		take_lines(c);
}

static void
start_reading(struct child *c)
{
	if (c->reading)
		return;
	c->reading =
	    uv_read_start((uv_stream_t *)&c->output, give_room, on_output) == 0;
}

static void
give_errors(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct child *c = handle->data;

	*buf = uv_buf_init(c->errors_rx + c->n_errors,
			   (unsigned)(sizeof(c->errors_rx) - c->n_errors));
}

static void
log_error_line(struct child *c, const char *line, size_t n)
{
	struct mono now = mono_now();
	char buf[400];

	if (mono_reached(mono_add(c->log_from, dur_s(10)), now)) {
		c->log_from = now;
		c->logged = 0;
	}
	if (n > 0 && c->logged++ < LOGGED_MAX)
		log_info(&c->process->b->log, c->process->source, "%s",
			 text_escape(line, n, buf, sizeof(buf)));
}

static void
on_errors(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct child *c = stream->data;
	char *end;

	if (n < 0)
		uv_read_stop(stream);
	if (n <= 0 || !c->process)
		return;
	c->n_errors += (size_t)n;
	while ((end = memchr(c->errors_rx, '\n', c->n_errors)) ||
	       c->n_errors == sizeof(c->errors_rx)) {
		size_t len = end ? (size_t)(end - c->errors_rx) : c->n_errors;
		size_t all = end ? len + 1 : len;

		log_error_line(c, c->errors_rx, len);
		memmove(c->errors_rx, c->errors_rx + all, c->n_errors - all);
		c->n_errors -= all;
	}
}

/* ---- events ---- */

void
process_tell(struct process *p, const char *lines, size_t n)
{
	tell(p->child, lines, n);
	write_on(p->child);
}

/* ---- its end and its beginning ---- */

static void
status_text(const struct helper_ended *e, char *buf, size_t size)
{
	if (e->error)
		snprintf(buf, size, "it could not be started: %s%s",
			 strerror(e->error),
			 e->error == EPERM ? " (never as root)" : "");
	else if (WIFSIGNALED(e->wait_status))
		snprintf(buf, size, "killed by signal %d",
			 WTERMSIG(e->wait_status));
	else
		snprintf(buf, size, "it ended with status %d",
			 WEXITSTATUS(e->wait_status));
}

/*
 * What it wrote last is in the pipe still: no more than a pipe holds, since
 * a process that it left behind may write on and on.
 */
static void
take_rest(struct child *c)
{
	size_t most = REST_MAX;
	ssize_t n;
	int fd;

	if (uv_fileno((uv_handle_t *)&c->output, &fd) != 0)
		return;
	do {
		while (c->process && memchr(c->rx, '\n', c->n_rx))
			take_lines(c);
		n = read(fd, c->rx + c->n_rx,
			 EXABGP_LINE_MAX + READ_SIZE - c->n_rx);
		c->n_rx += n > 0 ? (size_t)n : 0;
		most -= n > 0 && (size_t)n < most ? (size_t)n : most;
	} while (most > 0 && c->process && c->n_rx <= EXABGP_LINE_MAX);
}

static void
on_channel(uv_poll_t *poll, int status, int events)
{
	struct child *c = poll->data;
	struct process *p = c->process;
	struct helper_ended ended = {0};
	char how[100];
	ssize_t n;

	n = recv(c->fd, &ended, sizeof(ended), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (!p)
		return;
	if (n == sizeof(ended))
		status_text(&ended, how, sizeof(how));
	else
		snprintf(how, sizeof(how), "the helper is gone");
	if (p->b->phase != BASIN_STOPPING)
		take_rest(c);
	if (!c->process)
		return; /* ended for what it wrote last */
	process_close(p);
	if (p->b->phase != BASIN_STOPPING)
		process_gone(p, how);
}

static void
open_pipe(struct child *c, uv_pipe_t *pipe, int fd)
{
	uv_pipe_init(&c->process->b->loop, pipe, 0);
	pipe->data = c;
	c->handles++;
	if (uv_pipe_open(pipe, fd) != 0)
		close(fd);
}

void
process_adopt(struct process *p, const struct helper_process *h)
{
	struct child *c = xcalloc(1, sizeof(*c));
	uv_loop_t *loop = &p->b->loop;

	c->process = p;
	c->fd = h->channel;
	c->rx = xcalloc(1, EXABGP_LINE_MAX + READ_SIZE);
	uv_poll_init(loop, &c->channel, h->channel);
	uv_idle_init(loop, &c->idle);
	c->channel.data = c->idle.data = c;
	c->handles = 2;
	open_pipe(c, &c->input, h->input);
	open_pipe(c, &c->output, h->output);
	open_pipe(c, &c->errors, h->errors);
	uv_poll_start(&c->channel, UV_READABLE | UV_DISCONNECT, on_channel);
	start_reading(c);
	uv_read_start((uv_stream_t *)&c->errors, give_errors, on_errors);
	p->child = c;
}
