/* SPDX-License-Identifier: ISC */
#include "cli/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "ctl/ctl.h"

static const char *
explain(int error)
{
	switch (-error) {
	case ENOENT:
		return "no such file; is it running? (systemctl status basin)";
	case ECONNREFUSED:
		return "nobody answers; is it running? "
		       "(systemctl status basin)";
	case EACCES:
	case EPERM:
		return "permission denied; members of the socket's group and "
		       "root may (see control.group and control.push_group)";
	case ETIMEDOUT:
		return "no answer within 10 s; if it hangs, killing it "
		       "closes its sessions and withdraws its routes";
	case EPIPE:
	case ECONNRESET:
		return "it closed the connection";
	case EMSGSIZE:
		return "what came back, or the request, is too long";
	case EPROTO:
		return "what came back is no JSON";
	default:
		return strerror(-error);
	}
}

static struct ctl_client *
complain_unreachable(struct cli *cli, const char *path, int error)
{
	command_complain(cli, "cannot reach basind at %s: %s", path,
			 explain(error));
	return NULL;
}

struct ctl_client *
connect_open(struct cli *cli, bool writes)
{
	const char *path = cli->socket ? cli->socket : getenv("BASIN_SOCKET");
	bool given = path && *path;
	struct ctl_client *client;
	int error;

	if (!given)
		path = CONNECT_SOCKET;
	error = ctl_client_open(path, &client);
	if (error == 0)
		return client;
	if (!given && !writes && error == -EACCES &&
	    ctl_client_open(CONNECT_READ_ONLY_SOCKET, &client) == 0)
		return client;
	return complain_unreachable(cli, path, error);
}

int
connect_try(struct cli *cli)
{
	const char *path = cli->socket ? cli->socket : getenv("BASIN_SOCKET");
	struct ctl_client *client;
	int error;

	error = ctl_client_open(path && *path ? path : CONNECT_SOCKET, &client);
	if (error == 0)
		ctl_client_close(client);
	return error;
}

struct ctl_client *
connect_open_push(struct cli *cli)
{
	const char *path = cli->socket ? cli->socket : getenv("BASIN_SOCKET");
	struct ctl_client *client;
	int error;

	if (path && *path)
		return connect_open(cli, true);
	error = ctl_client_open(CONNECT_PUSH_SOCKET, &client);
	if (error == 0 || ctl_client_open(CONNECT_SOCKET, &client) == 0)
		return client;
	return complain_unreachable(cli, CONNECT_PUSH_SOCKET, error);
}

static int
exit_code(const char *error)
{
	if (strcmp(error, ctl_error_text(CTL_ERROR_CONFIGURATION)) == 0)
		return COMMAND_CONFIGURATION;
	if (strcmp(error, ctl_error_text(CTL_ERROR_BAD_REQUEST)) == 0)
		return COMMAND_USAGE;
	return COMMAND_NOT_FINE;
}

/* Takes the result out of an answer, or tells the error in it. */
static json_t *
unwrap(struct cli *cli, json_t *answer, int *code)
{
	const char *error = "failed", *message = "the answer has no message";
	json_t *result = json_object_get(answer, "result");

	if (json_is_true(json_object_get(answer, "ok")) && result)
		return json_incref(result);
	json_unpack(answer, "{s:{s:s, s:s}}", "error", "code", &error,
		    "message", &message);
	*code = exit_code(error);
	if (cli->json) {
		json_dumpf(answer, cli->out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(9));
		fputc('\n', cli->out);
	} else if (*code == COMMAND_CONFIGURATION) {
		/* Whole lines with their places, as `basin check` has them. */
		table_say_lines(cli->err, message);
		if (!*message || message[strlen(message) - 1] != '\n')
			fputc('\n', cli->err);
	} else {
		command_complain(cli, "%s", message);
	}
	return NULL;
}

json_t *
connect_ask(struct cli *cli, struct ctl_client *client, const char *command,
	    json_t *arguments, int *code)
{
	json_t *answer, *result;
	int error = ctl_client_call(client, command, arguments, &answer);

	*code = COMMAND_NOT_FINE;
	if (error) {
		command_complain(cli, "basind did not answer \"%s\": %s",
				 command, explain(error));
		return NULL;
	}
	result = unwrap(cli, answer, code);
	json_decref(answer);
	return result;
}

json_t *
connect_call(struct cli *cli, const char *command, json_t *arguments,
	     bool writes, int *code)
{
	struct ctl_client *client = connect_open(cli, writes);
	json_t *result;

	*code = COMMAND_NOT_FINE;
	if (!client) {
		json_decref(arguments);
		return NULL;
	}
	result = connect_ask(cli, client, command, arguments, code);
	ctl_client_close(client);
	return result;
}

json_t *
connect_list(struct cli *cli, const char *command, json_t *arguments,
	     const char *key, int *code)
{
	struct ctl_client *client = connect_open(cli, false);
	json_t *all = NULL, *page, *list;

	*code = COMMAND_NOT_FINE;
	while (client) {
		json_t *list_so_far = json_object_get(all, key);
		size_t have = json_array_size(list_so_far);

		json_object_set_new(arguments, "offset",
				    json_integer((json_int_t)have));
		page = connect_ask(cli, client, command, json_incref(arguments),
				   code);
		if (!page) {
			json_decref(all);
			all = NULL;
			break;
		}
		list = json_object_get(page, key);
		if (!all) {
			all = page;
		} else {
			bool more = json_array_size(list) > 0 &&
				    json_array_extend(list_so_far, list) == 0;

			json_decref(page);
			if (!more)
				break; /* it became shorter meanwhile */
		}
		list = json_object_get(all, key);
		if ((json_int_t)json_array_size(list) >=
		    json_integer_value(json_object_get(all, "total")))
			break;
	}
	json_decref(arguments);
	ctl_client_close(client);
	return all;
}
