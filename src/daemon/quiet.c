/* SPDX-License-Identifier: ISC */
/*
 * One watch for each drain that is DRAINING: the addresses of its prefixes
 * that are still announced on the rung "draining".
 */
#include "daemon/quiet.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/counters.h"
#include "daemon/drained.h"
#include "daemon/input.h"
#include "model/model.h"

/* The counters are read as often. */
#define LOOK_MS 1000

/*
 * A service address that may have traffic, and a prefix it comes by. An address
 * stands there once for each: it is watched until the last of them has gone.
 */
struct candidate {
	struct ip ip;
	size_t prefix;
	uint64_t first; /* packets when the drain began */
};

struct watched {
	enum avail_target target;
	char *name;          /* owned */
	struct candidate *v; /* owned, sorted */
	size_t n, room;
	/* Prefixes without an address that could be counted; owned. */
	size_t *bare;
	size_t n_bare;
	struct dur quiet;
	struct mono began; /* of the quiet */
	/* As last looked at: */
	struct quiet_address *seen;   /* owned; room for n */
	struct quiet_sample *samples; /* owned; room for n + 1 */
	size_t n_seen;
	enum quiet_verdict verdict;
	struct quiet_found found;
	char why[160];
};

struct quiet {
	uv_timer_t timer;
	bool running;
	struct watched **v; /* owned */
	size_t n;
};

/* ---- the addresses ---- */

static bool
still_draining(const struct basin *b, size_t prefix)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, prefix, &v);
	return v.state == AVAIL_PREFIX_DRAINING;
}

static int
by_ip(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return ip_cmp(&x->ip, &y->ip);
}

static int
by_ip_and_prefix(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = by_ip(a, b);

	return order ? order
		     : (x->prefix > y->prefix) - (x->prefix < y->prefix);
}

static void
add_candidate(struct watched *w, const struct ip *ip, size_t prefix)
{
	if (w->n == w->room) {
		w->room = w->room ? w->room * 2 : 16;
		w->v = xrealloc(w->v, w->room, sizeof(*w->v));
	}
	w->v[w->n++] = (struct candidate){.ip = *ip, .prefix = prefix};
}

static void
add_bare(struct watched *w, size_t prefix)
{
	/* Room for as many as the next power of two. */
	if ((w->n_bare & (w->n_bare - 1)) == 0)
		w->bare = xrealloc(w->bare, w->n_bare ? 2 * w->n_bare : 1,
				   sizeof(*w->bare));
	w->bare[w->n_bare++] = prefix;
}

static bool
concerns(const struct basin *b, const struct watched *w, size_t id,
	 size_t prefix)
{
	const struct conf_prefix *p = &b->conf->prefixes[prefix];

	if (w->target == AVAIL_NODE)
		return true;
	if (w->target == AVAIL_PREFIX)
		return prefix == id;
	for (size_t i = 0; i < p->n_services; i++)
		if (p->services[i] == id)
			return true;
	return false;
}

static void
add_prefix(struct basin *b, struct watched *w, size_t prefix)
{
	const struct conf_prefix *p = &b->conf->prefixes[prefix];
	size_t before = w->n;

	for (size_t i = 0; i < p->n_services; i++) {
		const struct conf_ips *ips =
		    &b->conf->services[p->services[i]].addresses;

		for (size_t j = 0; j < ips->n; j++)
			if (prefix_contains(&p->prefix, &ips->v[j]))
				add_candidate(w, &ips->v[j], prefix);
	}
	if (w->n == before)
		add_bare(w, prefix);
}

/* Sorted, each pair once, counting from where it did before. */
static void
settle(struct basin *b, struct watched *w, const struct candidate *old,
       size_t n_old)
{
	size_t n = 0;

	if (w->n > 0)
		qsort(w->v, w->n, sizeof(*w->v), by_ip_and_prefix);
	for (size_t i = 0; i < w->n; i++) {
		const struct candidate *before;
		struct counters_view view;

		if (n > 0 && by_ip_and_prefix(&w->v[n - 1], &w->v[i]) == 0)
			continue;
		w->v[n] = w->v[i];
		before =
		    n_old ? bsearch(&w->v[n], old, n_old, sizeof(*old), by_ip)
			  : NULL;
		if (before)
			w->v[n].first = before->first;
		else if (counters_view(b, &w->v[n].ip, &view))
			w->v[n].first = view.packets;
		n++;
	}
	w->n = n;
}

/* Also of those that others keep announced: they may begin to drain later. */
static void
find_candidates(struct basin *b, struct watched *w)
{
	size_t id = model_find(b->conf, w->target, w->name);
	struct candidate *old = w->v;
	size_t n_old = w->n;

	w->v = NULL;
	w->n = w->room = w->n_bare = 0;
	for (size_t i = 0; i < b->conf->n_prefixes; i++)
		if (concerns(b, w, id, i))
			add_prefix(b, w, i);
	settle(b, w, old, n_old);
	free(old);
	free(w->seen);
	free(w->samples);
	w->seen = xcalloc(w->n + 1, sizeof(*w->seen));
	w->samples = xcalloc(w->n + 1, sizeof(*w->samples));
	w->n_seen = 0;
}

/* ---- looking ---- */

static void
sample(struct basin *b, struct watched *w, const struct candidate *c)
{
	struct quiet_address *a = &w->seen[w->n_seen];
	struct counters_view view;

	*a = (struct quiet_address){.ip = c->ip};
	if (counters_view(b, &c->ip, &view) && view.available) {
		a->sample.available = true;
		a->sample.packets_a_second = view.packets_per_second;
		a->sample.last_packet = view.last_packet;
		a->sample.read = view.read;
		a->packets = view.packets - c->first;
	} else {
		snprintf(w->why, sizeof(w->why), "%s", view.why);
	}
	w->samples[w->n_seen++] = a->sample;
}

/*
 * A sample behind those that are seen when something arrives there, perhaps.
 * Returns how many: one stands for all.
 */
static size_t
sample_bare(const struct basin *b, struct watched *w)
{
	char text[PREFIX_TEXT_MAX];
	size_t i;

	for (i = 0; i < w->n_bare; i++)
		if (still_draining(b, w->bare[i]))
			break;
	if (i == w->n_bare)
		return 0;
	w->samples[w->n_seen] = (struct quiet_sample){0};
	snprintf(w->why, sizeof(w->why), "%s has no address of its services",
		 prefix_format(&b->conf->prefixes[w->bare[i]].prefix, text,
			       sizeof(text)));
	return 1;
}

static bool
seen_already(const struct watched *w, const struct ip *ip)
{
	return w->n_seen > 0 && ip_equal(&w->seen[w->n_seen - 1].ip, ip);
}

static void
look_at(struct basin *b, struct watched *w, struct mono now)
{
	size_t bare;

	w->n_seen = 0;
	w->why[0] = '\0';
	for (size_t i = 0; i < w->n; i++)
		if (still_draining(b, w->v[i].prefix) &&
		    !seen_already(w, &w->v[i].ip))
			sample(b, w, &w->v[i]);
	bare = sample_bare(b, w);
	w->verdict = quiet_judge(w->samples, w->n_seen + bare,
				 (double)b->conf->node.drain.quiet_rate,
				 w->began, w->quiet, now, &w->found);
	w->began = w->found.began;
}

static void
look(uv_timer_t *timer)
{
	struct basin *b = timer->data;
	struct mono now = mono_now();

	if (b->phase == BASIN_STOPPING)
		return;
	for (size_t i = 0; i < b->quiet->n; i++) {
		struct watched *w = b->quiet->v[i];

		look_at(b, w, now);
		if (w->verdict == QUIET_GONE)
			input_quiet(b, w->target,
				    model_find(b->conf, w->target, w->name),
				    now);
	}
	basin_decide(b); /* ends in standing_changed() and here again */
}

/* ---- which drains ---- */

static void
watched_free(struct watched *w)
{
	free(w->name);
	free(w->v);
	free(w->bare);
	free(w->seen);
	free(w->samples);
	free(w);
}

static struct watched *
find(const struct quiet *q, enum avail_target target, const char *name)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i] && q->v[i]->target == target &&
		    strcmp(q->v[i]->name, name) == 0)
			return q->v[i];
	return NULL;
}

static struct watched *
watched_new(const struct drain *d)
{
	struct watched *w = xcalloc(1, sizeof(*w));

	w->target = d->target;
	w->name = xstrdup(d->name);
	w->began = mono_now();
	return w;
}

static bool
is_draining(const struct basin *b, const struct drain *d)
{
	size_t id = model_find(b->conf, d->target, d->name);

	return id != SIZE_MAX && d->phase == DRAIN_DRAINING &&
	       !(d->target == AVAIL_NODE && d != drains_node(b->drains)) &&
	       !drained_has(b, d->target, id);
}

/* Keeps those that go on: how long it was quiet is not forgotten. */
static void
rebuild(struct basin *b)
{
	struct quiet *q = b->quiet;
	size_t n = drains_count(b->drains), kept = 0;
	struct watched **v = xcalloc(n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		const struct drain *d = drains_at(b->drains, i);
		struct watched *w = find(q, d->target, d->name);

		if (!is_draining(b, d))
			continue;
		for (size_t j = 0; w && j < q->n; j++)
			if (q->v[j] == w)
				q->v[j] = NULL;
		if (!w)
			w = watched_new(d);
		w->quiet = d->quiet;
		find_candidates(b, w);
		look_at(b, w, mono_now());
		v[kept++] = w;
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i])
			watched_free(q->v[i]);
	free(q->v);
	q->v = v;
	q->n = kept;
}

void
quiet_configure(struct basin *b)
{
	struct quiet *q = b->quiet;

	if (!q || b->phase == BASIN_STOPPING)
		return;
	rebuild(b);
	if ((q->n > 0) == q->running)
		return;
	q->running = q->n > 0;
	counters_fast(b, q->running);
	/* At once, for what has nothing to wait for. */
	if (q->running)
		uv_timer_start(&q->timer, look, 0, LOOK_MS);
	else
		uv_timer_stop(&q->timer);
}

struct quiet *
quiet_new(struct basin *b)
{
	struct quiet *q = xcalloc(1, sizeof(*q));

	uv_timer_init(&b->loop, &q->timer);
	q->timer.data = b;
	return q;
}

void
quiet_free(struct quiet *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		watched_free(q->v[i]);
	free(q->v);
	free(q);
}

/* ---- reading ---- */

bool
quiet_view(const struct basin *b, enum avail_target target, const char *name,
	   struct quiet_view *out)
{
	const struct watched *w =
	    b->quiet ? find(b->quiet, target, name) : NULL;

	*out = (struct quiet_view){.why = ""};
	if (!w)
		return false;
	out->verdict = w->verdict;
	out->found = w->found;
	out->v = w->seen;
	out->n = w->n_seen;
	out->why = w->why;
	if (w->verdict == QUIET_WAITS || w->verdict == QUIET_GONE)
		out->for_now = mono_sub(w->found.known, w->found.began);
	if (out->for_now.ns < 0)
		out->for_now = DUR_ZERO;
	return true;
}

void
quiet_tell(struct basin *b, enum avail_target target, const char *name,
	   struct text *out)
{
	const struct watched *w =
	    b->quiet ? find(b->quiet, target, name) : NULL;
	char buf[64];

	if (!w)
		return;
	switch (w->verdict) {
	case QUIET_GONE:
		if (w->n_seen == 0)
			text_add(out, "nothing announced depended on it");
		else
			text_addf(out, "its traffic has left: quiet for %s",
				  dur_format(w->quiet, buf, sizeof(buf)));
		return;
	case QUIET_LOUD:
		text_addf(
		    out,
		    "the limit has come: %.1f packets/s still arrive, "
		    "most at %s",
		    w->found.packets_a_second,
		    ip_format(&w->seen[w->found.loudest].ip, buf, sizeof(buf)));
		return;
	case QUIET_BLIND:
		text_addf(out,
			  "the limit has come: packets were not counted "
			  "(%s)",
			  w->why);
		return;
	case QUIET_WAITS:
		break;
	}
	text_addf(out, "the limit has come: quiet for %s of %s",
		  dur_format(mono_sub(mono_now(), w->began), buf, 32),
		  dur_format(w->quiet, buf + 32, 32));
}
