/* SPDX-License-Identifier: ISC */
/*
 * Every file in broken/ must be refused with exactly the messages beside it.
 * "broken_test FOLDER update" writes them anew, to be read before a commit.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../golden.h"
#include "conf/conf.h"

#define LEAST_FILES 60

static int
load(const char *name, struct text *seen)
{
	struct conf *conf;
	int err = conf_load(name, &conf, seen);

	conf_free(conf);
	return err;
}

/* Refused, in the words of the file beside it. */
static int
try_file(const char *name, bool update)
{
	struct text seen = {0};
	char golden[256];
	int failed, err = load(name, &seen);

	snprintf(golden, sizeof(golden), "%.*s.txt", (int)strlen(name) - 5,
		 name);
	failed = golden_differs(golden, &seen, update);
	if (err != -EINVAL || seen.len == 0) {
		printf("%s: returned %d\n", name, err);
		failed = 1;
	}
	text_free(&seen);
	return failed;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

/* Versions of files have no modes; those of keys matter. */
static void
set_modes(const char *folder)
{
	static const struct {
		const char *path;
		mode_t mode;
	} keys[] = {{"mesh.key", 0600},   {"short.key", 0600},
		    {"shared.key", 0666}, {"empty.key", 0600},
		    {"lines.key", 0600},  {"long.key", 0600}};
	char path[512];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, keys[i].path);
		if (chmod(path, keys[i].mode) != 0)
			perror(path);
	}
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		set_modes(argv[1]);
	return golden_main(argc, argv, is_yaml, try_file, LEAST_FILES);
}
