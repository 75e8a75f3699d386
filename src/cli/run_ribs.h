/* SPDX-License-Identifier: ISC */
/*
 * The plain interface of `basin simulate`: announcements in, the best path of
 * every AS out, in the forms other simulators read and write.
 */
#ifndef BASIN_CLI_RUN_RIBS_H
#define BASIN_CLI_RUN_RIBS_H

#include "cli/command.h"

/* Paths are borrowed. */
struct run_ribs {
	const char *graph;   /* of --graph */
	const char *origins; /* of --origins: "seed_asn,prefix,rov_invalid" */
	const char *rov;     /* of --rov: an ASN a line; NULL: nobody */
	const char *out;     /* of --ribs: "-" is stdout, ".gz" compresses */
	unsigned threads;    /* 0: one a core */
};

/* Complains to cli->err, "FILE:LINE: ...". The exit code. */
int run_ribs(struct cli *cli, const struct run_ribs *what);

#endif
