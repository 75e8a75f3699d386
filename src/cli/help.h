/* SPDX-License-Identifier: ISC */
/* Texts from the table of commands. */
#ifndef BASIN_CLI_HELP_H
#define BASIN_CLI_HELP_H

#include "cli/command.h"

void help_overview(FILE *out);
void help_command(const struct command *command, FILE *out);

#endif
