/* SPDX-License-Identifier: ISC */
#ifndef BASIN_CLI_RENDER_REPLAY_H
#define BASIN_CLI_RENDER_REPLAY_H

#include "cli/command.h"
#include "journal/journal.h"

/* `config`: the new configuration's file; NULL: the recorded settings. */
void render_replay(struct cli *cli, const struct journal_result *r,
		   const char *config);
void render_replay_json(struct cli *cli, const struct journal_result *r,
			const char *config);

#endif
