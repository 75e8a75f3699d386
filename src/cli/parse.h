/* SPDX-License-Identifier: ISC */
/* Command lines into invocations, by the table. */
#ifndef BASIN_CLI_PARSE_H
#define BASIN_CLI_PARSE_H

#include "cli/command.h"

/*
 * Options may stand anywhere. 0, or COMMAND_USAGE with the complaint written.
 * Without any command in->command is NULL.
 */
int parse_line(struct cli *cli, int argc, char **argv, struct invocation *in);

#endif
