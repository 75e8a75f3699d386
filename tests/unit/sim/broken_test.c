/* SPDX-License-Identifier: ISC */
/*
 * Every file in broken/ must be answered with exactly the messages beside it;
 * the ending of its name says who reads it. "broken_test FOLDER update"
 * writes them anew, to be read before a commit.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/sim.h"

#define LEAST_FILES 25

typedef int reader(const char *path, struct text *messages);

static int
read_rel(const char *path, struct text *messages)
{
	struct sim_graph *g;
	int err = sim_graph_load(path, &g, messages);

	sim_graph_free(g);
	return err;
}

static int
read_asns(const char *path, struct text *messages)
{
	struct sim_asns asns;
	int err = sim_read_asns(path, &asns, messages);

	sim_asns_free(&asns);
	return err;
}

static int
read_load(const char *path, struct text *messages)
{
	struct sim_loads loads;
	int err = sim_read_loads(path, &loads, messages);

	sim_loads_free(&loads);
	return err;
}

static int
read_pfx2as(const char *path, struct text *messages)
{
	struct sim_origins origins;
	int err = sim_read_origins(path, &origins, messages);

	sim_origins_free(&origins);
	return err;
}

static int
read_cost(const char *path, struct text *messages)
{
	static const char text[] = "1|2|-1\n1|3|-1\n";
	static const char *const sites[] = {"fra", "ams"};
	struct sim_graph *g;
	uint32_t *cost = NULL;
	int err = sim_graph_parse("text", text, sizeof(text) - 1, &g, messages);

	if (!err)
		err = sim_read_costs(path, g, sites, 2, &cost, messages);
	free(cost);
	sim_graph_free(g);
	return err;
}

static const struct kind {
	const char *ending;
	reader *read;
} kinds[] = {
    {".rel", read_rel},       {".asns", read_asns}, {".load", read_load},
    {".pfx2as", read_pfx2as}, {".cost", read_cost},
};

static const struct kind *
kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(kinds); i++)
		if (strcmp(dot, kinds[i].ending) == 0)
			return &kinds[i];
	return NULL;
}

static void
read_text(const char *path, struct text *out)
{
	char buf[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_add_n(out, buf, n);
	if (f)
		fclose(f);
}

static int
write_text(const char *path, const struct text *text)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		return 1;
	fputs(text_str(text), f);
	return fclose(f) != 0;
}

static int
compare(const char *name, const struct text *seen, const struct text *expected)
{
	if (strcmp(text_str(seen), text_str(expected)) == 0)
		return 0;
	printf("%s: expected:\n%sseen:\n%s\n", name, text_str(expected),
	       text_str(seen));
	return 1;
}

static int
try_file(const char *name, bool update)
{
	struct text messages = {0}, seen = {0}, expected = {0};
	int failed, err = kind_of(name)->read(name, &messages);
	char golden[256];

	text_addf(&seen, "%s\n%s",
		  err == 0         ? "accepted"
		  : err == -EINVAL ? "refused"
				   : "not read",
		  text_str(&messages));
	snprintf(golden, sizeof(golden), "%s.txt", name);
	read_text(golden, &expected);
	failed = update ? write_text(golden, &seen)
			: compare(name, &seen, &expected);
	text_free(&messages);
	text_free(&seen);
	text_free(&expected);
	return failed;
}

static int
is_input(const struct dirent *entry)
{
	return kind_of(entry->d_name) != NULL;
}

int
main(int argc, char **argv)
{
	bool update = argc == 3 && strcmp(argv[2], "update") == 0;
	struct dirent **files;
	int failed = 0, n;

	if (argc < 2 || chdir(argv[1]) != 0) {
		fprintf(stderr, "usage: broken_test FOLDER [update]\n");
		return 64;
	}
	n = scandir(".", &files, is_input, alphasort);
	for (int i = 0; i < n; i++) {
		failed += try_file(files[i]->d_name, update);
		free(files[i]);
	}
	free(files);
	printf("%d files, %d wrong\n", n, failed);
	return failed > 0 || n < LEAST_FILES;
}
