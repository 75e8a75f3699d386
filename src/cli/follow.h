/* SPDX-License-Identifier: ISC */
#ifndef BASIN_CLI_FOLLOW_H
#define BASIN_CLI_FOLLOW_H

#include "cli/command.h"
#include "ctl/ctl.h"

/*
 * Tells how a drain goes on until it is done, or somebody interrupts: the
 * drain goes on without. `drain` is the answer to its order. The exit code.
 */
int follow_drain(struct cli *cli, struct ctl_client *client,
		 const json_t *drain, bool background);

#endif
