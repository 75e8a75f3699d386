/* SPDX-License-Identifier: ISC */
/*
 * Facts for people and metrics.
 */
#include <stdio.h>
#include <string.h>

#include "bgp/dynamic.h"
#include "bgp/speaker.h"

size_t
bgp_peers(const struct bgp *bgp)
{
	return bgp->n_peers;
}

struct bgp_peer *
bgp_peer_at(const struct bgp *bgp, size_t i)
{
	return bgp->peers[i];
}

const char *
bgp_peer_name(const struct bgp_peer *peer)
{
	return peer->name;
}

static void
view_connection(const struct session *s, struct bgp_peer_view *out)
{
	const struct conn *c = s->conn;

	out->hold_time = s->fsm.hold;
	out->keepalive = s->fsm.keepalive;
	if (s->has_open) {
		out->remote_open = &s->open;
		out->remote_id = s->open.router_id;
	}
	if (!c)
		return;
	out->local = c->local;
	out->remote = c->remote;
	out->queued_octets = conn_pending(c);
}

static const struct session *
shown_session(const struct bgp_peer *p)
{
	const struct session *a = &p->sessions[PEER_INITIATED];
	const struct session *b = &p->sessions[PEER_ACCEPTED];

	if (p->up)
		return p->up;
	return b->fsm.state == p->state ? b : a;
}

static void
view_nature(const struct bgp_peer *p, struct bgp_peer_view *out)
{
	struct cause found = peer_cause(p);

	out->cause = found.cause;
	out->cure = found.cure;
	out->dynamic = peer_is_dynamic(p);
	out->range = peer_is_range(p);
	if (out->range)
		out->sessions = dynamic_count(p->bgp, p->configured);
}

static void
view_hold(const struct bgp_peer *p, struct bgp_peer_view *out)
{
	bool over = mono_reached(p->not_before, mono_now());

	out->held = peer_is_held(p);
	out->held_until = over || out->held ? MONO_NEVER : p->not_before;
	if (over)
		return;
	out->cause = "it sends more routes than max_prefix accepts";
	out->cure = out->held
			? "see what it sends; raise max_prefix, or not, and "
			  "let it try again with `basin reload`"
			: "see what it sends, or raise max_prefix and reload";
}

void
bgp_peer_view(const struct bgp_peer *p, struct bgp_peer_view *out)
{
	memset(out, 0, sizeof(*out));
	out->conf = p->conf;
	out->suspended = p->bgp->suspended;
	out->state = p->state;
	out->since = p->since;
	view_connection(shown_session(p), out);
	view_nature(p, out);
	snprintf(out->last_error, sizeof(out->last_error), "%s", p->last_error);
	out->last_error_at = p->last_error_at;
	view_hold(p, out);
	memcpy(out->messages_in, p->messages_in, sizeof(out->messages_in));
	memcpy(out->messages_out, p->messages_out, sizeof(out->messages_out));
	out->established = p->established;
	out->octets_in = p->octets_in;
	out->octets_out = p->octets_out;
	for (int i = 0; i < PEER_SLOTS; i++) {
		const struct conn *c = p->sessions[i].conn;

		out->octets_in += c ? c->received : 0;
		out->octets_out += c ? c->written : 0;
	}
	out->updates_malformed = p->updates_malformed;
	out->attributes_discarded = p->attributes_discarded;
	out->treated_as_withdraw = p->treated_as_withdraw;
	out->bfd = p->bfd.state;
	out->bfd_why = p->bfd.why;
	out->flows = flows_counts(p);
	out->imported = p->in.n;
	out->stale = p->in.n_stale;
	out->stale_until = gr_deadline(&p->gr);
	out->gr_phase = gr_phase_text(p->gr.phase);
	out->deferring = p->bgp->gr.deferring;
	out->pending = p->out ? p->out->pending : peer_count_waiting(p);
	if (!p->out)
		return;
	out->families = p->facts.families;
	out->announced = p->out->announced;
}

static const struct rib_out_entry *
find_out(const struct bgp_peer *p, const struct prefix *prefix)
{
	struct bgp_nlri nlri = nlri_of_prefix(prefix);

	return rib_out_find(p->out, &p->bgp->index, &nlri);
}

bool
bgp_peer_announced(const struct bgp_peer *p, const struct prefix *prefix,
		   struct bgp_out_view *out)
{
	const struct rib_out_entry *e = p->out ? find_out(p, prefix) : NULL;

	if (!e || !e->sent)
		return false;
	out->since = e->since;
	out->attributes = &e->sent->key.attributes;
	return true;
}

bool
bgp_peer_pending(const struct bgp_peer *p, const struct prefix *prefix)
{
	const struct rib_out_entry *e;
	uint32_t id;

	if (!p->out) {
		id = index_find(&p->bgp->index, prefix);
		return id != INDEX_NONE && peer_waits(p, id);
	}
	e = find_out(p, prefix);
	return e && e->list != RIB_OUT_CLEAN;
}

const char *
bgp_peer_withheld(const struct bgp_peer *p, const struct prefix *prefix)
{
	uint32_t id = index_find(&p->bgp->index, prefix);

	struct bgp_nlri nlri = nlri_of_prefix(prefix);

	if (id != INDEX_NONE)
		return peer_withheld(p, id);
	if (!originated_has(&p->bgp->originated, &nlri, p->name))
		return "it is not in the configuration";
	return bgp_peer_withheld_nlri(p, &nlri);
}

void
bgp_peer_each_out(const struct bgp_peer *p, bgp_route_fn *each, void *arg)
{
	for (uint32_t i = 0; p->out && i < p->out->n; i++) {
		const struct rib_out_entry *e = &p->out->entries[i];
		struct bgp_route route = {.prefix = e->prefix};
		const struct bgp_attributes *a;

		if (!e->sent || ip_is_none(&e->prefix.addr))
			continue;
		a = &e->sent->key.attributes;
		route.attributes = a;
		route.next_hop = e->prefix.addr.family == AF_INET
				     ? a->next_hop
				     : a->mp_next_hop;
		route.next_hop_local = a->mp_next_hop_local;
		each(arg, &route, e->since);
	}
}

void
bgp_peer_each_in(const struct bgp_peer *p, bgp_route_fn *each, void *arg)
{
	rib_in_each(&p->in, each, arg);
}
