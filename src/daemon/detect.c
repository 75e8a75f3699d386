/* SPDX-License-Identifier: ISC */
#include "daemon/detect.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/gate.h"

#define NAME_MAX_OCTETS 96

/* What a session is for. */
struct use {
	size_t peer;       /* index into conf->peers, SIZE_MAX: of a check */
	bool seen_up;      /* since it was first wanted */
	bool failed;       /* was down: the hold-down applies */
	struct mono up_at; /* counts as up then; MONO_NEVER: does not run */
};

struct detect {
	struct bfd *bfd;  /* owned */
	struct use *uses; /* owned; by session */
	size_t n;
	bool left;               /* nobody is told AdminDown any more */
	void (*done)(void *arg); /* of detect_wait() */
	uv_timer_t hold; /* of hold-downs; embedded: freed behind the loop */
};

/* ---- names ---- */

/* "@192.0.2.1", "@fe80::1%eth0", "@192.0.2.1+multihop": of checks. */
static void
name_of_check(const struct conf_bfd_check *c, char *buf, size_t size)
{
	char ip[IP_TEXT_MAX];

	snprintf(buf, size, "@%s%s%s%s", ip_format(&c->address, ip, sizeof(ip)),
		 c->interface ? "%" : "", c->interface ? c->interface : "",
		 c->bfd.multihop ? "+multihop" : "");
}

size_t
detect_of_peer(const struct basin *b, const char *peer)
{
	return bfd_find(b->detect->bfd, peer);
}

static size_t
of_check(const struct basin *b, const struct conf_bfd_check *c)
{
	char name[NAME_MAX_OCTETS];

	if (c->peer)
		return detect_of_peer(b, c->peer);
	name_of_check(c, name, sizeof(name));
	return bfd_find(b->detect->bfd, name);
}

struct bfd *
detect_bfd(const struct basin *b)
{
	return b->detect ? b->detect->bfd : NULL;
}

/* ---- what a session says ---- */

static enum bgp_bfd
for_bgp(enum bfd_status s)
{
	static const enum bgp_bfd states[] = {
	    [BFD_STATUS_WAIT] = BGP_BFD_WAIT,
	    [BFD_STATUS_UP] = BGP_BFD_UP,
	    [BFD_STATUS_DOWN] = BGP_BFD_DOWN,
	    [BFD_STATUS_ADMIN_DOWN] = BGP_BFD_ADMIN_DOWN,
	};

	return states[s];
}

static struct bgp_peer *
peer_named(struct basin *b, const char *name)
{
	for (size_t i = 0; i < bgp_peers(b->bgp); i++)
		if (strcmp(bgp_peer_name(bgp_peer_at(b->bgp, i)), name) == 0)
			return bgp_peer_at(b->bgp, i);
	return NULL;
}

static void
tell_peer(struct basin *b, const struct use *u, enum bfd_status s,
	  const char *why)
{
	struct bgp_peer *p;
	struct bfd_view v;

	if (u->peer == SIZE_MAX)
		return;
	p = peer_named(b, b->conf->peers[u->peer].name);
	bfd_view(b->detect->bfd, (size_t)(u - b->detect->uses), &v);
	if (p)
		bgp_peer_bfd(p, for_bgp(s), v.remote_independent, why);
}

static void
kick_checks(struct basin *b, size_t id)
{
	for (size_t i = 0; b->checker && i < avail_checks(b->avail); i++)
		if (b->checks[i].conf->kind == CONF_CHECK_BFD &&
		    of_check(b, &b->checks[i].conf->bfd) == id)
			checker_kick(b->checker, i);
}

static void hold_over(uv_timer_t *timer);

static void
arm_hold(struct basin *b)
{
	struct detect *d = b->detect;
	struct mono next = MONO_NEVER;
	struct dur wait;

	for (size_t i = 0; i < d->n; i++)
		next = mono_min(next, d->uses[i].up_at);
	if (mono_is_never(next)) {
		uv_timer_stop(&d->hold);
		return;
	}
	wait = mono_sub(next, mono_now());
	uv_timer_start(&d->hold, hold_over,
		       wait.ns > 0 ? (uint64_t)dur_to_ms(wait) + 1 : 0, 0);
}

static void
hold_over(uv_timer_t *timer)
{
	struct basin *b = timer->data;
	struct detect *d = b->detect;
	struct mono now = mono_now();

	for (size_t i = 0; i < d->n; i++) {
		struct use *u = &d->uses[i];

		if (!mono_reached(u->up_at, now))
			continue;
		u->up_at = MONO_NEVER;
		u->failed = false;
		tell_peer(b, u, BFD_STATUS_UP, "up for the hold-down");
	}
	arm_hold(b);
}

static void
session_event(struct basin *b, const struct bfd_view *v, enum bfd_status from,
	      enum bfd_status to, const char *why)
{
	char ip[IP_TEXT_MAX];
	bool up = to == BFD_STATUS_UP;

	b->cause = basin_event(
	    b, EVENT_BFD, up ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, v->name,
	    bfd_status_text(from), bfd_status_text(to), NULL, "%s: %s%s",
	    ip_format(&v->address, ip, sizeof(ip)), why,
	    v->multihop ? ", over several hops" : "");
}

/* The peer first: its routes are to go at once. */
static void
changed(void *arg, size_t id, enum bfd_status from, enum bfd_status to,
	const char *why)
{
	struct basin *b = arg;
	struct use *u = &b->detect->uses[id];
	struct bfd_view v;

	if (b->phase == BASIN_STOPPING)
		return;
	bfd_view(b->detect->bfd, id, &v);
	u->up_at = MONO_NEVER;
	u->failed |= to == BFD_STATUS_DOWN;
	u->seen_up |= to == BFD_STATUS_UP || to == BFD_STATUS_ADMIN_DOWN;
	if (to == BFD_STATUS_UP && u->failed && u->peer != SIZE_MAX &&
	    b->conf->peers[u->peer].bfd.hold_down.ns > 0)
		u->up_at =
		    mono_add(mono_now(), b->conf->peers[u->peer].bfd.hold_down);
	else
		tell_peer(b, u, to, why);
	session_event(b, &v, from, to, why);
	kick_checks(b, id);
	gate_look(b);
	arm_hold(b);
	b->cause = 0;
}

static void
alarm_changed(void *arg, const char *subject, const char *message, bool on)
{
	basin_alarm(arg, subject, message, on);
}

static void
hurried(void *arg, int error)
{
	struct basin *b = arg;

	if (b->detect->bfd)
		bfd_realtime(b->detect->bfd, error);
}

static void
hurry(void *arg, pid_t thread)
{
	struct basin *b = arg;
	int error = helper_realtime(b->helper, thread, hurried, b);

	if (error < 0)
		hurried(b, error);
}

static const struct bfd_callbacks callbacks = {changed, alarm_changed, hurry};

/* ---- checks ---- */

static void
describe(const struct bfd_view *v, struct check_bfd *out)
{
	char time[32];

	if (v->problem)
		snprintf(out->text, sizeof(out->text), "%s", v->problem);
	else if (v->status == BFD_STATUS_UP)
		snprintf(out->text, sizeof(out->text),
			 "BFD session %s is up, detection time %s", v->name,
			 dur_format(v->detection, time, sizeof(time)));
	else
		snprintf(out->text, sizeof(out->text),
			 "BFD session %s is %s: %s", v->name,
			 v->status == BFD_STATUS_ADMIN_DOWN ? "switched off"
							    : "not up",
			 v->reason);
}

void
detect_check(void *arg, const struct conf_bfd_check *conf,
	     struct check_bfd *out)
{
	static const enum check_bfd_state states[] = {
	    [BFD_STATUS_WAIT] = CHECK_BFD_DOWN,
	    [BFD_STATUS_UP] = CHECK_BFD_UP,
	    [BFD_STATUS_DOWN] = CHECK_BFD_DOWN,
	    [BFD_STATUS_ADMIN_DOWN] = CHECK_BFD_ADMIN_DOWN,
	};
	struct basin *b = arg;
	size_t id = of_check(b, conf);
	struct bfd_view v;

	if (id == SIZE_MAX)
		return;
	bfd_view(b->detect->bfd, id, &v);
	out->state = v.problem ? CHECK_BFD_NONE : states[v.status];
	describe(&v, out);
}

/* ---- the start gate ---- */

size_t
detect_missing(const struct basin *b, const char **which)
{
	const struct detect *d = b->detect;
	size_t n = 0;

	*which = NULL;
	for (size_t i = 0; i < d->n; i++) {
		if (d->uses[i].peer == SIZE_MAX || d->uses[i].seen_up ||
		    b->conf->peers[d->uses[i].peer].shutdown)
			continue;
		if (n++ == 0)
			*which = b->conf->peers[d->uses[i].peer].name;
	}
	return n;
}

/* ---- configuration ---- */

struct plan {
	struct bfd_wanted *v;           /* owned */
	struct use *uses;               /* owned until it is in force */
	char (*names)[NAME_MAX_OCTETS]; /* owned; of checks */
	size_t n;
};

static void
plan_peer(struct plan *p, const struct conf *conf, size_t peer)
{
	const struct conf_peer *c = &conf->peers[peer];

	if (!c->bfd.enabled || ip_is_none(&c->address))
		return;
	p->v[p->n] = (struct bfd_wanted){.name = c->name,
					 .address = c->address,
					 .source = c->source,
					 .interface = c->interface,
					 .conf = &c->bfd};
	p->uses[p->n++] = (struct use){.peer = peer, .up_at = MONO_NEVER};
}

/* Several checks of one address share their session. */
static void
plan_check(struct plan *p, const struct conf_bfd_check *c)
{
	char *name = p->names[p->n];

	if (c->peer)
		return;
	name_of_check(c, name, NAME_MAX_OCTETS);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return;
	p->v[p->n] = (struct bfd_wanted){.name = name,
					 .address = c->address,
					 .source = c->source,
					 .interface = c->interface,
					 .conf = &c->bfd};
	p->uses[p->n++] = (struct use){.peer = SIZE_MAX, .up_at = MONO_NEVER};
}

static size_t
count_bfd_checks(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].n_checks; k++)
			n += conf->services[i].checks[k].kind == CONF_CHECK_BFD;
	return n;
}

static struct plan
make_plan(const struct conf *conf)
{
	size_t most = conf->n_peers + count_bfd_checks(conf) + 1;
	struct plan p = {xcalloc(most, sizeof(*p.v)),
			 xcalloc(most, sizeof(*p.uses)),
			 xcalloc(most, sizeof(*p.names)), 0};

	for (size_t i = 0; i < conf->n_peers; i++)
		plan_peer(&p, conf, i);
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].n_checks; k++)
			if (conf->services[i].checks[k].kind == CONF_CHECK_BFD)
				plan_check(&p,
					   &conf->services[i].checks[k].bfd);
	return p;
}

/* What is known of a session goes with it. */
static void
carry_over(const struct detect *d, struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t old = bfd_find(d->bfd, p->v[i].name);

		if (old == SIZE_MAX || old >= d->n)
			continue;
		p->uses[i].seen_up = d->uses[old].seen_up;
		p->uses[i].failed = d->uses[old].failed;
		p->uses[i].up_at = d->uses[old].up_at;
	}
}

void
detect_configure(struct basin *b)
{
	struct detect *d = b->detect;
	struct plan p = make_plan(b->conf);

	carry_over(d, &p);
	free(d->uses);
	d->uses = p.uses;
	d->n = p.n;
	bfd_configure(d->bfd, p.v, p.n);
	free(p.v);
	free(p.names);
}

void
detect_tell_peers(struct basin *b)
{
	struct detect *d = b->detect;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		struct bgp_peer *p = bgp_peer_at(b->bgp, i);
		size_t id = detect_of_peer(b, bgp_peer_name(p));
		struct bfd_view v;

		if (id == SIZE_MAX) {
			bgp_peer_bfd(p, BGP_BFD_OFF, false, NULL);
			continue;
		}
		bfd_view(d->bfd, id, &v);
		if (mono_is_never(d->uses[id].up_at))
			bgp_peer_bfd(p, for_bgp(v.status), v.remote_independent,
				     v.reason);
	}
}

/* ---- a hot upgrade ---- */

const char *
detect_stays(const struct basin *b)
{
	for (size_t i = 0; b->detect && i < b->detect->n; i++)
		if (!mono_is_never(b->detect->uses[i].up_at))
			return "a BFD hold-down runs: upgrade when it has "
			       "ended (`basin show bfd`)";
	return NULL;
}

struct bfd *
detect_take(struct basin *b)
{
	detect_start(b);
	bfd_handover_begin(b->detect->bfd);
	return b->detect->bfd;
}

void
detect_taken(struct basin *b)
{
	for (size_t i = 0; i < b->detect->n; i++) {
		struct bfd_view v;

		bfd_view(b->detect->bfd, i, &v);
		b->detect->uses[i].seen_up |= v.status != BFD_STATUS_WAIT;
		b->detect->uses[i].failed |= v.status == BFD_STATUS_DOWN;
	}
}

/* ---- life ---- */

void
detect_start(struct basin *b)
{
	const struct bfd_settings s = {.loop = &b->loop,
				       .log = &b->log,
				       .callbacks = &callbacks,
				       .arg = b};

	b->detect = xcalloc(1, sizeof(*b->detect));
	b->detect->bfd = bfd_new(&s);
	uv_timer_init(&b->loop, &b->detect->hold);
	b->detect->hold.data = b;
}

static void
has_left(void *arg)
{
	struct basin *b = arg;

	b->detect->left = true;
	if (b->detect->done)
		b->detect->done(b);
}

void
detect_leave(struct basin *b, struct dur limit)
{
	b->detect->n = 0;
	bfd_shutdown(b->detect->bfd, limit, has_left, b);
}

void
detect_wait(struct basin *b, void (*done)(void *arg))
{
	b->detect->done = done;
	if (b->detect->left)
		done(b);
}

void
detect_close(struct basin *b)
{
	if (!b->detect)
		return;
	bfd_free(b->detect->bfd);
	b->detect->bfd = NULL;
}

void
detect_free(struct basin *b)
{
	if (!b->detect)
		return;
	free(b->detect->uses);
	free(b->detect);
}
