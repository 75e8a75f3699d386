/* SPDX-License-Identifier: ISC */
/* Metrics of the mesh and its brakes. */
#include "daemon/brake.h"
#include "daemon/metrics_part.h"
#include "mesh/mesh.h"

static const struct mesh *
mesh_of(const struct metrics_walk *k)
{
	return brake_mesh(k->b);
}

static size_t
nodes(const struct metrics_walk *k)
{
	return mesh_nodes(mesh_of(k));
}

static size_t
brakes(const struct metrics_walk *k)
{
	return mesh_brakes(mesh_of(k));
}

static void
mesh_messages(struct metrics_walk *k, size_t i)
{
	struct mesh_stats stats;

	mesh_stats(mesh_of(k), &stats);
	metrics_sample(&k->w);
	metrics_label(&k->w, "direction", "in");
	metrics_count(&k->w, stats.received);
	metrics_sample(&k->w);
	metrics_label(&k->w, "direction", "out");
	metrics_count(&k->w, stats.sent);
	metrics_sample(&k->w);
	metrics_label(&k->w, "direction", "lost");
	metrics_count(&k->w, stats.lost);
}

static void
mesh_discarded(struct metrics_walk *k, size_t i)
{
	struct mesh_stats stats;

	mesh_stats(mesh_of(k), &stats);
	for (size_t n = 0; n < stats.n_discards; n++) {
		metrics_sample(&k->w);
		metrics_label(&k->w, "cause", stats.discards[n].cause);
		metrics_count(&k->w, stats.discards[n].n);
	}
}

static void
mesh_heard(struct metrics_walk *k, size_t i)
{
	struct mesh_node_view v;

	mesh_node_view(mesh_of(k), i, &v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "node", v.name);
	metrics_count(&k->w, v.heard);
}

static void
mesh_rtt(struct metrics_walk *k, size_t i)
{
	struct mesh_node_view v;

	mesh_node_view(mesh_of(k), i, &v);
	if (v.rtt.ns == 0)
		return;
	metrics_sample(&k->w);
	metrics_label(&k->w, "node", v.name);
	metrics_real(&k->w, dur_to_seconds(v.rtt));
}

/* ---- brakes ---- */

static void
begin_brake(struct metrics_walk *k, const struct mesh_brake_view *v)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "prefix",
		      avail_prefix_key(k->b->avail, v->prefix));
}

static void
brake_held(struct metrics_walk *k, size_t i)
{
	struct mesh_brake_view v;

	mesh_brake_view(mesh_of(k), i, &v);
	begin_brake(k, &v);
	metrics_count(&k->w, v.asking);
}

static void
brake_staying(struct metrics_walk *k, size_t i)
{
	struct mesh_brake_view v;

	mesh_brake_view(mesh_of(k), i, &v);
	begin_brake(k, &v);
	metrics_count(&k->w, v.staying);
}

static void
brake_answers(struct metrics_walk *k, size_t i)
{
	struct mesh_brake_view v;

	mesh_brake_view(mesh_of(k), i, &v);
	begin_brake(k, &v);
	metrics_label(&k->w, "answer", "granted");
	metrics_count(&k->w, v.granted);
	begin_brake(k, &v);
	metrics_label(&k->w, "answer", "refused");
	metrics_count(&k->w, v.refused);
}

const struct metrics_part metrics_mesh_parts[] = {
    {METRIC_MESH_MESSAGES, NULL, mesh_messages},
    {METRIC_MESH_DISCARDED, NULL, mesh_discarded},
    {METRIC_MESH_HEARD, nodes, mesh_heard},
    {METRIC_MESH_RTT, nodes, mesh_rtt},
    {METRIC_BRAKE_HELD, brakes, brake_held},
    {METRIC_BRAKE_STAYING, brakes, brake_staying},
    {METRIC_BRAKE_ANSWERS, brakes, brake_answers},
    {0},
};
