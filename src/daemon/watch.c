/* SPDX-License-Identifier: ISC */
/*
 *   PRESENT ──gone──► GONE    on_event down: avail_watch(), in this turn
 *      ▲                │     on_event check: the checks run now
 *      └──there again───┘     the checks run now; rise counts from here
 *
 *   either ──cannot be seen──► UNKNOWN: an alarm, and as if not configured
 *
 * A service is there when nothing that it names is gone. What was gone and
 * cannot be seen now is still gone, also behind a reload. Invariant: avail
 * knows of a service to be gone exactly while `gone` of it is not 0 and
 * on_event is down.
 */
#include "daemon/watch.h"

#include "daemon/input.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALARM "watch"

struct watch_entry {
	size_t service;
	const char *service_name;      /* borrowed from the configuration, */
	const struct conf_watch *conf; /* as this */
	struct sys_sight sight;
	bool alarmed;
};

/* Who looks. Each numbers what it watches from 0. */
enum mechanism { SOCKETS, PROCESSES, PIDFILES, UNITS, PATHS, MECHANISMS };

struct watch {
	struct sockwatch *sockets; /* NULL: not available */
	struct procwatch *processes;
	struct pidwatch *pidfiles;
	struct cgroupwatch *units;
	struct pathwatch *paths;
	struct watch_entry *v; /* owned */
	size_t n;
	size_t *numbers[MECHANISMS]; /* owned: their numbers to entries */
	size_t counts[MECHANISMS];
	unsigned *gone; /* owned: of each service, entries that are gone */
	bool configuring;
	struct watch_counts counters[CONF_WATCH_KINDS];
};

/* ---- what happens ---- */

static void
run_checks(struct basin *b, size_t service)
{
	for (size_t id = 0; id < avail_checks(b->avail); id++)
		if (b->checks[id].service == service)
			checker_kick(b->checker, id);
}

static void
service_changed(struct basin *b, size_t service)
{
	bool present = b->watch->gone[service] == 0;
	bool decides = b->conf->services[service].on_event == CONF_EVENT_DOWN;

	if (decides)
		input_watch(b, service, present, mono_now());
	if (present || !decides)
		run_checks(b, service);
	basin_decide(b);
}

/* For people: why it cannot be seen, or is noticed late. */
static void
explain(const struct watch_entry *e, char *buf, size_t size)
{
	int error = e->sight.error;
	enum conf_watch_kind kind = e->conf->kind;

	if (e->sight.presence != SYS_UNKNOWN)
		snprintf(buf, size,
			 "changes are noticed late: the kernel does not tell "
			 "of them: %s%s",
			 strerror(-error),
			 error == -ENOSPC || error == -EMFILE
			     ? " (see fs.inotify in sysctl.d(5))"
			     : "");
	else if (kind == CONF_WATCH_UNIT && error == -ENOTSUP)
		snprintf(buf, size,
			 "cannot be watched, and counts as not watched: "
			 "expected cgroup v2 with the slices of systemd, found "
			 "none mounted");
	else if (kind == CONF_WATCH_PROCESS && error == -EACCES)
		snprintf(buf, size,
			 "cannot be watched, and counts as not watched: "
			 "processes of other users are hidden (hidepid, "
			 "ProtectProc=)");
	else
		snprintf(buf, size,
			 "cannot be watched, and counts as not watched: %s",
			 strerror(-error));
}

static void
set_alarm(struct basin *b, struct watch_entry *e, bool on)
{
	char subject[EVENT_NAME_MAX], message[EVENT_DETAIL_MAX];

	if (!on && !e->alarmed)
		return;
	snprintf(subject, sizeof(subject), "%s: watch %s", e->service_name,
		 e->conf->name);
	explain(e, message, sizeof(message));
	e->alarmed = on;
	basin_alarm(b, subject, message, on);
}

static void
count(struct watch *w, const struct watch_entry *e, const struct sys_sight *now)
{
	struct watch_counts *c = &w->counters[e->conf->kind];

	if (w->configuring || now->presence == e->sight.presence)
		return;
	c->events++;
	c->repairs += now->looked && now->presence == SYS_GONE;
}

static void
sighted(struct basin *b, enum mechanism m, size_t index,
	const struct sys_sight *now)
{
	struct watch *w = b->watch;
	struct watch_entry *e = &w->v[w->numbers[m][index]];
	unsigned *gone = &w->gone[e->service];
	struct sys_sight seen = *now;
	bool was_gone = *gone > 0;

	if (b->phase == BASIN_STOPPING)
		return;
	if (seen.presence == SYS_UNKNOWN && e->sight.presence == SYS_GONE)
		seen.presence = SYS_GONE;
	count(w, e, &seen);
	*gone -= e->sight.presence == SYS_GONE;
	*gone += seen.presence == SYS_GONE;
	e->sight = seen;
	if (!w->configuring && was_gone != (*gone > 0))
		service_changed(b, e->service);
	set_alarm(b, e, seen.error != 0);
}

static void
socket_changed(void *arg, size_t index, bool present)
{
	struct sys_sight now = {
	    .presence = present ? SYS_PRESENT : SYS_GONE,
	};

	sighted(arg, SOCKETS, index, &now);
}

static void
process_changed(void *arg, size_t index, const struct sys_sight *now)
{
	sighted(arg, PROCESSES, index, now);
}

static void
pidfile_changed(void *arg, size_t index, const struct sys_sight *now)
{
	sighted(arg, PIDFILES, index, now);
}

static void
unit_changed(void *arg, size_t index, const struct sys_sight *now)
{
	sighted(arg, UNITS, index, now);
}

static void
path_changed(void *arg, size_t index, const struct sys_sight *now)
{
	sighted(arg, PATHS, index, now);
}

/* ---- what is watched ---- */

static enum mechanism
mechanism_of(enum conf_watch_kind kind)
{
	switch (kind) {
	case CONF_WATCH_PROCESS:
		return PROCESSES;
	case CONF_WATCH_PIDFILE:
		return PIDFILES;
	case CONF_WATCH_UNIT:
		return UNITS;
	case CONF_WATCH_FILE:
	case CONF_WATCH_DIRECTORY:
		return PATHS;
	default:
		return SOCKETS;
	}
}

static const struct watch_entry *
entry_of(const struct watch *w, enum mechanism m, size_t index)
{
	return &w->v[w->numbers[m][index]];
}

static int
set_sockets(struct basin *b)
{
	struct watch *w = b->watch;
	size_t n = w->counts[SOCKETS];
	struct sockwatch_socket *v = xcalloc(n, sizeof(*v));
	int error = -ENOTSUP;

	for (size_t i = 0; i < n; i++) {
		const struct watch_entry *e = entry_of(w, SOCKETS, i);
		const struct conf_service *s = &b->conf->services[e->service];

		v[i] = (struct sockwatch_socket){
		    .protocol = e->conf->kind == CONF_WATCH_TCP ? IPPROTO_TCP
								: IPPROTO_UDP,
		    .port = e->conf->port,
		    .addresses = s->addresses.v,
		    .n = s->addresses.n,
		};
	}
	if (w->sockets)
		error = sockwatch_set(w->sockets, v, n);
	free(v);
	return n > 0 ? error : 0;
}

static const char **
names_of(const struct watch *w, enum mechanism m)
{
	const char **v = xcalloc(w->counts[m], sizeof(*v));

	for (size_t i = 0; i < w->counts[m]; i++)
		v[i] = entry_of(w, m, i)->conf->what;
	return v;
}

static void
set_names(struct watch *w)
{
	const char **processes = names_of(w, PROCESSES);
	const char **pidfiles = names_of(w, PIDFILES);
	const char **units = names_of(w, UNITS);

	procwatch_set(w->processes, processes, w->counts[PROCESSES]);
	pidwatch_set(w->pidfiles, pidfiles, w->counts[PIDFILES]);
	cgroupwatch_set(w->units, units, w->counts[UNITS]);
	free(processes);
	free(pidfiles);
	free(units);
}

static void
set_paths(struct watch *w)
{
	size_t n = w->counts[PATHS];
	struct pathwatch_path *v = xcalloc(n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		const struct conf_watch *c = entry_of(w, PATHS, i)->conf;

		v[i] = (struct pathwatch_path){c->what,
					       c->kind == CONF_WATCH_DIRECTORY};
	}
	pathwatch_set(w->paths, v, n);
	free(v);
}

/* ---- life ---- */

void
watch_start(struct basin *b)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	int error =
	    sockwatch_new(&b->loop, &b->log, socket_changed, b, &w->sockets);

	if (error != 0)
		log_warning(&b->log, "watch",
			    "the kernel's list of sockets cannot be opened: "
			    "%s; services are judged by their checks alone",
			    strerror(-error));
	w->processes = procwatch_new(&b->loop, process_changed, b);
	w->pidfiles = pidwatch_new(&b->loop, pidfile_changed, b);
	w->units = cgroupwatch_new(&b->loop, NULL, unit_changed, b);
	w->paths = pathwatch_new(&b->loop, path_changed, b);
	b->watch = w;
}

static size_t
count_all(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].watch.n;
	return n;
}

static void
release(struct watch *w)
{
	for (int m = 0; m < MECHANISMS; m++) {
		free(w->numbers[m]);
		w->numbers[m] = NULL;
		w->counts[m] = 0;
	}
	free(w->v);
	free(w->gone);
	w->v = NULL;
	w->gone = NULL;
	w->n = 0;
}

static void
add(struct basin *b, size_t service)
{
	const struct conf_watches *list = &b->conf->services[service].watch;
	struct watch *w = b->watch;

	for (size_t i = 0; i < list->n; i++) {
		enum mechanism m = mechanism_of(list->v[i].kind);

		w->numbers[m][w->counts[m]++] = w->n;
		w->v[w->n++] = (struct watch_entry){
		    .service = service,
		    .service_name = b->conf->services[service].name,
		    .conf = &list->v[i],
		    .sight.presence = SYS_PRESENT,
		};
	}
}

static bool
same(const struct watch_entry *a, const struct watch_entry *b)
{
	return strcmp(a->conf->name, b->conf->name) == 0 &&
	       strcmp(a->service_name, b->service_name) == 0;
}

/* Until it is seen otherwise. */
static void
keep_gone(struct watch *w, const struct watch_entry *old)
{
	for (size_t i = 0; i < w->n; i++) {
		if (!same(&w->v[i], old))
			continue;
		w->v[i].sight = old->sight;
		w->gone[w->v[i].service]++;
	}
}

/* Without the kernel's side nothing is ever gone. */
static void
watch_all(struct basin *b)
{
	struct watch *w = b->watch;
	int error;

	w->configuring = true;
	error = set_sockets(b);
	set_names(w);
	set_paths(w);
	w->configuring = false;
	basin_alarm(b, ALARM,
		    "the kernel does not tell when sockets are closed: what "
		    "`watch` names is noticed late or not at all",
		    error != 0);
}

/* The model of a reload may have been told otherwise of its predecessor. */
static void
tell_model(struct basin *b, size_t service)
{
	bool present = b->watch->gone[service] == 0 ||
		       b->conf->services[service].on_event != CONF_EVENT_DOWN;
	struct avail_service_view v;

	avail_view_service(b->avail, service, &v);
	input_watch(b, service, present, mono_now());
	if (v.watch_gone && present)
		run_checks(b, service);
}

static bool
is_alarmed(const struct watch *w, const struct watch_entry *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].alarmed && same(&w->v[i], e))
			return true;
	return false;
}

/* Of what was watched before and is no trouble, or not watched, now. */
static void
end_alarms(struct basin *b, struct watch_entry *old, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_alarmed(b->watch, &old[i]))
			set_alarm(b, &old[i], false);
}

void
watch_configure(struct basin *b)
{
	struct watch *w = b->watch;
	size_t n = count_all(b->conf), n_old = w->n;
	struct watch_entry *old = w->v;

	w->v = NULL;
	release(w);
	w->v = xcalloc(n, sizeof(*w->v));
	w->gone = xcalloc(b->conf->n_services, sizeof(*w->gone));
	for (int m = 0; m < MECHANISMS; m++)
		w->numbers[m] = xcalloc(n, sizeof(size_t));
	for (size_t i = 0; i < b->conf->n_services; i++)
		add(b, i);
	for (size_t i = 0; i < n_old; i++)
		if (old[i].sight.presence == SYS_GONE)
			keep_gone(w, &old[i]);
	watch_all(b);
	end_alarms(b, old, n_old);
	free(old);
	for (size_t i = 0; i < b->conf->n_services; i++)
		tell_model(b, i);
}

void
watch_free(struct basin *b)
{
	struct watch *w = b->watch;

	if (!w)
		return;
	if (w->sockets)
		sockwatch_close(w->sockets);
	procwatch_close(w->processes);
	pidwatch_close(w->pidfiles);
	cgroupwatch_close(w->units);
	pathwatch_close(w->paths);
	release(w);
	free(w);
	b->watch = NULL;
}

/* ---- reading ---- */

size_t
watch_count(const struct basin *b)
{
	return b->watch ? b->watch->n : 0;
}

size_t
watch_view(const struct basin *b, size_t i, struct watch_view *out)
{
	const struct watch_entry *e = &b->watch->v[i];

	*out = (struct watch_view){.kind = e->conf->kind,
				   .name = e->conf->name,
				   .presence = e->sight.presence};
	if (e->sight.error != 0)
		explain(e, out->problem, sizeof(out->problem));
	return e->service;
}

const struct watch_counts *
watch_counters(const struct basin *b, enum conf_watch_kind kind)
{
	static const struct watch_counts none;

	return b->watch ? &b->watch->counters[kind] : &none;
}

const char *
watch_gone_text(const struct basin *b, size_t service, char *buf, size_t size)
{
	static const struct {
		const char *before, *after;
	} words[CONF_WATCH_KINDS] = {
	    [CONF_WATCH_TCP] = {"nothing listens on ", ""},
	    [CONF_WATCH_UDP] = {"nothing listens on ", ""},
	    [CONF_WATCH_PROCESS] = {"no ", " is running"},
	    [CONF_WATCH_PIDFILE] = {"the process of ", " is gone"},
	    [CONF_WATCH_UNIT] = {"", " is not running"},
	    [CONF_WATCH_FILE] = {"", " is not there"},
	    [CONF_WATCH_DIRECTORY] = {"", " is not there, or empty"},
	};
	struct watch_view v;

	buf[0] = '\0';
	for (size_t i = 0; i < watch_count(b) && buf[0] == '\0'; i++)
		if (watch_view(b, i, &v) == service && v.presence == SYS_GONE)
			snprintf(buf, size, "%s%s%s", words[v.kind].before,
				 v.name, words[v.kind].after);
	return buf;
}
