/* SPDX-License-Identifier: ISC */
/* show routes: Adj-RIB-Out as sent, and what was accepted from peers. */
#include "daemon/show.h"

/* ---- attributes ---- */

static size_t
at_most(size_t n, size_t limit)
{
	return n < limit ? n : limit;
}

static json_t *
as_path(const struct bgp_attributes *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < at_most(a->n_as_path, BGP_AS_PATH_MAX); i++)
		json_array_append_new(list, json_integer(a->as_path[i]));
	return list;
}

static json_t *
communities(const struct bgp_attributes *a)
{
	json_t *list = json_array();
	char buf[64];

	for (size_t i = 0; i < at_most(a->n_communities, BGP_COMMUNITIES_MAX);
	     i++)
		json_array_append_new(
		    list, json_string(bgp_community_format(a->communities[i],
							   buf, sizeof(buf))));
	return list;
}

static json_t *
extended_communities(const struct bgp_attributes *a)
{
	json_t *list = json_array();
	char buf[32];

	for (size_t i = 0;
	     i < at_most(a->n_ext_communities, BGP_COMMUNITIES_MAX); i++) {
		snprintf(buf, sizeof(buf), "0x%016llx",
			 (unsigned long long)a->ext_communities[i]);
		json_array_append_new(list, json_string(buf));
	}
	return list;
}

static json_t *
large_communities(const struct bgp_attributes *a)
{
	json_t *list = json_array();
	char buf[64];

	for (size_t i = 0;
	     i < at_most(a->n_large_communities, BGP_COMMUNITIES_MAX); i++) {
		const uint32_t *v = a->large_communities[i].v;

		snprintf(buf, sizeof(buf), "%u:%u:%u", v[0], v[1], v[2]);
		json_array_append_new(list, json_string(buf));
	}
	return list;
}

static const char *
origin_text(uint8_t origin)
{
	static const char *const names[] = {
	    [BGP_ORIGIN_IGP] = "igp",
	    [BGP_ORIGIN_EGP] = "egp",
	    [BGP_ORIGIN_INCOMPLETE] = "incomplete",
	};

	return origin < ARRAY_LEN(names) ? names[origin] : "?";
}

json_t *
show_attributes(const struct bgp_attributes *a)
{
	json_t *object = json_object();

	json_object_set_new(object, "as_path", as_path(a));
	show_string(object, "origin",
		    a->has_origin ? origin_text(a->origin) : NULL);
	if (a->has_med)
		show_integer(object, "med", a->med);
	if (a->has_local_pref)
		show_integer(object, "local_pref", a->local_pref);
	if (!ip_is_none(&a->next_hop))
		show_ip(object, "next_hop", &a->next_hop);
	else
		show_ip(object, "next_hop", &a->mp_next_hop);
	json_object_set_new(object, "communities", communities(a));
	json_object_set_new(object, "extended_communities",
			    extended_communities(a));
	json_object_set_new(object, "large_communities", large_communities(a));
	return object;
}

/* ---- routes ---- */

struct walk {
	struct show show;
	struct show_page page;
	const struct bgp_peer *peer;
	bool in;
	bool one; /* only this prefix */
	struct prefix prefix;
};

/* Is this peer's path used, and what is better when it is not? */
struct standing {
	const struct bgp_peer *peer;
	json_t *object;
};

static void
on_path(void *arg, struct bgp_peer *peer, const struct bgp_route *route,
	bool used, const char *step)
{
	struct standing *s = arg;

	if (peer != s->peer)
		return;
	show_bool(s->object, "used", used);
	show_string(s->object, "standing", step);
	show_bool(s->object, "blackhole", route->blackhole);
}

static void
add_standing(const struct walk *w, json_t *object, const struct prefix *prefix)
{
	struct standing s = {w->peer, object};

	bgp_each_path(w->show.b->bgp, prefix, on_path, &s);
}

/* Accepted by nobody perhaps: what is known against it, peer by peer. */
static json_t *
refusals(const struct walk *w)
{
	json_t *object = json_object();
	const struct basin *b = w->show.b;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(b->bgp, i);
		const char *why = bgp_peer_refused(peer, &w->prefix);

		if (why)
			show_string(object, bgp_peer_name(peer), why);
	}
	return object;
}

static void
on_route(void *arg, const struct bgp_route *route, struct mono since)
{
	struct walk *w = arg;
	char prefix[PREFIX_TEXT_MAX];
	json_t *object;

	if (w->one && !prefix_equal(&w->prefix, &route->prefix))
		return;
	if (!show_page_wants(&w->page))
		return;
	object = route->attributes ? show_attributes(route->attributes)
				   : json_object();
	show_string(object, "peer", bgp_peer_name(w->peer));
	show_string(object, "prefix",
		    prefix_format(&route->prefix, prefix, sizeof(prefix)));
	if (!ip_is_none(&route->next_hop))
		show_ip(object, "next_hop", &route->next_hop);
	if (!ip_is_none(&route->next_hop_local))
		show_ip(object, "next_hop_local", &route->next_hop_local);
	show_mono(&w->show, object, "since", since);
	if (w->in) {
		add_standing(w, object, &route->prefix);
		show_string(
		    object, "rpki",
		    bgp_validity_text(bgp_peer_validity(w->peer, route)));
	}
	json_array_append_new(w->page.list, object);
}

static void
on_peer(void *arg, const struct bgp_peer *peer)
{
	struct walk *w = arg;

	w->peer = peer;
	if (w->in)
		bgp_peer_each_in(peer, on_route, w);
	else
		bgp_peer_each_out(peer, on_route, w);
}

static bool
read_prefix(struct walk *w, const char *prefix, struct ctl_reply *reply)
{
	w->one = prefix != NULL;
	if (!prefix || prefix_parse(prefix, &w->prefix) == 0)
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, "prefix is no prefix such as 192.0.2.0/24");
	return false;
}

void
show_routes_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct walk w = {.show = show_begin(root)};

	if (!show_direction(arguments, &w.in, reply) ||
	    !read_prefix(&w, show_argument(arguments, "prefix"), reply))
		return;
	w.page = show_page_begin(arguments);
	show_each_peer(w.show.b, show_argument(arguments, "peer"), on_peer, &w,
		       reply);
	reply->result = show_page_end(&w.page, "routes");
	show_string(reply->result, "direction", w.in ? "in" : "out");
	if (w.in && w.one)
		json_object_set_new(reply->result, "refused", refusals(&w));
}
