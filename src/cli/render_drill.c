/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/time.h"
#include "cli/render.h"

/* "152.4 ms", "10.0 s"; "-" when it is not known. */
static const char *
time_text(const json_t *seconds, char *buf, size_t size)
{
	double v = json_number_value(seconds);

	if (!json_is_number(seconds))
		snprintf(buf, size, "-");
	else if (v < 10)
		snprintf(buf, size, "%.1f ms", v * 1e3);
	else
		snprintf(buf, size, "%.1f s", v);
	return buf;
}

void
render_drill_line(struct cli *cli, const json_t *drill)
{
	char limit[32];

	if (!json_is_object(drill))
		return;
	table_say(
	    cli->out, cli->colour, TABLE_WARN,
	    "DRILL service %s fails on purpose (mode %s) for %s, by %s; "
	    "to end it: basin drill --end",
	    render_string(drill, "service"), render_string(drill, "mode"),
	    time_text(json_object_get(drill, "for"), limit, sizeof(limit)),
	    render_string(drill, "who"));
	fputc('\n', cli->out);
}

void
render_drill_plan(struct cli *cli, const json_t *plan)
{
	const json_t *e = json_object_get(plan, "expected");
	bool drop = strcmp(render_string(plan, "mode"), "drop") == 0;
	char limit[32];

	table_say(
	    cli->out, cli->colour, TABLE_PLAIN, "service %s: %s for %s",
	    render_string(plan, "service"),
	    drop ? "packets to its addresses are dropped" : "it counts as down",
	    time_text(json_object_get(plan, "for"), limit, sizeof(limit)));
	fputc('\n', cli->out);
	if (drop && !json_is_true(json_object_get(e, "noticed"))) {
		table_say(cli->out, cli->colour, TABLE_WARN,
			  "%lld of %lld checks look at its addresses: they "
			  "are too few to notice",
			  render_integer(e, "looking"),
			  render_integer(e, "checks"));
		fputc('\n', cli->out);
	}
}

/* What is expected of a step at most, or NULL. */
static const json_t *
bound_of(const json_t *step, const json_t *expected)
{
	if (strcmp(render_string(step, "what"), "service") != 0)
		return NULL;
	return json_object_get(
	    expected, strcmp(render_string(step, "phase"), "failure") == 0
			  ? "detection"
			  : "recovery");
}

static const char *
words_of(const json_t *step, bool failure)
{
	const char *what = render_string(step, "what");

	if (strcmp(what, "service") == 0)
		return failure ? "service is down" : "service is up";
	if (strcmp(what, "decision") == 0)
		return failure ? "withdrawal decided" : "announcement decided";
	return failure ? "WITHDRAW written" : "UPDATE written";
}

void
render_drill_step(struct cli *cli, const json_t *step, const json_t *expected)
{
	bool failure = strcmp(render_string(step, "phase"), "failure") == 0;
	const json_t *bound = bound_of(step, expected);
	const char *prefix = render_string(step, "prefix");
	const char *peer = render_string(step, "peer");
	char after[32], most[32];

	table_say(
	    cli->out, cli->colour, TABLE_PLAIN, "%s +%-11s %-20s%s%s%s%s",
	    failure ? "failure " : "recovery",
	    time_text(json_object_get(step, "after"), after, sizeof(after)),
	    words_of(step, failure), prefix[0] == '-' ? "" : " ",
	    prefix[0] == '-' ? "" : prefix, peer[0] == '-' ? "" : " to ",
	    peer[0] == '-' ? "" : peer);
	if (json_is_number(bound))
		table_say(cli->out, cli->colour,
			  json_number_value(json_object_get(step, "after")) >
				  json_number_value(bound)
			      ? TABLE_WARN
			      : TABLE_PLAIN,
			  " (expected within %s)",
			  time_text(bound, most, sizeof(most)));
	fputc('\n', cli->out);
}

void
render_prober(struct cli *cli, const json_t *p)
{
	char gap[32], interval[32], latency[32];
	long long lost = render_integer(p, "lost");

	table_say(cli->out, cli->colour, TABLE_PLAIN,
		  "prober %s: %lld requests every %s, ",
		  render_string(p, "probe"), render_integer(p, "sent"),
		  time_text(json_object_get(p, "interval"), interval,
			    sizeof(interval)));
	table_say(cli->out, cli->colour, lost ? TABLE_WARN : TABLE_GOOD,
		  "%lld lost", lost);
	if (lost > 0)
		table_say(cli->out, cli->colour, TABLE_PLAIN,
			  " (%lld refused, %lld unreachable, %lld silent), "
			  "longest gap %s",
			  render_integer(p, "refused"),
			  render_integer(p, "unreachable"),
			  render_integer(p, "silent"),
			  time_text(json_object_get(p, "longest_gap"), gap,
				    sizeof(gap)));
	table_say(
	    cli->out, cli->colour, TABLE_PLAIN, ", median answer in %s",
	    time_text(json_object_get(p, "latency"), latency, sizeof(latency)));
	fputc('\n', cli->out);
}

void
render_drill_end(struct cli *cli, const json_t *drill)
{
	const json_t *prober = json_object_get(drill, "prober");
	const char *state = render_string(drill, "state");
	bool noticed = json_array_size(json_object_get(drill, "steps")) > 0;

	if (strcmp(state, "failed") == 0)
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "packets could not be dropped: %s",
			  render_string(drill, "error"));
	else if (!noticed)
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "nothing has noticed it: no check failed often "
			  "enough");
	else if (strcmp(state, "ended") != 0)
		table_say(cli->out, cli->colour, TABLE_BAD,
			  "not all is as it was: see basin why %s",
			  render_string(drill, "service"));
	else
		table_say(cli->out, cli->colour, TABLE_GOOD,
			  "all is as it was");
	fputc('\n', cli->out);
	if (render_integer(drill, "left_out") > 0) {
		table_say(cli->out, cli->colour, TABLE_DIM,
			  "%lld more steps were not kept",
			  render_integer(drill, "left_out"));
		fputc('\n', cli->out);
	}
	if (prober)
		render_prober(cli, prober);
}
