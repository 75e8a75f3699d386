/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	command_complain(&cli, "standard output is incomplete: %s",
			 strerror(errno ? errno : EIO));
	return code == COMMAND_FINE ? COMMAND_NOT_FINE : code;
}
