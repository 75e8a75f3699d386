/* SPDX-License-Identifier: ISC */
/*
 *   PRESENT ──gone──► GONE    on_event down: avail_watch(), in this turn
 *      ▲                │     on_event check: the checks run now
 *      └──there again───┘     the checks run now; rise counts from here
 *
 * A service is there when all that it names is. Invariant: avail knows of a
 * service to be gone exactly while `gone` of it is not 0 and on_event is down.
 */
#include "daemon/watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALARM "watch"

struct watch_entry {
	size_t service;
	struct conf_watch conf;
	bool present;
};

struct watch {
	struct sockwatch *sockets; /* NULL: not available */
	struct watch_entry *v;     /* owned */
	size_t n;
	unsigned *gone; /* owned: of each service, entries not present */
	bool configuring;
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
		avail_watch(b->avail, service, present, mono_now());
	if (present || !decides)
		run_checks(b, service);
	basin_decide(b);
}

static void
socket_changed(void *arg, size_t index, bool present)
{
	struct basin *b = arg;
	struct watch_entry *e = &b->watch->v[index];
	unsigned *gone = &b->watch->gone[e->service];
	bool was_gone = *gone > 0;

	if (b->phase == BASIN_STOPPING || e->present == present)
		return;
	e->present = present;
	*gone = present ? *gone - 1 : *gone + 1;
	if (!b->watch->configuring && was_gone != (*gone > 0))
		service_changed(b, e->service);
}

/* ---- life ---- */

void
watch_start(struct basin *b)
{
	int error;

	b->watch = xcalloc(1, sizeof(*b->watch));
	error = sockwatch_new(&b->loop, &b->log, socket_changed, b,
			      &b->watch->sockets);
	if (error != 0)
		log_warning(&b->log, "watch",
			    "the kernel's list of sockets cannot be opened: "
			    "%s; services are judged by their checks alone",
			    strerror(-error));
}

static size_t
count(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].watch.n;
	return n;
}

static void
add(struct basin *b, struct sockwatch_socket *sockets, size_t service)
{
	const struct conf_service *s = &b->conf->services[service];
	struct watch *w = b->watch;

	for (size_t i = 0; i < s->watch.n; i++) {
		sockets[w->n] = (struct sockwatch_socket){
		    .protocol = s->watch.v[i].kind == CONF_WATCH_TCP
				    ? IPPROTO_TCP
				    : IPPROTO_UDP,
		    .port = s->watch.v[i].port,
		    .addresses = s->addresses.v,
		    .n = s->addresses.n,
		};
		w->v[w->n++] =
		    (struct watch_entry){service, s->watch.v[i], true};
	}
}

/* Without the kernel's side nothing is ever gone. */
static void
watch_sockets(struct basin *b, const struct sockwatch_socket *sockets)
{
	struct watch *w = b->watch;
	int error = -ENOTSUP;

	w->configuring = true;
	if (w->sockets)
		error = sockwatch_set(w->sockets, sockets, w->n);
	w->configuring = false;
	basin_alarm(b, ALARM,
		    "the kernel does not tell when sockets are closed: what "
		    "`watch` names is noticed late or not at all",
		    w->n > 0 && error != 0);
}

/* The model of a reload may have been told otherwise of its predecessor. */
static void
tell_model(struct basin *b, size_t service)
{
	bool present = b->watch->gone[service] == 0 ||
		       b->conf->services[service].on_event != CONF_EVENT_DOWN;
	struct avail_service_view v;

	avail_view_service(b->avail, service, &v);
	avail_watch(b->avail, service, present, mono_now());
	if (v.watch_gone && present)
		run_checks(b, service);
}

void
watch_configure(struct basin *b)
{
	struct watch *w = b->watch;
	size_t n = count(b->conf);
	struct sockwatch_socket *sockets = xcalloc(n, sizeof(*sockets));

	free(w->v);
	free(w->gone);
	w->v = xcalloc(n, sizeof(*w->v));
	w->gone = xcalloc(b->conf->n_services, sizeof(*w->gone));
	w->n = 0;
	for (size_t i = 0; i < b->conf->n_services; i++)
		add(b, sockets, i);
	watch_sockets(b, sockets);
	free(sockets);
	for (size_t i = 0; i < b->conf->n_services; i++)
		tell_model(b, i);
}

void
watch_free(struct basin *b)
{
	if (!b->watch)
		return;
	if (b->watch->sockets)
		sockwatch_close(b->watch->sockets);
	free(b->watch->v);
	free(b->watch->gone);
	free(b->watch);
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

	snprintf(out->name, sizeof(out->name), "%s/%u",
		 e->conf.kind == CONF_WATCH_TCP ? "tcp" : "udp", e->conf.port);
	out->present = e->present;
	return e->service;
}

const char *
watch_gone_text(const struct basin *b, size_t service, char *buf, size_t size)
{
	struct watch_view v;

	buf[0] = '\0';
	for (size_t i = 0; i < watch_count(b) && buf[0] == '\0'; i++)
		if (watch_view(b, i, &v) == service && !v.present)
			snprintf(buf, size, "nothing listens on %s", v.name);
	return buf;
}
