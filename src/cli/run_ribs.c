/* SPDX-License-Identifier: ISC */
#include "cli/run_ribs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "sim/sim.h"

/* What was read. */
struct input {
	struct sim_graph *graph;
	struct sim_seeds seeds;
	struct sim_set rov;
};

struct output {
	FILE *file;
	FILE *progress; /* NULL: nobody looks */
	struct interrupt interrupt;
};

static int
write_out(void *arg, const void *octets, size_t n)
{
	struct output *out = arg;

	errno = 0;
	if (fwrite(octets, 1, n, out->file) == n)
		return 0;
	return errno ? -errno : -EIO;
}

static void
show_progress(void *arg, size_t done, size_t all)
{
	struct output *out = arg;

	if (out->progress)
		fprintf(out->progress, "\rpaths of %zu of %zu ASes written%s",
			done, all, done == all ? "\n" : "");
}

static bool
stop(void *arg)
{
	struct output *out = arg;

	return interrupt_came(&out->interrupt);
}

/* Reads all files, so that all errors are told at once. */
static int
read_input(const struct run_ribs *what, struct input *in, struct text *messages)
{
	struct sim_asns asns = {0};
	int err = sim_graph_load(what->graph, &in->graph, messages), e;

	e = sim_read_seeds(what->origins, &in->seeds, messages);
	err = err ? err : e;
	e = what->rov ? sim_read_asns(what->rov, &asns, messages) : 0;
	err = err ? err : e;
	if (in->graph && in->seeds.n) {
		e = sim_seeds_check(in->graph, what->origins, &in->seeds,
				    messages);
		err = err ? err : e;
	}
	if (!err && what->rov)
		in->rov = sim_asns_set(in->graph, what->rov, &asns, messages);
	sim_asns_free(&asns);
	return err;
}

static void
free_input(struct input *in)
{
	if (in->graph)
		sim_graph_free(in->graph);
	sim_seeds_free(&in->seeds);
	sim_set_free(&in->rov);
}

static bool
compressed(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

/* On the disk, unlike what /tmp often is. */
static const char *
temporary(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/var/tmp";
}

static int
write_ribs(const struct run_ribs *what, const struct input *in,
	   struct output *out, struct text *messages)
{
	struct sim_policy policy = {.rov = what->rov ? &in->rov : NULL};
	struct sim_ribs ribs = {
	    .graph = in->graph,
	    .policy = &policy,
	    .seeds = &in->seeds,
	    .threads = what->threads,
	    .gzip = compressed(what->out),
	    .folder = temporary(),
	    .write = write_out,
	    .progress = show_progress,
	    .stop = stop,
	    .arg = out,
	};

	return sim_ribs(&ribs, messages);
}

static int
write_stream(struct cli *cli, const struct run_ribs *what,
	     const struct input *in, struct text *messages)
{
	struct output out = {.file = cli->out, .interrupt = {.fd = -1}};
	int err = write_ribs(what, in, &out, messages);

	if (fflush(cli->out) != 0 && !err)
		err = -errno;
	if (err)
		text_addf(messages, "%s: is incomplete: %s\n", what->out,
			  strerror(-err));
	return err;
}

/* An interrupt leaves no file beside. */
static int
write_file(struct cli *cli, const struct run_ribs *what, const struct input *in,
	   struct text *messages)
{
	struct output out = {0};
	struct outfile file;
	int err;

	interrupt_begin(&out.interrupt);
	err = outfile_open(what->out, &file);
	if (!err) {
		/* Whoever reads a pipe may never do: as ever there. */
		if (!file.beside)
			interrupt_end(&out.interrupt);
		out.file = file.file;
		out.progress = isatty(fileno(cli->err)) ? cli->err : NULL;
		err = write_ribs(what, in, &out, messages);
		if (err && out.progress)
			fputs("\r\033[K", out.progress);
		err = outfile_close(&file, err);
	}
	interrupt_end(&out.interrupt);
	if (err)
		text_addf(messages, "%s: cannot be written: %s\n", what->out,
			  err == -ECANCELED ? "interrupted" : strerror(-err));
	return err;
}

static int
write_paths(struct cli *cli, const struct run_ribs *what,
	    const struct input *in, struct text *messages)
{
	if (strcmp(what->out, "-") == 0)
		return write_stream(cli, what, in, messages);
	return write_file(cli, what, in, messages);
}

int
run_ribs(struct cli *cli, const struct run_ribs *what)
{
	struct text messages = {0};
	struct input in = {0};
	int err = read_input(what, &in, &messages);
	int code = err ? COMMAND_CONFIGURATION : COMMAND_FINE;

	if (!err && write_paths(cli, what, &in, &messages) != 0)
		code = COMMAND_NOT_FINE;
	fputs(text_str(&messages), cli->err);
	text_free(&messages);
	free_input(&in);
	return code;
}
