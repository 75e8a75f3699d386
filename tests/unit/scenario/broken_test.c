/* SPDX-License-Identifier: ISC */
/*
 * Every NNN-*.yaml in conf/broken_scenario must be refused with exactly the
 * messages beside it. "broken_test FOLDER update" writes them anew, to be read
 * before a commit.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenario/scenario.h"

#define LEAST_FILES 40

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
compare(const char *name, int err, const struct text *seen,
	const struct text *expected)
{
	if (err == -EINVAL && seen->len > 0 &&
	    strcmp(text_str(seen), text_str(expected)) == 0)
		return 0;
	printf("%s: returned %d\nexpected:\n%sseen:\n%s\n", name, err,
	       text_str(expected), text_str(seen));
	return 1;
}

/* Lists of weights are read after the scenario. */
static int
load(const char *name, struct text *seen)
{
	struct sim_weights weights = {0};
	struct scenario *s;
	int err = scenario_load(name, &s, seen);

	if (err == 0)
		err = scenario_weights(s, &weights, seen);
	sim_weights_free(&weights);
	scenario_free(s);
	return err;
}

static int
try_file(const char *name, bool update)
{
	struct text seen = {0}, expected = {0};
	char golden[256];
	int failed, err = load(name, &seen);

	snprintf(golden, sizeof(golden), "%.*s.txt", (int)strlen(name) - 5,
		 name);
	read_text(golden, &expected);
	failed = update ? write_text(golden, &seen)
			: compare(name, err, &seen, &expected);
	text_free(&seen);
	text_free(&expected);
	return failed;
}

/* Node files that some of them name have no number. */
static int
is_scenario(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
	       strcmp(entry->d_name + n - 5, ".yaml") == 0;
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
	n = scandir(".", &files, is_scenario, alphasort);
	for (int i = 0; i < n; i++) {
		failed += try_file(files[i]->d_name, update);
		free(files[i]);
	}
	free(files);
	printf("%d files, %d wrong\n", n, failed);
	return failed > 0 || n < LEAST_FILES;
}
