/* SPDX-License-Identifier: ISC */
/* basin simulate: a scenario. What takes long can be interrupted. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/render_simulate.h"
#include "cli/run_simulate.h"

/* ---- an interrupt ends the work, not the program ---- */

struct interrupt {
	int fd; /* of signalfd(); -1: none */
	sigset_t before;
	atomic_bool came;
};

static sigset_t
interrupts(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

/*
 * What is found so far is shown. This thread hears the next one, which ends
 * the program as ever.
 */
static bool
interrupted(void *ctx)
{
	struct interrupt *in = ctx;
	struct signalfd_siginfo info;
	sigset_t set = interrupts();

	if (in->fd < 0 || atomic_load(&in->came))
		return atomic_load(&in->came);
	if (read(in->fd, &info, sizeof(info)) != sizeof(info))
		return atomic_load(&in->came);
	atomic_store(&in->came, true);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return true;
}

static void
interrupt_begin(struct interrupt *in)
{
	sigset_t set = interrupts();

	*in = (struct interrupt){.fd = -1};
	if (pthread_sigmask(SIG_BLOCK, &set, &in->before) == 0)
		in->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
interrupt_end(struct interrupt *in)
{
	if (in->fd >= 0)
		close(in->fd);
	pthread_sigmask(SIG_SETMASK, &in->before, NULL);
}

/* ---- progress ---- */

struct work {
	struct cli *cli;
	struct interrupt interrupt;
	bool shown; /* a line of progress stands on the terminal */
};

static bool
stop(void *ctx)
{
	struct work *w = ctx;

	return interrupted(&w->interrupt);
}

/* NULL: the work is done. */
static void
progress(void *ctx, const char *text)
{
	struct work *w = ctx;

	if (!isatty(fileno(w->cli->err)) || (!text && !w->shown))
		return;
	fprintf(w->cli->err, "\r\033[K%s", text ? text : "");
	fflush(w->cli->err);
	w->shown = text;
}

/* ---- a scenario ---- */

static bool
write_page(struct cli *cli, const char *path, const json_t *document)
{
	struct text page = {0};
	FILE *f = fopen(path, "we");
	bool fine = f;

	report_page(document, &page);
	if (f) {
		fine = fwrite(page.s, 1, page.len, f) == page.len;
		fine = fclose(f) == 0 && fine;
	}
	if (!fine)
		command_complain(cli, "%s: %s", path, strerror(errno));
	text_free(&page);
	return fine;
}

static int
show(struct cli *cli, const struct invocation *in, struct report *r)
{
	const char *page = command_option(in, "page");
	const json_t *document = report_document(r);
	int code = report_fine(r) ? COMMAND_FINE : COMMAND_NOT_FINE;

	if (page && !write_page(cli, page, document))
		code = COMMAND_NOT_FINE;
	if (command_option(in, "csv"))
		report_csv(r, cli->out);
	else if (cli->json)
		render_json(cli, document);
	else
		render_simulate(cli, document);
	return code;
}

int
run_simulate_scenario(struct cli *cli, const struct invocation *in,
		      struct report_request *request)
{
	struct text messages = {0};
	struct work work = {.cli = cli};
	struct report *r = NULL;
	int code = COMMAND_CONFIGURATION, error;

	request->stop = stop;
	request->progress = progress;
	request->ctx = &work;
	interrupt_begin(&work.interrupt);
	error = report_new(in->operands[0], request, &r, &messages);
	progress(&work, NULL);
	interrupt_end(&work.interrupt);
	table_say_lines(cli->err, text_str(&messages));
	text_free(&messages);
	if (error == 0)
		code = show(cli, in, r);
	report_free(r);
	return code;
}
