/* SPDX-License-Identifier: ISC */
/* Orders that take something out of service, and back. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/connect.h"
#include "cli/follow.h"
#include "cli/render.h"
#include "cli/run.h"

int
run_order(struct cli *cli, const char *command, json_t *arguments,
	  void (*say)(struct cli *, const json_t *))
{
	int code;
	json_t *result = connect_call(cli, command, arguments, true, &code);

	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		say(cli, result);
	json_decref(result);
	return COMMAND_FINE;
}

/* ---- what is asked for ---- */

/* {"target": ..., "name": ...} from "node | service NAME | prefix P". */
static json_t *
target_of(struct cli *cli, const struct invocation *in)
{
	const char *target = in->operands[0], *name = in->operands[1];
	bool node = strcmp(target, "node") == 0;
	bool named =
	    strcmp(target, "service") == 0 || strcmp(target, "prefix") == 0;

	if (node == !name && (node || named))
		return json_pack("{s:s, s:s*}", "target", target, "name", name);
	command_complain(cli,
			 "%s what? One of: basin %s node, basin %s service "
			 "NAME, basin %s prefix PREFIX",
			 in->command->name, in->command->name,
			 in->command->name, in->command->name);
	return NULL;
}

/* Copies an option that is a duration, or `word`. */
static bool
take_duration(struct cli *cli, const struct invocation *in, const char *name,
	      const char *word, json_t *arguments)
{
	const char *text = command_option(in, name);
	struct dur d;

	if (!text)
		return true;
	if ((word && strcmp(text, word) == 0) ||
	    (dur_parse(text, &d) == 0 && (d.ns > 0 || !word) && d.ns >= 0)) {
		json_object_set_new(arguments, name, json_string(text));
		return true;
	}
	command_complain(cli,
			 "--%s is \"%s\", expected a duration with its unit, "
			 "such as 30m or 2h%s",
			 name, text, word ? ", or ever" : "");
	return false;
}

static bool
take_reason(struct cli *cli, const struct invocation *in, bool required,
	    json_t *arguments)
{
	const char *reason = command_option(in, "reason");
	json_t *text = reason ? json_string(reason) : NULL;

	if (reason && !text) {
		command_complain(cli, "--reason is not UTF-8");
		return false;
	}
	if (text && *reason) {
		json_object_set_new(arguments, "reason", text);
		return true;
	}
	json_decref(text);
	if (!reason && !required)
		return true;
	command_complain(cli, "--reason \"TEXT\" is missing: say why, others "
			      "will ask");
	return false;
}

/* ---- drain ---- */

static bool
take_waits(struct cli *cli, const struct invocation *in, json_t *arguments)
{
	if (command_option(in, "now"))
		json_object_set_new(arguments, "now", json_true());
	if (command_option(in, "now") && command_option(in, "limit")) {
		command_complain(cli, "--now and --limit: one of them");
		return false;
	}
	return take_duration(cli, in, "for", "ever", arguments) &&
	       take_duration(cli, in, "limit", NULL, arguments) &&
	       take_duration(cli, in, "quiet", NULL, arguments);
}

int
run_drain(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = target_of(cli, in), *drain;
	struct ctl_client *client;
	int code = COMMAND_USAGE;

	if (!arguments)
		return code;
	if (!take_reason(cli, in, false, arguments) ||
	    !take_waits(cli, in, arguments)) {
		json_decref(arguments);
		return code;
	}
	client = connect_open(cli, true);
	if (!client) {
		json_decref(arguments);
		return COMMAND_NOT_FINE;
	}
	drain = connect_ask(cli, client, "drain", arguments, &code);
	if (drain)
		code = follow_drain(cli, client, drain,
				    command_option(in, "background"));
	json_decref(drain);
	ctl_client_close(client);
	return code;
}

/* ---- undrain, attack mode ---- */

static void
say_undrained(struct cli *cli, const json_t *result)
{
	struct text title = {0};

	render_drain_title(result, &title);
	table_say(cli->out, cli->colour, TABLE_PLAIN, "undrained %s",
		  text_str(&title));
	fputc('\n', cli->out);
	text_free(&title);
}

int
run_undrain(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = target_of(cli, in);

	return arguments ? run_order(cli, "undrain", arguments, say_undrained)
			 : COMMAND_USAGE;
}

static void
say_attack(struct cli *cli, const json_t *result)
{
	const json_t *attack = json_object_get(result, "attack");

	if (json_is_object(attack))
		render_attack_line(cli, attack);
	else
		fputs("attack mode is off\n", cli->out);
}

int
run_attack(struct cli *cli, const struct invocation *in)
{
	bool on = strcmp(in->command->name, "attack on") == 0;
	json_t *arguments = json_object();

	if (!on || (take_reason(cli, in, true, arguments) &&
		    take_duration(cli, in, "for", "ever", arguments)))
		return run_order(cli, in->command->name, arguments, say_attack);
	json_decref(arguments);
	return COMMAND_USAGE;
}
