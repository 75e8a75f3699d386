/* SPDX-License-Identifier: ISC */
/* Metrics of sessions, and of addresses and routes in the kernel. */
#include "daemon/metrics_part.h"

/* ---- how many ---- */

static size_t
peers(const struct metrics_walk *k)
{
	return k->n_peers;
}

static size_t
addresses(const struct metrics_walk *k)
{
	return out_addresses(k->b->out);
}

/* ---- kernel ---- */

static void
address(struct metrics_walk *k, size_t i)
{
	struct out_address_view view;
	char ip[IP_TEXT_MAX];

	out_view_address(k->b->out, i, &view);
	metrics_sample(&k->w);
	metrics_label(&k->w, "service",
		      view.service < k->b->conf->n_services
			  ? k->b->conf->services[view.service].name
			  : "");
	metrics_label(&k->w, "address", ip_format(&view.ip, ip, sizeof(ip)));
	metrics_label(&k->w, "state", out_address_state_text(view.state));
	metrics_count(&k->w, 1);
}

static void
healed(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->out.healed);
}

static void
out_retries(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->out.retries);
}

static void
out_overruns(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->out.overruns);
}

/* ---- peers ---- */

static void
peer_state(struct metrics_walk *k, size_t i)
{
	const struct bgp_peer_view *view = &k->peers[i];

	metrics_sample(&k->w);
	metrics_label(&k->w, "peer", view->conf->name);
	metrics_label(&k->w, "state", bgp_state_text(view->state));
	metrics_count(&k->w, 1);
}

/* Families with one number a peer: which member of the view it is. */
#define PEER_NUMBER(fn, member)                                                \
	static void fn(struct metrics_walk *k, size_t i)                       \
	{                                                                      \
		metrics_sample(&k->w);                                         \
		metrics_label(&k->w, "peer", k->peers[i].conf->name);          \
		metrics_count(&k->w, k->peers[i].member);                      \
	}
PEER_NUMBER(peer_suspended, suspended != NULL)
PEER_NUMBER(peer_established, established)
PEER_NUMBER(peer_queued, queued_octets)
PEER_NUMBER(peer_announced, announced)
PEER_NUMBER(peer_pending, pending)
PEER_NUMBER(peer_imported, imported)
PEER_NUMBER(peer_stale, stale)
PEER_NUMBER(peer_malformed, updates_malformed)
PEER_NUMBER(peer_discarded, attributes_discarded)
PEER_NUMBER(peer_as_withdraw, treated_as_withdraw)
PEER_NUMBER(peer_flows_dropped, flows.dropped)
#undef PEER_NUMBER

static void
flows_of(struct metrics_walk *k, size_t i, const char *verdict, size_t n)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "peer", k->peers[i].conf->name);
	metrics_label(&k->w, "verdict", verdict);
	metrics_count(&k->w, n);
}

static void
peer_flows(struct metrics_walk *k, size_t i)
{
	struct bgp_flow_counts n = k->peers[i].flows;

	flows_of(k, i, "feasible", n.feasible);
	flows_of(k, i, "not_feasible", n.kept - n.feasible);
}

static void
messages(struct metrics_walk *k, const char *peer, const char *direction,
	 const uint64_t *counts)
{
	static const char *const types[] = {
	    [BGP_OPEN] = "open",
	    [BGP_UPDATE] = "update",
	    [BGP_NOTIFICATION] = "notification",
	    [BGP_KEEPALIVE] = "keepalive",
	    [BGP_ROUTE_REFRESH] = "route_refresh",
	};

	for (size_t type = BGP_OPEN; type < ARRAY_LEN(types); type++) {
		metrics_sample(&k->w);
		metrics_label(&k->w, "peer", peer);
		metrics_label(&k->w, "direction", direction);
		metrics_label(&k->w, "type", types[type]);
		metrics_count(&k->w, counts[type]);
	}
}

static void
peer_messages(struct metrics_walk *k, size_t i)
{
	const struct bgp_peer_view *view = &k->peers[i];

	messages(k, view->conf->name, "in", view->messages_in);
	messages(k, view->conf->name, "out", view->messages_out);
}

/* Of who sends us nothing that we want there is nothing to alert on. */
static void
peer_refused(struct metrics_walk *k, size_t i)
{
	const struct bgp_peer *peer = bgp_peer_at(k->b->bgp, i);
	bool imports = k->peers[i].conf->policy.import.enabled;
	const char *name;
	uint64_t n;

	for (unsigned at = 0; bgp_peer_refusals(peer, at, &name, &n); at++) {
		if (n == 0 && !imports)
			continue;
		metrics_sample(&k->w);
		metrics_label(&k->w, "peer", k->peers[i].conf->name);
		metrics_label(&k->w, "reason", name);
		metrics_count(&k->w, n);
	}
}

static void
octets(struct metrics_walk *k, const char *peer, const char *direction,
       uint64_t n)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "peer", peer);
	metrics_label(&k->w, "direction", direction);
	metrics_count(&k->w, n);
}

static void
peer_bytes(struct metrics_walk *k, size_t i)
{
	const struct bgp_peer_view *view = &k->peers[i];

	octets(k, view->conf->name, "in", view->octets_in);
	octets(k, view->conf->name, "out", view->octets_out);
}

const struct metrics_part metrics_peer_parts[] = {
    {METRIC_ADDRESSES, addresses, address},
    {METRIC_HEALED, NULL, healed},
    {METRIC_OUT_RETRIES, NULL, out_retries},
    {METRIC_OUT_OVERRUNS, NULL, out_overruns},
    {METRIC_PEER_STATE, peers, peer_state},
    {METRIC_PEER_SUSPENDED, peers, peer_suspended},
    {METRIC_PEER_ESTABLISHED, peers, peer_established},
    {METRIC_PEER_QUEUED, peers, peer_queued},
    {METRIC_PEER_ANNOUNCED, peers, peer_announced},
    {METRIC_PEER_PENDING, peers, peer_pending},
    {METRIC_PEER_IMPORTED, peers, peer_imported},
    {METRIC_PEER_STALE, peers, peer_stale},
    {METRIC_PEER_FLOWS, peers, peer_flows},
    {METRIC_PEER_FLOWS_DROPPED, peers, peer_flows_dropped},
    {METRIC_PEER_MALFORMED, peers, peer_malformed},
    {METRIC_PEER_DISCARDED, peers, peer_discarded},
    {METRIC_PEER_AS_WITHDRAW, peers, peer_as_withdraw},
    {METRIC_PEER_REFUSED, peers, peer_refused},
    {METRIC_PEER_MESSAGES, peers, peer_messages},
    {METRIC_PEER_BYTES, peers, peer_bytes},
    {0},
};
