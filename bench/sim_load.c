/* SPDX-License-Identifier: ISC */
/*
 * Times loading of a graph, warm cache, in each form: sim_load GRAPH, which
 * has AS relationships in any form. Each form has a process of its own.
 * One line a row: name, median, 90th percentile, worst in ms, octets of the
 * graph in memory, peak of the process in MB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "sim/inflate.h"
#include "sim/notes.h"
#include "sim/sim.h"

#define RUNS     15
#define TEXT_MAX ((size_t)1 << 30)

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct sim_graph *
load(const char *path)
{
	struct text messages = {0};
	struct sim_graph *g;

	if (sim_graph_load(path, &g, &messages) != 0) {
		fputs(text_str(&messages), stderr);
		exit(1);
	}
	text_free(&messages);
	return g;
}

static void
save(const char *from, const char *to)
{
	struct text messages = {0};
	struct sim_graph *g = load(from);

	if (sim_graph_save(g, to, &messages) != 0) {
		fputs(text_str(&messages), stderr);
		exit(1);
	}
	sim_graph_free(g);
}

static void
row(const char *name, const char *path)
{
	double ms[RUNS];
	size_t octets = 0;
	struct rusage usage;

	for (size_t i = 0; i < RUNS; i++) {
		double start = now_ms();
		struct sim_graph *g = load(path);

		ms[i] = now_ms() - start;
		octets = sim_graph_octets(g);
		sim_graph_free(g);
	}
	qsort(ms, RUNS, sizeof(*ms), by_value);
	getrusage(RUSAGE_SELF, &usage);
	printf("%s %.1f %.1f %.1f %zu %.0f\n", name, ms[RUNS / 2],
	       ms[RUNS * 9 / 10], ms[RUNS - 1], octets,
	       (double)usage.ru_maxrss / 1000);
	fflush(stdout);
}

/* Runs in a child, so that its peak is of this alone. */
static void
row_apart(const char *name, const char *path)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		row(name, path);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
}

/* Writes the text of `from`, plain and with gzip. In a child: see above. */
static void
unpack(const char *from, const char *plain, const char *gz)
{
	struct notes notes = {.path = from};
	struct text text = {0};
	FILE *f;
	gzFile z;

	if (inflate_file(&notes, from, TEXT_MAX, &text) != 0)
		_exit(1);
	f = fopen(plain, "wb");
	z = gzopen(gz, "wb");
	if (!f || !z || fwrite(text.s, 1, text.len, f) != text.len ||
	    gzwrite(z, text.s, (unsigned)text.len) != (int)text.len)
		_exit(1);
	_exit(fclose(f) != 0 || gzclose(z) != Z_OK);
}

static void
prepare(const char *from, const char *plain, const char *gz, const char *own)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		unpack(from, plain, gz);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		save(from, own);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
}

/* All rows; ends the process when one fails. */
static void
measure(const char *from, const char *const names[3], char path[3][64])
{
	prepare(from, path[0], path[1], path[2]);
	row_apart("given", from);
	for (size_t i = 0; i < 3; i++)
		row_apart(names[i], path[i]);
}

int
main(int argc, char **argv)
{
	char folder[] = "/tmp/basin-bench-XXXXXX", path[3][64];
	static const char *const names[] = {"text", "gzip", "own"};
	int status = 1;
	pid_t pid;

	if (argc != 2 || !mkdtemp(folder)) {
		fprintf(stderr, "usage: sim_load GRAPH\n");
		return 64;
	}
	for (size_t i = 0; i < 3; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%s", folder, names[i]);
	/* Apart, so that the files go whatever happens. */
	pid = fork();
	if (pid == 0) {
		measure(argv[1], names, path);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = 1;
	for (size_t i = 0; i < 3; i++)
		unlink(path[i]);
	rmdir(folder);
	return status != 0;
}
