/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"

int
main(int argc, char **argv)
{
	struct cli cli = {
	    .out = stdout,
	    .err = stderr,
	    /* Set and not empty: https://no-color.org */
	    .colour = isatty(STDOUT_FILENO) &&
		      (!getenv("NO_COLOR") || !*getenv("NO_COLOR")),
	};
	int code = command_main(&cli, argc, argv);

	if (fflush(stdout) != 0 && code == COMMAND_FINE)
		code = COMMAND_NOT_FINE;
	return code;
}
