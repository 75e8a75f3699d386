/* SPDX-License-Identifier: ISC */
/* What upstreams are told of a prefix, why, and when that changes. */
#include <string.h>

#include "cli/render.h"

static bool
is(const json_t *object, const char *key, const char *value)
{
	return strcmp(render_string(object, key), value) == 0;
}

/* Announced, but as degraded or draining. */
static bool
is_below(const json_t *prefix)
{
	return is(prefix, "rung", "degraded") || is(prefix, "rung", "draining");
}

/* What comes when by itself: "reused in 7 min 12 s"; nothing else. */
static void
add_end(const json_t *prefix, struct text *out)
{
	char buf[32];

	if (is(prefix, "state", "suppressed"))
		text_addf(out, ", reused in %s",
			  render_age(prefix, "until", buf, sizeof(buf)));
	else if (is(prefix, "state", "held"))
		text_addf(out, ", announced in %s at the earliest",
			  render_age(prefix, "until", buf, sizeof(buf)));
	else if (is(prefix, "state", "draining") &&
		 !is(prefix, "drain_limit", "-"))
		text_addf(out, ", withdrawn when quiet, in %s at the latest",
			  render_age(prefix, "drain_limit", buf, sizeof(buf)));
	else if (!is(prefix, "rung_until", "-"))
		text_addf(out, ", %s to go",
			  render_age(prefix, "rung_until", buf, sizeof(buf)));
}

void
render_rung_why(const json_t *prefix, struct text *out)
{
	bool announced = is(prefix, "state", "announced");

	if (announced && !is_below(prefix)) {
		text_add(out, "-");
		return;
	}
	if (announced && !is(prefix, "rung_cause", "-"))
		text_addf(out, "%s: ", render_string(prefix, "rung_cause"));
	text_add(out, render_string(prefix, announced ? "rung_reason_text"
						      : "reason_text"));
	add_end(prefix, out);
}

static void
say_told(struct cli *cli, const json_t *prefix, int depth)
{
	const char *rung = render_string(prefix, "rung");
	bool named = !is(prefix, "rung_cause", "-");
	char buf[32];

	fprintf(cli->out, "%*s", depth * 2, "");
	table_say(cli->out, cli->colour, TABLE_PLAIN, "peers are told ");
	table_say(cli->out, cli->colour, render_style(rung), "%s", rung);
	table_say(cli->out, cli->colour, TABLE_PLAIN, ": %s%s%s (%s)",
		  named ? render_string(prefix, "rung_cause") : "",
		  named ? ": " : "", render_string(prefix, "rung_reason_text"),
		  render_string(prefix, "rung_reason"));
	if (!is(prefix, "rung_until", "-"))
		table_say(cli->out, cli->colour, TABLE_PLAIN, "; %s to go",
			  render_age(prefix, "rung_until", buf, sizeof(buf)));
	fputc('\n', cli->out);
}

static void
say_until(struct cli *cli, const json_t *prefix, const char *key,
	  const char *what, int depth)
{
	char buf[32];

	if (is(prefix, key, "-"))
		return;
	fprintf(cli->out, "%*s", depth * 2, "");
	table_say(cli->out, cli->colour, TABLE_PLAIN, "%s %s (%s)", what,
		  render_age(prefix, key, buf, sizeof(buf)),
		  render_string(prefix, key));
	fputc('\n', cli->out);
}

void
render_rung(struct cli *cli, const json_t *prefix, int depth)
{
	bool suppressed = is(prefix, "state", "suppressed");
	long long penalty = render_integer(prefix, "penalty");

	if (is_below(prefix))
		say_told(cli, prefix, depth);
	say_until(cli, prefix, "until",
		  suppressed ? "suppressed, reused in"
			     : "held, announced at the earliest in",
		  depth);
	if (is(prefix, "state", "draining"))
		say_until(cli, prefix, "drain_limit",
			  "withdrawn when it is quiet, at the latest in",
			  depth);
	if (penalty > 0)
		fprintf(cli->out, "%*sflap penalty %lld\n", depth * 2, "",
			penalty);
}
