/* SPDX-License-Identifier: ISC */
/* Metrics of the programs that speak ExaBGP's process API. */
#include "daemon/metrics_part.h"
#include "daemon/process.h"

static size_t
processes(const struct metrics_walk *k)
{
	return processes_count(k->b);
}

static struct process_view
begin(struct metrics_walk *k, size_t i)
{
	struct process_view v;

	processes_view(k->b, i, &v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "process", v.conf->name);
	return v;
}

static void
exabgp_running(struct metrics_walk *k, size_t i)
{
	struct process_view v = begin(k, i);

	metrics_count(&k->w, v.running);
}

static void
exabgp_routes(struct metrics_walk *k, size_t i)
{
	struct process_view v = begin(k, i);

	metrics_count(&k->w, v.routes);
}

static void
exabgp_starts(struct metrics_walk *k, size_t i)
{
	struct process_view v = begin(k, i);

	metrics_count(&k->w, v.starts);
}

static void
exabgp_commands(struct metrics_walk *k, size_t i)
{
	struct process_view v = begin(k, i);

	metrics_label(&k->w, "result", "taken");
	metrics_count(&k->w, v.commands);
	v = begin(k, i);
	metrics_label(&k->w, "result", "refused");
	metrics_count(&k->w, v.errors);
}

const struct metrics_part metrics_exabgp_parts[] = {
    {METRIC_EXABGP_RUNNING, processes, exabgp_running},
    {METRIC_EXABGP_ROUTES, processes, exabgp_routes},
    {METRIC_EXABGP_STARTS, processes, exabgp_starts},
    {METRIC_EXABGP_COMMANDS, processes, exabgp_commands},
    {0},
};
