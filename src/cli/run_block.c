/* SPDX-License-Identifier: ISC */
/* block, unblock: have traffic dropped upstream. */
#include <string.h>

#include "base/time.h"
#include "cli/render.h"
#include "cli/run.h"

static bool
take_text(struct cli *cli, const struct invocation *in, const char *option,
	  const char *key, json_t *arguments)
{
	const char *value = command_option(in, option);
	json_t *text = value ? json_string(value) : NULL;

	if (value && !text) {
		command_complain(cli, "--%s is not UTF-8", option);
		return false;
	}
	if (text)
		json_object_set_new(arguments, key, text);
	return true;
}

/* {"dst": ...} or {"flow": ...} */
static json_t *
what_of(struct cli *cli, const struct invocation *in)
{
	const char *flow = command_option(in, "flow");
	json_t *arguments = json_object();

	if ((in->n_operands > 0) == (flow != NULL)) {
		command_complain(cli,
				 "%s what? One of: basin %s 192.0.2.7, basin "
				 "%s --flow \"dst 192.0.2.7 proto udp\"",
				 in->command->name, in->command->name,
				 in->command->name);
		json_decref(arguments);
		return NULL;
	}
	if (!flow)
		json_object_set_new(arguments, "dst",
				    json_string(in->operands[0]));
	if (take_text(cli, in, "flow", "flow", arguments))
		return arguments;
	json_decref(arguments);
	return NULL;
}

static bool
take_for(struct cli *cli, const struct invocation *in, json_t *arguments)
{
	const char *text = command_option(in, "for");
	struct dur d;

	if (text && (dur_parse(text, &d) != 0 || d.ns <= 0)) {
		command_complain(cli,
				 "--for is \"%s\", expected a duration with "
				 "its unit, such as 30m or 2h",
				 text);
		return false;
	}
	return take_text(cli, in, "for", "for", arguments);
}

/* --rate is short for the action that is used most. */
static bool
take_actions(struct cli *cli, const struct invocation *in, json_t *arguments)
{
	const char *rate = command_option(in, "rate");

	if (rate && command_option(in, "then")) {
		command_complain(cli, "--rate and --then: one of them");
		return false;
	}
	if ((rate || command_option(in, "then")) &&
	    !command_option(in, "flow")) {
		command_complain(cli, "--rate and --then go with --flow");
		return false;
	}
	if (!rate)
		return take_text(cli, in, "then", "actions", arguments);
	json_object_set_new(arguments, "actions",
			    json_sprintf("rate %s", rate));
	return true;
}

int
run_block(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = what_of(cli, in);

	if (!arguments)
		return COMMAND_USAGE;
	if (command_option(in, "dry-run"))
		json_object_set_new(arguments, "dry_run", json_true());
	if (take_for(cli, in, arguments) && take_actions(cli, in, arguments) &&
	    take_text(cli, in, "reason", "reason", arguments))
		return run_order(cli, "block", arguments, render_block_answer);
	json_decref(arguments);
	return COMMAND_USAGE;
}

static void
say_unblocked(struct cli *cli, const json_t *result)
{
	table_say(cli->out, cli->colour, TABLE_PLAIN, "unblocked %s",
		  render_string(result, "what"));
	fputc('\n', cli->out);
}

int
run_unblock(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = what_of(cli, in);

	return arguments ? run_order(cli, "unblock", arguments, say_unblocked)
			 : COMMAND_USAGE;
}
