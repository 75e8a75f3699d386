/* SPDX-License-Identifier: ISC */
/* show prefixes: the decision, and to whom it went. */
#include <string.h>

#include "daemon/rung.h"
#include "daemon/show.h"

bool
show_family(const struct conf_peer *peer, const struct conf_prefix *prefix)
{
	return peer->families &
	       (prefix->prefix.addr.family == AF_INET ? CONF_IPV4 : CONF_IPV6);
}

bool
show_exports(const struct basin *b, const struct conf_peer *peer, size_t id)
{
	if (!show_family(peer, &b->conf->prefixes[id]))
		return false;
	if (!peer->prefixes)
		return true;
	for (size_t i = 0; i < peer->n_prefixes; i++)
		if (peer->prefixes[i] == id)
			return true;
	return false;
}

bool
show_climbs(const struct conf_peer *peer, enum avail_rung rung)
{
	bool below = rung == AVAIL_RUNG_DEGRADED || rung == AVAIL_RUNG_DRAINING;

	return !below || peer->ladder[rung_of(rung)].announce;
}

/*
 * Configuration of session number i, NULL when it is being removed or has none
 * itself, as a range of neighbours. Those found in one have "@" in their name.
 * Not by bgp_peer_view(), which counts prefixes: this is asked for every
 * prefix.
 */
static const struct conf_peer *
conf_of(const struct basin *b, size_t i)
{
	const char *name = bgp_peer_name(bgp_peer_at(b->bgp, i));
	const struct conf *conf = b->conf;
	size_t n = strcspn(name, "@");

	if (i < conf->n_peers && strcmp(conf->peers[i].name, name) == 0)
		return conf_peer_dynamic(&conf->peers[i]) ? NULL
							  : &conf->peers[i];
	for (i = 0; i < conf->n_peers; i++)
		if (strlen(conf->peers[i].name) == n &&
		    memcmp(conf->peers[i].name, name, n) == 0 &&
		    (name[n] || !conf_peer_dynamic(&conf->peers[i])))
			return &conf->peers[i];
	return NULL;
}

/* To how many peers a prefix goes, should go, and where it is late. */
struct reach {
	size_t announced, peers, pending;
};

static struct reach
reach_of(const struct basin *b, size_t id)
{
	const struct prefix *prefix = &b->conf->prefixes[id].prefix;
	struct avail_prefix_view view;
	struct reach reach = {0};

	avail_view_prefix(b->avail, id, &view);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(b->bgp, i);
		const struct conf_peer *conf = conf_of(b, i);
		struct bgp_out_view out;

		reach.peers += conf && show_exports(b, conf, id) &&
			       show_climbs(conf, view.rung);
		reach.announced += bgp_peer_announced(peer, prefix, &out);
		reach.pending += bgp_peer_pending(peer, prefix);
	}
	return reach;
}

static const char *
require_text(const struct conf_require *require, char *buf, size_t size)
{
	if (require->mode == CONF_REQUIRE_ALL)
		return "all";
	if (require->mode == CONF_REQUIRE_ANY)
		return "any";
	snprintf(buf, size, "%u", require->count);
	return buf;
}

static json_t *
service_names(const struct basin *b, const struct conf_prefix *conf)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf->n_services; i++)
		json_array_append_new(
		    list,
		    json_string(b->conf->services[conf->services[i]].name));
	return list;
}

/* The service that keeps a prefix from being healthy, NULL when none does. */
static const char *
rung_cause(const struct basin *b, size_t id,
	   const struct avail_prefix_view *view)
{
	const struct conf_prefix *p = &b->conf->prefixes[id];
	enum avail_service_state wanted = AVAIL_SERVICE_DEGRADED;

	if (view->rung_reason == AVAIL_REASON_OVERLOAD)
		wanted = AVAIL_SERVICE_OVERLOADED;
	else if (view->rung_reason != AVAIL_REASON_IMPAIRED)
		return NULL;
	for (size_t i = 0; i < p->n_services; i++) {
		struct avail_service_view service;

		avail_view_service(b->avail, p->services[i], &service);
		if (service.state == wanted)
			return b->conf->services[p->services[i]].name;
	}
	return NULL;
}

/* The first of its services to leave takes a prefix along that needs all. */
static struct mono
services_limit(const struct basin *b, const struct conf_prefix *p)
{
	struct mono limit = MONO_NEVER;

	if (p->require.mode != CONF_REQUIRE_ALL)
		return limit;
	for (size_t i = 0; i < p->n_services; i++) {
		struct avail_service_view service;

		avail_view_service(b->avail, p->services[i], &service);
		limit = mono_min(limit, service.drain_limit);
	}
	return limit;
}

/* When a draining prefix is withdrawn at the latest, as far as that is known.*/
static struct mono
drain_limit(const struct basin *b, size_t id,
	    const struct avail_prefix_view *view)
{
	struct avail_drain_times node = {.limit = MONO_NEVER};

	if (view->state != AVAIL_PREFIX_DRAINING)
		return MONO_NEVER;
	if (view->reason == AVAIL_REASON_SERVICE_DRAINED)
		return services_limit(b, &b->conf->prefixes[id]);
	if (view->reason == AVAIL_REASON_NODE_DRAINED)
		avail_node_drained(b->avail, &node);
	return mono_min(node.limit, view->drain_limit);
}

static void
add_rung(const struct show *s, json_t *object, size_t id,
	 const struct avail_prefix_view *view)
{
	show_string(object, "rung", avail_rung_text(view->rung));
	show_reason_as(object, "rung_reason", view->rung_reason);
	show_string(object, "rung_cause", rung_cause(s->b, id, view));
	show_mono(s, object, "rung_until", view->rung_until);
	show_integer(object, "penalty", view->penalty);
	show_mono(s, object, "drain_limit", drain_limit(s->b, id, view));
}

static void
add_decision(const struct show *s, json_t *object, size_t id)
{
	struct avail_prefix_view view;

	avail_view_prefix(s->b->avail, id, &view);
	show_string(object, "state", avail_prefix_state_text(view.state));
	show_reason(object, view.reason);
	show_mono(s, object, "since", view.since);
	show_mono(s, object, "until", view.until);
	show_bool(object, "announce", view.announce);
	add_rung(s, object, id, &view);
	show_bool(object, "degraded", view.degraded);
	show_string(object, "cause",
		    view.cause == SIZE_MAX
			? NULL
			: s->b->conf->services[view.cause].name);
	show_integer(object, "services_up", view.services_up);
	show_bool(object, "drained", view.drained);
	show_integer(object, "transitions", view.transitions);
}

json_t *
show_prefix(const struct show *s, size_t id)
{
	const struct conf_prefix *conf = &s->b->conf->prefixes[id];
	struct reach reach = reach_of(s->b, id);
	char text[PREFIX_TEXT_MAX], buf[16];
	const struct drain *drain;
	json_t *object = json_object(), *origin;

	prefix_format(&conf->prefix, text, sizeof(text));
	show_string(object, "prefix", text);
	add_decision(s, object, id);
	show_integer(object, "announced", reach.announced);
	show_integer(object, "peers", reach.peers);
	show_integer(object, "pending", reach.pending);
	json_object_set_new(object, "services", service_names(s->b, conf));
	show_string(object, "require",
		    require_text(&conf->require, buf, sizeof(buf)));
	show_string(object, "scope",
		    conf->scope == CONF_SCOPE_LOCAL ? "local" : "global");
	origin = show_origin(s, id);
	if (origin)
		json_object_set_new(object, "rpki", origin);
	drain = drains_find(s->b->drains, AVAIL_PREFIX, text);
	if (!drain)
		drain = drains_node(s->b->drains);
	if (drain && !drains_is_over(drain, s->now))
		json_object_set_new(object, "drain", show_drain(s, drain));
	return object;
}

void
show_prefixes_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");
	size_t only = name ? show_find_prefix(s.b, name) : SIZE_MAX;

	for (size_t i = 0; i < s.b->conf->n_prefixes; i++) {
		if (name && i != only)
			continue;
		if (show_page_wants(&page))
			json_array_append_new(page.list, show_prefix(&s, i));
	}
	if (name && only == SIZE_MAX)
		show_not_found(reply, "prefix", name, NULL);
	reply->result = show_page_end(&page, "prefixes");
}
