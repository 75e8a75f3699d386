/* SPDX-License-Identifier: ISC */
/*
 * A program:
 *
 *   (waits) ──timer──► runs ──ended──► waits, twice as long when it ended soon
 *                       │
 *                       └──"shutdown"──► left, until the next configuration
 *
 * Its lines are taken whatever it does with the answers: those wait in memory,
 * and what does not fit is dropped and counted. So it can never wait for us
 * while we wait for it.
 *
 * Invariant: a child is freed when its four handles are closed and not before;
 * p->child is set exactly while the program runs.
 */
#include "daemon/exabgp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_PER_TURN 100
#define READ_SIZE      65536
#define WRITE_SIZE     65536
/* Answers that wait; "done" after "done" is only counted. */
#define ANSWERS_MAX  (1U << 20)
#define LOGGED_MAX   50 /* lines of its standard error, in 10 seconds */
#define SOON         dur_s(60)
#define LONGEST_WAIT dur_s(60)

struct processes {
	struct process *list; /* owned */
};

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
	struct mono log_from;
	unsigned logged;
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

static void
close_child(struct child *c)
{
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

	p->errors++;
	snprintf(error, sizeof(error), "%s: %s",
		 text_escape(line, n < 80 ? n : 80, buf, sizeof(buf)), why);
	memcpy(p->error, error, sizeof(p->error));
	log_warning(&p->b->log, p->source, "%s", p->error);
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

	if (exabgp_parse(line, n, &command, &error) != 0) {
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

	while (c->process && n < LINES_PER_TURN &&
	       (end = memchr(c->rx + at, '\n', c->n_rx - at))) {
		size_t len = (size_t)(end - (c->rx + at));

		if (!c->skipping)
			take_line(c, c->rx + at, len);
		c->skipping = false;
		at += len + 1;
		n++;
	}
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

/* ---- life ---- */

static void run(struct process *p);

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
alarm_of(struct process *p, bool on, const char *why)
{
	basin_alarm(p->b, p->source, why, on);
}

static void
withdraw_all(struct process *p)
{
	bgp_withdraw_source(p->b->bgp, p->source);
	process_forget_watched(p);
}

/* Sooner or later again, but for one that said so itself. */
static void
wait_again(struct process *p, struct mono now)
{
	struct dur wait = p->conf->respawn;
	unsigned doublings = p->failures < 10 ? p->failures : 10;

	wait.ns <<= doublings;
	if (wait.ns > LONGEST_WAIT.ns && wait.ns > p->conf->respawn.ns)
		wait = LONGEST_WAIT.ns > p->conf->respawn.ns ? LONGEST_WAIT
							     : p->conf->respawn;
	p->since = now;
	p->restart = mono_add(now, wait);
	uv_timer_start(&p->timer, on_timer, (uint64_t)dur_to_ms(wait), 0);
}

static void
gone(struct process *p, const char *how)
{
	struct mono now = mono_now();
	bool soon = !mono_reached(mono_add(p->since, SOON), now);

	snprintf(p->ended, sizeof(p->ended), "%s", how);
	basin_event(p->b, EVENT_PROCESS,
		    p->left ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
		    p->conf->name, "running", p->left ? "left" : "ended", NULL,
		    "%s", how);
	if (p->left || p->conf->on_exit == CONF_ON_EXIT_WITHDRAW)
		withdraw_all(p);
	if (p->left)
		return;
	p->failures = soon ? p->failures + 1 : 0;
	if (p->failures >= 3)
		alarm_of(p, true, "the program ends again and again");
	wait_again(p, now);
}

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

/* What it wrote last is in the pipe still. */
static void
take_rest(struct child *c)
{
	int fd;
	ssize_t n;

	if (uv_fileno((uv_handle_t *)&c->output, &fd) != 0)
		return;
	do {
		while (c->process && memchr(c->rx, '\n', c->n_rx))
			take_lines(c);
		n = read(fd, c->rx + c->n_rx,
			 EXABGP_LINE_MAX + READ_SIZE - c->n_rx);
		c->n_rx += n > 0 ? (size_t)n : 0;
	} while (n > 0 && c->process && c->n_rx <= EXABGP_LINE_MAX);
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
	p->child = NULL;
	close_child(c);
	if (p->b->phase != BASIN_STOPPING)
		gone(p, how);
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

static void
adopt(struct process *p, const struct helper_process *h)
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

static void
run(struct process *p)
{
	const struct conf_exabgp *conf = p->conf;
	struct helper_process h;
	int r;

	if (p->b->phase == BASIN_STOPPING)
		return;
	p->acknowledge = conf->acknowledge;
	p->left = false;
	p->since = mono_now();
	r = helper_run(p->b->helper, conf->argv, conf->n_argv, conf->user, &h);
	if (r != 0) {
		gone(p, strerror(-r));
		return;
	}
	p->restart = MONO_NEVER;
	p->starts++;
	adopt(p, &h);
	basin_event(p->b, EVENT_PROCESS, LOG_LEVEL_NOTICE, conf->name, NULL,
		    "running", NULL, "%s", conf->argv[0]);
}

static void
stop(struct process *p)
{
	if (p->child)
		close_child(p->child);
	p->child = NULL;
	uv_timer_stop(&p->timer);
	alarm_of(p, false, "the program is not configured so any more");
}

static void
timer_closed(uv_handle_t *handle)
{
	struct process *p = handle->data;

	process_forget_watched(p);
	free(p);
}

static struct process *
add(struct basin *b, const struct conf_exabgp *conf)
{
	struct process *p = xcalloc(1, sizeof(*p));

	p->b = b;
	p->conf = conf;
	p->restart = MONO_NEVER;
	snprintf(p->source, sizeof(p->source), "exabgp:%s", conf->name);
	uv_timer_init(&b->loop, &p->timer);
	p->timer.data = p;
	return p;
}

static const struct conf_exabgp *
configured(const struct basin *b, const char *source)
{
	for (size_t i = 0; i < b->conf->n_exabgp; i++)
		if (strcmp(b->conf->exabgp[i].name,
			   source + strlen("exabgp:")) == 0)
			return &b->conf->exabgp[i];
	return NULL;
}

static struct process *
find(const struct processes *k, const char *name)
{
	struct process *p = k->list;

	while (p && strcmp(p->source + strlen("exabgp:"), name) != 0)
		p = p->next;
	return p;
}

/* One that is equal runs on; one that is not starts anew. */
static void
settle(struct process *p, const struct conf_exabgp *conf)
{
	bool equal = conf_exabgp_equal(p->conf, conf);

	p->conf = conf;
	if (equal && !p->left)
		return;
	stop(p);
	withdraw_all(p);
	p->failures = 0;
	run(p);
}

void
processes_configure(struct basin *b)
{
	struct process **at = &b->processes->list;

	while (*at) {
		struct process *p = *at;
		const struct conf_exabgp *conf = configured(b, p->source);

		if (conf) {
			settle(p, conf);
			at = &p->next;
			continue;
		}
		*at = p->next;
		stop(p);
		withdraw_all(p);
		uv_close((uv_handle_t *)&p->timer, timer_closed);
	}
	for (size_t i = 0; i < b->conf->n_exabgp; i++) {
		struct process *p;

		if (find(b->processes, b->conf->exabgp[i].name))
			continue;
		p = add(b, &b->conf->exabgp[i]);
		p->next = b->processes->list;
		b->processes->list = p;
		run(p);
	}
}

void
processes_start(struct basin *b)
{
	b->processes = xcalloc(1, sizeof(*b->processes));
}

void
processes_free(struct basin *b)
{
	struct process *next;

	if (!b->processes)
		return;
	for (struct process *p = b->processes->list; p; p = next) {
		next = p->next;
		if (p->child)
			close_child(p->child);
		uv_close((uv_handle_t *)&p->timer, timer_closed);
	}
	free(b->processes);
	b->processes = NULL;
}

/* ---- neighbours ---- */

static void
tell_state(struct process *p, const struct bgp_peer_view *v, const char *state,
	   const char *why)
{
	struct exabgp_neighbor n = {.local = v->local,
				    .peer = v->conf->address,
				    .local_as = v->conf->local_asn,
				    .peer_as = v->conf->asn};
	struct exabgp_teller t = {.json = p->conf->encoder == CONF_ENCODER_JSON,
				  .host = p->b->conf->node.name,
				  .pid = getpid(),
				  .ppid = getppid(),
				  .counter = ++p->counter,
				  .now = wall_now()};
	struct text line = {0};

	exabgp_say_state(&t, &n, state, why, &line);
	tell(p->child, text_str(&line), line.len);
	write_on(p->child);
	text_free(&line);
}

void
processes_peer(struct basin *b, const struct bgp_peer *peer,
	       enum bgp_state from, enum bgp_state to, const char *why)
{
	struct process *p = b->processes ? b->processes->list : NULL;
	bool up = to == BGP_STATE_ESTABLISHED;
	bool down = from == BGP_STATE_ESTABLISHED && !up;
	bool connected = to == BGP_STATE_OPENSENT;
	struct bgp_peer_view v;

	if (!p || (!up && !down && !connected))
		return;
	bgp_peer_view(peer, &v);
	for (; p; p = p->next)
		if (p->child && p->conf->neighbor_changes &&
		    process_speaks_for(p, v.conf))
			tell_state(p, &v,
				   up     ? "up"
				   : down ? "down"
					  : "connected",
				   down ? why : NULL);
}

/* ---- reading ---- */

size_t
processes_count(const struct basin *b)
{
	size_t n = 0;

	for (struct process *p = b->processes ? b->processes->list : NULL; p;
	     p = p->next)
		n++;
	return n;
}

void
processes_view(const struct basin *b, size_t i, struct process_view *out)
{
	const struct process *p = b->processes->list;

	while (i-- > 0)
		p = p->next;
	*out = (struct process_view){
	    .conf = p->conf,
	    .running = p->child != NULL,
	    .since = p->since,
	    .restart = p->restart,
	    .starts = p->starts,
	    .commands = p->commands,
	    .errors = p->errors,
	    .unanswered = p->unanswered,
	    .routes = bgp_originations(b->bgp, p->source),
	};
	memcpy(out->error, p->error, sizeof(out->error));
	memcpy(out->ended, p->ended, sizeof(out->ended));
}
