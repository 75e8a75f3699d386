/* SPDX-License-Identifier: ISC */
/*
 * Would routers far away damp a prefix of this configuration?
 *
 * The engine itself plays the worst server that its settings let through: one
 * that dies as soon as the prefix is announced and is back as soon as it is
 * withdrawn. What is announced then is fed to remote dampers.
 */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "model/flap.h"
#include "model/model.h"

#define HORIZON dur_s(6 * 3600)
#define RESTART dur_s(1) /* what a server takes that is watched */
#define STEPS   100000

/* Kinds of services of one prefix that are played alone. */
#define ALONE_MAX 16

/* ---- routers far away ---- */

#define HALF_LIFE  900.0   /* seconds; as vendors ship it, RFC 7196 keeps it */
#define CEILING    12000.0 /* of a reuse of 750 and 60 minutes */
#define WITHDRAWAL 1000.0

struct damper {
	double readvertisement, suppress;
	bool rfc7196;
};

static const struct damper dampers[] = {
    {0, 2000, false},
    {1000, 3000, false},
    {0, 6000, true},
    {1000, 6000, true},
};

struct router {
	double penalty;
	struct mono at;
	struct model_suppressed seen;
};

static void
hear(struct router *r, const struct damper *d, bool announced,
     struct mono first, struct mono now)
{
	double age = dur_to_seconds(mono_sub(now, r->at));

	if (r->seen.suppressed)
		return;
	r->penalty *= exp2(-age / HALF_LIFE);
	r->penalty += announced ? d->readvertisement : WITHDRAWAL;
	r->penalty = fmin(r->penalty, CEILING);
	r->at = now;
	r->seen.withdrawals += !announced;
	r->seen.after = mono_sub(now, first);
	r->seen.suppressed = r->penalty >= d->suppress;
}

/* ---- the play ---- */

struct run {
	const struct conf_check *check; /* borrowed */
	size_t service;                 /* of the prefix's */
	struct mono due;
};

struct play {
	const struct conf *conf;     /* borrowed */
	const struct conf_prefix *p; /* borrowed */
	size_t only;      /* the service that dies, of p's; SIZE_MAX: all */
	struct avail *av; /* owned */
	struct run *runs; /* owned; by avail's check ids */
	size_t n_runs;
	struct dur patience; /* without a change it does not flap */
	bool announced, withdrawn_once;
	struct mono now, first, changed;
	struct router routers[ARRAY_LEN(dampers)];
};

static bool
dies(const struct play *y, size_t service)
{
	return y->only == SIZE_MAX || y->only == service;
}

static const struct conf_service *
service_of(const struct play *y, size_t i)
{
	return &y->conf->services[y->p->services[i]];
}

static void
add_service(struct play *y, size_t i)
{
	const struct conf_service *s = service_of(y, i);
	struct avail_service_settings settings = model_service(s);

	avail_add_service(y->av, s->name, &settings);
	for (size_t k = 0; k < s->n_checks; k++) {
		const struct conf_check *c = &s->checks[k];
		struct avail_check_settings cs = model_check(c);
		struct dur longest =
		    dur_ns((c->rise + c->fall + 2) * c->interval.ns);

		cs.stale_after = DUR_ZERO; /* idle time is skipped */
		avail_add_check(y->av, c->name, i, &cs);
		y->runs[y->n_runs++] = (struct run){c, i, y->now};
		if (y->patience.ns < longest.ns)
			y->patience = longest;
	}
}

static void
build(struct play *y, const struct avail_prefix_settings *settings)
{
	size_t n = 1, *ids = xcalloc(y->p->n_services + 1, sizeof(*ids));

	for (size_t i = 0; i < y->p->n_services; i++) {
		n += service_of(y, i)->n_checks;
		ids[i] = i;
	}
	y->av = avail_new();
	y->runs = xcalloc(n, sizeof(*y->runs));
	y->patience = dur_s(2);
	for (size_t i = 0; i < y->p->n_services; i++)
		add_service(y, i);
	avail_add_prefix(y->av, "", ids, y->p->n_services, settings);
	avail_seal(y->av, y->now);
	free(ids);
}

/* Everything is up and announced when it begins. */
static void
raise_all(struct play *y)
{
	for (size_t i = 0; i < y->p->n_services; i++)
		avail_addresses(y->av, i, true, y->now);
	for (size_t i = 0; i < y->n_runs; i++)
		for (unsigned k = 0; k < y->runs[i].check->rise; k++)
			avail_sample(y->av, i, AVAIL_VERDICT_PASS, y->now);
}

static struct avail_prefix_view
prefix_of(const struct play *y)
{
	struct avail_prefix_view v;

	avail_view_prefix(y->av, 0, &v);
	return v;
}

/* The server dies, or is back: what the kernel tells of that at once. */
static void
turn(struct play *y, bool alive)
{
	for (size_t i = 0; i < y->p->n_services; i++) {
		const struct conf_service *s = service_of(y, i);

		if (!dies(y, i) || s->watch.n == 0)
			continue;
		if (alive)
			y->now = mono_add(y->now, RESTART);
		if (s->on_event == CONF_EVENT_DOWN)
			avail_watch(y->av, i, alive, y->now);
	}
	for (size_t i = 0; i < y->n_runs; i++)
		if (service_of(y, y->runs[i].service)->watch.n > 0)
			y->runs[i].due = y->now;
}

static bool
changed(struct play *y)
{
	bool announced = prefix_of(y).announce;

	if (announced == y->announced)
		return false;
	if (!y->withdrawn_once)
		y->first = y->now;
	y->withdrawn_once = true;
	y->announced = announced;
	y->changed = y->now;
	for (size_t i = 0; i < ARRAY_LEN(dampers); i++)
		hear(&y->routers[i], &dampers[i], announced, y->first, y->now);
	turn(y, !announced);
	return true;
}

static struct run *
next_run(struct play *y)
{
	struct run *next = NULL;

	for (size_t i = 0; i < y->n_runs; i++)
		if (dies(y, y->runs[i].service) &&
		    (!next || mono_before(y->runs[i].due, next->due)))
			next = &y->runs[i];
	return next;
}

/* The shortest period that jitter lets happen. */
static struct dur
period(const struct play *y, size_t id)
{
	const struct conf_check *c = y->runs[id].check;
	struct avail_check_view v;

	avail_view_check(y->av, id, &v);
	return dur_ns((v.changing ? c->fast_interval.ns : c->interval.ns) /
		      100 * (100 - c->jitter));
}

static bool
sample(struct play *y)
{
	struct run *run = next_run(y);
	size_t id;

	if (!run)
		return false;
	id = (size_t)(run - y->runs);
	if (mono_before(y->now, run->due))
		y->now = run->due;
	avail_sample(y->av, id,
		     y->announced ? AVAIL_VERDICT_FAIL : AVAIL_VERDICT_PASS,
		     y->now);
	run->due = mono_add(y->now, period(y, id));
	return mono_sub(y->now, y->changed).ns <= y->patience.ns;
}

/* Nothing happens before a hold-down or a suppression is over. */
static bool
wait_for(struct play *y)
{
	struct avail_prefix_view v = prefix_of(y);

	if (v.state != AVAIL_PREFIX_HELD && v.state != AVAIL_PREFIX_SUPPRESSED)
		return false;
	y->now = v.until;
	avail_tick(y->av, y->now);
	for (size_t i = 0; i < y->n_runs; i++)
		y->runs[i].due = y->now;
	return true;
}

static void
play(struct play *y)
{
	y->announced = prefix_of(y).announce;
	if (!y->announced)
		return;
	turn(y, false);
	for (unsigned n = 0; n < STEPS; n++) {
		if (y->now.ns > HORIZON.ns)
			return;
		if (!changed(y) && !wait_for(y) && !sample(y))
			return;
	}
}

static void
keep_worse(struct model_suppressed *worst, const struct model_suppressed *s)
{
	if (s->suppressed &&
	    (!worst->suppressed || s->withdrawals < worst->withdrawals))
		*worst = *s;
}

static void
play_one(const struct conf *conf, const struct conf_prefix *p,
	 const struct avail_prefix_settings *settings, size_t only,
	 struct model_flapping *out)
{
	struct play y = {.conf = conf, .p = p, .only = only};

	build(&y, settings);
	raise_all(&y);
	play(&y);
	for (size_t i = 0; i < ARRAY_LEN(dampers); i++)
		keep_worse(dampers[i].rfc7196 ? &out->rfc7196 : &out->rfc2439,
			   &y.routers[i].seen);
	avail_free(y.av);
	free(y.runs);
}

static bool
same_check(const struct conf_check *a, const struct conf_check *b)
{
	return a->rise == b->rise && a->fall == b->fall &&
	       a->interval.ns == b->interval.ns &&
	       a->fast_interval.ns == b->fast_interval.ns &&
	       a->jitter == b->jitter;
}

bool
flap_same_service(const struct conf_service *a, const struct conf_service *b)
{
	if (a->n_checks != b->n_checks || a->require.mode != b->require.mode ||
	    a->require.count != b->require.count ||
	    (a->watch.n > 0) != (b->watch.n > 0) || a->on_event != b->on_event)
		return false;
	for (size_t i = 0; i < a->n_checks; i++)
		if (!same_check(&a->checks[i], &b->checks[i]))
			return false;
	return true;
}

/* Has one like the service `i` of the prefix been played already? */
static bool
was_played(const struct conf *conf, const struct conf_prefix *p, size_t i)
{
	const struct conf_service *s = &conf->services[p->services[i]];

	for (size_t k = 0; k < i; k++)
		if (flap_same_service(&conf->services[p->services[k]], s))
			return true;
	return false;
}

void
model_flap(const struct conf *conf, const struct conf_prefix *p,
	   const struct avail_prefix_settings *settings,
	   struct model_flapping *out)
{
	unsigned alone = 0;

	*out = (struct model_flapping){0};
	play_one(conf, p, settings, SIZE_MAX, out);
	for (size_t i = 0; p->n_services > 1 && i < p->n_services; i++)
		if (alone < ALONE_MAX && !was_played(conf, p, i)) {
			play_one(conf, p, settings, i, out);
			alone++;
		}
}
