/* SPDX-License-Identifier: ISC */
#include "bgp/dynamic.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/speaker.h"

/* Without a session it is kept, to be looked at, for so long. */
#define REMEMBERED  dur_s(300)
#define REAP_PERIOD dur_s(15)

size_t
dynamic_count(const struct bgp *bgp, const struct conf_peer *range)
{
	size_t n = 0;

	for (size_t i = bgp->n_configured; i < bgp->n_peers; i++)
		n += bgp->peers[i]->configured == range;
	return n;
}

static const struct conf_peer *
range_of(const struct bgp *bgp, const struct ip *ip)
{
	const struct conf_peer *best = NULL;

	for (size_t i = 0; i < bgp->n_configured; i++) {
		const struct conf_peer *c = bgp->peers[i]->configured;

		if (conf_peer_dynamic(c) && prefix_contains(&c->range, ip) &&
		    (!best || c->range.len > best->range.len))
			best = c;
	}
	return best;
}

/* ---- going ---- */

static bool
is_idle(const struct bgp_peer *p)
{
	return !p->up && !p->sessions[PEER_ACCEPTED].conn;
}

static void
remove_at(struct bgp *bgp, size_t i)
{
	struct bgp_peer *p = bgp->peers[i];

	memmove(&bgp->peers[i], &bgp->peers[i + 1],
		(bgp->n_peers - i - 1) * sizeof(struct bgp_peer *));
	bgp->n_peers--;
	peer_free(p);
}

static void
reap(struct bgp *bgp, struct dur age)
{
	struct mono now = mono_now();

	for (size_t i = bgp->n_peers; i-- > bgp->n_configured;) {
		const struct bgp_peer *p = bgp->peers[i];

		if (is_idle(p) && mono_reached(mono_add(p->since, age), now))
			remove_at(bgp, i);
	}
}

static void
on_reap(uv_timer_t *timer)
{
	struct bgp *bgp = timer->data;

	reap(bgp, REMEMBERED);
	if (bgp->n_peers == bgp->n_configured)
		uv_timer_stop(timer);
}

/* ---- coming ---- */

static void
add(struct bgp *bgp, struct bgp_peer *p)
{
	uint64_t ms = (uint64_t)dur_to_ms(REAP_PERIOD);

	bgp->peers =
	    xrealloc(bgp->peers, bgp->n_peers + 1, sizeof(struct bgp_peer *));
	bgp->peers[bgp->n_peers++] = p;
	uv_timer_start(&bgp->reaper, on_reap, ms, ms);
}

static struct bgp_peer *
find_range_peer(struct bgp *bgp, const struct conf_peer *range)
{
	for (size_t i = 0; i < bgp->n_configured; i++)
		if (bgp->peers[i]->configured == range)
			return bgp->peers[i];
	return NULL;
}

static bool
has_room(struct bgp *bgp, const struct conf_peer *range)
{
	if (dynamic_count(bgp, range) < range->max_sessions)
		return true;
	reap(bgp, DUR_ZERO);
	return dynamic_count(bgp, range) < range->max_sessions;
}

struct bgp_peer *
dynamic_peer(struct bgp *bgp, const struct ip *ip)
{
	const struct conf_peer *range = range_of(bgp, ip);
	char text[IP_TEXT_MAX];
	struct bgp_peer *p;

	if (!range || range->shutdown || bgp->suspended)
		return NULL;
	if (!has_room(bgp, range)) {
		peer_log(find_range_peer(bgp, range), PEER_CAUSE_ACCEPT,
			 LOG_LEVEL_WARNING,
			 "connection from %s refused: max_sessions is %u",
			 ip_format(ip, text, sizeof(text)),
			 range->max_sessions);
		return NULL;
	}
	p = peer_new_dynamic(bgp, range, ip);
	add(bgp, p);
	peer_start(p);
	return p;
}

struct bgp_peer *
dynamic_restore(struct bgp *bgp, const char *range, const struct ip *ip)
{
	struct bgp_peer *p;

	for (size_t i = 0; i < bgp->n_configured; i++) {
		const struct conf_peer *c = bgp->peers[i]->configured;

		if (strcmp(c->name, range) != 0)
			continue;
		if (!conf_peer_dynamic(c) || c->shutdown ||
		    !prefix_contains(&c->range, ip) ||
		    dynamic_count(bgp, c) >= c->max_sessions)
			return NULL;
		p = peer_new_dynamic(bgp, c, ip);
		add(bgp, p);
		return p;
	}
	return NULL;
}

/* ---- a new configuration ---- */

static const struct conf_peer *
range_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
	return NULL;
}

bool
dynamic_stays(const struct bgp_peer *p, const struct conf *conf)
{
	const struct conf_peer *range;

	if (!peer_is_dynamic(p) || !p->enabled)
		return false;
	range = range_named(conf, p->configured->name);
	return range && prefix_contains(&range->range, &p->conf->address);
}

void
dynamic_adopt(struct bgp *bgp,
	      void (*adopt)(struct bgp_peer *p, const struct conf_peer *c))
{
	for (size_t i = bgp->n_configured; i < bgp->n_peers; i++) {
		struct bgp_peer *p = bgp->peers[i];

		adopt(p, range_named(bgp->conf, p->configured->name));
	}
}
