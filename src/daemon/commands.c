/* SPDX-License-Identifier: ISC */
#include "daemon/commands.h"

#include "daemon/push.h"
#include "daemon/show.h"

#define READS   false, false
#define WRITES  true, false
#define STREAMS false, true

/* Adding one: a line here, its function, docs/control-protocol.md. */
const struct ctl_command basin_commands[] = {
    {"status", READS, show_status_run},
    {"show services", READS, show_services_run},
    {"show checks", READS, show_checks_run},
    {"show prefixes", READS, show_prefixes_run},
    {"show peers", READS, show_peers_run},
    {"show routes", READS, show_routes_run},
    {"show addresses", READS, show_addresses_run},
    {"show counters", READS, show_counters_run},
    {"show mesh", READS, show_mesh_run},
    {"show rpki", READS, show_rpki_run},
    {"show bfd", READS, show_bfd_run},
    {"show exabgp", READS, show_exabgp_run},
    {"show drill", READS, show_drill_run},
    {"show events", READS, show_events_run},
    {"show drains", READS, show_drains_run},
    {"why", READS, why_run},
    {"version", READS, orders_version_run},
    {"monitor", STREAMS, show_status_run},
    {"show blocks", READS, show_blocks_run},
    {"show flows", READS, show_flows_run},
    {"block", WRITES, orders_block_run},
    {"unblock", WRITES, orders_unblock_run},
    {"drain", WRITES, orders_drain_run},
    {"undrain", WRITES, orders_undrain_run},
    {"offline", WRITES, orders_offline_run},
    {"online", WRITES, orders_online_run},
    {"attack on", WRITES, orders_attack_on_run},
    {"attack off", WRITES, orders_attack_off_run},
    {"drill", WRITES, drill_run},
    {"drill end", WRITES, drill_end_run},
    {"reload", WRITES, orders_reload_run},
    {"plan", WRITES, plan_run},
    {"confirm", WRITES, orders_confirm_run},
    {"upgrade", WRITES, upgrade_run},
    {"push", WRITES, push_run},
    {0},
};

static unsigned
render_status(void *root, struct text *body)
{
	struct show s = show_begin(root);
	json_t *status = show_status(&s);
	char *octets =
	    json_dumps(status, JSON_INDENT(2) | JSON_REAL_PRECISION(9));

	text_add(body, octets ? octets : "{}");
	text_add(body, "\n");
	free(octets);
	json_decref(status);
	return octets ? 200 : 500;
}

const struct ctl_page basin_pages[] = {
    {
	.path = "/metrics",
	.content_type =
	    "application/openmetrics-text; version=1.0.0; charset=utf-8",
	.begin = metrics_begin,
	.more = metrics_more,
	.end = metrics_free,
    },
    {
	.path = "/health",
	.content_type = "application/json",
	.render = health_render,
    },
    {
	.path = "/status.json",
	.content_type = "application/json",
	.render = render_status,
    },
    {0},
};
