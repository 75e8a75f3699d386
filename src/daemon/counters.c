/* SPDX-License-Identifier: ISC */
/*
 *   OFF ◄──counters: off, no addresses──┐
 *    │                                  │
 *    └─configure─► SETTING ──0──► COUNTING ──read every 10 s, or every 1 s
 *                   ▲  └──-errno──► FAILED ──10 s──┐
 *                   └──────────────────────────────┘
 *
 * Invariants: one request to the helper is on its way at most; totals never go
 * back; an address is `available` only with a reading that is recent.
 */
#include "daemon/counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tally.h"

#define FAST    1  /* seconds between readings while somebody waits */
#define SLOW    10 /* and else; also until a failure is tried again */
#define SUBJECT "counters"

/* Readings that may fail to come before a count is no longer recent. */
#define MISSED 3

enum state { STATE_OFF, STATE_SETTING, STATE_COUNTING, STATE_FAILED };

struct entry {
	struct ip ip;
	struct tally tally;
};

struct counters {
	enum state state;
	struct entry *v; /* owned; sorted by address, without doubles */
	size_t n;
	bool asked;   /* an answer of the helper is awaited */
	bool changed; /* v is not what the helper was told last */
	bool wants[COUNTERS_USERS];
	unsigned since; /* seconds since the last request */
	int error;      /* of FAILED, or of the last reading */
	uv_timer_t timer;
};

/* ---- what is wrong, in words ---- */

static const char *
error_text(int error)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
		return "not permitted: the helper has no CAP_NET_ADMIN here";
	case -EOPNOTSUPP:
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT:
	case -EINVAL:
		return "this kernel has no nf_tables with owned tables (Linux "
		       "5.12 or newer)";
	case -E2BIG:
		return "more than 4096 service addresses";
	case -EPIPE:
		return "the helper is gone";
	default:
		return strerror(-error);
	}
}

const char *
counters_why(const struct basin *b)
{
	const struct counters *c = b->counters;

	if (!c || !b->conf->node.counters)
		return "switched off (node.counters: off)";
	if (c->state == STATE_OFF)
		return "no service has an address";
	if (c->error != 0)
		return error_text(c->error);
	return "";
}

bool
counters_available(const struct basin *b)
{
	const struct counters *c = b->counters;

	return c && c->state == STATE_COUNTING && c->error == 0;
}

/* Told once when it begins and once when it ends. */
static void
set_error(struct basin *b, int error)
{
	struct counters *c = b->counters;

	if (c->error == error)
		return;
	c->error = error;
	if (error != 0)
		log_warning(&b->log, SUBJECT,
			    "packets to service addresses cannot be counted: "
			    "%s; drains wait for their limit, overload is not "
			    "seen",
			    error_text(error));
	else
		log_notice(&b->log, SUBJECT,
			   "packets to service addresses are counted");
	for (size_t i = 0; error != 0 && i < c->n; i++)
		tally_miss(&c->v[i].tally);
}

/* ---- the list of addresses ---- */

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return ip_cmp(&x->ip, &y->ip);
}

static struct entry *
find(const struct counters *c, const struct ip *ip)
{
	struct entry key = {.ip = *ip};

	return c->n ? bsearch(&key, c->v, c->n, sizeof(key), compare) : NULL;
}

/* All service addresses, sorted, each once; known ones keep their tally. */
static struct entry *
list(const struct basin *b, size_t *n)
{
	const struct conf *conf = b->conf;
	size_t all = 0, kept = 0;
	struct entry *v;

	for (size_t i = 0; i < conf->n_services; i++)
		all += conf->services[i].addresses.n;
	v = xcalloc(all, sizeof(*v));
	all = 0;
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].addresses.n; k++)
			v[all++].ip = conf->services[i].addresses.v[k];
	qsort(v, all, sizeof(*v), compare);
	for (size_t i = 0; i < all; i++) {
		const struct entry *old = find(b->counters, &v[i].ip);

		if (kept > 0 && ip_equal(&v[kept - 1].ip, &v[i].ip))
			continue;
		v[kept].ip = v[i].ip;
		v[kept++].tally = old ? old->tally : tally_new();
	}
	*n = kept;
	return v;
}

/* ---- asking the helper ---- */

static void ask(struct basin *b);

/* One that changed its mind meanwhile is told at once. */
static void
answered(struct basin *b, int error)
{
	struct counters *c = b->counters;

	c->asked = false;
	set_error(b, c->state == STATE_OFF ? 0 : error);
	if (c->changed)
		ask(b);
}

static void
set_done(void *arg, int error)
{
	struct basin *b = arg;
	struct counters *c = b->counters;

	if (c->state == STATE_SETTING)
		c->state = error ? STATE_FAILED : STATE_COUNTING;
	answered(b, error);
	/* The first reading is where counting begins. */
	if (c->state == STATE_COUNTING && !c->asked)
		ask(b);
}

static void
read_done(void *arg, int error, const struct sys_counter *v, size_t n)
{
	struct basin *b = arg;
	struct counters *c = b->counters;
	unsigned quiet = b->conf->node.drain.quiet_rate;
	struct mono now = mono_now();

	for (size_t i = 0; error == 0 && i < n; i++) {
		struct entry *e = find(c, &v[i].ip);

		if (e)
			tally_read(&e->tally, v[i].packets, v[i].octets, quiet,
				   now);
	}
	answered(b, error);
}

static int
tell(struct basin *b)
{
	struct counters *c = b->counters;
	size_t n = c->state == STATE_OFF ? 0 : c->n;
	struct ip *v = xcalloc(n, sizeof(*v));
	int error;

	for (size_t i = 0; i < n; i++)
		v[i] = c->v[i].ip;
	c->changed = false;
	error = helper_counters_set(b->helper, v, n, set_done, b);
	free(v);
	return error;
}

/* Sets what has changed or failed, reads otherwise. */
static void
ask(struct basin *b)
{
	struct counters *c = b->counters;
	int error;

	if (c->asked || b->phase == BASIN_STOPPING)
		return;
	c->since = 0;
	if (c->state == STATE_FAILED)
		c->state = STATE_SETTING;
	if (c->changed || c->state == STATE_SETTING)
		error = tell(b);
	else
		error = helper_counters_read(b->helper, read_done, b);
	c->asked = error == 0;
	if (error == 0)
		return;
	if (c->state == STATE_SETTING)
		c->state = STATE_FAILED;
	set_error(b, error);
}

static unsigned
period(const struct counters *c)
{
	for (size_t i = 0; i < COUNTERS_USERS; i++)
		if (c->wants[i] && c->state == STATE_COUNTING)
			return FAST;
	return SLOW;
}

static void
second(uv_timer_t *timer)
{
	struct basin *b = timer->data;
	struct counters *c = b->counters;

	if (c->state != STATE_OFF && ++c->since >= period(c))
		ask(b);
}

/* ---- life ---- */

void
counters_start(struct basin *b)
{
	b->counters = xcalloc(1, sizeof(*b->counters));
	uv_timer_init(&b->loop, &b->counters->timer);
	b->counters->timer.data = b;
}

static bool
same_addresses(const struct counters *c, const struct entry *v, size_t n)
{
	bool same = n == c->n;

	for (size_t i = 0; same && i < n; i++)
		same = ip_equal(&c->v[i].ip, &v[i].ip);
	return same;
}

void
counters_configure(struct basin *b)
{
	struct counters *c = b->counters;
	bool was_off = c->state == STATE_OFF, off;
	size_t n;
	struct entry *v = list(b, &n);

	off = n == 0 || !b->conf->node.counters;
	c->changed |= off != was_off || (!off && !same_addresses(c, v, n));
	free(c->v);
	c->v = v;
	c->n = n;
	if (off)
		c->state = STATE_OFF;
	else if (c->changed)
		c->state = STATE_SETTING;
	if (off)
		uv_timer_stop(&c->timer);
	else
		uv_timer_start(&c->timer, second, 1000, 1000);
	if (c->changed)
		ask(b);
}

void
counters_free(struct basin *b)
{
	if (!b->counters)
		return;
	free(b->counters->v);
	free(b->counters);
	b->counters = NULL;
}

void
counters_fast_for(struct basin *b, enum counters_user user, bool on)
{
	struct counters *c = b->counters;

	if (!c || c->wants[user] == on)
		return;
	c->wants[user] = on;
	if (on && c->state == STATE_COUNTING)
		ask(b);
}

void
counters_fast(struct basin *b, bool on)
{
	counters_fast_for(b, COUNTERS_FOR_DRAIN, on);
}

/* ---- reading ---- */

static bool
is_recent(const struct counters *c, const struct tally *t)
{
	struct mono limit = mono_add(t->read, dur_s(MISSED * SLOW));

	/* Fast since a moment ago: the last reading may still be a slow one. */
	if (period(c) == FAST && c->since > MISSED * FAST)
		return false;
	return !mono_reached(limit, mono_now());
}

static void
judge(const struct basin *b, const struct tally *t, struct counters_view *out)
{
	const char *why = counters_why(b);

	if (*why == '\0' && mono_is_never(t->read))
		why = "not read yet";
	else if (*why == '\0' && !t->readable)
		why = "not counted since the last change";
	else if (*why == '\0' && !is_recent(b->counters, t))
		why = "the helper does not answer";
	out->available = *why == '\0';
	snprintf(out->why, sizeof(out->why), "%s", why);
}

bool
counters_view(const struct basin *b, const struct ip *ip,
	      struct counters_view *out)
{
	const struct entry *e = b->counters ? find(b->counters, ip) : NULL;
	struct tally none = tally_new();
	const struct tally *t = e ? &e->tally : &none;

	*out = (struct counters_view){
	    .packets = t->packets,
	    .octets = t->octets,
	    .packets_per_second = t->packets_per_second,
	    .octets_per_second = t->octets_per_second,
	    .last_packet = t->last_packet,
	    .read = t->read,
	};
	judge(b, t, out);
	return e != NULL;
}

static void
add(struct counters_view *sum, const struct counters_view *v)
{
	sum->packets += v->packets;
	sum->octets += v->octets;
	sum->packets_per_second += v->packets_per_second;
	sum->octets_per_second += v->octets_per_second;
	if (mono_is_never(sum->last_packet) ||
	    (!mono_is_never(v->last_packet) &&
	     mono_before(sum->last_packet, v->last_packet)))
		sum->last_packet = v->last_packet;
	sum->read = mono_min(sum->read, v->read);
	if (!v->available && sum->available)
		memcpy(sum->why, v->why, sizeof(sum->why));
	sum->available &= v->available;
}

bool
counters_view_service(const struct basin *b, size_t service,
		      struct counters_view *out)
{
	const struct conf_ips *ips = &b->conf->services[service].addresses;

	*out = (struct counters_view){.last_packet = MONO_NEVER,
				      .read = MONO_NEVER,
				      .available = ips->n > 0};
	if (ips->n == 0)
		snprintf(out->why, sizeof(out->why),
			 "the service has no address");
	for (size_t i = 0; i < ips->n; i++) {
		struct counters_view v;

		counters_view(b, &ips->v[i], &v);
		add(out, &v);
	}
	return out->available;
}
