/* SPDX-License-Identifier: ISC */
/*
 * Routes in the kernel: blackhole routes of covering prefixes while they are
 * announced (RFC 4786 section 4.4.2), imported routes of peers.
 *
 * Each route is on at most one list:
 *
 *   want ─► DIRTY ─► verb under way ─► (equal: no list)
 *             ▲            │ -errno
 *             └── tick ── FAILED
 *   unwant ─► LEAVING ── due ─► DIRTY ─► verb under way ─► freed
 *
 * Invariants: at most IN_FLIGHT_MAX verbs are under way, so that 100,000
 * routes never keep the loop from announcing; a route with a verb under way is
 * on no list and is not freed; -EEXIST means somebody else's route stands
 * there: it serves, and is never removed.
 */
#include "out/route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"
#include "out/state.h"

#define IN_FLIGHT_MAX 128
/* A notification about what we did comes no later. */
#define ECHO_LATEST dur_s(1)
/* Tried again in one tick. */
#define RETRIES_MAX 500

struct route_key {
	struct prefix prefix;
	uint16_t zero;
	uint32_t metric;
};

enum route_place { NOWHERE, DIRTY, FAILED, LEAVING };

struct route {
	struct route_key key;
	UT_hash_handle hh;
	TAILQ_ENTRY(route) link;
	struct out *out;       /* borrowed */
	struct sys_route want; /* what it should be */
	struct sys_route have; /* what was added, while `present` */
	size_t index;          /* in routes.order */
	enum route_place place;
	bool wanted, present, foreign, busy;
	bool asked_blackhole; /* by the verb under way */
	bool overtaken;       /* wanted in another way since the verb began */
	bool configured;      /* blackholes, while configuring */
	bool seen;            /* since the dump began */
	bool was_there;       /* before it was missing: adding it is a heal */
	bool unclaimed; /* present, but the helper does not know it as ours */
	int error;
	struct mono since; /* of the last change */
	struct mono due;   /* while LEAVING */
};

static void pump(struct out *out);

/* ---- the table ---- */

void
route_init(struct out *out)
{
	TAILQ_INIT(&out->routes.dirty);
	TAILQ_INIT(&out->routes.failed);
	TAILQ_INIT(&out->routes.leaving);
	out->routes.failing_since = MONO_NEVER;
}

struct sys_route
route_blackhole(const struct prefix *p)
{
	return (struct sys_route){
	    .prefix = *p, .blackhole = true, .metric = ROUTE_BLACKHOLE_METRIC};
}

static struct route *
find(struct out *out, const struct sys_route *r)
{
	struct route_key key;
	struct route *found;

	memset(&key, 0, sizeof(key));
	key.prefix = r->prefix;
	key.metric = r->metric;
	HASH_FIND(hh, out->routes.table, &key, sizeof(key), found);
	return found;
}

static struct route *
add_object(struct out *out, const struct sys_route *r)
{
	struct routes *all = &out->routes;
	struct route *o = xcalloc(1, sizeof(*o));

	o->key.prefix = r->prefix;
	o->key.metric = r->metric;
	o->out = out;
	sys_route_set(&o->want, r);
	o->since = mono_now();
	HASH_ADD(hh, all->table, key, sizeof(o->key), o);
	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 16;
		all->order =
		    xrealloc(all->order, all->room, sizeof(*all->order));
	}
	o->index = all->n;
	all->order[all->n++] = o;
	return o;
}

static struct route_list *
list_of(struct route *o)
{
	struct routes *all = &o->out->routes;

	switch (o->place) {
	case DIRTY:
		return &all->dirty;
	case FAILED:
		return &all->failed;
	case LEAVING:
		return &all->leaving;
	case NOWHERE:
		break;
	}
	return NULL;
}

static void
move(struct route *o, enum route_place place)
{
	struct route_list *list = list_of(o);

	if (list)
		TAILQ_REMOVE(list, o, link);
	o->place = place;
	list = list_of(o);
	if (list)
		TAILQ_INSERT_TAIL(list, o, link);
}

static void
free_object(struct route *o)
{
	struct routes *all = &o->out->routes;

	move(o, NOWHERE);
	all->order[o->index] = all->order[--all->n];
	all->order[o->index]->index = o->index;
	HASH_DEL(all->table, o);
	sys_route_set(&o->want, NULL);
	sys_route_set(&o->have, NULL);
	out_soon(o->out);
	free(o);
}

/* True when there is nothing (more) to do about it. */
static bool
is_equal(const struct route *o)
{
	if (!o->wanted)
		return !o->present;
	return o->present && !o->unclaimed &&
	       sys_route_equal(&o->want, &o->have);
}

/* ---- verbs ---- */

static void
log_failure(struct route *o, int error)
{
	struct routes *all = &o->out->routes;
	char text[PREFIX_TEXT_MAX];

	if (!mono_is_never(all->failing_since) || o->error == error)
		return;
	all->failing_since = mono_now();
	log_warning(o->out->log, "kernel routes",
		    "%s %s: %s; trying again every second",
		    prefix_format(&o->key.prefix, text, sizeof(text)),
		    o->wanted ? "cannot be added" : "cannot be removed",
		    strerror(-error));
}

static void
settle_added(struct route *o, int error)
{
	o->foreign = error == -EEXIST;
	o->present = error == 0;
	if (error == 0) {
		o->unclaimed = false;
		sys_route_set(&o->have, &o->want);
		/* Which way was added nobody knows any more. */
		if (o->overtaken) {
			o->have.blackhole = o->asked_blackhole;
			o->have.gateway = (struct ip){0};
			o->have.ifindex = o->have.n_more = 0;
		}
		o->out->healed += o->was_there;
		o->was_there = false;
	}
}

static void
settle(struct route *o, bool adding, int error)
{
	o->since = mono_now();
	if (adding)
		settle_added(o, error);
	else if (error == 0)
		o->present = false;
	if (error && !o->foreign) {
		log_failure(o, error);
		move(o, FAILED);
	}
	o->error = error;
	/* No second try at the end: the helper undoes what is left. */
	if (error && o->out->stopping) {
		free_object(o);
		return;
	}
	if (!o->wanted && (o->foreign || (error == 0 && !o->present)))
		free_object(o);
	else if (error == 0 && !is_equal(o))
		move(o, DIRTY);
}

static void
on_added(void *arg, int error)
{
	struct route *o = arg;
	struct out *out = o->out;

	out->routes.in_flight--;
	o->busy = false;
	if (!o->wanted && error)
		free_object(o);
	else
		settle(o, true, error);
	pump(out);
}

static void
on_deleted(void *arg, int error)
{
	struct route *o = arg;
	struct out *out = o->out;

	out->routes.in_flight--;
	o->busy = false;
	settle(o, false, error);
	pump(out);
}

static int
ask(struct route *o)
{
	struct helper *h = o->out->helper;

	return o->wanted ? helper_route_add(h, &o->want, on_added, o)
			 : helper_route_del(h, &o->have, on_deleted, o);
}

static void
begin(struct route *o)
{
	int r;

	move(o, NOWHERE);
	if (is_equal(o) || (!o->wanted && o->foreign)) {
		if (!o->wanted)
			free_object(o);
		return;
	}
	r = ask(o);
	if (r != 0) {
		settle(o, o->wanted, r);
		return;
	}
	o->busy = true;
	o->overtaken = false;
	o->asked_blackhole = o->want.blackhole;
	o->out->routes.in_flight++;
}

static void
pump(struct out *out)
{
	struct routes *all = &out->routes;
	struct route *o;

	while (all->in_flight < IN_FLIGHT_MAX &&
	       (o = TAILQ_FIRST(&all->dirty)) != NULL)
		begin(o);
}

/* ---- what is wanted ---- */

/* With a verb under way, settle() sees the difference when it ends. */
static void
touch(struct route *o)
{
	if (o->busy)
		move(o, NOWHERE);
	else
		move(o, is_equal(o) && o->wanted ? NOWHERE : DIRTY);
	pump(o->out);
}

void
route_want(struct out *out, const struct sys_route *r)
{
	struct route *o = find(out, r);

	if (!o)
		o = add_object(out, r);
	o->overtaken = o->busy;
	sys_route_set(&o->want, r);
	o->wanted = true;
	touch(o);
}

void
route_unwant(struct out *out, const struct sys_route *r, struct dur linger)
{
	struct route *o = find(out, r);

	if (!o || !o->wanted)
		return;
	o->wanted = false;
	if (linger.ns <= 0) {
		touch(o);
		return;
	}
	o->due = mono_add(mono_now(), linger);
	if (o->busy)
		return; /* settle() removes it at once */
	move(o, LEAVING);
	out_leave_at(out, o->due);
}

static void
mark_configured(struct out *out, const struct conf *conf)
{
	for (size_t i = 0; i < out->routes.n; i++)
		out->routes.order[i]->configured = false;
	for (size_t i = 0; i < conf->n_prefixes; i++) {
		struct sys_route r = route_blackhole(&conf->prefixes[i].prefix);
		struct route *o = find(out, &r);

		if (o && conf->prefixes[i].blackhole)
			o->configured = true;
	}
}

void
route_configure(struct out *out, const struct conf *conf)
{
	mark_configured(out, conf);
	for (size_t i = out->routes.n; i-- > 0;) {
		struct route *o = out->routes.order[i];

		if (o->wanted && !o->configured &&
		    o->key.metric == ROUTE_BLACKHOLE_METRIC)
			route_unwant(out, &o->want, conf->node.linger);
	}
}

/* ---- what the kernel says ---- */

/*
 * Left by an earlier process of ours: removed, or wanted soon and then added
 * again, so that this helper removes it when we are killed.
 */
static void
leftover(struct out *out, const struct sys_route *r)
{
	struct sys_route there = *r;
	struct route *o;

	/* Of several hops only the first is known: removed whatever it is. */
	if (there.n_more) {
		there.gateway = (struct ip){0};
		there.ifindex = there.n_more = 0;
	}
	o = add_object(out, &there);
	sys_route_set(&o->have, &there);
	o->present = true;
	o->unclaimed = true;
	o->seen = true;
	o->due = mono_add(mono_now(), out->conf->node.linger);
	move(o, LEAVING);
	out_leave_at(out, o->due);
}

static void
lost(struct route *o)
{
	if (o->busy || !o->present)
		return;
	o->present = false;
	o->since = mono_now();
	o->was_there = true;
	if (o->place != LEAVING)
		touch(o);
}

void
route_seen(struct out *out, const struct sys_route *r, bool gone)
{
	struct route *o = find(out, r);

	if (!o) {
		if (!gone && out->conf && !out->stopping)
			leftover(out, r);
		return;
	}
	o->seen = !gone;
	/* With another gateway under the same key: not the one we mean. */
	if (!gone || o->have.blackhole != r->blackhole ||
	    !ip_equal(&o->have.gateway, &r->gateway))
		return;
	/* Perhaps the late echo of our own removal before: look anew. */
	if (mono_before(mono_now(), mono_add(o->since, ECHO_LATEST)))
		out->next_dump = mono_now();
	else
		lost(o);
}

void
route_dump_begin(struct out *out)
{
	for (size_t i = 0; i < out->routes.n; i++)
		out->routes.order[i]->seen = false;
}

void
route_dump_end(struct out *out)
{
	for (size_t i = out->routes.n; i-- > 0;) {
		struct route *o = out->routes.order[i];

		if (!o->seen && mono_before(o->since, out->dump_began))
			lost(o);
		/* Is somebody else's route still there? */
		if (o->foreign && o->wanted && !o->busy)
			touch(o);
	}
}

/* ---- time ---- */

static void
retry(struct out *out)
{
	struct routes *all = &out->routes;
	struct route *o;

	for (int i = 0; i < RETRIES_MAX; i++) {
		o = TAILQ_FIRST(&all->failed);
		if (!o)
			break;
		out->retries++;
		move(o, DIRTY);
	}
	pump(out);
}

/* One alarm for all of them: they mostly fail together. */
static void
judge(struct out *out, struct mono now)
{
	struct routes *all = &out->routes;
	const struct route *o = TAILQ_FIRST(&all->failed);
	char text[PREFIX_TEXT_MAX];

	if (!o) {
		all->failing_since = MONO_NEVER;
		if (all->alarmed)
			out_alarm(out, "kernel routes", false,
				  "are as they should be again");
		all->alarmed = false;
		return;
	}
	if (mono_is_never(all->failing_since))
		all->failing_since = now;
	if (all->alarmed ||
	    !mono_reached(mono_add(all->failing_since, OUT_ALARM_AFTER), now))
		return;
	all->alarmed = true;
	out_alarm(out, "kernel routes", true, "%s %s: %s",
		  prefix_format(&o->key.prefix, text, sizeof(text)),
		  o->wanted ? "cannot be added" : "cannot be removed",
		  strerror(-o->error));
}

void
route_tick(struct out *out, struct mono now)
{
	judge(out, now);
	retry(out);
}

struct mono
route_leave(struct out *out, struct mono now)
{
	struct routes *all = &out->routes;
	struct route *o;

	while ((o = TAILQ_FIRST(&all->leaving)) != NULL &&
	       mono_reached(o->due, now))
		move(o, DIRTY);
	pump(out);
	return o ? o->due : MONO_NEVER;
}

/* ---- the end ---- */

void
route_remove_all(struct out *out)
{
	for (size_t i = out->routes.n; i-- > 0;) {
		struct route *o = out->routes.order[i];

		o->wanted = false;
		if (!o->busy)
			move(o, DIRTY);
	}
	pump(out);
}

bool
route_all_gone(const struct out *out)
{
	return out->routes.n == 0;
}

void
route_free_all(struct out *out)
{
	while (out->routes.n > 0)
		free_object(out->routes.order[out->routes.n - 1]);
	free(out->routes.order);
}

/* ---- reading ---- */

size_t
out_routes(const struct out *out)
{
	return out->routes.n;
}

void
out_view_route(const struct out *out, size_t i, struct out_route_view *view)
{
	const struct route *o = out->routes.order[i];

	*view = (struct out_route_view){
	    .route = o->present ? o->have : o->want,
	    .present = o->present,
	    .wanted = o->wanted,
	    .error = o->error,
	};
}
