/* SPDX-License-Identifier: ISC */
/* show peers: sessions as they are. */
#include "daemon/show.h"

static void
add_session(json_t *object, const struct bgp_peer_view *view)
{
	struct ip id = ip_from_v4(view->remote_id);

	show_ip(object, "local", &view->local);
	show_ip(object, "remote", &view->remote);
	if (view->remote_id)
		show_ip(object, "remote_id", &id);
	json_object_set_new(object, "hold_time",
			    json_real(dur_to_seconds(view->hold_time)));
	json_object_set_new(object, "keepalive",
			    json_real(dur_to_seconds(view->keepalive)));
}

static json_t *
families(unsigned bits)
{
	json_t *list = json_array();

	for (; bits; bits &= bits - 1)
		json_array_append_new(
		    list, json_string(bgp_family_text(bits & -bits)));
	return list;
}

static json_t *
capabilities(const struct bgp_open *open)
{
	json_t *list = json_array();

	for (size_t i = 0; open && i < open->n_capabilities; i++)
		json_array_append_new(list, json_string(bgp_capability_text(
						open->capabilities[i])));
	return list;
}

static json_t *
messages(const uint64_t *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "open",
			 (json_int_t)counts[BGP_OPEN], "update",
			 (json_int_t)counts[BGP_UPDATE], "notification",
			 (json_int_t)counts[BGP_NOTIFICATION], "keepalive",
			 (json_int_t)counts[BGP_KEEPALIVE], "route_refresh",
			 (json_int_t)counts[BGP_ROUTE_REFRESH]);
}

static void
add_counters(json_t *object, const struct bgp_peer_view *view)
{
	show_integer(object, "announced", view->announced);
	show_integer(object, "pending", view->pending);
	show_integer(object, "imported", view->imported);
	show_integer(object, "stale", view->stale);
	show_string(object, "bfd",
		    view->bfd == BGP_BFD_OFF ? NULL : bgp_bfd_text(view->bfd));
	show_integer(object, "established", view->established);
	json_object_set_new(object, "messages_in", messages(view->messages_in));
	json_object_set_new(object, "messages_out",
			    messages(view->messages_out));
	show_integer(object, "octets_in", view->octets_in);
	show_integer(object, "octets_out", view->octets_out);
	show_integer(object, "queued_octets", view->queued_octets);
	show_integer(object, "updates_malformed", view->updates_malformed);
	show_integer(object, "attributes_discarded",
		     view->attributes_discarded);
	show_integer(object, "treated_as_withdraw", view->treated_as_withdraw);
}

static const char *
import_word(const struct conf_import *import)
{
	bool only_default = import->longest4 <= 0 && import->longest6 <= 0;

	if (!import->enabled)
		return "none";
	return only_default ? "default" : "list";
}

static void
add_configuration(json_t *object, const struct conf_peer *conf)
{
	show_string(object, "peer", conf->name);
	show_string(object, "description", conf->description);
	show_ip(object, "address", &conf->address);
	show_integer(object, "port", conf->port);
	show_integer(object, "asn", conf->asn);
	show_integer(object, "local_asn", conf->local_asn);
	show_bool(object, "passive", conf->passive);
	show_bool(object, "shutdown", conf->shutdown);
	show_string(object, "import", import_word(&conf->policy.import));
}

static void
add_restart(json_t *object, const struct show *s,
	    const struct bgp_peer_view *view)
{
	static const char *const modes[] = {[CONF_GR_OFF] = "off",
					    [CONF_GR_HELPER] = "helper",
					    [CONF_GR_ON] = "on"};
	const struct bgp_open *open = view->remote_open;
	json_t *gr = json_object();

	show_string(gr, "mode", modes[view->conf->graceful_restart.mode]);
	show_string(gr, "phase", view->gr_phase);
	show_bool(gr, "deferring", view->deferring);
	if (!mono_is_never(view->stale_until))
		show_mono(s, gr, "stale_until", view->stale_until);
	if (open && open->graceful_restart) {
		json_object_set_new(gr, "peer_families",
				    families(open->gr_families));
		show_integer(gr, "peer_restart_time", open->restart_time);
		show_bool(gr, "peer_notification", open->gr_notification);
	}
	json_object_set_new(object, "graceful_restart", gr);
}

static void
add_protection(json_t *object, const struct conf_transport *t)
{
	show_string(object, "authentication",
		    t->md5.key.v      ? "md5"
		    : t->tcp_ao.key.v ? "tcp-ao"
				      : "none");
	show_integer(object, "gtsm", t->gtsm);
}

static void
add_nature(json_t *object, const struct bgp_peer_view *view)
{
	const struct conf_peer *conf = view->conf;
	char range[PREFIX_TEXT_MAX];

	show_string(object, "interface", conf->interface);
	show_bool(object, "dynamic", view->dynamic);
	add_protection(object, &conf->transport);
	if (!view->range)
		return;
	show_string(object, "range",
		    prefix_format(&conf->range, range, sizeof(range)));
	show_integer(object, "sessions", view->sessions);
	show_integer(object, "max_sessions", conf->max_sessions);
}

static json_t *
diagnosis(const struct bgp_peer_view *view)
{
	if (!view->cause)
		return json_null();
	return json_pack("{s:s, s:s}", "cause", view->cause, "cure",
			 view->cure);
}

/* By reason, those that are not zero. */
static json_t *
refused(const struct bgp_peer *peer)
{
	json_t *object = json_object();
	const char *name;
	uint64_t n;

	for (unsigned i = 0; bgp_peer_refusals(peer, i, &name, &n); i++)
		if (n)
			show_integer(object, name, (json_int_t)n);
	return object;
}

#define RECENT_MAX 5

struct recent {
	const struct show *show;
	json_t *list;
};

static void
on_refusal(void *arg, const struct prefix *prefix, const char *name,
	   const char *why, struct mono at)
{
	struct recent *r = arg;
	char text[PREFIX_TEXT_MAX];
	json_t *object;

	if (json_array_size(r->list) == RECENT_MAX)
		return;
	object = json_object();
	show_string(object, "prefix",
		    prefix_format(prefix, text, sizeof(text)));
	show_string(object, "reason", name);
	show_string(object, "reason_text", why);
	show_mono(r->show, object, "at", at);
	json_array_append_new(r->list, object);
}

static json_t *
refused_recently(const struct show *s, const struct bgp_peer *peer)
{
	struct recent r = {s, json_array()};

	bgp_peer_each_refusal(peer, on_refusal, &r);
	return r.list;
}

/* Received flow specifications. */
static json_t *
flows(struct bgp_flow_counts n)
{
	json_t *object = json_object();

	show_integer(object, "received", n.kept);
	show_integer(object, "feasible", n.feasible);
	show_integer(object, "limit", n.limit);
	show_integer(object, "dropped", n.dropped);
	return object;
}

json_t *
show_peer(const struct show *s, const struct bgp_peer *peer)
{
	struct bgp_peer_view view;
	json_t *object = json_object(), *error;

	bgp_peer_view(peer, &view);
	add_configuration(object, view.conf);
	show_string(object, "role", conf_role_text(view.conf->policy.role));
	json_object_set_new(object, "refused", refused(peer));
	json_object_set_new(object, "refused_recently",
			    refused_recently(s, peer));
	json_object_set_new(object, "flows", flows(view.flows));
	add_nature(object, &view);
	json_object_set_new(object, "diagnosis", diagnosis(&view));
	show_string(object, "state", bgp_state_text(view.state));
	show_mono(s, object, "since", view.since);
	show_string(object, "suspended", view.suspended);
	add_session(object, &view);
	json_object_set_new(object, "families", families(view.families));
	json_object_set_new(object, "capabilities",
			    capabilities(view.remote_open));
	add_counters(object, &view);
	add_restart(object, s, &view);
	show_bool(object, "held", view.held);
	if (!mono_is_never(view.held_until))
		show_mono(s, object, "held_until", view.held_until);
	if (!view.last_error[0]) {
		json_object_set_new(object, "last_error", json_null());
		return object;
	}
	error = json_object();
	show_string(error, "text", view.last_error);
	show_mono(s, error, "at", view.last_error_at);
	json_object_set_new(object, "last_error", error);
	return object;
}

struct walk {
	struct show show;
	struct show_page page;
};

static void
on_peer(void *arg, const struct bgp_peer *peer)
{
	struct walk *w = arg;

	if (show_page_wants(&w->page))
		json_array_append_new(w->page.list, show_peer(&w->show, peer));
}

void
show_peers_run(void *root, const struct ctl_caller *caller,
	       const json_t *arguments, struct ctl_reply *reply)
{
	struct walk w = {show_begin(root), show_page_begin(arguments)};

	show_each_peer(w.show.b, show_argument(arguments, "name"), on_peer, &w,
		       reply);
	reply->result = show_page_end(&w.page, "peers");
}
