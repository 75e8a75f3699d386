/* SPDX-License-Identifier: ISC */
/* basin monitor: the status, then every change. */
#include <errno.h>

#include "cli/connect.h"
#include "cli/render.h"
#include "ctl/ctl.h"

static void
print_line(struct cli *cli, const json_t *value)
{
	json_dumpf(value, cli->out, JSON_COMPACT | JSON_REAL_PRECISION(9));
	fputc('\n', cli->out);
}

static void
print_event(struct cli *cli, const json_t *line)
{
	if (cli->json)
		print_line(cli, line);
	else
		render_event(cli, json_object_get(line, "event"));
	fflush(cli->out);
}

static int
follow(struct cli *cli, struct ctl_client *client)
{
	json_t *line;
	int error;

	while ((error = ctl_client_next(client, -1, &line)) == 0) {
		print_event(cli, line);
		json_decref(line);
		if (ferror(cli->out))
			return COMMAND_NOT_FINE;
	}
	command_complain(cli, error == -EPROTO
				  ? "what came from basind is no JSON"
				  : "basind ended");
	return COMMAND_NOT_FINE;
}

int
run_monitor(struct cli *cli, const struct invocation *in)
{
	struct ctl_client *client = connect_open(cli, false);
	json_t *status;
	int code = COMMAND_NOT_FINE;

	if (!client)
		return code;
	status = connect_ask(cli, client, "monitor", NULL, &code);
	if (status) {
		if (cli->json)
			print_line(cli, status);
		else
			render_status(cli, status);
		fprintf(cli->out, cli->json ? "" : "\n");
		fflush(cli->out);
		code = follow(cli, client);
		json_decref(status);
	}
	ctl_client_close(client);
	return code;
}
