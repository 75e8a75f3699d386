/* SPDX-License-Identifier: ISC */
/*
 * why: the causal chain of one object, from the last check sample up to what
 * stands in each peer's Adj-RIB-Out, and the events that led there.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/brake.h"
#include "daemon/commands.h"
#include "daemon/origins.h"
#include "daemon/show.h"
#include "mesh/mesh.h"

#define CHECKS_MAX   100 /* of one service: a bound for one loop turn */
#define PREFIXES_MAX 100
#define CHAIN_MAX    16 /* causes followed back */

/* ---- peers ---- */

static bool
lists(const struct conf_peer *peer, size_t id)
{
	if (!peer->prefixes)
		return true;
	for (size_t i = 0; i < peer->n_prefixes; i++)
		if (peer->prefixes[i] == id)
			return true;
	return false;
}

/* Why a prefix is not in this peer's Adj-RIB-Out, for people. */
static void
why_not(const struct basin *b, const struct bgp_peer *peer, size_t id,
	const struct bgp_peer_view *view, struct text *out)
{
	const struct prefix *p = &b->conf->prefixes[id].prefix;
	unsigned bit = p->addr.family == AF_INET ? CONF_IPV4 : CONF_IPV6;
	const char *family = bit == CONF_IPV4 ? "IPv4" : "IPv6";
	const char *withheld = bgp_peer_withheld(peer, p);
	struct avail_prefix_view decision;

	avail_view_prefix(b->avail, id, &decision);
	if (!lists(view->conf, id))
		text_addf(out, "the peer's list of prefixes does not have it");
	else if (!(view->conf->families & bit))
		text_addf(out, "the peer is not configured for %s", family);
	else if (!decision.announce)
		text_addf(out, "the decision is not to announce it");
	else if (origins_rung(b, id, CONF_RUNG_HEALTHY) == CONF_RUNG_WITHDRAWN)
		origins_text(b, id, out);
	else if (!show_climbs(view->conf, decision.rung))
		text_addf(out, "its ladder withdraws what is %s",
			  avail_rung_text(decision.rung));
	else if (view->suspended)
		text_addf(out, "all sessions are closed: %s", view->suspended);
	else if (view->conf->shutdown)
		text_addf(out, "the session is shut down by configuration");
	else if (view->state != BGP_STATE_ESTABLISHED)
		text_addf(out, "the session is in %s%s%s",
			  bgp_state_text(view->state),
			  view->last_error[0] ? ": " : "", view->last_error);
	else if (!(view->families & bit))
		text_addf(out, "the peer did not negotiate %s unicast", family);
	else if (withheld)
		text_addf(out, "%s", withheld);
	else if (bgp_peer_pending(peer, p))
		text_addf(out,
			  "the UPDATE waits to be written (%zu octets are "
			  "queued)",
			  view->queued_octets);
	else
		text_addf(out, "the session has not taken it up yet");
}

static json_t *
peer_fact(const struct show *s, const struct bgp_peer *peer, size_t id)
{
	const struct prefix *p = &s->b->conf->prefixes[id].prefix;
	bool pending = bgp_peer_pending(peer, p);
	struct bgp_peer_view view;
	struct bgp_out_view out;
	struct text reason = {0};
	json_t *object = json_object();
	bool announced = bgp_peer_announced(peer, p, &out);

	bgp_peer_view(peer, &view);
	show_string(object, "peer", bgp_peer_name(peer));
	show_string(object, "state", bgp_state_text(view.state));
	show_bool(object, "exports", show_exports(s->b, view.conf, id));
	show_bool(object, "announced", announced);
	show_bool(object, "pending", pending);
	if (announced) {
		show_mono(s, object, "since", out.since);
		if (out.attributes)
			json_object_set_new(object, "attributes",
					    show_attributes(out.attributes));
	} else {
		why_not(s->b, peer, id, &view, &reason);
		show_string(object, "why_not", text_str(&reason));
		text_free(&reason);
	}
	return object;
}

static json_t *
peer_facts(const struct show *s, size_t id)
{
	json_t *list = json_array();

	for (size_t i = 0; i < bgp_peers(s->b->bgp); i++)
		json_array_append_new(
		    list, peer_fact(s, bgp_peer_at(s->b->bgp, i), id));
	return list;
}

/* ---- services and checks ---- */

/* Down ones first: they are the reason. */
static json_t *
checks_of(const struct show *s, size_t service)
{
	json_t *list = json_array();

	for (int up = 0; up < 2; up++) {
		for (size_t i = 0; i < avail_checks(s->b->avail); i++) {
			struct avail_check_view view;

			if (s->b->checks[i].service != service ||
			    json_array_size(list) >= CHECKS_MAX)
				continue;
			avail_view_check(s->b->avail, i, &view);
			if ((view.state == AVAIL_CHECK_UP) == (up == 1))
				json_array_append_new(list, show_check(s, i));
		}
	}
	return list;
}

/* Which addresses are not where they should be, and what is in the way. */
static json_t *
missing_addresses(const struct show *s, size_t service)
{
	json_t *list = json_array();

	for (size_t i = 0; i < out_addresses(s->b->out); i++) {
		struct out_address_view view;

		out_view_address(s->b->out, i, &view);
		if (view.service == service &&
		    view.state == OUT_ADDRESS_MISSING)
			json_array_append_new(
			    list,
			    show_address(s, &view,
					 s->b->conf->services[service].name));
	}
	return list;
}

static json_t *
service_with_checks(const struct show *s, size_t id)
{
	json_t *object = show_service(s, id);

	json_object_set_new(object, "missing_addresses",
			    missing_addresses(s, id));
	json_object_set_new(object, "check_list", checks_of(s, id));
	return object;
}

static json_t *
services_of(const struct show *s, size_t prefix)
{
	const struct conf_prefix *conf = &s->b->conf->prefixes[prefix];
	json_t *list = json_array();

	for (size_t i = 0; i < conf->n_services; i++)
		json_array_append_new(
		    list, service_with_checks(s, conf->services[i]));
	return list;
}

static bool
stands_on(const struct conf_prefix *prefix, size_t service)
{
	for (size_t i = 0; i < prefix->n_services; i++)
		if (prefix->services[i] == service)
			return true;
	return false;
}

static json_t *
prefixes_on(const struct show *s, size_t service)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->b->conf->n_prefixes; i++)
		if (stands_on(&s->b->conf->prefixes[i], service) &&
		    json_array_size(list) < PREFIXES_MAX)
			json_array_append_new(list, show_prefix(s, i));
	return list;
}

/* ---- events ---- */

/* Looks for one event of the journal and copies it. */
struct lookup {
	enum event_kind kind;
	const char *name; /* the last one of kind and name, or ... */
	uint64_t id;      /* ... this one */
	bool found;
	struct event event;
};

static void
on_lookup(void *arg, const struct event *event)
{
	struct lookup *l = arg;
	bool match = l->name ? event->kind == l->kind &&
				   strcmp(event->name, l->name) == 0
			     : event->id == l->id;

	if (!match)
		return;
	l->found = true;
	l->event = *event;
}

/* What was sent for a prefix since an event. */
struct consequences {
	uint64_t cause;
	const char *name;
	json_t *list;
};

static void
on_consequence(void *arg, const struct event *event)
{
	struct consequences *c = arg;

	if (event->kind == EVENT_ADVERTISEMENT && event->id > c->cause &&
	    strcmp(event->name, c->name) == 0 &&
	    json_array_size(c->list) < CHECKS_MAX)
		json_array_append_new(c->list, commands_event(event));
}

/* From the first cause to the last event of the object, then what was sent. */
static json_t *
chain(const struct basin *b, enum event_kind kind, const char *name)
{
	struct lookup l = {.kind = kind, .name = name};
	struct consequences sent = {0, name, json_array()};

	events_each(b->events, SIZE_MAX, on_lookup, &l);
	if (!l.found)
		return sent.list;
	sent.cause = l.event.id;
	for (int i = 0; i < CHAIN_MAX && l.found; i++) {
		json_array_insert_new(sent.list, 0, commands_event(&l.event));
		l = (struct lookup){.id = l.event.cause};
		if (l.id > 0)
			events_each(b->events, SIZE_MAX, on_lookup, &l);
	}
	events_each(b->events, SIZE_MAX, on_consequence, &sent);
	return sent.list;
}

/* ---- the command ---- */

/* NULL: it has none. */
static json_t *
brake_of(const struct show *s, size_t prefix)
{
	size_t brake = mesh_brake_of(brake_mesh(s->b), prefix);

	return brake == SIZE_MAX ? NULL : show_brake(s, brake);
}

static json_t *
why_prefix(const struct show *s, size_t id)
{
	char text[PREFIX_TEXT_MAX];

	prefix_format(&s->b->conf->prefixes[id].prefix, text, sizeof(text));
	return json_pack("{s:s, s:o, s:o*, s:o, s:o, s:o}", "kind", "prefix",
			 "prefix", show_prefix(s, id), "brake", brake_of(s, id),
			 "services", services_of(s, id), "peers",
			 peer_facts(s, id), "events",
			 chain(s->b, EVENT_PREFIX, text));
}

static json_t *
why_service(const struct show *s, size_t id)
{
	return json_pack(
	    "{s:s, s:o, s:o, s:o}", "kind", "service", "service",
	    service_with_checks(s, id), "prefixes", prefixes_on(s, id),
	    "events",
	    chain(s->b, EVENT_SERVICE, s->b->conf->services[id].name));
}

static json_t *
why_check(const struct show *s, size_t id)
{
	const struct basin_check *check = &s->b->checks[id];

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", "check", "check",
			 show_check(s, id), "service",
			 show_service(s, check->service), "prefixes",
			 prefixes_on(s, check->service), "events",
			 chain(s->b, EVENT_CHECK, check->conf->name));
}

static void
not_found(const struct basin *b, const char *name, struct ctl_reply *reply)
{
	const char **services = show_service_names(b);
	const char **checks = show_check_names(b);
	const char *nearest = text_nearest(name, services);
	char safe[160];

	if (!nearest)
		nearest = text_nearest(name, checks);
	reply->error = CTL_ERROR_NOT_FOUND;
	text_addf(&reply->message,
		  "no prefix, service or check \"%s\" is configured",
		  text_escape(name, strlen(name), safe, sizeof(safe)));
	if (nearest)
		text_addf(&reply->message, ", did you mean \"%s\"?", nearest);
	free(services);
	free(checks);
}

void
why_run(void *root, const struct ctl_caller *caller, const json_t *arguments,
	struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	const char *name = show_argument(arguments, "name");
	size_t id;

	if (!name) {
		reply->error = CTL_ERROR_BAD_REQUEST;
		text_add(&reply->message,
			 "\"name\" is a prefix, a service or a check");
		return;
	}
	if ((id = show_find_prefix(s.b, name)) != SIZE_MAX)
		reply->result = why_prefix(&s, id);
	else if ((id = show_find_service(s.b, name)) != SIZE_MAX)
		reply->result = why_service(&s, id);
	else if ((id = show_find_check(s.b, name)) != SIZE_MAX)
		reply->result = why_check(&s, id);
	else
		not_found(s.b, name, reply);
}
