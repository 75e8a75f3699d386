/* SPDX-License-Identifier: ISC */
/* The two halves of `basin simulate`: options, and what a scenario needs. */
#ifndef BASIN_CLI_RUN_SIMULATE_H
#define BASIN_CLI_RUN_SIMULATE_H

#include "cli/command.h"
#include "report/report.h"

/* Simulates the scenario and shows what was found. The exit code. */
int run_simulate_scenario(struct cli *cli, const struct invocation *in,
			  struct report_request *request);

#endif
