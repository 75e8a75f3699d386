/* SPDX-License-Identifier: ISC */
#include "cli/connect.h"
#include "cli/render.h"

/* The daemon's answer, NULL without a complaint when there is none. */
static json_t *
ask_daemon(struct cli *cli)
{
	struct cli quiet = *cli;
	json_t *result;
	int code;

	quiet.json = false;
	quiet.err = fopen("/dev/null", "w");
	if (!quiet.err)
		return NULL;
	result = connect_call(&quiet, "version", NULL, false, &code);
	fclose(quiet.err);
	return result;
}

int
run_version(struct cli *cli, const struct invocation *in)
{
	json_t *daemon = ask_daemon(cli);

	if (cli->json) {
		json_t *all = json_pack("{s:s, s:O?}", "version", BASIN_VERSION,
					"daemon", daemon);

		json_dumpf(all, cli->out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(9));
		fputc('\n', cli->out);
		json_decref(all);
	} else {
		fprintf(cli->out, "basin %s\n", BASIN_VERSION);
		if (daemon)
			table_say(cli->out, cli->colour, TABLE_PLAIN,
				  "basind %s, node %s, pid %lld",
				  render_string(daemon, "version"),
				  render_string(daemon, "node"),
				  render_integer(daemon, "pid"));
		else
			fprintf(cli->out, "basind does not answer");
		fputc('\n', cli->out);
	}
	json_decref(daemon);
	return COMMAND_FINE;
}
