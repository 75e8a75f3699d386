/* SPDX-License-Identifier: ISC */
/*
 * Routes of an established session: what the speaker wants, filtered by the
 * peer's exports, as paths into the Adj-RIB-Out and from there to the socket.
 */
#include "bgp/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/peer_gr.h"
#include "bgp/session.h"
#include "bgp/speaker.h"

static void
on_sent(void *arg, const struct bgp_nlri *nlri, bool announced)
{
	struct bgp_peer *p = arg;
	const struct bgp_callbacks *cb = p->bgp->settings.callbacks;

	if (nlri->flow && cb && cb->flow_sent)
		cb->flow_sent(p->bgp->settings.arg, p, nlri->flow, announced);
	else if (!nlri->flow && cb && cb->sent)
		cb->sent(p->bgp->settings.arg, p, &nlri->prefix, announced);
}

static void
on_route(void *arg, const struct bgp_route *route, bool gone)
{
	struct bgp_peer *p = arg;
	const struct bgp_callbacks *cb = p->bgp->settings.callbacks;

	if (cb && cb->route)
		cb->route(p->bgp->settings.arg, p, route, gone);
}

/* ---- what this peer gets ---- */

void
peer_routes_exports(struct bgp_peer *p)
{
	free(p->exports);
	p->exports = NULL;
	if (!p->conf->prefixes)
		return;
	p->exports = bits_new(p->bgp->conf->n_prefixes);
	for (size_t i = 0; i < p->conf->n_prefixes; i++)
		bits_put(p->exports, p->conf->prefixes[i], true);
}

static bool
exports(const struct bgp_peer *p, uint32_t id)
{
	return !p->exports || bits_has(p->exports, id);
}

static bool
carries(const struct bgp_peer *p, uint8_t family)
{
	return p->facts.families &
	       (family == AF_INET ? BGP_FAMILY_IPV4 : BGP_FAMILY_IPV6);
}

/*
 * The peer's ladder may keep a rung from it. What is degraded and kept from it
 * is not announced only to be drained: `has` it or not.
 */
static bool
climbs(const struct bgp_peer *p, enum conf_rung rung, bool has)
{
	const struct conf_step *ladder = p->conf->ladder;

	if (rung == CONF_RUNG_HEALTHY)
		return true;
	if (rung == CONF_RUNG_DRAINING && !has &&
	    !ladder[CONF_RUNG_DEGRADED].announce)
		return false;
	return rung != CONF_RUNG_WITHDRAWN && ladder[rung].announce;
}

static bool
has(const struct bgp_peer *p, uint32_t id)
{
	return p->out && p->out->entries[id].want;
}

bool
peer_waits(const struct bgp_peer *p, uint32_t id)
{
	uint8_t family = p->bgp->conf->prefixes[id].prefix.addr.family;
	unsigned bit = family == AF_INET ? CONF_IPV4 : CONF_IPV6;

	return p->enabled && !p->draining &&
	       climbs(p, speaker_rung(p->bgp, id), false) && exports(p, id) &&
	       p->conf->families & bit;
}

/* Octet `i` of the set that this peer may get. */
static uint8_t
allowed(const struct bgp_peer *p, size_t i)
{
	uint8_t ipv4 = p->bgp->ipv4[i];
	unsigned bits = p->exports ? p->exports[i] : 0xff;

	if (!(p->conf->families & CONF_IPV4))
		bits &= ~ipv4;
	if (!(p->conf->families & CONF_IPV6))
		bits &= ipv4;
	return (uint8_t)bits;
}

size_t
peer_count_waiting(const struct bgp_peer *p)
{
	size_t octets = bits_octets(p->bgp->conf->n_prefixes), n = 0;

	/* For who was found in a range and may not come back nothing waits. */
	if (!p->enabled || p->draining || conf_peer_dynamic(p->configured))
		return 0;
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		for (size_t i = 0; climbs(p, r, false) && i < octets; i++)
			n += (size_t)__builtin_popcount(p->bgp->at[r][i] &
							allowed(p, i));
	return n;
}

static const char *
withheld_on(const struct bgp_peer *p, enum conf_rung rung)
{
	return rung == CONF_RUNG_DRAINING && !p->conf->ladder[rung].announce
		   ? "the peer's ladder withdraws what is draining"
		   : "the peer's ladder withdraws what is degraded";
}

const char *
peer_withheld(const struct bgp_peer *p, uint32_t id)
{
	const struct conf_prefix *prefix = &p->bgp->conf->prefixes[id];
	enum conf_rung rung = speaker_rung(p->bgp, id);
	struct bgp_attributes unused;

	if (!exports(p, id))
		return "the peer's export list does not have it";
	if (p->bgp->suspended)
		return "all sessions are closed: the node is out of service";
	if (!p->enabled)
		return "the peer is shut down";
	if (!p->up)
		return "the session is not established";
	if (!carries(p, prefix->prefix.addr.family))
		return "the session does not carry its address family";
	/* Asked of one that is withdrawn: would it be announced? */
	if (rung == CONF_RUNG_WITHDRAWN)
		rung = CONF_RUNG_HEALTHY;
	if (!climbs(p, rung, has(p, id)))
		return withheld_on(p, rung);
	return path_build(&p->path_session, prefix, rung, &unused);
}

struct path *
peer_wanted_path(struct bgp_peer *p, uint32_t id, const char **why)
{
	const struct conf_prefix *prefix = &p->bgp->conf->prefixes[id];
	enum conf_rung rung = speaker_rung(p->bgp, id);

	if (p->draining || !climbs(p, rung, has(p, id)) || !exports(p, id) ||
	    !carries(p, prefix->prefix.addr.family))
		return NULL;
	return path_for(&p->out->paths, &p->path_session, prefix, rung, why);
}

static void
want_one(struct bgp_peer *p, uint32_t id)
{
	const char *why = NULL;
	struct path *path = peer_wanted_path(p, id, &why);
	char prefix[PREFIX_TEXT_MAX];

	rib_out_want(p->out, id, path);
	if (!why)
		return;
	prefix_format(&p->bgp->conf->prefixes[id].prefix, prefix,
		      sizeof(prefix));
	peer_log(p, PEER_CAUSE_NEXT_HOP, LOG_LEVEL_WARNING,
		 "%s is not announced: %s", prefix, why);
}

void
peer_want(struct bgp_peer *p, uint32_t id)
{
	if (p->out)
		want_one(p, id);
}

void
peer_want_all(struct bgp_peer *p)
{
	if (!p->out)
		return;
	for (uint32_t id = 0; id < p->out->n_ids; id++)
		want_one(p, id);
	peer_originate_all(p);
	speaker_kick(p->bgp);
}

/* ---- a session comes and goes ---- */

void
peer_routes_attach(struct bgp_peer *p, unsigned end_of_rib)
{
	p->out = rib_out_new(p->bgp->conf, end_of_rib, on_sent, p);
	p->in.changed = on_route;
	p->in.arg = p;
}

void
peer_routes_up(struct bgp_peer *p)
{
	peer_routes_attach(p, p->facts.families);
	peer_want_all(p);
}

/* It is taken away first: callbacks may ask. */
void
peer_routes_down(struct bgp_peer *p)
{
	struct rib_out *out = p->out;

	p->out = NULL;
	p->refreshing = 0;
	flows_down(p);
	if (out)
		rib_out_free(out);
}

bool
peer_routes_same_import(const struct conf_peer *a, const struct conf_peer *b)
{
	return conf_peer_import_equal(a, b) &&
	       a->policy.max_prefix.limit == b->policy.max_prefix.limit;
}

bool
peer_is_held(const struct bgp_peer *p)
{
	return mono_sub(p->not_before, mono_now()).ns > PEER_HELD_FOR.ns / 2;
}

bool
peer_is_released(const struct bgp_peer *p, const struct conf_peer *to)
{
	if (mono_reached(p->not_before, mono_now()))
		return false;
	return peer_is_held(p) || !peer_routes_same_import(p->configured, to) ||
	       p->configured->policy.max_prefix.restart.ns !=
		   to->policy.max_prefix.restart.ns;
}

static void
ask_again(struct bgp_peer *p)
{
	if (p->facts.families & BGP_FAMILY_IPV4)
		session_request_refresh(p->up, BGP_FAMILY_IPV4);
	if (p->facts.families & BGP_FAMILY_IPV6)
		session_request_refresh(p->up, BGP_FAMILY_IPV6);
}

/* What was refused before is not kept: the peer must send it again. */
static void
reconfigure_import(struct bgp_peer *p, const struct conf_peer *old)
{
	if (peer_routes_same_import(old, p->conf))
		return;
	peer_policy_again(p);
	if (p->up->open.route_refresh)
		ask_again(p);
	else
		log_warning(p->bgp->settings.log, p->subject,
			    "the new import policy waits for the next session:"
			    " the peer has no route refresh");
}

void
peer_routes_reconfigure(struct bgp_peer *p, const struct conf_peer *old)
{
	peer_routes_exports(p);
	peer_gr_configure(p);
	if (!p->up)
		return;
	p->path_session.peer = p->conf;
	rib_out_renumber(p->out, &p->bgp->index);
	peer_want_all(p);
	reconfigure_import(p, old);
}

/* ---- writing ---- */

static bool
ready_to_pack(const struct bgp_peer *p)
{
	return p->up && !p->bgp->gr.deferring && p->up->conn &&
	       p->up->conn->fd >= 0 && conn_pending(p->up->conn) == 0 &&
	       !rib_out_idle(p->out);
}

/* One batch into the socket; false when there was nothing to pack. */
static bool
flush_batch(struct bgp_peer *p, struct mono now)
{
	struct session *s = p->up;
	struct conn *c = s->conn;
	unsigned messages;
	size_t n = rib_out_pack(p->out, &p->facts, p->bgp->tx,
				p->facts.extended_message ? RIB_OUT_EXTENDED
							  : RIB_OUT_BATCH,
				c->queued, &messages);

	if (n == 0)
		return false;
	peer_send(s, BGP_UPDATE, p->bgp->tx, n);
	p->messages_out[BGP_UPDATE] += messages - 1;
	p->messages_out[BGP_UPDATE] -= p->out->markers;
	p->messages_out[BGP_ROUTE_REFRESH] += p->out->markers;
	rib_out_written(p->out, c->written, now);
	return true;
}

/* Everything is withdrawn and written: now the Cease. */
static void
finish_drain(struct bgp_peer *p)
{
	if (!p->draining)
		return;
	if (p->up && (!rib_out_idle(p->out) || conn_pending(p->up->conn)))
		return;
	peer_stop(p, BGP_CEASE_ADMIN_SHUTDOWN, p->drain_text);
}

bool
peer_flush(struct bgp_peer *p, struct mono until)
{
	bool more = false;

	while (ready_to_pack(p)) {
		struct mono now = mono_now();

		more = mono_reached(until, now);
		if (more || !flush_batch(p, now))
			break;
	}
	if (p->up)
		peer_rearm(p);
	finish_drain(p);
	return more;
}

void
peer_progress(struct bgp_peer *p)
{
	rib_out_written(p->out, p->up->conn->written, mono_now());
	if (p->up && (!rib_out_idle(p->out) || p->draining))
		speaker_kick(p->bgp);
}

void
peer_withdraw_all(struct bgp_peer *p)
{
	p->draining = true;
	peer_want_all(p);
}
