/* SPDX-License-Identifier: ISC */
/* Commands that ask the daemon once. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/connect.h"
#include "cli/render.h"
#include "cli/run.h"

static int
always_fine(const json_t *result)
{
	return COMMAND_FINE;
}

/* A pager's verdict: what an operator ordered (a drain) is fine. */
static int
status_verdict(const json_t *status)
{
	static const char *const bad[] = {"silent", "partly", "degraded"};
	const char *state = render_string(status, "state");

	if (json_array_size(json_object_get(status, "alarms")) > 0)
		return COMMAND_NOT_FINE;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (strcmp(state, bad[i]) == 0)
			return COMMAND_NOT_FINE;
	return COMMAND_FINE;
}

/* Asks, prints, and lets `verdict` say what the answer means. */
static int
fetch(struct cli *cli, const char *command, json_t *arguments,
      void (*render)(struct cli *, const json_t *),
      int (*verdict)(const json_t *))
{
	int code;
	json_t *result = connect_call(cli, command, arguments, false, &code);

	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		render(cli, result);
	code = verdict(result);
	json_decref(result);
	return code;
}

int
run_status(struct cli *cli, const struct invocation *in)
{
	return fetch(cli, "status", NULL, render_status, status_verdict);
}

int
run_why(struct cli *cli, const struct invocation *in)
{
	return fetch(cli, "why", json_pack("{s:s}", "name", in->operands[0]),
		     render_why, always_fine);
}

/* ---- lists ---- */

/* Prints a list result; a render function gets only the list. */
static int
print_list(struct cli *cli, json_t *result, const char *key, int code,
	   void (*render)(struct cli *, const json_t *))
{
	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		render(cli, json_object_get(result, key));
	json_decref(result);
	return COMMAND_FINE;
}

static const struct {
	const char *key;
	void (*render)(struct cli *, const json_t *);
} lists[] = {
    {"services", render_services},   {"checks", render_checks},
    {"prefixes", render_prefixes},   {"peers", render_peers},
    {"addresses", render_addresses}, {"counters", render_counters},
    {"drains", render_drains},       {"blocks", render_blocks},
};

int
run_show(struct cli *cli, const struct invocation *in)
{
	const char *key = in->command->name + strlen("show ");
	json_t *arguments = json_object(), *result;
	int code = COMMAND_USAGE;

	if (in->n_operands > 0)
		json_object_set_new(arguments, "name",
				    json_string(in->operands[0]));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strcmp(lists[i].key, key) != 0)
			continue;
		result =
		    connect_list(cli, in->command->name, arguments, key, &code);
		return print_list(cli, result, key, code, lists[i].render);
	}
	json_decref(arguments);
	return code;
}

/* "[in|out] [PEER]"; false: something else was given. */
static bool
take_direction(struct cli *cli, const struct invocation *in, const char *usage,
	       const char **direction, const char **peer)
{
	size_t next = 0;

	if (in->n_operands > 0 && (strcmp(in->operands[0], "in") == 0 ||
				   strcmp(in->operands[0], "out") == 0))
		*direction = in->operands[next++];
	if (next < in->n_operands)
		*peer = in->operands[next++];
	if (next == in->n_operands)
		return true;
	command_complain(cli, "usage: basin %s [in|out] [PEER]", usage);
	return false;
}

int
run_routes(struct cli *cli, const struct invocation *in)
{
	const char *direction = "out", *peer = NULL;
	const char *prefix = command_option(in, "prefix");
	json_t *arguments, *result;
	int code;

	if (!take_direction(cli, in, "show routes", &direction, &peer))
		return COMMAND_USAGE;
	arguments = json_pack("{s:s, s:s*, s:s*}", "direction", direction,
			      "peer", peer, "prefix", prefix);
	result = connect_list(cli, "show routes", arguments, "routes", &code);
	return print_list(cli, result, "routes", code, render_routes);
}

int
run_flows(struct cli *cli, const struct invocation *in)
{
	const char *direction = "in", *peer = NULL;
	json_t *arguments, *result;
	int code;

	if (!take_direction(cli, in, "show flows", &direction, &peer))
		return COMMAND_USAGE;
	arguments =
	    json_pack("{s:s, s:s*}", "direction", direction, "peer", peer);
	result = connect_list(cli, "show flows", arguments, "flows", &code);
	return print_list(cli, result, "flows", code, render_flows);
}

int
run_mesh(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = json_pack("{s:s*}", "name", in->operands[0]);
	json_t *result;
	int code;

	result = connect_list(cli, "show mesh", arguments, "brakes", &code);
	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		render_mesh(cli, result);
	json_decref(result);
	return COMMAND_FINE;
}

int
run_rpki(struct cli *cli, const struct invocation *in)
{
	json_t *result;
	int code;

	result =
	    connect_list(cli, "show rpki", json_object(), "prefixes", &code);
	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		render_rpki(cli, result);
	json_decref(result);
	return COMMAND_FINE;
}

int
run_bfd(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = json_pack("{s:s*}", "name", in->operands[0]);
	json_t *result;
	int code;

	result = connect_list(cli, "show bfd", arguments, "sessions", &code);
	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		render_bfd(cli, result);
	json_decref(result);
	return COMMAND_FINE;
}

int
run_exabgp(struct cli *cli, const struct invocation *in)
{
	json_t *result;
	int code;

	result =
	    connect_list(cli, "show exabgp", json_object(), "processes", &code);
	return print_list(cli, result, "processes", code, render_exabgp);
}

int
run_events(struct cli *cli, const struct invocation *in)
{
	const char *limit = command_option(in, "limit");
	json_t *arguments =
	    json_pack("{s:s*, s:s*}", "kind", command_option(in, "kind"),
		      "name", in->operands[0]);
	char *end = NULL;
	long n = limit ? strtol(limit, &end, 10) : 0;
	int code;
	json_t *result;

	if (limit && (*end || n <= 0 || n > 1000000)) {
		command_complain(cli,
				 "--limit is \"%s\", expected a number "
				 "from 1",
				 limit);
		json_decref(arguments);
		return COMMAND_USAGE;
	}
	if (limit)
		json_object_set_new(arguments, "limit", json_integer(n));
	result = connect_call(cli, "show events", arguments, false, &code);
	return print_list(cli, result, "events", code, render_events);
}

/* ---- reload ---- */

static void
say_reloaded(struct cli *cli, const json_t *result)
{
	table_say_lines(cli->out, render_string(result, "message"));
	fputc('\n', cli->out);
}

int
run_reload(struct cli *cli, const struct invocation *in)
{
	bool allow = command_option(in, "allow-removal");

	return run_order(cli, "reload",
			 json_pack("{s:b, s:s*}", "allow_removal", allow,
				   "confirm", command_option(in, "confirm")),
			 say_reloaded);
}

static void
say_confirmed(struct cli *cli, const json_t *result)
{
	fputs("the configuration stays\n", cli->out);
}

int
run_confirm(struct cli *cli, const struct invocation *in)
{
	return run_order(cli, "confirm", NULL, say_confirmed);
}

static void
say_upgraded(struct cli *cli, const json_t *result)
{
	fprintf(cli->out, "basind %s (pid %lld) has taken over\n",
		render_string(result, "version"),
		(long long)json_integer_value(json_object_get(result, "pid")));
}

int
run_upgrade(struct cli *cli, const struct invocation *in)
{
	json_t *arguments = json_object();

	if (in->operands[0])
		json_object_set_new(arguments, "path",
				    json_string(in->operands[0]));
	return run_order(cli, "upgrade", arguments, say_upgraded);
}
