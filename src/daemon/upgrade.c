/* SPDX-License-Identifier: ISC */
/*
 * The giving side: what upgrade_core.h decides is done here. Until the new
 * process is ready everything goes on; then, in one call that does not return
 * to the loop, the state is written and the answer awaited. So nothing has to
 * be stopped and, when it fails, nothing has to be begun again: the call
 * returns, and the loop turns on.
 */
#include "daemon/upgrade.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/detect.h"
#include "daemon/drill.h"
#include "daemon/journal.h"
#include "daemon/keep.h"
#include "daemon/reload.h"
#include "daemon/show.h"
#include "daemon/upgrade_core.h"
#include "daemon/upgrade_socket.h"

/* For loading programs and configurations; `basin` waits for 10 s. */
#define START_LIMIT dur_s(8)
/* Nothing is sent meanwhile: a share of the shortest hold time, at most. */
#define HAND_LIMIT dur_s(2)
#define HAND_LEAST dur_ms(700)
#define DONE_LIMIT dur_s(2)
#define KEEP_WAIT  10 /* ms, while an order is being stored */

struct upgrade {
	struct basin *b; /* borrowed */
	enum upgrade_state state;
	int fd; /* owned; -1: none */
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned handles;
	struct ctl_later *later; /* the answer that is owed */
	pid_t pid;               /* of the new process */
	char version[64];
	char why[256]; /* it failed */
	struct mono stopped;
	struct mono until;
	uint64_t records;
	uint8_t *buf; /* owned */
};

static void take_event(struct upgrade *u, enum upgrade_event e);

bool
upgrade_busy(const struct basin *b)
{
	return b->upgrade && b->upgrade->state != UPGRADE_IDLE;
}

static void say_why(struct upgrade *u, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say_why(struct upgrade *u, const char *fmt, ...)
{
	va_list ap;

	if (u->why[0])
		return;
	va_start(ap, fmt);
	vsnprintf(u->why, sizeof(u->why), fmt, ap);
	va_end(ap);
}

/* ---- what the new process says ---- */

static void
read_hello(struct upgrade *u, const struct upgrade_record *rec)
{
	struct rbuf r = rbuf_of(rec->octets, rec->n);
	uint32_t format = rbuf_u32(&r);
	size_t n;

	u->pid = (pid_t)rbuf_u32(&r);
	n = rbuf_left(&r) < sizeof(u->version) ? rbuf_left(&r)
					       : sizeof(u->version) - 1;
	text_escape((const char *)r.p, n, u->version, sizeof(u->version));
	if (format == UPGRADE_FORMAT && !r.bad) {
		take_event(u, UPGRADE_ON_READY);
		return;
	}
	say_why(u,
		"basind %s takes over state of format %u, this one has "
		"format %u: restart it instead",
		u->version, format, UPGRADE_FORMAT);
	take_event(u, UPGRADE_ON_REFUSED);
}

static void
read_record(struct upgrade *u, const struct upgrade_record *rec)
{
	char text[200];

	if (rec->fd >= 0)
		close(rec->fd);
	if (rec->part == UPGRADE_PART_HELLO) {
		read_hello(u, rec);
	} else if (rec->part == UPGRADE_PART_TAKEN) {
		bfd_handover_hold(detect_bfd(u->b));
		take_event(u, UPGRADE_ON_TAKEN);
	} else if (rec->part == UPGRADE_PART_DONE) {
		take_event(u, UPGRADE_ON_DONE);
	} else {
		text_escape((const char *)rec->octets,
			    rec->n < 190 ? rec->n : 190, text, sizeof(text));
		say_why(u, "the new process refused: %s", text);
		take_event(u, UPGRADE_ON_REFUSED);
	}
}

/* One record, or why there is none. */
static void
listen_once(struct upgrade *u, struct mono until)
{
	struct upgrade_record rec;
	int error = upgrade_receive(u->fd, u->buf, &rec, until);

	if (error == 0)
		read_record(u, &rec);
	else if (error == -ETIMEDOUT)
		take_event(u, UPGRADE_ON_LATE);
	else if (error == -EBADMSG)
		take_event(u, UPGRADE_ON_REFUSED);
	else
		take_event(u, UPGRADE_ON_ENDED);
}

/* ---- writing ---- */

struct sending {
	struct upgrade *u;
	enum upgrade_part part;
};

static int
put(void *arg, const void *octets, size_t n, int fd)
{
	struct sending *s = arg;

	s->u->records++;
	return upgrade_send(s->u->fd, s->part, octets, n, fd, s->u->until);
}

static int
put_socket(struct upgrade *u, enum upgrade_part part,
	   const struct upgrade_socket *socket, int fd)
{
	struct sending s = {u, part};
	uint8_t buf[256];
	size_t n = upgrade_socket_write(socket, part, buf, sizeof(buf));

	return n ? put(&s, buf, n, fd) : -EMSGSIZE;
}

static int
put_listener(void *arg, const struct conf_endpoint *at, int fd)
{
	const struct upgrade_socket s = {.ip = at->ip, .port = at->port};

	return put_socket(arg, UPGRADE_PART_LISTENER, &s, fd);
}

static int
put_control(void *arg, enum ctl_socket kind, const char *path, int fd)
{
	struct upgrade_socket s = {.kind = kind};

	if (strlen(path) >= sizeof(s.path))
		return -ENAMETOOLONG;
	memcpy(s.path, path, strlen(path));
	return put_socket(arg, UPGRADE_PART_CONTROL, &s, fd);
}

static int
put_begin(struct upgrade *u)
{
	uint8_t buf[128];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	wbuf_u32(&w, UPGRADE_FORMAT);
	wbuf_u64(&w, (uint64_t)u->stopped.ns);
	wbuf_u32(&w, (uint32_t)getpid());
	wbuf_bytes(&w, BASIN_VERSION, strlen(BASIN_VERSION));
	return upgrade_send(u->fd, UPGRADE_PART_BEGIN, buf, wbuf_len(&w), -1,
			    u->until);
}

static int
put_end(struct upgrade *u)
{
	uint8_t buf[8];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	wbuf_u64(&w, u->records);
	return upgrade_send(u->fd, UPGRADE_PART_END, buf, wbuf_len(&w), -1,
			    u->until);
}

static int
write_state(struct upgrade *u)
{
	struct sending avail = {u, UPGRADE_PART_AVAIL};
	struct sending bgp = {u, UPGRADE_PART_BGP};
	struct sending bfd = {u, UPGRADE_PART_BFD};
	struct basin *b = u->b;
	int error = helper_upgrade_hand(b->helper);

	if (error == 0)
		error = put_begin(u);

	upgrade_point("old:begin");
	if (error == 0)
		error = bgp_each_listener(b->bgp, put_listener, u);
	if (error == 0)
		error = ctl_each_listener(b->ctl, put_control, u);
	if (error == 0)
		error = avail_handover_write(b->avail, put, &avail);
	upgrade_point("old:middle");
	if (error == 0)
		error = bgp_handover_write(b->bgp, put, &bgp);
	if (error == 0)
		error = bfd_handover_write(detect_bfd(b), put, &bfd);
	upgrade_point("old:end");
	return error == 0 ? put_end(u) : error;
}

/* Before a neighbour's hold timer could run out. */
static struct dur
hand_limit(const struct basin *b)
{
	struct dur limit = HAND_LIMIT;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		struct bgp_peer_view v;

		bgp_peer_view(bgp_peer_at(b->bgp, i), &v);
		if (v.state == BGP_STATE_ESTABLISHED && v.hold_time.ns > 0 &&
		    v.hold_time.ns / 4 < limit.ns)
			limit = dur_ns(v.hold_time.ns / 4);
	}
	return limit.ns < HAND_LEAST.ns ? HAND_LEAST : limit;
}

/* What is decided is in avail before it is written. */
static void
settle(struct basin *b)
{
	do
		basin_decide(b);
	while (uv_is_active((uv_handle_t *)&b->decide_more));
}

static void
hand_over(struct upgrade *u)
{
	int error;

	settle(u->b);
	u->records = 0;
	u->stopped = mono_now();
	u->until = mono_add(u->stopped, hand_limit(u->b));
	bfd_away(detect_bfd(u->b), hand_limit(u->b));
	error = write_state(u);
	if (error == -EPIPE) {
		take_event(u, UPGRADE_ON_ENDED);
	} else if (error) {
		say_why(u, "the state could not be handed over: %s",
			strerror(-error));
		take_event(u, UPGRADE_ON_FAILED);
	}
	upgrade_point("old:written");
	while (u->state == UPGRADE_HANDING)
		listen_once(u, u->until);
	if (u->state == UPGRADE_IDLE)
		return;
	u->until = mono_add(mono_now(), DONE_LIMIT);
	while (u->state == UPGRADE_COMMITTED || u->state == UPGRADE_FENCED)
		listen_once(u, u->until);
}

/* ---- the end of this process, or of the upgrade ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct upgrade *u = handle->data;

	if (--u->handles > 0)
		return;
	free(u->buf);
	free(u);
}

static void
close_handles(struct upgrade *u)
{
	uv_poll_stop(&u->poll);
	uv_timer_stop(&u->timer);
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	uv_close((uv_handle_t *)&u->poll, on_closed);
	uv_close((uv_handle_t *)&u->timer, on_closed);
}

static void
answer(struct upgrade *u, struct ctl_reply *reply)
{
	if (u->later)
		ctl_answer(u->later, reply);
	u->later = NULL;
}

static void
go_on(struct upgrade *u, enum upgrade_event because)
{
	struct ctl_reply reply = {.error = CTL_ERROR_FAILED};
	struct basin *b = u->b;

	say_why(u, "%s", upgrade_event_text(because));
	basin_event(b, EVENT_NODE, LOG_LEVEL_ERROR, b->conf->node.name, NULL,
		    "upgrade failed", NULL, "%s; basind %s (pid %d) goes on",
		    u->why, BASIN_VERSION, (int)getpid());
	text_addf(&reply.message, "%s; the running basind goes on", u->why);
	answer(u, &reply);
	b->upgrade = NULL;
	close_handles(u);
}

static void
answer_taken(struct upgrade *u)
{
	struct ctl_reply reply = {.result = json_object()};

	show_string(reply.result, "version", u->version);
	show_integer(reply.result, "pid", (uint64_t)u->pid);
	answer(u, &reply);
}

/*
 * Nothing of the usual end: the sessions, the sockets and their files are the
 * other's. Only what was recorded last is written.
 */
static void
leave(struct upgrade *u, bool release)
{
	struct basin *b = u->b;

	upgrade_point("old:committed");
	/* The manager believes this one, wherever NotifyAccess stands. */
	notify_main(u->pid);
	journal_wait(b);
	journal_free(b);
	if (release && helper_release(b->helper) == 0)
		log_notice(&b->log, "upgrade",
			   "basind %s (pid %d) has taken over; this one "
			   "(pid %d) ends",
			   u->version, (int)u->pid, (int)getpid());
	helper_stop(b->helper);
	upgrade_point("old:released");
	_exit(0);
}

static void
take_event(struct upgrade *u, enum upgrade_event e)
{
	unsigned actions = upgrade_step(&u->state, e);

	if (actions & UPGRADE_KILL && helper_upgrade_kill(u->b->helper) != 0)
		log_error(&u->b->log, "upgrade",
			  "the new process cannot be ended");
	if (actions & UPGRADE_ANSWER)
		answer_taken(u);
	if (actions & UPGRADE_EXIT)
		leave(u, actions & UPGRADE_RELEASE);
	if (actions & UPGRADE_GO_ON)
		go_on(u, e);
	else if (actions & UPGRADE_WRITE)
		hand_over(u);
}

/* ---- on the loop, until it is ready ---- */

static void on_record(uv_poll_t *poll, int status, int events);

static void
on_timer(uv_timer_t *timer)
{
	struct upgrade *u = timer->data;

	if (mono_reached(u->until, mono_now()))
		take_event(u, UPGRADE_ON_LATE);
	else
		uv_poll_start(&u->poll, UV_READABLE, on_record);
}

/* An order that is being stored must be in the file that it reads. */
static void
on_record(uv_poll_t *poll, int status, int events)
{
	struct upgrade *u = poll->data;

	if (u->b->phase != BASIN_RUNNING) {
		say_why(u, "basind is stopping");
		take_event(u, UPGRADE_ON_REFUSED);
		return;
	}
	if (!keep_idle(u->b->keep)) {
		uv_poll_stop(&u->poll);
		uv_timer_start(&u->timer, on_timer, KEEP_WAIT, 0);
		return;
	}
	uv_timer_start(&u->timer, on_timer, (uint64_t)dur_to_ms(START_LIMIT),
		       0);
	listen_once(u, mono_now());
}

/* ---- the order ---- */

static int
refuse(struct ctl_reply *reply, enum ctl_error error, const char *text)
{
	reply->error = error;
	text_add(&reply->message, text);
	return -1;
}

/* The other process reads the file: it must say what is in force here. */
static int
check_configuration(struct basin *b, struct ctl_reply *reply)
{
	struct conf_diff diff;
	struct conf *conf;
	size_t n;

	if (conf_load(b->options.config, &conf, &reply->message) != 0) {
		reply->error = CTL_ERROR_CONFIGURATION;
		return -1;
	}
	text_free(&reply->message);
	conf_diff(b->conf, conf, &diff);
	n = diff.n;
	conf_diff_free(&diff);
	conf_free(conf);
	if (n == 0)
		return 0;
	return refuse(reply, CTL_ERROR_REFUSED,
		      "the configuration file is not the one in force: "
		      "`basin plan` shows the difference, `basin reload` "
		      "applies it; then upgrade");
}

static int
may_upgrade(struct basin *b, struct ctl_reply *reply)
{
	if (upgrade_busy(b))
		return refuse(reply, CTL_ERROR_REFUSED,
			      "an upgrade is under way already");
	if (b->phase != BASIN_RUNNING)
		return refuse(reply, CTL_ERROR_REFUSED,
			      "basind is starting or stopping");
	if (confirm_waits(b))
		return refuse(reply, CTL_ERROR_REFUSED,
			      "the last reload is not confirmed yet");
	if (detect_stays(b))
		return refuse(reply, CTL_ERROR_REFUSED, detect_stays(b));
	if (drill_running(b))
		return refuse(reply, CTL_ERROR_REFUSED,
			      "a drill runs: upgrade when it has ended");
	if (getpid() == 1)
		return refuse(reply, CTL_ERROR_REFUSED,
			      "basind is process 1 here: its end would end "
			      "the other one too");
	return check_configuration(b, reply);
}

/* The file this program was started from, or what stands there now. */
static int
own_path(char path[static PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t tail = sizeof(deleted) - 1;

	if (n <= 0)
		return -ENOENT;
	path[n] = '\0';
	if ((size_t)n > tail && strcmp(path + n - tail, deleted) == 0)
		path[(size_t)n - tail] = '\0';
	return 0;
}

static void
cannot_start(struct ctl_reply *reply, const char *path, int error)
{
	const char *why = strerror(-error);

	if (error == -EPERM)
		why = "it must belong to root and be writable by nobody else";
	else if (error == -ENOEXEC)
		why = "it is no program";
	reply->error = CTL_ERROR_REFUSED;
	text_addf(&reply->message, "%s cannot be started: %s", path, why);
}

static struct upgrade *
upgrade_new(struct basin *b, int fd)
{
	struct upgrade *u = xcalloc(1, sizeof(*u));

	u->b = b;
	u->fd = fd;
	u->buf = xcalloc(1, HANDOVER_RECORD_MAX + 1);
	uv_poll_init(&b->loop, &u->poll, fd);
	uv_timer_init(&b->loop, &u->timer);
	u->poll.data = u->timer.data = u;
	u->handles = 2;
	u->until = mono_add(mono_now(), START_LIMIT);
	return u;
}

static void
start(struct basin *b, const char *path, struct ctl_reply *reply)
{
	int fd = helper_upgrade(b->helper, path);

	if (fd < 0) {
		cannot_start(reply, path, fd);
		return;
	}
	b->upgrade = upgrade_new(b, fd);
	upgrade_step(&b->upgrade->state, UPGRADE_ON_ORDER);
	basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE, b->conf->node.name, NULL,
		    "upgrading", NULL, "to %s", path);
	b->upgrade->later = ctl_later(reply);
	uv_poll_start(&b->upgrade->poll, UV_READABLE, on_record);
	uv_timer_start(&b->upgrade->timer, on_timer,
		       (uint64_t)dur_to_ms(START_LIMIT), 0);
}

void
upgrade_run(void *root, const struct ctl_caller *caller,
	    const json_t *arguments, struct ctl_reply *reply)
{
	const char *given = show_argument(arguments, "path");
	struct basin *b = root;
	char path[PATH_MAX];

	if (given && caller->uid != 0) {
		refuse(reply, CTL_ERROR_REFUSED,
		       "only root may choose the program that runs as root");
		return;
	}
	if (given && (*given != '/' || strlen(given) >= 2048)) {
		refuse(reply, CTL_ERROR_BAD_REQUEST,
		       "`path` is an absolute path");
		return;
	}
	if (may_upgrade(b, reply) != 0)
		return;
	if (!given && own_path(path) != 0) {
		refuse(reply, CTL_ERROR_FAILED,
		       "/proc/self/exe cannot be read: name the program");
		return;
	}
	start(b, given ? given : path, reply);
}

/* At the end of the program, its handles closed by the loop's last turn. */
void
upgrade_free(struct basin *b)
{
	struct upgrade *u = b->upgrade;

	if (!u)
		return;
	b->upgrade = NULL;
	free(u->later);
	u->later = NULL;
	close_handles(u);
}
