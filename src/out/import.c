/* SPDX-License-Identifier: ISC */
/*
 * Imported routes: several peers may offer one prefix; the best candidate is
 * installed. RFC 4271 section 9.1.2.2 as far as it decides here: highest
 * LOCAL_PREF, shortest AS_PATH, then the order of the peers in the file.
 */
#include "out/import.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/table.h"
#include "base/text.h"
#include "out/state.h"

struct candidate {
	TAILQ_ENTRY(candidate) link;
	char *peer;   /* owned */
	size_t order; /* of the peer in the configuration */
	uint32_t local_pref;
	uint16_t path_length;
	struct ip gateway;
	unsigned ifindex;
};

struct import {
	struct prefix prefix;
	UT_hash_handle hh;
	TAILQ_HEAD(, candidate) candidates; /* owned */
};

/* RFC 4271 section 5.1.5: what counts when a peer sends none. */
#define DEFAULT_LOCAL_PREF 100

static struct import *
find(struct out *out, const struct prefix *p)
{
	struct import *im;

	HASH_FIND(hh, out->imports.table, p, sizeof(*p), im);
	return im;
}

static struct candidate *
find_candidate(struct import *im, const char *peer)
{
	struct candidate *c;

	TAILQ_FOREACH (c, &im->candidates, link)
		if (strcmp(c->peer, peer) == 0)
			return c;
	return NULL;
}

static bool
is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->local_pref != b->local_pref)
		return a->local_pref > b->local_pref;
	if (a->path_length != b->path_length)
		return a->path_length < b->path_length;
	return a->order < b->order;
}

static struct sys_route
route_of(const struct import *im, const struct candidate *c)
{
	return (struct sys_route){.prefix = im->prefix,
				  .gateway = c->gateway,
				  .ifindex = c->ifindex,
				  .metric = ROUTE_IMPORT_METRIC};
}

/* Installs the best, or nothing; frees an import nobody offers. */
static void
choose(struct out *out, struct import *im)
{
	struct candidate *c, *best = TAILQ_FIRST(&im->candidates);
	struct sys_route r = {.prefix = im->prefix,
			      .metric = ROUTE_IMPORT_METRIC};

	TAILQ_FOREACH (c, &im->candidates, link)
		if (is_better(c, best))
			best = c;
	if (best) {
		r = route_of(im, best);
		route_want(out, &r);
		return;
	}
	route_unwant(out, &r, DUR_ZERO);
	HASH_DEL(out->imports.table, im);
	free(im);
}

static void
drop(struct import *im, struct candidate *c)
{
	TAILQ_REMOVE(&im->candidates, c, link);
	free(c->peer);
	free(c);
}

/*
 * The gateway: the link-local address when we know the link (it outlives a
 * renumbering), else the global one. False: there is no way to it.
 */
static bool
set_gateway(struct candidate *c, const struct conf_peer *peer,
	    const struct bgp_route *route)
{
	unsigned ifindex =
	    peer->interface ? if_nametoindex(peer->interface) : 0;
	const struct ip *local = &route->next_hop_local;

	c->gateway = route->next_hop;
	c->ifindex = 0;
	if (ifindex && !ip_is_none(local))
		c->gateway = *local;
	if (c->gateway.family == AF_INET6 && ip_is_link_local(&c->gateway))
		c->ifindex = ifindex;
	else
		return !ip_is_none(&c->gateway) &&
		       !ip_is_unspecified(&c->gateway);
	return ifindex != 0;
}

static struct candidate *
candidate_of(struct out *out, struct import *im, const struct conf_peer *peer)
{
	struct candidate *c = find_candidate(im, peer->name);

	if (c)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->peer = xstrdup(peer->name);
	c->order = (size_t)(peer - out->conf->peers);
	TAILQ_INSERT_TAIL(&im->candidates, c, link);
	return c;
}

static void
offer(struct out *out, const struct conf_peer *peer,
      const struct bgp_route *route)
{
	struct import *im = find(out, &route->prefix);
	const struct bgp_attributes *a = route->attributes;
	char text[PREFIX_TEXT_MAX];
	struct candidate *c;

	if (!im) {
		im = xcalloc(1, sizeof(*im));
		im->prefix = route->prefix;
		TAILQ_INIT(&im->candidates);
		HASH_ADD(hh, out->imports.table, prefix, sizeof(im->prefix),
			 im);
	}
	c = candidate_of(out, im, peer);
	c->local_pref =
	    a && a->has_local_pref ? a->local_pref : DEFAULT_LOCAL_PREF;
	c->path_length = a ? a->path_length : 0;
	if (!set_gateway(c, peer, route)) {
		log_warning(out->log, peer->name,
			    "route to %s is not installed: its next hop is "
			    "link-local and the peer has no `interface`",
			    prefix_format(&route->prefix, text, sizeof(text)));
		drop(im, c);
	}
	choose(out, im);
}

void
import_change(struct out *out, const struct conf_peer *peer,
	      const struct bgp_route *route, bool gone)
{
	struct import *im;
	struct candidate *c;

	if (!gone && peer->install) {
		offer(out, peer, route);
		return;
	}
	im = find(out, &route->prefix);
	c = im ? find_candidate(im, peer->name) : NULL;
	if (!c)
		return;
	drop(im, c);
	choose(out, im);
}

/* SIZE_MAX: no such peer, or it does not install. */
static size_t
order_of(const struct conf *conf, const char *peer)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (conf->peers[i].install &&
		    strcmp(conf->peers[i].name, peer) == 0)
			return i;
	return SIZE_MAX;
}

void
import_configure(struct out *out, const struct conf *conf)
{
	struct import *im, *next;

	HASH_ITER (hh, out->imports.table, im, next) {
		struct candidate *c = TAILQ_FIRST(&im->candidates);

		while (c) {
			struct candidate *after = TAILQ_NEXT(c, link);

			c->order = order_of(conf, c->peer);
			if (c->order == SIZE_MAX)
				drop(im, c);
			c = after;
		}
		choose(out, im);
	}
}

void
import_free_all(struct out *out)
{
	struct import *im, *next;

	HASH_ITER (hh, out->imports.table, im, next) {
		while (!TAILQ_EMPTY(&im->candidates))
			drop(im, TAILQ_FIRST(&im->candidates));
		HASH_DEL(out->imports.table, im);
		free(im);
	}
}
