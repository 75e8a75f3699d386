/* SPDX-License-Identifier: ISC */
/* Tables of `basin show`. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/render.h"

static void
state_cell(struct table *t, const json_t *object)
{
	const char *state = render_string(object, "state");

	table_cell(t, render_style(state), "%s", state);
}

static void
age_cell(struct table *t, const json_t *object)
{
	char buf[32];

	table_cell(t, TABLE_PLAIN, "%s",
		   render_age(object, "since", buf, sizeof(buf)));
}

static void
string_cell(struct table *t, const json_t *object, const char *key)
{
	table_cell(t, TABLE_PLAIN, "%s", render_string(object, key));
}

static void
integer_cell(struct table *t, const json_t *object, const char *key)
{
	table_cell(t, TABLE_PLAIN, "%lld", render_integer(object, key));
}

static void
join_cell(struct table *t, const json_t *object, const char *key)
{
	char *joined = render_join(object, key, ", ");

	table_cell(t, TABLE_PLAIN, "%s", joined);
	free(joined);
}

static void
path_cell(struct table *t, const json_t *route)
{
	char *path = render_join(route, "as_path", " ");

	table_cell(t, TABLE_PLAIN, "%s", path);
	free(path);
}

/* Why it is as it is; nothing where all is as it should be. */
static void
why_cell(struct table *t, const json_t *object, const char *good)
{
	bool fine = strcmp(render_string(object, "state"), good) == 0;

	table_cell(t, TABLE_PLAIN, "%s",
		   fine ? "-" : render_string(object, "reason_text"));
}

static void
finish(struct cli *cli, struct table *t)
{
	table_print(t, cli->out, cli->colour);
}

/* What load is high, with numbers, says more than that it is. */
static void
service_why_cell(struct table *t, const json_t *o)
{
	const char *high = render_string(o, "load_high");

	if (strcmp(render_string(o, "state"), "overloaded") == 0 &&
	    high[0] != '-')
		table_cell(t, TABLE_PLAIN, "%s", high);
	else
		why_cell(t, o, "up");
}

static void
service_cells(struct table *t, const json_t *o)
{
	string_cell(t, o, "service");
	state_cell(t, o);
	table_cell(t, TABLE_PLAIN, "%lld/%lld", render_integer(o, "checks_up"),
		   render_integer(o, "checks"));
	age_cell(t, o);
}

/* "udp/53, tcp/53 (gone), unit/x.service (cannot be watched)" */
static const char *
presence_words(const json_t *watch)
{
	const json_t *present = json_object_get(watch, "present");

	if (json_is_null(present))
		return " (cannot be watched)";
	return json_is_true(present) ? "" : " (gone)";
}

static void
watch_cell(struct table *t, const json_t *service)
{
	struct text all = {0};
	bool gone = false;
	json_t *o;
	size_t i;

	json_array_foreach (json_object_get(service, "watch"), i, o) {
		const char *words = presence_words(o);

		text_addf(&all, "%s%s%s", i ? ", " : "",
			  render_string(o, "watch"), words);
		gone |= words[0] != '\0';
	}
	table_cell(t, gone ? TABLE_BAD : TABLE_PLAIN, "%s",
		   all.len ? text_str(&all) : "-");
	text_free(&all);
}

void
render_services(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "SERVICE",   "STATE", ">CHECKS", "SINCE",
	    "ADDRESSES", "WATCH", "WHY",     NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		service_cells(t, o);
		join_cell(t, o, "addresses");
		watch_cell(t, o);
		service_why_cell(t, o);
	}
	finish(cli, t);
}

void
render_services_brief(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {"SERVICE", "STATE", ">CHECKS",
					       "SINCE",   "WHY",   NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		service_cells(t, o);
		service_why_cell(t, o);
	}
	finish(cli, t);
}

static void
latency_cell(struct table *t, const json_t *last)
{
	json_t *latency = json_object_get(last, "latency");

	if (json_is_number(latency))
		table_cell(t, TABLE_PLAIN, "%.1f ms",
			   json_number_value(latency) * 1e3);
	else
		table_cell(t, TABLE_PLAIN, "-");
}

void
render_checks(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "CHECK", "STATE", "SINCE", "LAST", ">LATENCY", "DETAIL", NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		json_t *last = json_object_get(o, "last");
		const char *verdict = render_string(last, "verdict");

		string_cell(t, o, "check");
		state_cell(t, o);
		age_cell(t, o);
		table_cell(t, render_style(verdict), "%s", verdict);
		latency_cell(t, last);
		string_cell(t, last, "detail");
	}
	finish(cli, t);
}

static enum table_style
reach_style(long long announced, long long peers)
{
	if (announced == 0)
		return TABLE_BAD;
	return announced < peers ? TABLE_WARN : TABLE_GOOD;
}

/* What peers are told, where that is anything. */
static void
rung_cell(struct table *t, const json_t *prefix)
{
	const char *rung = render_string(prefix, "rung");

	if (strcmp(rung, "withdrawn") == 0)
		rung = "-";
	table_cell(t, render_style(rung), "%s", rung);
}

static void
prefix_why_cell(struct table *t, const json_t *prefix)
{
	struct text why = {0};

	render_rung_why(prefix, &why);
	table_cell(t, TABLE_PLAIN, "%s", text_str(&why));
	text_free(&why);
}

void
render_prefixes(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {"PREFIX", "DECISION", "TOLD",
					       ">TO",    "SINCE",    "SERVICES",
					       "WHY",    NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		long long announced = render_integer(o, "announced");
		long long peers = render_integer(o, "peers");

		string_cell(t, o, "prefix");
		state_cell(t, o);
		rung_cell(t, o);
		table_cell(t, reach_style(announced, peers), "%lld/%lld",
			   announced, peers);
		age_cell(t, o);
		join_cell(t, o, "services");
		prefix_why_cell(t, o);
	}
	finish(cli, t);
}

/* What is in the way: what went wrong last, while it is not right again. */
static void
error_cell(struct table *t, const json_t *peer)
{
	bool established =
	    render_style(render_string(peer, "state")) == TABLE_GOOD;
	json_t *error = json_object_get(peer, "last_error");

	if (json_is_true(json_object_get(peer, "shutdown")))
		table_cell(t, TABLE_WARN, "shut down by configuration");
	else if (json_is_string(json_object_get(peer, "suspended")))
		table_cell(t, TABLE_WARN, "kept closed: %s",
			   render_string(peer, "suspended"));
	else if (established || !json_is_object(error))
		table_cell(t, TABLE_PLAIN, "-");
	else
		string_cell(t, error, "text");
}

/* Stale: of a session that was lost, kept until the peer is back. */
static void
imported_cell(struct table *t, const json_t *peer)
{
	long long imported = render_integer(peer, "imported");
	long long stale = render_integer(peer, "stale");

	if (stale)
		table_cell(t, TABLE_WARN, "%lld, %lld stale", imported, stale);
	else
		table_cell(t, TABLE_PLAIN, "%lld", imported);
}

/* Under the table: what is probably wrong, and what helps. */
static void
say_diagnosis(struct cli *cli, const json_t *peer)
{
	const json_t *d = json_object_get(peer, "diagnosis");

	if (!json_is_object(d) ||
	    json_is_true(json_object_get(peer, "shutdown")))
		return;
	fprintf(cli->out, "\n%s: likely cause: %s\n    cure: %s\n",
		render_string(peer, "peer"), render_string(d, "cause"),
		render_string(d, "cure"));
}

/* Where the neighbour is, as far as that is known. */
static void
place_cell(struct table *t, const json_t *peer)
{
	if (json_is_string(json_object_get(peer, "range")))
		table_cell(t, TABLE_PLAIN, "%s (%lld of %lld)",
			   render_string(peer, "range"),
			   render_integer(peer, "sessions"),
			   render_integer(peer, "max_sessions"));
	else if (!json_is_string(json_object_get(peer, "address")))
		table_cell(t, TABLE_PLAIN, "%%%s",
			   render_string(peer, "interface"));
	else
		string_cell(t, peer, "address");
}

/* What was not accepted of it: how much, and the last of it. */
static void
say_refused(struct cli *cli, const json_t *peer)
{
	json_t *o, *recent = json_object_get(peer, "refused_recently");
	char age[32];
	size_t i;

	if (json_array_size(recent) == 0)
		return;
	fprintf(cli->out, "\n%s: refused lately:\n",
		render_string(peer, "peer"));
	json_array_foreach (recent, i, o)
		fprintf(cli->out, "    %s %s ago: %s\n",
			render_string(o, "prefix"),
			render_age(o, "at", age, sizeof(age)),
			render_string(o, "reason_text"));
}

void
render_peers(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "PEER", "ADDRESS", ">AS",      "STATE",      "SINCE",
	    ">OUT", ">IN",     ">PENDING", "LAST ERROR", NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		string_cell(t, o, "peer");
		place_cell(t, o);
		integer_cell(t, o, "asn");
		state_cell(t, o);
		age_cell(t, o);
		integer_cell(t, o, "announced");
		imported_cell(t, o);
		integer_cell(t, o, "pending");
		error_cell(t, o);
	}
	finish(cli, t);
	json_array_foreach (list, i, o) {
		say_diagnosis(cli, o);
		say_refused(cli, o);
	}
}

static void
communities_cell(struct table *t, const json_t *route)
{
	static const char *const keys[] = {"communities", "large_communities",
					   "extended_communities"};
	struct text all = {0};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		char *joined;

		if (json_array_size(json_object_get(route, keys[i])) == 0)
			continue;
		joined = render_join(route, keys[i], ", ");
		text_addf(&all, "%s%s", all.len ? ", " : "", joined);
		free(joined);
	}
	table_cell(t, TABLE_PLAIN, "%s", all.len ? text_str(&all) : "-");
	text_free(&all);
}

/* A number that only some routes have. */
static void
optional_cell(struct table *t, const json_t *route, const char *key)
{
	if (json_object_get(route, key))
		integer_cell(t, route, key);
	else
		table_cell(t, TABLE_PLAIN, "-");
}

static bool
any_has(const json_t *list, const char *key)
{
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o)
		if (json_object_get(o, key))
			return true;
	return false;
}

/* Which columns there are depends on what the routes have. */
struct route_columns {
	const char *headings[12];
	size_t n;
	bool local_pref, used, rpki;
};

static void
add_heading(struct route_columns *c, bool wanted, const char *heading)
{
	if (wanted)
		c->headings[c->n++] = heading;
}

/* "none" is what nobody validates. */
static bool
any_validated(const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o)
		if (json_object_get(o, "rpki") &&
		    strcmp(render_string(o, "rpki"), "none") != 0)
			return true;
	return false;
}

static struct route_columns
route_columns(const json_t *list)
{
	struct route_columns c = {
	    .local_pref = any_has(list, "local_pref"),
	    .used = any_has(list, "used"),
	    .rpki = any_validated(list),
	};

	add_heading(&c, true, "PREFIX");
	add_heading(&c, true, "PEER");
	add_heading(&c, true, "NEXT HOP");
	add_heading(&c, true, "AS PATH");
	add_heading(&c, true, ">MED");
	add_heading(&c, c.local_pref, ">LOCAL PREF");
	add_heading(&c, true, "COMMUNITIES");
	add_heading(&c, c.rpki, "RPKI");
	add_heading(&c, true, "SINCE");
	add_heading(&c, c.used, "USED");
	add_heading(&c, c.used, "WHY");
	return c;
}

static void
rpki_cell(struct table *t, const json_t *route)
{
	const char *validity = render_string(route, "rpki");
	enum table_style style = strcmp(validity, "invalid") == 0 ? TABLE_BAD
				 : strcmp(validity, "valid") == 0 ? TABLE_GOOD
								  : TABLE_PLAIN;

	table_cell(t, style, "%s", validity);
}

static void
used_cells(struct table *t, const json_t *route)
{
	bool used = json_is_true(json_object_get(route, "used"));

	table_cell(t, used ? TABLE_GOOD : TABLE_PLAIN, used ? "yes" : "no");
	string_cell(t, route, "standing");
}

void
render_routes(struct cli *cli, const json_t *list)
{
	const struct route_columns c = route_columns(list);
	struct table *t = table_new(c.headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		string_cell(t, o, "prefix");
		string_cell(t, o, "peer");
		string_cell(t, o, "next_hop");
		path_cell(t, o);
		optional_cell(t, o, "med");
		if (c.local_pref)
			optional_cell(t, o, "local_pref");
		communities_cell(t, o);
		if (c.rpki)
			rpki_cell(t, o);
		age_cell(t, o);
		if (c.used)
			used_cells(t, o);
	}
	finish(cli, t);
}

void
render_addresses(struct cli *cli, const json_t *list)
{
	static const char *const headings[] = {
	    "ADDRESS", "INTERFACE", "SERVICE", "STATE",
	    "SINCE",   ">HEALED",   "ERROR",   NULL};
	struct table *t = table_new(headings);
	json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		string_cell(t, o, "address");
		string_cell(t, o, "interface");
		string_cell(t, o, "service");
		state_cell(t, o);
		age_cell(t, o);
		integer_cell(t, o, "healed");
		string_cell(t, o, "error");
	}
	finish(cli, t);
}
