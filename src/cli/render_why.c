/* SPDX-License-Identifier: ISC */
/* The chain from the sample to the UPDATE, indented by cause. */
#include <stdlib.h>
#include <string.h>

#include "cli/render.h"

static void
indent(struct cli *cli, int depth)
{
	fprintf(cli->out, "%*s", depth * 2, "");
}

/* "service dns is up since 3 min 4 s: enough checks are up" */
static void
say_state(struct cli *cli, const json_t *o, const char *kind, int depth)
{
	const char *state = render_string(o, "state");
	char age[32];

	indent(cli, depth);
	table_say(cli->out, cli->colour, TABLE_PLAIN, "%s %s is ", kind,
		  render_string(o, kind));
	table_say(cli->out, cli->colour, render_style(state), "%s", state);
	table_say(cli->out, cli->colour, TABLE_PLAIN, " for %s: %s (%s)",
		  render_age(o, "since", age, sizeof(age)),
		  render_string(o, "reason_text"), render_string(o, "reason"));
	fputc('\n', cli->out);
}

static void
say_last(struct cli *cli, const json_t *check, int depth)
{
	json_t *last = json_object_get(check, "last");
	const char *verdict = render_string(last, "verdict");
	json_t *latency = json_object_get(last, "latency");
	const char *detail = render_string(last, "detail");
	char age[32];

	indent(cli, depth);
	if (!json_is_object(last)) {
		fprintf(cli->out, "no result yet\n");
		return;
	}
	table_say(cli->out, cli->colour, TABLE_PLAIN, "last sample ");
	table_say(cli->out, cli->colour, render_style(verdict), "%s", verdict);
	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  " %s ago, %lld in a row, took %.1f ms%s%s",
		  render_age(last, "at", age, sizeof(age)),
		  render_integer(check, "streak"),
		  json_number_value(latency) * 1e3,
		  detail[0] == '-' ? "" : ": ", detail[0] == '-' ? "" : detail);
	fputc('\n', cli->out);
}

static void
say_check(struct cli *cli, const json_t *check, int depth)
{
	say_state(cli, check, "check", depth);
	say_last(cli, check, depth + 1);
}

static void
say_drain(struct cli *cli, const json_t *o, int depth)
{
	json_t *drain = json_object_get(o, "drain");

	if (!json_is_object(drain))
		return;
	indent(cli, depth);
	table_say(cli->out, cli->colour, TABLE_WARN,
		  "drained by %s since %s: %s", render_string(drain, "who"),
		  render_string(drain, "since"),
		  render_string(drain, "reason"));
	fputc('\n', cli->out);
}

static void
say_missing(struct cli *cli, const json_t *address, int depth)
{
	const char *error = render_string(address, "error");

	indent(cli, depth);
	table_say(cli->out, cli->colour, TABLE_BAD,
		  "address %s is not on %s: %s",
		  render_string(address, "address"),
		  render_string(address, "interface"),
		  error[0] == '-' ? "it is being added" : error);
	fputc('\n', cli->out);
}

static void
say_service(struct cli *cli, const json_t *service, int depth)
{
	json_t *check, *address;
	size_t i;

	say_state(cli, service, "service", depth);
	say_drain(cli, service, depth + 1);
	json_array_foreach (json_object_get(service, "missing_addresses"), i,
			    address)
		say_missing(cli, address, depth + 1);
	json_array_foreach (json_object_get(service, "check_list"), i, check)
		say_check(cli, check, depth + 1);
}

static void
say_attributes(struct cli *cli, const json_t *peer)
{
	json_t *a = json_object_get(peer, "attributes");
	char *path = render_join(a, "as_path", " ");
	char *communities = render_join(a, "communities", ", ");
	char *large = render_join(a, "large_communities", ", ");
	char *extended = render_join(a, "extended_communities", ", ");

	indent(cli, 2);
	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  "next hop %s, AS path %s, origin %s",
		  render_string(a, "next_hop"), path,
		  render_string(a, "origin"));
	if (json_object_get(a, "med"))
		fprintf(cli->out, ", MED %lld", render_integer(a, "med"));
	if (json_object_get(a, "local_pref"))
		fprintf(cli->out, ", LOCAL_PREF %lld",
			render_integer(a, "local_pref"));
	if (communities[0] != '-')
		table_say(cli->out, cli->colour, TABLE_PLAIN,
			  ", communities %s", communities);
	if (large[0] != '-')
		table_say(cli->out, cli->colour, TABLE_PLAIN,
			  ", large communities %s", large);
	if (extended[0] != '-')
		table_say(cli->out, cli->colour, TABLE_PLAIN,
			  ", extended communities %s", extended);
	fputc('\n', cli->out);
	free(path);
	free(communities);
	free(large);
	free(extended);
}

static void
say_peer(struct cli *cli, const json_t *peer)
{
	bool announced = json_is_true(json_object_get(peer, "announced"));
	char age[32];

	indent(cli, 1);
	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  "peer %s (%s): ", render_string(peer, "peer"),
		  render_string(peer, "state"));
	if (!announced) {
		table_say(cli->out, cli->colour, TABLE_WARN, "not announced: ");
		table_say(cli->out, cli->colour, TABLE_PLAIN, "%s",
			  render_string(peer, "why_not"));
		fputc('\n', cli->out);
		return;
	}
	table_say(cli->out, cli->colour, TABLE_GOOD, "announced");
	table_say(cli->out, cli->colour, TABLE_PLAIN, " %s ago (%s)%s",
		  render_age(peer, "since", age, sizeof(age)),
		  render_string(peer, "since"),
		  json_is_true(json_object_get(peer, "pending"))
		      ? "; a change waits to be written"
		      : "");
	fputc('\n', cli->out);
	say_attributes(cli, peer);
}

/* The state of a prefix is what is decided, not yet what peers have. */
static void
say_decision(struct cli *cli, const json_t *prefix, int depth)
{
	const char *state = render_string(prefix, "state");
	char age[32];

	indent(cli, depth);
	table_say(cli->out, cli->colour, TABLE_PLAIN, "prefix %s: decided ",
		  render_string(prefix, "prefix"));
	table_say(cli->out, cli->colour, render_style(state), "%s", state);
	table_say(cli->out, cli->colour, TABLE_PLAIN, " %s ago: %s (%s)",
		  render_age(prefix, "since", age, sizeof(age)),
		  render_string(prefix, "reason_text"),
		  render_string(prefix, "reason"));
	fputc('\n', cli->out);
}

static void
say_brake(struct cli *cli, const json_t *brake)
{
	const char *wait = render_string(brake, "wait");

	if (wait[0] == '-')
		return;
	table_say(cli->out, cli->colour, TABLE_WARN, "  its brake holds: %s",
		  wait);
	fputc('\n', cli->out);
}

static void
say_prefix(struct cli *cli, const json_t *prefix, int depth)
{
	say_decision(cli, prefix, depth);
	say_drain(cli, prefix, depth + 1);
	render_rung(cli, prefix, depth + 1);
	indent(cli, depth + 1);
	table_say(cli->out, cli->colour,
		  render_integer(prefix, "announced") > 0 ? TABLE_GOOD
							  : TABLE_BAD,
		  "announced to %lld of %lld peers",
		  render_integer(prefix, "announced"),
		  render_integer(prefix, "peers"));
	fputc('\n', cli->out);
}

static void
say_events(struct cli *cli, const json_t *why)
{
	json_t *events = json_object_get(why, "events");

	if (json_array_size(events) == 0)
		return;
	fprintf(cli->out, "\nhow it came:\n");
	render_events(cli, events);
}

void
render_why(struct cli *cli, const json_t *why)
{
	const char *kind = render_string(why, "kind");
	json_t *subject = json_object_get(why, kind), *o;
	size_t i;

	if (strcmp(kind, "prefix") == 0) {
		say_prefix(cli, subject, 0);
		say_brake(cli, json_object_get(why, "brake"));
		json_array_foreach (json_object_get(why, "services"), i, o)
			say_service(cli, o, 1);
		json_array_foreach (json_object_get(why, "peers"), i, o)
			say_peer(cli, o);
	} else if (strcmp(kind, "service") == 0) {
		say_service(cli, subject, 0);
	} else {
		say_check(cli, subject, 0);
		say_service(cli, json_object_get(why, "service"), 0);
	}
	json_array_foreach (json_object_get(why, "prefixes"), i, o)
		say_prefix(cli, o, 0);
	say_events(cli, why);
}
