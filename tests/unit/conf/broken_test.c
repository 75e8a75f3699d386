/* SPDX-License-Identifier: ISC */
/*
 * Every file in broken/ must be refused with exactly the messages beside it.
 * "broken_test FOLDER update" writes them anew, to be read before a commit.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"

#define LEAST_FILES 60

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

static int
try_file(const char *name, bool update)
{
	struct text seen = {0}, expected = {0};
	struct conf *conf;
	char golden[256];
	int failed, err = conf_load(name, &conf, &seen);

	snprintf(golden, sizeof(golden), "%.*s.txt", (int)strlen(name) - 5,
		 name);
	conf_free(conf);
	read_text(golden, &expected);
	failed = update ? write_text(golden, &seen)
			: compare(name, err, &seen, &expected);
	text_free(&seen);
	text_free(&expected);
	return failed;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

int
main(int argc, char **argv)
{
	bool update = argc == 3 && strcmp(argv[2], "update") == 0;
	static const struct {
		const char *path;
		mode_t mode;
	} keys[] = {{"mesh.key", 0600},   {"short.key", 0600},
		    {"shared.key", 0666}, {"empty.key", 0600},
		    {"lines.key", 0600},  {"long.key", 0600}};
	struct dirent **files;
	int failed = 0, n;

	if (argc < 2 || chdir(argv[1]) != 0) {
		fprintf(stderr, "usage: broken_test FOLDER [update]\n");
		return 64;
	}
	/* Versions of files have no modes; those of keys matter. */
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (chmod(keys[i].path, keys[i].mode) != 0)
			perror(keys[i].path);
	n = scandir(".", &files, is_yaml, alphasort);
	for (int i = 0; i < n; i++) {
		failed += try_file(files[i]->d_name, update);
		free(files[i]);
	}
	free(files);
	printf("%d files, %d wrong\n", n, failed);
	return failed > 0 || n < LEAST_FILES;
}
