/* SPDX-License-Identifier: ISC */
/* basin simulate: a scenario. What takes long can be interrupted. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "cli/interrupt.h"
#include "cli/render_simulate.h"
#include "cli/run_simulate.h"

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

	return interrupt_came(&w->interrupt);
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
	struct outfile out;
	int err = outfile_open(path, &out);

	report_page(document, &page);
	if (!err) {
		errno = 0;
		if (fwrite(page.s, 1, page.len, out.file) != page.len)
			err = errno ? -errno : -EIO;
		err = outfile_close(&out, err);
	}
	if (err)
		command_complain(cli, "--page %s: cannot be written: %s", path,
				 strerror(-err));
	text_free(&page);
	return !err;
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
