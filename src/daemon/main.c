/* SPDX-License-Identifier: ISC */
/* basind: the command line, then start, the loop, and the end. */
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/basin.h"
#include "daemon/brake.h"
#include "daemon/counters.h"
#include "daemon/detect.h"
#include "daemon/drill.h"
#include "daemon/gate.h"
#include "daemon/identify.h"
#include "daemon/journal.h"
#include "daemon/keep.h"
#include "daemon/leave.h"
#include "daemon/origins.h"
#include "daemon/overload.h"
#include "daemon/process.h"
#include "daemon/quiet.h"
#include "daemon/reload.h"
#include "daemon/start.h"
#include "daemon/upgrade.h"
#include "daemon/watch.h"

#define DEFAULT_CONFIG "/etc/basin/basin.yaml"
#define DEFAULT_USER   "basin"
#define FALLBACK_USER  "nobody"
#define EXIT_USAGE     64

static const char usage_text[] =
    "usage: basind [OPTIONS]\n"
    "\n"
    "Announces the covering prefixes of service addresses over BGP exactly\n"
    "while the services are good. Runs in the foreground; `basin` talks to "
    "it.\n"
    "\n"
    "  -c, --config FILE      configuration [" DEFAULT_CONFIG "]\n"
    "  -u, --user USER        run unprivileged as USER [" DEFAULT_USER
    ", else " FALLBACK_USER "]\n"
    "  -f, --log-format FORM  terminal, journal or json [by itself]\n"
    "  -l, --log-level LEVEL  error, warning, notice, info or debug [info]\n"
    "  -t, --test             check the configuration and exit\n"
    "      --no-sandbox       keep privileges (debuggers and sanitizers)\n"
    "  -V, --version          print the version and exit\n"
    "  -h, --help             print this text and exit\n"
    "\n"
    "Signals: HUP reloads (validated first), TERM and INT withdraw and exit,\n"
    "a second TERM exits at once. Exit codes: 0 fine, 1 failed, 64 usage,\n"
    "78 configuration.\n"
    "\n"
    "Example: basind -c /etc/basin/basin.yaml -l debug\n";

/* --upgrade is what a running basind starts another one with. */
enum { OPTION_NO_SANDBOX = 1000, OPTION_UPGRADE };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"user", required_argument, NULL, 'u'},
    {"log-format", required_argument, NULL, 'f'},
    {"log-level", required_argument, NULL, 'l'},
    {"test", no_argument, NULL, 't'},
    {"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
    {"upgrade", required_argument, NULL, OPTION_UPGRADE},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char *const formats[] = {"terminal", "journal", "json", NULL};
static const char *const levels[] = {"error", "warning", "notice",
				     "info",  "debug",   NULL};

static int
choice(const char *option, const char *word, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	fprintf(stderr, "basind: --%s %s: accepted is one of", option, word);
	for (int i = 0; names[i]; i++)
		fprintf(stderr, " %s", names[i]);
	fprintf(stderr, "\n");
	exit(EXIT_USAGE);
}

static int
test_configuration(const char *path)
{
	struct text messages = {0};
	struct conf *conf;
	int error = conf_load(path, &conf, &messages);

	fputs(text_str(&messages), stderr);
	text_free(&messages);
	if (error != 0)
		return 78;
	printf("%s: fine\n", path);
	conf_free(conf);
	return 0;
}

static const char *
existing_user(const char *wanted, bool given)
{
	if (getpwnam(wanted))
		return wanted;
	if (given) {
		fprintf(stderr,
			"basind: --user %s: there is no such user; make it "
			"with `useradd --system %s`\n",
			wanted, wanted);
		exit(EXIT_USAGE);
	}
	return FALLBACK_USER;
}

/* What the options asked for; `test` ends the program before it starts. */
struct command_line {
	struct basin_options *o;
	bool test, user_given;
};

/* Nothing a person gives: there must be a pair of sockets. */
static int
upgrade_descriptor(const char *word)
{
	int type = 0, fd = word[0] - '0';
	socklen_t n = sizeof(type);

	if (word[1] == '\0' && fd >= 3 && fd <= 9 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_SEQPACKET && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return fd;
	fputs("basind: --upgrade is for basind itself; `basin upgrade` begins "
	      "an upgrade\n",
	      stderr);
	exit(EXIT_USAGE);
}

static void
take_option(struct command_line *line, int c)
{
	struct basin_options *o = line->o;

	switch (c) {
	case 'c':
		o->config = optarg;
		break;
	case 'u':
		o->user = optarg;
		line->user_given = true;
		break;
	case 'f':
		o->log_format =
		    (enum log_format)choice("log-format", optarg, formats);
		o->log_format_given = true;
		break;
	case 'l':
		o->log_level = (enum log_level)(
		    LOG_LEVEL_ERROR + choice("log-level", optarg, levels));
		o->log_level_given = true;
		break;
	case 't':
		line->test = true;
		break;
	case OPTION_NO_SANDBOX:
		o->no_sandbox = true;
		break;
	case OPTION_UPGRADE:
		o->upgrade_fd = upgrade_descriptor(optarg);
		break;
	case 'V':
		puts("basind " BASIN_VERSION);
		exit(0);
	case 'h':
		fputs(usage_text, stdout);
		exit(0);
	default:
		fputs("basind: `basind --help` lists the options\n", stderr);
		exit(EXIT_USAGE);
	}
}

static void
parse_options(int argc, char **argv, struct basin_options *o)
{
	struct command_line line = {.o = o};
	int c;

	*o = (struct basin_options){.upgrade_fd = -1,
				    .argv = argv,
				    .config = DEFAULT_CONFIG,
				    .user = DEFAULT_USER,
				    .log_format = log_format_for(2),
				    .log_level = LOG_LEVEL_INFO};
	while ((c = getopt_long(argc, argv, "c:u:f:l:tVh", long_options,
				NULL)) != -1)
		take_option(&line, c);
	if (optind < argc) {
		fprintf(stderr,
			"basind: %s: no arguments are accepted; did you mean "
			"`basind -c %s`?\n",
			argv[optind], argv[optind]);
		exit(EXIT_USAGE);
	}
	if (line.test)
		exit(test_configuration(o->config));
	o->user = existing_user(o->user, line.user_given);
}

static void
close_handle(uv_handle_t *handle, void *arg)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Parts free themselves when their handles are closed: one last turn. */
static void
end_loop(struct basin *b)
{
	uv_walk(&b->loop, close_handle, NULL);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	uv_loop_close(&b->loop);
}

static void
checks_closed(void *arg)
{
}

/* A start that failed: what basin_stop() would have closed, if it is there. */
static void
abandon(struct basin *b)
{
	if (b->checker)
		checker_close(b->checker, checks_closed, b);
	if (b->ctl)
		ctl_close(b->ctl, NULL, NULL);
}

/* Any part may be missing: the start may have failed before it. */
static void
release(struct basin *b)
{
	if (b->helper)
		helper_stop(b->helper);
	detect_close(b);
	bgp_free(b->bgp);
	out_free(b->out);
	upgrade_free(b);
	confirm_free(b);
	watch_free(b);
	brake_free(b);
	origins_free(b);
	processes_free(b);
	journal_wait(b);
	identify_free(b);
	if (b->has_loop)
		end_loop(b);
	journal_free(b);
	counters_free(b);
	overload_free(b);
	drill_free(b);
	detect_free(b);
	gate_free(b);
	avail_free(b->avail);
	free(b->checks);
	events_free(b->events);
	quiet_free(b->quiet);
	leave_free(b->leave);
	keep_free(b->keep);
	drains_free(b->drains);
	conf_free(b->conf);
}

int
main(int argc, char **argv)
{
	struct basin *b = xcalloc(1, sizeof(*b));
	int code;

	parse_options(argc, argv, &b->options);
	b->log = (struct log){.fd = 2,
			      .format = b->options.log_format,
			      .level = b->options.log_level,
			      .program = "basind"};
	b->started = wall_now();
	b->started_mono = mono_now();
	code = start_all(b);
	if (code == 0) {
		uv_run(&b->loop, UV_RUN_DEFAULT);
		code = b->exit_code;
	} else {
		abandon(b);
	}
	release(b);
	free(b);
	return code;
}
