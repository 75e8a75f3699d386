/* SPDX-License-Identifier: ISC */
/* show drains: who took out what, and how far its traffic has left. */
#include <string.h>

#include "daemon/drained.h"
#include "daemon/leave.h"
#include "daemon/quiet.h"
#include "daemon/show.h"
#include "model/model.h"

#define ADDRESSES_MAX 40
/* Prefixes times peers that one drain may cost: a turn stays below 5 ms. */
#define LOOKUPS_MAX 4000

/* ---- what is left to withdraw ---- */

static bool
concerns(const struct basin *b, const struct drain *d, size_t id, size_t prefix)
{
	const struct conf_prefix *p = &b->conf->prefixes[prefix];

	if (d->target == AVAIL_PREFIX)
		return prefix == id;
	for (size_t i = 0; i < p->n_services; i++)
		if (p->services[i] == id)
			return true;
	return false;
}

/* A service's prefix that others keep announced is not waited for. */
static bool
is_leaving(const struct basin *b, size_t prefix)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, prefix, &v);
	return v.state == AVAIL_PREFIX_DRAINING || !v.announce;
}

static size_t
routes_at(const struct basin *b, const struct drain *d,
	  const struct bgp_peer *peer)
{
	size_t id = model_find(b->conf, d->target, d->name), n = 0;
	size_t budget = LOOKUPS_MAX / (bgp_peers(b->bgp) + 1);
	struct bgp_peer_view view;
	struct bgp_out_view out;

	if (d->target == AVAIL_NODE) {
		bgp_peer_view(peer, &view);
		return view.announced;
	}
	for (size_t i = 0; i < b->conf->n_prefixes && budget > 0; i++) {
		if (id == SIZE_MAX || !concerns(b, d, id, i) ||
		    !is_leaving(b, i))
			continue;
		n += bgp_peer_announced(peer, &b->conf->prefixes[i].prefix,
					&out);
		budget--;
	}
	return n;
}

/* Peers that still have a route of it. */
static void
add_routes(const struct show *s, json_t *object, const struct drain *d)
{
	json_t *list = json_array();
	size_t total = 0;

	for (size_t i = 0; i < bgp_peers(s->b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(s->b->bgp, i);
		size_t n = routes_at(s->b, d, peer);

		total += n;
		if (n > 0)
			json_array_append_new(
			    list,
			    json_pack("{s:s, s:I}", "peer", bgp_peer_name(peer),
				      "routes", (json_int_t)n));
	}
	show_integer(object, "routes", total);
	json_object_set_new(object, "announced_to", list);
}

/* ---- its traffic ---- */

static json_t *
one_address(const struct quiet_address *a)
{
	json_t *object = json_object();

	show_ip(object, "address", &a->ip);
	show_bool(object, "counted", a->sample.available);
	json_object_set_new(object, "packets_per_second",
			    json_real(a->sample.packets_a_second));
	show_integer(object, "packets", a->packets);
	return object;
}

/* Those with traffic first, while there is room. */
static json_t *
addresses(const struct quiet_view *v)
{
	json_t *list = json_array();

	for (int quiet = 0; quiet < 2; quiet++)
		for (size_t i = 0;
		     i < v->n && json_array_size(list) < ADDRESSES_MAX; i++)
			if ((v->v[i].sample.packets_a_second <= 0) == quiet)
				json_array_append_new(list,
						      one_address(&v->v[i]));
	return list;
}

static void
add_traffic(const struct show *s, json_t *object, const struct drain *d)
{
	struct quiet_view v;
	json_t *traffic;

	if (!quiet_view(s->b, d->target, d->name, &v)) {
		json_object_set_new(object, "traffic", json_null());
		return;
	}
	traffic = json_object();
	show_bool(traffic, "counted", v.found.blind == 0);
	show_string(traffic, "why_not", v.why[0] ? v.why : NULL);
	json_object_set_new(traffic, "packets_per_second",
			    json_real(v.found.packets_a_second));
	json_object_set_new(traffic, "quiet_for",
			    json_real(dur_to_seconds(v.for_now)));
	show_integer(traffic, "addresses_total", v.n);
	json_object_set_new(traffic, "addresses", addresses(&v));
	json_object_set_new(object, "traffic", traffic);
}

/* ---- a drain ---- */

static enum drain_phase
phase_of(const struct basin *b, const struct drain *d)
{
	size_t id = model_find(b->conf, d->target, d->name);

	if (d->phase == DRAIN_DRAINED || id == SIZE_MAX ||
	    drained_has(b, d->target, id))
		return DRAIN_DRAINED;
	return DRAIN_DRAINING;
}

json_t *
show_drain(const struct show *s, const struct drain *d)
{
	enum drain_phase phase = phase_of(s->b, d);
	json_t *object = json_object();

	show_string(object, "target", drain_target_text(d->target));
	show_string(object, "name", d->target == AVAIL_NODE ? NULL : d->name);
	show_bool(object, "offline", drains_is_offline(d));
	show_bool(object, "configured",
		  model_find(s->b->conf, d->target, d->name) != SIZE_MAX);
	show_string(object, "reason", d->reason);
	show_string(object, "who", d->who);
	show_wall(object, "since", d->since);
	show_mono(s, object, "expires", d->expires);
	show_string(object, "phase", drain_phase_text(phase));
	if (phase == DRAIN_DRAINING)
		show_mono(s, object, "limit", d->limit);
	else
		show_string(object, "limit", NULL);
	json_object_set_new(object, "quiet",
			    json_real(dur_to_seconds(d->quiet)));
	return object;
}

/* Peers whose routes go with their sessions: perhaps the way to this node. */
static json_t *
installed_from(const struct basin *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->conf->n_peers; i++)
		if (b->conf->peers[i].install)
			json_array_append_new(
			    list, json_string(b->conf->peers[i].name));
	return list;
}

json_t *
show_drain_progress(const struct show *s, const struct drain *d)
{
	json_t *object = show_drain(s, d);

	add_routes(s, object, d);
	add_traffic(s, object, d);
	if (d->target == AVAIL_NODE) {
		show_bool(object, "sessions_closed", leave_closed(s->b));
		json_object_set_new(object, "installed_from",
				    installed_from(s->b));
	}
	return object;
}

json_t *
show_attack(const struct show *s)
{
	const struct drains_attack *a = drains_attack(s->b->drains);
	json_t *object;

	if (!a || mono_reached(a->expires, s->now))
		return json_null();
	object = json_object();
	show_string(object, "reason", a->reason);
	show_string(object, "who", a->who);
	show_wall(object, "since", a->since);
	show_mono(s, object, "expires", a->expires);
	return object;
}

/* `name` may be "node"; both arguments may be missing. */
static bool
matches(const struct drain *d, const char *target, const char *name)
{
	if (target && strcmp(target, drain_target_text(d->target)) != 0)
		return false;
	if (d->target == AVAIL_NODE)
		return !name || strcmp(name, "node") == 0;
	return !name || strcmp(name, d->name) == 0;
}

void
show_drains_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *target = show_argument(arguments, "target");
	const char *name = show_argument(arguments, "name");

	for (size_t i = 0; i < drains_count(s.b->drains); i++) {
		const struct drain *d = drains_at(s.b->drains, i);

		if (!drains_is_over(d, s.now) && matches(d, target, name) &&
		    show_page_wants(&page))
			json_array_append_new(page.list,
					      show_drain_progress(&s, d));
	}
	reply->result = show_page_end(&page, "drains");
}
