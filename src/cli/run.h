/* SPDX-License-Identifier: ISC */
/* What the commands that ask the daemon share. */
#ifndef BASIN_CLI_RUN_H
#define BASIN_CLI_RUN_H

#include "cli/command.h"

void run_print_json(struct cli *cli, const json_t *value);
/* Orders, and says the result (or prints it as JSON). The exit code. */
int run_order(struct cli *cli, const char *command, json_t *arguments,
	      void (*say)(struct cli *, const json_t *));

#endif
