/* SPDX-License-Identifier: ISC */
/*
 * One screen for the pager's questions: attracting traffic? for what? since
 * when? why not? What needs no attention is summed up.
 */

#include "cli/render.h"

#define LISTED_MAX 10 /* lines of one kind */

/* "2 announced, 1 held": the states (or rungs) that occur. */
static void
say_counts(struct cli *cli, json_t *counts)
{
	const char *state, *gap = " ";
	json_t *n;

	json_object_foreach (counts, state, n) {
		if (json_integer_value(n) == 0)
			continue;
		table_say(cli->out, cli->colour, TABLE_PLAIN, "%s", gap);
		table_say(cli->out, cli->colour, render_style(state), "%lld %s",
			  (long long)json_integer_value(n), state);
		gap = ", ";
	}
}

static void
say_states(struct cli *cli, const json_t *kind)
{
	say_counts(cli, json_object_get(kind, "states"));
}

/* What peers are told, when it is more than "announced" says. */
static void
say_rungs(struct cli *cli, const json_t *kind)
{
	json_t *rungs = json_object_get(kind, "rungs");

	if (render_integer(rungs, "degraded") +
		render_integer(rungs, "draining") ==
	    0)
		return;
	fprintf(cli->out, "; told:");
	say_counts(cli, rungs);
}

static void
say_node(struct cli *cli, const json_t *s)
{
	const char *state = render_string(s, "state");
	char buf[32];

	table_say(cli->out, cli->colour, TABLE_BOLD, "%s",
		  render_string(s, "node"));
	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  "  AS%lld  basin %s  up %s  ", render_integer(s, "asn"),
		  render_string(s, "version"),
		  render_age(s, "started", buf, sizeof(buf)));
	table_say(cli->out, cli->colour, render_style(state), "%s", state);
	fprintf(cli->out, "\ndecided:");
	say_states(cli, json_object_get(s, "prefixes"));
	say_rungs(cli, json_object_get(s, "prefixes"));
	fprintf(cli->out, "; sent: %lld routes", render_integer(s, "sent"));
	if (render_integer(s, "pending") > 0)
		table_say(cli->out, cli->colour, TABLE_WARN, ", %lld pending",
			  render_integer(s, "pending"));
	fputc('\n', cli->out);
}

static void
say_drains(struct cli *cli, const json_t *s)
{
	json_t *drain;
	size_t i;

	json_array_foreach (json_object_get(s, "drains"), i, drain)
		render_drain_line(cli, drain);
	render_attack_line(cli, json_object_get(s, "attack"));
	render_drill_line(cli, json_object_get(s, "drill"));
}

static void
say_alarms(struct cli *cli, const json_t *s)
{
	json_t *alarm;
	size_t i;

	json_array_foreach (json_object_get(s, "alarms"), i, alarm) {
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "ALARM %s since %s: %s",
			  render_string(alarm, "subject"),
			  render_string(alarm, "since"),
			  render_string(alarm, "message"));
		fputc('\n', cli->out);
	}
}

static void
say_probation(struct cli *cli, const json_t *s)
{
	json_t *conf = json_object_get(s, "configuration");
	json_t *at = json_object_get(conf, "taken_back");

	if (!json_is_string(at))
		return;
	fputc('\n', cli->out);
	table_say(cli->out, cli->colour, TABLE_WARN,
		  "the configuration before comes back at %s without `basin "
		  "confirm`",
		  json_string_value(at));
	fputc('\n', cli->out);
}

/* The first entries of a list, and how many there are more. */
static void
say_list(struct cli *cli, const json_t *list, long long total,
	 void (*render)(struct cli *, const json_t *), const char *command)
{
	json_t *first = json_array(), *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (i == LISTED_MAX)
			break;
		json_array_append(first, item);
	}
	if (json_array_size(first) > 0) {
		fputc('\n', cli->out);
		render(cli, first);
	}
	if (total > (long long)json_array_size(first)) {
		table_say(cli->out, cli->colour, TABLE_DIM,
			  "... and %lld more: basin show %s",
			  total - (long long)json_array_size(first), command);
		fputc('\n', cli->out);
	}
	json_decref(first);
}

static void
say_kind(struct cli *cli, const json_t *s, const char *key,
	 void (*render)(struct cli *, const json_t *))
{
	json_t *kind = json_object_get(s, key);

	say_list(cli, json_object_get(kind, "listed"),
		 render_integer(kind, "total"), render, key);
}

static void
say_checks(struct cli *cli, const json_t *s)
{
	json_t *checks = json_object_get(s, "checks");
	json_t *listed = json_object_get(checks, "listed");
	json_t *up = json_object_get(json_object_get(checks, "states"), "up");

	fprintf(cli->out, "\nchecks:");
	say_states(cli, checks);
	fputc('\n', cli->out);
	if (json_array_size(listed) > 0)
		say_list(cli, listed,
			 render_integer(checks, "total") -
			     (long long)json_integer_value(up),
			 render_checks, "checks");
}

void
render_status(struct cli *cli, const json_t *s)
{
	json_t *peers = json_object_get(s, "peers");

	say_node(cli, s);
	say_drains(cli, s);
	say_alarms(cli, s);
	say_probation(cli, s);
	say_kind(cli, s, "prefixes", render_prefixes);
	say_list(cli, peers, (long long)json_array_size(peers), render_peers,
		 "peers");
	say_kind(cli, s, "services", render_services_brief);
	say_checks(cli, s);
}
