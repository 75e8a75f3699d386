/* SPDX-License-Identifier: ISC */
/* How a command orders something of the daemon. */
#ifndef BASIN_CLI_RUN_H
#define BASIN_CLI_RUN_H

#include "cli/command.h"

/* Orders, and says the result (or prints it as JSON). The exit code. */
int run_order(struct cli *cli, const char *command, json_t *arguments,
	      void (*say)(struct cli *, const json_t *));

#endif
