/* SPDX-License-Identifier: ISC */
/* What basin replay found, the biggest difference first. */
#include "cli/render_replay.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

/* Lists end here for people; --json has everything. */
#define SHOWN_MAX 20

static const char *
when(struct wall w, char *buf, size_t size)
{
	char text[32];

	wall_format(w, text, sizeof(text));
	text[10] = ' ';
	snprintf(buf, size, "%.19s", text);
	return buf;
}

/* ---- order ---- */

static int64_t
gap(const struct journal_line *l)
{
	return llabs(l->then.away.ns - l->now.away.ns);
}

static int
biggest_first(const void *a, const void *b)
{
	const struct journal_line *x = *(const struct journal_line *const *)a;
	const struct journal_line *y = *(const struct journal_line *const *)b;

	if (gap(x) != gap(y))
		return gap(x) > gap(y) ? -1 : 1;
	if (x->then.withdrawals != y->then.withdrawals)
		return x->then.withdrawals > y->then.withdrawals ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The caller's. */
static const struct journal_line **
sorted(const struct journal_result *r)
{
	size_t size = sizeof(struct journal_line *);
	const struct journal_line **lines = xcalloc(r->n_lines + 1, size);

	for (size_t i = 0; i < r->n_lines; i++)
		lines[i] = r->lines[i];
	qsort(lines, r->n_lines, size, biggest_first);
	return lines;
}

/* ---- for people ---- */

static void
say_head(struct cli *cli, const struct journal_result *r, const char *config)
{
	char from[32], to[32], running[32];

	fprintf(cli->out, "%s to %s UTC, recorded by %s running for %s\n",
		when(r->from, from, sizeof(from)), when(r->to, to, sizeof(to)),
		*r->node ? r->node : "a node",
		dur_format(r->running, running, sizeof(running)));
	fprintf(cli->out, "%llu results of checks, %llu starts",
		(unsigned long long)r->results, (unsigned long long)r->starts);
	if (r->lost > 0)
		fprintf(cli->out, ", %llu lines were lost",
			(unsigned long long)r->lost);
	fprintf(cli->out, "; decided again with %s\n",
		config ? config : "the recorded settings");
}

static void
two_counts(struct table *t, uint64_t then, uint64_t now)
{
	enum table_style style = TABLE_PLAIN;

	if (then != now)
		style = now < then ? TABLE_GOOD : TABLE_BAD;
	table_cell(t, TABLE_PLAIN, "%llu", (unsigned long long)then);
	table_cell(t, style, "%llu", (unsigned long long)now);
}

static void
two_times(struct table *t, struct dur then, struct dur now)
{
	enum table_style style = TABLE_PLAIN;
	char a[32], b[32];

	if (then.ns != now.ns)
		style = now.ns < then.ns ? TABLE_GOOD : TABLE_BAD;
	table_cell(t, TABLE_PLAIN, "%s", dur_format(then, a, sizeof(a)));
	table_cell(t, style, "%s", dur_format(now, b, sizeof(b)));
}

static void
detection(struct table *t, const struct journal_side *side)
{
	char text[32];
	struct dur mean = DUR_ZERO;

	if (side->detected > 0)
		mean.ns = side->detection.ns / (int64_t)side->detected;
	table_cell(t, TABLE_PLAIN, "%s",
		   side->detected ? dur_format(mean, text, sizeof(text)) : "-");
}

static void
say_table(struct cli *cli, const struct journal_line *const *lines, size_t n)
{
	static const char *const headings[] = {
	    "PREFIX",   ">WITHDRAWN", ">NOW",      ">NOT ANNOUNCED", ">NOW",
	    ">LONGEST", ">NOW",       ">DETECTED", ">NOW",           NULL};
	struct table *t = table_new(headings);

	for (size_t i = 0; i < n; i++) {
		const struct journal_line *l = lines[i];

		table_cell(t, TABLE_PLAIN, "%s", l->name);
		two_counts(t, l->then.withdrawals, l->now.withdrawals);
		two_times(t, l->then.away, l->now.away);
		two_times(t, l->then.longest, l->now.longest);
		detection(t, &l->then);
		detection(t, &l->now);
	}
	table_print(t, cli->out, cli->colour);
}

static void
say_outage(struct cli *cli, const struct journal_line *l,
	   const struct journal_outage *o)
{
	char from[32], length[32];

	table_say(
	    cli->out, cli->colour, TABLE_PLAIN, "  %s  %s  %s%s%s%s",
	    when(o->from, from, sizeof(from)), l->name,
	    dur_format(dur_ns(o->to.ns - o->from.ns), length, sizeof(length)),
	    o->lasts ? " and on" : "", o->cause ? "  service " : "",
	    o->cause ? o->cause : "");
	fputc('\n', cli->out);
}

/* Outages of one side that the other has not. */
static uint64_t
unmatched(const struct journal_result *r, bool now_side)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->n_lines; i++) {
		const struct journal_side *s =
		    now_side ? &r->lines[i]->now : &r->lines[i]->then;

		for (size_t j = 0; j < s->n_outages; j++)
			n += !s->outages[j].matched;
	}
	return n;
}

static void
say_unmatched(struct cli *cli, const struct journal_result *r,
	      const struct journal_line *const *lines, bool now_side)
{
	uint64_t n = unmatched(r, now_side), shown = 0;

	fprintf(cli->out, "%s: %llu\n",
		now_side ? "Outages that would be new"
			 : "Outages that would not have happened",
		(unsigned long long)n);
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct journal_side *s =
		    now_side ? &lines[i]->now : &lines[i]->then;

		for (size_t j = 0; j < s->n_outages; j++)
			if (!s->outages[j].matched && shown++ < SHOWN_MAX)
				say_outage(cli, lines[i], &s->outages[j]);
	}
	if (n > SHOWN_MAX)
		fprintf(cli->out, "  and %llu more, see --json\n",
			(unsigned long long)(n - SHOWN_MAX));
}

static void
say_notes(struct cli *cli, const struct journal_result *r)
{
	for (size_t i = 0; i < r->n_notes && i < SHOWN_MAX; i++) {
		table_say(cli->out, cli->colour, TABLE_PLAIN, "note: %s",
			  r->notes[i]);
		fputc('\n', cli->out);
	}
	if (r->n_notes > SHOWN_MAX)
		fprintf(cli->out, "and %zu more notes, see --json\n",
			r->n_notes - SHOWN_MAX);
}

static void
say_compared(struct cli *cli, const struct journal_result *r)
{
	fprintf(cli->out, "%llu decisions are the same, %llu are not\n",
		(unsigned long long)r->same, (unsigned long long)r->different);
	if (r->different == 0)
		return;
	table_say(cli->out, cli->colour, TABLE_BAD, "the first: %s",
		  r->difference);
	fputs("\nthis is an error of basin: please report it with the "
	      "journal\n",
	      cli->out);
}

void
render_replay(struct cli *cli, const struct journal_result *r,
	      const char *config)
{
	const struct journal_line **lines = sorted(r);

	say_head(cli, r, config);
	if (r->n_lines > 0)
		say_table(cli, lines, r->n_lines);
	if (config) {
		say_unmatched(cli, r, lines, false);
		say_unmatched(cli, r, lines, true);
	} else {
		say_compared(cli, r);
	}
	say_notes(cli, r);
	free(lines);
}

/* ---- JSON ---- */

static double
seconds(struct dur d)
{
	return (double)d.ns / 1e9;
}

static json_t *
time_json(struct wall w)
{
	char text[32];

	return json_string(wall_format(w, text, sizeof(text)));
}

static json_t *
outages_json(const struct journal_side *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_outages; i++) {
		const struct journal_outage *o = &s->outages[i];
		json_t *one = json_pack(
		    "{s:o, s:o, s:s?, s:b, s:b}", "from", time_json(o->from),
		    "to", time_json(o->to), "cause", o->cause, "lasts",
		    o->lasts, "on_both_sides", o->matched);

		json_object_set_new(one, "detection_seconds",
				    o->detected
					? json_real(seconds(o->detection))
					: json_null());
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *
side_json(const struct journal_side *s)
{
	json_t *side =
	    json_pack("{s:I, s:f, s:f}", "withdrawals",
		      (json_int_t)s->withdrawals, "not_announced_seconds",
		      seconds(s->away), "longest_seconds", seconds(s->longest));
	double n = (double)s->detected;

	json_object_set_new(side, "detection_seconds",
			    s->detected ? json_real(seconds(s->detection) / n)
					: json_null());
	json_object_set_new(side, "outages", outages_json(s));
	return side;
}

static json_t *
prefixes_json(const struct journal_result *r)
{
	const struct journal_line **lines = sorted(r);
	json_t *list = json_array();

	for (size_t i = 0; i < r->n_lines; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:o}", "prefix", lines[i]->name,
				    "then", side_json(&lines[i]->then), "now",
				    side_json(&lines[i]->now)));
	free(lines);
	return list;
}

void
render_replay_json(struct cli *cli, const struct journal_result *r,
		   const char *config)
{
	json_t *notes = json_array(), *all;

	for (size_t i = 0; i < r->n_notes; i++)
		json_array_append_new(notes, json_string(r->notes[i]));
	all = json_pack("{s:s, s:s?, s:o, s:o, s:f, s:I, s:I, s:I, s:o, s:o}",
			"node", r->node, "config", config, "from",
			time_json(r->from), "to", time_json(r->to),
			"running_seconds", seconds(r->running), "results",
			(json_int_t)r->results, "starts", (json_int_t)r->starts,
			"lost_lines", (json_int_t)r->lost, "prefixes",
			prefixes_json(r), "notes", notes);
	if (!config) {
		json_object_set_new(all, "same",
				    json_integer((json_int_t)r->same));
		json_object_set_new(all, "different",
				    json_integer((json_int_t)r->different));
		json_object_set_new(all, "difference",
				    json_string(r->difference));
	}
	json_dumpf(all, cli->out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	fputc('\n', cli->out);
	json_decref(all);
}
