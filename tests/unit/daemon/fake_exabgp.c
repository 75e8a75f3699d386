/* SPDX-License-Identifier: ISC */
/* One program that runs. */
#include <string.h>

#include "daemon/process.h"

static const struct conf_exabgp conf = {.name = "health"};

size_t
processes_count(const struct basin *b)
{
	return 1;
}

void
processes_view(const struct basin *b, size_t i, struct process_view *out)
{
	*out = (struct process_view){.conf = &conf,
				     .running = true,
				     .since = mono_now(),
				     .restart = MONO_NEVER,
				     .starts = 2,
				     .commands = 100,
				     .errors = 1,
				     .routes = 3};
	strcpy(out->error, "announce x: column 10: found x");
}
