/* SPDX-License-Identifier: ISC */
/* The document of report.h as tables. */
#ifndef BASIN_CLI_RENDER_SIMULATE_H
#define BASIN_CLI_RENDER_SIMULATE_H

#include "cli/render.h"

void render_simulate(struct cli *cli, const json_t *report);

/* ---- its parts ---- */

/* Catchments of all sites, and of their upstreams. */
void render_simulate_outcome(struct cli *cli, const json_t *report,
			     const json_t *outcome, bool upstreams);
void render_simulate_moves(struct cli *cli, const json_t *report,
			   const json_t *moves);
void render_simulate_failures(struct cli *cli, const json_t *report);
void render_simulate_hijacks(struct cli *cli, const json_t *report);
void render_simulate_search(struct cli *cli, const json_t *report);
void render_simulate_explain(struct cli *cli, const json_t *report);

/* ---- members ---- */

/* Behind an empty line. */
void render_simulate_title(struct cli *cli, const char *text);

double render_real(const json_t *object, const char *key);
/* Weights are other than a count of ASes. */
bool render_weighed(const json_t *report);
/* A weight without its unit. buf: at least 32. */
const char *render_weight(double weight, char *buf, size_t size);
/* "46.2 %", "<0.1 %"; "-" when `key` is not there. */
const char *render_share(const json_t *object, const char *key, char *buf,
			 size_t size);

#endif
