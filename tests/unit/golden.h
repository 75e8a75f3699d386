/* SPDX-License-Identifier: ISC */
/*
 * Inputs in a folder and what is said of each, in a file beside it.
 * "PROGRAM FOLDER update" writes those anew, to be read before a commit.
 */
#ifndef BASIN_TESTS_UNIT_GOLDEN_H
#define BASIN_TESTS_UNIT_GOLDEN_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static inline void
golden_read(const char *path, struct text *out)
{
	char buf[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_add_n(out, buf, n);
	if (f)
		fclose(f);
}

static inline int
golden_write(const char *path, const struct text *text)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		return 1;
	fputs(text_str(text), f);
	return fclose(f) != 0;
}

/* Whether `seen` is what the file says; update: makes it so. 1 if not. */
static inline int
golden_differs(const char *path, const struct text *seen, bool update)
{
	struct text expected = {0};
	int differs;

	if (update)
		return golden_write(path, seen);
	golden_read(path, &expected);
	differs = strcmp(text_str(seen), text_str(&expected)) != 0;
	if (differs)
		printf("%s:\nexpected:\n%sseen:\n%s\n", path,
		       text_str(&expected), text_str(seen));
	text_free(&expected);
	return differs;
}

/*
 * Tries each file of the folder argv[1] that `is_input`; `try` returns 1 when
 * it is wrong. The exit code of the program.
 */
static inline int
golden_main(int argc, char **argv, int (*is_input)(const struct dirent *),
	    int (*try)(const char *name, bool update), int least)
{
	bool update = argc == 3 && strcmp(argv[2], "update") == 0;
	struct dirent **files;
	int failed = 0, n;

	if (argc < 2 || chdir(argv[1]) != 0) {
		fprintf(stderr, "usage: PROGRAM FOLDER [update]\n");
		return 64;
	}
	n = scandir(".", &files, is_input, alphasort);
	for (int i = 0; i < n; i++) {
		failed += try(files[i]->d_name, update);
		free(files[i]);
	}
	free(files);
	printf("%d files, %d wrong\n", n, failed);
	return failed > 0 || n < least;
}

#endif
