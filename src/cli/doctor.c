/* SPDX-License-Identifier: ISC */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/table.h"

const struct doctor_check doctor_checks[] = {
    {"daemon", "does the daemon run, and is it content?", doctor_daemon},
    {"addresses", "are the service addresses there?", doctor_addresses},
    {"bound", "does anybody listen on them?", doctor_bound},
    {"wildcard", "are UDP servers bound to their address?", doctor_wildcard},
    {"reply-source", "do replies leave from the service address?",
     doctor_reply_source},
    {"watch", "can everything be watched?", doctor_watch},
    {"counters", "can packets be counted?", doctor_counters},
    {"ping", "may icmp checks ping?", doctor_ping},
    {"rp-filter", "may requests come in by any interface?", doctor_rp_filter},
    {"clock", "is the clock synchronised?", doctor_clock},
    {0},
};

const char *
doctor_verdict_text(enum doctor_verdict v)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    DOCTOR_VERDICTS(X)
#undef X
	};

	return texts[v];
}

/* ---- findings ---- */

void
doctor_find(struct doctor *d, enum doctor_verdict verdict, const char *subject,
	    const char *cure, const char *seen, ...)
{
	struct text text = {0};
	va_list ap;

	va_start(ap, seen);
	text_vaddf(&text, seen, ap);
	va_end(ap);
	d->v = xrealloc(d->v, d->n + 1, sizeof(*d->v));
	d->v[d->n++] = (struct doctor_finding){
	    .check = d->check,
	    .verdict = verdict,
	    .subject = xstrdup(subject ? subject : ""),
	    .seen = xstrdup(text_str(&text)),
	    .cure = xstrdup(cure ? cure : ""),
	};
	text_free(&text);
}

void
doctor_free(struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].subject);
		free(d->v[i].seen);
		free(d->v[i].cure);
	}
	free(d->v);
	d->v = NULL;
	d->n = 0;
}

static size_t
count(const struct doctor *d, enum doctor_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].verdict == verdict;
	return n;
}

/* ---- telling ---- */

static enum table_style
style_of(enum doctor_verdict v)
{
	static const enum table_style styles[] = {
	    [DOCTOR_OK] = TABLE_GOOD,
	    [DOCTOR_WARNING] = TABLE_WARN,
	    [DOCTOR_PROBLEM] = TABLE_BAD,
	    [DOCTOR_SKIPPED] = TABLE_DIM,
	};

	return styles[v];
}

static void
say_finding(struct cli *cli, const struct doctor_finding *f)
{
	table_say(cli->out, cli->colour, style_of(f->verdict), "%-8s",
		  doctor_verdict_text(f->verdict));
	table_say(cli->out, cli->colour, TABLE_PLAIN, " %-12s %s%s%s",
		  f->check->name, f->subject, f->subject[0] ? ": " : "",
		  f->seen);
	fputc('\n', cli->out);
	if (f->cure[0] == '\0')
		return;
	table_say(cli->out, cli->colour, TABLE_PLAIN, "%21s cure: %s", "",
		  f->cure);
	fputc('\n', cli->out);
}

static void
say(struct cli *cli, const struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++)
		say_finding(cli, &d->v[i]);
	fputc('\n', cli->out);
	for (int v = 0; v < DOCTOR_VERDICT_COUNT; v++)
		table_say(cli->out, cli->colour, TABLE_PLAIN, "%s%zu %s",
			  v ? ", " : "", count(d, (enum doctor_verdict)v),
			  doctor_verdict_text((enum doctor_verdict)v));
	fputc('\n', cli->out);
}

static void
say_json(struct cli *cli, const struct doctor *d)
{
	json_t *all = json_object(), *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->v[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "check",
				    f->check->name, "title", f->check->title,
				    "finding", doctor_verdict_text(f->verdict),
				    "subject", f->subject, "seen", f->seen,
				    "cure", f->cure));
	}
	json_object_set_new(all, "findings", list);
	for (int v = 0; v < DOCTOR_VERDICT_COUNT; v++)
		json_object_set_new(
		    all, doctor_verdict_text((enum doctor_verdict)v),
		    json_integer((json_int_t)count(d, (enum doctor_verdict)v)));
	json_dumpf(all, cli->out, JSON_INDENT(2));
	fputc('\n', cli->out);
	json_decref(all);
}

/* ---- what is known beforehand ---- */

/* Nobody answering is a finding and no error. */
static void
ask_daemon(struct cli *cli, json_t **status, json_t **services,
	   json_t **counters)
{
	FILE *nowhere = fopen("/dev/null", "we");
	struct cli quiet = *cli;
	int code;

	if (nowhere)
		quiet.err = nowhere;
	*services = *counters = NULL;
	*status = connect_call(&quiet, "status", NULL, false, &code);
	if (*status)
		*services = connect_list(&quiet, "show services", json_object(),
					 "services", &code);
	if (*status)
		*counters =
		    connect_call(&quiet, "show counters", NULL, false, &code);
	if (nowhere)
		fclose(nowhere);
}

/* The file of --config, else the one the daemon was started with. */
static int
load(struct cli *cli, const char *file, const json_t *status,
     struct conf **conf)
{
	const json_t *c = json_object_get(status, "configuration");
	struct text messages = {0};
	int error;

	if (!file)
		file = json_string_value(json_object_get(c, "path"));
	if (!file) {
		command_complain(cli, "no daemon answers that would say which "
				      "configuration it runs: name it with "
				      "--config FILE");
		return COMMAND_USAGE;
	}
	error = conf_load(file, conf, &messages);
	if (error != 0)
		fputs(text_str(&messages), cli->err);
	text_free(&messages);
	return error != 0 ? COMMAND_CONFIGURATION : COMMAND_FINE;
}

void
doctor_examine(struct doctor *d)
{
	for (size_t i = 0; doctor_checks[i].name; i++) {
		d->check = &doctor_checks[i];
		d->check->run(d);
	}
}

int
doctor_tell(struct cli *cli, const struct doctor *d)
{
	if (cli->json)
		say_json(cli, d);
	else
		say(cli, d);
	return count(d, DOCTOR_PROBLEM) > 0 ? COMMAND_NOT_FINE : COMMAND_FINE;
}

int
doctor_run(struct cli *cli, const struct invocation *in)
{
	json_t *status, *services, *counters;
	struct conf *conf = NULL;
	int code;

	ask_daemon(cli, &status, &services, &counters);
	code = load(cli, command_option(in, "config"), status, &conf);
	if (code == COMMAND_FINE) {
		struct doctor d = {.conf = conf,
				   .status = status,
				   .services =
				       json_object_get(services, "services"),
				   .counters = counters,
				   .proc = "/proc"};

		doctor_examine(&d);
		code = doctor_tell(cli, &d);
		doctor_free(&d);
	}
	conf_free(conf);
	json_decref(services);
	json_decref(counters);
	json_decref(status);
	return code;
}
