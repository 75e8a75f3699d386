/* SPDX-License-Identifier: ISC */
/*
 * Following a drain: a line that is written again on a terminal, a line every
 * few seconds elsewhere, one object at the end with --json.
 */
#include "cli/follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/connect.h"
#include "cli/render.h"

#define LOOK_MS 250
#define LINE_S  5 /* between lines that stay */

struct follow {
	struct cli *cli;
	struct ctl_client *client;
	json_t *drain; /* owned; as it was last */
	struct text title;
	bool terminal;
	struct mono next_line; /* without a terminal */
	int signals;           /* signalfd */
	sigset_t before;
};

/* ---- output ---- */

static void
end_line(struct follow *f)
{
	if (f->terminal && !f->cli->json)
		fputs("\r\033[K", f->cli->out);
}

/* One line of the terminal at most: a longer one cannot be written again. */
static size_t
width(const struct follow *f)
{
	struct winsize size;

	if (ioctl(fileno(f->cli->out), TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 1)
		return size.ws_col - 1;
	return 79;
}

static void
say_progress(struct follow *f)
{
	struct text line = {0};
	struct mono now = mono_now();

	if (f->cli->json || (!f->terminal && !mono_reached(f->next_line, now)))
		return;
	f->next_line = mono_add(now, dur_s(LINE_S));
	text_addf(&line, "draining %s: ", text_str(&f->title));
	render_drain_progress(f->drain, &line);
	end_line(f);
	table_say(f->cli->out, f->cli->colour, TABLE_PLAIN, "%.*s",
		  f->terminal ? (int)width(f) : (int)line.len, text_str(&line));
	if (!f->terminal)
		fputc('\n', f->cli->out);
	fflush(f->cli->out);
	text_free(&line);
}

/* Said while it can still be taken back: the way to the node may be one. */
static void
warn_of_routes(struct follow *f)
{
	size_t n = json_array_size(json_object_get(f->drain, "installed_from"));
	char *peers;

	if (n == 0 || f->cli->json || render_drain_done(f->drain))
		return;
	peers = render_join(f->drain, "installed_from", ", ");
	command_complain(f->cli,
			 "note: when the node is drained its sessions close, "
			 "and the routes installed from %s go",
			 peers);
	free(peers);
}

/* ---- waiting ---- */

static void
catch_signals(struct follow *f)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &f->before);
	f->signals = signalfd(-1, &set, SFD_CLOEXEC);
}

static void
let_signals(struct follow *f)
{
	struct signalfd_siginfo info;
	struct pollfd p = {.fd = f->signals, .events = POLLIN};

	while (poll(&p, 1, 0) > 0 &&
	       read(f->signals, &info, sizeof(info)) == sizeof(info))
		;
	close(f->signals);
	sigprocmask(SIG_SETMASK, &f->before, NULL);
}

/* False when somebody interrupts. */
static bool
wait_a_moment(struct follow *f)
{
	struct pollfd p = {.fd = f->signals, .events = POLLIN};

	return poll(&p, 1, LOOK_MS) <= 0;
}

/* ---- looking ---- */

static bool
is_same(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "target"),
			  json_object_get(b, "target")) &&
	       json_equal(json_object_get(a, "name"),
			  json_object_get(b, "name")) &&
	       json_is_false(json_object_get(b, "offline"));
}

/* 0, or the exit code with the complaint written. */
static int
look(struct follow *f)
{
	json_t *name = json_object_get(f->drain, "name"), *result, *drain;
	json_t *arguments = json_pack("{s:s, s:O*}", "target",
				      render_string(f->drain, "target"), "name",
				      json_is_string(name) ? name : NULL);
	int code;
	size_t i;

	result =
	    connect_ask(f->cli, f->client, "show drains", arguments, &code);
	if (!result) {
		command_complain(f->cli,
				 "the drain is stored and goes on when basind "
				 "does; `basin drain %s` looks again",
				 text_str(&f->title));
		return code;
	}
	json_array_foreach (json_object_get(result, "drains"), i, drain) {
		if (!is_same(f->drain, drain))
			continue;
		json_incref(drain);
		json_decref(f->drain);
		f->drain = drain;
		json_decref(result);
		return 0;
	}
	json_decref(result);
	end_line(f);
	command_complain(f->cli,
			 "%s is not drained any more: it expired, or "
			 "somebody undrained it",
			 text_str(&f->title));
	return COMMAND_NOT_FINE;
}

/* ---- the end ---- */

/* What the journal says of why the wait was over; NULL: it does not. */
static json_t *
ending(struct follow *f)
{
	json_t *result, *event, *found = NULL;
	int code;
	size_t i;

	result =
	    connect_ask(f->cli, f->client, "show events",
			json_pack("{s:s, s:s, s:i}", "kind", "drain", "name",
				  text_str(&f->title), "limit", 10),
			&code);
	json_array_foreach (json_object_get(result, "events"), i, event) {
		const char *from = render_string(event, "from");

		if (strcmp(from, "draining") == 0)
			found = json_object_get(event, "detail");
	}
	json_incref(found);
	json_decref(result);
	return found;
}

static void
say_done(struct follow *f, bool waited)
{
	const char *expires = render_string(f->drain, "expires");
	json_t *detail = waited ? ending(f) : NULL;

	end_line(f);
	table_say(f->cli->out, f->cli->colour, TABLE_PLAIN,
		  "drained %s, until %s%s%s%s", text_str(&f->title),
		  expires[0] == '-' ? "undrained" : expires, detail ? ": " : "",
		  detail ? json_string_value(detail) : "",
		  json_is_true(json_object_get(f->drain, "sessions_closed"))
		      ? "; sessions closed"
		      : "");
	fputc('\n', f->cli->out);
	json_decref(detail);
}

static void
say_left(struct follow *f, const char *why)
{
	const char *title = text_str(&f->title);
	bool draining =
	    strcmp(render_string(f->drain, "phase"), "draining") == 0;

	end_line(f);
	table_say(f->cli->out, f->cli->colour, TABLE_PLAIN,
		  "%s: %s %s. basin drain %s: look again; basin status: how it "
		  "is; basin undrain %s: take it back",
		  why, title, draining ? "goes on draining" : "is drained",
		  title, title);
	fputc('\n', f->cli->out);
}

/* 0 when it is done, -1 when somebody interrupts, or the exit code. */
static int
follow(struct follow *f, bool *waited)
{
	bool first = true;
	int code;

	for (;; first = false) {
		code = look(f);
		if (code != 0)
			return code;
		if (first)
			warn_of_routes(f);
		if (render_drain_done(f->drain))
			return 0;
		*waited = true;
		say_progress(f);
		if (!wait_a_moment(f))
			return -1;
	}
}

int
follow_drain(struct cli *cli, struct ctl_client *client, const json_t *drain,
	     bool background)
{
	struct follow f = {.cli = cli,
			   .client = client,
			   .drain = json_deep_copy(drain),
			   .terminal = isatty(fileno(cli->out))};
	bool waited = strcmp(render_string(drain, "phase"), "draining") == 0;
	int code;

	render_drain_title(drain, &f.title);
	catch_signals(&f);
	code = background ? -1 : follow(&f, &waited);
	if (code <= 0 && cli->json)
		render_json(cli, f.drain);
	else if (code == 0)
		say_done(&f, waited);
	else if (code < 0)
		say_left(&f, background ? "in the background" : "interrupted");
	if (code < 0)
		code = background ? COMMAND_FINE : COMMAND_NOT_FINE;
	let_signals(&f);
	text_free(&f.title);
	json_decref(f.drain);
	return code;
}
