/* SPDX-License-Identifier: ISC */
/*
 * A cache:
 *
 *   STANDBY ──to run──► CONNECTING ──End of Data──► SYNCHRONISED
 *      ▲                    │ error                   │ error    ▲
 *      │                    ▼                         ▼          │
 *      └──not to run── FAILED ◄──────expired─────── LOST ─End of Data
 *
 * Invariants: the state is written in set_state() only. A session has a
 * source of the VRP table of its own; `held` is the source whose data are
 * the cache's, and becomes that of a new session when it is synchronised for
 * the first time, so there is never half a set in use. A source is used
 * again only when it is purged.
 */
#include "rpki/rpki.h"

#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "base/text.h"
#include "rpki/cache.h"
#include "rpki/choose.h"

/* Of one turn of the loop. */
#define ITEMS_PER_TURN 4000
#define PURGE_PER_TURN 4000
/* A cache that is silent for so long has failed: the next group begins. */
#define PATIENCE dur_s(30)

static bool look(struct rpki *r);

/* ---- states ---- */

static void
set_state(struct rpki *r, struct cache *c, enum rpki_state to)
{
	enum rpki_state from = c->state;
	struct rpki_cache_view v;

	if (from == to)
		return;
	c->state = to;
	c->since = mono_now();
	cache_view(r, c, &v);
	r->settings.callbacks->state(r->settings.arg, &v, from);
}

static void
set_error(struct cache *c, const char *why)
{
	snprintf(c->error, sizeof(c->error), "%s", why);
	c->error_at = mono_now();
	c->errors++;
}

/* ---- sources ---- */

static unsigned
take_source(struct rpki *r)
{
	for (unsigned i = 0; i < VRP_SOURCES; i++)
		if (!(r->sources & (UINT32_C(1) << i))) {
			r->sources |= UINT32_C(1) << i;
			return i;
		}
	return NO_SOURCE;
}

static void on_idle(uv_idle_t *idle);

static void
give_back(struct rpki *r, unsigned source)
{
	if (source == NO_SOURCE)
		return;
	r->in_use &= ~(UINT32_C(1) << source);
	vrp_use(r->table, r->in_use);
	r->purging |= UINT32_C(1) << source;
	uv_idle_start(&r->idle, on_idle);
}

/* True when there is more to do. */
static bool
purge(struct rpki *r)
{
	for (unsigned i = 0; i < VRP_SOURCES; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (!(r->purging & bit))
			continue;
		if (!vrp_purge(r->table, i, PURGE_PER_TURN))
			return true;
		r->purging &= ~bit;
		r->sources &= ~bit;
		return r->purging != 0;
	}
	return false;
}

static void
forget_data(struct rpki *r, struct cache *c)
{
	give_back(r, c->held);
	c->held = NO_SOURCE;
	c->expires = MONO_NEVER;
}

/* ---- sessions ---- */

static void check_freed(struct rpki *r);

static void
stop_aside(uv_work_t *work)
{
	struct session *s = work->data;

	s->rpki->module->stop(s->rtr);
}

static void
stopped(uv_work_t *work, int status)
{
	struct session *s = work->data;
	struct rpki *r = s->rpki;

	feed_free(&s->feed);
	free(s);
	r->works--;
	check_freed(r);
}

/* The thread may take a moment to end: not on the loop. */
static void
end_session(struct rpki *r, struct cache *c)
{
	struct session *s = c->session;

	if (!s)
		return;
	c->session = NULL;
	if (s->source != c->held)
		give_back(r, s->source);
	s->work.data = s;
	r->works++;
	uv_queue_work(r->settings.loop, &s->work, stop_aside, stopped);
}

static uint32_t
seconds(struct dur d)
{
	return (uint32_t)(d.ns / 1000000000);
}

static struct rtr_endpoint
endpoint_of(const struct rpki *r, const struct conf_rpki_cache *c)
{
	return (struct rtr_endpoint){
	    .address = c->address,
	    .source = c->source,
	    .port = c->port,
	    .limits = {seconds(r->conf->refresh), seconds(r->conf->retry),
		       seconds(r->conf->expire)},
	};
}

static void
start_session(struct rpki *r, struct cache *c)
{
	struct rtr_endpoint endpoint = endpoint_of(r, c->conf);
	unsigned source = take_source(r);
	struct session *s;

	if (source == NO_SOURCE)
		return; /* when one is purged */
	s = xcalloc(1, sizeof(*s));
	s->rpki = r;
	s->source = source;
	feed_init(&s->feed, &r->async);
	s->rtr = r->module->start(&endpoint, &feed_events, &s->feed);
	if (!s->rtr) {
		feed_free(&s->feed);
		free(s);
		r->sources &= ~(UINT32_C(1) << source);
		set_error(c, "no thread could be started");
		set_state(r, c, RPKI_FAILED);
		return;
	}
	c->session = s;
	c->started = mono_now();
	if (c->state == RPKI_STANDBY)
		set_state(r, c, RPKI_CONNECTING);
}

/* ---- what sessions say ---- */

static void
synchronised(struct rpki *r, struct cache *c, const struct rtr_synchronised *s)
{
	c->last = *s;
	c->synchronisations++;
	c->synchronised = mono_now();
	c->expires = mono_add(c->synchronised, dur_s(s->intervals.expire));
	if (c->held != c->session->source) {
		give_back(r, c->held);
		c->held = c->session->source;
	}
	set_state(r, c, RPKI_SYNCHRONISED);
}

static void
failed(struct rpki *r, struct cache *c, const char *why)
{
	set_error(c, why);
	set_state(r, c, c->held == NO_SOURCE ? RPKI_FAILED : RPKI_LOST);
}

/* Whether the data are those that the cache wants used. */
static bool
take_item(struct rpki *r, struct cache *c, const struct feed_item *item)
{
	switch (item->kind) {
	case FEED_ADD:
		vrp_add(r->table, &item->vrp, c->session->source);
		return false;
	case FEED_REMOVE:
		vrp_remove(r->table, &item->vrp, c->session->source);
		return false;
	case FEED_SYNCHRONISED:
		synchronised(r, c, &item->synchronised);
		return true;
	case FEED_FAILED:
		failed(r, c, item->why);
		return true;
	}
	return false;
}

/* True when there may be more to take. */
static bool
take_items(struct rpki *r, bool *settled)
{
	unsigned budget = ITEMS_PER_TURN;

	for (size_t i = 0; i < r->n_caches; i++) {
		struct cache *c = &r->caches[i];
		struct feed_item *item;

		while (c->session && budget > 0 &&
		       (item = feed_next(&c->session->feed))) {
			*settled |= take_item(r, c, item);
			budget--;
		}
	}
	return budget == 0;
}

static void
turn(struct rpki *r)
{
	bool settled = false, more;

	if (r->freed)
		return;
	more = take_items(r, &settled);
	more |= purge(r);
	if (settled) {
		look(r);
		r->settings.callbacks->changed(r->settings.arg);
	}
	if (!more && r->purging == 0)
		uv_idle_stop(&r->idle);
	else
		uv_idle_start(&r->idle, on_idle);
}

static void
on_idle(uv_idle_t *idle)
{
	turn(idle->data);
}

static void
on_async(uv_async_t *async)
{
	turn(async->data);
}

/* ---- which run, whose data count ---- */

static bool
is_failed(const struct cache *c, struct mono now)
{
	return c->state == RPKI_FAILED || c->state == RPKI_LOST ||
	       (c->state == RPKI_CONNECTING &&
		mono_reached(mono_add(c->started, PATIENCE), now));
}

static void
describe(const struct rpki *r, struct choose_cache *v, struct mono now)
{
	for (size_t i = 0; i < r->n_caches; i++) {
		const struct cache *c = &r->caches[i];

		v[i] = (struct choose_cache){
		    .preference = c->conf->preference,
		    .synchronised = c->state == RPKI_SYNCHRONISED,
		    .failed = is_failed(c, now),
		    .has_data = c->held != NO_SOURCE,
		};
	}
}

static bool
use(struct rpki *r, const struct choose_cache *v)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < r->n_caches; i++)
		if (v[i].use)
			bits |= UINT32_C(1) << r->caches[i].held;
	if (bits == r->in_use)
		return false;
	r->in_use = bits;
	vrp_use(r->table, bits);
	return true;
}

static void
run(struct rpki *r, const struct choose_cache *v)
{
	for (size_t i = 0; i < r->n_caches; i++) {
		struct cache *c = &r->caches[i];

		if (v[i].run && !c->session)
			start_session(r, c);
		if (v[i].run || c->state == RPKI_STANDBY)
			continue;
		end_session(r, c);
		forget_data(r, c);
		set_state(r, c, RPKI_STANDBY);
	}
}

/* A session whose data expired begins anew: nothing of it counts. */
static bool
expire(struct rpki *r, struct mono now)
{
	bool any = false;

	for (size_t i = 0; i < r->n_caches; i++) {
		struct cache *c = &r->caches[i];

		if (mono_is_never(c->expires) || !mono_reached(c->expires, now))
			continue;
		any = true;
		forget_data(r, c);
		end_session(r, c);
		if (c->state == RPKI_SYNCHRONISED)
			set_error(c, "no news within the expire interval");
		set_state(r, c, RPKI_FAILED);
	}
	return any;
}

static void on_timer(uv_timer_t *timer);

static void
arm(struct rpki *r, struct mono now)
{
	struct mono next = MONO_NEVER;
	struct dur wait;

	for (size_t i = 0; i < r->n_caches; i++) {
		const struct cache *c = &r->caches[i];

		next = mono_min(next, c->expires);
		if (c->state == RPKI_CONNECTING && !is_failed(c, now))
			next = mono_min(next, mono_add(c->started, PATIENCE));
		/* One that could not be started, or waits for a source. */
		if (!c->session && c->state != RPKI_STANDBY)
			next = mono_min(next, mono_add(now, dur_s(1)));
	}
	uv_timer_stop(&r->timer);
	if (mono_is_never(next))
		return;
	wait = mono_sub(next, now);
	uv_timer_start(&r->timer, on_timer,
		       wait.ns > 0 ? (uint64_t)dur_to_ms(wait) + 1 : 0, 0);
}

/* True when other data count. */
static bool
look(struct rpki *r)
{
	struct choose_cache v[CONF_RPKI_CACHES_MAX];
	struct mono now = mono_now();
	bool changed = expire(r, now);

	describe(r, v, now);
	choose(v, r->n_caches);
	changed |= use(r, v);
	run(r, v);
	arm(r, now);
	return changed;
}

static void
on_timer(uv_timer_t *timer)
{
	struct rpki *r = timer->data;

	if (look(r))
		r->settings.callbacks->changed(r->settings.arg);
}

/* ---- configuration ---- */

static bool
same(const struct conf_rpki_cache *a, const struct conf_rpki_cache *b)
{
	return strcmp(a->name, b->name) == 0 && a->port == b->port &&
	       ip_equal(&a->address, &b->address) &&
	       ip_equal(&a->source, &b->source);
}

static void
fresh(struct cache *c, const struct conf_rpki_cache *conf)
{
	*c = (struct cache){.conf = conf,
			    .held = NO_SOURCE,
			    .since = mono_now(),
			    .synchronised = MONO_NEVER,
			    .expires = MONO_NEVER,
			    .error_at = MONO_NEVER};
}

/* The old one with the same session goes on as this one. */
static void
adopt(struct cache *c, const struct conf_rpki_cache *conf, struct cache *old,
      size_t n)
{
	fresh(c, conf);
	for (size_t i = 0; i < n; i++) {
		if (!old[i].conf || !same(old[i].conf, conf))
			continue;
		*c = old[i];
		c->conf = conf;
		old[i].conf = NULL;
	}
}

/* Before the names of the last one are gone. */
static bool
equal_intervals(const struct conf_rpki *a, const struct conf_rpki *b)
{
	return a && a->refresh.ns == b->refresh.ns &&
	       a->retry.ns == b->retry.ns && a->expire.ns == b->expire.ns;
}

static bool
load_module(struct rpki *r)
{
	const char *why = "another version";

	if (!r->module)
		r->module =
		    module_find("rpki", "rpki_rtr", "rpki_rtr_module", &why);
	if (r->module && r->module->abi == RTR_ABI)
		return true;
	log_error(r->settings.log, "rpki",
		  "origins cannot be validated: %s; every route is NotFound",
		  why);
	r->module = NULL;
	return false;
}

static void
drop_rest(struct rpki *r, struct cache *old, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!old[i].conf)
			continue;
		end_session(r, &old[i]);
		forget_data(r, &old[i]);
	}
}

/* Other intervals need other sessions; data stay until those have theirs. */
static void
restart_sessions(struct rpki *r)
{
	for (size_t i = 0; i < r->n_caches; i++)
		end_session(r, &r->caches[i]);
}

void
rpki_configure(struct rpki *r, const struct conf_rpki *conf)
{
	struct cache *old = r->caches;
	size_t n_old = r->n_caches;
	bool enabled = conf->enabled && load_module(r);
	bool equal = equal_intervals(r->conf, conf);

	r->n_caches = enabled ? conf->n_caches : 0;
	r->caches = xcalloc(r->n_caches + 1, sizeof(*r->caches));
	for (size_t i = 0; i < r->n_caches; i++)
		adopt(&r->caches[i], &conf->caches[i], old, n_old);
	drop_rest(r, old, n_old);
	free(old);
	r->conf = conf;
	if (!equal)
		restart_sessions(r);
	look(r);
	r->settings.callbacks->changed(r->settings.arg);
}

/* ---- life ---- */

static void
handle_closed(uv_handle_t *handle)
{
	struct rpki *r = handle->data;

	r->handles--;
	check_freed(r);
}

static void
check_freed(struct rpki *r)
{
	if (!r->freed || r->works > 0 || r->handles > 0)
		return;
	vrp_table_free(r->table);
	free(r->caches);
	free(r);
}

struct rpki *
rpki_new(const struct rpki_settings *s)
{
	struct rpki *r = xcalloc(1, sizeof(*r));

	r->settings = *s;
	r->table = vrp_table_new();
	uv_async_init(s->loop, &r->async, on_async);
	uv_idle_init(s->loop, &r->idle);
	uv_timer_init(s->loop, &r->timer);
	r->async.data = r->idle.data = r->timer.data = r;
	r->handles = 3;
	/* The loop may end while sessions are there. */
	uv_unref((uv_handle_t *)&r->async);
	return r;
}

/*
 * Threads send to the async handle as long as they live: it is closed by the
 * last of them.
 */
void
rpki_free(struct rpki *r)
{
	if (!r)
		return;
	r->freed = true;
	for (size_t i = 0; i < r->n_caches; i++) {
		struct session *s = r->caches[i].session;

		if (!s)
			continue;
		r->module->stop(s->rtr);
		feed_free(&s->feed);
		free(s);
	}
	uv_close((uv_handle_t *)&r->async, handle_closed);
	uv_close((uv_handle_t *)&r->idle, handle_closed);
	uv_close((uv_handle_t *)&r->timer, handle_closed);
}
