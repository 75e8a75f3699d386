/* SPDX-License-Identifier: ISC */
/* The options of each command, for the table in command.c. */
#ifndef BASIN_CLI_OPTIONS_H
#define BASIN_CLI_OPTIONS_H

#include "cli/command.h"

/* Each ends with name NULL. */
extern const struct option options_page[];
extern const struct option options_event[];
extern const struct option options_route[];
extern const struct option options_drain[];
extern const struct option options_block[];
extern const struct option options_unblock[];
extern const struct option options_offline[];
extern const struct option options_attack[];
extern const struct option options_drill[];
extern const struct option options_reload[];
extern const struct option options_plan[];
extern const struct option options_push[];
extern const struct option options_check[];
extern const struct option options_doctor[];
extern const struct option options_replay[];
extern const struct option options_simulate[];
extern const struct option options_help[];

#endif
