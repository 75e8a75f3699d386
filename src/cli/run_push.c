/* SPDX-License-Identifier: ISC */
/* Reports to push checks, by the socket that takes nothing else. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/connect.h"
#include "ctl/ctl.h"

/* Octets of a message that are sent; the daemon keeps fewer. */
#define MESSAGE_MAX 512

/*
 * What programs print is no reason to lose a report: JSON takes nothing but
 * UTF-8, and a request has an end.
 */
static const char *
mend(const char *message, char out[static MESSAGE_MAX + 1])
{
	size_t left = strlen(message), used = 0;

	while (left > 0) {
		size_t n = utf8_char((const uint8_t *)message, left);
		size_t step = n ? n : 1;

		if (used + step > MESSAGE_MAX)
			break;
		memcpy(out + used, n ? message : "?", step);
		used += step;
		message += step;
		left -= step;
	}
	out[used] = '\0';
	return out;
}

static bool
is_state(const char *word)
{
	return strcmp(word, "pass") == 0 || strcmp(word, "degraded") == 0 ||
	       strcmp(word, "fail") == 0;
}

/* Silent when it went well: it is run by timers. */
static int
push(struct cli *cli, json_t *arguments)
{
	struct ctl_client *client = connect_open_push(cli);
	int code = COMMAND_NOT_FINE;
	json_t *result;

	if (!client) {
		json_decref(arguments);
		return code;
	}
	result = connect_ask(cli, client, "push", arguments, &code);
	ctl_client_close(client);
	if (!result)
		return code;
	if (cli->json) {
		json_dumpf(result, cli->out, JSON_INDENT(2));
		fputc('\n', cli->out);
	}
	json_decref(result);
	return COMMAND_FINE;
}

int
run_push(struct cli *cli, const struct invocation *in)
{
	const char *state = command_option(in, "state");
	const char *message = command_option(in, "message");
	char safe[MESSAGE_MAX + 1];

	if (state && !is_state(state)) {
		command_complain(cli,
				 "--state is \"%s\", expected pass, degraded "
				 "or fail",
				 state);
		return COMMAND_USAGE;
	}
	return push(cli, json_pack("{s:s, s:s, s:s*}", "name", in->operands[0],
				   "state", state ? state : "pass", "message",
				   message ? mend(message, safe) : NULL));
}
