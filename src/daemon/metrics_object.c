/* SPDX-License-Identifier: ISC */
/* Metrics of prefixes, services and checks. */
#include <stdlib.h>

#include "daemon/metrics_part.h"
#include "daemon/show.h"

/* ---- how many ---- */

static size_t
prefixes(const struct metrics_walk *k)
{
	return k->b->conf->n_prefixes;
}

static size_t
services(const struct metrics_walk *k)
{
	return k->b->conf->n_services;
}

static size_t
checks(const struct metrics_walk *k)
{
	return avail_checks(k->b->avail);
}

static size_t
peers_and_prefixes(const struct metrics_walk *k)
{
	return k->n_peers * prefixes(k);
}

static size_t
all_objects(const struct metrics_walk *k)
{
	return checks(k) + services(k) + prefixes(k);
}

/* ---- prefixes ---- */

static void
prefix_label(struct metrics_walk *k, const char *label, size_t id)
{
	char buf[PREFIX_TEXT_MAX];

	metrics_label(
	    &k->w, label,
	    prefix_format(&k->b->conf->prefixes[id].prefix, buf, sizeof(buf)));
}

/* Which prefixes go to a peer, so that long lists are looked at once. */
static void
learn_exports(struct metrics_walk *k, size_t index)
{
	const struct basin *b = k->b;
	const struct conf_peer *peer = k->peers[index].conf;
	size_t n = b->conf->n_prefixes;

	free(k->exports);
	k->exports = xcalloc(n, sizeof(*k->exports));
	k->exports_peer = index;
	for (size_t i = 0; i < peer->n_prefixes; i++)
		k->exports[peer->prefixes[i]] = true;
	for (size_t i = 0; i < n; i++)
		if (!peer->prefixes || k->exports[i])
			k->exports[i] =
			    show_family(peer, &b->conf->prefixes[i]);
}

/* Exported prefixes are 0 or 1; what is announced all the same is seen too. */
static void
announced(struct metrics_walk *k, size_t i)
{
	size_t id = i % k->b->conf->n_prefixes;
	size_t index = i / k->b->conf->n_prefixes;
	const struct bgp_peer *peer = bgp_peer_at(k->b->bgp, index);
	struct bgp_out_view view;
	bool sent =
	    bgp_peer_announced(peer, &k->b->conf->prefixes[id].prefix, &view);

	if (!k->exports || k->exports_peer != index)
		learn_exports(k, index);
	if (!sent && !k->exports[id])
		return;
	metrics_sample(&k->w);
	prefix_label(k, "prefix", id);
	metrics_label(&k->w, "peer", bgp_peer_name(peer));
	metrics_count(&k->w, sent);
}

static void
desired(struct metrics_walk *k, size_t i)
{
	struct avail_prefix_view view;

	avail_view_prefix(k->b->avail, i, &view);
	metrics_sample(&k->w);
	prefix_label(k, "prefix", i);
	metrics_count(&k->w, view.announce);
}

static void
state(struct metrics_walk *k, const char *state, enum avail_reason reason)
{
	metrics_label(&k->w, "state", state);
	metrics_label(&k->w, "reason", avail_reason_text(reason));
	metrics_count(&k->w, 1);
}

static void
prefix_state(struct metrics_walk *k, size_t i)
{
	struct avail_prefix_view view;

	avail_view_prefix(k->b->avail, i, &view);
	metrics_sample(&k->w);
	prefix_label(k, "prefix", i);
	state(k, avail_prefix_state_text(view.state), view.reason);
}

static void
prefix_rung(struct metrics_walk *k, size_t i)
{
	struct avail_prefix_view view;

	avail_view_prefix(k->b->avail, i, &view);
	metrics_sample(&k->w);
	prefix_label(k, "prefix", i);
	metrics_label(&k->w, "rung", avail_rung_text(view.rung));
	metrics_count(&k->w, 1);
}

static void
prefix_penalty(struct metrics_walk *k, size_t i)
{
	struct avail_prefix_view view;

	if (k->b->conf->prefixes[i].damping.suppress == 0)
		return;
	avail_view_prefix(k->b->avail, i, &view);
	metrics_sample(&k->w);
	prefix_label(k, "prefix", i);
	metrics_count(&k->w, view.penalty);
}

/* ---- services and checks ---- */

static void
service_state(struct metrics_walk *k, size_t i)
{
	struct avail_service_view view;

	avail_view_service(k->b->avail, i, &view);
	metrics_sample(&k->w);
	metrics_label(&k->w, "service", k->b->conf->services[i].name);
	state(k, avail_service_state_text(view.state), view.reason);
}

static void
check_state(struct metrics_walk *k, size_t i)
{
	const struct basin_check *check = &k->b->checks[i];
	struct avail_check_view view;

	avail_view_check(k->b->avail, i, &view);
	metrics_sample(&k->w);
	metrics_label(&k->w, "service",
		      k->b->conf->services[check->service].name);
	metrics_label(&k->w, "check", check->conf->name);
	state(k, avail_check_state_text(view.state), view.reason);
}

static void
check_latency(struct metrics_walk *k, size_t i)
{
	struct check_result last;

	if (!checker_last(k->b->checker, i, &last))
		return;
	metrics_sample(&k->w);
	metrics_label(&k->w, "check", k->b->checks[i].conf->name);
	metrics_real(&k->w, dur_to_seconds(last.latency));
}

static void
check_samples(struct metrics_walk *k, size_t i)
{
	struct avail_check_view view;

	avail_view_check(k->b->avail, i, &view);
	for (int v = 0; v < AVAIL_VERDICT_COUNT; v++) {
		metrics_sample(&k->w);
		metrics_label(&k->w, "check", k->b->checks[i].conf->name);
		metrics_label(&k->w, "verdict",
			      avail_verdict_text((enum avail_verdict)v));
		metrics_count(&k->w, view.samples[v]);
	}
}

static void
check_runs(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->checker.runs);
}

static void
check_skipped(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->checker.skipped);
}

static void
push_reports(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->checker.reports);
}

static void
push_merged(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->checker.merged);
}

static void
check_lateness_max(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, dur_to_seconds(k->checker.lateness_max));
}

static void
check_lateness_p99(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, k->checker.lateness_p99);
}

static void
transitions_of_prefix(struct metrics_walk *k, size_t i)
{
	struct avail_prefix_view view;

	avail_view_prefix(k->b->avail, i, &view);
	metrics_label(&k->w, "kind", "prefix");
	prefix_label(k, "name", i);
	metrics_count(&k->w, view.transitions);
}

static void
transitions_of_service(struct metrics_walk *k, size_t i)
{
	struct avail_service_view view;

	avail_view_service(k->b->avail, i, &view);
	metrics_label(&k->w, "kind", "service");
	metrics_label(&k->w, "name", k->b->conf->services[i].name);
	metrics_count(&k->w, view.transitions);
}

static void
transitions_of_check(struct metrics_walk *k, size_t i)
{
	struct avail_check_view view;

	avail_view_check(k->b->avail, i, &view);
	metrics_label(&k->w, "kind", "check");
	metrics_label(&k->w, "name", k->b->checks[i].conf->name);
	metrics_count(&k->w, view.transitions);
}

/* Checks, services and prefixes, in this order. */
static void
transitions(struct metrics_walk *k, size_t i)
{
	size_t n_checks = checks(k), n_services = services(k);

	metrics_sample(&k->w);
	if (i < n_checks)
		transitions_of_check(k, i);
	else if (i < n_checks + n_services)
		transitions_of_service(k, i - n_checks);
	else
		transitions_of_prefix(k, i - n_checks - n_services);
}

const struct metrics_part metrics_object_parts[] = {
    {METRIC_ANNOUNCED, peers_and_prefixes, announced},
    {METRIC_DESIRED, prefixes, desired},
    {METRIC_PREFIX_STATE, prefixes, prefix_state},
    {METRIC_PREFIX_RUNG, prefixes, prefix_rung},
    {METRIC_PREFIX_PENALTY, prefixes, prefix_penalty},
    {METRIC_SERVICE_STATE, services, service_state},
    {METRIC_CHECK_STATE, checks, check_state},
    {METRIC_CHECK_LATENCY, checks, check_latency},
    {METRIC_CHECK_SAMPLES, checks, check_samples},
    {METRIC_CHECK_RUNS, NULL, check_runs},
    {METRIC_CHECK_SKIPPED, NULL, check_skipped},
    {METRIC_PUSH_REPORTS, NULL, push_reports},
    {METRIC_PUSH_MERGED, NULL, push_merged},
    {METRIC_CHECK_LATENESS_MAX, NULL, check_lateness_max},
    {METRIC_CHECK_LATENESS_P99, NULL, check_lateness_p99},
    {METRIC_TRANSITIONS, all_objects, transitions},
    {0},
};
