/* SPDX-License-Identifier: ISC */
#include "bgp/rib_in.h"

#include <stdlib.h>

#include "base/text.h"

struct rib_in_attributes {
	struct bgp_attributes a;
	uint32_t refs;
};

static void
release(struct rib_in_attributes *a)
{
	if (--a->refs == 0)
		free(a);
}

static struct bgp_route
as_route(const struct rib_in_route *r)
{
	const struct bgp_attributes *a = &r->attributes->a;
	bool v4 = r->prefix.addr.family == AF_INET;

	return (struct bgp_route){
	    .prefix = r->prefix,
	    .next_hop = v4 ? a->next_hop : a->mp_next_hop,
	    .next_hop_local = v4 ? (struct ip){0} : a->mp_next_hop_local,
	    .attributes = a,
	};
}

static struct rib_in_route *
find(const struct rib_in *r, const struct prefix *prefix)
{
	struct rib_in_route *route;

	HASH_FIND(hh, r->routes, prefix, sizeof(*prefix), route);
	return route;
}

static void
drop(struct rib_in *r, struct rib_in_route *route)
{
	struct bgp_route gone = {.prefix = route->prefix};

	HASH_DEL(r->routes, route);
	release(route->attributes);
	r->n_stale -= route->stale;
	free(route);
	r->n--;
	r->changed(r->arg, &gone, true);
}

static void
drop_prefix(struct rib_in *r, const struct prefix *prefix)
{
	struct rib_in_route *route = find(r, prefix);

	if (route)
		drop(r, route);
}

/* One UPDATE while it is applied. */
struct applying {
	struct rib_in *r;
	const struct policy_self *self;
	const struct bgp_update *update;
	struct rib_in_attributes *attributes; /* counted, made when needed */
	struct rib_in_result result;
	struct mono now;
};

/* RFC 8326 section 4.1: the last of all to be used. */
static void
honour_graceful_shutdown(struct bgp_attributes *a)
{
	for (size_t i = 0; i < a->n_communities; i++) {
		if (a->communities[i] != BGP_GRACEFUL_SHUTDOWN)
			continue;
		a->has_local_pref = true;
		a->local_pref = 0;
	}
}

static struct rib_in_attributes *
shared_attributes(struct applying *ap)
{
	if (!ap->attributes) {
		ap->attributes = xcalloc(1, sizeof(*ap->attributes));
		ap->attributes->a = ap->update->attributes;
		ap->attributes->refs = 1;
		honour_graceful_shutdown(&ap->attributes->a);
	}
	ap->attributes->refs++;
	return ap->attributes;
}

static void
refuse(struct applying *ap, const struct prefix *prefix,
       enum policy_refusal why)
{
	ap->r->refused[why]++;
	if (why != POLICY_NOT_WANTED) {
		ap->result.refusal = why;
		ap->result.prefix = *prefix;
	}
	drop_prefix(ap->r, prefix);
}

static void
accept_prefix(struct applying *ap, const struct prefix *prefix)
{
	struct rib_in_route *route = find(ap->r, prefix);
	struct rib_in_attributes *before = NULL;
	struct bgp_route out;

	if (!route && ap->r->n >= ap->self->peer->policy.max_prefix.limit) {
		ap->result.exceeded = prefix->addr.family;
		return;
	}
	if (!route) {
		route = xcalloc(1, sizeof(*route));
		route->prefix = *prefix;
		HASH_ADD(hh, ap->r->routes, prefix, sizeof(*prefix), route);
		ap->r->n++;
	} else {
		before = route->attributes;
	}
	ap->r->n_stale -= route->stale;
	route->stale = false;
	route->attributes = shared_attributes(ap);
	route->since = ap->now;
	if (before)
		release(before);
	out = as_route(route);
	ap->r->changed(ap->r->arg, &out, false);
}

static void
withdraw_list(struct applying *ap, struct rbuf list, uint8_t family)
{
	struct prefix prefix;

	while (bgp_next_prefix(&list, family, &prefix))
		drop_prefix(ap->r, &prefix);
}

static void
announce_list(struct applying *ap, struct rbuf list, uint8_t family)
{
	const struct bgp_attributes *a = &ap->update->attributes;
	enum policy_refusal all = policy_attributes(ap->self, a, family);
	struct prefix prefix;

	while (!ap->result.exceeded &&
	       bgp_next_prefix(&list, family, &prefix)) {
		enum policy_refusal one =
		    policy_prefix(ap->self->peer, &prefix);

		if (one == POLICY_NONE)
			one = all;
		if (one == POLICY_NONE)
			accept_prefix(ap, &prefix);
		else
			refuse(ap, &prefix, one);
	}
}

typedef void list_fn(struct applying *ap, struct rbuf list, uint8_t family);

/* RFC 4271 section 4.3: a prefix in both lists counts as announced. */
struct rib_in_result
rib_in_update(struct rib_in *r, const struct policy_self *self,
	      const struct bgp_update *update, bool withdraw_all,
	      struct mono now)
{
	struct applying ap = {
	    .r = r, .self = self, .update = update, .now = now};
	list_fn *reach = withdraw_all ? withdraw_list : announce_list;

	withdraw_list(&ap, update->withdrawn, AF_INET);
	if (update->has_mp_unreach && update->mp_unreach_family)
		withdraw_list(&ap, update->mp_unreach,
			      update->mp_unreach_family);
	reach(&ap, update->nlri, AF_INET);
	if (update->has_mp_reach && update->mp_reach_family)
		reach(&ap, update->mp_reach, update->mp_reach_family);
	if (ap.attributes)
		release(ap.attributes);
	return ap.result;
}

void
rib_in_refilter(struct rib_in *r, const struct conf_peer *peer)
{
	struct rib_in_route *route, *next;

	HASH_ITER (hh, r->routes, route, next) {
		if (policy_prefix(peer, &route->prefix) != POLICY_NONE)
			drop(r, route);
	}
}

void
rib_in_clear(struct rib_in *r)
{
	struct rib_in_route *route, *next;

	HASH_ITER (hh, r->routes, route, next) {
		drop(r, route);
	}
}

static bool
of_families(const struct rib_in_route *route, unsigned families)
{
	return families &
	       (route->prefix.addr.family == AF_INET ? BGP_FAMILY_IPV4
						     : BGP_FAMILY_IPV6);
}

void
rib_in_drop_stale(struct rib_in *r, unsigned families)
{
	struct rib_in_route *route, *next;

	if (r->n_stale == 0)
		return;
	HASH_ITER (hh, r->routes, route, next) {
		if (route->stale && of_families(route, families))
			drop(r, route);
	}
}

void
rib_in_retain(struct rib_in *r, unsigned keep)
{
	struct rib_in_route *route, *next;

	HASH_ITER (hh, r->routes, route, next) {
		if (!of_families(route, keep)) {
			drop(r, route);
			continue;
		}
		r->n_stale += !route->stale;
		route->stale = true;
	}
}

void
rib_in_each(const struct rib_in *r, bgp_route_fn *each, void *arg)
{
	for (struct rib_in_route *p = r->routes; p; p = p->hh.next) {
		struct bgp_route route = as_route(p);

		each(arg, &route, p->since);
	}
}
