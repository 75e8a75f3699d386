/* SPDX-License-Identifier: ISC */
/* /metrics: walks the daemon family by family. */
#include <stdlib.h>

#include "daemon/metrics.h"
#include "daemon/show.h"

/* One sample with the family begun: no labels / one label. */
static void
single(struct metrics_writer *w, enum metric metric, uint64_t value)
{
	metrics_family(w, metric);
	metrics_sample(w);
	metrics_count(w, value);
}

static void
single_real(struct metrics_writer *w, enum metric metric, double value)
{
	metrics_family(w, metric);
	metrics_sample(w);
	metrics_real(w, value);
}

static double
unix_seconds(struct wall w)
{
	return (double)(w.ns / 1000000) / 1e3;
}

/* ---- node ---------------------------------------------------------------- */

static void
write_drains(struct metrics_writer *w, const struct basin *b)
{
	metrics_family(w, METRIC_DRAINED);
	metrics_sample(w);
	metrics_label(w, "target", "node");
	metrics_label(w, "name", "");
	metrics_count(w, avail_node_drained(b->avail, &(struct mono){0}));
	for (size_t i = 0; i < drains_count(b->drains); i++) {
		const struct drain *drain = drains_at(b->drains, i);

		if (drain->target == AVAIL_NODE)
			continue;
		metrics_sample(w);
		metrics_label(w, "target", drain_target_text(drain->target));
		metrics_label(w, "name", drain->name);
		metrics_count(w, 1);
	}
}

static void
write_sandbox(struct metrics_writer *w)
{
	struct sandbox_facts facts;

	sandbox_facts(&facts);
	metrics_family(w, METRIC_SANDBOX);
	metrics_sample(w);
	metrics_label(w, "protection", "filtered");
	metrics_count(w, facts.filtered);
	metrics_sample(w);
	metrics_label(w, "protection", "no_new_privileges");
	metrics_count(w, facts.no_new_privileges);
	metrics_sample(w);
	metrics_label(w, "protection", "unprivileged");
	metrics_count(w, facts.unprivileged);
}

static void
write_node(struct metrics_writer *w, const struct basin *b)
{
	metrics_family(w, METRIC_BUILD_INFO);
	metrics_sample(w);
	metrics_label(w, "version", BASIN_VERSION);
	metrics_label(w, "node", b->conf->node.name);
	metrics_count(w, 1);
	single_real(w, METRIC_START_TIME, unix_seconds(b->started));
	single(w, METRIC_CONFIG_GENERATION, b->generation);
	single_real(w, METRIC_CONFIG_LOADED, unix_seconds(b->configured));
	single(w, METRIC_CONFIG_RELOAD_FAILED, b->reload_failed);
	write_drains(w, b);
	single(w, METRIC_ALARMS, b->n_alarms);
	write_sandbox(w);
	single(w, METRIC_LOOP_TURNS, b->stall.turns);
	single(w, METRIC_LOOP_STALLS, b->stall.stalls);
	single_real(w, METRIC_LOOP_STALL_MAX, dur_to_seconds(b->stall.longest));
	single_real(w, METRIC_LOOP_BUSY, dur_to_seconds(b->stall.total));
	single(w, METRIC_EVENTS, events_last_id(b->events));
}

/* ---- prefixes ------------------------------------------------------------ */

static const char *
prefix_text(const struct basin *b, size_t id, char *buf)
{
	return prefix_format(&b->conf->prefixes[id].prefix, buf,
			     PREFIX_TEXT_MAX);
}

/* Which prefixes go to a peer: one octet each, owned by the caller. */
static bool *
exports_of(const struct basin *b, const struct conf_peer *peer)
{
	size_t n = b->conf->n_prefixes;
	bool *exports = xcalloc(n, sizeof(*exports));

	for (size_t i = 0; i < peer->n_prefixes; i++)
		exports[peer->prefixes[i]] = true;
	for (size_t i = 0; i < n; i++)
		if (!peer->prefixes || exports[i])
			exports[i] = show_family(peer, &b->conf->prefixes[i]);
	return exports;
}

/* Exported prefixes are 0 or 1; what is announced all the same is seen too. */
static void
write_announced_peer(struct metrics_writer *w, const struct basin *b,
		     const struct bgp_peer *peer)
{
	struct bgp_peer_view view;
	char buf[PREFIX_TEXT_MAX];
	bool *exports;

	bgp_peer_view(peer, &view);
	exports = exports_of(b, view.conf);
	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		struct bgp_out_view out;
		bool announced = bgp_peer_announced(
		    peer, &b->conf->prefixes[i].prefix, &out);

		if (!announced && !exports[i])
			continue;
		metrics_sample(w);
		metrics_label(w, "prefix", prefix_text(b, i, buf));
		metrics_label(w, "peer", bgp_peer_name(peer));
		metrics_count(w, announced);
	}
	free(exports);
}

static void
write_prefix_states(struct metrics_writer *w, const struct basin *b)
{
	struct avail_prefix_view view;
	char buf[PREFIX_TEXT_MAX];

	metrics_family(w, METRIC_DESIRED);
	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		avail_view_prefix(b->avail, i, &view);
		metrics_sample(w);
		metrics_label(w, "prefix", prefix_text(b, i, buf));
		metrics_count(w, view.announce);
	}
	metrics_family(w, METRIC_PREFIX_STATE);
	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		avail_view_prefix(b->avail, i, &view);
		metrics_sample(w);
		metrics_label(w, "prefix", prefix_text(b, i, buf));
		metrics_label(w, "state", avail_prefix_state_text(view.state));
		metrics_label(w, "reason", avail_reason_text(view.reason));
		metrics_count(w, 1);
	}
}

static void
write_prefixes(struct metrics_writer *w, const struct basin *b)
{
	metrics_family(w, METRIC_ANNOUNCED);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++)
		write_announced_peer(w, b, bgp_peer_at(b->bgp, i));
	write_prefix_states(w, b);
}

/* ---- services and checks ------------------------------------------------- */

static void
write_services(struct metrics_writer *w, const struct basin *b)
{
	struct avail_service_view view;

	metrics_family(w, METRIC_SERVICE_STATE);
	for (size_t i = 0; i < b->conf->n_services; i++) {
		avail_view_service(b->avail, i, &view);
		metrics_sample(w);
		metrics_label(w, "service", b->conf->services[i].name);
		metrics_label(w, "state", avail_service_state_text(view.state));
		metrics_label(w, "reason", avail_reason_text(view.reason));
		metrics_count(w, 1);
	}
}

static void
write_check_states(struct metrics_writer *w, const struct basin *b)
{
	struct avail_check_view view;

	metrics_family(w, METRIC_CHECK_STATE);
	for (size_t i = 0; i < avail_checks(b->avail); i++) {
		avail_view_check(b->avail, i, &view);
		metrics_sample(w);
		metrics_label(w, "service",
			      b->conf->services[b->checks[i].service].name);
		metrics_label(w, "check", b->checks[i].conf->name);
		metrics_label(w, "state", avail_check_state_text(view.state));
		metrics_label(w, "reason", avail_reason_text(view.reason));
		metrics_count(w, 1);
	}
}

static void
write_check_results(struct metrics_writer *w, const struct basin *b)
{
	struct avail_check_view view;
	struct check_result last;

	metrics_family(w, METRIC_CHECK_LATENCY);
	for (size_t i = 0; i < avail_checks(b->avail); i++) {
		if (!checker_last(b->checker, i, &last))
			continue;
		metrics_sample(w);
		metrics_label(w, "check", b->checks[i].conf->name);
		metrics_real(w, dur_to_seconds(last.latency));
	}
	metrics_family(w, METRIC_CHECK_SAMPLES);
	for (size_t i = 0; i < avail_checks(b->avail); i++) {
		avail_view_check(b->avail, i, &view);
		for (int v = 0; v < AVAIL_VERDICT_COUNT; v++) {
			metrics_sample(w);
			metrics_label(w, "check", b->checks[i].conf->name);
			metrics_label(
			    w, "verdict",
			    avail_verdict_text((enum avail_verdict)v));
			metrics_count(w, view.samples[v]);
		}
	}
}

static void
write_checker(struct metrics_writer *w, const struct basin *b)
{
	struct checker_stats stats;

	checker_stats(b->checker, &stats);
	single(w, METRIC_CHECK_RUNS, stats.runs);
	single(w, METRIC_CHECK_SKIPPED, stats.skipped);
	single_real(w, METRIC_CHECK_LATENESS_MAX,
		    dur_to_seconds(stats.lateness_max));
	single_real(w, METRIC_CHECK_LATENESS_P99, stats.lateness_p99);
}

static void
transition(struct metrics_writer *w, const char *kind, const char *name,
	   uint64_t n)
{
	metrics_sample(w);
	metrics_label(w, "kind", kind);
	metrics_label(w, "name", name);
	metrics_count(w, n);
}

static void
write_transitions(struct metrics_writer *w, const struct basin *b)
{
	struct avail_check_view check;
	struct avail_service_view service;
	struct avail_prefix_view prefix;
	char buf[PREFIX_TEXT_MAX];

	metrics_family(w, METRIC_TRANSITIONS);
	for (size_t i = 0; i < avail_checks(b->avail); i++) {
		avail_view_check(b->avail, i, &check);
		transition(w, "check", b->checks[i].conf->name,
			   check.transitions);
	}
	for (size_t i = 0; i < b->conf->n_services; i++) {
		avail_view_service(b->avail, i, &service);
		transition(w, "service", b->conf->services[i].name,
			   service.transitions);
	}
	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		avail_view_prefix(b->avail, i, &prefix);
		transition(w, "prefix", prefix_text(b, i, buf),
			   prefix.transitions);
	}
}

/* ---- peers --------------------------------------------------------------- */

/* Families with one number a peer: which field of the view it is. */
static const struct {
	enum metric metric;
	size_t offset;
	bool wide; /* uint64_t, else size_t */
} peer_numbers[] = {
#define FIELD(metric, field)                                                   \
	{                                                                      \
		METRIC_##metric, offsetof(struct bgp_peer_view, field),        \
		    sizeof(((struct bgp_peer_view *)0)->field) == 8            \
	}
    FIELD(PEER_ESTABLISHED, established),
    FIELD(PEER_QUEUED, queued_octets),
    FIELD(PEER_ANNOUNCED, announced),
    FIELD(PEER_PENDING, pending),
    FIELD(PEER_IMPORTED, imported),
    FIELD(PEER_MALFORMED, updates_malformed),
    FIELD(PEER_DISCARDED, attributes_discarded),
    FIELD(PEER_AS_WITHDRAW, treated_as_withdraw),
#undef FIELD
};

static uint64_t
number_of(const struct bgp_peer_view *view, size_t i)
{
	const char *field = (const char *)view + peer_numbers[i].offset;

	return peer_numbers[i].wide ? *(const uint64_t *)(const void *)field
				    : *(const uint32_t *)(const void *)field;
}

static void
write_peer_numbers(struct metrics_writer *w, const struct basin *b)
{
	struct bgp_peer_view view;

	for (size_t n = 0; n < ARRAY_LEN(peer_numbers); n++) {
		metrics_family(w, peer_numbers[n].metric);
		for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
			bgp_peer_view(bgp_peer_at(b->bgp, i), &view);
			metrics_sample(w);
			metrics_label(w, "peer", view.conf->name);
			metrics_count(w, number_of(&view, n));
		}
	}
}

static void
write_messages(struct metrics_writer *w, const char *peer,
	       const char *direction, const uint64_t *counts)
{
	static const char *const types[] = {
	    [BGP_OPEN] = "open",
	    [BGP_UPDATE] = "update",
	    [BGP_NOTIFICATION] = "notification",
	    [BGP_KEEPALIVE] = "keepalive",
	    [BGP_ROUTE_REFRESH] = "route_refresh",
	};

	for (size_t type = BGP_OPEN; type < ARRAY_LEN(types); type++) {
		metrics_sample(w);
		metrics_label(w, "peer", peer);
		metrics_label(w, "direction", direction);
		metrics_label(w, "type", types[type]);
		metrics_count(w, counts[type]);
	}
}

static void
bytes(struct metrics_writer *w, const char *peer, const char *direction,
      uint64_t n)
{
	metrics_sample(w);
	metrics_label(w, "peer", peer);
	metrics_label(w, "direction", direction);
	metrics_count(w, n);
}

static void
write_traffic(struct metrics_writer *w, const struct basin *b)
{
	struct bgp_peer_view v;

	metrics_family(w, METRIC_PEER_MESSAGES);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		bgp_peer_view(bgp_peer_at(b->bgp, i), &v);
		write_messages(w, v.conf->name, "in", v.messages_in);
		write_messages(w, v.conf->name, "out", v.messages_out);
	}
	metrics_family(w, METRIC_PEER_BYTES);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		bgp_peer_view(bgp_peer_at(b->bgp, i), &v);
		bytes(w, v.conf->name, "in", v.octets_in);
		bytes(w, v.conf->name, "out", v.octets_out);
	}
}

static void
write_peers(struct metrics_writer *w, const struct basin *b)
{
	struct bgp_peer_view view;

	metrics_family(w, METRIC_PEER_STATE);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		bgp_peer_view(bgp_peer_at(b->bgp, i), &view);
		metrics_sample(w);
		metrics_label(w, "peer", view.conf->name);
		metrics_label(w, "state", bgp_state_text(view.state));
		metrics_count(w, 1);
	}
	write_peer_numbers(w, b);
	write_traffic(w, b);
}

/* ---- kernel -------------------------------------------------------------- */

static void
write_out(struct metrics_writer *w, const struct basin *b)
{
	struct out_stats stats;
	struct out_address_view view;
	char ip[IP_TEXT_MAX];

	metrics_family(w, METRIC_ADDRESSES);
	for (size_t i = 0; i < out_addresses(b->out); i++) {
		out_view_address(b->out, i, &view);
		metrics_sample(w);
		metrics_label(w, "service",
			      view.service < b->conf->n_services
				  ? b->conf->services[view.service].name
				  : "");
		metrics_label(w, "address",
			      ip_format(&view.ip, ip, sizeof(ip)));
		metrics_label(w, "state", out_address_state_text(view.state));
		metrics_count(w, 1);
	}
	out_stats(b->out, &stats);
	single(w, METRIC_ADDRESSES_HEALED, stats.healed);
	single(w, METRIC_OUT_RETRIES, stats.retries);
	single(w, METRIC_OUT_OVERRUNS, stats.overruns);
}

unsigned
metrics_render(void *root, struct text *body)
{
	const struct basin *b = root;
	struct metrics_writer w = {.out = body};

	write_node(&w, b);
	write_prefixes(&w, b);
	write_services(&w, b);
	write_check_states(&w, b);
	write_check_results(&w, b);
	write_checker(&w, b);
	write_transitions(&w, b);
	write_out(&w, b);
	write_peers(&w, b);
	metrics_end(&w);
	return 200;
}
