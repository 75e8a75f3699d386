/* SPDX-License-Identifier: ISC */
/* A block as a route: reading what an operator says, and refusing harm. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/block.h"

/* ---- reading ---- */

static int
put_text(struct text *from, char *to, size_t size, struct text *error)
{
	int result = 0;

	if (from->len >= size) {
		text_add(error, "it is too long");
		result = -EINVAL;
	} else {
		snprintf(to, size, "%s", text_str(from));
	}
	text_free(from);
	return result;
}

/* Of the route's family; none: this node. */
static void
set_next_hop(const struct conf_block *conf, struct block_route *route)
{
	uint8_t family = route->nlri.prefix.addr.family;

	for (size_t i = 0; i < conf->next_hop.n; i++) {
		const struct ip *hop = &conf->next_hop.v[i];

		if (hop->family != family)
			continue;
		if (family == AF_INET)
			route->attributes.next_hop = *hop;
		else
			route->attributes.mp_next_hop = *hop;
	}
}

static void
set_communities(const struct conf_communities *c, struct bgp_attributes *a)
{
	for (size_t i = 0; i < c->n_standard && i < BGP_COMMUNITIES_MAX; i++)
		a->communities[a->n_communities++] = c->standard[i];
	for (size_t i = 0; i < c->n_extended && i < BGP_COMMUNITIES_MAX; i++)
		a->ext_communities[a->n_ext_communities++] = c->extended[i];
	for (size_t i = 0; i < c->n_large && i < BGP_COMMUNITIES_MAX; i++)
		memcpy(a->large_communities[a->n_large_communities++].v,
		       &c->large[i], sizeof(a->large_communities[0].v));
}

static int
read_prefix(const struct basin *b, const char *what, struct block_route *out,
	    struct text *error)
{
	struct prefix *p = &out->nlri.prefix;
	struct ip ip;
	int result = prefix_parse(what, p);

	if (result == -EDOM) {
		text_addf(error, "%s has host bits set", what);
		return -EINVAL;
	}
	if (result != 0 && ip_parse(what, &ip) == 0) {
		*p = prefix_of_ip(&ip);
		result = 0;
	}
	if (result != 0) {
		text_add(error, "DST is an address or a prefix, such as "
				"192.0.2.7");
		return -EINVAL;
	}
	out->nlri.family = bgp_family_unicast(p->addr.family);
	prefix_format(p, out->what, sizeof(out->what));
	set_communities(&b->conf->block.communities, &out->attributes);
	set_next_hop(&b->conf->block, out);
	return 0;
}

static int
read_flow(const char *what, const char *actions, struct block_route *out,
	  struct text *error)
{
	struct text canonical = {0}, printed = {0};
	int result = bgp_parse_flow(what, AF_INET, &out->flow, error);

	if (result == 0)
		result =
		    bgp_parse_flow_actions(actions, &out->attributes, error);
	if (result != 0)
		return result;
	out->nlri.flow = &out->flow;
	out->nlri.family = bgp_family_flow(out->flow.family);
	bgp_print_flow(&out->flow, &canonical);
	bgp_print_flow_actions(&out->attributes, &printed);
	result = put_text(&canonical, out->what, sizeof(out->what), error);
	if (put_text(&printed, out->actions, sizeof(out->actions), error) != 0)
		result = -EINVAL;
	return result;
}

int
block_read(const struct basin *b, bool flow, const char *what,
	   const char *actions, struct block_route *out, struct text *error)
{
	memset(out, 0, sizeof(*out));
	out->attributes.has_origin = true;
	out->attributes.origin = BGP_ORIGIN_IGP;
	if (!flow)
		return read_prefix(b, what, out, error);
	return read_flow(what, actions ? actions : "discard", out, error);
}

/* ---- what must not be blocked ---- */

/* What the block drops packets to. */
static const struct prefix *
target(const struct block_route *route)
{
	if (!route->nlri.flow)
		return &route->nlri.prefix;
	return route->flow.dst.present && route->flow.dst.offset == 0
		   ? &route->flow.dst.prefix
		   : NULL;
}

static int
refuse(struct text *error, const struct block_route *route, const char *owner,
       const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	text_addf(error, "%s has %s, %s: blocking it would cut this node off",
		  route->what, ip_format(ip, text, sizeof(text)), owner);
	return -EPERM;
}

static int
check_management(const struct basin *b, const struct block_route *route,
		 const struct prefix *p, struct text *error)
{
	const struct conf_ips *own = &b->conf->node.management;

	for (size_t i = 0; i < own->n; i++)
		if (prefix_contains(p, &own->v[i]))
			return refuse(error, route,
				      "a management address of this node",
				      &own->v[i]);
	for (size_t i = 0; i < b->conf->block.next_hop.n; i++)
		if (prefix_contains(p, &b->conf->block.next_hop.v[i]))
			return refuse(error, route, "the next hop of blocks",
				      &b->conf->block.next_hop.v[i]);
	return 0;
}

static int
check_peer(const struct block_route *route, const struct prefix *p,
	   const struct bgp_peer *peer, struct text *error)
{
	struct bgp_peer_view v;

	bgp_peer_view(peer, &v);
	if (v.conf && !ip_is_none(&v.conf->address) &&
	    prefix_contains(p, &v.conf->address))
		return refuse(error, route, "a neighbour's address",
			      &v.conf->address);
	if (v.conf && !ip_is_none(&v.conf->source) &&
	    prefix_contains(p, &v.conf->source))
		return refuse(error, route, "the source of a session",
			      &v.conf->source);
	if (!ip_is_none(&v.local) && prefix_contains(p, &v.local))
		return refuse(error, route, "our address of a session",
			      &v.local);
	if (!ip_is_none(&v.remote) && prefix_contains(p, &v.remote))
		return refuse(error, route, "a neighbour's address", &v.remote);
	return 0;
}

/* A flow that says more than where to does not take a service away. */
static bool
narrows(const struct block_route *route)
{
	return route->nlri.flow &&
	       (route->flow.src.present || route->flow.n_terms > 0);
}

static int
check_announced(const struct basin *b, const struct block_route *route,
		const struct prefix *p, struct text *error)
{
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		const struct prefix *own = &b->conf->prefixes[i].prefix;

		if (p->len > own->len || !prefix_contains(p, &own->addr))
			continue;
		text_addf(error,
			  "%s covers %s, which this node announces: to take "
			  "that out of service, basin drain prefix %s",
			  route->what, prefix_format(own, text, sizeof(text)),
			  text);
		return -EPERM;
	}
	return 0;
}

static int
check_length(const struct basin *b, const struct block_route *route,
	     const struct prefix *p, struct text *error)
{
	bool is4 = p->addr.family == AF_INET;
	unsigned least =
	    is4 ? b->conf->block.shortest : b->conf->block.shortest6;

	if (route->nlri.flow || p->len >= least)
		return 0;
	text_addf(error,
		  "%s is too much to block: at least /%u (option block.%s)",
		  route->what, least, is4 ? "shortest" : "shortest6");
	return -EPERM;
}

int
block_permitted(const struct basin *b, const struct block_route *route,
		struct text *error)
{
	const struct prefix *p = target(route);
	int result;

	if (!p) {
		text_addf(error,
			  "%s names no destination: it would block everybody, "
			  "this node too; add dst PREFIX",
			  route->what);
		return -EPERM;
	}
	result = check_length(b, route, p, error);
	if (result == 0)
		result = check_management(b, route, p, error);
	for (size_t i = 0; result == 0 && i < bgp_peers(b->bgp); i++)
		result = check_peer(route, p, bgp_peer_at(b->bgp, i), error);
	if (result == 0 && !narrows(route))
		result = check_announced(b, route, p, error);
	return result;
}
