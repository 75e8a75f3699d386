/* SPDX-License-Identifier: ISC */
/* Metrics of the node, its loop and its drains. */
#include "daemon/metrics_part.h"
#include "daemon/quiet.h"

static double
unix_seconds(struct wall w)
{
	return (double)(w.ns / 1000000) / 1e3;
}

static size_t
node_and_drains(const struct metrics_walk *k)
{
	return 1 + drains_count(k->b->drains);
}

static void
build_info(struct metrics_walk *k, size_t i)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "version", BASIN_VERSION);
	metrics_label(&k->w, "node", k->b->conf->node.name);
	metrics_count(&k->w, 1);
}

static void
start_time(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, unix_seconds(k->b->started));
}

static void
config_generation(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->generation);
}

static void
config_loaded(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, unix_seconds(k->b->configured));
}

static void
config_reload_failed(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->reload_failed);
}

/* The node first, drained or not; then the drains of anything else. */
static void
drained(struct metrics_walk *k, size_t i)
{
	const struct basin *b = k->b;
	const struct drain *drain = i > 0 ? drains_at(b->drains, i - 1) : NULL;

	if (drain && drain->target == AVAIL_NODE)
		return;
	metrics_sample(&k->w);
	metrics_label(&k->w, "target",
		      drain ? drain_target_text(drain->target) : "node");
	metrics_label(&k->w, "name", drain ? drain->name : "");
	metrics_count(&k->w, drain || avail_node_drained(b->avail, NULL));
}

static void
draining(struct metrics_walk *k, size_t i)
{
	const struct drain *drain =
	    i > 0 ? drains_at(k->b->drains, i - 1) : NULL;
	enum avail_target target = drain ? drain->target : AVAIL_NODE;
	const char *name = drain ? drain->name : "";
	struct quiet_view v;

	if (drain && target == AVAIL_NODE)
		return;
	metrics_sample(&k->w);
	metrics_label(&k->w, "target", drain_target_text(target));
	metrics_label(&k->w, "name", name);
	metrics_count(&k->w, quiet_view(k->b, target, name, &v));
}

static void
offline(struct metrics_walk *k, size_t i)
{
	const struct drain *node = drains_node(k->b->drains);

	metrics_part_count(k, node && drains_is_offline(node));
}

/* Those that stand. */
static void
blocks(struct metrics_walk *k, size_t i)
{
	const struct drains *drains = k->b->drains;
	struct mono now = mono_now();
	size_t n = 0;

	for (size_t j = 0; j < drains_blocks(drains); j++)
		n += !mono_reached(drains_block_at(drains, j)->expires, now);
	metrics_part_count(k, n);
}

static void
blocks_limit(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->conf->block.limit);
}

static void
attack_mode(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, avail_attacked(k->b->avail, NULL));
}

static void
alarms(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->n_alarms);
}

static void
protection(struct metrics_walk *k, const char *name, bool in_force)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "protection", name);
	metrics_count(&k->w, in_force);
}

static void
sandbox(struct metrics_walk *k, size_t i)
{
	protection(k, "filtered", k->sandbox.filtered);
	protection(k, "no_new_privileges", k->sandbox.no_new_privileges);
	protection(k, "unprivileged", k->sandbox.unprivileged);
}

static void
loop_turns(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->stall.turns);
}

static void
loop_stalls(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, k->b->stall.stalls);
}

static void
loop_stall_max(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, dur_to_seconds(k->b->stall.longest));
}

static void
loop_busy(struct metrics_walk *k, size_t i)
{
	metrics_part_real(k, dur_to_seconds(k->b->stall.total));
}

static void
events(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, events_last_id(k->b->events));
}

const struct metrics_part metrics_node_parts[] = {
    {METRIC_BUILD_INFO, NULL, build_info},
    {METRIC_START_TIME, NULL, start_time},
    {METRIC_CONFIG_GENERATION, NULL, config_generation},
    {METRIC_CONFIG_LOADED, NULL, config_loaded},
    {METRIC_CONFIG_RELOAD_FAILED, NULL, config_reload_failed},
    {METRIC_DRAINED, node_and_drains, drained},
    {METRIC_DRAINING, node_and_drains, draining},
    {METRIC_OFFLINE, NULL, offline},
    {METRIC_BLOCKS, NULL, blocks},
    {METRIC_BLOCKS_LIMIT, NULL, blocks_limit},
    {METRIC_ATTACK_MODE, NULL, attack_mode},
    {METRIC_ALARMS, NULL, alarms},
    {METRIC_SANDBOX, NULL, sandbox},
    {METRIC_LOOP_TURNS, NULL, loop_turns},
    {METRIC_LOOP_STALLS, NULL, loop_stalls},
    {METRIC_LOOP_STALL_MAX, NULL, loop_stall_max},
    {METRIC_LOOP_BUSY, NULL, loop_busy},
    {METRIC_EVENTS, NULL, events},
    {0},
};
