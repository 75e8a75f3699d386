/* SPDX-License-Identifier: ISC */
/* What the files that make /metrics share. */
#ifndef BASIN_DAEMON_METRICS_PART_H
#define BASIN_DAEMON_METRICS_PART_H

#include "daemon/basin.h"
#include "daemon/metrics.h"

/* One answer on its way. */
struct metrics_walk {
	const struct basin *b; /* borrowed */
	uint64_t generation;   /* of the configuration the numbers refer to */
	struct metrics_writer w;
	size_t table, part, item; /* what is written next */
	/* Which prefixes go to peer number `exports_peer`; owned. */
	bool *exports;
	size_t exports_peer;
	/* Read once a page: reading counts prefixes or resets a maximum. */
	struct bgp_peer_view *peers; /* owned */
	const char **names;          /* of these peers, owned */
	size_t n_peers;
	struct checker_stats checker;
	struct out_stats out;
	struct sandbox_facts sandbox;
};

/* A family: how many items it has, and how one is written. */
struct metrics_part {
	enum metric metric;
	size_t (*items)(const struct metrics_walk *k); /* NULL: one */
	void (*write)(struct metrics_walk *k, size_t i);
};

/* Each ends with write NULL. */
extern const struct metrics_part metrics_node_parts[];
extern const struct metrics_part metrics_object_parts[];
extern const struct metrics_part metrics_peer_parts[];
extern const struct metrics_part metrics_traffic_parts[];
extern const struct metrics_part metrics_watch_parts[];
extern const struct metrics_part metrics_mesh_parts[];
extern const struct metrics_part metrics_rpki_parts[];
extern const struct metrics_part metrics_exabgp_parts[];
extern const struct metrics_part metrics_bfd_parts[];

/* A sample without labels. */
void metrics_part_count(struct metrics_walk *k, uint64_t value);
void metrics_part_real(struct metrics_walk *k, double value);

#endif
