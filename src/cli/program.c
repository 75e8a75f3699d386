/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/help.h"
#include "cli/parse.h"

int
command_main(struct cli *cli, int argc, char **argv)
{
	struct invocation in;

	if (parse_line(cli, argc, argv, &in) != 0)
		return COMMAND_USAGE;
	if (cli->version && !in.command)
		return run_version(cli, &in);
	if (in.command && cli->help) {
		help_command(in.command, cli->out);
		return COMMAND_FINE;
	}
	if (in.command)
		return in.command->run(cli, &in);
	help_overview(cli->help ? cli->out : cli->err);
	return cli->help ? COMMAND_FINE : COMMAND_USAGE;
}
