/* SPDX-License-Identifier: ISC */
/* A folder for the files of one test, and files in it. */
#ifndef BASIN_TESTS_UNIT_FOLDER_H
#define BASIN_TESTS_UNIT_FOLDER_H

#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_PATH 96

struct folder {
	char path[40];
};

static inline void
folder_make(struct folder *f)
{
	snprintf(f->path, sizeof(f->path), "/tmp/basin-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
}

static inline const char *
folder_file(const struct folder *f, const char *name, char *buf)
{
	snprintf(buf, FOLDER_PATH, "%s/%s", f->path, name);
	return buf;
}

static inline void
folder_write(const struct folder *f, const char *name, const void *octets,
	     size_t n)
{
	char path[FOLDER_PATH];
	FILE *out = fopen(folder_file(f, name, path), "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
}

/* How many files were in it. */
static inline int
folder_remove(const struct folder *f)
{
	DIR *d = opendir(f->path);
	struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		char path[sizeof(f->path) + sizeof(entry->d_name)];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", f->path, entry->d_name);
		n += unlink(path) == 0;
	}
	closedir(d);
	assert_int_equal(rmdir(f->path), 0);
	return n;
}

#endif
