/* SPDX-License-Identifier: ISC */
#include "bgp/rib_in.h"

#include <stdlib.h>

#include "base/text.h"
#include "bgp/pack.h"

/* Of one family: the next hop differs between those of an UPDATE. */
struct rib_in_attributes {
	struct best_key key;
	struct hop *hop; /* counted; NULL without a Loc-RIB */
	uint32_t refs;
	uint8_t packed[]; /* pack.h */
};

static void
release(struct rib_in *r, struct rib_in_attributes *a)
{
	if (--a->refs)
		return;
	if (a->hop)
		hops_put(r->hops, a->hop);
	free(a);
}

static bool
has_next_hop4(const struct bgp_attributes *a, uint8_t family)
{
	return family == AF_INET && !ip_is_none(&a->next_hop);
}

static struct bgp_route
as_route(const struct rib_in_route *r, struct bgp_attributes *room)
{
	const struct hop *hop = r->attributes->hop;
	bool v4;

	pack_open(r->attributes->packed, room);
	v4 = has_next_hop4(room, r->prefix.addr.family);
	return (struct bgp_route){
	    .prefix = r->prefix,
	    .next_hop = v4 ? room->next_hop : room->mp_next_hop,
	    .next_hop_local = v4 ? (struct ip){0} : room->mp_next_hop_local,
	    .blackhole = r->blackhole,
	    .gateway = hop ? hop->gateway : (struct ip){0},
	    .ifindex = hop ? hop->ifindex : 0,
	    .attributes = room,
	};
}

struct bgp_route
rib_in_route_of(const struct loc_path *path, struct bgp_attributes *room)
{
	const char *at = (const char *)path;

	return as_route(
	    (const struct rib_in_route
		 *)(const void *)(at - offsetof(struct rib_in_route, path)),
	    room);
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

	if (r->loc)
		loc_rib_remove(r->loc, &route->path);
	HASH_DEL(r->routes, route);
	release(r, route->attributes);
	r->n_stale -= route->stale;
	r->n_blackholes -= route->blackhole;
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
	bool blackhole; /* honoured when the prefix allows it */
	bool judged;    /* `verdict` says it of this family */
	enum policy_refusal verdict;
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

/*
 * RFC 2545 section 3: on the link of the session the link-local address is
 * the better gateway, it outlives a renumbering.
 */
static struct hop *
hop_of(struct rib_in *r, const struct bgp_attributes *a, uint8_t family)
{
	bool v4 = has_next_hop4(a, family);
	const struct ip *ip = v4 ? &a->next_hop : &a->mp_next_hop;
	const struct ip *local = &a->mp_next_hop_local;

	if (!v4 && !ip_is_none(local) && (r->ifindex || ip_is_unspecified(ip)))
		ip = local;
	return hops_get(r->hops, ip, ip_is_link_local(ip) ? r->ifindex : 0);
}

/* RFC 4271 section 5.1.5: what counts when a peer sends none. */
#define DEFAULT_LOCAL_PREF 100

static void
set_key(struct rib_in *r, struct rib_in_attributes *to,
	const struct bgp_attributes *a, bool blackhole)
{
	to->key = (struct best_key){
	    .source = &r->source,
	    .reachable = to->hop ? &to->hop->reachable : NULL,
	    .blackhole = blackhole,
	    .origin = a->origin,
	    .path_length = a->path_length,
	    .local_pref =
		a->has_local_pref ? a->local_pref : DEFAULT_LOCAL_PREF,
	    .has_neighbour = a->n_as_path > 0,
	    .neighbour = a->as_path[0],
	    .med = a->has_med ? a->med : 0,
	};
}

static struct rib_in_attributes *
new_attributes(struct applying *ap, uint8_t family)
{
	struct bgp_attributes a = ap->update->attributes;
	struct rib_in_attributes *to;

	honour_graceful_shutdown(&a);
	policy_mark(ap->self, &a);
	to = xcalloc(1, sizeof(*to) + pack_size(&a));
	pack_attributes(&a, to->packed);
	if (ap->r->loc)
		to->hop = hop_of(ap->r, &a, family);
	set_key(ap->r, to, &a, ap->blackhole);
	to->refs = 1;
	return to;
}

/* One for the routes of a family of an UPDATE. */
static struct rib_in_attributes *
shared_attributes(struct applying *ap, uint8_t family)
{
	if (!ap->attributes)
		ap->attributes = new_attributes(ap, family);
	ap->attributes->refs++;
	return ap->attributes;
}

static void
remember(struct rib_in *r, const struct prefix *prefix, enum policy_refusal why,
	 struct mono now)
{
	if (!r->recent)
		r->recent = xcalloc(RIB_IN_RECENT, sizeof(*r->recent));
	r->recent[r->n_recent++ % RIB_IN_RECENT] =
	    (struct rib_in_refusal){*prefix, why, now};
}

static void
refuse(struct applying *ap, const struct prefix *prefix,
       enum policy_refusal why)
{
	ap->r->refused[why]++;
	if (ap->r->n)
		drop_prefix(ap->r, prefix);
	if (why == POLICY_NOT_WANTED)
		return;
	ap->r->invalid |= why == POLICY_INVALID;
	remember(ap->r, prefix, why, ap->now);
	if (policy_refusal_is_odd(why)) {
		ap->result.refusal = why;
		ap->result.prefix = *prefix;
	}
}

static struct rib_in_route *
add_route(struct rib_in *r, const struct prefix *prefix)
{
	struct rib_in_route *route = xcalloc(1, sizeof(*route));

	route->prefix = *prefix;
	HASH_ADD(hh, r->routes, prefix, sizeof(*prefix), route);
	r->n++;
	return route;
}

/* Once, until there are a tenth less than what is warned of. */
static bool
comes_near(struct rib_in *r, const struct conf_max_prefix *max)
{
	uint64_t limit = (uint64_t)max->limit * max->warn / 100;

	if (max->warn == 0 || r->warned || r->n < limit)
		return false;
	r->warned = true;
	return true;
}

static void
calm_down(struct rib_in *r, const struct conf_max_prefix *max)
{
	if (r->warned && r->n < (uint64_t)max->limit * max->warn / 111)
		r->warned = false;
}

/* Hands the route to the Loc-RIB with its new attributes. */
static void
offer(struct rib_in *r, struct rib_in_route *route, bool is_new)
{
	route->path.key = &route->attributes->key;
	if (!r->loc)
		return;
	if (!is_new) {
		loc_rib_update(r->loc, &route->path);
		return;
	}
	route->path.prefix = &route->prefix;
	route->path.owner = r->owner;
	loc_rib_add(r->loc, &route->path);
}

static void
put_route(struct applying *ap, struct rib_in_route *route, bool is_new)
{
	struct rib_in_attributes *before = route->attributes;
	struct rib_in *r = ap->r;
	struct bgp_attributes room;
	struct bgp_route out;

	r->n_stale -= route->stale;
	r->n_blackholes += ap->blackhole;
	r->n_blackholes -= route->blackhole;
	route->stale = false;
	route->blackhole = ap->blackhole;
	route->attributes = shared_attributes(ap, route->prefix.addr.family);
	route->since = ap->now;
	offer(r, route, is_new);
	if (before)
		release(r, before);
	out = as_route(route, &room);
	r->changed(r->arg, &out, false);
}

static void
accept_prefix(struct applying *ap, const struct prefix *prefix)
{
	const struct conf_max_prefix *max = &ap->self->peer->policy.max_prefix;
	struct rib_in_route *route = find(ap->r, prefix);
	bool is_new = !route;

	if (is_new && ap->r->n >= max->limit) {
		ap->result.exceeded = prefix->addr.family;
		return;
	}
	if (is_new)
		route = add_route(ap->r, prefix);
	put_route(ap, route, is_new);
	ap->result.warn |= comes_near(ap->r, max);
}

static void
withdraw_list(struct applying *ap, struct rbuf list, uint8_t family)
{
	struct prefix prefix;

	while (ap->r->n && bgp_next_prefix(&list, family, &prefix))
		drop_prefix(ap->r, &prefix);
}

/* The attributes are judged when the first prefix could be accepted. */
static enum policy_refusal
judge(struct applying *ap, const struct prefix *prefix)
{
	const struct bgp_attributes *a = &ap->update->attributes;
	enum policy_refusal r =
	    ap->blackhole ? POLICY_NONE : policy_prefix(ap->self->peer, prefix);

	if (r != POLICY_NONE)
		return r;
	if (!ap->judged)
		ap->verdict =
		    policy_attributes(ap->self, a, prefix->addr.family);
	ap->judged = true;
	r = ap->verdict ? ap->verdict : policy_route(ap->self, a, prefix);
	if (r == POLICY_NONE && ap->blackhole &&
	    ap->r->n_blackholes >= ap->self->peer->policy.blackhole.limit &&
	    !find(ap->r, prefix))
		return POLICY_BLACKHOLES;
	return r;
}

static void
announce_list(struct applying *ap, struct rbuf list, uint8_t family)
{
	const struct conf_peer *peer = ap->self->peer;
	int longest = policy_longest(peer, family);
	struct prefix prefix;

	if (ap->attributes)
		release(ap->r, ap->attributes);
	ap->attributes = NULL;
	ap->judged = false;
	ap->blackhole = peer->policy.blackhole.accept.n &&
			policy_is_blackhole(&ap->update->attributes);
	while (!ap->result.exceeded &&
	       bgp_next_prefix(&list, family, &prefix)) {
		enum policy_refusal why = prefix.len > longest
					      ? POLICY_NOT_WANTED
					      : judge(ap, &prefix);

		if (why == POLICY_NONE)
			accept_prefix(ap, &prefix);
		else
			refuse(ap, &prefix, why);
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
		release(r, ap.attributes);
	calm_down(r, &self->peer->policy.max_prefix);
	return ap.result;
}

static bool
still_accepted(const struct rib_in_route *route, const struct policy_self *self,
	       enum policy_refusal *why)
{
	struct bgp_attributes room, *a = &room;

	pack_open(route->attributes->packed, a);
	*why = route->blackhole ? POLICY_NONE
				: policy_prefix(self->peer, &route->prefix);
	if (*why == POLICY_NONE)
		*why = policy_attributes(self, a, route->prefix.addr.family);
	if (*why == POLICY_NONE)
		*why = policy_route(self, a, &route->prefix);
	return *why == POLICY_NONE;
}

void
rib_in_refilter(struct rib_in *r, const struct policy_self *self)
{
	struct rib_in_route *route, *next;
	enum policy_refusal why;

	HASH_ITER (hh, r->routes, route, next) {
		if (still_accepted(route, self, &why))
			continue;
		r->refused[why]++;
		r->invalid |= why == POLICY_INVALID;
		if (why != POLICY_NOT_WANTED)
			remember(r, &route->prefix, why, mono_now());
		drop(r, route);
	}
	calm_down(r, &self->peer->policy.max_prefix);
}

const struct rib_in_refusal *
rib_in_recent(const struct rib_in *r, uint32_t i)
{
	uint32_t n = r->n_recent < RIB_IN_RECENT ? r->n_recent : RIB_IN_RECENT;

	return i < n ? &r->recent[(r->n_recent - i - 1) % RIB_IN_RECENT] : NULL;
}

const struct rib_in_refusal *
rib_in_refused(const struct rib_in *r, const struct prefix *prefix)
{
	const struct rib_in_refusal *at;

	for (uint32_t i = 0; (at = rib_in_recent(r, i)); i++)
		if (prefix_equal(&at->prefix, prefix))
			return at;
	return NULL;
}

void
rib_in_forget(struct rib_in *r)
{
	free(r->recent);
	r->recent = NULL;
	r->n_recent = 0;
	r->warned = r->invalid = false;
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
rib_in_mark_stale(struct rib_in *r, unsigned families)
{
	for (struct rib_in_route *p = r->routes; p; p = p->hh.next) {
		if (!of_families(p, families))
			continue;
		r->n_stale += !p->stale;
		p->stale = true;
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
		struct bgp_attributes room;
		struct bgp_route route = as_route(p, &room);

		each(arg, &route, p->since);
	}
}
