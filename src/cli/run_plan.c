/* SPDX-License-Identifier: ISC */
/* plan: what a reload of a file would do, asked or worked out alone. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/render.h"
#include "cli/run.h"
#include "cli/table.h"
#include "conf/conf.h"

/* ---- two files, without a daemon ---- */

static const char *const sections[] = {
    [CONF_SECTION_NODE] = "node",   [CONF_SECTION_SERVICE] = "service",
    [CONF_SECTION_CHECK] = "check", [CONF_SECTION_PREFIX] = "prefix",
    [CONF_SECTION_PEER] = "peer",   [CONF_SECTION_OTHER] = "option",
};

static const char *const kinds[] = {
    [CONF_ADDED] = "added",
    [CONF_REMOVED] = "removed",
    [CONF_CHANGED] = "changed",
};

static struct conf *
load(struct cli *cli, const char *path)
{
	struct text messages = {0};
	struct conf *conf = NULL;

	if (conf_load(path, &conf, &messages) != 0) {
		fputs(text_str(&messages), cli->err);
		conf = NULL;
	}
	text_free(&messages);
	return conf;
}

static const struct conf_peer *
find_peer(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
	return NULL;
}

static json_t *
compared_peer(const struct conf *before, const struct conf *after,
	      const struct conf_change *c)
{
	const struct conf_peer *a = find_peer(before, c->name);
	const struct conf_peer *b = find_peer(after, c->name);
	const char *option = a && b ? conf_peer_session_option(a, b) : NULL;
	const char *effect = kinds[c->kind];

	if (c->kind == CONF_CHANGED)
		effect = option ? "session" : "updates";
	return json_pack("{s:s, s:s, s:s?}", "name", c->name, "effect", effect,
			 "option", option ? option : c->option);
}

/* Which UPDATEs there would be only the daemon knows. */
static json_t *
compare_files(const struct conf *before, const struct conf *after)
{
	json_t *changes = json_array(), *peers = json_array();
	struct conf_diff diff;
	bool any;

	conf_diff(before, after, &diff);
	any = diff.n > 0;
	for (size_t i = 0; i < diff.n; i++) {
		const struct conf_change *c = &diff.v[i];

		json_array_append_new(
		    changes,
		    json_pack("{s:s, s:s, s:s, s:s?}", "section",
			      sections[c->section], "name", c->name, "change",
			      kinds[c->kind], "option", c->option));
		if (c->section == CONF_SECTION_PEER)
			json_array_append_new(peers,
					      compared_peer(before, after, c));
	}
	conf_diff_free(&diff);
	return json_pack("{s:o, s:o, s:b, s:b}", "changes", changes, "peers",
			 peers, "differs", any, "noticed", any);
}

static json_t *
plan_offline(struct cli *cli, const char *from, const char *to, int *code)
{
	struct conf *before = load(cli, from);
	struct conf *after = before ? load(cli, to) : NULL;
	json_t *result = NULL;

	*code = COMMAND_CONFIGURATION;
	if (after)
		result = compare_files(before, after);
	if (before)
		conf_free(before);
	if (after)
		conf_free(after);
	return result;
}

/* ---- for people ---- */

/* "" when there is none. */
static const char *
word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void
say_change(struct cli *cli, const json_t *c)
{
	const char *option = word(c, "option");

	table_say(cli->out, cli->colour, TABLE_PLAIN, "%s %s %s%s%s%s",
		  word(c, "section"), word(c, "name"), word(c, "change"),
		  *option ? " (" : "", option, *option ? ")" : "");
	fputc('\n', cli->out);
}

static void
say_routes(struct cli *cli, const json_t *peer)
{
	const json_t *route, *name;
	size_t i, k;

	json_array_foreach (json_object_get(peer, "announce"), i, route) {
		const json_t *changed = json_object_get(route, "changed");
		struct text names = {0};

		json_array_foreach (changed, k, name) {
			text_add(&names, k ? ", " : ": ");
			text_add(&names, json_string_value(name));
		}
		table_say(cli->out, cli->colour, TABLE_PLAIN, "  UPDATE %s%s%s",
			  word(route, "prefix"),
			  json_is_null(changed) ? " (new)" : "",
			  text_str(&names));
		fputc('\n', cli->out);
		text_free(&names);
	}
	json_array_foreach (json_object_get(peer, "withdraw"), i, name) {
		table_say(cli->out, cli->colour, TABLE_WARN, "  WITHDRAW %s",
			  json_string_value(name));
		fputc('\n', cli->out);
	}
}

static void
say_peer(struct cli *cli, const json_t *peer)
{
	const char *effect = word(peer, "effect");
	const char *option = word(peer, "option");
	bool bad =
	    strcmp(effect, "updates") != 0 && strcmp(effect, "none") != 0;
	bool refresh = json_is_true(json_object_get(peer, "refresh"));

	if (strcmp(effect, "none") == 0 && !refresh)
		return;
	table_say(cli->out, cli->colour, bad ? TABLE_WARN : TABLE_PLAIN,
		  "peer %s: %s%s%s%s%s", word(peer, "name"), effect,
		  *option ? " (" : "", option, *option ? ")" : "",
		  refresh ? ", its routes are asked for again" : "");
	fputc('\n', cli->out);
	say_routes(cli, peer);
}

static void
say_effects(struct cli *cli, const json_t *list, const char *what,
	    const char *key)
{
	const json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		table_say(cli->out, cli->colour, TABLE_PLAIN, "%s %s: %s", what,
			  word(o, key), word(o, "effect"));
		fputc('\n', cli->out);
	}
}

static void
say_plan(struct cli *cli, const json_t *plan)
{
	const json_t *o;
	size_t i;

	if (!json_is_true(json_object_get(plan, "differs")))
		fputs("no differences\n", cli->out);
	json_array_foreach (json_object_get(plan, "changes"), i, o) {
		say_change(cli, o);
	}
	json_array_foreach (json_object_get(plan, "peers"), i, o) {
		say_peer(cli, o);
	}
	say_effects(cli, json_object_get(plan, "checks"), "check", "name");
	say_effects(cli, json_object_get(plan, "addresses"), "address",
		    "address");
	if (*word(plan, "restart")) {
		table_say_lines(cli->out, word(plan, "restart"));
		fputc('\n', cli->out);
	}
	if (*word(plan, "refusal")) {
		fputs("a reload would refuse it: ", cli->out);
		table_say_lines(cli->out, word(plan, "refusal"));
		fputc('\n', cli->out);
	}
}

/* ---- the command ---- */

static json_t *
ask(struct cli *cli, const char *path, int *code)
{
	char *absolute = path ? realpath(path, NULL) : NULL;
	json_t *arguments = json_object(), *result;

	if (path && !absolute) {
		command_complain(cli, "%s: %s", path, strerror(errno));
		json_decref(arguments);
		*code = COMMAND_CONFIGURATION;
		return NULL;
	}
	if (absolute)
		json_object_set_new(arguments, "path", json_string(absolute));
	free(absolute);
	result = connect_call(cli, "plan", arguments, true, code);
	return result;
}

int
run_plan(struct cli *cli, const struct invocation *in)
{
	const char *from = command_option(in, "from");
	const char *path = in->operands[0];
	json_t *plan;
	int code = COMMAND_FINE;

	if (from && !path) {
		command_complain(cli, "plan --from OLD needs the new file too");
		return COMMAND_USAGE;
	}
	plan =
	    from ? plan_offline(cli, from, path, &code) : ask(cli, path, &code);
	if (!plan)
		return code;
	if (cli->json)
		render_json(cli, plan);
	else
		say_plan(cli, plan);
	code = json_is_true(json_object_get(plan, "noticed")) ? COMMAND_NOT_FINE
							      : COMMAND_FINE;
	json_decref(plan);
	return code;
}
