/* SPDX-License-Identifier: ISC */
/*
 * The lists beside a graph: ASes with origin validation, loads, origins of
 * prefixes, costs. A part of sim.h, which includes it.
 *
 * All are text, plain or compressed with bzip2 or gzip; lines that begin with
 * '#' and empty ones are passed over. Errors and warnings stand in *messages
 * as with sim_graph_load(): 0, -EINVAL with all errors of the file, or -errno
 * when it cannot be read; on an error *out is empty. The _parse functions take
 * text in memory and name it `path`.
 */
#ifndef BASIN_SIM_READ_H
#define BASIN_SIM_READ_H

#include "sim/sim.h"

/* ---- AS numbers, one a line, with or without "AS" before: read_asns.c */

struct sim_asn {
	uint32_t asn;
	uint32_t line;
};
struct sim_asns {
	struct sim_asn *v; /* owned; ascending, each once */
	size_t n;
};
int sim_read_asns(const char *path, struct sim_asns *out, struct text *messages)
    __attribute__((warn_unused_result));
int sim_read_asns_parse(const char *path, const char *text, size_t n,
			struct sim_asns *out, struct text *messages)
    __attribute__((warn_unused_result));
void sim_asns_free(struct sim_asns *a);
/*
 * The set of those that are in the graph; the others are warnings in
 * *messages. For sim_set_free().
 */
struct sim_set sim_asns_set(const struct sim_graph *g, const char *path,
			    const struct sim_asns *asns, struct text *messages);

/*
 * ---- "AS or prefix,load" with or without a header: read_loads.c
 * An AS or prefix twice is an error.
 */

struct sim_loads {
	struct sim_load *v; /* owned; prefixes, then ASes, ascending */
	size_t n;
};
int sim_read_loads(const char *path, struct sim_loads *out,
		   struct text *messages) __attribute__((warn_unused_result));
int sim_read_loads_parse(const char *path, const char *text, size_t n,
			 struct sim_loads *out, struct text *messages)
    __attribute__((warn_unused_result));
void sim_loads_free(struct sim_loads *l);

/*
 * ---- CAIDA's pfx2as, "ADDRESS<tab>LENGTH<tab>ORIGINS": read_origins.c
 * Several origins ("1_2") and AS sets ("1,2") are an entry each, with the same
 * line. ORIGINS may also follow a prefix in one field, as in "192.0.2.0/24 1".
 */

struct sim_origins {
	struct sim_origin *v; /* owned; by prefix, then AS; each once */
	size_t n;
};
int sim_read_origins(const char *path, struct sim_origins *out,
		     struct text *messages) __attribute__((warn_unused_result));
int sim_read_origins_parse(const char *path, const char *text, size_t n,
			   struct sim_origins *out, struct text *messages)
    __attribute__((warn_unused_result));
void sim_origins_free(struct sim_origins *o);

/*
 * ---- "site,AS,cost" with or without a header: read_costs.c
 * *out is sim_search.cost, [site * sim_graph_count() + id], for free().
 * A site that is none of `sites` is an error; an AS that is not in the graph,
 * and a site without any line, are warnings.
 */

int sim_read_costs(const char *path, const struct sim_graph *g,
		   const char *const *sites, size_t n_sites, uint32_t **out,
		   struct text *messages) __attribute__((warn_unused_result));
int sim_read_costs_parse(const char *path, const char *text, size_t n,
			 const struct sim_graph *g, const char *const *sites,
			 size_t n_sites, uint32_t **out, struct text *messages)
    __attribute__((warn_unused_result));

#endif
