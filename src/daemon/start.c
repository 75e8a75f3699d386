/* SPDX-License-Identifier: ISC */
/*
 * Start-up as a list: each step needs only what stands before it. Everything
 * that needs root comes before leave_privilege().
 */
#include "daemon/start.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/block.h"
#include "daemon/brake.h"
#include "daemon/commands.h"
#include "daemon/counters.h"
#include "daemon/decide.h"
#include "daemon/detect.h"
#include "daemon/drill.h"
#include "daemon/facts.h"
#include "daemon/gate.h"
#include "daemon/identify.h"
#include "daemon/journal.h"
#include "daemon/keep.h"
#include "daemon/leave.h"
#include "daemon/listen.h"
#include "daemon/model.h"
#include "daemon/origins.h"
#include "daemon/overload.h"
#include "daemon/process.h"
#include "daemon/push.h"
#include "daemon/quiet.h"
#include "daemon/restarted.h"
#include "daemon/rung.h"
#include "daemon/standing.h"
#include "daemon/stop.h"
#include "daemon/upgrade.h"
#include "daemon/watch.h"

#define EXIT_CONFIGURATION 78
#define EXIT_FAILED        1

static int
spawn_helper(struct basin *b)
{
	struct helper_settings s = {
	    .log = b->log, .user = b->options.user, .argv = b->options.argv};
	int error = helper_spawn(&s, &b->helper);

	if (error != 0)
		log_error(&b->log, "helper", "cannot be started: %s",
			  strerror(-error));
	return error != 0 ? EXIT_FAILED : 0;
}

/*
 * A process that takes over is root without the right to read what is not
 * root's: it reads as the user whose keys these are.
 */
static int
load(struct basin *b, struct text *messages)
{
	bool lend = b->options.upgrade_fd >= 0 && geteuid() == 0;
	struct passwd *pw = lend ? getpwnam(b->options.user) : NULL;
	int error;

	if (pw) {
		setfsgid(pw->pw_gid);
		setfsuid(pw->pw_uid);
	}
	error = conf_load(b->options.config, &b->conf, messages);
	if (pw) {
		setfsuid(0);
		setfsgid(getegid());
	}
	return error;
}

static int
load_configuration(struct basin *b)
{
	struct text messages = {0};
	int error = load(b, &messages);

	log_lines(&b->log, error != 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		  "configuration", text_str(&messages));
	text_free(&messages);
	if (error != 0)
		return EXIT_CONFIGURATION;
	basin_configure_log(b, b->conf);
	b->generation = 1;
	b->configured = wall_now();
	return 0;
}

static int
make_loop(struct basin *b)
{
	uv_loop_init(&b->loop);
	b->has_loop = true;
	uv_loop_configure(&b->loop, UV_METRICS_IDLE_TIME);
	stall_start(&b->stall, &b->loop);
	decide_start(b);
	stop_watch_signals(b);
	if (helper_attach(b->helper, &b->loop, facts_helper_gone, b) != 0) {
		log_error(&b->log, "helper", "cannot be attached to the loop");
		return EXIT_FAILED;
	}
	return 0;
}

static void
publish(void *arg, const struct event *event)
{
	struct basin *b = arg;

	if (b->ctl && ctl_watched(b->ctl))
		ctl_event(b->ctl, commands_event(event));
}

/* A directory of ours: made when missing, given to the unprivileged user. */
static int
own_directory(struct basin *b, const char *path, mode_t mode)
{
	const struct passwd *pw = getpwnam(b->options.user);

	if (mkdir(path, mode) != 0 && errno != EEXIST) {
		int error = -errno;

		log_error(&b->log, path,
			  "cannot be made: %s; make it, or "
			  "name another directory",
			  strerror(-error));
		return error;
	}
	if (geteuid() != 0 || !pw)
		return 0;
	if (chown(path, pw->pw_uid, pw->pw_gid) != 0)
		log_warning(&b->log, path, "cannot be given to user %s: %s",
			    b->options.user, strerror(errno));
	return 0;
}

static int
parent_directory(struct basin *b, const char *path)
{
	char *copy = xstrdup(path);
	char *slash = strrchr(copy, '/');
	struct stat st;
	int error = 0;

	if (slash && slash != copy) {
		*slash = '\0';
		if (stat(copy, &st) != 0)
			error = own_directory(b, copy, 0755);
	}
	free(copy);
	return error;
}

/*
 * The directory and the file in it: a service manager may have given both to
 * root. The file first, while root may still enter.
 */
static int
own_state(struct basin *b)
{
	const struct passwd *pw = getpwnam(b->options.user);
	struct text file = {0};
	int error;

	text_addf(&file, "%s/" DRAINS_FILE, b->conf->state_directory);
	if (geteuid() == 0 && pw &&
	    lchown(text_str(&file), pw->pw_uid, pw->pw_gid) != 0 &&
	    errno != ENOENT && errno != EACCES)
		log_warning(&b->log, text_str(&file),
			    "cannot be given to user %s: %s", b->options.user,
			    strerror(errno));
	text_free(&file);
	error = own_directory(b, b->conf->state_directory, 0750);
	return error != 0 ? EXIT_FAILED : 0;
}

/* As the user the file belongs to: root without CAP_DAC_OVERRIDE may not. */
static int
open_drains(struct basin *b)
{
	struct drains_clock clock = drains_clock();
	struct text message = {0};
	int error =
	    drains_open(b->conf->state_directory, &clock, &b->drains, &message);

	if (error != 0)
		log_error(&b->log, "drain", "%s", text_str(&message));
	text_free(&message);
	b->keep = keep_new(b);
	b->leave = leave_new(b);
	b->quiet = quiet_new(b);
	return error != 0 ? EXIT_FAILED : 0;
}

static int
make_control(struct basin *b)
{
	struct ctl_settings s = {.loop = &b->loop,
				 .log = &b->log,
				 .commands = basin_commands,
				 .push_commands = push_commands,
				 .pages = basin_pages,
				 .root = b};

	b->events = events_new(&b->log, publish, b);
	b->ctl = ctl_new(&s);
	return 0;
}

static int
open_control(struct basin *b)
{
	const struct conf_control *c = &b->conf->control;

	if (parent_directory(b, c->socket) != 0 ||
	    parent_directory(b, c->read_only_socket) != 0 ||
	    parent_directory(b, c->push_socket) != 0)
		return EXIT_FAILED;
	if (ctl_listen(b->ctl, c->socket, c->read_only_socket, c->group) != 0 ||
	    ctl_listen_push(b->ctl, c->push_socket, c->push_group) != 0)
		return EXIT_FAILED;
	return listen_http(b) != 0 ? EXIT_FAILED : 0;
}

static int
leave_privilege(struct basin *b)
{
	if (b->options.no_sandbox) {
		log_warning(&b->log, "sandbox",
			    "switched off: the main process keeps the "
			    "privileges it was started with");
		return 0;
	}
	return sandbox_enter(b->options.user, &b->log) != 0 ? EXIT_FAILED : 0;
}

/* Said now, and not when somebody is in a hurry to reload. */
static int
look_at_configuration(struct basin *b)
{
	int fd = open(b->options.config, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	else if (errno == EACCES)
		log_warning(&b->log, b->options.config,
			    "can be read by root only: a reload would fail; "
			    "let user %s read it",
			    b->options.user);
	return 0;
}

static int
bgp_listen(void *arg, const struct ip *ip, uint16_t port)
{
	return upgrade_listen(arg, ip, port);
}

static void
advertised(void *arg, int error)
{
	/* The neighbour is then not found: show peers says so. */
}

static void
bgp_advertise(void *arg, const char *interface)
{
	struct basin *b = arg;
	int error = helper_advertise(b->helper, interface, advertised, NULL);

	(void)error;
}

/* With privilege, for the receive buffer of the kernel's notifications. */
static int
make_outputs(struct basin *b)
{
	struct bgp_settings bgp = {.loop = &b->loop,
				   .log = &b->log,
				   .callbacks = &facts_bgp,
				   .arg = b,
				   .listen = bgp_listen,
				   .advertise = bgp_advertise,
				   .listen_arg = b,
				   .validate = origins_validate,
				   .validate_arg = b,
				   .resolve = facts_resolve};
	struct out_settings out = {.loop = &b->loop,
				   .log = &b->log,
				   .helper = b->helper,
				   .callbacks = &facts_out,
				   .arg = b};

	b->bgp = bgp_new(&bgp);
	out.bgp = b->bgp;
	if (out_new(&out, &b->out) != 0) {
		log_error(&b->log, "out",
			  "cannot watch the kernel's addresses and routes");
		return EXIT_FAILED;
	}
	watch_start(b);
	return 0;
}

/* ---- check commands run by the helper ---- */

static int
run_command(void *helper, const struct conf_exec *exec, struct dur deadline,
	    helper_exec_done *done, void *arg)
{
	return helper_exec(helper, exec->argv.v, exec->argv.n, exec->user,
			   deadline, done, arg);
}

static void
kill_command(void *helper, int token)
{
	helper_exec_kill(helper, token);
}

/* ---- the model and what runs on it ---- */

static int
start_checks(struct basin *b)
{
	struct mono now = mono_now();

	b->check_services = (struct check_services){.helper = b->helper,
						    .run = run_command,
						    .kill = kill_command,
						    .bfd_arg = b,
						    .bfd = detect_check};
	if (!b->upgraded.taken_over)
		detect_start(b);
	detect_configure(b);
	b->checker = checker_new(&b->loop, &b->log, &b->check_services,
				 decide_report, b);
	if (!b->upgraded.taken_over)
		model_build(b->conf, now, &b->avail, &b->checks);
	journal_configure(b, now);
	for (size_t id = 0; id < avail_checks(b->avail); id++)
		if (checker_add(b->checker, id, b->checks[id].conf) != 0)
			return EXIT_FAILED;
	return 0;
}

/* What has ports and tables of which there can be only one. */
static void
start_rest(struct basin *b)
{
	identify_configure(b);
	counters_configure(b);
	overload_configure(b);
	brake_configure(b);
	processes_configure(b);
}

/* The sessions that were taken over do already. */
static void
go_on(struct basin *b)
{
	for (size_t id = 0; id < avail_prefixes(b->avail); id++)
		rung_want(b, id);
	bgp_handover_start(b->bgp);
}

/* Addresses first (N2), then sessions; both report on the loop. */
static int
start_outputs(struct basin *b)
{
	standing_apply_all(b, mono_now());
	out_configure(b->out, b->conf);
	block_configure(b);
	origins_start(b);
	origins_configure(b);
	if (b->upgraded.taken_over) {
		go_on(b);
	} else {
		restarted_begin(b);
		if (bgp_configure(b->bgp, b->conf) != 0)
			return EXIT_FAILED;
	}
	detect_tell_peers(b);
	watch_configure(b);
	counters_start(b);
	overload_start(b);
	brake_start(b);
	drill_start(b);
	processes_start(b);
	gate_start(b);
	if (!b->upgraded.taken_over)
		start_rest(b);
	basin_decide(b);
	return 0;
}

static void
second(uv_timer_t *timer)
{
	struct drains_clock now = drains_clock();
	struct basin *b = timer->data;

	keep_clock(b->keep, &now);
	events_tick(b->events);
	gate_look(b);
	block_tick(b, now.mono);
	journal_second(b);
	upgrade_second(b);
	identify_second(b);
}

/* Fed by the loop that decides: if deciding hangs, the manager restarts us. */
static void
feed_watchdog(uv_timer_t *timer)
{
	notify_watchdog();
}

static int
start_timers(struct basin *b)
{
	uint64_t period = (uint64_t)dur_to_ms(notify_watchdog_period());

	uv_timer_init(&b->loop, &b->second_timer);
	b->second_timer.data = b;
	uv_timer_start(&b->second_timer, second, 1000, 1000);
	uv_timer_init(&b->loop, &b->watchdog_timer);
	if (period > 0)
		uv_timer_start(&b->watchdog_timer, feed_watchdog, 0, period);
	return 0;
}

static int
announce_start(struct basin *b)
{
	b->phase = BASIN_RUNNING;
	basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE, b->conf->node.name,
		    "starting", "running", NULL,
		    "AS%u, %zu services, %zu prefixes, %zu peers",
		    b->conf->node.asn, b->conf->n_services, b->conf->n_prefixes,
		    b->conf->n_peers);
	notify_ready("running");
	return 0;
}

static int
open_taken_control(struct basin *b)
{
	return upgrade_open_control(b) != 0 ? EXIT_FAILED : 0;
}

/* The sessions go on since upgrade_take(); this says so. */
static int
announce_upgrade(struct basin *b)
{
	const struct upgrade_facts *f = &b->upgraded;
	char pause[32];

	b->phase = BASIN_RUNNING;
	basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE, b->conf->node.name,
		    "upgrading", "running", NULL,
		    "basind %s (pid %d) took over from %s (pid %d): %zu "
		    "sessions, a pause of %s",
		    BASIN_VERSION, (int)getpid(), f->version, (int)f->pid,
		    f->sessions, dur_format(f->pause, pause, sizeof(pause)));
	notify_main(getpid());
	notify_ready("running");
	upgrade_finish(b, start_rest);
	return 0;
}

/* In place of another process, which goes on where this fails. */
static int
start_taking(struct basin *b)
{
	static int (*const steps[])(struct basin *) = {
	    spawn_helper, load_configuration, make_loop,
	    make_control, make_outputs,       leave_privilege,
	    upgrade_take, open_drains,        look_at_configuration,
	    start_checks, start_outputs,      open_taken_control,
	    start_timers, announce_upgrade,
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int code = steps[i](b);

		if (code == 0)
			continue;
		if (b->upgraded.taken_over)
			return code;
		upgrade_refuse(b, code == EXIT_CONFIGURATION
				      ? "the configuration is wrong for it"
				      : "it cannot start, see the log");
		/* Nothing may be closed in a way that a neighbour notices. */
		helper_stop(b->helper);
		_exit(code);
	}
	return 0;
}

int
start_all(struct basin *b)
{
	static int (*const steps[])(struct basin *) = {
	    spawn_helper, load_configuration,    make_loop,    own_state,
	    make_control, open_control,          make_outputs, leave_privilege,
	    open_drains,  look_at_configuration, start_checks, start_outputs,
	    start_timers, announce_start,
	};

	if (b->options.upgrade_fd >= 0)
		return start_taking(b);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int code = steps[i](b);

		if (code != 0)
			return code;
	}
	return 0;
}
