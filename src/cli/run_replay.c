/* SPDX-License-Identifier: ISC */
/* basin replay: a recorded journal, decided again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/render_replay.h"

struct request {
	struct journal_files files;
	const char *config;
	struct conf *conf; /* NULL: the recorded settings */
	struct wall from, to;
};

/* A point in time, or how long ago. */
static bool
parse_time(struct cli *cli, const struct invocation *in, const char *option,
	   struct wall *out)
{
	const char *text = command_option(in, option);
	struct dur ago;

	if (!text || wall_parse(text, out) == 0)
		return true;
	if (dur_parse(text, &ago) == 0) {
		out->ns = wall_now().ns - ago.ns;
		return true;
	}
	command_complain(cli,
			 "--%s is \"%s\", expected a time in UTC such as "
			 "2026-11-22 or 2026-11-22T10:30, or how long ago, "
			 "such as 7d",
			 option, text);
	return false;
}

static bool
parse_range(struct cli *cli, const struct invocation *in, struct request *r)
{
	r->from.ns = 0;
	r->to.ns = INT64_MAX;
	if (!parse_time(cli, in, "from", &r->from) ||
	    !parse_time(cli, in, "to", &r->to))
		return false;
	if (r->from.ns < r->to.ns)
		return true;
	command_complain(cli, "--from is not before --to");
	return false;
}

static bool
list_files(struct cli *cli, const struct invocation *in, struct request *r)
{
	struct text why = {0};
	int error = 0;

	for (size_t i = 0; i < in->n_operands && error == 0; i++)
		error = journal_file_list(in->operands[i], &r->files, &why);
	fputs(text_str(&why), cli->err);
	text_free(&why);
	return error == 0;
}

static bool
load_configuration(struct cli *cli, const struct invocation *in,
		   struct request *r)
{
	struct text messages = {0};
	int error;

	r->config = command_option(in, "config");
	if (!r->config)
		return true;
	error = conf_load(r->config, &r->conf, &messages);
	fputs(text_str(&messages), cli->err);
	text_free(&messages);
	return error == 0;
}

/* A file of a day that ended before the day in front of `from`. */
static bool
too_old(const char *path, struct wall from)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char day[JOURNAL_NAME_MAX];
	struct wall before = {from.ns - dur_s(86400).ns};

	if (before.ns <= 0 || strlen(name) != strlen("2026-11-22.log"))
		return false;
	return strcmp(name, journal_file_name(before, day, sizeof(day))) < 0;
}

static void
say_progress(struct cli *cli, const struct request *r, size_t done)
{
	if (cli->json || !isatty(fileno(cli->err)))
		return;
	if (done == r->files.n)
		fputs("\r\033[K", cli->err);
	else
		fprintf(cli->err, "\r\033[Kreplaying %zu of %zu: %s", done + 1,
			r->files.n, r->files.paths[done]);
	fflush(cli->err);
}

static bool
replay_files(struct cli *cli, const struct request *r,
	     struct journal_replay *rp)
{
	for (size_t i = 0; i < r->files.n; i++) {
		struct journal_day *day;
		struct text why = {0};
		int error;

		if (too_old(r->files.paths[i], r->from))
			continue;
		say_progress(cli, r, i);
		error = journal_read(r->files.paths[i], &day, &why);
		if (error != 0) {
			say_progress(cli, r, r->files.n);
			fputs(text_str(&why), cli->err);
			text_free(&why);
			return false;
		}
		journal_replay_day(rp, day);
		journal_day_free(day);
	}
	say_progress(cli, r, r->files.n);
	return true;
}

static int
replay(struct cli *cli, const struct request *r)
{
	struct journal_replay *rp = journal_replay_new(r->conf, r->from, r->to);
	const struct journal_result *result;
	int code = COMMAND_NOT_FINE;

	if (replay_files(cli, r, rp)) {
		result = journal_replay_end(rp);
		if (cli->json)
			render_replay_json(cli, result, r->config);
		else
			render_replay(cli, result, r->config);
		code = result->different > 0 ? COMMAND_NOT_FINE : COMMAND_FINE;
	}
	journal_replay_free(rp);
	return code;
}

int
replay_run(struct cli *cli, const struct invocation *in)
{
	struct request r = {0};
	int code = COMMAND_USAGE;

	if (parse_range(cli, in, &r)) {
		if (!list_files(cli, in, &r))
			code = COMMAND_NOT_FINE;
		else if (!load_configuration(cli, in, &r))
			code = COMMAND_CONFIGURATION;
		else
			code = replay(cli, &r);
	}
	journal_file_list_free(&r.files);
	conf_free(r.conf);
	return code;
}
