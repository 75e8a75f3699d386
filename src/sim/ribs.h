/* SPDX-License-Identifier: ISC */
/*
 * The plain interface for comparisons: who announces which prefix in, the best
 * path of every AS out, in the forms other simulators read and write. A part
 * of sim.h, which includes it.
 */
#ifndef BASIN_SIM_RIBS_H
#define BASIN_SIM_RIBS_H

#include "sim/plan.h"

/* ---- "seed_asn,prefix,rov_invalid": read_seeds.c ---- */

/* An AS of the graph that originates a prefix. */
struct sim_seed {
	struct prefix prefix;
	uint32_t asn;
	bool invalid; /* RFC 6811 */
	uint32_t line;
};
struct sim_seeds {
	struct sim_seed *v; /* owned; by prefix, then AS number; each once */
	size_t n;
};
/* As the readers of read.h. The header line may be missing. */
int sim_read_seeds(const char *path, struct sim_seeds *out,
		   struct text *messages) __attribute__((warn_unused_result));
int sim_read_seeds_parse(const char *path, const char *text, size_t n,
			 struct sim_seeds *out, struct text *messages)
    __attribute__((warn_unused_result));
void sim_seeds_free(struct sim_seeds *s);
/* Can they be propagated? -EINVAL with *messages, for ASes not in the graph. */
int sim_seeds_check(const struct sim_graph *g, const char *path,
		    const struct sim_seeds *seeds, struct text *messages)
    __attribute__((warn_unused_result));

/* ---- 'asn,prefix,"(path)"', sorted as text: ribs.c ---- */

struct sim_ribs {
	const struct sim_graph *graph;
	const struct sim_policy *policy;
	const struct sim_seeds *seeds; /* checked; at least one */
	unsigned threads;              /* as sim_threads() */
	bool gzip;
	size_t memory; /* octets; 0: 512 MiB */
	/* Has a temporary file for what does not fit into `memory`. */
	const char *folder;
	/* 0, or -errno, which ends it. */
	int (*write)(void *arg, const void *octets, size_t n);
	/* Called between writes; may be NULL. */
	void (*progress)(void *arg, size_t done, size_t all);
	sim_stop stop; /* NULL: never */
	void *arg;
};
/*
 * Propagates every prefix and writes every best path. 0, or what write() said;
 * -ECANCELED after a stop; -errno with *messages when `folder` has no room:
 * then nothing is written.
 */
int sim_ribs(const struct sim_ribs *what, struct text *messages)
    __attribute__((warn_unused_result));

#endif
